"""The library's assets: a verified backup, then its tables as text in the warehouse, and what Sillon remembers.

No table is read here; `night.py` calls `publish/backup.py` and `ingest/sources/library.py`.
"""

from collections.abc import Iterator

import dagster as dg

from dagster_project.defs.resources import NightResource
from dagster_project.nights import LATE
from dagster_project.progress import current

SNAPSHOT = dg.AssetKey(["library", "snapshot"])

TABLES = {
    "albums": "The albums as the app wrote them, every value as text.",
    "artists": "The artist names as the app wrote them, joined credits included.",
    "album_artist": "Which artist row stands on which album.",
    "tracks": "The tracks that were heard or catalogued.",
    "images": "Links to covers and artist pictures.",
    "metadata": "Labels and film data of albums.",
    "listening_history": "The scrobbles: which track was heard when.",
    "unreadable_values": "Values that could not be read as written: wrong type, invalid UTF-8, NULs, oversized.",
}

MEMORY = {
    "settings": "What SQL needs to know of the configuration: features, services, template, dates.",
    "decisions": "What a person decided: decisions.csv, undone changes, edited values.",
    "applied_changes": "The ledger: every change that Sillon ever wrote or took back.",
    "runs": "One row per run: its local date, kind, status and score.",
}


def specs() -> list[dg.AssetSpec]:
    """One spec per table that the extraction fills."""
    tables = [
        dg.AssetSpec(
            ["library", name],
            deps=[SNAPSHOT],
            description=text,
            group_name="library",
            kinds={"sqlite", "duckdb"},
            owners=["team:ingest"],
        )
        for name, text in TABLES.items()
    ]
    memory = [
        dg.AssetSpec(
            ["sillon", name],
            deps=[SNAPSHOT],
            description=text,
            group_name="library",
            kinds={"duckdb"},
            owners=["team:publish"],
        )
        for name, text in MEMORY.items()
    ]
    return [*tables, *memory]


@dg.asset(
    key=SNAPSHOT,
    group_name="library",
    kinds={"sqlite"},
    owners=["team:publish"],
    freshness_policy=dg.FreshnessPolicy.time_window(LATE),
    description="A copy of the library by SQLite's online backup: opened, checked, counted, hashed and restored once.",
    output_required=False,
)
def library_snapshot(context: dg.AssetExecutionContext, night: NightResource) -> Iterator[dg.MaterializeResult]:
    if night.is_over:  # without this output Dagster skips every other step
        context.log.info("This date had its night while the run waited; nothing is done again.")
        return
    current().step("backing_up")
    rows = night.tonight.take_backup()
    yield dg.MaterializeResult(
        metadata={"file": str(night.tonight.snapshot), **{f"rows of {table}": count for table, count in rows.items()}}
    )


@dg.multi_asset(specs=specs(), name="library_tables")
def library_tables(context: dg.AssetExecutionContext, night: NightResource) -> Iterator[dg.MaterializeResult]:
    rows = night.tonight.extract()
    current().step("read", albums=rows.get("albums", 0), scrobbles=rows.get("listening_history", 0))
    for key in sorted(context.selected_asset_keys):
        count = rows.get(key.path[-1])
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={"dagster/row_count": count} if key.path[0] == "library" and count is not None else {},
        )
