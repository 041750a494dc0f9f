"""A whole night under watch, with keys and with faults: it calls nobody but its sources, and leaves no key in any place."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import sys
import traceback
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from ingest.sandbox import Catalogue, Sandbox, sample
from ingest.settings import load_settings
from tests.listening import heard, is_local, listening
from tests.nights import FAST

SILLON = [sys.executable, "-c", "from dagster_project.cli import main; main()"]
FROM_FILE = {
    "discogs": {"username": "somebody"},
    "spotify": {"client_id": "canary-7spotifyid", "client_secret": "canary-8spotifysecret"},
    "listenbrainz": {"token": "canary-9listenbrainz"},
}
FROM_ENVIRONMENT = {"SILLON_DISCOGS__TOKEN": "canary-6discogs"}
PAIR = b"canary-7spotifyid:canary-8spotifysecret"
CANARIES = (b"canary-", base64.b64encode(PAIR), base64.b64encode(b"canary-7")[:8])

MARTS = (
    "albums",
    "artists",
    "album_images",
    "album_matches",
    "library_changes",
    "quality",
    "review_queue",
    "integrity_issues",
)

# Every source that is given a key fails in some way that makes an error of its own, and answers in between; none fails
# for so long that Spotify, the last resort, is not asked.
FAULTS = [
    "listenbrainz:html:calls=1", "discogs:reset:calls=2", "discogs:elsewhere:calls=7", "spotify_token:truncate:calls=1",
    "spotify:elsewhere:calls=2", "spotify:html:calls=4", "spotify:ban:calls=6",
]  # fmt: skip


def places(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that a folder holds: the bytes of each file, and the values inside files that pack them."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        yield str(path), path.read_bytes()
        with path.open("rb") as file:
            head = file.read(16)
        if head[8:12] == b"DUCK":
            yield from _of_duckdb(path)
        elif head.startswith(b"SQLite format 3"):
            yield from _of_sqlite(path)
        elif head.startswith(b"\x28\xb5\x2f\xfd"):
            import zstandard

            with zstandard.open(path, "rb") as packed:
                yield f"{path} unpacked", packed.read()


def _of_duckdb(path: Path) -> Iterator[tuple[str, bytes]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() union select schema_name, view_name from duckdb_views()"
            " where not internal"
        ).fetchall()
        for schema, table in tables:
            name = f'"{path.stem}"."{schema}"."{table}"'
            for row in connection.execute(f"select * from {name}").fetchall():
                yield f"{path} {schema}.{table}", repr(row).encode()


def _of_sqlite(path: Path) -> Iterator[tuple[str, bytes]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        connection.text_factory = bytes
        for (table,) in connection.execute("select name from sqlite_schema where type = 'table'").fetchall():
            for row in connection.execute(f'select * from "{table.decode()}"'):
                for value in row:
                    if isinstance(value, bytes):
                        yield f"{path} {table.decode()}", _unpacked(value)
    connection.close()


def _unpacked(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


def leaks(found: Iterator[tuple[str, bytes]]) -> list[str]:
    """The places that hold a canary, as one line each."""
    return sorted({place for place, content in found if any(canary in content for canary in CANARIES)})


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    """A canary in a text file, a DuckDB column, a SQLite value and a packed SQLite value is found; elsewhere nothing is."""
    (tmp_path / "night.log").write_text("asked with token canary-9listenbrainz")
    with duckdb.connect(str(tmp_path / "shelf.duckdb")) as connection:
        connection.execute("create table kept as select 'x' || range as text from range(5000)")
        connection.execute("insert into kept values ('canary-1')")
    with sqlite3.connect(tmp_path / "events.db") as connection:
        connection.execute("create table packed (body blob)")
        connection.execute("insert into packed values (?)", [zlib.compress(b"before canary-2 after")])
    connection.close()
    (tmp_path / "innocent.txt").write_text("a canary sings")

    found = leaks(places(tmp_path))

    assert any(place.endswith("night.log") for place in found)
    assert any(place.endswith("main.kept") for place in found)
    assert any(place.endswith("events.db packed") for place in found)
    assert not any("innocent" in place for place in found)


def test_the_listener_hears_a_call(tmp_path: Path) -> None:
    """A look-up and a datagram by any Python process of the run would be heard."""
    word = (
        "import socket, subprocess, sys\n"
        "try: socket.getaddrinfo('example.invalid', 443)\n"
        "except OSError: pass\n"
        "subprocess.run([sys.executable, '-c', 'import socket; socket.socket(2, 2).connect((\"192.0.2.1\", 9))'])"
    )
    subprocess.run([sys.executable, "-c", word], cwd=tmp_path, env=listening(tmp_path), check=True, timeout=60)

    assert [is_local(address) for _, address in heard(tmp_path)] == [False, False]
    assert all(is_local(address) for address in ("('127.0.0.1', 80)", "'localhost'", "('::1', 80, 0, 0)", "'/tmp/x'"))


class Watched(NamedTuple):
    """What a night left: its folder, what it said, what the sources were asked, and whom its processes called."""

    folder: Path
    said: subprocess.CompletedProcess[bytes]
    ledger: list[Any]
    calls: list[tuple[str, str]]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """`sillon run` with Dagster and dbt, with every key that there is, against sources that fail now and then."""
    folder = tmp_path_factory.mktemp("watched")
    config, library = folder / "config", folder / "music.db"
    sample.build_library(library)
    config.mkdir()
    with Sandbox(Catalogue.load(sample.CATALOGUE), limits=False, faults=FAULTS) as sandbox:
        automatic = {"rate_limits": FAST, "timeout_seconds": 5}
        settings = {"contact": "tests@example.org", "base_urls": sandbox.base_urls, "auto_enrichment": automatic}
        (config / "enrichment_config.json").write_text(json.dumps(settings))
        (config / "secrets.json").write_text(json.dumps(FROM_FILE))
        words = ["run", "--library", library, "--config", config, "--data", folder / "data", "--max-minutes", "1"]
        environment = listening(folder / "ear") | FROM_ENVIRONMENT
        environment |= {"SILLON_STATE_DIR": str(folder / "state"), "COLUMNS": "500"}
        said = subprocess.run(
            [*SILLON, *map(str, words)], cwd=folder, env=environment, capture_output=True, timeout=400, check=False
        )
        return Watched(folder, said, list(sandbox.ledger), heard(folder / "ear"))


def test_the_night_was_worth_watching(watched: Watched) -> None:
    """It ended well, its keys were in use, and some of what it asked failed."""
    assert watched.said.returncode == 0, watched.said.stderr.decode()[-2000:]
    answered = {entry.source for entry in watched.ledger if entry.status == 200 and not entry.fault}
    assert {"discogs", "spotify", "spotify_token", "listenbrainz"} <= answered
    assert any(entry.fault for entry in watched.ledger)


def test_no_key_is_left_behind_by_a_night(watched: Watched) -> None:
    """S1: logs, reports, warehouse, marts, ledger, Dagster's store, dbt's logs, backups, copy and output hold no key."""
    found = [*places(watched.folder / "data"), *places(watched.folder / "state")]
    assert len(found) > 1000
    assert leaks(iter(found)) == []
    assert leaks(iter([("output", watched.said.stdout), ("errors", watched.said.stderr)])) == []
    assert leaks((entry.source, entry.path.encode()) for entry in watched.ledger) == [], "a key stands in an address"


def test_a_night_calls_nobody_but_its_sources(watched: Watched) -> None:
    """S9: no usage statistics, no version check, no download: every call stays on this machine, where the sources are."""
    assert sum(event == "socket.connect" for event, _ in watched.calls) > 5, "the sources were asked"
    assert [(event, address) for event, address in watched.calls if not is_local(address)] == []


def test_the_control_room_remembers_the_night(watched: Watched) -> None:
    """The list of runs tells run, status and score; marts were kept with their first rows, failed checks with theirs."""
    history = watched.folder / "data" / "dagster" / "history"
    with closing(sqlite3.connect(history / "runs.db")) as runs:
        tags = dict(runs.execute("select key, value from run_tags where key like 'sillon/%'").fetchall())
        [(run_id,)] = runs.execute("select run_id from runs").fetchall()
    with closing(sqlite3.connect(history / "runs" / f"{run_id}.db")) as events:
        kept = [event for (event,) in events.execute("select event from event_logs").fetchall()]

    facts = json.loads((watched.folder / "data/reports/latest/report.json").read_text())
    assert tags["sillon/run"] == facts["run_id"]
    assert tags["sillon/status"] == facts["status"]
    assert float(tags["sillon/score"]) == round(facts["data_quality_score"], 1)
    assert sum('"first rows"' in event for event in kept) >= len(MARTS)
    assert any('"first failing rows"' in event and "report.html#issues" in event for event in kept)


def test_settings_and_errors_show_no_key(tmp_path: Path) -> None:
    """Printed settings, and the error about a mistyped key, keep the values to themselves."""
    (tmp_path / "secrets.json").write_text(json.dumps(FROM_FILE))
    settings = load_settings(tmp_path, environ=FROM_ENVIRONMENT)
    shown = f"{settings!r} {settings} {settings.model_dump_json()} {settings.source_access('discogs')!r}"
    assert leaks(iter([("settings", shown.encode())])) == []

    (tmp_path / "secrets.json").write_text(
        json.dumps({"spotify": {"client_id": ["canary-7"], "client_secrt": "canary-8"}})
    )
    with pytest.raises(Exception) as caught:
        load_settings(tmp_path, environ={})
    told = "".join(traceback.format_exception(caught.value))
    assert "secrets.json" in told
    assert leaks(iter([("error", f"{told} {caught.value!r}".encode())])) == []
