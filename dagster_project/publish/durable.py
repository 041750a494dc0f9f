"""Files that survive a power cut: written aside, synced, renamed, and their folder synced too.

Here live the few steps that every other file of this folder repeats. What is in the files is theirs.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from ingest.errors import DiskFull, PublishError

LONGEST_NAME = 170  # bytes: with a moment, an ending and what SQLite adds, a name stays within the 255 of a file system
PIECE = 1 << 20  # bytes read at a time: a library of gigabytes must not be held in memory


def no_checkpoint(name: str) -> None:
    """The checkpoint that does nothing: tests pass one that stops, kills or counts."""


def sync_file(path: Path) -> None:
    """Wait until the bytes of a file are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Where folders cannot be synced (Windows), nothing happens."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def rename(source: Path, target: Path) -> None:
    """Put one file in another's place, at once and for good."""
    source.replace(target)
    sync_folder(target.parent)


def copy(source: Path, target: Path) -> None:
    """Copy the bytes and the permissions of a file, and sync it.

    Piece by piece: the kernel's own copying (`shutil.copyfile`) was seen to end early on a full disk without an error.
    """
    with source.open("rb") as old, target.open("wb") as new:
        while piece := old.read(PIECE):
            new.write(piece)
        new.flush()
        os.fsync(new.fileno())
    shutil.copymode(source, target)


def write_json(path: Path, content: Any) -> None:
    """Replace a JSON file, or leave the old one untouched."""
    aside = path.with_name(path.name + ".new")
    try:
        with aside.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=2, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        rename(aside, path)
    except OSError:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def fingerprint(path: Path) -> str:
    """The sha256 of a file, as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file: through links of either kind, or by case alone where that is no difference."""
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


def short(name: str) -> str:
    """A file's name as the beginning of others: the same, or a part of it and a hash where that would grow too long."""
    written = name.encode("utf-8", "surrogateescape")
    if len(written) <= LONGEST_NAME:
        return name
    return written[: LONGEST_NAME - 9].decode("utf-8", "ignore") + "~" + hashlib.sha256(written).hexdigest()[:8]


def free_name(folder: Path, start: str, end: str = "") -> Path:
    """`<folder>/<start><end>`, or the first of `<start>_2<end>`, `<start>_3<end>`, … that nothing has yet."""
    number, candidate = 2, folder / f"{start}{end}"
    while os.path.lexists(candidate):
        candidate = folder / f"{start}_{number}{end}"
        number += 1
    return candidate


def stamp(moment: datetime) -> str:
    """A moment in a file name: local time, because a person looks for "last night at two"."""
    return moment.astimezone().strftime("%Y%m%d_%H%M%S")


def need_room(folder: Path, need: int, *, purpose: str) -> None:
    """Raise DiskFull unless `folder` has `need` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < need:
        raise DiskFull(
            f"{purpose} needs {_megabytes(need)}, {_megabytes(free)} are free",
            where=folder,
            remedy=f"free {_megabytes(need - free)} and run again",
        )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


def beside(path: Path) -> list[Path]:
    """What SQLite has left beside a database: none where its name leaves no room for theirs."""
    return [Path(f"{path}{suffix}") for suffix in ("-wal", "-shm", "-journal") if os.path.lexists(f"{path}{suffix}")]


def remove(*paths: Path) -> None:
    """Remove files that may or may not be there, with what SQLite leaves beside them."""
    for path in paths:
        for found in (path, *beside(path)):
            found.unlink(missing_ok=True)


@contextmanager
def one_line(where: Path, failure: type[PublishError], doing: str) -> Iterator[None]:
    """Turn what the disk or SQLite throws at us into one line: what, where, what to do.

    Raises DiskFull where there was no room, else `failure`.
    """
    try:
        yield
    except (apsw.BusyError, apsw.LockedError, apsw.NotADBError, apsw.CorruptError):
        raise  # `target.explained` knows better what these mean
    except apsw.FullError as error:
        raise DiskFull(f"no room left while {doing}", where=where, remedy="free some space and run again") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"no room left while {doing}", where=where, remedy="free some space and run again"
            ) from error
        reason = error.strerror or str(error)
        raise failure(f"{doing} failed: {reason}", where=where, remedy="check that the folder is writable") from error
    except apsw.Error as error:
        raise failure(f"{doing} failed: {error}", where=where) from error
