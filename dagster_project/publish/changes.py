"""The words of the ledger: a change to make, an entry of what became of it, a batch of entries.

Here live their fields. How they are kept is in `ledger.py`, how a change is made in `write.py`.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from sys import intern
from typing import Any

import duckdb

from dagster_project.publish.cells import Cell, compact_json, from_json
from ingest.errors import ApplyRefused

# The same few words in thousands of changes: kept once each. Three million changes fit into memory by that.
SAID_OFTEN = (
    *("run_id", "target", "target_path", "action", "table_name", "column_name", "old_type", "new_type", "feature"),
    *("source", "rule", "state", "reason"),
)
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the mart `library_changes`. `row_key` is the JSON object that finds the row; `fetched_at` is UTC."""

    change_id: str
    group_id: str
    action: str
    table_name: str
    row_key: str
    column_name: str | None
    old_value: str | None
    new_value: str | None
    album_id: int | None = None
    feature: str | None = None
    source: str | None = None
    evidence_url: str | None = None
    fetched_at: datetime | None = None
    confidence: float | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of `sillon.applied_changes`: a change with what was there before and what is there after.

    `row_before` and `row_after` are JSON objects: for an update the column that changed, with `created_at` and
    `updated_at`; for an insert or a delete the whole row. Times are UTC without a zone.
    """

    entry_id: str
    run_id: str
    change_id: str
    group_id: str
    target: str
    target_path: str
    action: str
    table_name: str
    row_key: str
    column_name: str | None
    old_value: str | None
    old_type: str | None
    new_value: str | None
    new_type: str | None
    row_before: str | None
    row_after: str | None
    album_id: int | None
    feature: str | None
    source: str | None
    rule: str | None
    confidence: float | None
    evidence_url: str | None
    fetched_at: datetime | None
    state: str
    reason: str | None
    undoes: str | None
    applied_at: datetime | None

    def as_row(self) -> dict[str, Any]:
        """The entry by the names of its columns."""
        return dict(zip(ENTRY_COLUMNS, _values(self), strict=True))

    @property
    def before(self) -> dict[str, Cell]:
        return from_json(self.row_before) if self.row_before else {}

    @property
    def after(self) -> dict[str, Cell]:
        return from_json(self.row_after) if self.row_after else {}

    @property
    def old(self) -> Cell:
        return Cell.from_text(self.old_value, self.old_type)

    @property
    def new(self) -> Cell:
        return Cell.from_text(self.new_value, self.new_type)

    @property
    def counted_as(self) -> str:
        """The name under which reports count it: `<table>.<column>`."""
        return f"{self.table_name}.{self.column_name or 'url'}"


_CHANGE_COLUMNS = tuple(field.name for field in fields(Change))
_OFTEN_AT = frozenset(at for at, name in enumerate(_CHANGE_COLUMNS) if name in SAID_OFTEN)
ENTRY_COLUMNS = tuple(field.name for field in fields(Entry))
_values = attrgetter(*ENTRY_COLUMNS)


@dataclass(frozen=True, slots=True)
class Batch:
    """One transaction. `fingerprint` is the sha256 of the copy it made; `withdraws` what that copy no longer holds."""

    batch_id: str
    run_id: str
    target: str
    target_path: str
    fingerprint: str | None
    withdraws: tuple[str, ...]
    entries: tuple[Entry, ...] = ()


def canonical(row_key: str) -> str:
    """A key as the ledger compares it, however its JSON was spaced."""
    return compact_json(json.loads(row_key))


def read_changes(marts: Path | duckdb.DuckDBPyConnection) -> list[Change]:
    """Every row of `marts.library_changes`, in the order of their ids. Raises ApplyRefused when it was not built."""
    if isinstance(marts, Path):
        with closing(duckdb.connect(str(marts), read_only=True)) as connection:
            return read_changes(connection)
    query = f"select {', '.join(_CHANGE_COLUMNS)} from marts.library_changes order by change_id"  # noqa: S608 (our names)
    try:
        found = marts.execute(query)
    except duckdb.CatalogException as error:
        raise ApplyRefused("the table library_changes was not built, so nothing is written") from error
    changes: list[Change] = []
    while rows := found.fetchmany(_ROWS_AT_ONCE):
        changes += (
            Change(*(once(value) if at in _OFTEN_AT else value for at, value in enumerate(row))) for row in rows
        )
    return changes


def once(value: Any) -> Any:
    """The same value; of a text the one copy that there is, however often it is said."""
    return intern(value) if type(value) is str else value
