"""Backups as they lie in their folder: the manifest beside each, which ones are ours, and how one is opened again.

Here live reading and checking. A backup is taken in `backup.py`, put back in `restore.py`, thrown away in `retention.py`.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import zstandard

from dagster_project.publish.durable import copy, fingerprint, need_room, sync_file
from dagster_project.publish.target import explained, frozen
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
    def rows(self) -> dict[str, int]:
        return self.manifest.rows

    @property
    def taken_at(self) -> datetime:
        return datetime.fromisoformat(self.manifest.taken_at)


def unpack(backup: Backup, target: Path) -> None:
    """Write the database of a backup to `target`. Raises DiskFull, zstandard.ZstdError for damaged bytes."""
    need_room(target.parent, 2 * backup.manifest.bytes, purpose="unpacking a backup")
    if not backup.manifest.compressed:
        copy(backup.path, target)
        return
    with backup.path.open("rb") as packed, target.open("wb") as plain:
        zstandard.ZstdDecompressor().copy_stream(packed, plain)
    shutil.copymode(backup.path, target)
    sync_file(target)


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


def newest(folder: Path) -> Backup:
    """The newest backup. Raises BackupFailed when there is none."""
    found = listing(folder)
    if not found:
        raise BackupFailed("there is no backup yet", where=folder, remedy="take one: sillon backup")
    return found[0]


def find(folder: Path, name: str) -> Backup:
    """The backup of that name (with or without `.zst`, or a path to it). Raises BackupFailed when there is none."""
    wanted = Path(name).name.removesuffix(COMPRESSED)
    for backup in listing(folder):
        if backup.manifest.name == wanted:
            return backup
    raise BackupFailed(f"there is no backup {wanted}", where=folder, remedy="see: sillon backup list")
