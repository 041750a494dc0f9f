"""One question to each source: what it says of the endpoint and of the key, and that nothing is held against it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr

from ingest.clock import SystemClock
from ingest.probing import probe
from ingest.sandbox import Catalogue, Sandbox
from ingest.sandbox.sample import CATALOGUE
from ingest.settings import WEB_SOURCES, Settings
from ingest.settings_models import DiscogsSecrets, ListenbrainzSecrets, RateLimits, Secrets

FAST = RateLimits.model_validate({f"{word}_per_minute": 60_000 for word in WEB_SOURCES})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Catalogue.load(CATALOGUE), limits=False) as running:
        yield running


def settings_for(urls: dict[str, str]) -> Settings:
    plain = Settings().for_sandbox(urls)
    automatic = plain.enrichment.auto_enrichment.model_copy(update={"rate_limits": FAST})
    return plain.model_copy(update={"enrichment": plain.enrichment.model_copy(update={"auto_enrichment": automatic})})


@pytest.mark.parametrize("word", WEB_SOURCES)
def test_a_source_that_answers_is_ok(word: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """Each source, with its key where it has one, says that it is there."""
    found = probe(word, settings_for(sandbox.base_urls), SystemClock(), state_dir=tmp_path)

    assert (found.source, found.status) == (word, "ok"), found.words


@pytest.mark.parametrize("word", WEB_SOURCES)
def test_a_source_that_is_not_there_is_down(word: str, tmp_path: Path) -> None:
    """Nobody listens: down, in less than the time that a person waits, and no exception."""
    nowhere = dict.fromkeys((*WEB_SOURCES, "spotify_token"), "http://127.0.0.1:9")

    found = probe(word, settings_for(nowhere), HastyClock(), state_dir=tmp_path)

    assert found.status == "down"


def test_without_a_contact_nobody_is_asked(tmp_path: Path) -> None:
    """Off is off, for a check-up too."""
    found = probe("musicbrainz", Settings(), SystemClock(), state_dir=tmp_path)

    assert found.status == "off"
    assert "contact" in found.words


@pytest.mark.parametrize(
    ("word", "status", "body"),
    [
        pytest.param("discogs", 401, {"message": "You must authenticate to access this resource."}, id="discogs"),
        pytest.param(
            "listenbrainz", 200, {"code": 200, "message": "Token invalid.", "valid": False}, id="listenbrainz"
        ),
        pytest.param("spotify", 400, {"error": "invalid_client"}, id="spotify"),
    ],
)
def test_a_key_that_is_not_valid_is_told(word: str, status: int, body: dict[str, object], tmp_path: Path) -> None:
    """Refused, so that the person looks at the key; the key itself stands in no word of it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        urls = dict.fromkeys((*WEB_SOURCES, "spotify_token"), f"http://127.0.0.1:{server.server_address[1]}")
        settings = settings_for(urls)
        secrets = settings.secrets.model_copy(
            update={
                "discogs": DiscogsSecrets(token=SecretStr("very-secret")),
                "listenbrainz": ListenbrainzSecrets(token=SecretStr("very-secret")),
            }
        )
        assert isinstance(secrets, Secrets)
        found = probe(word, settings.model_copy(update={"secrets": secrets}), SystemClock(), state_dir=tmp_path)
        server.shutdown()

    assert found.status == "refused"
    assert "very-secret" not in repr(found)


class HastyClock(SystemClock):
    """A clock that waits for nobody; its monotonic time counts the waits all the same."""

    def __init__(self) -> None:
        super().__init__()
        self._waited = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._waited

    def sleep(self, seconds: float) -> None:
        self._waited += seconds
