"""Warehouses of a few rows for the tests of what is to be written, and the dbt build over them.

The library and the memory of Sillon are raw rows; what matching, credits and genres believe is given as rows of their
models, so that these tests are about changes alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import believe
from ingest import warehouse

FEATURES = ("enrich_images", "generate_descriptions", "detect_genres", "fix_artist_formatting", "fill_years")
SERVICES = ("fix_malformed_artists", "enrich_musicbrainz_images", "auto_enrichment")

# The columns of the models that these tests stand in for, as their own tests and contracts have them.
GIVEN = {
    "staging.stg_musicbrainz__release_groups": "release_group_musicbrainz_id varchar, title varchar,"
    " artist_credit varchar, first_release_date varchar, fetched_at timestamp",
    "staging.stg_listenbrainz__release_groups": "release_group_musicbrainz_id varchar, date_text varchar,"
    " cover_id varchar, cover_release_musicbrainz_id varchar, fetched_at timestamp",
    "staging.stg_cover_art_archive__front_covers": "release_group_musicbrainz_id varchar, has_front boolean,"
    " image_url varchar, fetched_at timestamp",
    "staging.stg_discogs__releases": "release_discogs_id varchar, image_url varchar, page_url varchar,"
    " fetched_at timestamp",
    "staging.stg_spotify__albums": "album_spotify_id varchar, asked_question varchar, asked_album_id bigint,"
    " title varchar, artists varchar, release_date varchar, album_type varchar, image_url varchar,"
    " track_count integer, fetched_at timestamp",
    "intermediate.int_albums_parsed": "album_id bigint, folded_title varchar, edition_words varchar,"
    " track_count bigint",
    "intermediate.int_albums_matched": "album_id bigint, release_group_musicbrainz_id varchar, score double,"
    " runner_up_id varchar, runner_up_score double, verdict varchar",
    "intermediate.int_artist_credits_judged": "artist_id bigint, verdict varchar, reason varchar",
    "intermediate.int_artist_credits_split": "artist_id bigint, name varchar, act_position integer, act_name varchar,"
    " rule varchar, confidence double, is_applied boolean",
    "intermediate.int_album_genres_voted": "album_id bigint, genre varchar, source varchar, confidence double,"
    " rule varchar, evidence_url varchar, fetched_at timestamp, runner_up varchar, is_applied boolean",
}
QUEUE = (
    "queue_id varchar, kind varchar, album_id bigint, artist varchar, title varchar, field varchar, reason varchar,"
    " candidates varchar, confidence double, suggestion varchar"
)
QUEUES = ("int_review_matches", "int_review_credits", "int_review_genres")

BUILT = (
    "path:models/staging/library",
    "path:models/staging/sillon",
    "path:models/intermediate/changes",
    "path:models/intermediate/integrity",
    "source_precedence",
    "library_changes",
    "review_queue",
    "albums",
    "artists",
    "album_images",
    "quality",
    "integrity_issues",
)


class Beliefs:
    """A warehouse under construction: rows in, `build()`, rows out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "warehouse.duckdb"
        self.result: believe.Beliefs | None = None
        connection = warehouse.connect(self.path)
        for table, columns in {**GIVEN, **{f"intermediate.{queue}": QUEUE for queue in QUEUES}}.items():
            connection.execute(f"create schema if not exists {table.split('.')[0]}")
            connection.execute(f"create table {table} ({columns})")
        connection.close()

    def add(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Append rows, given by column, to a raw table or to one of the stand-ins."""
        with duckdb.connect(str(self.path)) as connection:
            for row in rows:
                marks = ", ".join("?" for _ in row)
                connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))

    def set(self, **settings: str) -> None:
        """Replace the settings; every feature and service is on unless named. `__` stands for the dot."""
        values = {f"feature.{name}": "true" for name in FEATURES} | {f"service.{name}": "true" for name in SERVICES}
        values |= {"run_date": "2026-03-01", "language": "fr", "refresh_days.cover": "180"}
        values |= {"description_template": "{title} par {artist} ({year})"}
        values |= {name.replace("__", "."): value for name, value in settings.items()}
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("delete from sillon.settings")
            connection.executemany("insert into sillon.settings values (?, ?)", list(values.items()))

    def build(self, *, command: str = "build", select: Sequence[str] = BUILT, tests: bool = False) -> Beliefs:
        """Run dbt, with its 200 tests only where asked (they take longer than the models); `result` says how it went."""
        unwanted = ["resource_type:unit_test"] + ([] if tests else ["resource_type:test"])
        exclude = unwanted if command == "build" else []
        self.result = believe.build(self.path, self.folder / "dbt", select=select, exclude=exclude, command=command)
        return self

    def rows(self, query: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """What a query on the warehouse returns."""
        with duckdb.connect(str(self.path)) as connection:
            return connection.execute(query, list(values)).fetchall()

    def changes(self, album_id: int, table: str = "albums") -> dict[str, tuple[Any, Any]]:
        """The changes to one album's row: column to (old, new)."""
        found = self.rows(
            "select column_name, old_value, new_value from marts.library_changes where album_id = ? and table_name = ?",
            (album_id, table),
        )
        return {column: (old, new) for column, old, new in found}

    def failed(self) -> dict[str, int | None]:
        """The tests that did not pass, with the rows that each returned."""
        assert self.result is not None
        return {node.name: node.failures for node in self.result.results if node.status not in ("pass", "success")}


@pytest.fixture(scope="session")
def new_beliefs(tmp_path_factory: pytest.TempPathFactory):
    """A function that makes an empty warehouse with everything switched on."""

    def make() -> Beliefs:
        beliefs = Beliefs(tmp_path_factory.mktemp("beliefs"))
        beliefs.set()
        return beliefs

    return make
