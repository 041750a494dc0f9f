"""Nights in part: rows kept from one build to the next must be those that a build of everything would give.

The library is a made-up one with answers of every source (`bench/libraries.py`); what changes between two builds is written
into the raw tables, as a night would leave them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from bench.libraries import make
from dagster_project import believe
from ingest import warehouse
from ingest.sources import library
from tests.dbt_project.conftest import FEATURES, SERVICES

ALBUMS = 600  # the answers that change below are a fifth of them: of more than half everything would be built in full
BUILT = ("staging", "intermediate", "marts")
WITHOUT_TESTS = ("resource_type:test", "resource_type:unit_test")

# By what they stand for; each is one night's worth of one kind of change.
LIBRARY_CHANGES = """
    -- added: one that an answer knows already, one that none knows
    insert into library.albums (id, title) select '9001', title || ' (Deluxe Edition)' from library.albums where id = '3';
    insert into library.albums (id, title) values ('9002', 'Nobody Ever Heard This, Vol. 2');
    insert into library.album_artist (album_id, artist_id)
    select '9001', artist_id from library.album_artist where album_id = '3';
    insert into library.album_artist (album_id, artist_id) values ('9002', '1');
    insert into library.tracks (id, album_id, title) values ('90001', '9001', 'Jazz Blues'), ('90002', '9002', 'Live Techno');
    insert into library.listening_history (id, track_id, "timestamp") values ('900001', '90001', '5'), ('900002', '90001', '9');
    -- renamed: an album, a track, an artist
    update library.albums set title = 'Blue Something (Live)' where id = '10';
    update library.tracks set title = 'Karaoke Disco' where id = '115';
    update library.artists set name = name || ' feat. Nobody' where id = '2';
    -- corrected: a year, an artist, a film
    update library.albums set year = '1901' where id = '12';
    update library.album_artist set artist_id = '7' where album_id = '14';
    update library.metadata set film_title = 'A Film', film_year = '1980' where album_id = '15';
    -- removed: an album with all that is its own, another whose tracks stay behind, an artist, a title that two albums shared
    delete from library.albums where id in ('20', '21');
    delete from library.tracks where album_id = '20';
    delete from library.album_artist where album_id = '20';
    delete from library.artists where id = '3';
"""
ANSWER_CHANGES = """
    -- an answer that was corrected where it stands, one that was lost, one that says something newer of what others said
    update musicbrainz.release_groups set payload = replace(payload, 'Album', 'Single') where request_key like '%batch+2';
    delete from musicbrainz.release_groups where request_key like '%batch+3';
    insert into musicbrainz.release_groups
    select '/ws/2/release-group/newer', asked, url, 200, fetched_at + interval 1 day, run_id,
        replace(replace(payload, 'rock', 'jazz'), ' (Live)', ' (Unplugged)')
    from musicbrainz.release_groups where request_key like '%batch+1';
    insert into musicbrainz.release_groups
    select '/ws/2/release-group/shorter', asked, url, 200, fetched_at + interval 2 day, run_id,
        replace(payload, 'artist-credit', 'no-credit')
    from musicbrainz.release_groups where request_key like '%batch+1';
    update musicbrainz.release_groups set status = 503 where request_key like '%batch+4';
    update musicbrainz.urls set payload = replace(payload, 'first', 'last') where request_key like '%=0';
    delete from musicbrainz.artists where request_key like '%=0';
    update listenbrainz.release_groups set payload = replace(payload, 'rock', 'soul') where request_key like '%=0';
    update discogs.releases set payload = replace(payload, 'Ambient', 'Techno');
    delete from spotify.albums;
    insert into sillon.decisions (album_id, field, decision, value)
    select '30', 'match', 'refuse', null union all select '31', 'match', 'accept', 'nowhere' union all
    select '32', 'genre', 'accept', 'Jazz';
"""
OPINION_CHANGES = """
    update seeds.match_thresholds set value = value / 2 where topic in ('title', 'year');
    update seeds.edition_words set role = 'sign' where word = 'deluxe';
    delete from seeds.neutral_words where word = 'the';
    update seeds.genre_keywords set weight = weight / 2;
    delete from seeds.genre_aliases where alias = 'rock';
    update sillon.settings set value = 'false' where name = 'feature.fill_years';
"""


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    """A warehouse after its first night."""
    folder = tmp_path_factory.mktemp("keyed")
    app, data = make(folder / "made", ALBUMS)
    path = folder / "warehouse.duckdb"
    shutil.copyfile(data / "warehouse.duckdb", path)
    connection = warehouse.connect(path)
    library.extract(app, connection)
    switches = [f"feature.{name}" for name in FEATURES] + [f"service.{name}" for name in SERVICES]
    warehouse.replace_settings(
        connection, dict.fromkeys(switches, "true") | {"run_date": "2026-03-01", "language": "en"}
    )
    connection.close()
    build(path)
    return path


def build(path: Path, *, select: Sequence[str] = (), without: Sequence[str] = ()) -> None:
    scratch = path.parent / "dbt"
    result = believe.build(path, scratch, select=select, exclude=[*WITHOUT_TESTS, *without])
    assert result.success, [f"{node.name}: {node.message}" for node in result.errors] or result.exception


def change(path: Path, statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statements)


def in_full(path: Path, *, without: Sequence[str] = ()) -> Path:
    """The same raw tables in a file of their own, built from nothing."""
    folder = path.parent / "full"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    other = folder / path.name
    shutil.copyfile(path, other)
    change(other, "".join(f"drop schema {schema} cascade;" for schema in BUILT))
    build(other, without=without)
    return other


def in_part(path: Path) -> set[str]:
    """The models of which the last build made only some rows."""
    made = (path.parent / "dbt" / "target" / "run").rglob("*.sql")
    return {file.stem for file in made if re.search("insert into .* by name\n", file.read_text(encoding="utf-8"))}


def keyed() -> set[str]:
    """The models that say what their rows hang on."""
    models = (believe.PROJECT_FOLDER / "models").rglob("*.sql")
    return {file.stem for file in models if "materialized='keyed'" in file.read_text(encoding="utf-8")}


def different(one: Path, other: Path) -> list[str]:
    """The models whose rows are not the same in both, however they lie."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        names = connection.execute(
            "select distinct schema_name, table_name from duckdb_tables() where database_name = 'other'"
            " and list_contains(?, schema_name) and not ends_with(table_name, '__kept') order by all",
            [list(BUILT)],
        ).fetchall()
        assert len(names) > 80
        return [
            f"{schema}.{table}"
            for schema, table in names
            if connection.execute(
                f"from (from one.{schema}.{table} except all from other.{schema}.{table})"
                f" union all from (from other.{schema}.{table} except all from one.{schema}.{table})"
            ).fetchone()
        ]


def test_a_night_in_part_gives_the_rows_of_a_whole_one(first, tmp_path):
    """Albums added, renamed and removed, answers corrected, lost and new, decisions: every model as if built from nothing.

    Between them a build is killed half way, and what it had done is older than what the next one finds.
    """
    path = tmp_path / first.name
    shutil.copyfile(first, path)
    change(path, LIBRARY_CHANGES)
    build(path, select=["+int_release_groups_parsed"])
    change(path, ANSWER_CHANGES)
    build(path)
    assert in_part(path) == keyed()
    assert different(path, in_full(path)) == []


def test_an_opinion_that_changed_changes_every_row(first, tmp_path):
    """Seeds and settings are part of what a row hangs on: none stays as it was under another opinion."""
    path = tmp_path / first.name
    shutil.copyfile(first, path)
    change(path, OPINION_CHANGES)
    build(path, without=["resource_type:seed"])
    assert different(path, in_full(path, without=["resource_type:seed"])) == []


def test_only_what_hangs_on_a_change_is_made_again(first, tmp_path):
    """A row whose inputs stayed is the row of the night before; under another seed, or in a table made by others, none is."""
    path = tmp_path / first.name
    shutil.copyfile(first, path)

    def mark() -> None:
        change(path, "update intermediate.int_titles_parsed set subtitle_text = 'marked'")

    def marked() -> tuple[int, int]:
        with duckdb.connect(str(path), read_only=True) as connection:
            (rows,) = connection.execute(
                "select (count(*) filter (where subtitle_text = 'marked'), count(*)) from intermediate.int_titles_parsed"
            ).fetchone()
        return rows

    chain = {"select": ["+int_titles_parsed"], "without": ["resource_type:seed"]}
    mark()
    change(path, "update library.albums set title = 'Never Seen Before' where id = '10'")
    build(path, **chain)
    kept, titles = marked()
    assert titles - 2 <= kept < titles
    change(path, "delete from seeds.neutral_words where word = 'the'")
    build(path, **chain)
    assert marked()[0] == 0
    mark()
    change(path, "create or replace table intermediate.int_titles_parsed as from intermediate.int_titles_parsed")
    build(path, **chain)
    assert marked()[0] == 0
