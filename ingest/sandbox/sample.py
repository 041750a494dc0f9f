"""Builds the sample library that the project carries: `data/sample/library.sql` as an SQLite database, its catalogue beside it.

The text is the library; nothing is added here.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "data" / "sample"
CATALOGUE = FOLDER / "catalogue"


def build_library(path: Path) -> Path:
    """Writes the sample library to `path` (replacing what is there) in WAL mode, as the app does; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        leftover.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.executescript((FOLDER / "library.sql").read_text(encoding="utf-8"))
        connection.execute("pragma wal_checkpoint(truncate)")
    return path
