"""Two ways in which other programs fill the holes of a library, in their smallest faithful form, for `floor.py`.

*Look-ups*: one search an album, then a look-up of each of five hits, a request a second; the hit most like the album is taken
if it is like it enough. *Unpaced*: the first hit of a search without quotes and its cover, as fast as the network carries; a
refusal counts as nothing found. Both ask the sandbox that Sillon asks, and are judged by the same truth.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import httpx

LOOK_UPS = 5
LIKE_ENOUGH = 0.8
SECONDS_A_REQUEST = 1.0


@dataclass(frozen=True)
class Album:
    """What a peer knows of an album."""

    album_id: int
    title: str
    artist: str


@dataclass
class Found:
    """What a peer did: release group by album, and the seconds it took."""

    groups: dict[int, str]
    seconds: float


def look_ups(albums: Iterable[Album], base_urls: dict[str, str]) -> Found:
    """One search and five look-ups an album, a request a second."""
    with httpx.Client(base_url=base_urls["musicbrainz"], headers=_AGENT) as client:
        last = [0.0]

        def get(path: str, **params: str) -> dict[str, Any]:
            time.sleep(max(0.0, last[0] + SECONDS_A_REQUEST - time.monotonic()))
            last[0] = time.monotonic()
            answer = client.get(path, params={**params, "fmt": "json"})
            return answer.json() if answer.status_code == 200 else {}

        def resolve(album: Album) -> str | None:
            query = f'artist:"{album.artist}" AND releasegroup:"{album.title}"'
            hits = get("/ws/2/release-group", query=query, limit=str(LOOK_UPS)).get("release-groups", [])
            looked = [get(f"/ws/2/release-group/{hit['id']}", inc="artist-credits") for hit in hits[:LOOK_UPS]]
            best = max(looked, key=lambda group: _likeness(album, group), default={})
            return best.get("id") if best and _likeness(album, best) >= LIKE_ENOUGH else None

        return _all(albums, resolve)


def unpaced(albums: Iterable[Album], base_urls: dict[str, str]) -> Found:
    """Two requests an album, one after the other without a pause."""
    with httpx.Client(headers=_AGENT) as client:

        def resolve(album: Album) -> str | None:
            query = f"{album.artist} {album.title}"
            answer = client.get(
                base_urls["musicbrainz"] + "/ws/2/release-group", params={"query": query, "limit": "1", "fmt": "json"}
            )
            hits = answer.json().get("release-groups", []) if answer.status_code == 200 else []
            if hits:
                client.get(base_urls["cover_art_archive"] + f"/release-group/{hits[0]['id']}/front-500")
            return hits[0]["id"] if hits else None

        return _all(albums, resolve)


_AGENT = {"User-Agent": "peer/1.0 ( bench@example.org )"}


def _all(albums: Iterable[Album], resolve: Callable[[Album], str | None]) -> Found:
    started = time.monotonic()
    found = {album.album_id: resolve(album) for album in albums}
    return Found({album: group for album, group in found.items() if group}, time.monotonic() - started)


def _likeness(album: Album, group: dict[str, Any]) -> float:
    if not group:
        return 0.0
    credit = "".join(one["name"] + (one.get("joinphrase") or "") for one in group.get("artist-credit", []))
    pairs = ((album.title, group["title"]), (album.artist, credit))
    return min(SequenceMatcher(None, ours.casefold(), theirs.casefold()).ratio() for ours, theirs in pairs)
