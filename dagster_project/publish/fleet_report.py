"""What concerns a whole fleet: its libraries in one table, their marts in one file, one page over all of them.

Every row carries its `library_id`. Nothing is computed about music here: rows are copied from the marts of each library, which
stay the truth; the file and the page are made anew after every run and replaced by rename.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.fleet_folder import FleetFolder
from dagster_project.publish import durable
from ingest.settings import Settings, program_version

log = logging.getLogger("sillon")

# The whole fleet's; what only one run of one library is about (its ledger, its settings) is asked of that library.
GATHERED = {
    "main": ("album_matches", "albums", "artists", "integrity_issues", "library_changes", "quality", "review_queue"),
    "sillon": ("runs",),
}
LIBRARIES = pa.schema(
    [
        ("library_id", pa.string()),
        ("library", pa.string()),
        ("status", pa.string()),
        ("is_earlier", pa.bool_()),
        ("reason", pa.string()),
        ("run_id", pa.string()),
        ("finished_at", pa.timestamp("us", "UTC")),
        ("changes", pa.int64()),
        ("questions", pa.int64()),
        ("requests", pa.int64()),
        ("musicbrainz_requests", pa.int64()),
        ("score_before", pa.float64()),
        ("score_after", pa.float64()),
        ("report", pa.string()),
    ]
)
Row = Mapping[str, Any]


def write(fleet: FleetFolder, rows: Sequence[Row], settings: Settings, now: datetime, together: int = 0) -> Path:
    """The table, the gathered marts, the page and the health file of a fleet. Returns the page.

    `together` are the requests that went out for all libraries at once.
    """
    gather(fleet, rows)
    language, zone = settings.enrichment.language, settings.scheduler.timezone
    aside = fleet.page.with_name(fleet.page.name + ".new")
    aside.write_text(page(fleet, rows, language, zone, now, together), encoding="utf-8")
    durable.rename(aside, fleet.page)
    counts = {status: sum(row["status"] == status for row in rows) for status in ("success", "partial", "failed")}
    status = "failed" if counts["failed"] else "partial" if counts["partial"] else "success"
    told = {"status": status, "finished_at": now.isoformat(timespec="seconds"), "version": program_version()}
    durable.write_json(fleet.health, {**told, **counts, "requests_together": together})
    return fleet.page


def gather(fleet: FleetFolder, rows: Sequence[Row]) -> None:
    """Replace `fleet.duckdb`: `libraries`, and the marts of every library that has some, whenever they were made."""
    aside = fleet.shelf.with_name(fleet.shelf.name + ".new")
    durable.remove(aside)
    with closing(duckdb.connect(str(aside))) as connection:
        connection.register("told", pa.Table.from_pylist(list(rows), schema=LIBRARIES))
        connection.execute("create table libraries as from told")
        for row in rows:
            marts = fleet.root / row["library_id"] / "marts.duckdb"
            if marts.exists():
                try:
                    _add(connection, row["library_id"], marts)
                except duckdb.Error as error:  # damaged, or of another DuckDB: the other libraries are gathered
                    log.warning("%s cannot be gathered: %s", marts, str(error).partition("\n")[0])
    durable.rename(aside, fleet.shelf)


def _add(connection: duckdb.DuckDBPyConnection, library_id: str, marts: Path) -> None:
    connection.execute(f"attach '{str(marts).replace(chr(39), chr(39) * 2)}' as one (read_only)")
    try:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'one' order by all"
        ).fetchall()
        for schema, table in tables:
            if table in GATHERED.get(schema, ()):
                _append(connection, library_id, f'one.{schema}."{table}"', table)
    finally:
        connection.execute("detach one")


def _append(connection: duckdb.DuckDBPyConnection, library_id: str, source: str, table: str) -> None:
    """Add rows by the names of their columns; a column that only another version of Sillon has is null elsewhere."""
    with_id = f"select $id::varchar as library_id, * from {source}"  # noqa: S608 - our own names
    connection.execute(f'create table if not exists "{table}" as {with_id} limit 0', {"id": library_id})
    new = connection.execute(
        "select column_name, data_type from duckdb_columns() where database_name = 'one' and table_name = $table"
        " and column_name not in (select column_name from duckdb_columns()"
        " where database_name = current_database() and table_name = $table) order by column_index",
        {"table": table},
    ).fetchall()
    for name, kind in new:
        connection.execute(f'alter table "{table}" add column "{name}" {kind}')
    connection.execute(f'insert into "{table}" by name {with_id}', {"id": library_id})


def page(fleet: FleetFolder, rows: Sequence[Row], language: str, time_zone: str, now: datetime, together: int) -> str:
    """The HTML of the page, whole in itself; it stands beside the libraries' folders and links into them."""
    from dagster_project.publish.report.page import draw
    from dagster_project.publish.report.words import Words

    shown = [
        {
            **row,
            "link": Path(row["report"]).relative_to(fleet.root).as_posix() if row["report"] else None,
            "name": Path(row["library"]).name,
        }
        for row in rows
    ]
    total = {name: sum(row[name] for row in rows) for name in ("changes", "questions", "requests")}
    return draw(
        "fleet.html.j2",
        Words(language, time_zone),
        rows=shown,
        total={**total, "requests": total["requests"] + together},
        now=now.astimezone(UTC),
        version=program_version(),
    )
