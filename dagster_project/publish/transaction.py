"""One transaction of a library and the ledger around it, in an order that a power cut cannot confuse.

Here live begin, commit, settle, and the making of a copy as one such step. What is written in between is in `write.py`
and `undo.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dagster_project.publish import copies
from dagster_project.publish.book import Ledger
from dagster_project.publish.changes import Batch, Entry
from dagster_project.publish.durable import fingerprint as fingerprint_of
from dagster_project.publish.durable import remove
from dagster_project.publish.target import Database, Target, opened_to_write
from ingest.clock import Clock

Checkpoint = Callable[[str], None]


@contextmanager
def transaction(database: Database) -> Iterator[Callable[[], None]]:
    """Hold the only right to write. Yields the commit; whatever is not committed is rolled back."""
    connection = database.connection
    connection.execute("begin immediate")

    def commit() -> None:
        connection.execute("commit")

    try:
        yield commit
    finally:
        if connection.in_transaction:
            connection.execute("rollback")


def commit_and_settle(
    database: Database, commit: Callable[[], None], ledger: Ledger, batch: Batch | None, checkpoint: Checkpoint
) -> None:
    """Commit what the ledger announced, then write there that it holds.

    A commit that failed is settled as rolled back. When it is not known whether it failed, the batch stays pending and
    the next start looks.
    """
    try:
        checkpoint("commit:before")
        commit()
    except BaseException:
        if database.connection.in_transaction:
            database.connection.execute("rollback")
            settle(ledger, batch, "rolled_back")
        raise
    checkpoint("commit:after")
    settle(ledger, batch, "applied")
    checkpoint("settle:after")


def settle(ledger: Ledger, batch: Batch | None, state: str) -> None:
    """Write what became of a batch. Where that fails for want of room the batch stays pending: the next start looks."""
    if batch is not None:
        with suppress(Exception):
            ledger.settle(batch, state)


@dataclass
class CopyInTheMaking:
    """A copy beside its final place. `expected` are the rows per table that it must have at the end."""

    database: Database
    aside: Path
    expected: dict[str, int]
    book: Callable[[str], Batch | None]  # fingerprint -> what the ledger announces
    kept_aside: Path | None = None


@contextmanager
def remaking(
    source: Path, target: Target, ledger: Ledger, clock: Clock, checkpoint: Checkpoint, *, keeps_edits: bool = False
) -> Iterator[CopyInTheMaking]:
    """Make a copy from `source`; the body writes into it within one transaction, and sets `expected` and `book`.

    At the end of the body the file is verified, announced in the ledger, and put in its place at once. On any failure
    before that the old copy stays as it was and nothing is left beside it. With `keeps_edits` the source is the copy
    itself: what somebody edited in it stays in it, and it goes on counting as edited.
    """
    output, folder = target.path.resolve(), ledger.folder  # a link stays a link: what it points to is replaced
    if output.exists():
        copies.fold_log(output)
    aside = copies.begin(source, output)
    try:
        with opened_to_write(aside) as database:
            making = CopyInTheMaking(database, aside, database.counts(), lambda fingerprint: None)
            with transaction(database) as commit:
                checkpoint("apply:begin")
                yield making
                checkpoint("apply:written")
                commit()
            checkpoint("commit:after")
            database.fold_log()
        fingerprint = copies.verify(aside, making.expected)
        checkpoint("copy:verified")
        batch = making.book(fingerprint)
        checkpoint("ledger:written")
        ours = copies.known(folder, output)
        if keeps_edits:
            was_edited = fingerprint_of(output) not in ours
        else:
            was_edited = False
            making.kept_aside = copies.keep_edited(output, folder, clock)
        checkpoint("copy:kept_aside")
        if not was_edited:
            copies.remember(folder, output, list(dict.fromkeys([*ours, fingerprint])))
        checkpoint("rename:before")
        copies.replace(aside, output)
    except BaseException:
        with suppress(OSError):
            remove(aside)
        raise
    checkpoint("rename:after")
    if not was_edited:
        with suppress(OSError):  # both fingerprints stay known: nothing is lost by it
            copies.remember(folder, output, [fingerprint])
    settle(ledger, batch, "applied")
    checkpoint("settle:after")


def rows_after(before: dict[str, int], entries: Sequence[Entry]) -> dict[str, int]:
    """Rows per table once these entries are written."""
    signs = {"insert": 1, "delete": -1}
    after = dict(before)
    for entry in entries:
        after[entry.table_name] += signs.get(entry.action, 0)
    after.pop("sqlite_sequence", None)  # SQLite's own: a first insert adds a row to it
    return after
