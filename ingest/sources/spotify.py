"""Spotify, the last resort: an album for which no other source has a cover.

Data flow: albums without a cover anywhere -> `/v1/search?type=album` -> `spotify.albums`.
Run it alone: `python -m ingest spotify --limit 20`. Off without credentials.

A search always ranks something, so names are compared in SQL; the address of the picture is kept, never the picture.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from ingest.errors import GarbledAnswer, Refused
from ingest.questions import AlbumItem
from ingest.sources import Asker, Store

HITS = 10  # more is a 400 for applications in development mode


@dataclass(frozen=True)
class Credentials:
    """The application's keys, and where a token is given for them."""

    token_url: str
    client_id: SecretStr
    client_secret: SecretStr


def probe(client: Asker, credentials: Credentials) -> str:
    """Whether Spotify gives a token for the keys, and answers a search with it. Raises Refused where it does not."""
    token = _fetch_token(client, credentials)
    client.get(
        "/v1/search",
        params=[("type", "album"), ("q", 'album:"a"'), ("limit", "1")],
        headers={"Authorization": f"Bearer {token.get_secret_value()}"},
        accept=(200,),
    )
    return "answers, the keys are valid"


class Session:
    """The keys and the token that was given for them, kept from one album to the next: it lasts for an hour."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._token: SecretStr | None = None

    def token(self, client: Asker, *, is_refused: bool = False) -> SecretStr:
        """The token; a new one where there is none yet, or where the old one is refused."""
        if self._token is None or is_refused:
            self._token = _fetch_token(client, self._credentials)
        return self._token


def ask(client: Asker, items: Sequence[AlbumItem], store: Store, session: Session) -> None:
    """One search per album. A token that has expired is renewed; a new one that is refused ends the asking."""
    for item in items:
        token = session.token(client)
        with store.deferring():
            try:
                _ask(client, item, store, token)
            except Refused as refusal:
                if refusal.status != 401:
                    raise
                _ask(client, item, store, session.token(client, is_refused=True))


def _ask(client: Asker, item: AlbumItem, store: Store, token: SecretStr) -> None:
    answer = client.get(
        "/v1/search",
        params=[("type", "album"), ("q", query_of(item)), ("limit", str(HITS))],
        headers={"Authorization": f"Bearer {token.get_secret_value()}"},
        accept=(200, 400, 404),
    )
    if answer.status == 200:
        body = client.json(answer)
        if not isinstance(body, dict) or not isinstance((body.get("albums") or {}).get("items"), list):
            raise GarbledAnswer("the answer holds no albums", source="spotify", url=answer.url)
    store.keep("spotify.albums", answer, [item], answer.text if answer.status == 200 else None)


def query_of(item: AlbumItem) -> str:
    """`album:"…" artist:"…"`; a collection by many is looked for by its title."""
    title = item.value.replace('"', " ")
    artist = "" if item.is_collective or not item.artists else item.artists[0].replace('"', " ")
    return f'album:"{title}" artist:"{artist}"' if artist else f'album:"{title}"'


def _fetch_token(client: Asker, credentials: Credentials) -> SecretStr:
    pair = f"{credentials.client_id.get_secret_value()}:{credentials.client_secret.get_secret_value()}"
    answer = client.post(
        credentials.token_url,
        data={"grant_type": "client_credentials"},
        headers={"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()},
    )
    body = client.json(answer)
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise GarbledAnswer("the answer holds no token", source="spotify")
    return SecretStr(body["access_token"])
