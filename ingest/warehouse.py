"""The warehouse file: how it is opened, the shape of its tables, and every write into them.

The only Python that writes the raw schemas and the schema `sillon`. Nothing is decided here; models stand in
`dbt_project/`, the column lists in `tables.py`, and what becomes of a damaged file in `rescue.py`. The file is long because no
other may write there: each table has its few lines here.
"""

# ruff: noqa: S608 - the names in these statements come from `tables.py`

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest import rescue
from ingest.errors import DiskFull, WarehouseBusy, WarehouseError, WarehouseNewer
from ingest.tables import (
    ARROW_TYPES,
    LIBRARY_TABLES,
    MIGRATIONS,
    SCHEMAS,
    TABLES,
    TEXT_OF_ANY_LENGTH,
    VERSION,
    WEB_TABLES,
)

_ROWS_AT_ONCE = 10_000
_MOMENTS = {table: [name for name, kind in columns.items() if kind == "timestamp"] for table, columns in TABLES.items()}
MEMORY_GIB = 4


@dataclass(frozen=True, slots=True)
class RawRow:
    """One request and its answer, as received.

    `asked` is a JSON array of objects, each with `question` and perhaps `album_id`; `fetched_at` is UTC (aware or
    naive); `payload` is JSON text, or None where the answer was "there is none".
    """

    request_key: str
    asked: str
    url: str
    status: int
    fetched_at: datetime
    run_id: str
    payload: str | None


def connect(path: Path, *, verify: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for reading and writing; whatever is missing in it is created.

    Args:
        path: the file; its folder is created too.
        verify: read every value once, to find damage now and not in the middle of the night.

    Returns:
        A connection. Threads take a cursor of it each; the functions below do so themselves.

    Raises:
        WarehouseBusy: another program holds the file.
        WarehouseNewer: a newer Sillon or DuckDB wrote it.
        DiskFull: no room even to open it.
        WarehouseError: no permission, a folder, another kind of database.

    A damaged file is set aside under a new name, and what can still be read of it moves into the new one. One of an older
    version is copied to `<file>.version-<n>` before it is brought to this one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    rescue.refuse_strangers(path)
    if not path.exists() and (aside := rescue.last_aside(path)):
        return _rescued(aside, path, "its rescue was cut off")
    try:
        connection = _open(path)
        if verify:
            _verify(connection)
    except rescue.Damaged as damage:
        return _rescued(rescue.set_aside(path), path, str(damage))
    return connection


def _rescued(aside: Path, path: Path, damage: str) -> duckdb.DuckDBPyConnection:
    """A new warehouse with what can be read of the damaged one. It gets its name once all of that is in it."""
    fresh = path.with_name(path.name + ".rescued")
    for left in (fresh, fresh.with_name(fresh.name + ".wal")):  # of a rescue that was cut off
        left.unlink(missing_ok=True)
    with _open(fresh) as connection:
        rescue.move_readable(aside, connection, TABLES, damage)
        connection.execute("checkpoint")
    fresh.replace(path)
    return _open(path)


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    is_new = not path.exists()
    try:
        connection = duckdb.connect(str(path))
    except duckdb.Error as error:
        if is_new and rescue.is_full(error):  # else the next one takes the stump for a damaged warehouse
            path.unlink(missing_ok=True)
        raise _explain(error, path) from error
    try:
        if (version := _version(connection)) is not None and version < VERSION:
            connection.close()  # so that all of it lies in the one file, and nobody writes while it is copied
            rescue.keep_copy(path, version)
            connection = duckdb.connect(str(path))
        _prepare(connection, path)
    except duckdb.Error as error:
        connection.close()
        raise _explain(error, path) from error
    except WarehouseError:
        connection.close()
        raise
    return connection


def _verify(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        rescue.read_all(connection, TABLES)
    except rescue.Damaged:
        connection.close()
        raise


def _explain(error: duckdb.Error, path: Path) -> Exception:
    text = str(error)
    if "Could not set lock" in text or "Conflicting lock" in text:
        return WarehouseBusy(where=path, remedy="wait for the other run, or close the program that has it open")
    if "version number" in text:
        return WarehouseNewer("a newer DuckDB wrote this warehouse", where=path, remedy="update Sillon")
    if rescue.is_full(error):
        return DiskFull("no room left to open the warehouse", where=path, remedy="free some space and run again")
    if rescue.is_damage(error):
        return rescue.Damaged(text)
    return WarehouseError("the warehouse cannot be opened: " + text.partition("\n")[0], where=path)


def _version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The version that the file has; None for a new one."""
    try:
        row = connection.execute("select max(version) from sillon.warehouse_version").fetchone()
    except duckdb.CatalogException:
        return None
    return row[0] if row else None


def _leave_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """Take 4 GB at most, as dbt does: by itself DuckDB takes four fifths of the machine's; what does not fit is spilled."""
    row = connection.execute("select current_setting('memory_limit')").fetchone()
    amount, unit = str(row[0] if row else "").split()
    if unit == "TiB" or (unit == "GiB" and float(amount) > MEMORY_GIB):
        connection.execute(f"set memory_limit = '{MEMORY_GIB}GiB'")


def _prepare(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Create what is missing and run the migrations that the file has not seen, in one transaction."""
    # Nothing is ever downloaded. Set here rather than at connect: a second connection of this process to the same file,
    # dbt's for one, would be refused for its different configuration.
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute(TEXT_OF_ANY_LENGTH)
    _leave_memory(connection)
    with connection.cursor() as cursor:
        cursor.begin()
        for schema in SCHEMAS:
            cursor.execute(f"create schema if not exists {schema}")
        for table, columns in TABLES.items():
            body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            cursor.execute(f"create table if not exists {table} ({body})")
        found = _version(cursor)
        if found is not None and found > VERSION:
            _roll_back(cursor)
            raise WarehouseNewer(
                f"the warehouse has version {found}, this Sillon knows {VERSION}", where=path, remedy="update Sillon"
            )
        for version in range(VERSION if found is None else found + 1, VERSION + 1):
            for statement in MIGRATIONS.get(version, ()):
                cursor.execute(statement)
            cursor.execute(
                "insert into sillon.warehouse_version values (?, ?)", [version, utc_naive(datetime.now(UTC))]
            )
        cursor.commit()


def append(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[RawRow]) -> int:
    """Add answers to a raw web table such as `musicbrainz.release_groups`, all or none.

    Returns the number of rows. Raises ValueError for a table that is no raw web table.
    """
    if table not in WEB_TABLES:
        raise ValueError(f"{table} is no raw web table")
    return _write(connection, table, [asdict(row) for row in rows])


def append_missing(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> int:
    """Add answers that are known elsewhere to a raw web table, except those that it has already. Returns how many were new."""
    if table not in WEB_TABLES:
        raise ValueError(f"{table} is no raw web table")
    with connection.cursor() as cursor:
        cursor.register("known_rows", rows)
        missing = cursor.execute(
            f"select known_rows.* from known_rows anti join {table} using (request_key, fetched_at, run_id)"
        ).to_arrow_table()
    return _insert(connection, table, missing, replace=False) if missing.num_rows else 0


def replace_asked(connection: duckdb.DuckDBPyConnection, table: str, asked: Mapping[int, str]) -> None:
    """Say anew which albums some answers of a raw web table (by their `rowid`) are about, all or none."""
    if table not in WEB_TABLES:
        raise ValueError(f"{table} is no raw web table")
    with connection.cursor() as cursor:
        cursor.begin()
        try:
            for answer_id, text in asked.items():
                cursor.execute(f"update {table} set asked = ? where rowid = ?", [text, answer_id])
            cursor.commit()
        except BaseException:
            _roll_back(cursor)
            raise


def replace_library_table(
    connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table | pa.RecordBatchReader | Iterable[pa.Table]
) -> int:
    """Replace one table of the schema `library`, whole, with the columns of `rows` (text, by name), all or nothing.

    A table that need not stand in memory whole comes in parts. Columns that the raw table does not have are an error,
    columns that are not given stay null. Returns the rows.
    """
    name = table if table.startswith("library.") else f"library.{table}"
    if name not in LIBRARY_TABLES:
        raise ValueError(f"{table} is no table of the library")
    return _insert(connection, name, rows, replace=True)


def replace_unreadable_values(connection: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Replace the list of values that could not be read as written."""
    return _write(connection, "library.unreadable_values", rows, replace=True)


def replace_settings(connection: duckdb.DuckDBPyConnection, settings: Mapping[str, str]) -> int:
    """Replace the settings that SQL needs: name to text."""
    rows = [{"name": name, "value": value} for name, value in sorted(settings.items())]
    return _write(connection, "sillon.settings", rows, replace=True)


def replace_decisions(connection: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Replace the person's decisions."""
    return _write(connection, "sillon.decisions", rows, replace=True)


def replace_applied_changes(connection: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Replace the ledger with what its files say."""
    return _write(connection, "sillon.applied_changes", rows, replace=True)


def append_applied_changes(connection: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Add entries to the ledger."""
    return _write(connection, "sillon.applied_changes", rows)


def record_run(connection: duckdb.DuckDBPyConnection, run: Mapping[str, Any]) -> None:
    """Write the row of one run; what is given replaces what was known, what is not given stays.

    Args:
        connection: the warehouse.
        run: `run_id` and any other columns of `sillon.runs`.
    """
    _merge(connection, "sillon.runs", "run_id", run)


def record_source_state(connection: duckdb.DuckDBPyConnection, state: Mapping[str, Any]) -> None:
    """Write the row of one source: `source` and any other columns of `sillon.source_states`."""
    _merge(connection, "sillon.source_states", "source", state)


def _merge(connection: duckdb.DuckDBPyConnection, table: str, key: str, values: Mapping[str, Any]) -> None:
    row = _as_stored(table, values)
    with connection.cursor() as cursor:
        cursor.begin()
        try:
            known = cursor.execute(f"select * from {table} where {key} = ?", [row[key]]).to_arrow_table().to_pylist()
            merged = {**(known[0] if known else {}), **row}
            cursor.execute(f"delete from {table} where {key} = ?", [row[key]])
            marks = ", ".join("?" for _ in merged)
            cursor.execute(f"insert into {table} ({', '.join(merged)}) values ({marks})", list(merged.values()))
            cursor.commit()
        except BaseException:
            _roll_back(cursor)
            raise


def _write(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]], *, replace: bool = False
) -> int:
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in TABLES[table].items()])
    rest = iter(rows)

    def parts() -> Iterator[pa.Table]:
        # by the thousand, so that a ledger of a million changes is not also there a second time, as dictionaries or arrow
        while stored := [_as_stored(table, row) for row in islice(rest, _ROWS_AT_ONCE)]:
            yield pa.Table.from_pylist(stored, schema=schema)

    return _insert(connection, table, parts(), replace=replace)


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    incoming: pa.Table | pa.RecordBatchReader | Iterable[pa.Table],
    *,
    replace: bool,
) -> int:
    parts = [incoming] if isinstance(incoming, pa.Table | pa.RecordBatchReader) else incoming
    rows = 0
    with connection.cursor() as cursor:
        cursor.begin()
        try:
            if replace:
                cursor.execute(f"delete from {table}")
            for part in parts:
                rows += _insert_part(cursor, table, part)
            cursor.commit()
        except BaseException:
            _roll_back(cursor)
            raise
    return rows


def _insert_part(cursor: duckdb.DuckDBPyConnection, table: str, part: pa.Table | pa.RecordBatchReader) -> int:
    unknown = [name for name in part.schema.names if name not in TABLES[table]]
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(unknown)}")
    columns = ", ".join(part.schema.names)
    cursor.register("incoming_rows", part)
    try:
        result = cursor.execute(f"insert into {table} ({columns}) select {columns} from incoming_rows").fetchone()
    finally:
        cursor.unregister("incoming_rows")
    return int(result[0]) if result else 0


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # a commit that failed has done so already
        cursor.rollback()


def _as_stored(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    columns = TABLES[table]
    if unknown := sorted(row.keys() - columns.keys()):
        raise ValueError(f"{table} has no column {', '.join(unknown)}")
    moments = {name: utc_naive(row[name]) for name in _MOMENTS[table] if isinstance(row.get(name), datetime)}
    return {**row, **moments}


def utc_naive(moment: datetime) -> datetime:
    """A moment as the warehouse keeps it: UTC, without a zone. A naive moment is taken to be UTC already."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
