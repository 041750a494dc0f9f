"""Asking all sources: in which order, side by side, and what becomes of an error.

MusicBrainz, ListenBrainz and the Cover Art Archive follow one another in one thread, Discogs has a thread of its own,
Spotify comes last. Every answer is committed as it comes; an item without an answer stays due. What is due stands in
`worklist.py`, how a source is spoken to in `sources/`, how a request is paced and retried in `client.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import SecretStr

from ingest.breaker import SourceStates
from ingest.client import Client
from ingest.clock import Clock, SystemClock
from ingest.errors import ConfigError, SourceClosed, SourceError
from ingest.notebook import Notebook, Progress, silent, unchecked
from ingest.pacing import Gate, state_folder
from ingest.settings import WEB_SOURCES, Settings
from ingest.sources import cover_art_archive, discogs, listenbrainz, musicbrainz, spotify
from ingest.worklist import Worklist

__all__ = ["CHAIN", "Asking", "Progress", "SourceReport", "ask_all", "ask_source", "silent"]

CHAIN = ("musicbrainz", "listenbrainz", "cover_art_archive")


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


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How it went with one source: `off` (with the reason), `ok`, `degraded` (something was deferred) or `down` (asked
    in vain). `requests` and `answers` count what went out and what came back; `deferred` the items that stay due."""

    source: str
    status: Literal["ok", "degraded", "down", "off"]
    requests: int = 0
    answers: int = 0
    deferred: int = 0
    reason: str | None = None
    closed_until: datetime | None = None


def ask_all(asking: Asking) -> dict[str, SourceReport]:
    """Ask every source for what is due. Nothing that one of them does stops another.

    Returns one report per source, in the order of `WEB_SOURCES`. Raises WarehouseError and its like, never SourceError.
    """
    night = _Night(asking, WEB_SOURCES)
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="asking") as threads:
        side_by_side = [threads.submit(night.ask, words) for words in (CHAIN, ("discogs",))]
    reports = [report for future in side_by_side for report in future.result()]
    reports += night.ask(("spotify",))
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

    def _first_albums(self, limit: int) -> list[str]:
        with asking_worklist(self.asking, self.now) as worklist:
            return worklist.first_due(limit, self.words)

    def ask(self, words: Sequence[str]) -> list[SourceReport]:
        """Ask these sources one after the other, in the calling thread."""
        reports = [_off(word, self.asking.settings) for word in words if word not in self.words]
        if len(reports) == len(words):
            return reports
        with asking_worklist(self.asking, self.now) as worklist:
            if self.scope is not None:
                worklist.restrict(self.scope)
            for word in words:
                if word in self.words:
                    worklist.refresh()
                    reports.append(self._ask_one(word, worklist))
        return reports

    def _ask_one(self, word: str, worklist: Worklist) -> SourceReport:
        asking = self.asking
        access = asking.settings.source_access(word)
        try:
            gate = Gate(word, access.min_interval_s, asking.state_dir or state_folder(), asking.clock)
        except ConfigError as error:
            return SourceReport(word, "down", deferred=_count_due(word, worklist), reason=error.line)
        client = Client(
            access,
            gate=gate,
            clock=asking.clock,
            states=self.states,
            run_deadline=self.deadline,
            transport=asking.transport,
        )
        notebook = Notebook(word, worklist.connection, asking.run_id, asking.progress, asking.checkpoint)
        closed_until = None
        try:
            _STAGES[word](client, worklist, notebook, asking.settings)
        except SourceClosed as closed:
            notebook.note(closed)
            closed_until = closed.until
        except SourceError as error:
            notebook.note(error)
        finally:
            client.close()
            gate.close()
        worklist.refresh()
        deferred = _count_due(word, worklist)
        closed_until = closed_until or self.states.state(word).closed_until
        return SourceReport(
            source=word,
            status=_status(deferred, notebook),
            requests=client.requests,
            answers=notebook.answers,
            deferred=deferred,
            reason=notebook.reason if deferred else None,
            closed_until=closed_until,
        )


@contextmanager
def asking_worklist(asking: Asking, now: datetime) -> Iterator[Worklist]:
    """A work list on a cursor of its own, closed afterwards."""
    with asking.connection.cursor() as cursor:
        yield Worklist(cursor, asking.settings, now)


def _status(deferred: int, notebook: Notebook) -> Literal["ok", "degraded", "down"]:
    if not deferred:
        return "ok"
    return "degraded" if notebook.answers else "down"


def _off(word: str, settings: Settings) -> SourceReport:
    return SourceReport(word, "off", reason=settings.source_access(word).off_reason)


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _ask_musicbrainz(client: Client, worklist: Worklist, notebook: Notebook, settings: Settings) -> None:
    musicbrainz.ask_urls(client, notebook.expect(worklist.urls()), notebook)
    worklist.refresh()
    musicbrainz.ask_releases(client, notebook.expect(worklist.releases()), notebook)
    worklist.refresh()
    batch_size = settings.enrichment.auto_enrichment.batch_size
    musicbrainz.ask_pairs(client, notebook.expect(worklist.pairs()), notebook, batch_size)
    worklist.refresh()
    musicbrainz.ask_alone(client, notebook.expect(worklist.alone()), notebook)
    musicbrainz.ask_names(client, notebook.expect(worklist.names()), notebook)


def _ask_listenbrainz(client: Client, worklist: Worklist, notebook: Notebook, settings: Settings) -> None:
    token = _revealed(settings.secrets.listenbrainz.token)
    listenbrainz.ask(client, notebook.expect(worklist.hydration()), notebook, token)


def _ask_cover_art_archive(client: Client, worklist: Worklist, notebook: Notebook, settings: Settings) -> None:
    cover_art_archive.ask(client, notebook.expect(worklist.covers()), notebook)


def _ask_discogs(client: Client, worklist: Worklist, notebook: Notebook, settings: Settings) -> None:
    secrets = settings.secrets.discogs
    token = _revealed(secrets.token)
    if secrets.username and worklist.discogs():
        discogs.ask_collection(client, secrets.username, worklist.fresh_pages(secrets.username), notebook, token)
        worklist.refresh()
    discogs.ask_releases(client, notebook.expect(worklist.discogs()), notebook, token)


def _ask_spotify(client: Client, worklist: Worklist, notebook: Notebook, settings: Settings) -> None:
    secrets = settings.secrets.spotify
    if secrets.client_id is None or secrets.client_secret is None:
        return
    credentials = spotify.Credentials(
        settings.enrichment.base_urls.spotify_token, secrets.client_id, secrets.client_secret
    )
    spotify.ask(client, notebook.expect(worklist.spotify()), notebook, credentials)


_STAGES: dict[str, Callable[[Client, Worklist, Notebook, Settings], None]] = {
    "musicbrainz": _ask_musicbrainz,
    "listenbrainz": _ask_listenbrainz,
    "cover_art_archive": _ask_cover_art_archive,
    "discogs": _ask_discogs,
    "spotify": _ask_spotify,
}


def _count_due(word: str, worklist: Worklist) -> int:
    return sum(len(items()) for items in worklist.by_source(word))
