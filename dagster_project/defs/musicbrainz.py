"""What Dagster shows of MusicBrainz: who made what: identifiers first, then searches in batches.

How it is asked stands in `ingest/sources/musicbrainz.py`; when, in `defs/asking.py`.
"""

import dagster as dg


def specs() -> list[dg.AssetSpec]:
    """One spec per raw table of this source."""
    return [
        dg.AssetSpec(
            ["musicbrainz", "urls"],
            deps=[["library", "albums"]],
            description="MusicBrainz releases that carry one of the library's Spotify or Discogs addresses.",
            group_name="musicbrainz",
            kinds={"duckdb", "json"},
            owners=["team:ingest"],
        ),
        dg.AssetSpec(
            ["musicbrainz", "release_groups"],
            deps=[["library", "albums"], ["library", "album_artist"], ["library", "artists"], ["musicbrainz", "urls"]],
            description="Release groups that may be the library's albums: every plausible one, for SQL to choose from.",
            group_name="musicbrainz",
            kinds={"duckdb", "json"},
            owners=["team:ingest"],
        ),
        dg.AssetSpec(
            ["musicbrainz", "artists"],
            deps=[["library", "artists"]],
            description="Acts that MusicBrainz knows under a joined name or under its parts.",
            group_name="musicbrainz",
            kinds={"duckdb", "json"},
            owners=["team:ingest"],
        ),
    ]
