"""What Dagster shows of ListenBrainz: dates, credits, tags and cover ids of release groups, a hundred a request.

How it is asked stands in `ingest/sources/listenbrainz.py`; when, in `defs/asking.py`.
"""

import dagster as dg


def specs() -> list[dg.AssetSpec]:
    """One spec per raw table of this source."""
    return [
        dg.AssetSpec(
            ["listenbrainz", "release_groups"],
            deps=[["musicbrainz", "release_groups"]],
            description="Dates, credits with join phrases, tags and cover ids of every plausible release group.",
            group_name="listenbrainz",
            kinds={"duckdb", "json"},
            owners=["team:ingest"],
        ),
    ]
