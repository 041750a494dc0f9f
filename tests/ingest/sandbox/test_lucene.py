"""The search syntax, over a handful of documents."""

import pytest

from ingest.sandbox.index import Index
from ingest.sandbox.lucene import BadQueryError, search

TITLES = [
    ("Abbey Road", "The Beatles"), ("OK Computer", "Radiohead"), ("Kid A", "Radiohead"), ("Road Song", "Wes Montgomery"),
    ("Getz/Gilberto", "Stan Getz & João Gilberto"), ("千のナイフ", "坂本龍一"), ("!!!", "!!!"), ("L’Été", "Air"),  # noqa: RUF001
]  # fmt: skip


@pytest.fixture(scope="module")
def index() -> Index:
    made = Index(("releasegroup", "artist", "rgid", "date"), ("releasegroup", "artist"))
    for place, (title, artist) in enumerate(TITLES):
        values = {"releasegroup": [title], "artist": [artist], "rgid": [f"0000-{place}"], "date": [str(1990 + place)]}
        made.add(place, values)
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('releasegroup:"abbey road"', {0}),
        ('releasegroup:"road abbey"', set()),
        ("releasegroup:road", {0, 3}),
        ("releasegroup:abbey road", {0, 3}),  # the second word is unfielded; OR is the default
        ("releasegroup:(abbey computer)", {0, 1}),
        ('(artist:"radiohead" AND releasegroup:"kid a") OR (artist:"beatles" AND releasegroup:"abbey road")', {0, 2}),
        ("artist:radiohead NOT releasegroup:computer", {2}),
        ("artist:radiohead AND NOT releasegroup:computer", {2}),
        ("+artist:radiohead -releasegroup:kid", {1}),
        ("rgid:(0000-1 0000-4)", {1, 4}),
        (r'releasegroup:"Getz\/Gilberto" AND artist:"Stan Getz \& João Gilberto"', {4}),
        (r"releasegroup:Getz\/Gilberto", {4}),
        ("artist:joao", {4}),
        ('releasegroup:"千のナイフ"', {5}),
        (r'artist:"\!\!\!"', {6}),
        ("releasegroup:comp*", {1}),
        ("artist:radiohaed~", {1, 2}),
        ("artist:radiohead^2 AND releasegroup:kid^0.5", {2}),
        ("date:[1991 TO 1992]", {1, 2}),
        ('releasegroup:"l\'ete"', {7}),
        ("nowhere:radiohead", set()),
    ],
)
def test_a_query_finds_what_the_syntax_says(index: Index, query: str, expected: set[int]) -> None:
    """Fields, phrases, groups, operators, escapes, prefixes and ranges mean what they mean in Lucene."""
    assert set(search(index, query)) == expected


@pytest.mark.parametrize("query", ["(artist:a", 'artist:"a', "artist:a AND", "artist:a)", "artist:/a"])
def test_an_unreadable_query_is_refused(index: Index, query: str) -> None:
    """A query that cannot be read raises, and never finds by accident; an unescaped slash alone is a word."""
    if query.endswith("/a"):
        assert search(index, query) == {}
        return
    with pytest.raises(BadQueryError):
        search(index, query)


def test_the_closest_document_weighs_most(index: Index) -> None:
    """More and rarer words in a shorter title weigh more: scores are relative to the best."""
    hits = search(index, "releasegroup:abbey OR releasegroup:road")
    assert max(hits, key=lambda document: hits[document]) == 0
