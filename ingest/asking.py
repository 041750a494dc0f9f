"""Asking all sources: in which order, side by side, and what becomes of an error.

MusicBrainz and Discogs have a thread each. A third describes what MusicBrainz has found (ListenBrainz, then the Cover Art
Archive): most of it while MusicBrainz is still asked for single albums, the rest afterwards. Spotify comes last, beside
MusicBrainz' names of artists, which have no bearing on it.
Every answer is committed as it comes; an item without an answer stays due. How one source is asked stands in `desk.py`, what
is due in `worklist.py`, how a source is spoken to in `sources/`, how a request is paced and retried in `client.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
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
from ingest.worklist import Worklist

__all__ = ["CHAIN", "Asking", "Progress", "SourceReport", "ask_all", "ask_source", "silent"]

CHAIN = ("musicbrainz", "listenbrainz", "cover_art_archive")
_DESCRIBING = CHAIN[1:]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Everything that asking needs.

    `progress(source, done, total)` is called from the thread of that source. `limit`: at most so many albums.
    `deadline`: monotonic second of `clock` at which asking ends; None takes `max_minutes` from now. `state_dir`: where
    pacing is kept, None for the user's. `transport`: in place of the network, for tests. `checkpoint` is called around the
    commit of each answer.
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


def ask_all(asking: Asking) -> dict[str, SourceReport]:
    """Ask every source for what is due. Nothing that one of them does stops another.

    Returns one report per source, in the order of `WEB_SOURCES`. Raises WarehouseError and its like, never SourceError.
    """
    night = _Night(asking, WEB_SOURCES)
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="asking") as threads:
        side_by_side = [
            threads.submit(night.ask_musicbrainz),
            threads.submit(night.ask, _DESCRIBING, (night.passed["batches"], night.passed["groups"])),
            threads.submit(night.ask, ("discogs",)),
        ]
        wait(side_by_side[1:])
        reports = night.ask(("spotify",))
        reports += [report for future in side_by_side for report in future.result()]
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
        self.states = SourceStates(asking.connection, asking.clock)
        self.scope = None if asking.limit is None else self._first_albums(asking.limit)
        self.passed = {milestone: Event() for milestone in MILESTONES}

    def _first_albums(self, limit: int) -> list[str]:
        with asking_worklist(self.asking, self.now) as worklist:
            return worklist.first_due(limit, self.words)

    def ask_musicbrainz(self) -> list[SourceReport]:
        """Ask MusicBrainz; whoever waits for it is let go in any case."""
        try:
            return self.ask(("musicbrainz",))
        finally:
            for milestone in self.passed.values():
                milestone.set()

    def ask(self, words: Sequence[str], turns: Sequence[Event] = ()) -> list[SourceReport]:
        """Ask these sources one after the other, in the calling thread: once, or once as each of `turns` comes."""
        reports = [_off(word, self.asking.settings) for word in words if word not in self.words]
        if len(reports) == len(words):
            return reports
        with asking_worklist(self.asking, self.now) as worklist, ExitStack() as opened:
            if self.scope is not None:
                worklist.restrict(self.scope)
            desks = [opened.enter_context(self._desk(word, worklist)) for word in words if word in self.words]
            for turn in turns or (None,):
                if turn is not None:
                    turn.wait()
                for desk in desks:
                    worklist.refresh()
                    desk.ask(is_last=turn is None or turn is turns[-1])
            return reports + [desk.report(self.states) for desk in desks]

    @contextmanager
    def _desk(self, word: str, worklist: Worklist) -> Iterator[Desk]:
        asking = self.asking
        access = asking.settings.source_access(word)
        notebook = Notebook(word, worklist.connection, asking.run_id, asking.progress, asking.checkpoint)
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
def asking_worklist(asking: Asking, now: datetime) -> Iterator[Worklist]:
    """A work list on a cursor of its own, closed afterwards."""
    with asking.connection.cursor() as cursor:
        yield Worklist(cursor, asking.settings, now)


def _off(word: str, settings: Settings) -> SourceReport:
    return SourceReport(word, "off", reason=settings.source_access(word).off_reason)
