"""The configuration: every key is known, every value is checked, every mistake is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from ingest.settings import WEB_SOURCES, Settings, load_settings, machine_timezone
from ingest.settings_files import FILES, all_keys, variable_name
from ingest.settings_models import EnrichmentConfig, SchedulerConfig, Secrets

ENRICHMENT, SCHEDULER, SECRETS = FILES
SHIPPED = Path(__file__).parents[2] / "config"


def load(folder: Path, file: str = ENRICHMENT, data: Any = None, environ: dict[str, str] | None = None) -> Settings:
    if data is not None:
        path = folder / file
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        path.chmod(0o600)
    return load_settings(folder, environ or {})


def line(folder: Path, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, *args, **kwargs)
    assert "\n" not in caught.value.line
    return caught.value.line


def test_shipped_files_say_the_defaults(tmp_path: Path) -> None:
    """What lies in config/ is what holds without any file."""
    shipped = load_settings(SHIPPED, {})

    assert shipped.enrichment == EnrichmentConfig()
    assert shipped.scheduler == load(tmp_path).scheduler
    assert not shipped.warnings
    example = json.loads((SHIPPED / "secrets.example.json").read_text())
    assert Secrets.model_validate_json(json.dumps(example)) == Secrets()


def test_shipped_files_show_every_key() -> None:
    """A user finds every key in the files that come with the program."""
    shipped: dict[str, Any] = {}
    for file in FILES:
        shipped[file] = json.loads((SHIPPED / file.replace("secrets.json", "secrets.example.json")).read_text())
    for file, key, _ in all_keys():
        if key.startswith("notify."):
            continue
        place = shipped[file]
        for part in key.split("."):
            assert part in place, f"{file}: {key}"
            place = place[part]


@pytest.mark.parametrize(
    ("data", "key", "nearest"),
    [
        ({"langage": "fr"}, "langage", "language"),
        ({"auto_enrichment": {"features": {"fill_year": True}}}, "fill_year`", "auto_enrichment.features.fill_years"),
        ({"features": {}}, "features", "auto_enrichment.features"),
    ],
    ids=["mistyped", "mistyped deep down", "in the wrong place"],
)
def test_unknown_key_names_the_nearest(tmp_path: Path, data: dict[str, Any], key: str, nearest: str) -> None:
    """A key nobody knows is an error that names file, key and the nearest known key."""
    found = line(tmp_path, ENRICHMENT, data)

    assert ENRICHMENT in found
    assert key in found
    assert f"nearest known key is `{nearest}`" in found


def test_key_in_the_wrong_file_names_the_right_one(tmp_path: Path) -> None:
    """A key of another file is sent home."""
    assert "belongs into scheduler_config.json" in line(tmp_path, ENRICHMENT, {"timezone": "Europe/Paris"})


@pytest.mark.parametrize(
    ("file", "data", "words"),
    [
        (ENRICHMENT, {"auto_enrichment": {"batch_size": "50"}}, ["auto_enrichment.batch_size", "integer"]),
        (ENRICHMENT, {"auto_enrichment": {"batch_size": True}}, ["auto_enrichment.batch_size", "integer"]),
        (ENRICHMENT, {"auto_enrichment": {"features": {"fill_years": "yes"}}}, ["fill_years", "boolean"]),
        (ENRICHMENT, {"auto_enrichment": {"sources": ["lastfm"]}}, ["lastfm", "musicbrainz", "spotify"]),
        (ENRICHMENT, {"auto_enrichment": {"rate_limits": {"discogs_per_minute": 0}}}, ["greater than 0"]),
        (ENRICHMENT, {"max_minutes": -1}, ["max_minutes", "greater than 0"]),
        (ENRICHMENT, {"language": "de"}, ["language", "'fr' or 'en'"]),
        (ENRICHMENT, {"contact": "Jean Dupont"}, ["contact", "mail address"]),
        (ENRICHMENT, {"contact": "a@b.org\r\nX: y"}, ["contact"]),
        (ENRICHMENT, {"description_template": "{titel}"}, ["description_template", "{titel}", "{title}"]),
        (ENRICHMENT, {"description_template": "{title.__class__}"}, ["description_template"]),
        (ENRICHMENT, {"description_template": "{title!r}"}, ["description_template"]),
        (ENRICHMENT, {"description_template": "{}"}, ["description_template"]),
        (ENRICHMENT, {"description_template": "{title"}, ["description_template", "braces"]),
        (ENRICHMENT, {"base_urls": {"discogs": "ftp://example.org"}}, ["base_urls.discogs", "https"]),
        (ENRICHMENT, {"base_urls": {"discogs": "http://example.org"}}, ["base_urls.discogs", "https"]),
        (ENRICHMENT, {"notify": {"when": "failure"}}, ["notify", "`command` or `webhook`"]),
        (ENRICHMENT, {"refresh_days": 30}, ["refresh_days"]),
        (ENRICHMENT, {"engine": "sparc"}, ["engine", "'duckdb' or 'spark'"]),
        (ENRICHMENT, {"spark": {"lake": "ftp://example.org/lake"}}, ["spark.lake", "s3://"]),
        (ENRICHMENT, {"spark": {"lake": "s3://"}}, ["spark.lake", "s3://"]),
        (ENRICHMENT, {"spark": {"master": "localhost:7077"}}, ["spark.master", "spark://host:7077"]),
        (ENRICHMENT, {"spark": {"memory": "2 GB"}}, ["spark.memory", '"2g"']),
        (ENRICHMENT, {"spark": {"shuffle_partitions": 0}}, ["spark.shuffle_partitions"]),
        (ENRICHMENT, {"spark": {"settings": {"spark.executor.cores": 4}}}, ["spark.settings", "string"]),
        (ENRICHMENT, {"retention": {"backups": 0}}, ["retention.backups"]),
        (SCHEDULER, {"services": ["fix_artists"]}, ["services", "fix_malformed_artists"]),
        (SCHEDULER, {"timezone": "Paris"}, ["timezone", "IANA"]),
        (SCHEDULER, {"timezone": "../etc/passwd"}, ["timezone", "IANA"]),
        (SCHEDULER, {"schedule": "daily_25:00"}, ["schedule", "daily_02:00"]),
        (SCHEDULER, {"schedule": "weekly"}, ["schedule", "daily_02:00"]),
        (ENRICHMENT, '{"contact": "",}', ["not JSON", "line 1"]),
        (ENRICHMENT, '{"contact": "", "contact": ""}', ["`contact` stands there twice"]),
        (ENRICHMENT, '{"max_minutes": NaN}', ["NaN"]),
        (ENRICHMENT, "[]", ["no object"]),
    ],
)
def test_wrong_value_is_named(tmp_path: Path, file: str, data: Any, words: list[str]) -> None:
    """A value that cannot be used is an error with its file, its key and what was expected."""
    found = line(tmp_path, file, data)

    assert file in found
    for word in words:
        assert word in found


@pytest.mark.parametrize("key", [key for _, key, kind in all_keys() if kind is bool])
def test_environment_reaches_every_switch(tmp_path: Path, key: str) -> None:
    """Every switch of the files can be thrown from the environment."""
    for text, expected in (("false", False), ("ON", True)):
        settings = load(tmp_path, environ={variable_name(key): text})
        place: Any = settings.scheduler if key == "enabled" else settings.enrichment
        for part in key.split("."):
            place = getattr(place, part)

        assert place is expected


def test_environment_wins_over_files(tmp_path: Path) -> None:
    """A variable replaces the file's value and leaves its neighbours."""
    data = {"contact": "file@example.org", "auto_enrichment": {"batch_size": 7, "timeout_seconds": 3}}
    environ = {
        "SILLON_CONTACT": "env@example.org",
        "SILLON_AUTO_ENRICHMENT__BATCH_SIZE": "9",
        "SILLON_SERVICES": "audit_database, auto_enrichment",
        "SILLON_AUTO_ENRICHMENT__SOURCES": '["discogs"]',
        "SILLON_DISCOGS__TOKEN": "canary",
        "SILLON_BASE_URLS__MUSICBRAINZ": "http://127.0.0.1:5000/",
        "SILLON_STATE_DIR": "/somewhere",
        "SILLON_DBT_THREADS": "2",
    }
    settings = load(tmp_path, ENRICHMENT, data, environ)

    assert settings.enrichment.contact == "env@example.org"
    assert settings.enrichment.auto_enrichment.batch_size == 9
    assert settings.enrichment.auto_enrichment.timeout_seconds == 3
    assert settings.enrichment.auto_enrichment.sources == ("discogs",)
    assert settings.enrichment.base_urls.musicbrainz == "http://127.0.0.1:5000"
    assert settings.scheduler.services == ("audit_database", "auto_enrichment")
    assert settings.secrets.discogs.token is not None
    assert settings.secrets.discogs.token.get_secret_value() == "canary"


def test_unknown_variable_is_an_error(tmp_path: Path) -> None:
    """A mistyped variable is named with the nearest known one; a wrong one with its own name."""
    assert "nearest known key is `SILLON_CONTACT`" in line(tmp_path, environ={"SILLON_CONTAC": "x"})
    found = line(tmp_path, environ={"SILLON_AUTO_ENRICHMENT__BATCH_SIZE": "many"})
    assert "environment: `SILLON_AUTO_ENRICHMENT__BATCH_SIZE`" in found


def test_named_folder_must_exist(tmp_path: Path) -> None:
    """A configuration folder that the user named and that is not there is an error; the default one may be missing."""
    with pytest.raises(ConfigError, match="no such configuration folder"):
        load_settings(tmp_path / "missing", {})
    assert load_settings(tmp_path / "missing", {}, must_exist=False).enrichment == EnrichmentConfig()


def test_secrets_never_show(tmp_path: Path) -> None:
    """S1, S2: a key is in no text that settings or their errors can be turned into."""
    data = {"discogs": {"token": "canary", "username": "me"}, "spotify": {"client_id": "canary", "client_secret": ""}}
    settings = load(tmp_path, SECRETS, data)

    for text in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.source_access("discogs"))):
        assert "canary" not in text
    assert settings.secrets.spotify.client_secret is None
    for wrong in ({"discogs": {"token": "can\nary"}}, {"discogs": {"token": ["canary"]}}, {"discogs": "canary"}):
        assert "canary" not in line(tmp_path, SECRETS, wrong)
    hook = {"notify": {"when": "dawn", "webhook": "https://example.org/canary"}}
    assert "canary" not in line(tmp_path, ENRICHMENT, hook)
    assert "canary" not in line(tmp_path, ENRICHMENT, {"base_urls": {"discogs": "https://me:canary@example.org"}})


def test_readable_secrets_file_is_a_warning(tmp_path: Path) -> None:
    """A secrets file that others can read is warned about, and still used."""
    path = tmp_path / SECRETS
    path.write_text('{"discogs": {"token": "t"}}')
    path.chmod(0o644)

    (warning,) = load(tmp_path).warnings
    assert "chmod 600" in warning
    path.chmod(0o600)
    assert not load(tmp_path).warnings


def test_two_schedules_are_a_warning(tmp_path: Path) -> None:
    """The scheduler's file wins over the old key, and the difference is said."""
    settings = load(tmp_path, ENRICHMENT, {"auto_enrichment": {"schedule": "daily_03:30"}})

    assert settings.scheduler.hour_minute == (2, 0)
    assert "daily_03:30" in settings.warnings[0]
    (tmp_path / SCHEDULER).write_text('{"schedule": "daily_03:30"}')
    assert load(tmp_path).scheduler.hour_minute == (3, 30)
    assert not load(tmp_path).warnings


def test_rate_above_the_limit_is_warned_and_not_taken(tmp_path: Path) -> None:
    """Sixty a minute is one a second; more than a source bears is a warning, and the limit holds."""
    data = {"auto_enrichment": {"rate_limits": {"musicbrainz_per_minute": 600}}}
    settings = load(tmp_path, ENRICHMENT, data)

    assert "musicbrainz_per_minute" in settings.warnings[0]
    assert settings.source_access("musicbrainz").min_interval_s == 1.0
    assert "60 a minute: that is kept" in settings.warnings[0]
    at_home = load(tmp_path, ENRICHMENT, data | {"base_urls": {"musicbrainz": "http://127.0.0.1:5000"}})
    assert at_home.source_access("musicbrainz").min_interval_s == pytest.approx(0.1)
    assert not at_home.warnings


def test_the_limit_that_is_kept_is_the_one_that_is_told(tmp_path: Path) -> None:
    """Discogs bears 25 a minute from whom it does not know, 60 from whom it does: the warning says which holds."""
    data = {"auto_enrichment": {"rate_limits": {"discogs_per_minute": 600}}}

    assert "25 a minute: that is kept" in load(tmp_path, ENRICHMENT, data).warnings[0]
    known = load(tmp_path, ENRICHMENT, data, {"SILLON_DISCOGS__TOKEN": "t"})
    assert "60 a minute: that is kept" in known.warnings[0]


def test_no_key_travels_in_the_clear(tmp_path: Path) -> None:
    """ListenBrainz at a plain http address is asked without a key, and refused with one."""
    data = {"base_urls": {"listenbrainz": "http://listenbrainz.example.org"}}

    assert load(tmp_path, ENRICHMENT, data).enrichment.base_urls.listenbrainz.startswith("http://")
    found = line(tmp_path, ENRICHMENT, data, {"SILLON_LISTENBRAINZ__TOKEN": "canary"})
    assert "base_urls.listenbrainz" in found
    assert "https" in found


def test_discogs_without_token_goes_at_25_a_minute(tmp_path: Path) -> None:
    """The pace of Discogs follows the credential."""
    assert load(tmp_path).source_access("discogs").min_interval_s == pytest.approx(2.4)
    with_token = load(tmp_path, environ={"SILLON_DISCOGS__TOKEN": "t"})
    assert with_token.source_access("discogs").min_interval_s == pytest.approx(60 / 55)


def test_without_contact_every_web_source_is_off(tmp_path: Path) -> None:
    """No contact, no question: each source is off with a line that says where to set it; the sandbox needs none."""
    settings = load(tmp_path)
    for word in WEB_SOURCES:
        access = settings.source_access(word)
        assert access.status == "off"
        assert "`contact` in enrichment_config.json" in (access.off_reason or "")

    urls = dict.fromkeys([*WEB_SOURCES, "spotify_token"], "http://127.0.0.1:5000")
    sandboxed = settings.for_sandbox(urls)
    assert {sandboxed.source_access(word).status for word in WEB_SOURCES} == {"on"}


def test_real_keys_never_reach_the_sandbox(tmp_path: Path) -> None:
    """The sandbox is given keys of its own."""
    settings = load(tmp_path, environ={"SILLON_DISCOGS__TOKEN": "canary"})
    urls = dict.fromkeys([*WEB_SOURCES, "spotify_token"], "http://127.0.0.1:5000")
    token = settings.for_sandbox(urls).secrets.discogs.token

    assert token is not None
    assert token.get_secret_value() == "sandbox"


def test_sources_not_listed_are_off(tmp_path: Path) -> None:
    """MusicBrainz brings ListenBrainz and the Cover Art Archive; what is not listed, or not enabled, is off."""
    data = {"contact": "a@example.org", "auto_enrichment": {"sources": ["musicbrainz", "spotify"]}}
    settings = load(tmp_path, ENRICHMENT, data)

    assert [settings.source_access(word).status for word in WEB_SOURCES] == ["on", "on", "on", "off", "off"]
    assert "sources" in (settings.source_access("discogs").off_reason or "")
    assert "spotify.client_id" in (settings.source_access("spotify").off_reason or "")
    off = load(tmp_path, environ={"SILLON_AUTO_ENRICHMENT__ENABLED": "false"})
    assert {off.source_access(word).status for word in WEB_SOURCES} == {"off"}


def test_user_agent_names_program_version_and_contact(tmp_path: Path) -> None:
    """The agent is `Sillon/<version> ( <contact> )`."""
    agent = load(tmp_path, ENRICHMENT, {"contact": "a@example.org"}).source_access("musicbrainz").user_agent

    assert agent.startswith("Sillon/")
    assert agent.endswith(" ( a@example.org )")


def test_relative_library_counts_from_above_the_configuration(tmp_path: Path) -> None:
    """A library given in the file is found wherever the command is started; an empty one is none."""
    (tmp_path / "config").mkdir()
    assert load(tmp_path / "config", ENRICHMENT, {"library": "music.db"}).enrichment.library == tmp_path / "music.db"
    assert load(tmp_path / "config", ENRICHMENT, {"library": ""}).enrichment.library is None


def test_zone_of_the_machine() -> None:
    """T3: without a zone in the file the machine's holds, and nonsense in TZ is UTC."""
    assert machine_timezone({"TZ": "Europe/Paris"}) == "Europe/Paris"
    assert machine_timezone({"TZ": "Nowhere/Land"}) == "UTC"
    assert SchedulerConfig(timezone=machine_timezone({}))


def test_relative_lake_counts_from_above_the_configuration(tmp_path: Path) -> None:
    """`spark.lake` means the same whoever starts the run, and an address stays an address."""
    for lake, found in (("lake", str(tmp_path.parent / "lake")), ("s3://bucket/x", "s3://bucket/x"), (" ", None)):
        assert load(tmp_path, ENRICHMENT, {"spark": {"lake": lake}}).enrichment.spark.lake == found


def test_settings_of_spark_from_the_environment(tmp_path: Path) -> None:
    """A block of free keys is JSON in its variable; what is no JSON is told without its value, which may be a key."""
    found = load(tmp_path, environ={"SILLON_SPARK__SETTINGS": '{"spark.executor.memory": "8g"}'})
    assert found.enrichment.spark.settings == {"spark.executor.memory": "8g"}
    assert "canary" not in line(tmp_path, environ={"SILLON_SPARK__SETTINGS": "canary"})
