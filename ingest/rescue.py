"""What becomes of a damaged warehouse: it is set aside under a new name, and what can be read moves on, table by table.
And of one of an older version: a copy of it is kept before it is changed.

Nothing is ever deleted here, and a file that is no warehouse at all is left alone.
"""

# ruff: noqa: S608, N818 - the names in these statements come from `tables.py`; an error is named for its cause

import logging
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

import duckdb

from ingest.errors import WarehouseError
from ingest.tables import TEXT_OF_ANY_LENGTH

log = logging.getLogger(__name__)

_DAMAGE_WORDS = (
    "corrupt",
    "checksum",
    "not a valid duckdb database",
    "could not read enough bytes",
    "replaying wal",
    "failed to deserialize",
    "failed to load metadata",
    "serialization error",
    "database has been invalidated",
)


_FULL_WORDS = ("no space left", "disk quota exceeded", "could not write all bytes", "out of disk", "failed to offload")


class Damaged(Exception):
    """The file opened as far as its damage; the text is DuckDB's own."""


def is_full(error: duckdb.Error) -> bool:
    """Whether DuckDB complains of the disk's room, whatever it then says of the file."""
    return any(word in str(error).lower() for word in _FULL_WORDS)


def is_damage(error: duckdb.Error) -> bool:
    """Whether DuckDB complains of the file's contents, not of permission, locks or room."""
    if is_full(error):
        return False
    if isinstance(error, duckdb.FatalException | duckdb.InternalException | duckdb.SerializationException):
        return True
    text = str(error).lower()
    return any(word in text for word in _DAMAGE_WORDS)


def refuse_strangers(path: Path) -> None:
    """Raise WarehouseError for a folder or an SQLite file: setting aside somebody's library would be no rescue."""
    if path.is_dir():
        raise WarehouseError("the warehouse is a folder", where=path, expected="a file")
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except FileNotFoundError:
        return
    except OSError as error:
        raise WarehouseError(
            f"the warehouse cannot be read: {error.strerror}", where=path, remedy="check its owner and permissions"
        ) from error
    if start.startswith(b"SQLite format 3"):
        raise WarehouseError(
            "this is an SQLite database", where=path, expected="a warehouse", remedy="give another path"
        )


def set_aside(path: Path) -> Path:
    """Rename the damaged file, and its write-ahead log with it; returns the new path of the file."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    path.rename(aside)
    wal = path.with_name(path.name + ".wal")
    if wal.exists():
        # Under a name DuckDB does not take for the log of the file set aside: the log may be what is damaged.
        wal.rename(path.with_name(f"{path.name}.wal.damaged-{stamp}"))
    log.warning("The warehouse was damaged and is now %s", aside)
    return aside


def last_aside(path: Path) -> Path | None:
    """The damaged file that was set aside last; where no warehouse has its place, the rescue did not come to its end."""
    return max(path.parent.glob(f"{escape(path.name)}.damaged-*"), default=None)


def keep_copy(path: Path, version: int) -> Path:
    """Copy the file, which nobody has open, to `<name>.version-<n>`; returns that path. One copy is kept per version."""
    kept = path.with_name(f"{path.name}.version-{version}")
    aside = kept.with_name(f".{kept.name}.part")
    try:
        with path.open("rb") as old, aside.open("wb") as new:
            # Not the kernel's own copying, which was seen to end early on a full disk without an error.
            while piece := old.read(1 << 20):
                new.write(piece)
            new.flush()
            os.fsync(new.fileno())
        shutil.copymode(path, aside)
        aside.replace(kept)
    finally:
        aside.unlink(missing_ok=True)
    log.info("The warehouse of version %s is kept as %s", version, kept)
    return kept


def move_readable(
    aside: Path, connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Mapping[str, str]], damage: str
) -> dict[str, int]:
    """Copy every table that can still be read into the new warehouse; returns the rows by table.

    A table that cannot be read is lost as a whole: its questions fall due again. Columns are met by name.
    """
    moved: dict[str, int] = {}
    log.warning("The warehouse was damaged: %s", damage.partition("\n")[0])
    for table, columns in tables.items():
        if table == "sillon.warehouse_version":
            continue
        try:
            # A connection for each table: after some kinds of damage DuckDB lets a connection do nothing more.
            with duckdb.connect(str(aside), read_only=True) as damaged:
                damaged.execute(TEXT_OF_ANY_LENGTH)
                there = {row[0] for row in damaged.execute(f"describe {table}").fetchall()}
                names = ", ".join(name for name in columns if name in there)
                readable = damaged.execute(f"select {names} from {table}").to_arrow_table()
        except duckdb.CatalogException:
            continue
        except duckdb.Error as error:
            log.warning("%s could not be rescued: %s", table, str(error).partition("\n")[0])
            continue
        with connection.cursor() as cursor:
            cursor.register("readable_rows", readable)
            cursor.execute(f"insert into {table} ({names}) select {names} from readable_rows")
            cursor.unregister("readable_rows")
        moved[table] = readable.num_rows
    log.warning("Rescued %s rows of %s tables", sum(moved.values()), len(moved))
    return moved


def read_all(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Mapping[str, str]]) -> None:
    """Read every value once. DuckDB checks a block only when it reads it, so damage else shows up in mid-night.

    Raises Damaged.
    """
    with connection.cursor() as cursor:
        for table in tables:
            try:
                cursor.execute(f"select bit_xor(hash(everything)) from {table} as everything").fetchone()
            except duckdb.Error as error:
                if is_damage(error):
                    raise Damaged(str(error)) from error
                raise
