"""The column lists of every raw table and of the schema `sillon`, and the migrations between their versions.

No connection and no write live here; `warehouse.py` makes the tables.
"""

from typing import Any

import pyarrow as pa

VERSION = 1

# What brings a warehouse of the version before to this one. New tables need nothing here: what is missing is created.
MIGRATIONS: dict[int, tuple[str, ...]] = {}

# A column of text that DuckDB hands to arrow ends at 2 GB, with an error, unless it is told this; 40,000 answers of a bulk
# source are more.
TEXT_OF_ANY_LENGTH = "set arrow_large_buffer_size = true"

ARROW_TYPES: dict[str, Any] = {
    "varchar": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}

_ANSWER = {
    "request_key": "varchar",
    "asked": "varchar",
    "url": "varchar",
    "status": "integer",
    "fetched_at": "timestamp",
    "run_id": "varchar",
    "payload": "varchar",
}

WEB_TABLES: dict[str, dict[str, str]] = {
    "musicbrainz.urls": _ANSWER,
    "musicbrainz.release_groups": _ANSWER,
    "musicbrainz.artists": _ANSWER,
    "listenbrainz.recordings": _ANSWER,
    "listenbrainz.release_groups": _ANSWER,
    "cover_art_archive.front_covers": _ANSWER,
    "discogs.releases": _ANSWER,
    "spotify.albums": _ANSWER,
}


def _text(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), "varchar")


# The app's own tables, every value as the text that was read.
LIBRARY_TABLES: dict[str, dict[str, str]] = {
    "library.albums": _text(
        "id title year support discogs_id spotify_url discogs_url created_at updated_at source genre image_url"
        " ai_description ai_style"
    ),
    "library.artists": _text("id name spotify_id lastfm_url created_at updated_at"),
    "library.album_artist": _text("album_id artist_id created_at"),
    "library.tracks": _text("id album_id title track_number duration_seconds spotify_id created_at updated_at"),
    "library.images": _text("id url image_type source artist_id album_id created_at updated_at"),
    "library.metadata": _text(
        "id album_id ai_info resume labels film_title film_year film_director created_at updated_at"
    ),
    "library.listening_history": _text("id track_id timestamp date source loved created_at"),
}

_OWN_TABLES: dict[str, dict[str, str]] = {
    "library.unreadable_values": _text("table_name row_key column_name kind detail"),
    "sillon.warehouse_version": {"version": "integer", "changed_at": "timestamp"},
    "sillon.settings": _text("name value"),
    "sillon.decisions": {"album_id": "bigint", **_text("artist field decision value decided_at origin")},
    "sillon.applied_changes": {
        **_text("entry_id run_id change_id group_id target target_path action table_name row_key column_name"),
        **_text("old_value old_type new_value new_type row_before row_after"),
        "album_id": "bigint",
        **_text("feature source rule"),
        "confidence": "double",
        "evidence_url": "varchar",
        "fetched_at": "timestamp",
        **_text("state reason undoes"),
        "applied_at": "timestamp",
    },
    "sillon.runs": {
        "run_id": "varchar",
        "local_date": "date",
        "kind": "varchar",
        "job": "varchar",
        "is_full": "boolean",
        "started_at": "timestamp",
        "finished_at": "timestamp",
        "status": "varchar",
        "score_before": "double",
        "score_after": "double",
        **_text("version library_path target output_path"),
    },
    "sillon.source_states": {
        "source": "varchar",
        "failures_in_a_row": "integer",
        "closed_until": "timestamp",
        "reason": "varchar",
        "changed_at": "timestamp",
    },
}

TABLES: dict[str, dict[str, str]] = {**WEB_TABLES, **LIBRARY_TABLES, **_OWN_TABLES}
SCHEMAS: tuple[str, ...] = tuple(dict.fromkeys(table.partition(".")[0] for table in TABLES))
