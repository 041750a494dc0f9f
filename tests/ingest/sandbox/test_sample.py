"""The sample library: built from text, with the quirks of a real one, beside a catalogue that knows what is right."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ingest.sandbox import Catalogue
from ingest.sandbox.sample import CATALOGUE, build_library

REAL = Path(__file__).parents[3] / "../shared/library/musique_dev.db"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_library(tmp_path_factory.mktemp("sample") / "library.db")


def ask(library: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(library)) as connection:
        return connection.execute(query).fetchall()


def test_sample_is_whole_and_in_wal_mode(library: Path) -> None:
    """The built library is sound for SQLite, in WAL mode, and holds what its README says."""
    assert ask(library, "pragma integrity_check") == [("ok",)]
    assert ask(library, "pragma journal_mode") == [("wal",)]
    counts = [
        ask(library, f"select count(*) from {table}")[0][0]
        for table in ("albums", "artists", "tracks", "listening_history")
    ]
    assert counts == [65, 74, 163, 300]


QUIRKS = {
    "a missing year": "select 1 from albums where year is null",
    "a value that a person typed": "select 1 from albums where genre = 'Rock Alternatif' and ai_description is not null",
    "editions as albums": "select 1 from albums where title = 'Hunky Dory (2015 Remaster)'",
    "several acts in one name": "select 1 from artists where name = 'Tony Bennett & Lady Gaga'",
    "one artist in two spellings": "select 1 from artists group by lower(name) having count(*) > 1",
    "a typographic quote": "select 1 from albums where title like '%’%'",  # noqa: RUF001
    "a typographic hyphen": "select 1 from artists where name like '%‐%'",  # noqa: RUF001
    "a mix of many": "select 1 from album_artist group by album_id having count(*) > 10",
    "a shared Spotify link": "select 1 from albums where spotify_url is not null group by spotify_url having count(*) > 1",
    "links of albums that are gone": "select 1 from album_artist where album_id not in (select id from albums)",
    "pictures of albums that are gone": "select 1 from images where album_id not in (select id from albums)",
    "metadata of albums that are gone": "select 1 from metadata where album_id not in (select id from albums)",
    "Discogs rows": "select 1 from albums where source = 'discogs' and support = 'Vinyle' and discogs_id is not null",
    "an Arabic title": "select 1 from albums where title like '%الأطلال%'",
    "a Japanese title": "select 1 from albums where title = '千のナイフ'",
}


@pytest.mark.parametrize("quirk", QUIRKS)
def test_sample_keeps_its_quirks(library: Path, quirk: str) -> None:
    """Every quirk of a real library occurs in the sample."""
    assert ask(library, QUIRKS[quirk])


def test_sample_has_the_schema_of_the_real_library(library: Path) -> None:
    """Tables, indexes and constraints are the app's own."""
    if not REAL.exists():
        pytest.skip("no real library beside this checkout")
    query = "select name, trim(sql, char(10) || ' ') from sqlite_master where sql is not null order by name"
    with closing(sqlite3.connect(f"{REAL.resolve().as_uri()}?immutable=1", uri=True)) as connection:
        assert ask(library, query) == connection.execute(query).fetchall()


def test_truth_speaks_of_every_album_and_only_of_what_exists(library: Path) -> None:
    """Each album has its truth, and the truth names release groups that the catalogue holds, with their covers."""
    catalogue = Catalogue.load(CATALOGUE)
    assert set(catalogue.truth) == {ident for (ident,) in ask(library, "select id from albums")}
    for truth in catalogue.truth.values():
        assert truth.release_group is None or truth.release_group in catalogue.groups
        assert truth.cover is None or catalogue.picture_for(truth.cover)
    assert catalogue.summary()["left_out"] == 3


def test_right_answers_are_facts() -> None:
    """Years of first release are those of the works, not of the issues in the library."""
    catalogue = Catalogue.load(CATALOGUE)
    years = {catalogue.groups[t.release_group].title: t.year for t in catalogue.truth.values() if t.release_group}
    assert years["Kind of Blue"] == 1959
    assert years["The Dark Side of the Moon"] == 1973
    assert years["Drive (Original Motion Picture Soundtrack)"] == 2011
    assert {group.artist_text for group in catalogue.groups.values() if group.title.startswith("Drive (")} == {
        "Cliff Martinez"
    }
