"""Puts a backup back in the place of the library, at once, and keeps what it replaces.

Here lives that exchange and nothing else; whether a run is active is asked through `lock.py`.

Checkpoints: `restore:unpacked`, `restore:kept`, `restore:before`, `restore:after`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import apsw
import zstandard

from dagster_project.publish.copies import remove_beside
from dagster_project.publish.durable import (
    copy,
    free_name,
    need_room,
    no_checkpoint,
    one_line,
    remove,
    rename,
    short,
    stamp,
    sync_file,
    sync_folder,
)
from dagster_project.publish.holders import held_by_another
from dagster_project.publish.lock import RunLock
from dagster_project.publish.manifests import Backup, find, problem_of, unpack
from dagster_project.publish.target import Database, explained
from ingest.clock import Clock
from ingest.errors import BackupFailed, LibraryLocked


def restore(
    folder: Path,
    name: str,
    library: Path,
    clock: Clock,
    checkpoint: Callable[[str], None] = no_checkpoint,
    *,
    data_folder: Path | None = None,
) -> Path | None:
    """Replace the library by a backup.

    Args:
        folder: where the backups lie.
        name: the backup, as `listing` names it.
        library: the file to replace; it may be missing or damaged.
        clock: gives the name of the copy that is kept.
        checkpoint: called with the names above.
        data_folder: whose run lock is taken; the parent of `folder` unless told otherwise.

    Returns the copy of what was replaced, `<library>.replaced-YYYYMMDD_HHMMSS`; None where there was nothing.
    Raises RunActive, LibraryLocked (a program holds the file), BackupFailed (no such backup, or a damaged one), DiskFull.
    """
    real = library.resolve()  # a link stays a link: what it points to is replaced
    with RunLock(data_folder or folder.parent, clock, what="restore", library=real):
        backup = find(folder, name)
        holder = held_by_another(real) if real.exists() else None
        if holder:
            raise LibraryLocked(f"{holder} has the library open", where=library, remedy="close it and restore again")
        aside = real.with_name(f".{short(real.name)}.restoring")
        with explained(library), one_line(library, BackupFailed, "restoring"):
            remove(aside)
            try:
                _unpack_sound(backup, aside)
                checkpoint("restore:unpacked")
                kept = _keep(real, clock) if real.exists() else None
                checkpoint("restore:kept")
                if kept:
                    shutil.copymode(real, aside)
                checkpoint("restore:before")
                remove_beside(real)
                rename(aside, real)
            finally:
                with suppress(OSError):
                    remove(aside)
        checkpoint("restore:after")
    return kept


def _unpack_sound(backup: Backup, aside: Path) -> None:
    try:
        unpack(backup, aside)
        problem = problem_of(aside, backup.manifest)
    except zstandard.ZstdError as error:
        problem = f"it cannot be unpacked ({error})"
    if problem:
        raise BackupFailed(
            f"the backup is damaged: {problem}", where=backup.path, remedy="choose another: sillon backup list"
        )


def _keep(library: Path, clock: Clock) -> Path:
    """A whole copy of the library as it is, with what its log still held; a damaged one as its raw files."""
    kept = free_name(library.parent, f"{short(library.name)}.replaced-{stamp(clock.now())}")
    need_room(library.parent, 2 * library.stat().st_size, purpose="keeping the library as it is")
    try:
        _copy_as_it_is(library, kept)
    except BaseException:  # half a copy must not pass for the library that it was made of
        with suppress(OSError):
            remove(kept)
        raise
    sync_folder(library.parent)
    return kept


def _copy_as_it_is(library: Path, kept: Path) -> None:
    try:
        with closing(apsw.Connection(str(library), flags=apsw.SQLITE_OPEN_READWRITE)) as source:
            # The log is folded in first: should the power fail between the two last steps, the old file is whole.
            Database(source, library).fold_log()
            with closing(apsw.Connection(str(kept))) as target, target.backup("main", source, "main") as copying:
                copying.step(-1)
        shutil.copymode(library, kept)
        sync_file(kept)
    except (apsw.NotADBError, apsw.CorruptError, apsw.IOError):
        remove(kept)
        for suffix in ("", "-wal", "-journal"):
            if os.path.lexists(f"{library}{suffix}"):
                copy(Path(f"{library}{suffix}"), Path(f"{kept}{suffix}"))
