"""The music app's SQLite database, read and never written.

Data flow: snapshot of the library -> `library.*`, every value as the text that was read.
Run it alone: `python -m ingest library --library PATH`.

What is broken in a value is listed in `library.unreadable_values`; what that means for the library is decided in SQL.
Backups and the writing of changes live in `dagster_project/publish/`.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest import warehouse
from ingest.errors import LibraryError, LibraryLocked, NotALibrary
from ingest.library_values import Faults, list_wrong_types, quoted, read_batches
from ingest.tables import LIBRARY_TABLES

TABLES: dict[str, tuple[str, ...]] = {
    name.removeprefix("library."): tuple(columns) for name, columns in LIBRARY_TABLES.items()
}
_BATCHES_A_PART = 25  # half a million rows, some 100 MB: fifty million scrobbles never stand in memory together
_HEADER = b"SQLite format 3\x00"
_WAL_BYTE = 18  # the "file format write version" of the header: 2 means a write-ahead log (sqlite.org/fileformat2.html)


@dataclass(frozen=True)
class LibraryShape:
    """What `check` found: the file, its rows per table, which of them are views, its text encoding and journal mode."""

    path: Path
    rows: dict[str, int]
    views: frozenset[str]
    encoding: str
    journal_mode: str


def check(path: Path, *, timeout_seconds: float = 10.0) -> LibraryShape:
    """See whether a file is a music library, without changing a byte of it.

    Raises NotALibrary (missing, empty, no database, encrypted, a table or column missing: each named), LibraryLocked
    after `timeout_seconds`, LibraryError when the file cannot be read.
    """
    _check_header(path)
    with _reading(path, timeout_seconds) as library:
        kinds = {
            str(name).lower(): str(kind)
            for name, kind in library.execute("select name, type from sqlite_master where type in ('table', 'view')")
        }
        for table, columns in TABLES.items():
            if table not in kinds:
                raise NotALibrary(f"it has no table `{table}`", where=path, expected=f"the tables {', '.join(TABLES)}")
            missing = [column for column in columns if column not in _columns_of(library, table)]
            if missing:
                raise NotALibrary(
                    f"its table `{table}` has no column `{missing[0]}`", where=path, expected=", ".join(columns)
                )
        return LibraryShape(
            path=path,
            rows={table: _count(library, table) for table in TABLES},
            views=frozenset(table for table in TABLES if kinds[table] == "view"),
            encoding=str(library.execute("pragma encoding").fetchone()[0]),
            journal_mode=str(library.execute("pragma journal_mode").fetchone()[0]),
        )


def extract(snapshot: Path, connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Copy the library's tables out of a snapshot into `library.*`, and list what could not be read as written.

    Returns the rows per table. Nulls stay null; blobs and invalid UTF-8 are decoded with U+FFFD; everything else is
    the text that SQLite makes of it, NULs included. Raises what `check` raises.
    """
    check(snapshot)
    faults = Faults()
    rows: dict[str, int] = {}
    with _reading(snapshot) as library:
        for table, columns in TABLES.items():
            blobs = list_wrong_types(library, table, columns, faults)
            schema = pa.schema([(column, pa.string()) for column in columns])
            batches = read_batches(library, table, columns, blobs, faults)
            rows[table] = warehouse.replace_library_table(connection, table, _parts(batches, schema))
    pa.default_memory_pool().release_unused()  # else 600 MB of half a million rows stay with the process all night
    faults.rows.sort(key=lambda row: (row["table_name"], row["column_name"], row["row_key"], row["kind"]))
    warehouse.replace_unreadable_values(connection, faults.rows)
    return rows


def _parts(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    while some := list(islice(batches, _BATCHES_A_PART)):
        yield pa.Table.from_batches(some, schema=schema)


def _check_header(path: Path) -> None:
    if not path.exists():
        raise NotALibrary("there is no such file", where=path, remedy="give the app's SQLite database")
    if path.is_dir():
        raise NotALibrary("this is a folder", where=path, remedy="give the app's SQLite database inside it")
    try:
        with path.open("rb") as file:
            header = file.read(len(_HEADER))
    except OSError as error:
        raise LibraryError(f"it cannot be read ({error.strerror})", where=path) from error
    if not header:
        raise NotALibrary("the file is empty", where=path, expected="a SQLite database")
    if header != _HEADER:
        raise NotALibrary("it is no SQLite database, or an encrypted one", where=path, expected="a SQLite database")


@contextmanager
def _reading(path: Path, timeout_seconds: float = 10.0) -> Iterator[sqlite3.Connection]:
    """A read-only connection; SQLite's errors leave it as ours."""
    try:
        library = _open(path, timeout_seconds)
        try:
            yield library
        finally:
            library.close()
    except sqlite3.Error as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise LibraryLocked(where=path, remedy="close the app, or try again later") from error
        if "not a database" in text:
            raise NotALibrary("it is no SQLite database, or an encrypted one", where=path) from error
        raise LibraryError(f"SQLite cannot read it ({text})", where=path, remedy="restore a backup of it") from error


def _open(path: Path, timeout_seconds: float) -> sqlite3.Connection:
    address = f"{path.resolve().as_uri()}?mode=ro"
    # A reader of a WAL database leaves -wal and -shm beside it, or cannot open it where the folder may not be written. No
    # program has it open where there is no log yet: then it may be taken as it stands, and nothing is left beside it.
    log = f"{path}-wal"
    with path.open("rb") as file:
        is_wal = file.read(_WAL_BYTE + 1)[_WAL_BYTE:] == b"\x02"
    is_there = os.path.lexists(log)  # no error for a name that leaves no room for a log's
    has_log = is_there and Path(log).stat().st_size > 0
    unwatched = f"{address}&immutable=1"
    # An app that died in the middle of a change left a journal: only a connection that may write can see past it.
    if os.path.lexists(f"{path}-journal"):
        address = address.replace("mode=ro", "mode=rw")
        has_log = True
    for attempt in (address,) if has_log else (unwatched,) if is_wal and not is_there else (address, unwatched):
        library = sqlite3.connect(attempt, uri=True, timeout=timeout_seconds)
        try:
            library.execute("select count(*) from sqlite_master").fetchone()
            library.execute("pragma query_only = on")
        except sqlite3.Error as error:
            library.close()
            if attempt is not address or "unable to open" not in str(error):
                raise
        else:
            return library
    raise sqlite3.OperationalError("unable to open database file")


def _count(library: sqlite3.Connection, table: str) -> int:
    return int(library.execute(f"select count(*) from {quoted(table)}").fetchone()[0])  # noqa: S608  our own names


def _columns_of(library: sqlite3.Connection, table: str) -> set[str]:
    # table_xinfo also names generated columns, which table_info hides
    return {str(row[1]).lower() for row in library.execute(f"pragma table_xinfo({quoted(table)})")}
