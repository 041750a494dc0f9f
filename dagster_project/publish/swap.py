"""The only statements that alter a library: one row each, and none unless the row is exactly what was expected.

Here live the three writes, the times they set and the ids they take. Whether a change should be made is decided before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import apsw

from dagster_project.publish.cells import Cell, decode, quoted, reading
from dagster_project.publish.target import Database, Table

LARGEST_ID = 2**53  # beyond it other programs round


class LeftAlone(Exception):  # noqa: N818 (no fault: the row stays as it is)
    """A change that is not made; its text is the reason that the report shows."""


def key_of(row_key: str) -> dict[str, Cell]:
    """The columns and values that find a row."""
    return {name: Cell.of(value) for name, value in json.loads(row_key).items()}


def identity(name: str, row: Mapping[str, Cell]) -> dict[str, Cell]:
    """The columns and values that find a row of this table again, whatever else of it was altered."""
    columns = ("album_id", "artist_id") if name == "album_artist" else ("id",)
    return {column: row[column] for column in columns if column in row} or dict(row)


def table_of(database: Database, name: str) -> Table:
    """The shape of a table that must be there. Raises LeftAlone."""
    table = database.table(name)
    if table is None:
        raise LeftAlone(f"{name} is no table that can be written to")
    return table


def one_row(
    database: Database, table: Table, key: Mapping[str, Cell], columns: Sequence[str] | None = None
) -> dict[str, Cell]:
    """The one row with this key, whole or only these columns of it. Raises LeftAlone where there is none, or more than one."""
    if not all(table.has(column) for column in key):
        raise LeftAlone(f"{table.name} has no column {', '.join(sorted(set(key) - set(table.columns)))}")
    found = database.rows(table, dict(key), columns=columns)
    if len(found) != 1:
        raise LeftAlone("more than one row has this key" if found else "the row is gone")
    return found[0]


def update(database: Database, table: Table, key: Mapping[str, Cell], values: Mapping[str, Cell]) -> None:
    """Write values into one row."""
    assignments = ", ".join(f"{quoted(name)} = {cell.placeholder}" for name, cell in values.items())
    _execute(
        database,
        f"update or abort main.{quoted(table.name)} set {assignments} where {_where(key)}",  # noqa: S608
        [*values.values(), *key.values()],
    )


def insert(database: Database, table: Table, row: Mapping[str, Cell]) -> None:
    """Add one row; `$rowid` gives it back the number it had, if nothing took it."""
    values = dict(row)
    number = values.pop("$rowid", None)
    if number is not None and table.rowid and not _is_taken(database, table, number):
        values[table.rowid] = number
    names = ", ".join(map(quoted, values))
    places = ", ".join(cell.placeholder for cell in values.values())
    _execute(
        database,
        f"insert or abort into main.{quoted(table.name)} ({names}) values ({places})",  # noqa: S608
        list(values.values()),
    )


def delete(database: Database, table: Table, key: Mapping[str, Cell]) -> None:
    """Remove one row."""
    _execute(database, f"delete from main.{quoted(table.name)} where {_where(key)}", list(key.values()))  # noqa: S608


def _where(key: Mapping[str, Cell]) -> str:
    return " and ".join(f"{quoted(name)} is {cell.placeholder}" for name, cell in key.items())


def _is_taken(database: Database, table: Table, number: Cell) -> bool:
    query = f"select 1 from main.{quoted(table.name)} where {table.rowid} = ?"  # noqa: S608
    return database.connection.execute(query, (number.raw,)).fetchone() is not None


def _execute(database: Database, statement: str, cells: list[Cell]) -> None:
    """Run one statement that must touch exactly one row: a cascade, or a rule of the table, makes us leave it."""
    before = database.connection.total_changes()
    try:
        database.connection.execute(statement, tuple(cell.raw for cell in cells))
    except (apsw.ConstraintError, apsw.MismatchError, apsw.SQLError, apsw.TooBigError) as error:
        raise LeftAlone(f"the library refuses it: {error}") from error
    touched = database.connection.total_changes() - before
    if touched != 1:
        raise LeftAlone(f"it would have touched {touched} rows")


def next_id(database: Database, table: Table) -> Cell:
    """The id after the largest one: the same from the same rows, and one that nothing has or means already.

    Not one that AUTOINCREMENT has given out, and not one to which a row of an artist deleted long ago still points: a new
    artist would inherit the albums of that one.
    """
    query = (
        f"select max(id) from main.{quoted(table.name)} "  # noqa: S608
        f"where typeof(id) = 'integer' and id between 0 and {LARGEST_ID}"
    )
    largest = max(database.number(query), database.largest_reference(table.name, LARGEST_ID))
    if database.connection.execute("select 1 from sqlite_schema where name = 'sqlite_sequence'").fetchone():
        query = "select max(seq) from sqlite_sequence where name = ?"
        largest = max(largest, database.number(query, (table.name,)))
    return Cell("integer", largest + 1)


def time_like(example: Cell | None, moment: datetime) -> Cell:
    """A moment in the app's own way of writing times, as far as an example shows it.

    Without one: text, 'YYYY-MM-DD HH:MM:SS', UTC, as SQLite's CURRENT_TIMESTAMP writes it.
    """
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    if example and isinstance(example.raw, int | float):
        seconds = int(aware.timestamp())
        return Cell("integer", seconds * 1000 if example.raw > 10**11 else seconds)
    text = _spelled(aware)
    if example and isinstance(example.raw, str) and example.raw[10:11] == "T":
        text = text.replace(" ", "T") + ("Z" if example.raw.endswith("Z") else "")
    return Cell("text", text)


@lru_cache(maxsize=64)  # a night writes one moment, and a copy those of the nights before
def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def times(
    database: Database, table: Table, moment: datetime, *, row: Mapping[str, Cell] | None = None
) -> dict[str, Cell]:
    """The columns of time to set: `updated_at` of a changed row, both of a new one (`row` None)."""
    names = ("created_at", "updated_at") if row is None else ("updated_at",)
    wanted = [name for name in names if table.has(name)]
    example = _any_time(database, table, wanted[0]) if row is None and wanted else None
    return {name: time_like(row[name] if row else example, moment) for name in wanted}


def _any_time(database: Database, table: Table, column: str) -> Cell | None:
    query = f"select {reading(column)} from main.{quoted(table.name)} where {column} is not null limit 1"  # noqa: S608
    found: tuple[Any, ...] | None = database.connection.execute(query).fetchone()
    return decode(found[0], found[1], database.encoding) if found else None
