"""The data folder's part of the check-up: disk, locks, pacing, databases. What a finding is stands here too.

Everything is opened for reading alone, and closed at once. What else a night needs is looked at in `checkup.py`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from dagster_project.commands.words import Words
from dagster_project.data_folder import DataFolder
from dagster_project.publish import lock
from ingest.clock import Clock
from ingest.pacing import state_folder
from ingest.settings import WEB_SOURCES
from ingest.tables import VERSION

ROOM = 500_000_000  # bytes: warehouse, reports and logs of a year
COPIES = 4  # backup, its restored twin, the enriched copy, the one it replaces


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is ok, note (good to know), warn (goes on without you) or mend (does not)."""

    topic: str
    state: Literal["ok", "note", "warn", "mend"]
    words: str
    remedy: str | None = None


def of_folder(folder: DataFolder, library: Path | None, clock: Clock, words: Words) -> Iterator[Finding]:
    """Free space, run lock, pacing, warehouse and marts, in this order."""
    yield _room(folder, library, words)
    owner = lock.holder(folder.root)
    is_held = False
    if owner is None:
        yield Finding("run lock", "ok", words("check.free"))
    else:
        age = (clock.now() - datetime.fromisoformat(owner.heartbeat_at)).total_seconds()
        is_held = age <= lock.STALE_SECONDS
        state = words("check.under_way") if is_held else words("check.stale", seconds=round(age))
        told = words("check.held", owner=owner.words, since=owner.started_at[:19], state=state)
        yield Finding("run lock", "note" if is_held else "warn", told)
    yield _pacing(words)
    yield from _databases(folder, words, is_held=is_held)


def _room(folder: DataFolder, library: Path | None, words: Words) -> Finding:
    place = next(path for path in (folder.root, *folder.root.parents) if path.exists())
    if not os.access(place, os.W_OK):
        told = words("check.not_writable", path=place)
        return Finding("free space", "mend", told, words("check.permissions.data"))
    size = library.stat().st_size if library is not None and library.is_file() else 0
    need, free = COPIES * size + ROOM, shutil.disk_usage(place).free
    sizes = {"free": words.number(free / 1e9, 1), "need": words.number(need / 1e9, 1)}
    told = words("check.room", place=place, **sizes)
    if free < need:
        return Finding("free space", "mend", told, words("check.room.remedy"))
    return Finding("free space", "ok", told)


def _pacing(words: Words) -> Finding:
    path = state_folder() / "pacing.sqlite"
    if not path.exists():
        return Finding("pacing", "ok", words("check.nothing_asked", folder=path.parent))
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            tables = [
                row[0]
                for row in connection.execute("select name from sqlite_master where type = 'table' order by name")
            ]
        finally:
            connection.close()
    except sqlite3.Error as error:
        return Finding("pacing", "warn", words("check.database", path=path, words=error), words("check.pacing.remedy"))
    if not os.access(path, os.W_OK):
        return Finding("pacing", "mend", words("check.not_writable", path=path), words("check.permissions.state"))
    sources = ", ".join(name for name in tables if name in WEB_SOURCES) or words("check.paces.nobody")
    return Finding("pacing", "ok", words("check.paces", path=path, sources=sources))


def _databases(folder: DataFolder, words: Words, *, is_held: bool) -> Iterator[Finding]:
    if not folder.warehouse.exists():
        yield Finding("warehouse", "ok", words("check.no_warehouse", folder=folder.root))
        return
    if is_held:
        yield Finding("warehouse", "note", words("check.warehouse_held"))
    else:
        yield _opened("warehouse", folder.warehouse, _warehouse_words, words)
    yield _opened("marts", folder.marts, _marts_words, words)


def _opened(
    topic: str, path: Path, look: Callable[[duckdb.DuckDBPyConnection, Words], tuple[bool, str]], words: Words
) -> Finding:
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            is_sound, text = look(connection, words)
    except duckdb.Error as error:
        first = str(error).partition("\n")[0]
        if "lock" in first.lower():
            return Finding(topic, "mend", words("check.busy", path=path), words("check.busy.remedy"))
        told = words("check.unreadable", path=path, error=first[:160])
        return Finding(topic, "mend", told, words("check.warehouse.remedy"))
    told = words("check.database", path=path, words=text)
    return Finding(topic, "ok" if is_sound else "mend", told, None if is_sound else words("check.update"))


def _warehouse_words(connection: duckdb.DuckDBPyConnection, words: Words) -> tuple[bool, str]:
    row = connection.execute("select max(version) from sillon.warehouse_version").fetchone()
    found = row[0] if row and row[0] is not None else 0
    key = "check.version" if found <= VERSION else "check.version.newer"
    return found <= VERSION, words(key, found=found, known=VERSION)


def _marts_words(connection: duckdb.DuckDBPyConnection, words: Words) -> tuple[bool, str]:
    tables = connection.execute("select count(*) from duckdb_tables() where schema_name = 'main'").fetchone()
    return True, words("check.tables", number=tables[0] if tables else 0)


def rows_of(path: Path, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    """Rows of the marts; none where there is no such file or table."""
    if not path.exists():
        return []
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            cursor = connection.execute(query, list(values))
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    except duckdb.Error:
        return []
