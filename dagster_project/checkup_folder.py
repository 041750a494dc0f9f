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


def of_folder(folder: DataFolder, library: Path | None, clock: Clock) -> Iterator[Finding]:
    """Free space, run lock, pacing, warehouse and marts, in this order."""
    yield _room(folder, library)
    owner = lock.holder(folder.root)
    is_held = False
    if owner is None:
        yield Finding("run lock", "ok", "free")
    else:
        age = (clock.now() - datetime.fromisoformat(owner.heartbeat_at)).total_seconds()
        is_held = age <= lock.STALE_SECONDS
        state = "under way" if is_held else f"without a sign of life for {age:.0f} s; the next run takes the lock over"
        yield Finding(
            "run lock", "note" if is_held else "warn", f"{owner.words}, since {owner.started_at[:19]} UTC: {state}"
        )
    yield _pacing()
    yield from _databases(folder, is_held=is_held)


def _room(folder: DataFolder, library: Path | None) -> Finding:
    place = next(path for path in (folder.root, *folder.root.parents) if path.exists())
    if not os.access(place, os.W_OK):
        return Finding(
            "free space", "mend", f"{place} cannot be written to", "mend its permissions, or give another --data"
        )
    size = library.stat().st_size if library is not None and library.is_file() else 0
    need, free = COPIES * size + ROOM, shutil.disk_usage(place).free
    words = f"{free / 1e9:.1f} GB free at {place}, a night may need {need / 1e9:.1f} GB"
    if free < need:
        return Finding("free space", "mend", words, "make room, or lower `retention` in enrichment_config.json")
    return Finding("free space", "ok", words)


def _pacing() -> Finding:
    path = state_folder() / "pacing.sqlite"
    if not path.exists():
        return Finding("pacing", "ok", f"nothing was asked from this machine yet ({path.parent})")
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
        return Finding("pacing", "warn", f"{path}: {error}", "nothing: the next run sets it aside and begins a new one")
    if not os.access(path, os.W_OK):
        return Finding(
            "pacing", "mend", f"{path} cannot be written to", "mend its permissions, or set SILLON_STATE_DIR"
        )
    return Finding(
        "pacing", "ok", f"{path} paces {', '.join(name for name in tables if name in WEB_SOURCES) or 'nobody yet'}"
    )


def _databases(folder: DataFolder, *, is_held: bool) -> Iterator[Finding]:
    if not folder.warehouse.exists():
        yield Finding("warehouse", "ok", f"none yet in {folder.root}: the first run makes it")
        return
    if is_held:
        yield Finding("warehouse", "note", "held by the run that is under way")
    else:
        yield _opened("warehouse", folder.warehouse, _warehouse_words)
    yield _opened("marts", folder.marts, _marts_words)


def _opened(topic: str, path: Path, words: Callable[[duckdb.DuckDBPyConnection], tuple[bool, str]]) -> Finding:
    again = "run `sillon run` once: a damaged warehouse is set aside and what can be read of it moves into the new one"
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            is_sound, text = words(connection)
    except duckdb.Error as error:
        first = str(error).partition("\n")[0]
        if "lock" in first.lower():
            return Finding(topic, "mend", f"{path} is held by another program", "close the program that has it open")
        return Finding(topic, "mend", f"{path} cannot be read: {first[:160]}", again)
    return Finding(topic, "ok" if is_sound else "mend", f"{path}: {text}", None if is_sound else "update Sillon")


def _warehouse_words(connection: duckdb.DuckDBPyConnection) -> tuple[bool, str]:
    row = connection.execute("select max(version) from sillon.warehouse_version").fetchone()
    found = row[0] if row and row[0] is not None else 0
    return found <= VERSION, f"version {found}" + ("" if found <= VERSION else f", this Sillon knows {VERSION}")


def _marts_words(connection: duckdb.DuckDBPyConnection) -> tuple[bool, str]:
    tables = connection.execute("select count(*) from duckdb_tables() where schema_name = 'main'").fetchone()
    return True, f"{tables[0] if tables else 0} tables to ask questions of"


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
