"""The whole night, on the sample library against the sandbox: what the README promises."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.nights import copy_data, report, rows, run_night, write_config

REPORT_KEYS = {
    "timestamp", "version", "run_id", "status", "features", "database_state", "data_quality_score", "quality", "metrics",
    "changes", "sources", "review_queue",
}  # fmt: skip
METRICS = {
    "albums_without_image", "albums_without_genre", "albums_without_year", "albums_without_description", "malformed_artists",
    "duplicate_albums", "duplicate_artists", "orphan_tracks", "broken_references",
}  # fmt: skip

# Which changes vanish when a feature is off, or a service is not listed.
FEATURES = {
    "enrich_images": {"images.url", "albums.image_url"},
    "generate_descriptions": {"albums.ai_description"},
    "detect_genres": {"albums.genre"},
    "fix_artist_formatting": {"artists.name", "album_artist.artist_id"},
    "fill_years": {"albums.year"},
}
OF_SERVICE = {
    "fix_malformed_artists": FEATURES["fix_artist_formatting"],
    "enrich_musicbrainz_images": FEATURES["enrich_images"],
    "auto_enrichment": FEATURES["generate_descriptions"] | FEATURES["detect_genres"] | FEATURES["fill_years"],
}


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One finished night; tests that go on from it copy its folder."""
    folder = tmp_path_factory.mktemp("first")
    run_night(folder / "data", write_config(folder / "config"))
    return folder / "data"


@pytest.fixture
def data(first_night: Path, tmp_path: Path) -> Path:
    return copy_data(first_night, tmp_path / "data")


def test_the_report_keeps_its_contract(first_night: Path) -> None:
    """report.json has the keys that other programs read, and a night in which everything answered is a success."""
    facts = report(first_night)

    assert set(facts) >= REPORT_KEYS
    assert set(facts["metrics"]) >= METRICS
    assert set(facts["database_state"]) == {"albums", "artists", "tracks", "scrobbles"}
    assert facts["status"] == "success"
    assert {word: source["status"] for word, source in facts["sources"].items()} == dict.fromkeys(
        ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify"), "ok"
    )
    assert facts["quality"]["after"] > facts["quality"]["before"]
    assert set(facts["changes"]) == set().union(*FEATURES.values())


def test_nothing_that_was_there_changes(first_night: Path) -> None:
    """Every value that was not empty is the same after, in type and bytes; only `updated_at` and split links differ."""
    before, after = rows(first_night / "sample_library.db"), rows(first_night / "exports" / "sample_library.db")
    connection = sqlite3.connect(first_night / "exports" / "sample_library.db")

    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    assert set(before) == set(after)
    for table in set(before) - {"albums", "images", "artists", "album_artist"}:
        assert before[table] == after[table], table
    for table in ("images", "artists"):
        assert set(before[table]) <= set(after[table]), table
    columns = [row[1] for row in connection.execute("pragma table_info(albums)")]
    afterwards = {row[1]: row for row in after["albums"]}
    for row in before["albums"]:
        now = afterwards[row[1]]
        for number, column in enumerate(columns):
            kind, value = row[2 * number], row[2 * number + 1]
            if value not in (None, b"") and column != "updated_at":
                assert (kind, value) == (now[2 * number], now[2 * number + 1]), (row[1], column)


def test_second_night_asks_nothing(tmp_path: Path) -> None:
    """A second run over the same data asks no source anything, and its copy has the rows of the first."""
    data, config = tmp_path / "data", write_config(tmp_path / "config")
    run_night(data, config)
    first = rows(data / "exports" / "sample_library.db")

    outcome = run_night(data, config)

    assert {word: source.requests for word, source in outcome.sources.items()} == dict.fromkeys(outcome.sources, 0)
    assert rows(data / "exports" / "sample_library.db") == first


@pytest.mark.parametrize(
    "off", [("enrich_images", "fix_artist_formatting"), ("generate_descriptions", "detect_genres", "fill_years")]
)
def test_a_feature_that_is_off_makes_no_change(data: Path, tmp_path: Path, off: tuple[str, ...]) -> None:
    """Features that are off in the configuration change nothing, the others all that is theirs (one by one: test_changes)."""
    features = {name: name not in off for name in FEATURES}

    run_night(data, write_config(tmp_path / "config", features=features))

    assert set(report(data)["changes"]) == set().union(*(FEATURES[name] for name in FEATURES if name not in off))


@pytest.mark.parametrize("listed", [("auto_enrichment",), ("fix_malformed_artists", "enrich_musicbrainz_images")])
def test_a_service_that_is_not_listed_makes_no_change(data: Path, tmp_path: Path, listed: tuple[str, ...]) -> None:
    """What the scheduler's configuration does not list changes nothing (one by one: test_changes)."""
    run_night(data, write_config(tmp_path / "config", services=["audit_database", *listed]))

    assert set(report(data)["changes"]) == set().union(*(OF_SERVICE[name] for name in listed))


@pytest.mark.parametrize("job", ["audit_database", "validate_data", "generate_audit_report"])
def test_reading_jobs_write_nothing(tmp_path: Path, job: str) -> None:
    """Audit, validation and report ask no source and leave the library's bytes and no export."""
    run_night(tmp_path / "data", write_config(tmp_path / "config"), job=job)

    facts = report(tmp_path / "data")
    assert facts["changes"] == {}
    assert all(source["requests"] == 0 for source in facts["sources"].values())
    assert not list((tmp_path / "data" / "exports").iterdir())


def test_an_edited_copy_is_kept_aside(data: Path, tmp_path: Path) -> None:
    """A copy that somebody edited is not overwritten: it is renamed, and the report names it."""
    export = data / "exports" / "sample_library.db"
    with sqlite3.connect(export) as connection:
        connection.execute("update albums set genre = 'mine' where id = (select min(id) from albums)")
    connection.close()

    run_night(data, write_config(tmp_path / "config"))

    aside = Path(report(data)["kept_aside"])
    assert aside.exists()
    assert sqlite3.connect(aside).execute("select genre from albums order by id").fetchone() == ("mine",)
