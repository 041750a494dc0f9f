"""The ledger as the rest of Sillon calls it: what changed, when, why, and what a person decided about it since.

Here live the calls that take the ledger's folder, or the book that somebody has open. How it is kept is in `book.py`.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.publish.book import Ledger
from dagster_project.publish.changes import Change, Entry, read_changes
from dagster_project.publish.decisions import decisions, field_of, lift, remember_edits
from dagster_project.publish.settle import settle_pending as _settle
from ingest import warehouse

__all__ = [
    "Change",
    "Entry",
    "Ledger",
    "decisions",
    "field_of",
    "history",
    "lift",
    "load",
    "read_changes",
    "remember_edits",
    "settle_pending",
]


def load(connection: duckdb.DuckDBPyConnection, book: Path | Ledger) -> int:
    """Make `sillon.applied_changes` equal to the files. Returns the number of entries."""
    return warehouse.replace_applied_changes(connection, (entry.as_row() for entry in Ledger.of(book).entries()))


def settle_pending(book: Path | Ledger) -> dict[str, str]:
    """Find out what became of batches that a crash left open; to be called at each start, under the run lock.

    Returns batch id -> `applied` or `rolled_back`. Raises LibraryLocked, NotALibrary when the library cannot be asked.
    """
    return _settle(Ledger.of(book))


def history(folder: Path, album: int | None = None) -> list[Entry]:
    """Every change ever written or taken back, oldest first; of one album where one is given."""
    return [entry for entry in Ledger(folder).entries() if album is None or entry.album_id == album]
