"""Staging: what an answer means, whatever shape it came in."""

import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.believe import build
from ingest import warehouse
from ingest.tables import WEB_TABLES

RECORDED = Path(__file__).parents[3] / "shared" / "contracts" / "recorded"
NO_TESTS = ["resource_type:test", "resource_type:unit_test"]
OLDER, NEWER = datetime(2026, 1, 1), datetime(2026, 2, 1)  # noqa: DTZ001 - the raw tables hold UTC without a zone
MALFORMED = [
    "{", "null", "[]", "3", '"text"', '"\\ud83d"', '{"release-groups": null}', '{"release-groups": {"id": "lone", "title": "t"}}',
    '{"release-groups": [{"id": 5, "title": "n", "artist-credit": null}, {"id": "x"}, null, 3]}', '{"images": {}}',
    '{"urls": {"resource": "u", "relations": {"type": "x"}}}', '{"tag": 1}',
    '{"abc": {"tag": {"release_group": {}}, "artist": 3}}',
    '{"id": 7, "title": "t", "images": {}, "artists": null, "artist-credit": {}}', '{"albums": {"items": null}}',
    '{"id": "z", "title": {"a": 1}, "secondary-types": [null, 1], "genres": "Rock", "year": "0"}',
]  # fmt: skip


def answer(
    key: str, payload: str | None, *, status: int = 200, asked: str = "[]", at: datetime = OLDER
) -> warehouse.RawRow:
    return warehouse.RawRow(key, asked, "", status, at, "run", payload)


def staged(folder: Path, answers: dict[str, list[warehouse.RawRow]]) -> duckdb.DuckDBPyConnection:
    """The staging schema over these answers."""
    path = folder / "warehouse.duckdb"
    connection = warehouse.connect(path)
    for table, rows in answers.items():
        warehouse.append(connection, table, rows)
    connection.close()
    beliefs = build(path, folder, select=["staging"], exclude=NO_TESTS)
    assert beliefs.success, beliefs.errors
    return duckdb.connect(str(path))


@pytest.fixture(scope="module")
def believed(tmp_path_factory):
    """Every malformed answer in every table, beside a few sound ones."""
    answers = {
        table: [answer(f"bad {n}", payload, asked='[{"question": "x:1"}]') for n, payload in enumerate(MALFORMED)]
        + [answer("none", None, status=404, asked="no list")]
        for table in WEB_TABLES
    }
    group = {
        "id": "AB-1",
        "title": "Old",
        "artist-credit": [{"name": "A", "joinphrase": " & "}, {"artist": {"name": "B"}}],
    }
    answers["musicbrainz.release_groups"] += [
        answer("pair", json.dumps({"release-groups": [group]})),
        answer("alone", json.dumps({"release-groups": [group | {"id": "ab-1", "title": "New"}]}), at=NEWER),
        answer("lookup", json.dumps({"id": "ab-1", "title": "Newest, no credit"}), at=NEWER),
    ]
    asked = json.dumps([{"question": "name:Nobody & Sons"}])
    answers["musicbrainz.artists"].append(answer("artist", None, status=404, asked=asked))
    cover = "https://archive.org/download/mbid-{0}/mbid-{0}-17_thumb500.jpg".format(
        "0" * 8 + "-0000-4000-8000-" + "0" * 12
    )
    answers["cover_art_archive.front_covers"] += [
        answer("yes", json.dumps({"location": cover, "release_group": "G1"}), status=307),
        answer("no", None, status=404, asked='[{"question": "release_group:G2"}]'),
    ]
    folder = tmp_path_factory.mktemp("staging")
    if RECORDED.exists():
        for table, name in (
            ("musicbrainz.release_groups", "musicbrainz/browse_release_group.live2019.json"),
            ("listenbrainz.release_groups", "listenbrainz/metadata_release_group.doc.json"),
            ("discogs.releases", "discogs/collection_folder0.joalla.json"),
            ("discogs.releases", "discogs/release_16004480_various_year0.live2026.json"),
            ("spotify.albums", "spotify/search_album.jwilsson.json"),
        ):
            answers[table].append(answer(name, (RECORDED / name).read_text(encoding="utf-8"), at=NEWER))
    with staged(folder, answers) as connection:
        yield connection


def test_no_shape_of_an_answer_fails_the_build(believed) -> None:
    """N13, N16: null, a number, half a document, an object for a list: no rows, and never an error."""
    assert believed.sql(
        "select count(*) from staging.stg_musicbrainz__release_groups where title is null"
    ).fetchone() == (0,)


def test_the_newest_complete_answer_speaks(believed) -> None:
    """One row per release group, in lower case; an answer without the credit does not hide one that has it."""
    rows = believed.sql(
        "select title, artist_credit from staging.stg_musicbrainz__release_groups where release_group_musicbrainz_id = 'ab-1'"
    ).fetchall()
    assert rows == [("New", "A & B")]


def test_numbers_and_texts_are_both_keys(believed) -> None:
    """An id may come as a number."""
    found = believed.sql("select release_group_musicbrainz_id from staging.stg_musicbrainz__release_groups").fetchall()
    assert ("5",) in found


def test_a_name_asked_in_vain_is_known_as_asked(believed) -> None:
    """A 404 for a name is an answer: nobody of that name."""
    assert believed.sql("select name from staging.stg_musicbrainz__artist_questions").fetchall() == [("Nobody & Sons",)]


def test_a_cover_address_comes_from_the_index(believed) -> None:
    """The redirect names release and image; a 404 says that there is none."""
    rows = believed.sql(
        "select release_group_musicbrainz_id, has_front, image_url from staging.stg_cover_art_archive__front_covers order by 1"
    ).fetchall()
    address = "https://coverartarchive.org/release/00000000-0000-4000-8000-000000000000/17-500.jpg"
    assert [row for row in rows if row[0] in ("g1", "g2")] == [("g1", True, address), ("g2", False, None)]


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers lie beside the checkout, and are absent here")
def test_recorded_answers_are_read(believed) -> None:
    """What the sources really answered gives rows: credits in order, genres uncut at commas, no year 0."""
    counts = {
        table: believed.sql(f"select count(*) from staging.{table}").fetchone()[0]
        for table in ("stg_listenbrainz__release_group_tags", "stg_discogs__release_artists", "stg_spotify__albums")
    }
    assert all(counts.values()), counts
    assert believed.sql("select count(*) from staging.stg_discogs__releases where year = 0").fetchone() == (0,)
    assert (
        believed.sql("select name from staging.stg_discogs__release_artists where name ~ '[(][0-9]+[)]$'").fetchall()
        == []
    )
