"""`sillon` alone: how it stands, and what to type next."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.nights import next_night
from ingest.settings import load_settings
from tests.dagster_project.commands.answers import Sillon


def test_before_the_first_run_it_says_what_to_type(sillon: Sillon) -> None:
    """A newcomer reads two commands that work."""
    result = sillon()

    assert result.status == 0
    assert "sillon run --sandbox" in result.out
    assert "sillon run --library" in result.out


def test_it_tells_night_score_queue_and_closed_sources(sillon: Sillon, shelf: Path) -> None:
    """Last run in local time, score, queue by kind, sources still closed (and only those), next run with its zone."""
    out = sillon().out

    assert "20260314-020000, Saturday 14 March 2026, 02:00" in out  # 01:00 UTC
    assert "94.8 of 100" in out
    assert "Queue:         5 (" in out
    assert "records 1" in out
    assert "spotify until" in out
    assert "discogs" not in out
    assert "(Europe/Paris)" in out
    assert "sillon review" in out


def test_json_holds_the_same(sillon: Sillon, shelf: Path) -> None:
    """For a monitor: the same facts as one document."""
    facts = sillon("--json").json

    assert facts["last_run"]["run_id"] == "20260314-020000"
    assert facts["last_run"]["changes"] == 1
    assert facts["score"] == 94.8
    assert sum(facts["queue"].values()) == 5
    assert [source["source"] for source in facts["closed_sources"]] == ["spotify"]


def test_a_damaged_shelf_is_one_line(sillon: Sillon, shelf: Path) -> None:
    """A file that is no database: one line, exit 1, with what to do."""
    (shelf / "marts.duckdb").write_bytes(b"not a database" * 100)

    result = sillon()

    assert result.status == 1
    assert len(result.err.splitlines()) == 1
    assert "sillon run" in result.err


def test_a_shelf_without_marts_still_tells_the_run(sillon: Sillon, shelf: Path) -> None:
    """A first run that failed before it believed anything leaves no queue."""
    with duckdb.connect(str(shelf / "marts.duckdb")) as connection:
        connection.execute("drop table review_queue")
        connection.execute("update sillon.runs set status = 'failed', score_after = null")

    result = sillon()

    assert result.status == 0
    assert "failed" in result.out
    assert "says what went wrong" in result.out


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-14T00:59:00", "2026-03-14T02:00:00+01:00"),
        ("2026-03-14T01:00:00", "2026-03-15T02:00:00+01:00"),
        ("2026-06-30T23:30:00", "2026-07-01T02:00:00+02:00"),
        ("2026-10-24T12:00:00", "2026-10-25T02:00:00+02:00"),
    ],
)
def test_the_next_night_is_local(now: str, due: str, tmp_path: Path) -> None:
    """02:00 is the clock on the wall of the configured zone, in summer, in winter and between."""
    settings = load_settings(tmp_path, {"SILLON_TIMEZONE": "Europe/Paris"})

    found = next_night(settings.scheduler, datetime.fromisoformat(now).replace(tzinfo=UTC))

    assert found is not None
    assert found.isoformat() == due
