"""MusicBrainz, the first to be asked: which release groups could an album be, and which artists a name.

Data flow: library rows -> `/ws/2/url`, `/ws/2/release-group`, `/ws/2/artist` -> `musicbrainz.urls`, `.release_groups`,
`.artists`. Run it alone: `python -m ingest musicbrainz --limit 20`.

A batch shares one page of 100 hits and one scale of scores: where more is found than a page holds the batch is halved,
and scores are not looked at. Paging is not used, because ties change places between pages.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from ingest.errors import GarbledAnswer
from ingest.questions import AlbumItem, Item
from ingest.sources import Asker, Store, batches, halves

PAGE = 100
URLS_A_REQUEST = 100
PAIRS_A_REQUEST = 25
NAMES_A_REQUEST = 20
LONGEST_PHRASE_BYTES = (
    500  # encoded: a query for one album holds five at most, and has to stay below 6,000 in any script
)
_TOO_MUCH = (400, 414)  # a clause that is not understood, a line that is too long: both are halved
NOBODY = "00000000-0000-4000-8000-000000000000"
_NARROWER = " AND primarytype:album AND status:official"
_SPECIAL = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/])')
_NO_TEXT = re.compile(r"[\x00-\x20\x7f]+")
_WORD = re.compile(r"\w+")


def probe(client: Asker) -> str:
    """One search for an id that is nobody's: whether MusicBrainz answers us. Raises SourceError."""
    answer = client.get("/ws/2/release-group", params=_search_params(f"rgid:({NOBODY})"), accept=(200,))
    _envelope(client, answer, "release-groups")
    return "answers"


def ask_urls(client: Asker, items: Sequence[Item], store: Store) -> None:
    """Which releases the addresses of other sites stand for, up to 100 a request."""
    for batch in batches(items, lambda item: f"resource={item.value}", URLS_A_REQUEST, "&"):
        _ask_urls(client, batch, store)


def _ask_urls(client: Asker, batch: list[Item], store: Store) -> None:
    answer = None
    with store.deferring():
        params = [*(("resource", item.value) for item in batch), ("inc", "release-rels"), ("fmt", "json")]
        answer = client.get("/ws/2/url", params=params, accept=(200, 404, *_TOO_MUCH))
        if answer.status == 200:
            body = client.json(answer)
            if not isinstance(body, dict) or not ("urls" in body or "resource" in body):
                raise GarbledAnswer("the answer holds no addresses", source="musicbrainz", url=answer.url)
        if answer.status not in _TOO_MUCH or len(batch) == 1:
            store.keep("musicbrainz.urls", answer, batch, answer.text if answer.status == 200 else None)
            return
    if answer is not None and answer.status in _TOO_MUCH:
        for half in halves(batch):
            _ask_urls(client, half, store)


def ask_releases(client: Asker, items: Sequence[Item], store: Store) -> None:
    """The release groups of releases (`reid:`), and release groups by their own id (`rgid:`), up to 100 a request."""
    for batch in batches([item for item in items if item.question.startswith("reid:")], _value, PAGE, " "):
        _search_groups(client, batch, store, lambda some: f"reid:({' '.join(map(_value, some))})")
    for batch in batches([item for item in items if item.question.startswith("rgid:")], _value, PAGE, " "):
        _ask_groups(client, batch, store)


def _value(item: Item) -> str:
    return item.value


def _ask_groups(client: Asker, batch: list[Item], store: Store) -> None:
    """The search knows no id that was merged into another; a look-up follows it, and answers under the id that was asked."""
    missing: list[Item] = []
    with store.deferring():
        query = f"rgid:({' '.join(map(_value, batch))})"
        answer = client.get("/ws/2/release-group", params=_search_params(query), accept=(200,))
        hits = _envelope(client, answer, "release-groups")["release-groups"]
        found = {str(hit.get("id")).lower() for hit in hits if isinstance(hit, dict)}
        missing = [item for item in batch if item.value not in found]
        store.keep("musicbrainz.release_groups", answer, [item for item in batch if item.value in found], answer.text)
    for item in missing:
        with store.deferring():
            params = [("inc", "artist-credits releases tags"), ("fmt", "json")]
            answer = client.get(f"/ws/2/release-group/{item.value}", params=params, accept=(200, 400, 404))
            if answer.status == 200 and not isinstance(client.json(answer), dict):
                raise GarbledAnswer("the answer is no release group", source="musicbrainz", url=answer.url)
            store.keep("musicbrainz.release_groups", answer, [item], answer.text if answer.status == 200 else None)


def ask_pairs(client: Asker, items: Sequence[AlbumItem], store: Store, batch_size: int = PAIRS_A_REQUEST) -> None:
    """Search for albums by artist and title, up to 25 a request."""
    for batch in batches(items, pair_clause, min(batch_size, PAIRS_A_REQUEST)):
        _search_groups(client, batch, store, lambda some: " OR ".join(pair_clause(item) for item in some))


def ask_alone(client: Asker, items: Sequence[AlbumItem], store: Store) -> None:
    """Search once more for albums without a candidate, each alone and with looser words."""
    for item in items:
        _search_groups(client, [item], store, lambda some: loose_query(some[0]))


def pair_clause(item: AlbumItem) -> str:
    """`(artist:"…" AND releasegroup:"…")`; for soundtracks and collections also under other credits."""
    who = [f"artist:{_phrase(artist)}" for artist in item.artists]
    if item.is_collective:
        who = [
            "secondarytype:soundtrack",
            "secondarytype:compilation",
            'secondarytype:"dj-mix"',
            'artist:"various artists"',
        ]
    elif item.is_soundtrack:
        who.append("secondarytype:soundtrack")
    credit = who[0] if len(who) == 1 else f"({' OR '.join(who)})"
    return f"({credit} AND releasegroup:{_phrase(item.value)})"


def loose_query(item: AlbumItem) -> str:
    """The artist's words in any order, the title's words in any order, soundtracks and collections under any credit."""
    title = f"releasegroup:{_phrase(item.value)}"
    clauses = []
    artist = item.first_artist
    if artist:
        words = [word for word in _WORD.findall(artist) if word.casefold() not in ("the", "and", "et")][:6]
        if words:
            clauses.append(f"(artist:({_all_of(words)}) AND {title})")
        title_words = [word for word in item.title_words if _WORD.fullmatch(word)]
        unsaid = [word for word in title_words if word not in artist.casefold().split()] or title_words
        if unsaid:
            clauses.append(f"(artist:{_phrase(artist)} AND releasegroup:({_all_of(unsaid[:8])}))")
    if item.is_collective:
        clauses.append(f"({title})")
    else:
        # a soundtrack may stand in the library under the one artist that was heard
        clauses.append(f'({title} AND (secondarytype:soundtrack OR artist:"various artists"))')
    if not _WORD.search(artist):
        clauses.append(f"(artist:{_phrase(artist)} AND {title})" if artist else f"({title})")
    return " OR ".join(dict.fromkeys(clauses))


def ask_names(client: Asker, items: Sequence[Item], store: Store) -> None:
    """Which artists bear a name, up to 20 names a request; a name found among a full page's hits is answered."""
    for batch in batches(items, name_clause, NAMES_A_REQUEST):
        _search_names(client, batch, store)


def name_clause(item: Item) -> str:
    """`artist:"…" OR alias:"…"`."""
    return f"artist:{_phrase(item.value)} OR alias:{_phrase(item.value)}"


def _search_names(client: Asker, batch: list[Item], store: Store) -> None:
    rest: list[Item] = []
    with store.deferring():
        query = " OR ".join(name_clause(item) for item in batch)
        answer = client.get("/ws/2/artist", params=_search_params(query), accept=(200, *_TOO_MUCH))
        if answer.status in _TOO_MUCH:
            if len(batch) == 1:
                store.keep("musicbrainz.artists", answer, batch, None)
            rest = batch if len(batch) > 1 else []
        else:
            body = _envelope(client, answer, "artists")
            if body["count"] > PAGE and len(batch) > 1:
                found = {str(artist.get("name")).casefold() for artist in body["artists"]} | {
                    str(alias.get("name")).casefold()
                    for artist in body["artists"]
                    for alias in artist.get("aliases") or ()
                }
                rest = [item for item in batch if item.value.casefold() not in found]
            store.keep("musicbrainz.artists", answer, [item for item in batch if item not in rest], answer.text)
    for part in halves(rest) if len(rest) > len(batch) // 2 else [rest]:
        if part:
            _search_names(client, part, store)


def _search_groups(
    client: Asker,
    batch: list[AlbumItem] | list[Item],
    store: Store,
    query_of: Callable[[Sequence[Any]], str],
    narrower: str = "",
) -> None:
    is_overflowing = False
    with store.deferring():
        query = query_of(batch)
        query = f"({query}){narrower}" if narrower else query
        answer = client.get("/ws/2/release-group", params=_search_params(query), accept=(200, *_TOO_MUCH))
        if answer.status in _TOO_MUCH:
            is_overflowing = len(batch) > 1
            if not is_overflowing:
                store.keep("musicbrainz.release_groups", answer, batch, None)
        else:
            found = _envelope(client, answer, "release-groups")["count"]
            is_overflowing = found > PAGE and (len(batch) > 1 or not narrower)
            # an answer that was cut is kept, but answers nothing
            store.keep("musicbrainz.release_groups", answer, [] if is_overflowing else batch, answer.text)
    if is_overflowing and len(batch) > 1:
        for half in halves(list(batch)):
            _search_groups(client, half, store, query_of)
    elif is_overflowing:
        _search_groups(client, batch, store, query_of, _NARROWER)


def _envelope(client: Asker, answer: object, name: str) -> dict[str, Any]:
    body = client.json(answer)
    if not isinstance(body, dict) or not isinstance(body.get(name), list) or not isinstance(body.get("count"), int):
        raise GarbledAnswer(f"the answer holds no {name}", source="musicbrainz", url=getattr(answer, "url", None))
    return body


def _search_params(query: str) -> list[tuple[str, str]]:
    return [("query", query), ("limit", str(PAGE)), ("fmt", "json")]


def _phrase(text: str) -> str:
    """The text in quotes; the end of what would be too long is left off, for a phrase is found inside a longer one."""
    text = _NO_TEXT.sub(" ", text).strip()
    while True:
        phrase = '"' + _SPECIAL.sub(r"\\\1", text) + '"'
        if len(quote(phrase, safe="")) <= LONGEST_PHRASE_BYTES:
            return phrase
        text = text.rpartition(" ")[0] or text[:-1]


def _all_of(words: Sequence[str]) -> str:
    # in lower case, because AND, OR and NOT in capitals would be operators
    return " AND ".join(word.lower() for word in words)
