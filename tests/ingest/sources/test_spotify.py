"""Spotify's protocol: a token, one search per album, the token renewed once."""

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
    spotify.ask(asker, [], store, CREDENTIALS)
    assert asker.asked == []


def test_one_token_and_one_search_per_album(client, store):
    """The keys go to the token's address in a header, the token to the search in a header, ten hits at most."""
    asker = client(lambda path, params: (200, EMPTY if path == "/v1/search" else {"access_token": "canary"}))
    spotify.ask(asker, ITEMS, store, CREDENTIALS)
    assert [path for path, _ in asker.asked] == ["https://accounts.example.org/token", *["/v1/search"] * 3]
    assert asker.headers[0] == {"Authorization": "Basic " + base64.b64encode(b"id:secret").decode()}
    assert asker.headers[1] == {"Authorization": "Bearer canary"}
    assert dict(asker.asked[1][1]) == {
        "type": "album",
        "q": 'album:"A  quoted  title 0" artist:"Somebody"',
        "limit": "10",
    }
    assert "canary" not in str(asker.asked) + str(store.kept)


def test_an_expired_token_is_renewed_once(client, store):
    """N9, N17: 401 fetches a new token and asks again; a second 401 ends the asking."""
    tokens = iter(["old", "new"])
    state = {"refusals": 1}

    def reply(path, params):
        if path != "/v1/search":
            return 200, {"access_token": next(tokens)}
        if state["refusals"]:
            state["refusals"] -= 1
            return 401, Refused(status=401)
        return 200, EMPTY

    spotify.ask(client(reply), ITEMS, store, CREDENTIALS)
    assert len(store.answered) == 3
    tokens, state["refusals"] = iter(["old", "new"]), 2
    with pytest.raises(Refused):
        spotify.ask(client(reply), ITEMS, store, CREDENTIALS)


def test_a_plain_text_403_ends_the_asking(client, store):
    """N16: without a subscription Spotify refuses every question: one is enough to know."""
    asker = client(lambda p, _: (403, Refused(status=403)) if p == "/v1/search" else (200, {"access_token": "t"}))
    with pytest.raises(Refused):
        spotify.ask(asker, ITEMS, store, CREDENTIALS)
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
    spotify.ask(asker, ITEMS[:1], store, CREDENTIALS)
    assert [payload for *_, payload in store.kept] == [text]
