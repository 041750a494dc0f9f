"""Tonight's changes as a person counts them: one gain per album and field, however many cells of the library it took.

Here lives the grouping of rows of `library_changes`; how gains look is the business of `page.py` and `markdown.py`.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dagster_project.publish.decisions import FIELDS
from dagster_project.publish.report.facts import ReportFacts, Row

ORDER = ("image", "year", "genre", "artists", "description")


@dataclass(frozen=True, slots=True)
class Gain:
    """One field of one album. `old` is None where it was empty, `new` where it is emptied. `changes` are cells written.

    `is_new` is false for what an earlier night wrote first and the copy still holds. `undo` is a command, or None where
    nothing was written.
    """

    field: str
    album_id: int | None
    title: str | None
    artist: str | None
    old: str | None
    new: str | None
    source: str
    url: str | None
    confidence: float | None
    rule: str
    runner_up: str | None
    fetched_at: datetime | None
    changes: int
    is_new: bool
    undo: str | None


def field_of(row: Row) -> str:
    """The field that a change is about, in a person's words."""
    table, column = str(row["table_name"]), row["column_name"]
    return FIELDS.get((table, column), column or table)


def gains(facts: ReportFacts) -> dict[str, list[Gain]]:
    """Field to its gains, tonight's first, the least sure first among them."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in facts.changes:
        if row["table_name"] != "artists":  # an act that is new to the library is told with the albums it plays on
            field = field_of(row)
            groups[field, row["album_id"], _one_gain(field, row)].append(row)
    found: dict[str, list[Gain]] = defaultdict(list)
    for (field, _, _), rows in groups.items():
        found[field].append(_gain(field, rows, facts))
    known = [field for field in ORDER if field in found]
    return {field: sorted(found[field], key=_least_sure_first) for field in [*known, *sorted(set(found) - set(known))]}


def new_artists(facts: ReportFacts) -> list[str]:
    """The names of acts that the library did not have."""
    names = {
        row["new_value"]
        for row in facts.changes
        if row["table_name"] == "artists"
        and row["action"] == "insert"
        and row.get("run_id", facts.run_id) == facts.run_id
    }
    return sorted(name for name in names if name)


def undo_command(run_id: str, album_id: int | None, field: str, option: str) -> str:
    """The command that takes a gain back; `option` is what it must be told to find the folders."""
    album = f" --album {album_id}" if album_id is not None else ""
    return f"sillon undo {run_id}{album} --field {field}{option}"


def _one_gain(field: str, row: Row) -> Any:
    """What the rows of one gain have in common: the links of a split, the two places that a cover is written to."""
    if field == "artists":
        return row["group_id"]
    return (row["old_value"], row["new_value"]) if field == "image" else row["change_id"]


def _gain(field: str, rows: Sequence[Row], facts: ReportFacts) -> Gain:
    first = rows[0]
    album = facts.albums.get(first["album_id"]) or {}
    old, new = _credits(rows, facts.artist_names, album.get("artist")) if field == "artists" else _values(rows)
    run_id = first.get("run_id") or facts.run_id
    is_written = not facts.dry_run
    return Gain(
        field=field,
        album_id=first["album_id"],
        title=album.get("title"),
        artist=album.get("artist"),
        old=old,
        new=new,
        source=first["source"],
        url=next((row["evidence_url"] for row in rows if row["evidence_url"]), None),
        confidence=min((row["confidence"] for row in rows if row["confidence"] is not None), default=None),
        rule=first["rule"],
        runner_up=first.get("runner_up") if field != "artists" else None,
        fetched_at=first.get("fetched_at"),
        changes=len(rows),
        is_new=run_id == facts.run_id,
        undo=undo_command(run_id, first["album_id"], field, facts.option) if is_written else None,
    )


def _values(rows: Sequence[Row]) -> tuple[str | None, str | None]:
    old = next((row["old_value"] for row in rows if row["old_value"]), None)
    new = next((row["new_value"] for row in rows if row["new_value"]), None)
    return old, new


def _credits(rows: Sequence[Row], names: Mapping[int, str], artists: str | None) -> tuple[str | None, str | None]:
    """The joined name that goes and its acts, in its order: those that come and those that were linked already."""
    going = ", ".join(filter(None, (_name_of(row, names) for row in rows if row["action"] == "delete")))
    coming = [row["new_value"] for row in rows if row["action"] == "insert" and row["new_value"]]
    there = [name for name in (artists or "").split(", ") if name and _place_in(going, name) is not None]
    acts = sorted(dict.fromkeys([*coming, *there]), key=lambda name: (_place_in(going, name) or 0, name))
    return going or None, " · ".join(acts) or None


def _place_in(joined: str, name: str) -> int | None:
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", joined, re.IGNORECASE)
    return found.start() if found else None


def _name_of(row: Row, names: Mapping[int, str]) -> str:
    try:
        artist_id = json.loads(row["row_key"])["artist_id"]
    except (ValueError, KeyError, TypeError):
        return row["old_value"] or ""
    return names.get(artist_id) or row.get("runner_up") or f"#{artist_id}"


def _least_sure_first(gain: Gain) -> tuple[Any, ...]:
    sure = 1.0 if gain.confidence is None else gain.confidence
    return (not gain.is_new, sure, (gain.title or "").casefold(), gain.album_id or 0, gain.new or "")
