"""What became of a batch that was announced and never settled: the run ended in between, so the target is asked.

Here lives that one look. It writes to the ledger and to nothing else.
"""

from __future__ import annotations

from pathlib import Path

from dagster_project.publish.book import Ledger
from dagster_project.publish.cells import Cell
from dagster_project.publish.changes import Batch, Entry
from dagster_project.publish.durable import fingerprint
from dagster_project.publish.swap import identity, key_of
from dagster_project.publish.target import Database, looked_at


def settle_pending(ledger: Ledger) -> dict[str, str]:
    """Settle every pending batch; to be called at each start, under the run lock.

    One of a library that is not there (a disk not yet mounted) stays pending: nobody can say what it holds.

    Returns batch id -> `applied` or `rolled_back`. Raises LibraryLocked, NotALibrary when the library cannot be asked.
    """
    settled = {}
    for batch in ledger.pending():
        if batch.target == "in_place" and not Path(batch.target_path).exists():
            continue
        state = _state_of(batch)
        ledger.settle(batch, state)
        settled[batch.batch_id] = state
    return settled


def _state_of(batch: Batch) -> str:
    path = Path(batch.target_path)
    if batch.target == "copy":
        return "applied" if path.exists() and fingerprint(path) == batch.fingerprint else "rolled_back"
    # All of a transaction is there, or nothing: a person may have changed some values since, hence the majority.
    with looked_at(path) as library:
        votes = [_vote(library, entry) for entry in batch.entries if entry.state != "skipped"]
    return "applied" if sum(votes) > 0 or not votes else "rolled_back"


def _vote(library: Database, entry: Entry) -> int:
    """1: the row is as after the change; -1: as before it; 0: neither."""
    table = library.table(entry.table_name)
    if table is None:
        return 0
    if entry.action == "update":
        found = library.rows(table, key_of(entry.row_key))
        value = found[0].get(str(entry.column_name)) if len(found) == 1 else None
        return 1 if value == entry.new else -1 if value == entry.old else 0
    whole = entry.after or entry.before
    is_there = _is_there(library, entry.table_name, whole)
    return 1 if is_there == (entry.action == "insert") else -1


def _is_there(library: Database, name: str, row: dict[str, Cell]) -> bool:
    table = library.table(name)
    return table is not None and any(
        all(found.get(column) == cell for column, cell in row.items() if column != "$rowid")
        for found in library.rows(table, identity(name, row))
    )
