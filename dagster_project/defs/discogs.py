"""What Dagster shows of Discogs: releases by the ids that the library carries.

How it is asked stands in `ingest/sources/discogs.py`; when, in `defs/asking.py`.
"""

import dagster as dg


def specs() -> list[dg.AssetSpec]:
    """One spec per raw table of this source."""
    return [
        dg.AssetSpec(
            ["discogs", "releases"],
            deps=[["library", "albums"]],
            description="Credits, genres, styles and pictures of the releases whose Discogs id the library carries.",
            group_name="discogs",
            kinds={"duckdb", "json"},
            owners=["team:ingest"],
        ),
    ]
