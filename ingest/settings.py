"""The configuration as the night uses it: loaded once, checked whole, frozen.

Everything that a person may set stands in `settings_models.py`; how it is read, in `settings_files.py`. Nothing else
in the project reads a configuration file or the environment for a setting.
"""

import ipaddress
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, SecretStr

from ingest.errors import ConfigError
from ingest.settings_files import FILES, overlay_environment, read_file, validated
from ingest.settings_models import (
    BaseUrls,
    DiscogsSecrets,
    EnrichmentConfig,
    SchedulerConfig,
    Secrets,
    SpotifySecrets,
)

WEB_SOURCES = ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify")

# What the sources themselves say they bear, in requests a minute. The Cover Art Archive and Spotify publish none.
KNOWN_LIMITS = {"musicbrainz": 60.0, "listenbrainz": 180.0, "discogs": 60.0}
DISCOGS_WITHOUT_TOKEN = 25.0

SANDBOX_CONTACT = "https://localhost/sandbox"  # the stand-in wants to know who asks, as the real sources do


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAccess:
    """How one web source is reached.

    `min_interval_s` is the smallest time between two requests; `status` is "off" where the source must not be asked,
    with the reason, and where to set what is missing, in `off_reason`; `timeout_s` is the time without a byte.
    """

    word: str
    base_url: str
    user_agent: str
    min_interval_s: float
    status: Literal["on", "off"] = "on"
    off_reason: str | None = None
    timeout_s: float = 30.0


class Settings(BaseModel):
    """All three files, the environment over them. `warnings` are lines for the user that stop nothing."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    enrichment: EnrichmentConfig = EnrichmentConfig()
    scheduler: SchedulerConfig = SchedulerConfig()
    secrets: Secrets = Secrets()
    warnings: tuple[str, ...] = ()
    is_sandbox: bool = False

    def source_access(self, word: str) -> SourceAccess:
        """How the web source `word` is reached, and whether it may be asked at all. Raises KeyError for no source."""
        if word not in WEB_SOURCES:
            raise KeyError(word)
        reason = self._off_reason(word)
        return SourceAccess(
            word=word,
            base_url=getattr(self.enrichment.base_urls, word),
            user_agent=user_agent(self.enrichment.contact),
            min_interval_s=60.0 / self._per_minute(word),
            status="off" if reason else "on",
            off_reason=reason,
            timeout_s=self.enrichment.auto_enrichment.timeout_seconds,
        )

    def for_sandbox(self, base_urls: Mapping[str, str]) -> "Settings":
        """The same settings, asking the loopback stand-in: its addresses, no contact needed, no real key sent."""
        secrets = Secrets(
            discogs=DiscogsSecrets(token=SecretStr("sandbox"), username=self.secrets.discogs.username),
            spotify=SpotifySecrets(client_id=SecretStr("sandbox"), client_secret=SecretStr("sandbox")),
        )
        urls = BaseUrls.model_validate(dict(base_urls))
        contact = self.enrichment.contact or SANDBOX_CONTACT
        enrichment = self.enrichment.model_copy(update={"base_urls": urls, "contact": contact})
        return self.model_copy(update={"enrichment": enrichment, "secrets": secrets, "is_sandbox": True})

    def _off_reason(self, word: str) -> str | None:
        automatic = self.enrichment.auto_enrichment
        family = "musicbrainz" if word in ("listenbrainz", "cover_art_archive") else word
        if not automatic.enabled:
            return "`auto_enrichment.enabled` is false in enrichment_config.json"
        if family not in automatic.sources:
            return f'"{family}" is not listed under `auto_enrichment.sources` in enrichment_config.json'
        if not self.enrichment.contact and not is_loopback(getattr(self.enrichment.base_urls, word)):
            return "no contact: set `contact` in enrichment_config.json (a mail address or a URL; sources require one)"
        spotify = self.secrets.spotify
        if word == "spotify" and not (spotify.client_id and spotify.client_secret):
            return "no keys: set `spotify.client_id` and `spotify.client_secret` in secrets.json"
        return None

    def _per_minute(self, word: str) -> float:
        wanted: float = getattr(self.enrichment.auto_enrichment.rate_limits, f"{word}_per_minute")
        if getattr(self.enrichment.base_urls, word) != getattr(BaseUrls(), word):
            return wanted  # a mirror or the sandbox: its owner knows what it bears
        limit = KNOWN_LIMITS.get(word, wanted)
        if word == "discogs" and not self.secrets.discogs.token:
            limit = DISCOGS_WITHOUT_TOKEN
        return min(wanted, limit)


def load_settings(config_dir: Path, environ: Mapping[str, str] = os.environ, *, must_exist: bool = True) -> Settings:
    """Read the configuration.

    Args:
        config_dir: the folder with the three files; a file that is not there leaves its defaults.
        environ: variables `SILLON_…` win over the files.
        must_exist: whether a missing folder is an error (a folder that the user named) or means defaults.

    Raises:
        ConfigError: about the first thing that is wrong, naming file and key.
    """
    if must_exist and not config_dir.is_dir():
        raise ConfigError(
            "there is no such configuration folder", file=config_dir, remedy="create it with `sillon init`"
        )
    data = {file: read_file(config_dir / file) for file in FILES}
    _resolve_library(data["enrichment_config.json"], config_dir)
    _resolve_lake(data["enrichment_config.json"].get("spark"), config_dir)
    variables = overlay_environment(data, environ)
    data["scheduler_config.json"].setdefault("timezone", machine_timezone(environ))
    if data["scheduler_config.json"]["timezone"] is None:
        data["scheduler_config.json"]["timezone"] = machine_timezone(environ)
    parts = [validated(model, data[file], config_dir / file, variables) for file, model in FILES.items()]
    settings = Settings(enrichment=parts[0], scheduler=parts[1], secrets=parts[2])
    _refuse_plain_http(settings, config_dir)
    return settings.model_copy(update={"warnings": tuple(_warnings(settings, config_dir))})


def _resolve_library(data: dict[str, object], config_dir: Path) -> None:
    """A relative path in the file counts from the folder that holds the configuration folder; "" means none."""
    library = data.get("library")
    if isinstance(library, str):
        data["library"] = str(config_dir.absolute().parent / Path(library).expanduser()) if library.strip() else None


def _resolve_lake(spark: object, config_dir: Path) -> None:
    """The same for the lake, where it is a folder of this machine."""
    lake = spark.get("lake") if isinstance(spark, dict) else None
    if isinstance(spark, dict) and isinstance(lake, str) and lake.strip() and "://" not in lake:
        spark["lake"] = str(config_dir.absolute().parent / Path(lake.strip()).expanduser())


def _refuse_plain_http(settings: Settings, config_dir: Path) -> None:
    # ListenBrainz answers without a key too, and a mirror of it at home may speak plain http.
    with_keys = ("discogs", "spotify", "spotify_token", *(["listenbrainz"] * bool(settings.secrets.listenbrainz.token)))
    for name in with_keys:
        url = getattr(settings.enrichment.base_urls, name)
        if url.startswith("http://") and not is_loopback(url):
            raise ConfigError(
                "keys would travel in the clear",
                file=config_dir / "enrichment_config.json",
                key=f"base_urls.{name}",
                expected="an https address",
            )


def _warnings(settings: Settings, config_dir: Path) -> list[str]:
    automatic = settings.enrichment.auto_enrichment
    lines = []
    if "schedule" in automatic.model_fields_set and automatic.schedule != settings.scheduler.schedule:
        lines.append(
            f"enrichment_config.json: `auto_enrichment.schedule` says {automatic.schedule}, scheduler_config.json says "
            f"{settings.scheduler.schedule}: the latter wins."
        )
    for word, limit in KNOWN_LIMITS.items():
        wanted, kept = getattr(automatic.rate_limits, f"{word}_per_minute"), settings._per_minute(word)
        if wanted > limit and kept < wanted:  # a mirror gets what its owner gave
            lines.append(
                f"enrichment_config.json: `auto_enrichment.rate_limits.{word}_per_minute` is {wanted:g}, "
                f"{word} is known to bear {kept:g} a minute: that is kept, and its own headers rule."
            )
    path = config_dir / "secrets.json"
    if os.name == "posix" and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        lines.append(f"{path}: other users of this machine can read it: run `chmod 600 {path}`.")
    return lines


def user_agent(contact: str) -> str:
    """How Sillon introduces itself to a source."""
    return f"Sillon/{program_version()} ( {contact} )" if contact else f"Sillon/{program_version()}"


def program_version() -> str:
    """The installed version, "0" in a checkout that was never installed."""
    try:
        return version("sillon")
    except PackageNotFoundError:
        return "0"


def is_loopback(url: str) -> bool:
    """Whether an address is this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def machine_timezone(environ: Mapping[str, str]) -> str:
    """The machine's IANA zone: from TZ, /etc/timezone or the link /etc/localtime; UTC where none tells."""
    named = environ.get("TZ", "").removeprefix(":")
    if named and not named.startswith("/"):
        return named if _is_zone(named) else "UTC"
    try:
        written = Path("/etc/timezone").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        written = ""
    linked = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    return next((name for name in (linked, written) if name and _is_zone(name)), "UTC")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
