"""The enriched copy as a file: made aside, verified, renamed, and never over somebody's edits.

Here live the memory of which bytes were ours and the steps around the rename. What is written into it is in `write.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import closing, suppress
from glob import escape
from pathlib import Path

import apsw

from dagster_project.publish.durable import (
    beside,
    copy,
    fingerprint,
    free_name,
    need_room,
    remove,
    rename,
    short,
    stamp,
    sync_file,
    sync_folder,
    write_json,
)
from dagster_project.publish.holders import held_by_another
from dagster_project.publish.target import Database, frozen
from ingest.clock import Clock
from ingest.errors import ApplyRefused

COPIES = "copies.json"  # path of a copy -> the fingerprints that are ours: the present one, and the one about to come


def begin(source: Path, output: Path) -> Path:
    """A fresh file beside the output, with the rows of `source`. Raises DiskFull, ApplyRefused."""
    output.parent.mkdir(parents=True, exist_ok=True)
    aside = output.with_name(f".{short(output.name)}.part")
    remove(aside)
    need_room(output.parent, 2 * source.stat().st_size, purpose="the enriched copy")
    try:
        copy(source, aside)
    except BaseException:
        with suppress(OSError):
            remove(aside)
        raise
    return aside


def verify(aside: Path, expected: dict[str, int]) -> str:
    """Raise ApplyRefused unless the file is sound and has these rows per table. Returns its sha256."""
    with frozen(aside) as made:
        broken, _ = made.damage()
        if broken:
            raise ApplyRefused(f"the copy is damaged: {broken[0]}", where=aside)
        found = made.counts()
    different = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    if different:
        name = different[0]
        raise ApplyRefused(
            f"the copy has {found.get(name)} rows in {name}", where=aside, expected=f"{expected.get(name)} rows"
        )
    sync_file(aside)
    return fingerprint(aside)


def fold_log(path: Path) -> None:
    """Bring what a `-wal` file still holds into the database itself, so that the file alone is the whole of it.

    Raises ApplyRefused while another program has it open: its next write would be lost with the old file.
    """
    holder = held_by_another(path)
    if holder:
        raise ApplyRefused(
            f"{holder} has the copy open", where=path, remedy="close it there, or choose another --output"
        )
    if beside(path):
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
            Database(connection, path).fold_log()


def keep_edited(output: Path, folder: Path, clock: Clock) -> Path | None:
    """Keep a file that is not as we left it under another name; it stays in its place too, until it is replaced.

    Returns where it is kept, None where there was nothing to keep.
    """
    if not output.exists() or fingerprint(output) in known(folder, output):
        return None
    for earlier in output.parent.glob(f"{escape(short(output.stem))}.edited-*{escape(output.suffix)}"):
        if earlier.samefile(output):
            return earlier  # an earlier attempt stopped between keeping it and replacing it
    kept = free_name(output.parent, f"{short(output.stem)}.edited-{stamp(clock.now())}", output.suffix)
    try:
        os.link(output, kept)
        sync_folder(kept.parent)
    except OSError:  # a file system without hard links
        copy(output, kept)
        sync_folder(kept.parent)
    return kept


def known(folder: Path, output: Path) -> list[str]:
    """The fingerprints of this copy that are ours."""
    return _read(folder).get(str(output.resolve()), [])


def remember(folder: Path, output: Path, fingerprints: Sequence[str]) -> None:
    """Write down which fingerprints of this copy are ours."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / COPIES, {**_read(folder), str(output.resolve()): list(fingerprints)})


def replace(aside: Path, output: Path) -> None:
    """Put the finished file in its place; what SQLite left beside the old one has no meaning for the new one."""
    remove_beside(output)
    rename(aside, output)


def remove_beside(path: Path) -> None:
    """Remove a log and an index that belong to a file which is about to be replaced (`fold_log` emptied them)."""
    for found in beside(path):
        found.unlink(missing_ok=True)


def _read(folder: Path) -> dict[str, list[str]]:
    try:
        found: dict[str, list[str]] = json.loads((folder / COPIES).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found
