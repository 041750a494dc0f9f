"""What Dagster shows of Spotify: the last resort for covers, only with keys.

How it is asked stands in `ingest/sources/spotify.py`; when, in `defs/asking.py`.
"""

import dagster as dg


def specs() -> list[dg.AssetSpec]:
    """One spec per raw table of this source."""
    return [
        dg.AssetSpec(
            ["spotify", "albums"],
            deps=[["library", "albums"], ["cover_art_archive", "front_covers"], ["discogs", "releases"]],
            description="Search results for albums that no other source has a cover for.",
            group_name="spotify",
            kinds={"duckdb", "json"},
            owners=["team:ingest"],
        ),
    ]
