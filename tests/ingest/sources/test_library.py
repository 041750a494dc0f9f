"""The app's database: what is read, what is refused, and that not a byte of it changes."""

import hashlib
import json
import sqlite3
import time
from pathlib import Path

import pytest

from ingest.errors import LibraryError, LibraryLocked, NotALibrary
from ingest.sandbox import sample
from ingest.sources import library

REAL = Path(__file__).parents[3] / "../shared/library/musique_dev.db"
SCHEMA = {
    "artists": "id integer primary key, name text, spotify_id text, lastfm_url text, created_at, updated_at",
    "albums": "id integer primary key, title text, year integer, support text, discogs_id text, spotify_url text,"
    " discogs_url text, created_at, updated_at, source text, genre text, image_url text, ai_description text,"
    " ai_style text",
    "album_artist": "album_id integer, artist_id integer, created_at, primary key (album_id, artist_id)",
    "tracks": "id integer primary key, album_id integer, title text, track_number integer, duration_seconds integer,"
    " spotify_id text, created_at, updated_at",
    "images": "id integer primary key, url text, image_type text, source text, artist_id integer, album_id integer,"
    " created_at, updated_at",
    "metadata": "id integer primary key, album_id integer, ai_info text, resume text, labels text, film_title text,"
    " film_year integer, film_director text, created_at, updated_at",
    "listening_history": "id integer primary key, track_id integer, timestamp integer, date text, source text,"
    " loved boolean, created_at",
}


def make(path, *statements, schema=SCHEMA, before=(), suffix=None):
    with sqlite3.connect(path) as db:
        for statement in before:
            db.execute(statement)
        for table, columns in schema.items():
            db.execute(f"create table {table} ({columns}) {(suffix or {}).get(table, '')}")
        for statement in statements:
            db.execute(*statement) if isinstance(statement, tuple) else db.execute(statement)
    db.close()
    return path


def faults(connection):
    rows = connection.execute(
        "select table_name, row_key, column_name, kind from library.unreadable_values order by all"
    ).fetchall()
    return [(table, json.loads(key), column, kind) for table, key, column, kind in rows]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"hello, this is text and no database at all", "no SQLite database"),
        (bytes(range(256)) * 16, "encrypted"),
        (b"SQLite format 3\x00" + b"\xff" * 4080, "library.db"),
    ],
)
def test_what_is_no_database_is_named_not_a_traceback(tmp_path, content, words):
    """E13: a file that is no database is refused in one line that says so, and stays as it is."""
    path = tmp_path / "library.db"
    path.write_bytes(content)
    with pytest.raises(LibraryError) as refusal:
        library.check(path)
    assert words in refusal.value.line
    assert "\n" not in refusal.value.line
    assert path.read_bytes() == content


def test_missing_file_and_folder_are_told_apart(tmp_path):
    """A path that leads nowhere, and one that leads to a folder, are said to be that."""
    with pytest.raises(NotALibrary, match="no such file"):
        library.check(tmp_path / "nowhere.db")
    with pytest.raises(NotALibrary, match="folder"):
        library.check(tmp_path)


@pytest.mark.parametrize("table", list(SCHEMA))
def test_missing_table_is_named(tmp_path, table):
    """Whichever table is missing, the line names it."""
    path = make(tmp_path / "library.db", schema={name: body for name, body in SCHEMA.items() if name != table})
    with pytest.raises(NotALibrary, match=f"`{table}`"):
        library.check(path)


def test_missing_column_is_named(tmp_path):
    """E15: a missing column is named with its table."""
    path = make(tmp_path / "library.db", "alter table albums drop column genre")
    with pytest.raises(NotALibrary, match="`albums` has no column `genre`"):
        library.check(path)


def test_library_held_by_the_app_is_said_to_be_locked(tmp_path):
    """A lock that does not go away within the timeout is named; nothing hangs."""
    path = make(tmp_path / "library.db")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    started = time.monotonic()
    with pytest.raises(LibraryLocked):
        library.check(path, timeout_seconds=0.2)
    assert time.monotonic() - started < 3
    holder.close()


def test_every_value_arrives_as_the_text_that_sqlite_makes_of_it(tmp_path, connection):
    """E16: null stays null; numbers, booleans, emoji, negative ids and ids beyond 2^53 arrive digit for digit."""
    path = make(
        tmp_path / "library.db",
        ("insert into albums (id, title, year) values (?, ?, ?)", (9007199254740993, "🎧 Ünïcode", 1971)),
        ("insert into albums (id, title, genre) values (?, ?, ?)", (-5, "", None)),
        "insert into listening_history values (1, 9007199254740995, 1700000000, '2024', 'x', 1, '2024')",
    )
    assert library.extract(path, connection)["albums"] == 2
    assert connection.execute("select id, title, year, genre from library.albums order by title").fetchall() == [
        ("-5", "", None, None),
        ("9007199254740993", "🎧 Ünïcode", "1971", None),
    ]
    assert connection.execute("select track_id, loved from library.listening_history").fetchall() == [
        ("9007199254740995", "1")
    ]
    assert faults(connection) == []


def test_broken_values_are_read_leniently_and_listed(tmp_path, connection):
    """D1, D2, E16: invalid UTF-8, NULs, blobs, words in number columns and 5 MB titles are read, and each is in the list."""
    path = make(
        tmp_path / "library.db",
        "insert into albums (id, title) values (1, cast(x'41ff42' as text))",
        "insert into albums (id, title) values (2, cast(x'410042' as text))",
        "insert into albums (id, title) values (3, x'4142')",
        "insert into albums (id, title, year) values (4, 'text in a number', 'nineteen')",
        ("insert into albums (id, title) values (5, ?)", ("é" * 2_500_000,)),
        "insert into album_artist (album_id, artist_id) values ('one', 7)",
        "insert into albums (id, title, year) values (6, 'a year with a fraction', 1971.5)",
    )
    library.extract(path, connection)
    titles = dict(connection.execute("select id, title from library.albums").fetchall())
    assert titles["1"] == "A\ufffdB"
    assert titles["2"] == "A\x00B"
    assert titles["3"] == "AB"
    assert len(titles["5"]) == 2_500_000
    assert faults(connection) == [
        ("album_artist", {"album_id": "one", "artist_id": 7}, "album_id", "wrong_type"),
        ("albums", {"id": 1}, "title", "invalid_utf8"),
        ("albums", {"id": 2}, "title", "embedded_nul"),
        ("albums", {"id": 3}, "title", "blob"),
        ("albums", {"id": 4}, "year", "wrong_type"),
        ("albums", {"id": 5}, "title", "oversized"),
        ("albums", {"id": 6}, "year", "wrong_type"),
    ]


def test_unusual_tables_are_libraries_too(tmp_path, connection):
    """WITHOUT ROWID, STRICT, generated columns, views and UTF-16 are read like any other table."""
    schema = {
        **SCHEMA,
        "album_artist": SCHEMA["album_artist"],
        "artists": SCHEMA["artists"].replace("created_at", "created_at text").replace("updated_at", "updated_at text"),
        "albums": SCHEMA["albums"].replace(
            "discogs_url text", "discogs_url text generated always as ('d/' || discogs_id) virtual"
        ),
        "all_images": SCHEMA["images"],
    }
    del schema["images"]
    path = make(
        tmp_path / "library.db",
        "create view images as select * from all_images",
        "insert into albums (id, title, discogs_id) values (1, 'Élan', '77')",
        "insert into albums (id, title) values (2, x'ff41')",
        "insert into all_images (id, url) values (1, 'https://example.org/1.jpg')",
        "insert into album_artist (album_id, artist_id) values (1, 2)",
        schema=schema,
        before=["pragma encoding = 'UTF-16le'"],
        suffix={"album_artist": "without rowid", "artists": "strict"},
    )
    shape = library.check(path)
    assert shape.encoding == "UTF-16le"
    assert shape.views == {"images"}
    assert library.extract(path, connection)["images"] == 1
    assert connection.execute("select title, discogs_url from library.albums order by id").fetchall() == [
        ("Élan", "d/77"),
        ("\ufffdA", None),
    ]


def test_a_write_ahead_log_is_read_and_the_file_left_alone(tmp_path, connection):
    """Rows that still lie in the log are seen; the database file keeps its bytes."""
    path = make(tmp_path / "library.db")
    app = sqlite3.connect(path)
    app.execute("pragma journal_mode = wal")
    app.execute("insert into albums (id, title) values (1, 'in the log')")
    app.commit()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    assert library.extract(path, connection)["albums"] == 1
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    app.close()


def test_second_extract_replaces_the_first(tmp_path, connection):
    """A raw library table is the library of tonight, never two nights together."""
    path = make(tmp_path / "library.db", "insert into albums (id, title) values (1, x'ff')")
    library.extract(path, connection)
    with sqlite3.connect(path) as db:
        db.execute("delete from albums")
    assert library.extract(path, connection)["albums"] == 0
    assert connection.execute("select count(*) from library.albums").fetchone() == (0,)
    assert faults(connection) == []


def test_a_large_history_is_read_in_seconds(tmp_path, connection):
    """A hundred thousand scrobbles take well under two seconds; measured at 300,000 rows a second and more."""
    path = make(tmp_path / "library.db")
    with sqlite3.connect(path) as db:
        db.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) insert into"
            " listening_history select i, i % 900, 1700000000 + i, '2024-01-01', 'lastfm', 0, '2024-01-01' from n"
        )
    started = time.process_time()
    assert library.extract(path, connection)["listening_history"] == 100_000
    assert time.process_time() - started < 2


@pytest.mark.skipif(not REAL.exists(), reason="the real library lies beside a checkout of the project, not in it")
def test_real_library_is_read_whole(connection):
    """Every row of a real library arrives, its broken references included."""
    before = hashlib.sha256(REAL.read_bytes()).hexdigest()
    rows = library.extract(REAL, connection)
    assert rows == {
        "albums": 443,
        "artists": 430,
        "album_artist": 785,
        "tracks": 874,
        "images": 543,
        "metadata": 405,
        "listening_history": 1002,
    }
    assert hashlib.sha256(REAL.read_bytes()).hexdigest() == before


def test_looking_at_a_wal_library_leaves_nothing_beside_it(tmp_path: Path) -> None:
    """Checking a library that no program has open creates no -wal and no -shm next to it."""
    path = tmp_path / "music.db"
    sample.build_library(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("pragma journal_mode = wal").fetchone() == ("wal",)
    connection.close()

    library.check(path)

    assert [file.name for file in tmp_path.iterdir()] == ["music.db"]
