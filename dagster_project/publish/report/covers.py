"""The sheet of covers found: pictures of the sandbox inside the page, discs drawn from the title for those on the web.

Here lives the choice of what goes into the page; nothing is fetched.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from dagster_project.publish.report.display import clean, hue, initials, safe_link
from dagster_project.publish.report.facts import ReportFacts
from dagster_project.publish.report.gains import Gain

MOST_TILES = 240
MOST_PICTURE_BYTES = 450_000  # 600 kB in base64: with 500 changes the page stays below 1.5 MB
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Tile:
    """A cover on the sheet: `picture` is a data: address, or None for a disc of `hue` with `initials`."""

    title: str
    artist: str
    link: str | None
    source: str
    picture: str | None
    hue: int
    initials: str


def tiles(facts: ReportFacts, covers: Iterable[Gain]) -> list[Tile]:
    """One tile per album with a new cover, in the order of their titles, at most `MOST_TILES`."""
    room = MOST_PICTURE_BYTES
    sheet: list[Tile] = []
    seen: set[tuple[int | None, str]] = set()
    for gain in sorted(
        covers, key=lambda one: (clean(one.artist).casefold(), clean(one.title).casefold(), one.album_id or 0)
    ):
        if gain.new is None or (gain.album_id, gain.new) in seen or len(sheet) >= MOST_TILES:
            continue
        seen.add((gain.album_id, gain.new))
        picture = _picture(facts, gain.new, room)
        room -= len(picture) if picture else 0
        title = clean(gain.title, 90)
        sheet.append(
            Tile(
                title=title,
                artist=clean(gain.artist, 90),
                link=safe_link(gain.new),
                source=gain.source,
                picture=f"data:image/png;base64,{b64encode(picture).decode()}" if picture else None,
                hue=hue(f"{title} {gain.artist}"),
                initials=initials(title),
            )
        )
    return sheet


def _picture(facts: ReportFacts, url: str, room: int) -> bytes | None:
    picture = facts.picture_of(url) if facts.picture_of else None
    return picture if picture and picture.startswith(_PNG) and len(picture) <= room else None
