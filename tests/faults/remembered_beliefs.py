"""The dbt build of a night, remembered by what it read: where the danger lies elsewhere, the same inputs are built once.

A build costs more than the rest of the night together. Nothing is assumed: the key is made of every row that the models
read, and rows that were never seen are built for real. Whether a build is the same each time is itself under test.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import shutil
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from dagster_project import believe
from dagster_project.believe import Beliefs
from ingest.tables import TABLES

# What two nights never share, and what no model reads.
UNREAD = ("sillon.runs", "sillon.source_states", "sillon.warehouse_version")
# The sandbox's ports, and when MusicBrainz answered: no mart keeps either, or the hashes of two nights would differ.
PASSING = re.compile(r'127\.0\.0\.1:\d+|"created": ?"[^"]*"')
MOMENTS = ("run_id", "entry_id", "undoes", "row_before", "row_after")

_build = believe.build


class Remembered:
    """`believe.build` with a memory in a folder, which several processes may share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.built = 0

    def build(
        self,
        warehouse: Path,
        scratch: Path,
        *,
        select: Sequence[str] = (),
        on_node: Callable[[str, str], None] | None = None,
        engine: object = None,
        **options: object,
    ) -> Beliefs:
        """What `believe.build` does with a whole night."""
        if engine is not None:
            options["engine"] = engine
        if select or options:
            return _build(warehouse, scratch, select=select, on_node=on_node, **options)  # type: ignore[arg-type]
        known = self.folder / inputs(warehouse)
        with FileLock(self.folder / "lock"):
            if not (known / "beliefs").exists():
                self.built += 1
                self._learn(warehouse, known)
        with duckdb.connect(str(warehouse)) as connection:
            _copy_schemas(connection, known / "built.duckdb")
        beliefs: Beliefs = pickle.loads((known / "beliefs").read_bytes())
        for result in beliefs.results if on_node else ():
            on_node(result.name, result.status)
        return beliefs

    def _learn(self, warehouse: Path, known: Path) -> None:
        # Always at one path: dbt parses everything anew when its profile names another file.
        place = self.folder / "warehouse.duckdb"
        place.unlink(missing_ok=True)
        place.with_name("warehouse.duckdb.wal").unlink(missing_ok=True)
        with duckdb.connect(str(place)) as connection:
            connection.execute(f"attach '{str(warehouse).replace(chr(39), chr(39) * 2)}' as source (read_only)")
            connection.execute("copy from database source to warehouse")
        beliefs = _build(place, self.folder / "dbt")
        shutil.rmtree(known, ignore_errors=True)
        known.mkdir()
        shutil.copyfile(place, known / "built.duckdb")
        aside = known / "beliefs.new"
        aside.write_bytes(pickle.dumps(beliefs))
        aside.replace(known / "beliefs")


def _copy_schemas(connection: duckdb.DuckDBPyConnection, built: Path) -> None:
    connection.execute(f"attach '{str(built).replace(chr(39), chr(39) * 2)}' as built (read_only)")
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = 'built' and schema_name in ('marts', 'seeds', 'intermediate')"
    ).fetchall()
    for schema, table in tables:
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(f'create or replace table {schema}."{table}" as from built.{schema}."{table}"')
    connection.execute("detach built")


@cache
def rules() -> bytes:
    """A hash of the models, macros and seeds: a changed rule is a new build."""
    digest = hashlib.sha256()
    for path in sorted(believe.PROJECT_FOLDER.rglob("*")):
        if path.suffix in (".sql", ".yml", ".csv"):
            digest.update(path.read_bytes())
    return digest.digest()


def inputs(warehouse: Path) -> str:
    """A hash of every row that the models read, without moments, run ids, and the folder and ports of this very run."""
    digest = hashlib.sha256(rules())
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table, columns in TABLES.items():
            if table in UNREAD:
                continue
            names = [name for name in columns if name not in MOMENTS and not name.endswith("_at")]
            if table.startswith("library."):
                names = list(columns)
            rows = connection.execute(f"select {', '.join(names)} from {table}").fetchall()
            folder = str(warehouse.parent.parent)
            lines = sorted(PASSING.sub("", repr(row).replace(folder, "<folder>")) for row in rows)
            digest.update("\n".join([table, *names, *lines]).encode())
    return digest.hexdigest()[:24]


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """One memory for all processes of a test run; SILLON_TEST_BELIEFS names one that lasts."""
    if lasting := os.environ.get("SILLON_TEST_BELIEFS"):
        return Path(lasting)
    base = factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "remembered_beliefs"


def use(patch: pytest.MonkeyPatch, folder: Path) -> Remembered:
    """Let nights of this process believe by this memory."""
    remembered = Remembered(folder)
    patch.setattr(believe, "build", remembered.build)
    return remembered
