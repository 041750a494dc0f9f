"""Backups of the library, each verified and restored once before it counts; the newest is the snapshot of the run.

Here live taking, listing and verifying. Putting one back is in `restore.py`, what is kept for how long in `retention.py`.

A backup is two files: `<library file>.backup-YYYYMMDD_HHMMSS` (local time; `.zst` once compressed) and beside it the same
name with `.json`, its manifest. A file without a manifest of ours is not ours.

Checkpoints: `backup:before`, `backup:copied`, `backup:checked`, `backup:restored`, `backup:named`, `backup:after`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
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
    stamp,
    sync_file,
    sync_folder,
    write_json,
)
from dagster_project.publish.target import LOCK_SECONDS, explained, frozen, looked_at
from ingest.clock import Clock
from ingest.errors import BackupFailed, NotALibrary

MADE_BY = "sillon"
NAME = re.compile(r".+\.backup-\d{8}_\d{6}(_\d+)?")
COMPRESSED = ".zst"


@dataclass(frozen=True)
class Manifest:
    """What the JSON beside a backup says. `sha256` and `bytes` are those of the database, compressed or not."""

    name: str
    library: str
    sha256: str
    bytes: int
    rows: dict[str, int]
    taken_at: str
    verified: bool
    integrity: str = "ok"
    remarks: list[str] = field(default_factory=list)
    made_by: str = MADE_BY
    compressed: bool = False
    checked_at: str | None = None


@dataclass(frozen=True)
class Backup:
    """One backup: the file as it lies there, and its manifest."""

    path: Path
    manifest: Manifest

    @property
    def manifest_path(self) -> Path:
        return self.path.with_name(self.manifest.name + ".json")

    @property
    def taken_at(self) -> datetime:
        return datetime.fromisoformat(self.manifest.taken_at)


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
    checkpoint("backup:before")
    now = clock.now()
    partial, scratch = (folder / f".{library.name}.{word}" for word in ("part", "drill"))
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
            path = free_name(folder, f"{library.name}.backup-{stamp(now)}")
            manifest = replace(manifest, name=path.name)
            rename(partial, path)
            checkpoint("backup:named")
            backup = Backup(path, manifest)
            write_json(backup.manifest_path, asdict(manifest))
        finally:
            with suppress(OSError):
                remove(partial, scratch)
    checkpoint("backup:after")
    return backup


def _size(library: Path) -> int:
    log = library.with_name(library.name + "-wal")
    return library.stat().st_size + (log.stat().st_size if log.exists() else 0)


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


def problem_of(database: Path, manifest: Manifest) -> str | None:
    """What is wrong with an uncompressed backup, in words; None when it is sound."""
    if fingerprint(database) != manifest.sha256:
        return "its bytes are not the ones that were written"
    try:
        with explained(database), frozen(database) as opened:
            broken, _ = opened.damage()
            rows = opened.counts()
    except NotALibrary as error:
        return error.what
    if broken:
        return broken[0]
    return None if rows == manifest.rows else "its row counts differ"


def listing(folder: Path) -> list[Backup]:
    """The backups in a folder that Sillon made, newest first."""
    found = (_read(path) for path in folder.glob("*.json"))
    return sorted((backup for backup in found if backup), key=lambda one: (one.taken_at, one.path.name), reverse=True)


def _read(path: Path) -> Backup | None:
    try:
        manifest = Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, OSError):
        return None
    if manifest.made_by != MADE_BY or manifest.name + ".json" != path.name or not NAME.fullmatch(manifest.name):
        return None
    for suffix in ("", COMPRESSED):  # the plain file wins: a compression that was interrupted leaves both
        database = path.with_name(manifest.name + suffix)
        if database.is_file():
            return Backup(database, replace(manifest, compressed=bool(suffix)))
    return None


def find(folder: Path, name: str) -> Backup:
    """The backup of that name (with or without `.zst`, or a path to it). Raises BackupFailed when there is none."""
    wanted = Path(name).name.removesuffix(COMPRESSED)
    for backup in listing(folder):
        if backup.manifest.name == wanted:
            return backup
    raise BackupFailed(f"there is no backup {wanted}", where=folder, remedy="see: sillon backup list")


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
        sync_folder(folder)
    return problem


def unpack(backup: Backup, target: Path) -> None:
    """Write the database of a backup to `target`. Raises DiskFull, zstandard.ZstdError for damaged bytes."""
    need_room(target.parent, 2 * backup.manifest.bytes, purpose="unpacking a backup")
    if not backup.manifest.compressed:
        copy(backup.path, target)
        return
    with backup.path.open("rb") as packed, target.open("wb") as plain:
        zstandard.ZstdDecompressor().copy_stream(packed, plain)
    sync_file(target)
