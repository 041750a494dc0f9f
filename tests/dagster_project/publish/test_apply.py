"""The writer: nothing a person typed changes, everything that should be written is, and nothing else."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from dagster_project.publish.apply import Applied, apply
from dagster_project.publish.book import Ledger
from dagster_project.publish.changes import Change
from dagster_project.publish.target import Target
from ingest.errors import ApplyRefused, LibraryLocked, SillonError
from tests.dagster_project.publish.libraries import (
    SteadyClock,
    all_changes,
    contents,
    cover,
    make,
    query,
    run_sql,
    schema_of,
    snapshot_of,
    split,
    update,
)
from tests.faults.disks import read_only


class Scene:
    """A library, its snapshot and a ledger."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.folder = folder
        self.library = make(folder / "music.db", **options)  # type: ignore[arg-type]
        self.snapshot = snapshot_of(self.library, folder)
        self.ledger = folder / "data" / "ledger"
        self.output = folder / "data" / "exports" / "music.db"
        self.clock = SteadyClock()

    def in_place(self, changes: list[Change], run_id: str = "r1", **options: object) -> Applied:
        target = Target("in_place", self.library)
        return apply(changes, self.snapshot, target, self.ledger, run_id, self.clock, **options)  # type: ignore[arg-type]

    def to_copy(self, changes: list[Change], run_id: str = "r1", **options: object) -> Applied:
        target = Target("copy", self.output)
        return apply(changes, self.snapshot, target, self.ledger, run_id, self.clock, **options)  # type: ignore[arg-type]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def reasons(applied: Applied) -> dict[str, str | None]:
    return {entry.change_id: entry.reason for entry in applied.skipped}


def test_every_kind_of_change_arrives(scene: Scene) -> None:
    """Years are numbers, covers carry the app's word for their source, a split keeps the joined artist's row."""
    done = scene.in_place(all_changes())
    assert done.skipped == ()
    assert done.counts == {
        "album_artist.artist_id": 3,
        "albums.ai_description": 1,
        "albums.genre": 2,
        "albums.year": 2,
        "artists.name": 1,
        "images.url": 2,
    }
    assert query(scene.library, "select year, typeof(year), genre from albums order by id") == [
        (2014, "integer", "jazz"),
        (1959, "integer", "Modal"),
        (2020, "integer", "pop"),
    ]
    assert query(scene.library, "select id, album_id, source from images where id > 6") == [
        (7, 1, "musicbrainz"),
        (8, 2, "spotify"),
    ]
    names = "select name from album_artist join artists on id = artist_id where album_id = 1 order by name"
    assert query(scene.library, names) == [("Lady Gaga",), ("Tony Bennett",)]
    assert query(scene.library, "select count(*) from artists where id = 1") == [(1,)]
    assert query(scene.library, "pragma integrity_check") == [("ok",)]


def test_times_are_written_as_the_app_writes_them(scene: Scene) -> None:
    """`updated_at` of a changed row is UTC in the app's format; rows that were not changed keep theirs."""
    scene.in_place([update(1, "year", "2014")])
    assert query(scene.library, "select updated_at from albums order by id") == [
        ("2026-02-01 01:00:01",),
        ("2025-01-03 10:00:00",),
        ("2025-01-02 10:00:00",),
    ]


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("'2025-01-01T10:00:00'", "2026-02-01T01:00:01"),
        ("'2025-01-01T10:00:00Z'", "2026-02-01T01:00:01Z"),
        ("1735725600", 1769907601),
        ("1735725600000", 1769907601000),
    ],
)
def test_other_conventions_of_time_are_followed(tmp_path: Path, example: str, expected: object) -> None:
    """An app that writes seconds, milliseconds or ISO with a T gets the same back."""
    library = make(tmp_path / "music.db")
    run_sql(library, f"update albums set updated_at = {example}")
    target, folder = Target("in_place", library), tmp_path / "ledger"
    apply([update(1, "year", "2014")], snapshot_of(library, tmp_path), target, folder, "r1", SteadyClock())
    assert query(library, "select updated_at from albums where id = 1") == [(expected,)]


def test_nothing_else_is_touched(scene: Scene) -> None:
    """E17: SQLite's session extension sees the listed changes and no others."""
    scene.in_place(all_changes())
    with closing(apsw.Connection(str(scene.library))) as watcher:
        watcher.execute("attach ? as old", (str(scene.snapshot),))
        session = apsw.Session(watcher, "main")
        session.attach()
        for table in ("albums", "artists", "album_artist", "images", "tracks"):
            session.diff("old", table)
        seen = [(change.name, change.op) for change in apsw.Changeset.iter(session.changeset())]
        session.close()
    assert sorted(seen) == sorted(
        [("albums", "UPDATE")] * 3
        + [("artists", "INSERT")]
        + [("album_artist", "INSERT")] * 2
        + [("album_artist", "DELETE")]
        + [("images", "INSERT")] * 2
    )


@pytest.mark.parametrize("value", ["'Cool jazz'", "1", "x'00ff'", "cast(x'ff41' as text)"])
def test_a_value_written_meanwhile_stays(scene: Scene, value: str) -> None:
    """C4, E18: what the app wrote after the snapshot is left alone and listed, whatever its type."""
    run_sql(scene.library, f"update albums set genre = {value} where id = 1")
    before = contents(scene.library)
    done = scene.in_place([update(1, "genre", "jazz")])
    assert list(reasons(done).values()) == ["the value changed meanwhile"]
    assert contents(scene.library) == before


@pytest.mark.parametrize("value", ["'Modal'", "0", "x''", "cast(x'ff' as text)"])
def test_a_value_that_was_there_is_never_replaced(tmp_path: Path, value: str) -> None:
    """Even a change that the rules should never have made leaves a person's value."""
    library = make(tmp_path / "music.db")
    run_sql(library, f"update albums set genre = {value} where id = 2")
    before = contents(library)
    target = Target("in_place", library)
    done = apply(
        [update(2, "genre", "jazz")], snapshot_of(library, tmp_path), target, tmp_path / "l", "r1", SteadyClock()
    )
    assert list(reasons(done).values()) == ["the value is not Sillon's"]
    assert contents(library) == before


@pytest.mark.parametrize("blank", ["null", "''", "'   '"])
def test_an_empty_value_may_be_filled(tmp_path: Path, blank: str) -> None:
    """Null, nothing and white space are empty to a person's eye."""
    library = make(tmp_path / "music.db")
    run_sql(library, f"update albums set genre = {blank} where id = 1")
    target = Target("in_place", library)
    done = apply(
        [update(1, "genre", "jazz")], snapshot_of(library, tmp_path), target, tmp_path / "l", "r1", SteadyClock()
    )
    assert len(done.applied) == 1


def test_ours_may_be_replaced_and_emptied(scene: Scene) -> None:
    """A better rule replaces a value of Sillon's, a withdrawn one empties it; a person's later value stops both."""
    scene.in_place([update(1, "genre", "jazz")])
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    assert len(scene.in_place([update(1, "genre", "pop", "jazz")], "r2").applied) == 1
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    assert len(scene.in_place([update(1, "genre", None, "pop")], "r3").applied) == 1
    assert query(scene.library, "select genre, typeof(genre) from albums where id = 1") == [(None, "null")]
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    scene.in_place([replace(update(1, "genre", "rock"), change_id="again")], "r4")
    run_sql(scene.library, "update albums set genre = 'Rock!' where id = 1")
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    assert reasons(scene.in_place([update(1, "genre", None, "Rock!")], "r5")) == {
        "u-1-genre-None": "the value is not Sillon's"
    }


def test_an_image_of_ours_is_refreshed_and_withdrawn(scene: Scene) -> None:
    """A cover that Sillon added may change its address and go; one that a person added may not."""
    scene.in_place([cover(1)])
    fresh = Change("c1", "c1", "update", "images", '{"id": 7}', "url", None, "https://example.org/2.jpg", 1)
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    assert len(scene.in_place([fresh], "r2").applied) == 1
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    gone = [Change(f"d{key}", f"d{key}", "delete", "images", f'{{"id":{key}}}', None, None, None, 1) for key in (5, 7)]
    done = scene.in_place(gone, "r3")
    assert reasons(done) == {"d5": "the value is not Sillon's"}
    assert query(scene.library, "select id from images order by id") == [(5,), (6,)]


def test_an_id_that_was_given_to_another_album_is_seen(scene: Scene) -> None:
    """The app deletes the last album and adds another: SQLite gives it the same id, and it is left alone."""
    run_sql(
        scene.library, "delete from albums where id = 3", "insert into albums (id, title) values (3, 'Something else')"
    )
    assert set(reasons(scene.in_place([update(3, "genre", "pop")])).values()) == {"the album was edited meanwhile"}


def test_a_value_like_ours_in_a_row_with_the_same_id_is_a_persons(scene: Scene) -> None:
    """D4: an album or image of ours is deleted, and what a person adds gets its id and has, by chance, our value."""
    scene.in_place([update(3, "genre", "pop"), cover(1)])
    run_sql(
        scene.library,
        "delete from images where id = 7",
        "delete from albums where id = 3",
        "insert into albums (id, title, genre) values (3, 'Chromatica', 'pop')",
        "insert into images (id, url, image_type, source, album_id)"
        " values (7, 'https://example.org/new.jpg', 'album', 'discogs', 1)",
    )
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    gone = Change("d7", "d7", "delete", "images", '{"id":7}', None, None, None, 1)
    done = scene.in_place([update(3, "genre", "electronic", "pop"), gone], "r2")
    assert set(reasons(done).values()) == {"the value is not Sillon's"}
    assert done.applied == ()


def test_a_group_is_written_whole_or_not_at_all(scene: Scene) -> None:
    """A person relinks the album while the night runs: no artist, no link and no deletion of the split remains."""
    run_sql(scene.library, "insert into album_artist (album_id, artist_id) values (1, 2)")
    before = contents(scene.library)
    changes = [*split(1, 1, "Tony Bennett", "Lady Gaga", new=("Tony Bennett",)), update(2, "year", "1959")]
    done = scene.in_place(changes)
    assert [entry.change_id for entry in done.applied] == ["u-2-year-1959"]
    assert len(done.skipped) == 4
    after = contents(scene.library)
    assert {name: rows for name, rows in after.items() if name != "albums"} == {
        name: rows for name, rows in before.items() if name != "albums"
    }


def test_an_artist_that_appeared_meanwhile_is_used(scene: Scene) -> None:
    """Somebody adds the artist before we do: their row serves, and no second one is made."""
    run_sql(scene.library, "insert into artists (id, name) values (40, 'Tony Bennett')")
    scene.in_place(split(1, 1, "Tony Bennett", "Lady Gaga", new=("Tony Bennett",)))
    assert query(scene.library, "select artist_id from album_artist where album_id = 1 order by 1") == [(3,), (40,)]


def test_two_albums_share_a_new_artist(scene: Scene) -> None:
    """The artist is made once, by whichever group needs it first, even when the group that named it fails."""
    run_sql(scene.library, "update albums set title = 'Renamed' where id = 1")
    changes = [*split(1, 1, "Tony Bennett", new=("Tony Bennett",)), *split(2, 2, "Tony Bennett")]
    done = scene.in_place(changes)
    assert sorted(entry.change_id for entry in done.applied) == ["a-Tony Bennett", "d-2-2", "l-2-Tony Bennett"]
    assert sorted(reasons(done)) == ["d-1-1", "l-1-Tony Bennett"]


def test_a_new_artist_inherits_nothing(scene: Scene) -> None:
    """Links of an artist deleted long ago still lie about: the id that they name is not given to another artist."""
    run_sql(
        scene.library,
        "insert into album_artist (album_id, artist_id) values (2, 4)",
        "insert into images (url, image_type, source, artist_id) values ('u', 'artist', 'spotify', 9)",
    )
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    scene.in_place(split(1, 1, "Tony Bennett", "Lady Gaga", new=("Tony Bennett",)))
    assert query(scene.library, "select id from artists where name = 'Tony Bennett'") == [(10,)]


def test_no_artist_is_left_without_a_link(scene: Scene) -> None:
    """When its split fails, the new artist is not made either."""
    run_sql(scene.library, "update albums set title = 'Renamed' where id = 1")
    scene.in_place(split(1, 1, "Tony Bennett", new=("Tony Bennett",)))
    assert query(scene.library, "select count(*) from artists") == [(3,)]


def test_applying_twice_is_applying_once(scene: Scene) -> None:
    """The same changes again change nothing and write nothing but their reasons."""
    scene.in_place(all_changes())
    before = contents(scene.library)
    done = scene.in_place(all_changes(), "r2")
    assert done.applied == ()
    assert contents(scene.library) == before


def test_the_apps_triggers_stay_silent(scene: Scene) -> None:
    """E15: a trigger that reacts to the app's own writes does not fire for ours, and is still there afterwards."""
    run_sql(scene.library, "create trigger watch after update on albums begin update albums set support = 'x'; end")
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    scene.in_place([update(1, "year", "2014")])
    assert query(scene.library, "select distinct support from albums") == [(None,)]
    assert query(scene.library, "select name from sqlite_schema where type = 'trigger'") == [("watch",)]


@pytest.mark.parametrize(
    "ddl",
    [
        "create trigger guard before update on albums begin select raise(abort, 'no'); end",
        "create table album_notes (image_id integer references images (id) on delete cascade)",
        "alter table albums add column mood text generated always as (genre || '!')",
        "alter table albums add column rating integer not null default 3",
        "create table service_states (service_name varchar not null primary key, n int) without rowid",
        "create virtual table album_search using fts5(title)",
        "create view pretty as select upper(title) from albums",
    ],
)
def test_other_schemas_are_respected(tmp_path: Path, ddl: str) -> None:
    """Triggers, generated and extra columns, other tables and views: written around, and undisturbed."""
    library = make(tmp_path / "music.db")
    run_sql(library, ddl)
    shape = schema_of(library)
    target = Target("in_place", library)
    done = apply(all_changes(), snapshot_of(library, tmp_path), target, tmp_path / "l", "r1", SteadyClock())
    assert done.skipped == ()
    assert schema_of(library) == shape
    assert query(library, "pragma integrity_check") == [("ok",)]


@pytest.mark.parametrize(
    "before",
    [
        "pragma encoding = 'UTF-16le'",
        "pragma encoding = 'UTF-16be'",
        "pragma page_size = 1024",
        "pragma page_size = 65536",
        "pragma auto_vacuum = full",
        "pragma user_version = 77",
    ],
)
@pytest.mark.parametrize("wal", [True, False])
def test_the_files_own_settings_stay(tmp_path: Path, before: str, wal: bool) -> None:
    """E19: encoding, page size, vacuum and journal mode of the library and of its copy are what they were."""
    library = make(tmp_path / "music.db", before=before, wal=wal)
    names = ("encoding", "page_size", "auto_vacuum", "user_version", "journal_mode")
    settings = [query(library, f"pragma {name}") for name in names]
    snapshot, clock = snapshot_of(library, tmp_path), SteadyClock()
    output = tmp_path / "copy.db"
    for target in (Target("copy", output), Target("in_place", library)):
        done = apply(all_changes(), snapshot, target, tmp_path / "l", f"r-{target.kind}", clock)
        assert done.skipped == ()
        assert [query(target.path, f"pragma {name}") for name in names] == settings
    assert contents(output, without=("created_at", "updated_at")) == contents(
        library, without=("created_at", "updated_at")
    )


def test_strict_tables_and_tables_without_rowid(tmp_path: Path) -> None:
    """E15: STRICT columns get values of their type; tables without row numbers are written by their keys."""
    schema = """
        create table artists (id integer primary key, name text not null, updated_at text) strict;
        create table albums (id integer primary key, title text, year integer, genre text, image_url text,
            ai_description text) strict;
        create table album_artist (album_id int, artist_id int, primary key (album_id, artist_id)) without rowid;
        create table images (id int primary key, url text, image_type text, source text, artist_id int, album_id int,
            created_at int) without rowid;
    """
    rows = """
        insert into artists (id, name) values (1, 'Tony Bennett & Lady Gaga'), (3, 'Lady Gaga');
        insert into albums (id, title) values (1, 'Cheek to Cheek'), (2, 'Kind of Blue'), (3, 'Chromatica');
        insert into album_artist values (1, 1), (3, 3);
    """
    library = make(tmp_path / "music.db", schema=schema, rows=rows)
    target = Target("in_place", library)
    done = apply(all_changes(), snapshot_of(library, tmp_path), target, tmp_path / "l", "r1", SteadyClock())
    assert done.skipped == ()
    assert query(library, "select typeof(year) from albums where year is not null") == [("integer",), ("integer",)]


def test_a_view_in_place_of_a_table_is_left(tmp_path: Path) -> None:
    """A view is nothing to write to: its changes are listed, the others are made."""
    library = make(tmp_path / "music.db")
    run_sql(library, "alter table images rename to pictures", "create view images as select * from pictures")
    target = Target("in_place", library)
    done = apply(all_changes(), snapshot_of(library, tmp_path), target, tmp_path / "l", "r1", SteadyClock())
    assert set(reasons(done).values()) == {"images is no table that can be written to"}
    assert len(done.applied) == 9


def test_a_rule_of_the_table_is_a_reason_not_a_crash(scene: Scene) -> None:
    """A check that refuses our value leaves that change and makes the others."""
    run_sql(scene.library, "create unique index one_genre on albums (genre)")
    done = scene.in_place([update(1, "genre", "jazz"), update(3, "genre", "jazz")])
    assert len(done.applied) == 1
    assert "UNIQUE" in str(reasons(done))


def test_a_conflict_clause_never_deletes_a_row(tmp_path: Path) -> None:
    """A table that replaces on conflict would lose a row to our insert: the insert is left instead."""
    library = make(tmp_path / "music.db")
    run_sql(
        library,
        "create table t (a)",
        "drop table images",
        "create table images (id integer primary key, url text unique on conflict replace, image_type text, "
        "source text, artist_id int, album_id int)",
        "insert into images values (1, 'https://example.org/new.jpg', 'album', 'mine', null, 3)",
    )
    target = Target("in_place", library)
    done = apply([cover(1)], snapshot_of(library, tmp_path), target, tmp_path / "l", "r1", SteadyClock())
    assert done.applied == ()
    assert query(library, "select id, source from images") == [(1, "mine")]


@pytest.mark.parametrize(
    "change",
    [
        replace(update(1, "year", "2014"), column_name="title"),
        replace(update(1, "year", "2014"), table_name="tracks"),
        replace(cover(1), table_name="tracks"),
        replace(update(1, "year", "2014"), action="delete"),
    ],
)
def test_what_is_not_ours_to_write_stops_everything(scene: Scene, change: Change) -> None:
    """A change of any other table or column is a fault of the rules: nothing at all is written."""
    before = scene.library.read_bytes()
    with pytest.raises(ApplyRefused, match="not Sillon's to write"):
        scene.in_place([update(2, "year", "1959"), change])
    assert scene.library.read_bytes() == before


def test_two_changes_of_one_value_stop_everything(scene: Scene) -> None:
    """Two beliefs about one value are a fault of the rules."""
    with pytest.raises(ApplyRefused, match="same value"):
        scene.in_place([update(1, "year", "2014"), update(1, "year", "2015")])


def test_a_locked_library_is_said_so(scene: Scene) -> None:
    """E11: the app holds the library for longer than we wait: one line, nothing written, no ledger entry left open."""
    before = contents(scene.library)
    with closing(apsw.Connection(str(scene.library))) as app:
        app.execute("begin immediate")
        with pytest.raises(LibraryLocked) as caught:
            scene.in_place(all_changes(), timeout_s=0.1)
        assert "\n" not in caught.value.line
        app.execute("rollback")
    assert contents(scene.library) == before
    assert Ledger(scene.ledger).pending() == []


def test_years_that_are_none_are_left(scene: Scene) -> None:
    """D5: a year that is no number never reaches the library."""
    assert set(reasons(scene.in_place([update(1, "year", "199?")])).values()) == {"199? is no year"}


def test_library_text_is_data(scene: Scene) -> None:
    """D3: SQL in a name stays a name."""
    name = "'; drop table albums; --"
    scene.in_place([*split(1, 1, name, new=(name,)), update(1, "genre", 'x"; drop table artists; --')])
    assert query(scene.library, "select name from artists where id = 4") == [(name,)]


def test_a_folder_that_cannot_be_written(scene: Scene) -> None:
    """One line that names the folder, and nothing beside it."""
    scene.output.parent.mkdir(parents=True)
    with read_only(scene.output.parent), pytest.raises(SillonError, match="writable"):
        scene.to_copy(all_changes())
    assert list(scene.output.parent.iterdir()) == []
