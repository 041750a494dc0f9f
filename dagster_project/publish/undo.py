"""Takes back what Sillon wrote: by run, album, field, source or rule, as far as nobody changed it since.

Here live the choice of the entries, the transaction and the ledger around it: `apply.py` in the other direction. What was
taken back is a decision from then on (`decisions.py`), and an undo can itself be undone.

Checkpoints: those of `apply.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path

from dagster_project.publish.book import Ledger
from dagster_project.publish.cells import Cell
from dagster_project.publish.changes import Batch, Entry
from dagster_project.publish.decisions import field_of
from dagster_project.publish.durable import no_checkpoint, one_line
from dagster_project.publish.lock import RunLock
from dagster_project.publish.settle import settle_pending
from dagster_project.publish.target import LOCK_SECONDS, Target, explained, opened_to_write
from dagster_project.publish.transaction import Checkpoint, commit_and_settle, remaking, rows_after, transaction
from dagster_project.publish.unwrite import Unwriter
from ingest.clock import Clock
from ingest.errors import ApplyRefused


@dataclass(frozen=True)
class Undone:
    """What an undo did. `left` are the entries that stay as they are, each with the reason in `reason`.

    With `dry_run` nothing was written and `undone` is what would be taken back.
    """

    run_id: str
    undone: tuple[Entry, ...]
    left: tuple[Entry, ...]
    dry_run: bool


def undo(
    of_run: str,
    folder: Path,
    run_id: str,
    clock: Clock,
    checkpoint: Checkpoint = no_checkpoint,
    *,
    album: int | None = None,
    field: str | None = None,
    source: str | None = None,
    rule: str | None = None,
    dry_run: bool = False,
    target: Target | None = None,
    timeout_s: float = LOCK_SECONDS,
) -> Undone:
    """Take back what a run wrote first, or what an undo took back.

    Args:
        of_run: the run, or the undo, to take back.
        folder: the ledger's.
        run_id: the name of this undo, new in the ledger.
        clock: gives the moment.
        checkpoint: called around every durable step.
        album, field, source, rule: only these; `field` in a person's words (year, genre, description, image, artists) or
            as a column.
        dry_run: only say what would be done.
        target: where the run's changes lie now; where the run wrote them unless told otherwise.
        timeout_s: seconds to wait for a locked library.

    Takes the run lock of the data folder, which is the parent of `folder`, except for a dry run. Raises RunActive,
    ApplyRefused (no such run, nothing of it left, or the file is gone), LibraryLocked, NotALibrary, DiskFull.
    """
    asked = partial(_choose, of_run=of_run, album=album, field=field, source=source, rule=rule)
    if dry_run:
        return _undo(Ledger(folder), asked, run_id, clock, checkpoint, target, timeout_s, dry_run=True)
    seen, ledger = _files(folder), Ledger(folder)
    with RunLock(folder.parent, clock, what="undo", library=_library_of(ledger, of_run, target)):
        if _files(folder) != seen:  # a run ended while we looked
            ledger = Ledger(folder)
        settle_pending(ledger)
        return _undo(ledger, asked, run_id, clock, checkpoint, target, timeout_s, dry_run=False)


def _files(folder: Path) -> list[tuple[str, int, int]]:
    """The ledger's files with their sizes and times: what tells whether somebody wrote into one since."""
    found = ((path.name, path.stat()) for path in sorted(folder.glob("*.jsonl")))
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in found]


def _library_of(ledger: Ledger, of_run: str, target: Target | None) -> Path | None:
    """The library that will be written in place, if any: it has a lock of its own."""
    if target is not None:
        return target.path if target.kind == "in_place" else None
    paths = [entry.target_path for entry in ledger.entries() if entry.run_id == of_run and entry.target == "in_place"]
    return Path(paths[0]) if paths else None


def _choose(
    ledger: Ledger, *, of_run: str, album: int | None, field: str | None, source: str | None, rule: str | None
) -> list[Entry]:
    left = [entry for entry in ledger.entries() if entry.run_id == of_run and entry.state == "applied"]
    chosen = [
        entry
        for entry in left
        if (album is None or entry.album_id == album)
        and (field is None or field in (field_of(entry), entry.column_name))
        and (source is None or entry.source == source)
        and (rule is None or entry.rule == rule)
    ]
    if not chosen:
        raise ApplyRefused(_why_nothing(ledger, of_run), where=ledger.folder, remedy="see: sillon history")
    # An artist belongs to no one album: whoever asks for the links of one means the artist that was added for them too.
    picked = {entry.entry_id for entry in chosen}
    linked = {_row(entry)["artist_id"] for entry in chosen if entry.table_name == "album_artist"}
    return [
        entry
        for entry in left
        if entry.entry_id in picked or (entry.table_name == "artists" and _row(entry)["id"] in linked)
    ]


def _row(entry: Entry) -> dict[str, Cell]:
    return entry.after or entry.before


def _undo(
    ledger: Ledger,
    choose: Callable[[Ledger], list[Entry]],
    run_id: str,
    clock: Clock,
    checkpoint: Checkpoint,
    target: Target | None,
    timeout_s: float,
    *,
    dry_run: bool,
) -> Undone:
    chosen = choose(ledger)
    undone: list[Entry] = []
    left: list[Entry] = []
    now = clock.now().astimezone(UTC).replace(tzinfo=None, microsecond=0)
    for kind, path in dict.fromkeys((entry.target, entry.target_path) for entry in chosen):
        place = target or Target(kind, Path(path))  # type: ignore[arg-type]
        entries = [entry for entry in chosen if (entry.target, entry.target_path) == (kind, path)]
        unwriter = Unwriter(ledger, place, run_id, now)
        with explained(place.path), one_line(place.path, ApplyRefused, "undoing"):
            if not place.path.exists():
                raise ApplyRefused("the file is not there any more", where=place.path)
            if kind == "copy" and not dry_run:
                _in_copy(unwriter, entries, clock, checkpoint)
            else:
                _in_place(unwriter, entries, checkpoint, timeout_s, dry_run=dry_run)
        undone += unwriter.undone
        left += unwriter.left
    return Undone(run_id, tuple(undone), tuple(left), dry_run)


def _in_place(
    unwriter: Unwriter, entries: list[Entry], checkpoint: Checkpoint, timeout_s: float, *, dry_run: bool
) -> None:
    path = unwriter.target.path
    with opened_to_write(path, timeout_s=timeout_s) as library, transaction(library) as commit:
        unwriter.unwrite(library, entries)
        checkpoint("apply:written")
        if unwriter.undone and not dry_run:
            batch = unwriter.ledger.book(unwriter.run_id, unwriter.target, unwriter.undone)
            checkpoint("ledger:written")
            commit_and_settle(library, commit, unwriter.ledger, batch, checkpoint)


def _in_copy(unwriter: Unwriter, entries: list[Entry], clock: Clock, checkpoint: Checkpoint) -> None:
    ledger, target = unwriter.ledger, unwriter.target

    def announce(fingerprint: str) -> Batch | None:
        if not unwriter.undone:
            return None
        return ledger.book(unwriter.run_id, target, unwriter.undone, fingerprint=fingerprint)

    with remaking(target.path, target, ledger, clock, checkpoint, keeps_edits=True) as making:
        unwriter.unwrite(making.database, entries)
        making.expected = rows_after(making.expected, unwriter.undone)
        making.book = announce


def _why_nothing(ledger: Ledger, run_id: str) -> str:
    if any(batch.run_id == run_id for batch in ledger.pending()):
        return f"what the run {run_id} wrote is in a library that is not there"
    states = {entry.state for entry in ledger.entries() if entry.run_id == run_id}
    if not states:
        return f"the run {run_id} wrote nothing first"
    return f"nothing of the run {run_id} is left to take back" if "applied" not in states else "no change of it matches"
