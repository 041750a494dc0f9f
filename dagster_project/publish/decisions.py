"""What a person decided by undoing or by editing: kept, so that it is not proposed again until it is lifted.

Here live those two kinds of decision and their lifting. An undo needs no line of its own: the ledger says it. Edits and
liftings are lines in `<data>/ledger/decisions.jsonl`. What the person wrote into `decisions.csv` is read elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagster_project.publish.book import DECISIONS, Ledger, append_lines
from dagster_project.publish.cells import to_json
from dagster_project.publish.changes import Entry
from dagster_project.publish.durable import one_line
from dagster_project.publish.swap import identity, key_of
from dagster_project.publish.target import Database, frozen
from ingest.clock import Clock
from ingest.errors import ApplyRefused

# What a person calls the columns: the words of --field, of `decisions.csv` and of the table `sillon.decisions`.
FIELDS = {
    ("albums", "year"): "year",
    ("albums", "genre"): "genre",
    ("albums", "ai_description"): "description",
    ("albums", "image_url"): "image",
    ("images", "url"): "image",
    ("images", None): "image",
    ("artists", "name"): "artists",
    ("album_artist", "artist_id"): "artists",
}


@dataclass(frozen=True)
class Decision:
    """A row of `sillon.decisions`: this field of this album stays as it is. `origin` is `undo` or `edited`."""

    album_id: int | None
    artist: str | None
    field: str
    decision: str
    value: str | None
    decided_at: str
    origin: str

    @property
    def place(self) -> tuple[int | None, str]:
        return self.album_id, self.field


def field_of(entry: Entry) -> str:
    """The field that an entry is about, in a person's words."""
    return FIELDS.get((entry.table_name, entry.column_name), entry.column_name or entry.table_name)


def decisions(book: Path | Ledger) -> list[dict[str, Any]]:
    """Every decision that holds, as rows for `sillon.decisions`, ordered by album and field."""
    found = {one.place: one for _, one in _made(Ledger.of(book))}
    return [asdict(one) for one in sorted(found.values(), key=lambda one: (one.album_id or 0, one.field))]


def lift(folder: Path, album_id: int, field: str, clock: Clock) -> bool:
    """Let a field of an album be proposed again. Returns whether there was a decision to lift. Raises DiskFull."""
    causes = [entry_id for entry_id, one in _made(Ledger(folder)) if one.place == (album_id, field)]
    if causes:
        line = {"kind": "lift", "album_id": album_id, "field": field, "at": _text(clock.now()), "entries": causes}
        _append(folder, [line])
    return bool(causes)


def _made(ledger: Ledger) -> list[tuple[str, Decision]]:
    """Decisions that hold, each with the entry that is its cause: an undo, or a value that was edited."""
    lines = _lines(ledger.folder)
    lifted = {entry_id for line in lines if line["kind"] == "lift" for entry_id in line["entries"]}
    made = [*_edits(lines), *_undos(ledger)]
    return [(entry_id, one) for entry_id, one in made if entry_id not in lifted]


def _edits(lines: Iterable[dict[str, Any]]) -> Iterable[tuple[str, Decision]]:
    for line in lines:
        if line["kind"] == "edited":
            one = Decision(line["album_id"], None, line["field"], "lock", None, line["at"], "edited")
            yield line["entry_id"], one


def _undos(ledger: Ledger) -> Iterable[tuple[str, Decision]]:
    for entry in ledger.entries():
        if entry.state == "applied" and entry.album_id is not None and ledger.takes_back(entry):
            one = Decision(entry.album_id, None, field_of(entry), "lock", None, _text(entry.applied_at), "undo")
            yield entry.entry_id, one


def remember_edits(book: Path | Ledger, snapshot: Path, library: Path, clock: Clock) -> list[dict[str, Any]]:
    """Find the values of ours in the library that a person altered or emptied since, and keep that as decisions.

    Args:
        book: the ledger, or its folder.
        snapshot: the library as it is now.
        library: the library itself; named in the rows that are returned.
        clock: gives the moment of the decision.

    Returns one row per edit found for the first time: entry_id, album_id, field, ours, now. An edit is found once: after
    its decision was lifted it is not found again.
    """
    ledger = Ledger.of(book)
    known = {line["entry_id"] for line in _lines(ledger.folder) if line["kind"] == "edited"}
    with frozen(snapshot) as now:
        edits = [edit for edit in find_edited(now, ledger) if edit["entry_id"] not in known]
    moment = _text(clock.now())
    if edits:
        _append(ledger.folder, [{"kind": "edited", "at": moment, **edit} for edit in edits])
    return [{**edit, "library": str(library)} for edit in edits]


def find_edited(library: Database, ledger: Ledger) -> list[dict[str, Any]]:
    """The newest entries in place whose value the library no longer has, though their album is still there."""
    newest: dict[tuple[str, str, str], Entry] = {}
    for entry in ledger.entries():
        if entry.target != "in_place" or entry.state != "applied":
            continue
        if entry.action == "delete":  # what Sillon itself removed since, nobody edited
            newest.pop(_place(entry), None)
        else:
            newest[_place(entry)] = entry
    # What was taken back is a decision already.
    ours = (entry for entry in newest.values() if not ledger.takes_back(entry))
    return [edit for entry in ours for edit in _edited(library, entry)]


def _place(entry: Entry) -> tuple[str, str, str]:
    """Which value an entry is about: table, row and column."""
    key = identity(entry.table_name, entry.after or entry.before)
    row = entry.row_key if entry.action == "update" else to_json(key)
    return entry.table_name, row, entry.column_name or "url"


def _edited(library: Database, entry: Entry) -> list[dict[str, Any]]:
    table, albums = library.table(entry.table_name), library.table("albums")
    if table is None or albums is None or entry.album_id is None or entry.table_name == "artists":
        return []  # an artist's name belongs to no one album
    found = library.rows(albums, key_of(json.dumps({"id": entry.album_id})))
    if len(found) != 1:
        return []
    if entry.action == "update":
        rows = library.rows(table, key_of(entry.row_key))
        if entry.table_name == "albums" and rows[0].get("created_at") != entry.after.get("created_at"):
            return []  # another album has taken the id
    else:
        rows = library.rows(table, identity(entry.table_name, entry.after))
    value = rows[0].get(str(entry.column_name)) if rows else None
    if value == entry.new:
        return []
    return [
        {
            "entry_id": entry.entry_id,
            "album_id": entry.album_id,
            "field": field_of(entry),
            "ours": entry.new_value,
            "now": value.text if value else None,
        }
    ]


def _append(folder: Path, lines: list[dict[str, Any]]) -> None:
    with one_line(folder, ApplyRefused, "writing the decisions"):
        folder.mkdir(parents=True, exist_ok=True)
        append_lines(folder / DECISIONS, lines)


def _lines(folder: Path) -> list[dict[str, Any]]:
    path = folder / DECISIONS
    if not path.exists():
        return []
    found = []
    for text in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            found.append(json.loads(text))
        except ValueError:  # cut short by a crash: the edit is found again
            continue
    return found


def _text(moment: datetime | None) -> str:
    if moment is None:
        return ""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.strftime("%Y-%m-%d %H:%M:%S")
