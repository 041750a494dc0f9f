"""The Cover Art Archive's protocol: the redirect is the answer."""

import json

from ingest.questions import Item
from ingest.sources import cover_art_archive

GROUP = "48140466-cff6-3222-bd55-63c27e43190d"
ITEM = Item(f"release_group:{GROUP}", GROUP, ("1",))
TARGET = "https://archive.org/download/mbid-76df3287/mbid-76df3287-829521842_thumb500.jpg"


def test_the_redirect_is_kept_and_not_followed(client, store):
    """307 is kept with where it leads; one request, no picture."""
    asker = client(lambda path, params: (307, "See: elsewhere", {"location": TARGET}))
    cover_art_archive.ask(asker, [ITEM], store)
    assert asker.asked == [(f"/release-group/{GROUP}/front-500", [])]
    [(table, status, questions, payload)] = store.kept
    assert (table, status, questions) == ("cover_art_archive.front_covers", 307, [ITEM.question])
    assert json.loads(payload) == {"location": TARGET, "release_group": GROUP}


def test_not_found_is_an_answer(client, store):
    """404 means that there is no front cover, and is kept as that."""
    cover_art_archive.ask(client(lambda path, params: (404, "<html>")), [ITEM], store)
    assert store.kept == [("cover_art_archive.front_covers", 404, [ITEM.question], None)]


def test_a_redirect_to_nowhere_is_no_cover(client, store):
    """A redirect without an address is deferred, not kept."""
    for headers in ({}, {"location": "file:///etc/passwd"}, {"location": "/relative"}):
        cover_art_archive.ask(client(lambda path, params, headers=headers: (307, "", headers)), [ITEM], store)
    assert (store.kept, len(store.errors)) == ([], 3)
