"""Measures the genres that keywords alone give, on labelled real albums.

Here lives how the labelled albums become a library and how the answers are compared. No rule about genres lives here: the
very dbt models of the night answer.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from dagster_project.believe import build
from ingest import warehouse

if TYPE_CHECKING:
    from dagster_project.spark import Spark

GENRES = ("jazz", "rock", "classical", "blues", "pop", "electronic", "world")
LABELLED_FILE = "genre_albums.csv"
READ = ("int_album_genres_by_keyword",)


def measure(folder: Path, scratch: Path, engine: Spark | None = None) -> dict[str, Any]:
    """Let the keywords judge the labelled albums of `folder`.

    Args:
        folder: holds genre_albums.csv (id, artist, album, track_titles_json, genre7).
        scratch: an empty folder for the warehouse and dbt's files.
        engine: what believes, DuckDB where none is given.

    Returns:
        Shares from 0 to 1: `precision` (right of answered), `coverage` (answered of all) and `per_category`, which
        names per genre its precision, its coverage (right of the albums that bear it) and the counts behind them. An
        album that bears none of the seven has no right answer.

    Raises:
        FileNotFoundError: the labelled albums are not in `folder`.
        RuntimeError: dbt failed.
    """
    with (folder / LABELLED_FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return compared([row["genre7"] for row in rows], answers(rows, scratch, engine))


def answers(rows: Iterable[Mapping[str, str]], scratch: Path, engine: Spark | None = None) -> list[str | None]:
    """What the keyword model says of each row (artist, album, track_titles_json), in their order; None = no answer."""
    rows = list(rows)
    path = scratch / "genres.duckdb"
    path.unlink(missing_ok=True)
    connection = warehouse.connect(path)
    try:
        for table, columns in _as_library(rows).items():
            warehouse.replace_library_table(connection, table, pa.table(columns))
    finally:
        connection.close()
    beliefs = build(
        path,
        scratch,
        select=["+int_album_genres_by_keyword"],
        exclude=["resource_type:test", "resource_type:unit_test"],
        engine=engine,
    )
    if not beliefs.success:
        raise RuntimeError(f"dbt failed: {beliefs.exception or [node.message for node in beliefs.errors]}")
    connection = duckdb.connect(str(path))
    try:
        found = dict(
            connection.execute("select album_id, genre from intermediate.int_album_genres_by_keyword").fetchall()
        )
    finally:
        connection.close()
    return [found.get(number) for number in range(1, len(rows) + 1)]


def compared(truth: list[str], given: list[str | None]) -> dict[str, Any]:
    """The figures of `measure` from the true genres and the answers, row by row."""
    asked, answered, right = Counter(truth), Counter(given), Counter[str]()
    for true, answer in zip(truth, given, strict=True):
        right[answer or ""] += answer == true
    total = len(truth) - answered[None]
    return {
        "precision": _share(sum(right.values()), total),
        "coverage": _share(total, len(truth)),
        "per_category": {
            genre: {
                "precision": _share(right[genre], answered[genre]),
                "coverage": _share(right[genre], asked[genre]),
                "right": right[genre],
                "answered": answered[genre],
                "albums": asked[genre],
            }
            for genre in GENRES
        },
    }


def _as_library(rows: list[Mapping[str, str]]) -> dict[str, dict[str, list[str]]]:
    """The rows as the app would hold them: one album each, numbered from 1, with one artist and its tracks."""
    numbers = [str(number) for number in range(1, len(rows) + 1)]
    titles = [
        (number, title)
        for number, row in zip(numbers, rows, strict=True)
        for title in _titles(row["track_titles_json"])
    ]
    return {
        "albums": {"id": numbers, "title": [row["album"] for row in rows]},
        "artists": {"id": numbers, "name": [row["artist"] for row in rows]},
        "album_artist": {"album_id": numbers, "artist_id": numbers},
        "tracks": {
            "id": [str(number) for number in range(1, len(titles) + 1)],
            "album_id": [number for number, _ in titles],
            "title": [title for _, title in titles],
        },
    }


def _titles(text: str) -> list[str]:
    return [str(title) for title in json.loads(text or "[]")]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
