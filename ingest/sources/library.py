"""The music app's SQLite database, read and never written.

Data flow: snapshot of the library -> `library.*`, every value as the text that was read.
Run it alone: `python -m ingest library --library PATH`.

What is broken in a value is listed in `library.unreadable_values`; what that means for the library is decided in SQL.
Backups and the writing of changes live in `dagster_project/publish/`.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest import warehouse
from ingest.errors import LibraryError, LibraryLocked, NotALibrary
from ingest.tables import LIBRARY_TABLES

TABLES: dict[str, tuple[str, ...]] = {
    name.removeprefix("library."): tuple(columns) for name, columns in LIBRARY_TABLES.items()
}
KEYS = {"album_artist": ("album_id", "artist_id")}
_NUMBERS = frozenset(
    {"id", "album_id", "artist_id", "track_id", "year", "film_year", "track_number", "duration_seconds", "timestamp"}
)
_HEADER = b"SQLite format 3\x00"
_BATCH_ROWS = 20_000  # 8 columns of 20,000 short texts are about 10 MB; larger batches are no faster
_OVERSIZED_BYTES = 1_000_000
_PLAIN_NAME = re.compile(r"[a-z_]+")


@dataclass(frozen=True)
class LibraryShape:
    """What `check` found: the file, its rows per table, which of them are views, its text encoding and journal mode."""

    path: Path
    rows: dict[str, int]
    views: frozenset[str]
    encoding: str
    journal_mode: str


@dataclass
class _Faults:
    rows: list[dict[str, str]] = field(default_factory=list)

    def add(self, table: str, key: dict[str, Any], column: str, kind: str, detail: str) -> None:
        self.rows.append(
            {
                "table_name": table,
                "row_key": json.dumps(key, ensure_ascii=False, separators=(",", ":")),
                "column_name": column,
                "kind": kind,
                "detail": detail,
            }
        )


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
            rows={
                table: _count(library, table) for table in TABLES
            },
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
    faults = _Faults()
    rows: dict[str, int] = {}
    with _reading(snapshot) as library:
        for table, columns in TABLES.items():
            blobs = _list_wrong_types(library, table, columns, faults)
            schema = pa.schema([(column, pa.string()) for column in columns])
            batches = list(_read(library, table, columns, blobs, faults))
            rows[table] = warehouse.replace_library_table(
                connection, table, pa.Table.from_batches(batches, schema=schema)
            )
    faults.rows.sort(key=lambda row: (row["table_name"], row["column_name"], row["row_key"], row["kind"]))
    warehouse.replace_unreadable_values(connection, faults.rows)
    return rows


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
    # A WAL database in a folder that may not be written cannot be opened read-only; without a log to read, it may be
    # taken as it stands.
    log = path.with_name(path.name + "-wal")
    has_log = log.exists() and log.stat().st_size > 0
    for attempt in (address,) if has_log else (address, f"{address}&immutable=1"):
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
    return int(library.execute(f"select count(*) from {_name(table)}").fetchone()[0])  # noqa: S608  our own names


def _columns_of(library: sqlite3.Connection, table: str) -> set[str]:
    # table_xinfo also names generated columns, which table_info hides
    return {str(row[1]).lower() for row in library.execute(f"pragma table_xinfo({_name(table)})")}


def _name(identifier: str) -> str:
    """An identifier of ours, quoted; none of them comes from a library."""
    if not _PLAIN_NAME.fullmatch(identifier):
        raise ValueError(identifier)
    return f'"{identifier}"'


def _list_wrong_types(
    library: sqlite3.Connection, table: str, columns: Sequence[str], faults: _Faults
) -> frozenset[str]:
    """List blobs, and numbers that are none; returns the columns that hold blobs."""
    names = {column: _name(column) for column in columns}
    wrong = {
        column: f"(typeof({name}) = 'blob'"
        + (
            f" or (typeof({name}) in ('text', 'real') and cast(cast({name} as integer) as text) <> {name}))"
            if column in _NUMBERS
            else ")"
        )
        for column, name in names.items()
    }
    keys = KEYS.get(table, ("id",))
    shown = [f"substr(cast({name} as blob), 1, 80)" for name in names.values()]
    selected = ", ".join(
        [*(names[key] for key in keys), *wrong.values(), *map("typeof({})".format, names.values()), *shown]
    )
    query = f"select {selected} from {_name(table)} where {' or '.join(wrong.values())}"  # noqa: S608  our own names
    blobs = set()
    with closing(library.cursor()) as cursor:
        cursor.connection.text_factory = bytes
        for row in cursor.execute(query):
            key = dict(zip(keys, map(_as_json, row), strict=False))
            is_wrong, kinds, values = (row[len(keys) + n * len(columns) :] for n in range(3))
            for column, bad, kind, value in zip(columns, is_wrong, kinds, values, strict=False):
                if not bad:
                    continue
                if kind == b"blob":
                    blobs.add(column)
                text = (value or b"").decode("utf-8", "replace")
                fault = "blob" if kind == b"blob" else "wrong_type"
                faults.add(table, key, column, fault, f"{kind.decode()} instead of {_wanted(column)}: {text}")
    return frozenset(blobs)


def _wanted(column: str) -> str:
    return "a whole number" if column in _NUMBERS else "text"


def _as_json(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _read(
    library: sqlite3.Connection, table: str, columns: Sequence[str], blobs: frozenset[str], faults: _Faults
) -> Iterator[pa.RecordBatch]:
    # A cast would read a blob in the database's own encoding, which may be UTF-16.
    parts = [
        f"case when typeof({name}) = 'blob' then {name} else cast({name} as text) end"
        if column in blobs
        else f"cast({name} as text)"
        for column, name in ((column, _name(column)) for column in columns)
    ]
    keys = KEYS.get(table, ("id",))
    with closing(library.cursor()) as cursor:
        cursor.connection.text_factory = bytes
        cursor.execute(f"select {', '.join(parts)} from {_name(table)}")  # noqa: S608  our own names
        while rows := cursor.fetchmany(_BATCH_ROWS):
            values = dict(zip(columns, zip(*rows, strict=True), strict=True))
            arrays = [
                _as_text(table, column, values[column], {key: values[key] for key in keys}, faults)
                for column in columns
            ]
            yield pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _as_text(
    table: str, column: str, values: Sequence[bytes | None], keys: dict[str, Sequence[bytes | None]], faults: _Faults
) -> pa.Array:
    raw = pa.array(values, pa.binary())

    def fault(index: int, kind: str, detail: str) -> None:
        faults.add(table, {key: _as_number(found[index]) for key, found in keys.items()}, column, kind, detail)

    for index in _where(pc.greater(pc.binary_length(raw), _OVERSIZED_BYTES)):
        fault(index, "oversized", f"{len(values[index] or b'')} bytes")
    for index in _where(pc.greater_equal(pc.find_substring(raw, b"\x00"), 0)):
        fault(index, "embedded_nul", f"at byte {(values[index] or b'').index(bytes(1))}")
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        texts = [None if value is None else value.decode("utf-8", "replace") for value in values]
        for index, (value, text) in enumerate(zip(values, texts, strict=True)):
            if value is not None and text is not None and text.encode() != value:
                fault(index, "invalid_utf8", text[:80])
        return pa.array(texts, pa.string())


def _where(mask: pa.Array) -> list[int]:
    return list(pc.indices_nonzero(mask).to_pylist())


def _as_number(value: bytes | None) -> int | str | None:
    if value is None:
        return None
    text = value.decode("utf-8", "replace")
    return int(text) if re.fullmatch(r"-?\d+", text) else text
