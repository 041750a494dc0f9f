"""The synthetic libraries of the benchmarks: the same for everybody, whole, and like real ones where growth depends on it."""

import json
import sqlite3
from contextlib import closing

import duckdb
import pytest

from bench.growth import STEPS, exponents
from bench.libraries import make
from ingest.sources import library
from ingest.tables import WEB_TABLES
from tests.marts_hash import table_hashes

ALBUMS = 300


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("one") / "made", ALBUMS)


def test_same_size_same_rows(made, tmp_path):
    """Figures of two machines are comparable: library and answers follow from their size alone."""
    again = make(tmp_path / "made", ALBUMS)
    for schema in ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify"):
        assert table_hashes(made[1] / "warehouse.duckdb", schema) == table_hashes(again[1] / "warehouse.duckdb", schema)
    with closing(sqlite3.connect(made[0])) as one, closing(sqlite3.connect(again[0])) as other:
        assert list(one.iterdump()) == list(other.iterdump())


def test_it_is_a_library(made):
    """The app's tables are all there, with ten tracks and fifty scrobbles an album."""
    shape = library.check(made[0])
    assert made[0].read_bytes()[18] == 2, "the header's mark of a write-ahead log"
    assert shape.rows["albums"] == ALBUMS
    assert shape.rows["tracks"] == 10 * ALBUMS
    assert shape.rows["listening_history"] == 50 * ALBUMS


def test_answers_are_of_the_sources_shape(made):
    """Every raw table has answers of JSON, and every album has four candidates among the hits of its own question."""
    with duckdb.connect(str(made[1] / "warehouse.duckdb"), read_only=True) as connection:
        for table in WEB_TABLES.keys() - {"listenbrainz.recordings"}:  # asked only with a token
            rows = connection.execute(f"select asked, payload from {table}").fetchall()
            assert rows, table
            assert all(json.loads(asked) and (payload is None or json.loads(payload)) for asked, payload in rows)
        hits = connection.execute(
            """select len(json_extract(asked, '$[*]')), len(json_extract(payload, '$."release-groups"[*]'))
            from musicbrainz.release_groups"""
        ).fetchall()
    assert all(3 * asked < found <= 100 for asked, found in hits)


def test_holes_editions_and_joined_names_are_there(made):
    """What a night works on is in it: holes, editions, joined names, an act with many albums and many acts with few."""
    with closing(sqlite3.connect(made[0])) as db:
        (without_year, without_genre, editions) = db.execute(
            "select avg(year is null), avg(genre is null), avg(title like '%Edition%' or title like '%Remaster%') from albums"
        ).fetchone()
        (joined,) = db.execute("select count(*) from artists where name like '% & %' or name like '%feat.%'").fetchone()
        shares = [
            count for (count,) in db.execute("select count(*) from album_artist group by artist_id order by 1 desc")
        ]
    assert 0.3 < without_year < 0.6 and 0.6 < without_genre < 0.8
    assert 0.03 < editions < 0.15
    assert joined > 0.01 * ALBUMS
    assert shares[0] > 5 * shares[len(shares) // 2]


def test_exponents_tell_lines_from_squares():
    """Ten times the time for ten times the albums is 1, a hundred times is 2."""

    def size(albums, seconds):
        return {"albums": albums, "steps": {step: {"cpu_seconds": seconds} for step in STEPS}}

    assert exponents(size(1_000, 1.0), size(10_000, 10.0))["believe"] == 1.0
    assert exponents(size(1_000, 1.0), size(10_000, 100.0))["believe"] == 2.0
