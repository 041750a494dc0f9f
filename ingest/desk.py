"""One source while it is asked: in which order its questions go out, what ends its asking, and how it went.

How the sources follow one another stands in `asking.py`; what a question looks like in `sources/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Literal

from pydantic import SecretStr

from ingest.breaker import SourceStates
from ingest.client import Client
from ingest.errors import SourceClosed, SourceError
from ingest.notebook import Notebook
from ingest.settings import Settings
from ingest.sources import cover_art_archive, discogs, listenbrainz, musicbrainz, spotify
from ingest.worklist import Worklist

# How far the night has got: MusicBrainz has been searched for every album, ListenBrainz' look-ups have been made, MusicBrainz
# is asked for nothing more about albums, what it found is described, Discogs has been asked.
MILESTONES = ("searched", "looked_up", "settled", "described", "owned")


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


class Desk:
    """One source while it is asked: its client (None where it can not be reached at all), and what was noted so far."""

    def __init__(
        self,
        worklist: Worklist,
        notebook: Notebook,
        settings: Settings,
        client: Client | None,
        passed: Mapping[str, Event],
    ) -> None:
        self.worklist, self.notebook, self.settings = worklist, notebook, settings
        self.passed = passed
        self.client = client
        self._is_open = client is not None
        self._closed_until: datetime | None = None
        self.spotify_session = _spotify_session(settings)

    def ask(self, *, is_last: bool) -> None:
        """Ask for what is due, unless the source has shown that it will not answer any more tonight."""
        if self.client is None or not self._is_open:
            return
        try:
            _STAGES[self.notebook.word](self, self.client, is_last)
        except SourceClosed as closed:
            self._is_open = False
            self._closed_until = closed.until
            self.notebook.note(closed)
        except SourceError as error:
            self._is_open = False
            self.notebook.note(error)

    def report(self, states: SourceStates) -> SourceReport:
        """How it went, once all is asked."""
        word = self.notebook.word
        self.worklist.refresh()
        deferred = _count_due(word, self.worklist)
        return SourceReport(
            source=word,
            status=_status(deferred, self.notebook) if self.client else "down",
            requests=self.client.requests if self.client else 0,
            answers=self.notebook.answers,
            deferred=deferred,
            reason=self.notebook.reason if deferred or not self.client else None,
            closed_until=self._closed_until or states.state(word).closed_until,
        )


def _status(deferred: int, notebook: Notebook) -> Literal["ok", "degraded", "down"]:
    if not deferred:
        return "ok"
    return "degraded" if notebook.answers else "down"


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _spotify_session(settings: Settings) -> spotify.Session | None:
    keys = settings.secrets.spotify
    if keys.client_id is None or keys.client_secret is None:
        return None
    url = settings.enrichment.base_urls.spotify_token
    return spotify.Session(spotify.Credentials(url, keys.client_id, keys.client_secret))


def _ask_musicbrainz(desk: Desk, client: Client, is_last: bool) -> None:
    worklist, notebook = desk.worklist, desk.notebook
    musicbrainz.ask_urls(client, notebook.expect(worklist.urls()), notebook)
    worklist.refresh()
    musicbrainz.ask_releases(client, notebook.expect(worklist.releases()), notebook)
    worklist.refresh()
    batch_size = desk.settings.enrichment.auto_enrichment.batch_size
    musicbrainz.ask_pairs(client, notebook.expect(worklist.pairs()), notebook, batch_size)
    worklist.refresh()
    musicbrainz.ask_alone(client, notebook.expect(worklist.alone()), notebook)
    worklist.refresh()
    is_settled = not worklist.look_ups()
    desk.passed["searched"].set()
    if is_settled:
        desk.passed["settled"].set()
    musicbrainz.ask_names(client, notebook.expect(worklist.names()), notebook)
    if not is_settled:  # ListenBrainz may name releases of which MusicBrainz knows the group
        desk.passed["looked_up"].wait()
        worklist.refresh()
        musicbrainz.ask_releases(client, notebook.expect(worklist.releases()), notebook)


def _ask_listenbrainz(desk: Desk, client: Client, is_last: bool) -> None:
    worklist, token = desk.worklist, _revealed(desk.settings.secrets.listenbrainz.token)
    if token is not None and desk.passed["searched"].is_set():
        listenbrainz.look_up(client, desk.notebook.expect(worklist.look_ups()), desk.notebook, token)
        worklist.refresh()
    items = worklist.hydration()
    if not is_last:  # whole requests only: the rest goes with what is found next
        items = items[: len(items) // listenbrainz.IDS_A_REQUEST * listenbrainz.IDS_A_REQUEST]
    listenbrainz.ask(client, desk.notebook.expect(items), desk.notebook, token)


def _ask_cover_art_archive(desk: Desk, client: Client, is_last: bool) -> None:
    # Until the last turn ListenBrainz may still name a cover, and what it names needs no question here.
    undescribed = set() if is_last else {item.question for item in desk.worklist.hydration()}
    items = [item for item in desk.worklist.covers() if item.question not in undescribed]
    cover_art_archive.ask(client, desk.notebook.expect(items), desk.notebook)


def _ask_discogs(desk: Desk, client: Client, is_last: bool) -> None:
    worklist, notebook, secrets = desk.worklist, desk.notebook, desk.settings.secrets.discogs
    token = _revealed(secrets.token)
    if secrets.username and worklist.discogs():
        discogs.ask_collection(client, secrets.username, worklist.fresh_pages(secrets.username), notebook, token)
        worklist.refresh()
    discogs.ask_releases(client, notebook.expect(worklist.discogs()), notebook, token)


def _ask_spotify(desk: Desk, client: Client, is_last: bool) -> None:
    if desk.spotify_session is not None:
        spotify.ask(client, desk.notebook.expect(desk.worklist.spotify()), desk.notebook, desk.spotify_session)


_STAGES: dict[str, Callable[[Desk, Client, bool], None]] = {
    "musicbrainz": _ask_musicbrainz,
    "listenbrainz": _ask_listenbrainz,
    "cover_art_archive": _ask_cover_art_archive,
    "discogs": _ask_discogs,
    "spotify": _ask_spotify,
}


def _count_due(word: str, worklist: Worklist) -> int:
    return sum(len(items()) for items in worklist.by_source(word))
