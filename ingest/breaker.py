"""Which sources are left alone, why and until when; kept in the warehouse, so the next run knows it too.

No request is made here and none is judged; `client.py` reports what happened.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import duckdb

from ingest import warehouse
from ingest.clock import Clock, SystemClock
from ingest.errors import SourceClosed

Lender = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]

# Five questions in a row, each already tried several times: the source is down, or does not want us tonight.
FAILURES_TO_CLOSE = 5

# Half a day: past this morning, over before the next night.
CLOSED_FOR_THE_NIGHT = timedelta(hours=12)

# Where not even a connection came about it may be our own network that was away: a laptop that woke up too early, a cable.
# Whoever mends it and runs again wants to be answered, and to a source that heard nothing of us we were no burden.
CLOSED_WHILE_UNREACHED = timedelta(minutes=15)

# No source is left alone for longer on its own word, however large its Retry-After.
LONGEST_CLOSING = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of one source; `closed_until` is aware, UTC."""

    failures_in_a_row: int = 0
    closed_until: datetime | None = None
    reason: str | None = None
    is_unreached: bool = False  # not one of the failures in this row reached it; known to the run that met them


class SourceStates:
    """The states of all sources; safe to share between threads.

    Args:
        memory: the warehouse, or what lends it for one operation.
        clock: its wall clock says whether a closing is over.
    """

    def __init__(self, memory: duckdb.DuckDBPyConnection | Lender, clock: Clock | None = None) -> None:
        self._lent: Lender = memory if callable(memory) else lambda: nullcontext(memory)
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        with self._lent() as connection, connection.cursor() as cursor:
            rows = cursor.execute(
                "select source, failures_in_a_row, closed_until, reason from sillon.source_states"
            ).fetchall()
        self._states = {
            source: SourceState(failures or 0, until and until.replace(tzinfo=UTC), reason)
            for source, failures, until, reason in rows
        }

    def state(self, source: str) -> SourceState:
        """What is known of a source now; a closing that is over is forgotten, with the failures that led to it."""
        state = self._states.get(source, SourceState())
        if state.closed_until is not None and state.closed_until <= self._clock.now():
            return SourceState()
        return state

    def check(self, source: str) -> None:
        """Raise SourceClosed, with `until`, where the source is to be left alone."""
        state = self.state(source)
        if state.closed_until is not None:
            raise SourceClosed(
                f"closed until {state.closed_until:%Y-%m-%d %H:%M} UTC"
                + (f" ({state.reason})" if state.reason else ""),
                source=source,
                until=state.closed_until,
            )

    def failed(self, source: str, reason: str, *, is_unreached: bool = False) -> None:
        """Count a question that got no answer; the fifth in a row closes the source for the night.

        For a quarter of an hour only where none of the five reached it (`is_unreached`).
        """
        with self._lock:
            state = self.state(source)
            is_unreached = is_unreached and (state.is_unreached or not state.failures_in_a_row)
            failures = state.failures_in_a_row + 1
            state = replace(state, failures_in_a_row=failures, reason=reason, is_unreached=is_unreached)
            if state.failures_in_a_row >= FAILURES_TO_CLOSE and state.closed_until is None:
                how_long = CLOSED_WHILE_UNREACHED if is_unreached else CLOSED_FOR_THE_NIGHT
                state = replace(state, closed_until=self._clock.now() + how_long)
            self._keep(source, state)

    def succeeded(self, source: str) -> None:
        """An answer came: the row of failures ends. Writes only where there was something to forget."""
        with self._lock:
            state = self.state(source)
            if state.failures_in_a_row and state.closed_until is None:
                self._keep(source, SourceState())

    def close_until(self, source: str, when: datetime, reason: str) -> datetime:
        """Leave the source alone until `when` (aware), at most a week; returns the moment that is kept."""
        with self._lock:
            until = min(when, self._clock.now() + LONGEST_CLOSING)
            state = self.state(source)
            if state.closed_until is not None and state.closed_until > until:
                until = state.closed_until
            self._keep(source, replace(state, closed_until=until, reason=reason))
            return until

    def _keep(self, source: str, state: SourceState) -> None:
        self._states[source] = state
        with self._lent() as connection:
            warehouse.record_source_state(
                connection,
                {
                    "source": source,
                    "failures_in_a_row": state.failures_in_a_row,
                    "closed_until": state.closed_until,
                    "reason": state.reason,
                    "changed_at": self._clock.now(),
                },
            )
