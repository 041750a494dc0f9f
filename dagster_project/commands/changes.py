"""Changes as a person reads them: the album, the field, old and new, and who says so.

Here live the words and the rows of that table, for changes that would be made and for those of the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

HEADS = ("album", "field", "change", "source", "rule", "sure")

_PROPOSED = """
    select
        changes.album_id, albums.title, albums.artist, changes.action, changes.table_name, changes.column_name,
        changes.row_key, changes.old_value, changes.new_value, changes.source, changes.rule, changes.confidence,
        changes.runner_up, changes.evidence_url
    from library_changes as changes
    left join albums on changes.album_id = albums.album_id
    order by changes.album_id nulls last, changes.table_name, changes.column_name, changes.change_id
"""
_TITLES = "select album_id, title, artist from albums"
_NAMES = "select artist_id, name from artists where artist_id is not null"


def proposed(data: Path) -> list[dict[str, Any]]:
    """Every change of the mart `library_changes`, each with its album's title and its field in a person's words."""
    from dagster_project.commands.shelf import opened

    with opened(data) as shelf:
        return [{"field": field_of(row), **row} for row in shelf.rows(_PROPOSED)]


def known_names(data: Path) -> tuple[dict[int, str], dict[int, str]]:
    """Album id to artist and title, and artist id to name, as far as the marts know them; empty where none was built."""
    from dagster_project.commands.shelf import opened
    from ingest.errors import SillonError

    try:
        with opened(data) as shelf:
            albums = {row["album_id"]: named(row) for row in shelf.rows(_TITLES)}
            return albums, {row["artist_id"]: row["name"] for row in shelf.rows(_NAMES)}
    except SillonError:
        return {}, {}


def field_of(row: Mapping[str, Any]) -> str:
    """The field that a change is about: year, genre, description, image or artists."""
    from dagster_project.publish.decisions import FIELDS

    return FIELDS.get((row["table_name"], row["column_name"]), str(row["column_name"] or row["table_name"]))


def named(row: Mapping[str, Any]) -> str:
    """An album in a few words."""
    return " — ".join(str(part) for part in (row.get("artist"), row.get("title")) if part) or "?"


def album_words(album_id: int | None, name: str | None) -> str:
    """An album with the id by which every verb takes it."""
    return "" if album_id is None else f"{album_id} {name or ''}".strip()


def value_words(row: Mapping[str, Any], artists: Mapping[int, str] | None = None) -> str:
    """Old and new of one change; what is inserted or removed says so by its sign. `artists` names the ids of links."""
    old, new = row["old_value"], row["new_value"]
    if row["column_name"] == "artist_id":
        old, new = (_artist(value, artists or {}, row.get("runner_up")) for value in (old, new))
    if row["action"] == "insert":
        return f"+ {new}"
    if row["action"] == "delete":
        return f"- {old or row['row_key']}"
    return f"{old if old not in (None, '') else '∅'} → {new if new is not None else '∅'}"


def _artist(value: str | None, artists: Mapping[int, str], otherwise: str | None) -> str | None:
    """The name behind an artist's id; a name, which is no known id, stays itself."""
    if value is None or not value.lstrip("-").isdigit():
        return value
    return artists.get(int(value)) or otherwise or f"#{value}"


def told(row: Mapping[str, Any]) -> tuple[object, ...]:
    """A row of the table under `HEADS`, from a row of `proposed`."""
    sure = "" if row["confidence"] is None else f"{row['confidence']:.2f}"
    name = named(row) if row["title"] or row["artist"] else None
    return album_words(row["album_id"], name), row["field"], value_words(row), row["source"], row["rule"], sure
