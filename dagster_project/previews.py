"""What the control room shows of the warehouse: how many rows a table has, its first ones, and the rows that fail a check.

Here lives how such rows look as Markdown. Only reading, and only what the warehouse says: nothing is decided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publish.report.display import clean

FIRST = 5  # rows of a preview: what a table looks like, not what is in it
FAILING = 10
_CELL = 60  # characters
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~])")  # what Markdown would take for more than text


def row_counts(warehouse: Path) -> dict[tuple[str, str], int]:
    """Rows by schema and table."""
    with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
        rows = connection.execute("select schema_name, table_name, estimated_size from duckdb_tables()").fetchall()
    return {(schema, table): size for schema, table, size in rows}


def first_rows(warehouse: Path, tables: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The first rows of each table, as Markdown."""
    with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
        return {
            (schema, table): _table(connection, f'select * from "{schema}"."{table}" limit {FIRST}')  # noqa: S608 - our names
            for schema, table in tables
        }


def failing_rows(warehouse: Path, queries: dict[str, str]) -> dict[str, str]:
    """The first rows that each query of a check returns, as Markdown; a query that cannot run any more is left out."""
    found = {}
    with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
        for name, query in queries.items():
            try:
                found[name] = _table(connection, f"select * from ({query.rstrip().rstrip(';')}) limit {FAILING}")  # noqa: S608
            except duckdb.Error:
                continue
    return found


def _table(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    rows = [[_cell(value) for value in row] for row in cursor.fetchall()]
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    """A value as text and nothing but text: titles are somebody else's words."""
    return _MARKUP.sub(r"\\\1", clean(value, _CELL))
