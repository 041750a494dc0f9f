"""ListenBrainz' protocol: a hundred ids a request, fifty tracks a look-up."""

import json
from pathlib import Path

import pytest

from ingest.questions import Item, TrackItem
from ingest.sources import listenbrainz

RECORDED = Path(__file__).parents[3] / "../shared/contracts/recorded/listenbrainz/metadata_release_group.doc.json"


def items(count):
    return [Item(f"release_group:{n:036d}", f"{n:036d}") for n in range(count)]


def test_a_hundred_ids_share_a_request(client, store):
    """250 release groups are three requests; each is answered, also those that are missing from the answer."""
    asker = client(lambda path, params: (200, {}))
    listenbrainz.ask(asker, items(250), store)
    assert [len(dict(params)["release_group_mbids"].split(",")) for _, params in asker.asked] == [100, 100, 50]
    assert {dict(params)["inc"] for _, params in asker.asked} == {"artist tag release"}
    assert len(store.answered) == 250


def test_one_bad_id_does_not_spoil_the_others(client, store):
    """A 400 is halved down to the id that causes it."""

    def reply(path, params):
        bad = f"{3:036d}" in dict(params)["release_group_mbids"]
        return (400, {"error": "no"}) if bad else (200, {})

    listenbrainz.ask(client(reply), items(8), store)
    assert sorted(store.answered) == sorted(item.question for item in items(8))
    assert [questions for _, status, questions, _ in store.kept if status == 400] == [[items(4)[3].question]]


def test_a_list_is_no_answer(client, store):
    """JSON of another shape is not taken for "unknown"."""
    listenbrainz.ask(client(lambda path, params: (200, [])), items(1), store)
    assert (store.kept, len(store.errors)) == ([], 1)


def test_the_token_travels_in_a_header_only(client, store):
    """With a token it is sent as ListenBrainz wants it; without one there is no such header."""
    asker = client(lambda path, params: (200, {}))
    listenbrainz.ask(asker, items(1), store, "canary")
    listenbrainz.ask(asker, items(1), store)
    assert asker.headers == [{"Authorization": "Token canary"}, {}]
    assert "canary" not in str(asker.asked)


@pytest.mark.skipif(not RECORDED.exists(), reason="recorded answers lie beside a checkout of the project, not in it")
def test_a_real_answer_is_kept_as_received(client, store):
    """An answer as ListenBrainz documents it is kept letter for letter."""
    text = RECORDED.read_text()
    group = next(iter(json.loads(text)))
    listenbrainz.ask(client(lambda path, params: (200, text)), [Item(f"release_group:{group}", group)], store)
    assert store.kept == [("listenbrainz.release_groups", 200, [f"release_group:{group}"], text)]


def tracks(count):
    return [
        TrackItem(f"lookup:{n}", f"Track {n}", (str(n),), artist="Somebody", album=f"Album {n}") for n in range(count)
    ]


def recordings(params):
    return json.loads(dict(params)["body"])["recordings"]


def test_fifty_tracks_share_a_look_up(client, store):
    """120 albums are three requests, in their order, with the names of one track each; all are answered."""
    asker = client(lambda path, params: (200, [{"index": n} for n, _ in enumerate(recordings(params))]))
    listenbrainz.look_up(asker, tracks(120), store, "canary")
    assert [path for path, _ in asker.asked] == ["/1/metadata/lookup/"] * 3
    assert [len(recordings(params)) for _, params in asker.asked] == [50, 50, 20]
    first = {"recording_name": "Track 0", "artist_name": "Somebody", "release_name": "Album 0"}
    assert recordings(asker.asked[0][1])[0] == first
    assert store.answered == [item.question for item in tracks(120)]
    assert asker.headers[0] == {"Authorization": "Token canary", "Content-Type": "application/json"}
    assert "canary" not in str(asker.asked) + str(store.kept)


def test_no_look_up_is_longer_than_it_may_be(client, store):
    """Names of any length stay within 250 characters together."""
    asker = client(lambda path, params: (200, []))
    long = TrackItem("lookup:long", "t" * 400, ("1",), artist="a" * 120, album="b" * 120)
    listenbrainz.look_up(asker, [long], store, "token")
    assert sum(map(len, recordings(asker.asked[0][1])[0].values())) <= 250


def test_one_bad_look_up_does_not_spoil_the_others(client, store):
    """A 400 is halved down to the track that causes it; an object is no answer."""

    def reply(path, params):
        bad = any(one["recording_name"] == "Track 3" for one in recordings(params))
        return (400, {"error": "no"}) if bad else (200, [])

    listenbrainz.look_up(client(reply), tracks(8), store, "token")
    assert sorted(store.answered) == sorted(item.question for item in tracks(8))
    assert [questions for _, status, questions, _ in store.kept if status == 400] == [["lookup:3"]]
    listenbrainz.look_up(client(lambda path, params: (200, {})), tracks(1), store, "token")
    assert len(store.errors) == 1
