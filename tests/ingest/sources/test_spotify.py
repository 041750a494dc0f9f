"""Spotify's protocol: a token, one search per album, the token renewed when it expires."""

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.errors import Refused
from ingest.questions import AlbumItem
from ingest.sources import spotify

RECORDED = Path(__file__).parents[3] / "../shared/contracts/recorded/spotify"
CREDENTIALS = spotify.Credentials("https://accounts.example.org/token", SecretStr("id"), SecretStr("secret"))
ITEMS = [
    AlbumItem(f"album:{n}", f'A "quoted" title {n}', (str(n),), artists=("Somebody",), first_artist="Somebody")
    for n in range(3)
]
EMPTY = {"albums": {"items": [], "total": 0}}


def test_nothing_due_needs_no_token(client, store):
    """Where nothing is due, Spotify hears nothing."""
    asker = client(lambda path, params: (200, EMPTY))
    spotify.ask(asker, [], store, spotify.Session(CREDENTIALS))
    assert asker.asked == []


def test_one_token_and_one_search_per_album(client, store):
    """The keys go to the token's address in a header, the token to the search in a header, ten hits at most."""
    asker = client(lambda path, params: (200, EMPTY if path == "/v1/search" else {"access_token": "canary"}))
    spotify.ask(asker, ITEMS, store, spotify.Session(CREDENTIALS))
    assert [path for path, _ in asker.asked] == ["https://accounts.example.org/token", *["/v1/search"] * 3]
    assert asker.headers[0] == {"Authorization": "Basic " + base64.b64encode(b"id:secret").decode()}
    assert asker.headers[1] == {"Authorization": "Bearer canary"}
    assert dict(asker.asked[1][1]) == {
        "type": "album",
        "q": 'album:"A  quoted  title 0" artist:"Somebody"',
        "limit": "10",
    }
    assert "canary" not in str(asker.asked) + str(store.kept)


def test_a_token_is_kept_and_renewed_when_it_expires(client, store):
    """N9, N17: one token serves one asking after the other; a 401 fetches a new one; a new one refused ends it."""
    tokens = iter(["first", "second", "third", "fourth"])
    valid, refused = {"first"}, []

    def reply(path, params):
        if path != "/v1/search":
            token = next(tokens)
            valid.add(token)
            return 200, {"access_token": token}
        token = asker.headers[-1]["Authorization"].removeprefix("Bearer ")
        if token not in valid:
            refused.append(token)
            return 401, Refused(status=401)
        return 200, EMPTY

    asker, session = client(reply), spotify.Session(CREDENTIALS)
    for item in ITEMS:  # each hour a new token
        spotify.ask(asker, [item], store, session)
        valid.clear()
    assert (len(store.answered), refused) == (3, ["first", "second"])

    asker = client(lambda path, _: (401, Refused(status=401)) if path == "/v1/search" else (200, {"access_token": "t"}))
    with pytest.raises(Refused):
        spotify.ask(asker, ITEMS, store, session)
    assert [path for path, _ in asker.asked].count("/v1/search") == 2


def test_a_plain_text_403_ends_the_asking(client, store):
    """N16: without a subscription Spotify refuses every question: one is enough to know."""
    asker = client(lambda p, _: (403, Refused(status=403)) if p == "/v1/search" else (200, {"access_token": "t"}))
    with pytest.raises(Refused):
        spotify.ask(asker, ITEMS, store, spotify.Session(CREDENTIALS))
    assert len(asker.asked) == 2


def test_a_collection_is_looked_for_by_its_title():
    """Various artists are nobody's name."""
    item = AlbumItem("album:x", "Lost Highway", ("1",), artists=("A", "B"), is_collective=True)
    assert spotify.query_of(item) == 'album:"Lost Highway"'


@pytest.mark.skipif(not RECORDED.exists(), reason="recorded answers lie beside a checkout of the project, not in it")
@pytest.mark.parametrize("name", ["search_album.jwilsson", "search_album_upc_empty.live2026"])
def test_real_searches_are_kept_as_received(client, store, name):
    """A search as Spotify answered it, with hits or without, is kept letter for letter."""
    text = (RECORDED / f"{name}.json").read_text()
    token = (RECORDED / "token_client_credentials.jwilsson.json").read_text()
    asker = client(lambda path, params: (200, text if path == "/v1/search" else token))
    spotify.ask(asker, ITEMS[:1], store, spotify.Session(CREDENTIALS))
    assert [payload for *_, payload in store.kept] == [text]
