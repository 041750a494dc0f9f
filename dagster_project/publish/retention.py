"""Which backups are kept, and which are compressed.

Here lives the throwing away, and therefore its limits: never the last verified one, never what Sillon did not make.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import zstandard

from dagster_project.publish.durable import (
    PIECE,
    need_room,
    one_line,
    remove,
    rename,
    sync_file,
    sync_folder,
    write_json,
)
from dagster_project.publish.manifests import COMPRESSED, Backup, listing, problem_of, unpack
from ingest.clock import Clock
from ingest.errors import BackupFailed


def prune(folder: Path, clock: Clock, *, keep: int, compress_days: float, taken: Backup | None = None) -> list[Path]:
    """Keep the newest `keep` backups and the last verified one; compress what is older than `compress_days` days.

    To be called after a backup succeeded: a library that cannot be backed up must not push good backups out. `taken` is
    that one, which stays though a clock that was set back calls it the oldest: the run works from it.
    Returns the files that were removed. Raises DiskFull, BackupFailed.
    """
    backups = listing(folder)
    verified = next((backup for backup in backups if backup.manifest.verified), None)
    removed = []
    with one_line(folder, BackupFailed, "clearing old backups away"):
        for place, backup in enumerate(backups):
            if place >= max(keep, 1) and backup not in (verified, taken):
                removed.append(_remove(backup))
            elif not backup.manifest.compressed and clock.now() - backup.taken_at > timedelta(days=compress_days):
                _compress(backup)
        sync_folder(folder)
    return removed


def _remove(backup: Backup) -> Path:
    remove(backup.path)  # first: a manifest without its file is no backup, a file without its manifest stays for ever
    backup.path.with_name(backup.manifest.name + COMPRESSED).unlink(missing_ok=True)
    backup.manifest_path.unlink()
    return backup.path


def _compress(backup: Backup) -> None:
    """Compress, unpack again and compare, and only then let the plain file go."""
    folder = backup.path.parent
    partial, drill = (folder / f".{backup.path.name}.{word}" for word in ("zst.part", "drill"))
    need_room(folder, 2 * backup.manifest.bytes, purpose="compressing a backup")
    try:
        with backup.path.open("rb") as plain, partial.open("wb") as packed:
            zstandard.ZstdCompressor(level=10).copy_stream(plain, packed, read_size=PIECE)
        sync_file(partial)
        partial.chmod(backup.path.stat().st_mode & 0o777)
        packed_backup = Backup(partial, replace(backup.manifest, compressed=True))
        unpack(packed_backup, drill)
        if problem_of(drill, backup.manifest):
            return  # kept as it is: `sillon backup verify` will say what is wrong with it
        rename(partial, backup.path.with_name(backup.path.name + COMPRESSED))
        remove(backup.path)
        write_json(backup.manifest_path, asdict(packed_backup.manifest))
    finally:
        partial.unlink(missing_ok=True)
        drill.unlink(missing_ok=True)
