"""The shape of the configuration: one frozen model per file, one field per key, each with its default.

No file is read here and no environment; `settings_files.py` does that, `settings.py` puts both together.
"""

import re
import string
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

TEMPLATE_FIELDS = ("title", "artist", "year", "genre")
SourceChoice = Literal["musicbrainz", "discogs", "spotify"]
ServiceName = Literal[
    "audit_database",
    "fix_malformed_artists",
    "enrich_musicbrainz_images",
    "auto_enrichment",
    "validate_data",
    "generate_audit_report",
]


def _template(text: str) -> str:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"a template with balanced braces ({error})") from None
    if "{{" in text or "}}" in text:
        raise ValueError("a template without doubled braces")
    for _, name, spec, conversion in parts:
        if name is not None and (name not in TEMPLATE_FIELDS or spec or conversion):
            shown = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            known = ", ".join("{" + field + "}" for field in TEMPLATE_FIELDS)
            raise ValueError(f"only the fields {known}, not {{{shown}}}")
    return text


def _schedule(text: str) -> str:
    if not re.fullmatch(r"daily_([01]?\d|2[0-3]):[0-5]\d", text):
        raise ValueError('a time of day such as "daily_02:00"')
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('an IANA time zone such as "Europe/Paris"') from None
    return name


def _contact(text: str) -> str:
    text = text.strip()
    is_address = re.fullmatch(r"[^@\s()<>]+@[^@\s()<>]+", text)
    is_url = re.fullmatch(r"https?://[^\s()<>]+", text)
    if text and not (text.isascii() and text.isprintable() and (is_address or is_url)):
        raise ValueError("a mail address or a URL, in plain ASCII")
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError('an address such as "https://example.org", without user, query or fragment')
    return text.rstrip("/")


def _secret(value: SecretStr) -> SecretStr | None:
    text = value.get_secret_value().strip()
    if not (text.isascii() and text.isprintable()):
        raise ValueError("one line of plain ASCII")
    return SecretStr(text) if text else None


def _name(text: str) -> str | None:
    return text.strip() or None


def _lake(text: str) -> str | None:
    text = text.strip()
    scheme = text.partition("://")[0] if "://" in text else ""
    if scheme not in ("", "s3", "gs", "abfss") or (scheme and not urlsplit(text).netloc):
        raise ValueError('a folder, or an address such as "s3://bucket/sillon" (s3, gs or abfss)')
    return text or None


def _master(text: str) -> str:
    if not re.fullmatch(r"local(\[(\*|\d+)\])?|yarn|(spark|k8s)://\S+", text):
        raise ValueError('where Spark runs: "local[*]", "yarn", "spark://host:7077" or "k8s://https://host:6443"')
    return text


def _memory(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*[mg]", text):
        raise ValueError('an amount of memory such as "2g" or "512m"')
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]
Schedule = Annotated[str, AfterValidator(_schedule)]
Secret = Annotated[SecretStr, AfterValidator(_secret)] | None
PerMinute = Annotated[float, Field(gt=0, le=60_000, allow_inf_nan=False)]
Days = Annotated[int, Field(ge=0, le=36_500)]


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class RefreshDays(_Block):
    answered: Days = 30
    nothing_found: Days = 7
    cover: Days = 180


class BaseUrls(_Block):
    """Roots, to which a source adds its whole path (`/ws/2/…`, `/1/…`, `/v1/…`); `spotify_token` is complete."""

    musicbrainz: WebAddress = "https://musicbrainz.org"
    listenbrainz: WebAddress = "https://api.listenbrainz.org"
    cover_art_archive: WebAddress = "https://coverartarchive.org"
    discogs: WebAddress = "https://api.discogs.com"
    spotify: WebAddress = "https://api.spotify.com"
    spotify_token: WebAddress = "https://accounts.spotify.com/api/token"  # noqa: S105 - an address


class Retention(_Block):
    backups: Annotated[int, Field(ge=1)] = 10
    compress_backups_after_days: Days = 7
    reports: Annotated[int, Field(ge=1)] = 60
    logs: Annotated[int, Field(ge=1)] = 60
    dagster_runs: Annotated[int, Field(ge=1)] = 90


class Notify(_Block):
    when: Literal["failure", "doubt", "always"] = "failure"
    command: str | None = None
    webhook: SecretStr | None = None  # many webhooks carry their key in the address

    @model_validator(mode="after")
    def _one_way(self) -> "Notify":
        if bool(self.command) == bool(self.webhook and self.webhook.get_secret_value()):
            raise ValueError("either `command` or `webhook`")
        return self


class Features(_Block):
    enrich_images: bool = True
    generate_descriptions: bool = True
    detect_genres: bool = True
    fix_artist_formatting: bool = True
    fill_years: bool = True


class RateLimits(_Block):
    musicbrainz_per_minute: PerMinute = 60
    listenbrainz_per_minute: PerMinute = 150
    cover_art_archive_per_minute: PerMinute = 240
    discogs_per_minute: PerMinute = 55
    spotify_per_minute: PerMinute = 60


class AutoEnrichment(_Block):
    enabled: bool = True
    schedule: Schedule = "daily_02:00"
    sources: tuple[SourceChoice, ...] = ("musicbrainz", "discogs", "spotify")
    features: Features = Features()
    rate_limits: RateLimits = RateLimits()
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 50
    timeout_seconds: Annotated[float, Field(gt=0, le=3_600, allow_inf_nan=False)] = 30


class Spark(_Block):
    """How Spark is started; read only where `engine` is spark. `settings` are Spark's own and win over Sillon's."""

    lake: Annotated[str, AfterValidator(_lake)] | None = None
    master: Annotated[str, AfterValidator(_master)] = "local[*]"
    memory: Annotated[str, AfterValidator(_memory)] = "2g"
    shuffle_partitions: Annotated[int, Field(ge=1, le=100_000)] = 8
    settings: dict[str, str] = {}


class EnrichmentConfig(_Block):
    """`enrichment_config.json`: what is enriched."""

    library: Path | None = None
    contact: Annotated[str, AfterValidator(_contact)] = ""
    language: Literal["fr", "en"] = "fr"
    description_template: Annotated[str, AfterValidator(_template)] = "{title} par {artist} ({year})"
    refresh_days: RefreshDays = RefreshDays()
    max_minutes: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 240
    base_urls: BaseUrls = BaseUrls()
    retention: Retention = Retention()
    notify: Notify | None = None
    engine: Literal["duckdb", "spark"] = "duckdb"
    spark: Spark = Spark()
    auto_enrichment: AutoEnrichment = AutoEnrichment()


class SchedulerConfig(_Block):
    """`scheduler_config.json`: when it runs. `timezone` is the machine's where none is given."""

    enabled: bool = True
    schedule: Schedule = "daily_02:00"
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    services: tuple[ServiceName, ...] = (
        "audit_database",
        "fix_malformed_artists",
        "enrich_musicbrainz_images",
        "auto_enrichment",
    )

    @property
    def hour_minute(self) -> tuple[int, int]:
        """The local time of day at which the night starts."""
        hour, minute = self.schedule.removeprefix("daily_").split(":")
        return int(hour), int(minute)


class DiscogsSecrets(_Block):
    token: Secret = None
    username: Annotated[str, AfterValidator(_name)] | None = None


class SpotifySecrets(_Block):
    client_id: Secret = None
    client_secret: Secret = None


class ListenbrainzSecrets(_Block):
    token: Secret = None


class Secrets(_Block):
    """`secrets.json`: who we are."""

    discogs: DiscogsSecrets = DiscogsSecrets()
    spotify: SpotifySecrets = SpotifySecrets()
    listenbrainz: ListenbrainzSecrets = ListenbrainzSecrets()
