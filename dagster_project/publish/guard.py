"""What may be written at all, and is an album still the one that was judged?

Here live those two questions, asked before the first write. What is compared change by change stands in `write.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dagster_project.publish.cells import Cell
from dagster_project.publish.changes import Change, canonical
from dagster_project.publish.target import Database
from ingest.errors import ApplyRefused

WRITABLE: dict[str, set[tuple[str, str | None]]] = {
    "update": {*(("albums", name) for name in ("year", "genre", "ai_description", "image_url")), ("images", "url")},
    "insert": {("images", "url"), ("artists", "name"), ("album_artist", "artist_id")},
    "delete": {("images", None), ("album_artist", "artist_id")},
}


def refuse_unwritable(changes: Sequence[Change]) -> None:
    """Raise ApplyRefused for a change that no rule of ours may make: the rules are at fault, so nothing is written."""
    for change in changes:
        column = None if change.action == "delete" and change.table_name == "images" else change.column_name
        if (change.table_name, column) not in WRITABLE.get(change.action, set()):
            raise ApplyRefused(
                f"{change.action} of {change.table_name}.{change.column_name} is not Sillon's to write",
                where=f"change {change.change_id}",
            )
    if len({change.change_id for change in changes}) != len(changes):
        raise ApplyRefused("two changes have the same id")
    rows = [(change.table_name, canonical(change.row_key), change.column_name) for change in changes]
    if len(set(rows)) != len(rows):
        raise ApplyRefused("two changes concern the same value")


def changed_albums(live: Database, snapshot: Database, changes: Iterable[Change]) -> dict[int | None, str]:
    """The albums of these changes that are not what they were in the snapshot, each with the reason to leave it.

    An id alone is not enough: SQLite gives the id of a deleted album to the next one. To be asked before the first
    write, because our own new links would look like a person's.
    """
    moved: dict[int | None, str] = {}
    for album_id in sorted({change.album_id for change in changes if change.album_id is not None}):
        now, then = _portrait(live, album_id), _portrait(snapshot, album_id)
        if now != then:
            moved[album_id] = "the album is gone" if not now else "the album was edited meanwhile"
    return moved


def _portrait(database: Database, album_id: int) -> list[tuple[Cell | None, ...]]:
    albums, links, artists = (database.table(name) for name in ("albums", "album_artist", "artists"))
    if albums is None:
        return []
    found = database.rows(albums, {"id": Cell.of(album_id)}, columns=("title", "created_at"))
    portrait: list[tuple[Cell | None, ...]] = [(row.get("title"), row.get("created_at")) for row in found]
    if not found or links is None:
        return portrait
    for link in database.rows(links, {"album_id": Cell.of(album_id)}, limit=-1, columns=("artist_id",)):
        names = database.rows(artists, {"id": link["artist_id"]}, columns=("name",)) if artists else []
        portrait.append((link["artist_id"], *(row["name"] for row in names)))
    return [*portrait[: len(found)], *sorted(portrait[len(found) :], key=repr)]
