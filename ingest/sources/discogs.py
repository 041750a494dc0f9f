"""Discogs, where a library row carries its number: year, genres, styles, credits and cover of a release.

Data flow: library rows with a Discogs id -> `/users/{user}/collection/folders/0/releases`, `/releases/{id}`
-> `discogs.releases`. Run it alone: `python -m ingest discogs --limit 20`.

The owner's collection brings 100 albums a request; only what is not in it is asked for by its number. Without a token
Discogs answers 25 requests a minute instead of 60, and leaves the addresses of images empty.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ingest.errors import GarbledAnswer, Refused
from ingest.questions import Item
from ingest.sources import Asker, Store

PAGE = 100


def probe(client: Asker, token: str | None = None) -> str:
    """Whether Discogs answers us, and how much it grants. Raises Refused for a token that is not valid, other SourceErrors."""
    answer = client.get("/releases/1", headers=_headers(token), accept=(200, 404))
    granted = answer.headers.get("x-discogs-ratelimit")
    words = "answers, the token is valid" if token else "answers, without a token"
    return f"{words}, {granted} requests a minute" if granted else words


def ask_collection(
    client: Asker, user: str, known_pages: Mapping[int, str], store: Store, token: str | None = None
) -> None:
    """Every page of the owner's collection that is not known yet (`known_pages`: number to payload)."""
    page, pages = 1, 1
    while page <= pages:
        if page in known_pages:
            pages = max(pages, _page_count(json.loads(known_pages[page])))
        else:
            found = _ask_page(client, user, page, store, token)
            if found is None:
                return
            pages = max(pages, found)
        page += 1


def _ask_page(client: Asker, user: str, page: int, store: Store, token: str | None) -> int | None:
    """How many pages there are, or None where asking on is of no use."""
    with store.deferring():
        try:
            answer = client.get(
                f"/users/{quote(user, safe='')}/collection/folders/0/releases",
                params=[("page", str(page)), ("per_page", str(PAGE)), ("sort", "added"), ("sort_order", "asc")],
                headers=_headers(token),
                accept=(200, 404),
            )
        except Refused as refusal:
            if refusal.status == 401:
                raise
            return None  # a private collection, and not ours: the releases may still be asked for one by one
        item = Item(f"collection:{user}:{page}", str(page))
        if answer.status == 404:
            store.keep("discogs.releases", answer, [item], None)
            return None
        body = client.json(answer)
        if not isinstance(body, dict) or not isinstance(body.get("releases"), list):
            raise GarbledAnswer("the answer holds no releases", source="discogs", url=answer.url)
        store.keep("discogs.releases", answer, [item], answer.text)
        return _page_count(body)
    return None


def ask_releases(client: Asker, items: Sequence[Item], store: Store, token: str | None = None) -> None:
    """Releases by their number."""
    for item in items:
        with store.deferring():
            answer = client.get(f"/releases/{item.value}", headers=_headers(token), accept=(200, 404))
            if answer.status == 200:
                body = client.json(answer)
                if not isinstance(body, dict) or "id" not in body:
                    raise GarbledAnswer("the answer is no release", source="discogs", url=answer.url)
            store.keep("discogs.releases", answer, [item], answer.text if answer.status == 200 else None)


def _headers(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Discogs token={token}"} if token else {}


def _page_count(body: Any) -> int:
    pages = (body.get("pagination") or {}).get("pages")
    return pages if isinstance(pages, int) and 0 < pages <= 10_000 else 1
