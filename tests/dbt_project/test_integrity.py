"""What is broken in the library itself: listed whole, and never in the way of the night."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest import warehouse
from ingest.sources import library as library_source

REAL_LIBRARY = Path(__file__).parents[2] / "../shared/library/musique_dev.db"


@pytest.fixture(scope="module")
def quirky(new_beliefs):
    """A library with one row for every quirk."""
    beliefs = new_beliefs()
    albums = [
        ("1", "Same"), ("2", "SAME "), ("3", "No Artist"), ("4", ""), ("abc", "No Key"), ("9007199254740993", "Big Key"),
    ]  # fmt: skip
    for key, title in albums:
        beliefs.add("library.albums", {"id": key, "title": title, "year": "1066" if key == "4" else None})
    beliefs.add("library.artists", {"id": "1", "name": "AIR"}, {"id": "2", "name": "Air"}, {"id": "3", "name": ""})
    for key in ("1", "2", "4", "9007199254740993"):
        beliefs.add("library.album_artist", {"album_id": key, "artist_id": "1"})
    beliefs.add("library.tracks", {"id": "1", "album_id": "1", "title": "La femme d'argent"})
    moments = [
        "1700000000",
        "1700000040",
        "1700009000",
        "1700009000",
        "0",
        "1700000000000",
        "4102444800",
        "9" * 25,
        "soon",
        "",
    ]
    for key, moment in enumerate(moments, start=1):
        beliefs.add("library.listening_history", {"id": str(key), "track_id": "1", "timestamp": moment})
    beliefs.add(
        "library.unreadable_values",
        {
            "table_name": "tracks",
            "row_key": '{"id":1}',
            "column_name": "title",
            "kind": "invalid_utf8",
            "detail": "byte 3",
        },
    )
    return beliefs.build(tests=True)


def test_every_quirk_is_listed_once(quirky):
    """D4, D6: each fault is a row with its kind and its row."""
    found = quirky.rows("select kind, row_key from marts.integrity_issues order by all")
    assert found == [
        ("album_without_artist", '{"id":3}'),
        ("album_without_title", '{"id":4}'),
        ("duplicate_album", '{"id":2}'),
        ("duplicate_artist", '{"id":2}'),
        ("duplicate_scrobble", '{"id":2}'),
        ("duplicate_scrobble", '{"id":4}'),
        ("impossible_year", '{"id":4}'),
        ("malformed_artist", '{"id":3}'),
        ("unreadable_value", '{"id":1}'),
        ("unusable_id", '{"id":"abc"}'),
    ]


def test_a_broken_library_stops_no_night(quirky):
    """Its faults are warnings: nothing of severity error fails."""
    assert quirky.result.success
    assert set(quirky.failed()) == {
        "assert_library_has_no_duplicate_album",
        "assert_library_artists_and_albums_coherent",
        "assert_library_history_whole",
        "assert_library_values_readable",
    }


def test_keys_beyond_2_to_the_53_stay_exact(quirky):
    """D4: a key that a double cannot hold still names its own row."""
    assert quirky.rows("select row_key from marts.library_changes where album_id > 1000000") == [
        ('{"id":9007199254740993}',)
    ]


@pytest.mark.skipif(not REAL_LIBRARY.exists(), reason="the real library does not lie beside this checkout")
def test_the_656_broken_references_of_a_real_library_are_listed(new_beliefs, tmp_path):
    """279 links, 186 images and 191 notes of albums that are gone."""
    beliefs = new_beliefs()
    snapshot = tmp_path / "library.db"
    shutil.copy(REAL_LIBRARY, snapshot)
    connection = warehouse.connect(beliefs.path)
    library_source.extract(snapshot, connection)
    connection.close()
    beliefs.build()
    listed = beliefs.rows(
        "select table_name, count(*) from marts.integrity_issues where kind = 'broken_reference' group by 1 order by 1"
    )
    assert listed == [("album_artist", 279), ("images", 186), ("metadata", 191)]
