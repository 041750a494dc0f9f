"""MusicBrainz' protocol: batches, escapes, halving, looser words."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from ingest.errors import LoadShed, Refused
from ingest.questions import AlbumItem, Item
from ingest.sources import musicbrainz

RECORDED = Path(__file__).parents[3] / "../shared/contracts/recorded/musicbrainz"


def album(number, title="Blackstar", artist="David Bowie", **more):
    return AlbumItem(
        f"pair:{artist}|{title}|{number}",
        title,
        (str(number),),
        artists=(artist,) if artist else (),
        first_artist=artist,
        title_words=tuple(title.lower().split()),
        **more,
    )


def nothing(path, params):
    return 200, {"count": 0, "release-groups": [], "artists": [], "urls": []}


def queries(client):
    return [dict(params)["query"] for _, params in client.asked]


def test_pairs_go_out_together_and_stay_short(client, store):
    """25 pairs a request at most, never more than 6,000 encoded bytes, every pair asked once."""
    asker = client(nothing)
    items = [album(n, title="Ö" * (n % 90 + 1)) for n in range(120)]
    musicbrainz.ask_pairs(asker, items, store)
    assert sorted(store.answered) == sorted(item.question for item in items)
    assert all(len(quote(query, safe="")) <= 6_000 for query in queries(asker))
    assert all(query.count("releasegroup:") <= 25 for query in queries(asker))
    assert all(dict(params)["limit"] == "100" for _, params in asker.asked)


@pytest.mark.parametrize("word", ["\U00010330" * 30, "\U0001f3a7" * 30, "千のナイフ" * 6, "a?" * 15])
def test_one_album_stays_short_in_any_script(client, store, word):
    """Names of the longest kind, in letters that take twelve bytes each: asked for by their beginning, under 6,000 bytes."""
    name = " ".join([word] * 4)[:120]
    asker = client(nothing)
    for more in ({}, {"is_collective": True}, {"is_soundtrack": True}):
        musicbrainz.ask_pairs(asker, [album(1, name, name, **more)], store)
        musicbrainz.ask_alone(asker, [album(2, name, name, **more)], store)
    musicbrainz.ask_names(asker, [Item(f"name:{name}", name * 2)], store)
    assert len(asker.asked) == 7
    assert all(len(quote(query, safe="")) <= 6_000 for query in queries(asker))


def test_query_syntax_in_a_title_is_only_text(client, store):
    """D3: quotes, brackets, slashes, backslashes and controls cannot change a query."""
    asker = client(nothing)
    musicbrainz.ask_pairs(asker, [album(1, title='a" OR *:* /x/ \\ (b)\n\x00[c] AND d')], store)
    query = queries(asker)[0]
    assert query == ('(artist:"David Bowie" AND releasegroup:"a\\" OR \\*\\:\\* \\/x\\/ \\\\ \\(b\\) \\[c\\] AND d")')


def test_a_full_page_is_halved_until_it_is_none(client, store):
    """More hits than a page holds: the batch is halved; the cut answers answer nothing, the whole ones everything."""

    def reply(path, params):
        pairs = dict(params)["query"].count("releasegroup:")
        return 200, {"count": pairs * 30, "release-groups": []}

    asker = client(reply)
    items = [album(n) for n in range(16)]
    musicbrainz.ask_pairs(asker, items, store)
    assert sorted(store.answered) == sorted(item.question for item in items)
    whole = [query for query in queries(asker) if query.count("releasegroup:") * 30 <= 100]
    assert len([questions for _, _, questions, _ in store.kept if questions]) == len(whole)


def test_a_single_pair_that_fills_the_page_is_narrowed_once(client, store):
    """One pair with more than 100 hits is asked again among official albums, and that answer is taken."""
    asker = client(lambda path, params: (200, {"count": 500, "release-groups": []}))
    musicbrainz.ask_pairs(asker, [album(1, title="Live")], store)
    first, second = queries(asker)
    assert second == f"({first}) AND primarytype:album AND status:official"
    assert [questions for _, _, questions, _ in store.kept] == [[], [album(1, title="Live").question]]


def test_a_bad_question_costs_only_itself(client, store):
    """A 400 on a batch is halved down to the pair that causes it; the others are answered."""

    def reply(path, params):
        return (400, {"error": "no"}) if "bad" in dict(params)["query"] else (200, {"count": 0, "release-groups": []})

    asker = client(reply)
    musicbrainz.ask_pairs(asker, [album(n, title="bad" if n == 5 else "good") for n in range(8)], store)
    assert len(store.answered) == 8
    assert [(status, len(questions), payload) for _, status, questions, payload in store.kept if status == 400] == [
        (400, 1, None)
    ]


def test_no_answer_is_kept_as_none(client, store):
    """A batch that is shed is noted and not kept; the next batch is asked all the same; a refusal ends the asking."""
    asker = client(lambda path, params: (503, LoadShed()))
    musicbrainz.ask_pairs(asker, [album(n) for n in range(60)], store)
    assert (len(asker.asked), store.kept, len(store.errors)) == (3, [], 3)
    with pytest.raises(Refused):
        musicbrainz.ask_pairs(client(lambda path, params: (403, Refused())), [album(1)], store)


def test_an_answer_of_another_shape_is_no_answer(client, store):
    """N13: JSON that holds no release groups is not taken for "nothing found"."""
    for body in ({"error": "busy"}, [], {"count": 1}, {"count": "1", "release-groups": []}, None):
        musicbrainz.ask_pairs(client(lambda path, params, body=body: (200, body)), [album(1)], store)
    assert store.kept == []
    assert len(store.errors) == 5


def test_identifiers_go_out_a_hundred_at_a_time(client, store):
    """Addresses of releases share a request, as many as its length allows; so do release ids."""
    asker = client(nothing)
    urls = [f"https://open.spotify.com/album/{n:022d}" for n in range(200)]
    musicbrainz.ask_urls(asker, [Item(f"url:{url}", url) for url in urls], store)
    assert all(path == "/ws/2/url" and ("inc", "release-rels") in params for path, params in asker.asked)
    assert [sum(name == "resource" for name, _ in params) for _, params in asker.asked] == [77, 77, 46]
    ids = [f"00000000-0000-4000-8000-{n:012d}" for n in range(150)]
    asker = client(lambda path, params: (200, {"count": 1, "release-groups": [{"id": ids[0]}]}))
    musicbrainz.ask_releases(asker, [Item(f"reid:{one}", one) for one in ids] + [Item(f"rgid:{ids[0]}", ids[0])], store)
    assert [query.split(":")[0] for query in queries(asker)] == ["reid", "reid", "rgid"]
    assert len(store.answered) == 200 + 151


def test_a_merged_group_is_followed(client, store):
    """What the search does not find by its id is looked up, for the id may have been merged; 404 is an answer."""

    def reply(path, params):
        if path == "/ws/2/release-group":
            return 200, {"count": 1, "release-groups": [{"id": "ID-0".lower()}]}
        return (200, {"id": "new"}) if path.endswith("id-1") else (404, {"error": "Not Found"})

    asker = client(reply)
    musicbrainz.ask_releases(asker, [Item(f"rgid:id-{n}", f"id-{n}") for n in range(3)], store)
    assert [path for path, _ in asker.asked] == [
        "/ws/2/release-group", "/ws/2/release-group/id-1", "/ws/2/release-group/id-2",
    ]  # fmt: skip
    assert [(status, questions) for _, status, questions, _ in store.kept] == [
        (200, ["rgid:id-0"]),
        (200, ["rgid:id-1"]),
        (404, ["rgid:id-2"]),
    ]


def test_an_address_that_nobody_knows_is_an_answer(client, store):
    """One address alone is answered 404 where it is unknown: kept, with nothing found."""
    musicbrainz.ask_urls(client(lambda path, params: (404, {"error": "Not Found"})), [Item("url:u", "u")], store)
    assert store.kept == [("musicbrainz.urls", 404, ["url:u"], None)]


def test_looser_words_drop_what_may_differ():
    """Asked alone: the artist's words and the title's words in any order, soundtracks under any credit."""
    words = ("beatles", "1962", "1966")
    item = AlbumItem("alone:x", "The Beatles 1962-1966", ("1",), ("The Beatles",), "The Beatles", words)
    query = musicbrainz.loose_query(item)
    assert '(artist:"The Beatles" AND releasegroup:(1962 AND 1966))' in query
    assert "artist:(beatles)" in query
    assert "secondarytype:soundtrack" in query
    collection = musicbrainz.loose_query(album(2, title="Lost Highway", artist="", is_collective=True))
    assert collection == '(releasegroup:"Lost Highway")'


def test_an_act_of_signs_only_is_still_asked_for():
    """ "!!!" has no word to search for; it goes out as an escaped phrase, never as an empty query."""
    query = musicbrainz.loose_query(album(1, title="???", artist="!!!"))
    assert query.endswith('(artist:"\\!\\!\\!" AND releasegroup:"\\?\\?\\?")')


def test_words_that_are_operators_are_lower_case():
    """A band called OR NOT does not turn into syntax."""
    query = musicbrainz.loose_query(album(1, title="AND", artist="OR NOT"))
    assert "artist:(or AND not)" in query


def test_names_found_on_a_full_page_are_not_asked_again(client, store):
    """A page of 100 that holds a name answers it; only the other names go out again, in halves."""

    def reply(path, params):
        query = dict(params)["query"]
        names = [name for name in ("Air", "Yes", "Nobody", "Noone") if f'artist:"{name}"' in query]
        hits = [{"id": name, "name": name.upper()} for name in names if not name.startswith("No")]
        return 200, {"count": 300 if len(names) > 2 else 2, "artists": hits}

    asker = client(reply)
    musicbrainz.ask_names(asker, [Item(f"name:{name}", name) for name in ("Air", "Yes", "Nobody", "Noone")], store)
    assert [questions for _, _, questions, _ in store.kept] == [["name:Air", "name:Yes"], ["name:Nobody", "name:Noone"]]


@pytest.mark.skipif(not RECORDED.exists(), reason="recorded answers lie beside a checkout of the project, not in it")
def test_real_answers_are_kept_as_received(client, store):
    """A search and a look-up as MusicBrainz wrote them are understood, and kept letter for letter."""
    search = (RECORDED / "search_release_group.writer.json").read_text()
    musicbrainz.ask_pairs(client(lambda path, params: (200, search)), [album(1)], store)
    lookup = (RECORDED / "lookup_url.live2019.json").read_text()
    resource = json.loads(lookup)["resource"]
    musicbrainz.ask_urls(client(lambda path, params: (200, lookup)), [Item(f"url:{resource}", resource)], store)
    assert [payload for *_, payload in store.kept] == [search, lookup]
    assert store.errors == []
