"""The data dump: read as published, of the same shape as the web's answers, and nothing of it asked again."""

import json
from datetime import UTC, datetime

import pytest

from ingest import dump_archive
from ingest.errors import DumpUnreadable
from ingest.sandbox import Catalogue, sample
from ingest.settings import Settings
from ingest.sources import library, musicbrainz_dump
from ingest.worklist import Worklist

from .dumps import covers_of, tables_of, write_archive

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
WEB = ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify", "spotify_token")


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load(sample.CATALOGUE)


@pytest.fixture
def load(tmp_path, connection, catalogue):
    """A function that loads a dump of the sample catalogue for the sample library."""
    library.extract(sample.build_library(tmp_path / "library.db"), connection)
    settings = Settings().for_sandbox(dict.fromkeys(WEB, "http://127.0.0.1:9"))

    def loaded(ending="tar.bz2", *, at=NOW, progress=lambda done, total: None, more=None):
        folder = tmp_path / ending
        if not folder.exists():
            folder.mkdir()
            tables = tables_of(catalogue)
            for table, rows in (more or {}).items():
                tables[table] += rows
            write_archive(folder / f"mbdump.{ending}", tables)
            write_archive(folder / f"mbdump-cover-art-archive.{ending}", covers_of(catalogue))
        return musicbrainz_dump.load(
            folder, connection, settings, now=at, run_id="one", scratch=tmp_path / "scratch", progress=progress
        )

    loaded.worklist = lambda at=NOW: Worklist(connection.cursor(), settings, at)
    return loaded


@pytest.mark.parametrize("ending", ["tar", "tar.bz2", "tar.zst"])
def test_dump_as_published(load, connection, ending):
    """Packed in either way, the dump answers; what is not in its columns is null, and escapes are read."""
    new = load(ending)
    assert new["musicbrainz.release_groups"] >= 3
    assert new["cover_art_archive.front_covers"] > 40
    (stamp,) = connection.execute("select distinct fetched_at from musicbrainz.release_groups").fetchall()
    assert str(stamp[0]) == "2026-11-21 00:17:22.123456"


def test_dump_finds_what_the_web_would(load, catalogue):
    """Every album whose release group the catalogue knows has it among its plausible candidates, without one request."""
    load()
    assert_found(load, catalogue)


def assert_found(load, catalogue):
    worklist = load.worklist()
    found = set(
        worklist.connection.execute("select cast(album_id as bigint), release_group_id from work_candidates").fetchall()
    )
    due = {int(row[0]) for row in worklist.connection.execute("select album_id from work_albums").fetchall()}
    known = {
        (album, truth.release_group)
        for album, truth in catalogue.truth.items()
        if truth.release_group and not truth.ambiguous and album in due
    }
    assert len(known) > 50
    assert len(known - found) <= 0.03 * len(known), known - found


def test_the_web_is_asked_only_for_the_rest(load):
    """Albums that the dump answered are due no more; those that it does not hold still are."""
    before = load.worklist()
    asked = {item.question for item in [*before.urls(), *before.pairs()]}
    load()
    after = load.worklist()
    still = {item.question for item in [*after.urls(), *after.pairs(), *after.releases()]}
    assert len(still) < 0.25 * len(asked)
    assert still, "the sample library holds albums that nobody knows"
    assert not {item.question for item in after.covers()} & {
        row[0]
        for row in after.connection.execute("select question from work_questions where place = 'covers'").fetchall()
    }


def test_second_load_adds_nothing(load, connection):
    """A night with the same dump leaves the raw tables as they are."""
    load()
    before = connection.execute("select count(*) from musicbrainz.release_groups").fetchone()
    assert not any(load().values())
    assert connection.execute("select count(*) from musicbrainz.release_groups").fetchone() == before


def test_answers_made_in_parts(load, connection, monkeypatch):
    """Batch by batch, as for a million albums, the answers are those that one part gives."""
    monkeypatch.setattr(musicbrainz_dump, "BATCHES_A_PART", 1)
    load()
    rows = "select * from musicbrainz.release_groups order by request_key"
    parts = connection.execute(rows).fetchall()
    assert len(parts) >= 3
    connection.execute("delete from musicbrainz.release_groups")
    monkeypatch.undo()
    load()
    assert connection.execute(rows).fetchall() == parts


def test_the_nearest_of_very_many(load, connection, catalogue):
    """Where a hundred release groups of the same credit share its words, an album keeps its own, and fifty at most."""
    namesakes = [
        (10_000_000 + 100 * number + other, f"{row[1][:-4]}{other:04d}", f"{row[2]} number{other}", *row[3:])
        for number, row in enumerate(tables_of(catalogue)["release_group"])
        for other in range(100)
    ]
    load(more={"release_group": namesakes})
    assert_found(load, catalogue)
    (kept,) = connection.execute(
        """select count(distinct item) from (
            select unnest(json_extract_string(payload, '$."release-groups"[*].id')) as item from musicbrainz.release_groups
        )"""
    ).fetchone()
    assert kept < len(namesakes) / 2


def test_same_shape_as_a_search(load, connection, catalogue):
    """A release group of the dump has the keys and values that a search shows of it."""
    load()
    payloads = connection.execute("select payload from musicbrainz.release_groups order by request_key").fetchall()
    groups = {group["id"]: group for (payload,) in payloads for group in json.loads(payload)["release-groups"]}
    for ident, group in groups.items():
        known = catalogue.groups[ident]
        assert group["title"] == known.title
        assert group["first-release-date"] == known.date
        assert "".join(credit["name"] + credit["joinphrase"] for credit in group["artist-credit"]) == known.artist_text
        assert {release["id"] for release in group["releases"]} == {release.id for release in known.releases}
        assert {tag["name"]: tag["count"] for tag in group["tags"]} == {name: n for name, n in known.tags if n > 0}
        assert group["primary-type"] == (known.primary or None)


def test_progress_ends_at_the_whole(load):
    """The bar knows how many bytes there are, never runs backwards, and ends full."""
    seen = []
    load(progress=lambda done, total: seen.append((done, total)))
    assert len({total for _, total in seen}) == 1
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]


def test_escapes_and_newer_columns(tmp_path):
    """Tabs, line ends and backslashes inside a name survive; a column that a newer schema adds does no harm."""
    name = "A\tB\\n \\ C\nD"
    path = write_archive(tmp_path / "mbdump.tar.bz2", {"tag": [(1, name, 0, "new"), (2, None, 0, "new")]})
    (member,) = ((m.table, m.rows.read_all()) for m in dump_archive.read(path, lambda done: None))
    import duckdb

    rows = member[1]
    query = f"select {dump_archive.unescaped('name')} from rows order by id"
    assert duckdb.connect().execute(query).fetchall() == [(name,), (None,)]
    assert rows.schema.names == ["id", "name"]


def test_dump_without_its_stamp(tmp_path):
    """A dump without the member TIMESTAMP is as old as its file."""
    path = write_archive(tmp_path / "mbdump.tar.zst", {"tag": [(1, "rock", 1)]}, stamp=None)
    made = dump_archive.made_at(path)
    assert made == datetime.fromtimestamp(int(path.stat().st_mtime), UTC).replace(tzinfo=None)


@pytest.mark.parametrize("ending", ["tar.bz2", "tar.zst"])
def test_cut_short(tmp_path, load, connection, catalogue, ending):
    """A download that broke off is refused in one line; no answer of it is kept, and no scratch file."""
    load.worklist()
    whole = write_archive(tmp_path / f"mbdump.{ending}", tables_of(catalogue)).read_bytes()
    (tmp_path / f"mbdump.{ending}").write_bytes(whole[: len(whole) // 2])
    settings = Settings().for_sandbox(dict.fromkeys(WEB, "http://127.0.0.1:9"))
    with pytest.raises(DumpUnreadable, match="mbdump"):
        musicbrainz_dump.load(
            tmp_path / f"mbdump.{ending}", connection, settings, now=NOW, run_id="one", scratch=tmp_path / "scratch"
        )
    assert connection.execute("select count(*) from musicbrainz.release_groups").fetchone() == (0,)
    assert not (tmp_path / "scratch").exists()


def test_folder_without_a_dump(tmp_path):
    """A wrong folder, or another dump than the one that is needed, is named."""
    with pytest.raises(DumpUnreadable, match="no dump here"):
        dump_archive.archives(tmp_path)
    (tmp_path / "mbdump.tar").write_bytes(b"")
    with pytest.raises(DumpUnreadable, match="cannot be read"):
        list(dump_archive.read(tmp_path / "mbdump.tar", lambda done: None))
