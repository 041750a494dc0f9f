"""ListenBrainz' protocol: a hundred ids a request."""

import json
from pathlib import Path

import pytest

from ingest.questions import Item
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
