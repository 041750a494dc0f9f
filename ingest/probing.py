"""One cheap question per source: is its endpoint there, and is the key that we hold valid?

For `sillon init` and `sillon doctor`. Nothing is kept of an answer, and no failure counts against a source. What is asked
stands in `sources/`, how it is asked in `client.py`, at the pace of every other question.
"""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from ingest.breaker import SourceState, SourceStates
from ingest.client import Client
from ingest.clock import Clock
from ingest.errors import BadQuestion, Banned, ConfigError, Refused, SourceError
from ingest.pacing import Gate, state_folder
from ingest.settings import Settings
from ingest.sources import cover_art_archive, discogs, listenbrainz, musicbrainz, spotify

PATIENCE_S = 20.0  # somebody is waiting: one question, and the few tries that fit


@dataclass(frozen=True)
class Probe:
    """What one source said: `status` is ok, off (not to be asked), refused (keys or agent) or down."""

    source: str
    status: Literal["ok", "off", "refused", "down"]
    words: str


class Unremembered(SourceStates):
    """States that live as long as one asking: five failures of a check-up must not close a source for the night."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._states: dict[str, SourceState] = {}

    def _keep(self, source: str, state: SourceState) -> None:
        self._states[source] = state


def probe(word: str, settings: Settings, clock: Clock, *, state_dir: Path | None = None) -> Probe:
    """Ask one source one question, through the settings' own address, agent, keys and pace. Raises KeyError for no source."""
    access = settings.source_access(word)
    if access.status == "off":
        return Probe(word, "off", access.off_reason or "off")
    try:
        gate = Gate(word, access.min_interval_s, state_dir or state_folder(), clock)
    except ConfigError as error:
        return Probe(word, "down", error.line)
    deadline = clock.monotonic() + PATIENCE_S
    try:
        with Client(access, gate=gate, clock=clock, states=Unremembered(clock), run_deadline=deadline) as client:
            return Probe(word, "ok", _ask(word, client, settings))
    except (Refused, Banned, BadQuestion) as error:  # Spotify calls a wrong key a bad question
        return Probe(word, "refused", error.what)
    except SourceError as error:
        return Probe(word, "down", error.what)
    finally:
        gate.close()


def _ask(word: str, client: Client, settings: Settings) -> str:
    secrets = settings.secrets
    if word == "musicbrainz":
        return musicbrainz.probe(client)
    if word == "listenbrainz":
        return listenbrainz.probe(client, _plain(secrets.listenbrainz.token))
    if word == "cover_art_archive":
        return cover_art_archive.probe(client)
    if word == "discogs":
        return discogs.probe(client, _plain(secrets.discogs.token))
    missing = SecretStr("")
    keys = spotify.Credentials(
        settings.enrichment.base_urls.spotify_token,
        secrets.spotify.client_id or missing,
        secrets.spotify.client_secret or missing,
    )
    return spotify.probe(client, keys)


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
