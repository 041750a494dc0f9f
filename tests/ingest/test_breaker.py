"""Which sources are left alone, and for how long: kept across runs."""

from datetime import timedelta

import duckdb
import pytest

from ingest.breaker import FAILURES_TO_CLOSE, SourceStates
from ingest.errors import SourceClosed
from tests.ingest.conftest import FakeClock


def test_five_failures_in_a_row_close_the_source_for_the_night(
    connection: duckdb.DuckDBPyConnection, clock: FakeClock
) -> None:
    """Four failures close nothing, the fifth does, also for the next run, and the next night asks again."""
    states = SourceStates(connection, clock)
    for _ in range(FAILURES_TO_CLOSE - 1):
        states.failed("discogs", "no complete answer in time")
        states.check("discogs")
    states.failed("discogs", "no complete answer in time")

    with pytest.raises(SourceClosed, match="no complete answer in time") as caught:
        SourceStates(connection, clock).check("discogs")
    assert caught.value.until is not None
    assert clock.now() < caught.value.until < clock.now() + timedelta(hours=24)
    states.check("musicbrainz")
    clock.sleep(24 * 3600)
    SourceStates(connection, clock).check("discogs")


def test_a_network_that_was_away(connection: duckdb.DuckDBPyConnection, clock: FakeClock) -> None:
    """Whoever plugs the cable in again and runs once more in the morning is answered; a source that is down rests longer."""
    states = SourceStates(connection, clock)
    for _ in range(FAILURES_TO_CLOSE):
        states.failed("musicbrainz", "the source cannot be reached", is_unreached=True)
        states.failed("discogs", "no complete answer in time")
    with pytest.raises(SourceClosed, match="cannot be reached"):
        states.check("musicbrainz")

    states.failed("spotify", "status 503")
    for _ in range(FAILURES_TO_CLOSE - 1):
        states.failed("spotify", "no connection in time", is_unreached=True)

    clock.sleep(15 * 60)

    SourceStates(connection, clock).check("musicbrainz")
    with pytest.raises(SourceClosed):
        SourceStates(connection, clock).check("spotify")
    with pytest.raises(SourceClosed):
        SourceStates(connection, clock).check("discogs")


def test_an_answer_ends_the_row(connection: duckdb.DuckDBPyConnection, clock: FakeClock) -> None:
    """Failures with answers between them never close a source."""
    states = SourceStates(connection, clock)
    for _ in range(3):
        for _ in range(FAILURES_TO_CLOSE - 1):
            states.failed("spotify", "busy")
        states.succeeded("spotify")

    states.check("spotify")


def test_one_failure_after_a_closing_closes_nothing(connection: duckdb.DuckDBPyConnection, clock: FakeClock) -> None:
    """A source that was closed starts afresh the next night."""
    states = SourceStates(connection, clock)
    for _ in range(FAILURES_TO_CLOSE):
        states.failed("discogs", "busy")
    clock.sleep(24 * 3600)
    states.failed("discogs", "busy")

    states.check("discogs")


def test_failures_are_remembered_across_runs(connection: duckdb.DuckDBPyConnection, clock: FakeClock) -> None:
    """Five runs that each ask once and fail have asked five times."""
    for _ in range(FAILURES_TO_CLOSE):
        SourceStates(connection, clock).failed("discogs", "busy")

    with pytest.raises(SourceClosed):
        SourceStates(connection, clock).check("discogs")


def test_no_source_closes_itself_for_ever(connection: duckdb.DuckDBPyConnection, clock: FakeClock) -> None:
    """However large its Retry-After, a source is asked again within a week; a longer closing is never shortened."""
    states = SourceStates(connection, clock)
    kept = states.close_until("spotify", clock.now() + timedelta(days=3650), "it says so")
    assert kept == clock.now() + timedelta(days=7)
    states.close_until("spotify", clock.now() + timedelta(hours=1), "it says so")
    assert states.state("spotify").closed_until == kept


def test_answers_of_a_healthy_source_write_nothing(connection: duckdb.DuckDBPyConnection, clock: FakeClock) -> None:
    """A thousand answers cost no thousand writes."""
    states = SourceStates(connection, clock)
    for _ in range(3):
        states.succeeded("musicbrainz")

    assert connection.execute("select count(*) from sillon.source_states").fetchone() == (0,)
