"""Backups of the library, each verified and restored once before it counts; the newest is the snapshot of the run.

Here live taking and verifying, and the names under which the rest of this folder's work on backups is called. Putting one
back is in `restore.py`, what is kept for how long in `retention.py`, how they lie on the disk in `manifests.py`.

A backup is two files: `<library file>.backup-YYYYMMDD_HHMMSS` (local time; `.zst` once compressed) and beside it the same
name with `.json`, its manifest. A file without a manifest of ours is not ours.

Checkpoints: `backup:copied`, `backup:checked`, `backup:restored`, `backup:named`, `backup:listed`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import apsw
import zstandard

from dagster_project.publish.durable import (
    copy,
    fingerprint,
    free_name,
    need_room,
    no_checkpoint,
    one_line,
    remove,
    rename,
    short,
    stamp,
    sync_file,
    write_json,
)
from dagster_project.publish.manifests import Backup, Manifest, find, listing, newest, problem_of, unpack
from dagster_project.publish.restore import restore
from dagster_project.publish.retention import prune
from dagster_project.publish.target import LOCK_SECONDS, frozen, looked_at
from ingest.clock import Clock
from ingest.errors import BackupFailed, NotALibrary

__all__ = ["Backup", "find", "listing", "newest", "prune", "restore", "snapshot", "take", "verify"]


def take(
    library: Path,
    folder: Path,
    clock: Clock,
    checkpoint: Callable[[str], None] = no_checkpoint,
    *,
    timeout_s: float = LOCK_SECONDS,
) -> Backup:
    """Back up a library that may be in use, verify it, restore it once, and only then give it its name.

    Raises:
        NotALibrary: not a database.
        BackupFailed: the library is damaged, or what was written is not what was read. Nothing is kept, nothing removed.
        LibraryLocked: another program held it for `timeout_s` seconds.
        DiskFull: less than three times its size is free, or the disk filled up.
    """
    if not library.is_file():
        raise NotALibrary("there is no such file", where=library)
    now = clock.now()
    partial, scratch = (folder / f".{short(library.name)}.{word}" for word in ("part", "drill"))
    with one_line(folder, BackupFailed, "the backup"):
        folder.mkdir(parents=True, exist_ok=True)
        remove(partial, scratch)
        need_room(folder, 3 * _size(library), purpose="a backup and its test")
        try:
            rows = _copy_online(library, partial, timeout_s)
            checkpoint("backup:copied")
            manifest = _checked(library, partial, rows, now)
            checkpoint("backup:checked")
            copy(partial, scratch)
            _compare(scratch, manifest)
            checkpoint("backup:restored")
            path = free_name(folder, f"{short(library.name)}.backup-{stamp(now)}")
            manifest = replace(manifest, name=path.name)
            rename(partial, path)
            checkpoint("backup:named")
            backup = Backup(path, manifest)
            try:
                write_json(backup.manifest_path, asdict(manifest))
            except OSError:  # without its manifest it is nobody's, and would stay for ever
                remove(path)
                raise
        finally:
            with suppress(OSError):
                remove(partial, scratch)
    checkpoint("backup:listed")
    return backup


def snapshot(library: Path, path: Path, clock: Clock, *, timeout_s: float = LOCK_SECONDS) -> dict[str, int]:
    """A plain copy of a library that may be in use, for a run that writes nothing; an older one is replaced.

    Returns the rows per table. Raises NotALibrary, LibraryLocked, DiskFull, BackupFailed.
    """
    if not library.is_file():
        raise NotALibrary("there is no such file", where=library)
    partial = path.with_name(f".{path.name}.part")
    with one_line(path.parent, BackupFailed, "the snapshot"):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove(partial)
        need_room(path.parent, 2 * _size(library), purpose="a snapshot")
        try:
            rows = _copy_online(library, partial, timeout_s)
            rename(partial, path)
        finally:
            with suppress(OSError):
                remove(partial)
    return rows


def _size(library: Path) -> int:
    size = library.stat().st_size
    with suppress(OSError):  # no log, or a name that leaves no room for one's
        size += library.with_name(library.name + "-wal").stat().st_size
    return size


def _copy_online(library: Path, partial: Path, timeout_s: float) -> dict[str, int]:
    """Copy page by page out of one read transaction, so that the rows counted are the rows copied."""
    with looked_at(library, timeout_s=timeout_s) as source:
        source.connection.execute("begin")
        rows = source.counts()
        if not rows:
            raise NotALibrary("the database has no tables", where=library)
        with (
            closing(apsw.Connection(str(partial))) as target,
            target.backup("main", source.connection, "main") as copying,
        ):
            copying.step(-1)  # in one step: a backup in pieces starts anew whenever the app writes
        source.connection.execute("rollback")
    partial.chmod(library.stat().st_mode & 0o777 | 0o600)
    sync_file(partial)
    return rows


def _checked(library: Path, partial: Path, rows: dict[str, int], now: datetime) -> Manifest:
    with frozen(partial) as made:
        broken, remarks = made.damage()
        if broken:
            raise BackupFailed(
                f"the library is damaged: {broken[0]}", where=library, remedy="restore a backup (sillon backup list)"
            )
        if made.counts() != rows:
            raise BackupFailed("the backup does not have the rows of the library", where=library)
    return Manifest(
        name="",
        library=str(library.resolve()),
        sha256=fingerprint(partial),
        bytes=partial.stat().st_size,
        rows=rows,
        taken_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        verified=True,
        remarks=remarks,
        checked_at=now.astimezone(UTC).isoformat(timespec="seconds"),
    )


def _compare(restored: Path, manifest: Manifest) -> None:
    """Raise BackupFailed unless a restored file is the one that the manifest describes."""
    problem = problem_of(restored, manifest)
    if problem:
        raise BackupFailed(f"the backup cannot be restored: {problem}", where=restored)


def verify(folder: Path, name: str, clock: Clock) -> str | None:
    """Open a backup again as a restore would, and write the finding into its manifest.

    Returns what is wrong with it, or None. Raises BackupFailed when there is no such backup, DiskFull.
    """
    backup = find(folder, name)
    scratch = folder / f".{backup.manifest.name}.drill"
    with one_line(folder, BackupFailed, "verifying"):
        try:
            unpack(backup, scratch)
            problem = problem_of(scratch, backup.manifest)
        except zstandard.ZstdError as error:
            problem = f"it cannot be unpacked ({error})"
        finally:
            remove(scratch)
        found = replace(
            backup.manifest,
            verified=problem is None,
            integrity=problem or "ok",
            checked_at=clock.now().astimezone(UTC).isoformat(timespec="seconds"),
        )
        write_json(backup.manifest_path, asdict(found))
    return problem
