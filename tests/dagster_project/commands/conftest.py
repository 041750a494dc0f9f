"""What the tests of the command share: the command itself, marts made by hand, and one finished night."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project import cli
from tests.dagster_project.commands.answers import Finished, Said, Sillon
from tests.nights import run_night, write_config


@pytest.fixture
def sillon(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Sillon:
    """The command, inside this process, in a folder of its own; `stdin` is what a pipe would give it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SILLON_TIMEZONE", "Europe/Paris")

    def call(*words: object, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "argv", ["sillon", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Said(int(ended.value.code or 0), out, err)

    return call


WEEZER = [
    {"id": "blue", "title": "Weezer", "artist": "Weezer", "year": "1994", "type": "Album", "score": 0.98,
     "evidence": "title equal", "url": "https://musicbrainz.org/release-group/blue"},
    {"id": "green", "title": "Weezer", "artist": "Weezer", "year": "2001", "type": "Album", "score": 0.98,
     "evidence": "title equal", "url": "https://musicbrainz.org/release-group/green"},
]  # fmt: skip
SPLIT = [{"id": "split", "artist": "Simon | Garfunkel", "score": 0.4},
         {"id": "keep_whole", "artist": "Simon & Garfunkel", "score": 0.6}]  # fmt: skip
QUEUE = (
    ("q1", "match", 54, "Weezer", "Weezer", "match", "two candidates are equally good", WEEZER, 0.98, "blue"),
    ("q2", "credit", 7, "Simon & Garfunkel", "Bookends", "artists", "no evidence", SPLIT, 0.6, None),
    ("q3", "artist_spelling", 9, "Air", None, "artists", "one name in 2 spellings", [{"id": "1", "artist": "Air"}], 0.5,
     "Air"),
    ("q4", "genre", 12, "Taylor Swift", "1989", "genre", "the sources disagree", [{"id": "pop"}, {"id": "other"}], 0.6,
     "pop"),
    ("q5", "duplicate_album", 63, "Nirvana", "Nevermind", "albums", "an edition?", [], 0.5, None),
)  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A data folder whose marts hold one finished night and a queue of five."""
    data = tmp_path / "data"
    data.mkdir()
    with duckdb.connect(str(data / "marts.duckdb")) as connection:
        connection.execute("create schema sillon")
        connection.execute(
            "create table sillon.runs(run_id varchar, local_date date, kind varchar, job varchar, is_full boolean,"
            " started_at timestamp, finished_at timestamp, status varchar, score_before double, score_after double,"
            " version varchar, library_path varchar, target varchar, output_path varchar)"
        )
        connection.execute(
            "insert into sillon.runs values ('20260314-020000', '2026-03-14', 'web', 'improvement_pipeline', true,"
            " '2026-03-14 01:00:00', '2026-03-14 01:05:00', 'success', 80.2, 94.8, '1', '/m.db', 'copy', '/c.db')"
        )
        connection.execute(
            "create table sillon.source_states(source varchar, failures_in_a_row integer, closed_until timestamp,"
            " reason varchar, changed_at timestamp)"
        )
        connection.execute(
            "insert into sillon.source_states values ('spotify', 0, '2099-01-01 02:12', 'status 429', null),"
            " ('discogs', 0, '2020-01-01 00:00', 'status 429', null)"
        )
        connection.execute("create table sillon.applied_changes(run_id varchar, state varchar)")
        connection.execute("insert into sillon.applied_changes values ('20260314-020000', 'applied')")
        connection.execute(
            "create table review_queue(queue_id varchar, kind varchar, album_id bigint, artist varchar, title varchar,"
            " field varchar, reason varchar, candidates varchar, confidence double, suggestion varchar)"
        )
        connection.executemany(
            "insert into review_queue values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [[json.dumps(cell) if isinstance(cell, list) else cell for cell in row] for row in QUEUE],
        )
    return data


@pytest.fixture(scope="package")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    """One night of the sample library against the sandbox; tests that write leave it as they found it."""
    folder = tmp_path_factory.mktemp("night")
    config = write_config(folder / "config")
    outcome = run_night(folder / "data", config)
    assert not outcome.failures
    yield Finished(folder / "data", config, outcome.run_id, outcome.started_at)
