"""The marts as a file of their own, for the report, for notebooks and for every verb that only reads.

A reader of a DuckDB file locks its writer out, so people never open the warehouse: each run replaces this copy by rename.
Nothing is computed here.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.publish.durable import sync_folder

# The marts stand in the file's main schema: a file marts.duckdb that held a schema marts would make every `marts.x` ambiguous;
# this way `from quality` and `from marts.quality` both work.
SHARED_SCHEMAS = {"marts": "main", "sillon": "sillon"}


def share(warehouse: Path, shelf: Path) -> int:
    """Copy every table of the schemas marts and sillon from `warehouse` into `shelf`. Returns the number of tables.

    Written aside and renamed: a reader sees the old file or the new one, never half of it.
    """
    aside = shelf.with_name(shelf.name + ".new")
    aside.unlink(missing_ok=True)
    with duckdb.connect(str(aside)) as connection:
        connection.execute(f"attach {_quoted(str(warehouse))} as warehouse (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = 'warehouse' and list_contains(?, schema_name) order by all",
            [list(SHARED_SCHEMAS)],
        ).fetchall()
        connection.execute("create schema sillon")
        for schema, table in tables:
            connection.execute(f'create table {SHARED_SCHEMAS[schema]}."{table}" as from warehouse.{schema}."{table}"')
        connection.execute("detach warehouse")
    aside.replace(shelf)
    sync_folder(shelf.parent)
    return len(tables)


def scores(shelf: Path) -> dict[str, tuple[float, float]]:
    """Every metric of the mart `quality`, before and after; empty where it was never built."""
    with duckdb.connect(str(shelf), read_only=True) as connection:
        try:
            rows = connection.execute('select metric, "before", "after" from marts.quality').fetchall()
        except duckdb.CatalogException:
            return {}
    return {metric: (before, after) for metric, before, after in rows}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
