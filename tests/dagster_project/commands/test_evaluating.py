"""The measuring: one table, one document, and a drop that fails."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.commands import evaluating
from tests.dagster_project.commands.answers import Sillon

MEASURED: dict[str, Any] = {
    "artist_credits": {
        "exact": 0.9, "positive": 0.91, "negative": 0.88, "applied_precision": 0.99, "applied_coverage": 0.7,
        "per_rule": {},
    },
    "album_matches": {"right": 0.98, "wrong": 0.0, "abstained": 0.02, "traps_taken": 0.0, "traps": 22},
    "genres": {"precision": 0.85, "coverage": 0.14, "per_category": {"jazz": {"precision": None, "coverage": 0.3}}},
}  # fmt: skip
README = """
| what | figure | share |
|---|---|---|
| artist credits | exact | {exact} |
| album matches | wrong | {wrong} |
| album matches | abstained | 0.0 % |
"""


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A folder with the labelled files, a row or two in each."""
    folder = tmp_path / "labelled"
    folder.mkdir()
    files: dict[str, list[dict[str, str]]] = {
        "artist_credits.csv": [
            {"id": "1", "credit": "Tony Bennett & Lady Gaga", "artists_json": json.dumps(["Tony Bennett", "Lady Gaga"]),
             "kind": "positive", "separator": "&"},
            {"id": "2", "credit": "Simon & The Wanderers", "artists_json": json.dumps(["Simon & The Wanderers"]),
             "kind": "negative", "separator": "&"},
        ],
        "album_matches.csv": [{"id": "m1", "artist": "Air", "album_as_listed": "Moon Safari (Remastered)"}],
        "album_candidates.csv": [
            {"row_id": "m1", "candidate_artist": "Air", "candidate_album": "Moon Safari", "candidate_year": "1998",
             "label": "1"},
        ],
        "album_traps.csv": [
            {"id": "t1", "artist": "Air", "album_as_listed": "Moon Safari", "listed_year": "", "wrong_artist": "Air",
             "wrong_album": "Moon Safari Live", "wrong_year": "2008"},
        ],
        "genre_albums.csv": [
            {"id": "g1", "artist": "A", "album": "Sonatas", "genre7": "classical",
             "track_titles_json": json.dumps(["Sonata No. 1 in C minor, Op. 2: Allegro", "Sonata No. 2: Adagio"])},
        ],
    }  # fmt: skip
    for name, rows in files.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    return folder


def test_a_folder_that_is_not_there_is_one_line(sillon: Sillon, tmp_path: Path) -> None:
    """Whoever has no labelled files learns which are meant: exit 2."""
    result = sillon("evaluate", tmp_path / "nowhere")

    assert result.status == 2
    assert len(result.err.splitlines()) == 1
    assert "artist_credits.csv" in result.err


def test_a_missing_file_is_named(sillon: Sillon, labelled: Path) -> None:
    """One file of the five is absent: it is named."""
    (labelled / "album_traps.csv").unlink()

    assert "has no album_traps.csv" in sillon("evaluate", labelled).err


def test_the_document_has_the_agreed_shape(sillon: Sillon, labelled: Path) -> None:
    """The very models judge the files, and --json prints the keys that other programs read, as shares from 0 to 1."""
    found = sillon("evaluate", labelled, "--json").json

    assert set(found) == {"artist_credits", "album_matches", "genres"}
    assert {"exact", "positive", "negative", "applied_precision", "applied_coverage"} <= set(found["artist_credits"])
    assert {"right", "wrong", "abstained", "traps_taken", "traps"} <= set(found["album_matches"])
    assert {"precision", "coverage", "per_category"} <= set(found["genres"])
    assert found["album_matches"]["right"] == 1.0
    assert found["album_matches"]["traps_taken"] == 0.0
    assert found["genres"]["precision"] == 1.0
    assert found["artist_credits"]["negative"] == 1.0


@pytest.mark.parametrize(
    ("exact", "wrong", "status", "named"),
    [
        ("90.0 %", "0.0 %", 0, ""),
        ("90,0 %", "0.4 %", 0, ""),
        ("90.2 %", "0.0 %", 1, "artist credits, exact"),
        ("**89.0 %**", "0.0 %", 0, ""),
    ],
)
def test_a_drop_fails(
    sillon: Sillon, labelled: Path, monkeypatch: pytest.MonkeyPatch, exact: str, wrong: str, status: int, named: str
) -> None:
    """A figure below the released one, beyond its rounding: exit 1 and its name; one that is better passes."""
    monkeypatch.setattr(evaluating, "measure", lambda folder, engine: MEASURED)
    readme = labelled / "README.md"
    readme.write_text(README.format(exact=exact, wrong=wrong))

    result = sillon("evaluate", labelled, "--against", readme)

    assert result.status == status
    assert named in result.err
    assert "released" in result.out


def test_more_wrong_than_released_fails() -> None:
    """Of wrong answers and taken traps, more is worse; what was abstained is judged by what is right."""
    now = {("album matches", "wrong"): 0.01, ("album matches", "abstained"): 0.5}
    released = {("album matches", "wrong"): 0.0, ("album matches", "abstained"): 0.0}

    assert [which for which, _, _ in evaluating.drops(now, released)] == [("album matches", "wrong")]


def test_a_readme_without_figures_is_one_line(sillon: Sillon, labelled: Path) -> None:
    """Comparing with nothing is no success."""
    (labelled / "README.md").write_text("| a | b |\n")

    result = sillon("evaluate", labelled, "--against", labelled / "README.md")

    assert result.status == 2
    assert "no released figures" in result.err
