"""What the catalogue-maker reads of a library: albums with their artists, identifiers and track titles, leniently.

Read-only, through sqlite3; a value of a wrong type counts as absent. Nothing is judged here.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

LONGEST = 300  # characters of a title or name that the catalogue takes over


@dataclass
class LibraryAlbum:
    """One album as the library has it. `discogs` is None unless it is a number, `spotify` None unless it is an album link."""

    id: int
    title: str
    year: int | None
    support: str
    discogs: int | None
    spotify: str | None
    artists: list[str] = field(default_factory=list)
    tracks: list[str] = field(default_factory=list)


def albums(library: Path) -> list[LibraryAlbum]:
    """All albums in the order of their ids. Raises sqlite3.DatabaseError where there is no such table."""
    with closing(_open(library)) as connection:
        found = {}
        query = "select id, title, year, support, discogs_id, spotify_url from albums order by id"
        for ident, title, year, support, discogs, spotify in connection.execute(query):
            if isinstance(ident, int) and _text(title):
                ids = (_number(discogs), _spotify(_text(spotify)))
                found[ident] = LibraryAlbum(ident, _text(title), _year(year), _text(support), *ids)
        query = "select l.album_id, r.name from album_artist l join artists r on r.id = l.artist_id order by l.rowid"
        for ident, name in connection.execute(query):
            if ident in found and _text(name):
                found[ident].artists.append(_text(name))
        for ident, title in connection.execute("select album_id, title from tracks order by id"):
            if ident in found and _text(title):
                found[ident].tracks.append(_text(title))
    return list(found.values())


def artist_names(library: Path) -> list[str]:
    """All artist names in the order of their ids, those without albums too."""
    with closing(_open(library)) as connection:
        rows = connection.execute("select name from artists order by id").fetchall()
    return list(dict.fromkeys(_text(name) for (name,) in rows if _text(name)))


def _open(library: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{library.resolve().as_uri()}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def _text(value: object) -> str:
    return value.replace("\x00", "").strip()[:LONGEST] if isinstance(value, str) else ""


def _year(value: object) -> int | None:
    return value if isinstance(value, int) and 1900 <= value <= 2100 else None


def _number(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 12 else None


def _spotify(url: str) -> str | None:
    name = url.partition("?")[0].rstrip("/").rsplit("/", 1)[-1]
    return name if "/album/" in url and name.isalnum() else None
