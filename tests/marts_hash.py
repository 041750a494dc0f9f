"""What two nights are compared by: hashes over the sorted rows of every mart, without the moments and run ids in them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb


def table_hashes(database: Path, schema: str = "main") -> dict[str, str]:
    """One hash per table of a schema: `main` holds the marts in `marts.duckdb`.

    Rows are sorted by all their columns; columns named `*_at` and `run_id` are left out, for two nights never share them.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        columns: dict[str, list[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = ? order by table_name, ordinal_position",
            [schema],
        ).fetchall():
            if not column.endswith("_at") and column != "run_id":
                columns.setdefault(table, []).append(column)
        found = {}
        for table, names in columns.items():
            listed = ", ".join(f'"{name}"' for name in names)
            rows = connection.execute(f'select {listed} from "{schema}"."{table}"').fetchall()
            lines = sorted(repr(row) for row in rows)
            found[table] = hashlib.sha256("\n".join([listed, *lines]).encode()).hexdigest()
    return found


def marts_hash(marts: Path) -> str:
    """One hash over all marts of a `marts.duckdb`."""
    return hashlib.sha256(repr(sorted(table_hashes(marts).items())).encode()).hexdigest()
