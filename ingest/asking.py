"""Asking all sources: in which order, side by side, and what becomes of an error.

MusicBrainz and Discogs have a thread each. A third describes what MusicBrainz has found so far (ListenBrainz, then the Cover
Art Archive), a fourth asks Spotify for albums about which all others have been asked in vain. Those two look again and again
at what is due, until the threads before them have ended: so the slots of one source pass while another is waited for.
Every answer is committed as it comes; an item without an answer stays due. How one source is asked stands in `desk.py`, what
is due in `worklist.py`, how a source is spoken to in `sources/`, how a request is paced and retried in `client.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import duckdb

from ingest.breaker import SourceStates
from ingest.client import Client
from ingest.clock import Clock, SystemClock
from ingest.desk import MILESTONES, Desk, SourceReport
from ingest.errors import ConfigError
from ingest.notebook import Notebook, Progress, silent, unchecked
from ingest.pacing import Gate, state_folder
from ingest.settings import WEB_SOURCES, Settings
from ingest.shared_answers import SharedAnswers
from ingest.worklist import Worklist

__all__ = ["CHAIN", "Asking", "Progress", "SourceReport", "ask_all", "ask_source", "silent"]

CHAIN = ("musicbrainz", "listenbrainz", "cover_art_archive")
# How soon a thread looks again; where looking takes long (a large library), a fifth of its time at most goes into it.
_LOOK_AGAIN_S = 0.25
_REST = 4

# The threads: whose questions it asks in turn, until what has come to pass, and what has when it ends.
_THREADS = (
    (CHAIN[:1], (), ("searched", "settled")),
    (CHAIN[1:], ("settled",), ("looked_up", "described")),
    (("discogs",), (), ("owned",)),
    (("spotify",), ("described", "owned"), ()),
)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Everything that asking needs.

    `progress(source, done, total)` is called from the thread of that source. `limit`: at most so many albums.
    `deadline`: monotonic second of `clock` at which asking ends; None takes `max_minutes` from now. `state_dir`: where
    pacing is kept, None for the user's. `transport`: in place of the network, for tests. `checkpoint` is called around the
    commit of each answer. `shared`: what a fleet knows, which also remembers for all of it which sources are closed.
    """

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    run_id: str
    clock: Clock = field(default_factory=SystemClock)
    progress: Progress = silent
    limit: int | None = None
    deadline: float | None = None
    state_dir: Path | None = None
    transport: Any = None
    checkpoint: Callable[[str], None] = unchecked
    shared: SharedAnswers | None = None


def ask_all(asking: Asking) -> dict[str, SourceReport]:
    """Ask every source for what is due. Nothing that one of them does stops another.

    Returns one report per source, in the order of `WEB_SOURCES`. Raises WarehouseError and its like, never SourceError.
    """
    night = _Night(asking, WEB_SOURCES)
    with ThreadPoolExecutor(max_workers=len(_THREADS), thread_name_prefix="asking") as threads:
        side_by_side = [threads.submit(night.ask, *thread) for thread in _THREADS]
        reports = [report for future in side_by_side for report in future.result()]
    return {report.source: report for report in sorted(reports, key=lambda report: WEB_SOURCES.index(report.source))}


def ask_source(word: str, asking: Asking) -> SourceReport:
    """Ask one source for what is due, on what the others have answered so far. Raises KeyError for no web source."""
    if word not in WEB_SOURCES:
        raise KeyError(word)
    return _Night(asking, (word,)).ask((word,))[0]


class _Night:
    """What the threads of one asking share."""

    def __init__(self, asking: Asking, words: Sequence[str]) -> None:
        self.asking = asking
        self.words = tuple(word for word in words if asking.settings.source_access(word).status == "on")
        self.now = asking.clock.now()
        minutes = asking.settings.enrichment.max_minutes
        self.deadline = asking.clock.monotonic() + minutes * 60 if asking.deadline is None else asking.deadline
        memory = asking.connection if asking.shared is None else asking.shared.lent
        self.states = SourceStates(memory, asking.clock)
        self.scope = None if asking.limit is None else self._first_albums(asking.limit)
        self.passed = {milestone: Event() for milestone in MILESTONES}
        if "musicbrainz" not in self.words:
            self.passed["searched"].set()
        if "listenbrainz" not in self.words:
            self.passed["looked_up"].set()

    def _first_albums(self, limit: int) -> list[str]:
        with asking_worklist(self.asking, self.now) as worklist:
            return worklist.first_due(limit, self.words)

    def ask(self, words: Sequence[str], until: Sequence[str] = (), leaving: Sequence[str] = ()) -> list[SourceReport]:
        """Ask these sources one after the other, in the calling thread, again and again until all of `until` has passed.

        Whoever waits for one of `leaving` is let go in any case.
        """
        try:
            return self._ask(words, until)
        finally:
            for milestone in leaving:
                self.passed[milestone].set()

    def _ask(self, words: Sequence[str], until: Sequence[str]) -> list[SourceReport]:
        reports = [_off(word, self.asking.settings) for word in words if word not in self.words]
        if len(reports) == len(words):
            return reports
        with asking_worklist(self.asking, self.now, words) as worklist, ExitStack() as opened:
            if self.scope is not None:
                worklist.restrict(self.scope)
            desks = [opened.enter_context(self._desk(word, worklist)) for word in words if word in self.words]
            clock, is_last = self.asking.clock, False
            while not is_last:
                looked_s = 0.0
                is_last = all(self.passed[milestone].is_set() for milestone in until)
                is_searched = self.passed["searched"].is_set()
                for desk in desks:
                    started = clock.monotonic()
                    worklist.refresh()
                    looked_s += clock.monotonic() - started
                    desk.ask(is_last=is_last)
                    if is_searched and desk.notebook.word == "listenbrainz":
                        self.passed["looked_up"].set()
                if not is_last:
                    self._wait_for_more(until, max(_LOOK_AGAIN_S, _REST * looked_s))
            return reports + [desk.report(self.states) for desk in desks]

    def _wait_for_more(self, until: Sequence[str], seconds: float) -> None:
        self.asking.clock.sleep(0)  # a run that was told to stop looks at nothing more
        to_come = [self.passed[milestone] for milestone in until if not self.passed[milestone].is_set()]
        if to_come:
            to_come[0].wait(seconds)

    @contextmanager
    def _desk(self, word: str, worklist: Worklist) -> Iterator[Desk]:
        asking = self.asking
        access = asking.settings.source_access(word)
        notebook = Notebook(word, worklist.connection, asking.run_id, asking.progress, asking.checkpoint, asking.shared)
        try:
            gate = Gate(word, access.min_interval_s, asking.state_dir or state_folder(), asking.clock)
        except ConfigError as error:
            notebook.reason = error.line
            yield Desk(worklist, notebook, asking.settings, None, self.passed)
            return
        client = Client(
            access,
            gate=gate,
            clock=asking.clock,
            states=self.states,
            run_deadline=self.deadline,
            transport=asking.transport,
        )
        try:
            yield Desk(worklist, notebook, asking.settings, client, self.passed)
        finally:
            client.close()
            gate.close()


@contextmanager
def asking_worklist(asking: Asking, now: datetime, words: Sequence[str] = WEB_SOURCES) -> Iterator[Worklist]:
    """A work list for some sources on a cursor of its own, closed afterwards."""
    with asking.connection.cursor() as cursor:
        yield Worklist(cursor, asking.settings, now, asking.shared, words)


def _off(word: str, settings: Settings) -> SourceReport:
    return SourceReport(word, "off", reason=settings.source_access(word).off_reason)
