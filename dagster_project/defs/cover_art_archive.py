"""What Dagster shows of the Cover Art Archive: front covers, where ListenBrainz knows of none.

How it is asked stands in `ingest/sources/cover_art_archive.py`; when, in `defs/asking.py`.
"""

import dagster as dg


def specs() -> list[dg.AssetSpec]:
    """One spec per raw table of this source."""
    return [
        dg.AssetSpec(
            ["cover_art_archive", "front_covers"],
            deps=[["listenbrainz", "release_groups"]],
            description="Where the front cover of a release group lies, or that there is none.",
            group_name="cover_art_archive",
            kinds={"duckdb", "json"},
            owners=["team:ingest"],
        ),
    ]
