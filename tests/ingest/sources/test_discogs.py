"""Discogs' protocol: the collection first, then single releases; the token in a header."""

import json
from pathlib import Path

import pytest

from ingest.errors import RateLimited, Refused
from ingest.questions import Item
from ingest.sources import discogs

RECORDED = Path(__file__).parents[3] / "../shared/contracts/recorded/discogs"


def page(number, pages):
    return {"pagination": {"page": number, "pages": pages}, "releases": [{"id": number}]}


def test_the_collection_comes_in_pages_of_a_hundred(client, store):
    """Every page is asked once, in a stable order, and the ones that are known are not asked at all."""
    asker = client(lambda path, params: (200, page(int(dict(params)["page"]), 3)))
    discogs.ask_collection(asker, "some one", {2: json.dumps(page(2, 3))}, store, "canary")
    assert [dict(params)["page"] for _, params in asker.asked] == ["1", "3"]
    assert {dict(params)["per_page"] for _, params in asker.asked} == {"100"}
    assert asker.asked[0][0] == "/users/some%20one/collection/folders/0/releases"
    assert store.answered == ["collection:some one:1", "collection:some one:3"]


def test_a_private_collection_leaves_the_single_releases(client, store):
    """403 on somebody else's collection is no reason to stop; a wrong token is."""
    discogs.ask_collection(client(lambda path, params: (403, Refused(status=403))), "x", {}, store)
    assert store.kept == []
    with pytest.raises(Refused):
        discogs.ask_collection(client(lambda path, params: (401, Refused(status=401))), "x", {}, store)


def test_an_unknown_user_is_remembered(client, store):
    """404 is an answer: tomorrow's night does not ask again."""
    discogs.ask_collection(client(lambda path, params: (404, {"message": "no"})), "x", {}, store)
    assert store.kept == [("discogs.releases", 404, ["collection:x:1"], None)]


def test_the_token_travels_in_a_header_only(client, store):
    """With a token it is in the header; without one there is no such header."""
    asker = client(lambda path, params: (200, {"id": 1}))
    discogs.ask_releases(asker, [Item("release:1", "1")], store, "canary")
    discogs.ask_releases(asker, [Item("release:1", "1")], store)
    assert asker.headers == [{"Authorization": "Discogs token=canary"}, {}]
    assert "canary" not in str(asker.asked) + str(store.kept)


def test_one_release_without_an_answer_stops_no_other(client, store):
    """A refusal for pace defers that release only; a page of HTML is no release."""

    def reply(path, params):
        return {"/releases/1": (429, RateLimited()), "/releases/2": (200, "<html>")}.get(path, (200, {"id": 3}))

    discogs.ask_releases(client(reply), [Item(f"release:{n}", str(n)) for n in (1, 2, 3)], store)
    assert store.answered == ["release:3"]
    assert len(store.errors) == 2


@pytest.mark.skipif(not RECORDED.exists(), reason="recorded answers lie beside a checkout of the project, not in it")
@pytest.mark.parametrize("name", ["release_1503102.live2026", "release_16004480_various_year0.live2026"])
def test_real_releases_are_kept_as_received(client, store, name):
    """A release as Discogs wrote it is kept letter for letter."""
    text = (RECORDED / f"{name}.json").read_text()
    discogs.ask_releases(client(lambda path, params: (200, text)), [Item("release:1", "1")], store)
    assert [payload for *_, payload in store.kept] == [text]


@pytest.mark.skipif(not RECORDED.exists(), reason="recorded answers lie beside a checkout of the project, not in it")
def test_a_real_collection_page_is_understood(client, store):
    """A page of a collection as Discogs wrote it: one page, kept."""
    text = (RECORDED / "collection_folder0.joalla.json").read_text()
    discogs.ask_collection(client(lambda path, params: (200, text)), "example", {}, store)
    assert store.answered == ["collection:example:1"]
