"""Staging: what an answer means, whatever shape it came in."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import yaml

from dagster_project.believe import build
from ingest import warehouse
from ingest.tables import WEB_TABLES

RECORDED = Path(__file__).parents[3] / "shared" / "contracts" / "recorded"
NO_TESTS = ["resource_type:test", "resource_type:unit_test"]
OLDER, NEWER = datetime(2026, 1, 1), datetime(2026, 2, 1)  # noqa: DTZ001 - the raw tables hold UTC without a zone
MERGED = "30000000-0000-4000-8000-000000000001"
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


def recorded() -> Iterator[tuple[str, str, str, int, str]]:
    """Every recorded answer to a question that Sillon asks, as it would be kept: table, name, payload, status, asked.

    Left out are answers of addresses that it does not ask: release searches, masters, the archive's index.
    """
    if not RECORDED.exists():
        return
    for path in sorted(RECORDED.glob("musicbrainz/*release_group*.json")):
        yield "musicbrainz.release_groups", path.name, path.read_text("utf-8"), 200, "[]"
    cassette = yaml.load((RECORDED / "musicbrainz/vcr_release_group.live2014.yml").read_text("utf-8"), _Cassette)
    for number, exchange in enumerate(cassette["http_interactions"]):
        response = exchange["response"]
        if exchange["request"]["uri"].startswith("http://musicbrainz.org/ws/2/release-group"):
            yield (
                "musicbrainz.release_groups",
                f"2014 {number}",
                response["body"]["string"],
                response["status"]["code"],
                "[]",
            )
    yield "musicbrainz.urls", "url", (RECORDED / "musicbrainz/lookup_url.live2019.json").read_text("utf-8"), 200, "[]"
    yield (
        "listenbrainz.release_groups", "doc",
        (RECORDED / "listenbrainz/metadata_release_group.doc.json").read_text("utf-8"), 200, "[]",
    )  # fmt: skip
    hit = json.loads((RECORDED / "listenbrainz/metadata_lookup.doc.json").read_text("utf-8"))
    yield (
        "listenbrainz.recordings",
        "metadata_lookup.doc.json",
        json.dumps([{"index": 0}, {"index": 1, **hit}]),
        200,
        "[]",
    )
    for path in sorted([*RECORDED.glob("discogs/release_*.json"), *RECORDED.glob("discogs/collection_*.json")]):
        yield "discogs.releases", path.name, path.read_text("utf-8"), 200, "[]"
    yield "discogs.releases", "404", (RECORDED / "discogs/error_404.json").read_text("utf-8"), 404, "[]"
    for path in sorted([*RECORDED.glob("spotify/search_*.json"), *RECORDED.glob("spotify/album_*.json")]):
        asked = json.dumps([{"question": path.name, "album_id": 1}])
        yield "spotify.albums", path.name, path.read_text("utf-8"), 200, asked


class _Cassette(yaml.SafeLoader):
    """Old recordings hold bodies as Ruby wrote them: bytes in base64."""


_Cassette.add_constructor("!binary", lambda _, node: base64.b64decode(node.value).decode())


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
        answer(f"/ws/2/release-group/{MERGED}?inc=releases", json.dumps(group | {"id": "into-another"})),
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
    for table, name, payload, status, asked in recorded():
        answers[table].append(answer(name, payload, status=status, asked=asked, at=NEWER))
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


def test_a_merged_group_is_known_by_the_id_that_was_asked(believed) -> None:
    """A look-up answers with the id into which the group was merged; a decision names the old one."""
    ids = believed.sql("select release_group_musicbrainz_id from staging.stg_musicbrainz__release_groups").fetchall()
    assert (MERGED,) in ids
    assert ("into-another",) not in ids


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


needs_recorded = pytest.mark.skipif(
    not RECORDED.exists(), reason="the recorded answers lie beside the checkout, and are absent here"
)


def fact(rows: list[tuple], key: object) -> tuple:
    """The one row that begins with this key, without it."""
    [row] = [row[1:] for row in rows if row[0] == key]
    return row


@needs_recorded
def test_every_recorded_release_group_is_read(believed) -> None:
    """Searches, browses and look-ups of 2014 to 2020: title, first date (absent and "" are unknown) and credit (names as
    credited with their join phrases, where there is one; the artist's own where there is none)."""
    rows = believed.sql(
        "select release_group_musicbrainz_id, title, first_release_date, artist_credit"
        " from staging.stg_musicbrainz__release_groups"
    ).fetchall()
    read = {row[0]: row[1:] for row in rows}
    told: dict[str, list[tuple]] = {}
    for table, _, payload, status, _ in recorded():
        if table == "musicbrainz.release_groups" and status == 200:
            body = json.loads(payload)
            for group in body.get("release-groups", [body]):
                credit = "".join(
                    (one.get("name") or one["artist"]["name"]) + one.get("joinphrase", "")
                    for one in group.get("artist-credit", ())
                )
                facts = (group["title"], group.get("first-release-date") or None, credit or None)
                told.setdefault(group["id"], []).append(facts)
    assert len(told) > 50
    assert {group: facts for group, facts in told.items() if read[group] not in facts} == {}


@needs_recorded
def test_every_recorded_discogs_answer_is_read(believed) -> None:
    """Year 0 is unknown, " (2)" is no part of a name, `anv` and `join` are kept, no genre is cut at its comma, an errand of
    401 or 404 gives nothing; the collection is read like releases."""
    releases = believed.sql(
        "select release_discogs_id, title, year, image_url from staging.stg_discogs__releases"
    ).fetchall()
    artists = believed.sql(
        "select release_discogs_id, name, coalesce(name_variation, ''), join_phrase"
        " from staging.stg_discogs__release_artists order by release_discogs_id, position"
    ).fetchall()
    genres = believed.sql("select release_discogs_id, genre from staging.stg_discogs__release_genres").fetchall()
    read = 0
    for table, _, payload, status, _ in recorded():
        if table == "discogs.releases" and status == 200:
            body = json.loads(payload)
            for release in [one["basic_information"] for one in body["releases"]] if "releases" in body else [body]:
                key = str(release["id"])
                title, year, image = fact(releases, key)
                assert (title, year) == (release["title"], release["year"] or None)
                assert image or not (release.get("images") or release.get("cover_image"))
                names = [
                    (re.sub(r" [(][0-9]+[)]$", "", one["name"]), one["anv"], one["join"]) for one in release["artists"]
                ]
                assert [row[1:] for row in artists if row[0] == key] == names
                assert {row[1] for row in genres if row[0] == key} == {*release["genres"], *release.get("styles", ())}
                read += 1
    assert read > 4


@needs_recorded
def test_every_recorded_listenbrainz_answer_is_read(believed) -> None:
    """Date, cover, credit and tags of a release group; a look-up by the number under which it was asked, and only where
    something was recognised."""
    [group] = json.loads((RECORDED / "listenbrainz/metadata_release_group.doc.json").read_text("utf-8")).items()
    key, body = group
    rows = believed.sql(
        "select release_group_musicbrainz_id, date_text, cover_id, cover_release_musicbrainz_id"
        " from staging.stg_listenbrainz__release_groups"
    ).fetchall()
    about = body["release_group"]
    assert fact(rows, key) == (about["date"], str(about["caa_id"]), about["caa_release_mbid"])
    credits = believed.execute(
        "select name, join_phrase from staging.stg_listenbrainz__release_group_credits"
        " where release_group_musicbrainz_id = ? order by position",
        [key],
    ).fetchall()
    assert credits == [(one["name"], one["join_phrase"]) for one in body["artist"]["artists"]]
    tags = believed.execute(
        "select tag, is_genre from staging.stg_listenbrainz__release_group_tags"
        " where release_group_musicbrainz_id = ? and level = 'release_group'",
        [key],
    ).fetchall()
    assert set(tags) == {(one["tag"], "genre_mbid" in one) for one in body["tag"]["release_group"]}

    known = json.loads((RECORDED / "listenbrainz/metadata_lookup.doc.json").read_text("utf-8"))
    looked_up = believed.sql(
        "select request_key, asked_number, release_musicbrainz_id, title, artist_credit"
        " from staging.stg_listenbrainz__recordings where request_key = 'metadata_lookup.doc.json'"
    ).fetchall()
    expected = (known["release_mbid"], known["recording_name"], known["artist_credit_name"])
    assert looked_up == [("metadata_lookup.doc.json", 1, *expected)]


@needs_recorded
def test_every_recorded_spotify_answer_is_read(believed) -> None:
    """Each hit with all its artists and its widest picture; a search in vain gives none."""
    rows = believed.sql(
        "select asked_question, album_spotify_id, title, artists, image_url from staging.stg_spotify__albums"
    ).fetchall()
    for table, name, payload, _, _ in recorded():
        if table == "spotify.albums":
            body = json.loads(payload)
            hits = body["albums"]["items"] if "albums" in body else [body]
            read = {row[1]: (row[2], row[4]) for row in rows if row[0] == name}
            assert read == {hit["id"]: (hit["name"], hit["images"][0]["url"]) for hit in hits}
            for hit in hits:
                [artists] = {row[3] for row in rows if row[:2] == (name, hit["id"])}
                assert all(one["name"] in artists for one in hit.get("artists", ()))


@needs_recorded
def test_an_address_of_an_artist_leads_to_no_release(believed) -> None:
    """A single address is answered by the object itself; relations to artists are none to releases."""
    resource = json.loads((RECORDED / "musicbrainz/lookup_url.live2019.json").read_text("utf-8"))["resource"]
    found = believed.execute("select count(*) from staging.stg_musicbrainz__urls where resource = ?", [resource])
    assert found.fetchone() == (0,)
