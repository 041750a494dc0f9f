"""Applies the changes that SQL decided: the only way from Sillon into a library, or into a copy of it.

Here live the transaction, the ledger around it and the file of a copy. It decides nothing: what to change comes from the
mart `library_changes`, whether a row still is what was judged is compared in `write.py`.

Checkpoints, in their order. In place: `apply:begin`, `apply:written`, `ledger:written`, `commit:before`, `commit:after`,
`settle:after`. A copy: `apply:begin`, `apply:written`, `commit:after`, `copy:verified`, `ledger:written`,
`copy:kept_aside`, `rename:before`, `rename:after`, `settle:after`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from dagster_project.publish.book import Ledger
from dagster_project.publish.changes import Batch, Change, Entry, read_changes
from dagster_project.publish.durable import is_same_file, no_checkpoint, one_line
from dagster_project.publish.guard import refuse_unwritable
from dagster_project.publish.settle import settle_pending
from dagster_project.publish.target import LOCK_SECONDS, Database, Target, explained, frozen, opened_to_write
from dagster_project.publish.transaction import Checkpoint, commit_and_settle, remaking, rows_after, transaction
from dagster_project.publish.write import Writer
from ingest.clock import Clock
from ingest.errors import ApplyRefused


@dataclass(frozen=True)
class Applied:
    """What an apply did.

    `applied` is everything that the target now holds of ours by this apply; for a copy that includes what earlier nights
    wrote first. `new` is what tonight wrote for the first time. `counts` counts `applied` by `<table>.<column>`.
    """

    target: Target
    applied: tuple[Entry, ...] = ()
    skipped: tuple[Entry, ...] = ()
    new: tuple[Entry, ...] = ()
    kept_aside: Path | None = None

    @property
    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(entry.counted_as for entry in self.applied).items()))


def apply(
    changes: Path | Sequence[Change],
    snapshot: Path,
    target: Target,
    book: Path | Ledger,
    run_id: str,
    clock: Clock,
    checkpoint: Checkpoint = no_checkpoint,
    *,
    library: Path | None = None,
    timeout_s: float = LOCK_SECONDS,
) -> Applied:
    """Write the changes into the target.

    Args:
        changes: the marts file, or the changes themselves.
        snapshot: the backup that tonight's beliefs were made from: what a value must still be, and what a copy is made of.
        target: the copy, or the library itself.
        book: the ledger, or its folder.
        run_id: the run; it names the file in the ledger.
        clock: gives `updated_at` and the names of files kept aside.
        checkpoint: called around every durable step, with the names above.
        library: the library itself, so that a copy is never written over it.
        timeout_s: seconds to wait for a locked library.

    Raises:
        LibraryLocked, NotALibrary: the target cannot be opened.
        ApplyRefused: a change that is not ours to make, a copy in use or damaged; nothing was written.
        DiskFull: no room; nothing was written.
    """
    wanted = read_changes(changes) if isinstance(changes, Path) else list(changes)
    ledger = Ledger.of(book)
    if target.kind == "copy" and library is not None and is_same_file(target.path, library):
        raise ApplyRefused("the copy would replace the library itself", where=library, remedy="use --in-place for that")
    refuse_unwritable(wanted)
    settle_pending(ledger)
    night = _Apply(wanted, snapshot, target, ledger, run_id, clock, checkpoint, timeout_s)
    with explained(target.path), one_line(target.path, ApplyRefused, "writing"):
        return night.in_place() if target.kind == "in_place" else night.to_copy()


@dataclass
class _Apply:
    changes: list[Change]
    snapshot: Path
    target: Target
    ledger: Ledger
    run_id: str
    clock: Clock
    checkpoint: Checkpoint
    timeout_s: float

    def in_place(self) -> Applied:
        with frozen(self.snapshot) as then, opened_to_write(self.target.path, timeout_s=self.timeout_s) as live:
            self.checkpoint("apply:begin")
            with transaction(live) as commit:
                writer = self._written(live, then, {})
                skipped = self._news(writer.skipped)
                self.checkpoint("apply:written")
                if writer.applied or skipped:
                    batch = self.ledger.book(self.run_id, self.target, [*writer.applied, *skipped])
                    self.checkpoint("ledger:written")
                    commit_and_settle(live, commit, self.ledger, batch, self.checkpoint)
        applied = tuple(writer.applied)
        return Applied(self.target, applied, tuple(writer.skipped), applied)

    def to_copy(self) -> Applied:
        earlier = {entry.change_id: entry for entry in self.ledger.written_to(self.target)}
        with (
            frozen(self.snapshot) as then,
            remaking(self.snapshot, self.target, self.ledger, self.clock, self.checkpoint) as making,
        ):
            writer = self._written(making.database, then, earlier)
            applied = [_as_first_written(entry, earlier) for entry in writer.applied]
            making.expected = rows_after(making.expected, applied)
            making.book = partial(self._book_copy, applied, self._news(writer.skipped))
        new = tuple(entry for entry in applied if entry.run_id == self.run_id)
        return Applied(self.target, tuple(applied), tuple(writer.skipped), new, making.kept_aside)

    def _written(self, live: Database, then: Database, earlier: dict[str, Entry]) -> Writer:
        now = self.clock.now().astimezone(UTC).replace(tzinfo=None, microsecond=0)

        def moment_of(change: Change) -> datetime:
            # A copy made again has the times of the first time, so that the same beliefs give the same rows.
            known = earlier.get(change.change_id)
            return known.applied_at if known and known.applied_at else now

        def new_id() -> str:
            return self.ledger.new_id(self.run_id)

        writer = Writer(self.run_id, self.target, live, then, self.ledger.owned(), moment_of, new_id)
        writer.write(self.changes)
        return writer

    def _news(self, skipped: list[Entry]) -> list[Entry]:
        """What was left for a reason that the ledger does not know yet: the same doubt every night is no news."""
        known = {
            (entry.change_id, entry.reason)
            for entry in self.ledger.entries()
            if entry.state == "skipped" and (entry.target, entry.target_path) == (self.target.kind, self.target.name)
        }
        return [entry for entry in skipped if (entry.change_id, entry.reason) not in known]

    def _book_copy(self, applied: list[Entry], skipped: list[Entry], fingerprint: str) -> Batch | None:
        held = {
            entry.entry_id: entry for entry in self.ledger.applied(self.target) if not self.ledger.takes_back(entry)
        }
        changed = [entry for entry in applied if held.get(entry.entry_id) != entry]
        present = {entry.entry_id for entry in applied}
        gone = [entry_id for entry_id in held if entry_id not in present]
        if not (changed or skipped or gone):
            return None
        return self.ledger.book(self.run_id, self.target, [*changed, *skipped], fingerprint=fingerprint, withdraws=gone)


def _as_first_written(entry: Entry, earlier: dict[str, Entry]) -> Entry:
    known = earlier.get(entry.change_id)
    if known is None:
        return entry
    return replace(entry, entry_id=known.entry_id, run_id=known.run_id, undoes=known.undoes)
