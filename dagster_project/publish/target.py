"""The database that is written to, or read from: how it is opened, and what its tables look like.

Here live connections and the shape of tables. What is written stands in `swap.py`, in what order in `write.py`. The file is
long because how a file is opened and how its values are read decide together that no byte of it is lost.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import apsw

from dagster_project.publish.cells import Cell, decode, plain, quoted, reading
from ingest.errors import LibraryLocked, NotALibrary

Kind = Literal["copy", "in_place"]
LOCK_SECONDS = 10.0  # how long the app may hold the library before we say so
ROWID_NAMES = ("rowid", "_rowid_", "oid")


@dataclass(frozen=True)
class Target:
    """Where the changes go: a copy of the library at `path`, or the library itself."""

    kind: Kind
    path: Path

    @cached_property
    def name(self) -> str:
        """The path by which the ledger knows it."""
        return str(self.path.resolve())


@dataclass(frozen=True)
class Table:
    """What Sillon must know of a table before it writes a row of it."""

    name: str
    columns: tuple[str, ...]  # those that a person could write: no generated and no hidden ones
    rowid: str | None  # a name for the row's number where it has one of its own, kept when a row comes back

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The names under which a whole row is read."""
        return (*self.columns, *(["$rowid"] if self.rowid else []))

    @cached_property
    def whole_row(self) -> tuple[str, ...]:
        """What a whole row is read from, in the order of `labels`."""
        return (*self.columns, *([self.rowid] if self.rowid else []))

    def has(self, column: str) -> bool:
        return column in self.columns


@lru_cache(maxsize=256)  # a night asks some twenty of these, each of them thousands of times
def _select(
    table: str, columns: tuple[str, ...], where: tuple[tuple[str, str], ...], limit: int, spelled: Callable[[str], str]
) -> str:
    shown = ", ".join(map(spelled, columns))
    condition = " and ".join(f"{quoted(name)} is {placeholder}" for name, placeholder in where)
    return f"select {shown} from main.{quoted(table)} where {condition} limit {limit}"  # noqa: S608 (names are quoted)


class Database:
    """One open SQLite database and the shapes of its tables."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self.encoding: str = connection.pragma("encoding")
        self._tables: dict[str, Table | None] = {}
        self._references: dict[str, int] = {}

    def table(self, name: str) -> Table | None:
        """The shape of a table, or None where there is no such table (a view is none: nothing can be written to it)."""
        if name not in self._tables:
            self._tables[name] = self._look(name)
        return self._tables[name]

    def _look(self, name: str) -> Table | None:
        found = self.connection.execute(
            "select type, wr from pragma_table_list where schema = 'main' and name = ?", (name,)
        ).fetchone()
        if found is None or found[0] != "table":
            return None
        found_columns = self.connection.execute("select name, type, pk, hidden from pragma_table_xinfo(?)", (name,))
        rows: list[tuple[Any, ...]] = found_columns.fetchall()
        columns = tuple(row[0] for row in rows if row[3] == 0)
        keys = [row for row in rows if row[2]]
        is_alias = len(keys) == 1 and keys[0][1].upper() == "INTEGER"
        taken = {row[0].lower() for row in rows}
        free = [word for word in ROWID_NAMES if word not in taken]
        return Table(name, columns, None if found[1] or is_alias or not free else free[0])

    def rows(
        self, table: Table, key: dict[str, Cell], *, limit: int = 2, columns: Sequence[str] | None = None
    ) -> list[dict[str, Cell]]:
        """The rows with these values, whole or only these columns; `$rowid` holds the row's own number where it has one."""
        some = tuple(name for name in columns or () if table.has(name))
        labels, shown = (some, some) if some else (table.labels, table.whole_row)
        where = tuple((name, cell.placeholder) for name, cell in key.items())
        values = tuple(cell.raw for cell in key.values())
        # of another encoding the driver sees a conversion, which hides what is no valid text
        if self.encoding == "UTF-8":
            with suppress(UnicodeDecodeError):
                found = self.connection.execute(_select(table.name, shown, where, limit, quoted), values)
                return [dict(zip(labels, map(plain, row), strict=True)) for row in found]
        found = self.connection.execute(_select(table.name, shown, where, limit, reading), values)
        return [
            {label: decode(row[2 * at], row[2 * at + 1], self.encoding) for at, label in enumerate(labels)}
            for row in found
        ]

    def number(self, query: str, values: tuple[Any, ...] = ()) -> int:
        """The one number that a query returns; null counts as 0."""
        row: tuple[Any, ...] | None = self.connection.execute(query, values).fetchone()
        return int(row[0] or 0) if row else 0

    def largest_reference(self, name: str, limit: int) -> int:
        """The largest id by which other tables speak of a row of this one, declared or by the app's custom.

        Looked up once: what we add ourselves refers to rows that are there.
        """
        if name not in self._references:
            query = (
                'select tables.name, keys."from" from pragma_table_list as tables '
                "join pragma_foreign_key_list(tables.name) as keys "
                "where tables.schema = 'main' and tables.type = 'table' and keys.\"table\" = ? collate nocase"
            )
            declared = set(self.connection.execute(query, (name,)).fetchall())
            by_custom = {(table, f"{name.removesuffix('s')}_id") for table in ("album_artist", "images")}
            largest = 0
            for table_name, column in declared | by_custom:
                table = self.table(str(table_name))
                if table and table.has(str(column)):
                    label = quoted(str(column))
                    query = f"select max({label}) from main.{quoted(table.name)} where {label} between 0 and {limit}"  # noqa: S608
                    largest = max(largest, self.number(query))
            self._references[name] = largest
        return self._references[name]

    def counts(self) -> dict[str, int]:
        """Rows per table."""
        names: list[tuple[Any, ...]] = self.connection.execute(
            "select name from pragma_table_list where schema = 'main' and type in ('table', 'virtual') "
            "and name not like 'sqlite!_%' escape '!' order by name"  # SQLite's own tables are its own business
        ).fetchall()
        counted: dict[str, int] = {}
        for (name,) in names:
            try:
                query = f"select count(*) from main.{quoted(name)}"  # noqa: S608 (the name is quoted)
                counted[name] = self.number(query)
            except apsw.CorruptError:
                raise
            except apsw.SQLError:  # a virtual table whose module only the app has
                continue
        return counted

    def fold_log(self) -> None:
        """Bring what the `-wal` file holds into the database itself. Raises apsw.BusyError while others read it."""
        found: tuple[Any, ...] | None = self.connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        if found and found[0]:
            raise apsw.BusyError("another program is reading the library")

    def damage(self) -> tuple[list[str], list[str]]:
        """What integrity_check says, in two lists: the file is damaged; a row breaks a rule of its own table.

        The second kind is a matter of the person's data (a NULL from before the column forbade it): it hinders nothing.
        """
        try:
            lines = [row[0] for row in self.connection.execute("pragma integrity_check(100)")]
        except (apsw.CorruptError, apsw.NotADBError) as error:
            return [str(error)], []
        broken: list[str] = []
        remarks: list[str] = []
        for line in lines:
            if line != "ok":
                (remarks if _is_remark(line) else broken).append(line)
        return broken, remarks


def _is_remark(line: str) -> bool:
    starts = ("NULL value in ", "CHECK constraint failed in ", "NUMERIC value in ", "TEXT value in ", "non-")
    return line.startswith(starts) and not line.startswith("non-unique")


def address(path: Path, options: str) -> str:
    """The URI of a database file, whatever characters its path has."""
    return f"file:{quote(str(path.resolve()))}?{options}"


@contextmanager
def frozen(path: Path) -> Iterator[Database]:
    """A file that nobody writes (a backup, a copy not yet named): read without locks and without files beside it."""
    with closing(apsw.Connection(address(path, "immutable=1"), flags=_READ | apsw.SQLITE_OPEN_URI)) as connection:
        yield Database(connection, path)


_READ = apsw.SQLITE_OPEN_READONLY


@contextmanager
def looked_at(path: Path, *, timeout_s: float = LOCK_SECONDS) -> Iterator[Database]:
    """A database that others may be writing, opened so that its file stays as it is, byte for byte.

    A log that the app left behind (`-wal`) is read but not folded into the file: that is for the app to do.
    Raises LibraryLocked, NotALibrary.
    """
    with explained(path), closing(_open_to_look(path, int(timeout_s * 1000))) as connection:
        yield Database(connection, path)


def _open_to_look(path: Path, busy_ms: int) -> apsw.Connection:
    log = f"{path}-wal"
    # Not `exists`: a name that leaves no room for a log's is no error.
    has_log = os.path.lexists(log) and Path(log).stat().st_size > 0
    attempts = [(str(path), _READ), (address(path, "immutable=1"), _READ | apsw.SQLITE_OPEN_URI)]
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) and not has_log:
        # Opened to write but not written: SQLite then leaves no files beside it, and can undo a half-written change
        # of an app that died.
        attempts = [(str(path), apsw.SQLITE_OPEN_READWRITE), *attempts]
    elif has_log:
        attempts = attempts[:1]  # without the log the file would be older than what the app shows
    for number, (place, flags) in enumerate(attempts, start=1):
        connection = apsw.Connection(place, flags=flags)
        connection.set_busy_timeout(busy_ms)
        try:
            connection.execute("select count(*) from sqlite_schema").fetchone()
        except (apsw.CantOpenError, apsw.ReadOnlyError):
            connection.close()
            if number == len(attempts):
                raise
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise AssertionError("unreachable: the last attempt returns or raises")


@contextmanager
def opened_to_write(path: Path, *, timeout_s: float = LOCK_SECONDS) -> Iterator[Database]:
    """A database to write: triggers held off, foreign keys kept, every commit on the disk before it counts.

    Triggers are the app's reaction to its own writes; foreign keys are checked for what we write and for nothing else,
    so references that were broken before hinder nothing. Raises LibraryLocked, NotALibrary.
    """
    with explained(path), closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
        connection.set_busy_timeout(int(timeout_s * 1000))
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.pragma("foreign_keys", True)
        connection.pragma("synchronous", "full")
        yield Database(connection, path)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """SQLite's complaints about a library, each as one line."""
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        raise LibraryLocked(where=path, remedy="close the app that is writing to it, or run again later") from error
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise NotALibrary(f"the file cannot be read as a database ({error})", where=path) from error
    except apsw.CantOpenError as error:
        raise NotALibrary("the file cannot be opened", where=path, remedy="check its path and permissions") from error
