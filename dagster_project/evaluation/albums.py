"""Measures album matching on labelled albums: how many are right, wrong, left open, and how many traps are taken.

Here lives only how labelled rows become raw tables and how verdicts are counted. No rule of matching lives here: the very
dbt models decide, and a verdict counts as given only where it would be applied (`certain`).
"""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from dagster_project.believe import build
from ingest import warehouse

if TYPE_CHECKING:
    from dagster_project.spark import Spark

# A fixed moment: what is measured must not depend on the day on which it is measured.
ASKED_AT = datetime(2026, 1, 1)  # noqa: DTZ001 - the raw tables hold UTC without a zone
NAMESPACE = uuid.UUID("6f1f2c1e-2d5b-4a55-9d56-0d5c9a2b7a10")


@dataclass(frozen=True, slots=True)
class Listed:
    """One album as a library lists it, the candidates offered for it, and which of them is right (None: none is)."""

    row_id: str
    artist: str
    title: str
    year: str | None
    candidates: tuple[tuple[str, str, str], ...]
    right: str | None


def measure(folder: Path, scratch: Path, engine: Spark | None = None) -> dict[str, float]:
    """Match the labelled albums of `folder` with the dbt models, in warehouses of their own under `scratch`.

    Returns the shares (0 to 1) `right`, `wrong`, `abstained` of the labelled albums, `traps_taken` of the traps, and the
    number of `traps`. Raises FileNotFoundError where a labelled file is absent, RuntimeError where dbt fails.
    """
    matches = read_matches(folder)
    traps = read_traps(folder)
    answers = decide(matches, scratch / "matches", engine)
    right = sum(answers.get(row.row_id) == row.right for row in matches)
    abstained = sum(row.row_id not in answers for row in matches)
    taken = decide(traps, scratch / "traps", engine)
    total = max(len(matches), 1)
    return {
        "right": round(right / total, 4),
        "wrong": round((len(matches) - right - abstained) / total, 4),
        "abstained": round(abstained / total, 4),
        "traps_taken": round(len(taken) / max(len(traps), 1), 4),
        "traps": len(traps),
    }


def read_matches(folder: Path) -> list[Listed]:
    """The labelled albums with their candidates. A library names no year unless the list gives one (`listed_year`)."""
    offered: dict[str, list[dict[str, str]]] = {}
    for candidate in _rows(folder / "album_candidates.csv"):
        offered.setdefault(candidate["row_id"], []).append(candidate)
    listed = []
    for row in _rows(folder / "album_matches.csv"):
        candidates = offered.get(row["id"], [])
        right = next((_identity(item) for item in candidates if item["label"] == "1"), None)
        listed.append(
            Listed(
                row_id=row["id"],
                artist=row["artist"],
                title=row["album_as_listed"],
                year=row.get("listed_year") or None,
                candidates=tuple(_named(item) for item in candidates),
                right=right,
            )
        )
    return listed


def read_traps(folder: Path) -> list[Listed]:
    """The pairs that must not match: each listed album is offered its wrong album, and nothing else."""
    return [
        Listed(
            row_id=row["id"],
            artist=row["artist"],
            title=row["album_as_listed"],
            year=row["listed_year"] or None,
            candidates=((row["wrong_artist"], row["wrong_album"], row["wrong_year"]),),
            right=None,
        )
        for row in _rows(folder / "album_traps.csv")
    ]


def decide(rows: Sequence[Listed], scratch: Path, engine: Spark | None = None) -> dict[str, str]:
    """Row id -> MBID (as `release_group_id` makes it) of every match that the models would apply by themselves."""
    path = scratch / "albums.duckdb"
    path.unlink(missing_ok=True)
    _fill(path, rows)
    beliefs = build(
        path,
        scratch,
        select=["+album_matches"],
        exclude=["resource_type:test", "resource_type:unit_test"],
        engine=engine,
    )
    if not beliefs.success:
        reasons = "; ".join(f"{result.name}: {result.message}" for result in beliefs.errors)
        raise RuntimeError(f"dbt failed on the labelled albums: {reasons or beliefs.exception}")
    connection = duckdb.connect(str(path))
    try:
        found = connection.execute(
            "select album_id, release_group_musicbrainz_id from marts.album_matches where verdict = 'certain'"
        ).fetchall()
    finally:
        connection.close()
    return {rows[album_id - 1].row_id: release_group for album_id, release_group in found}


def release_group_id(artist: str, title: str, year: str = "") -> str:
    """A made-up MBID, the same for one album however often and in whatever case it is offered."""
    return str(uuid.uuid5(NAMESPACE, f"{artist}|{title}|{year}".casefold()))


def _fill(path: Path, rows: Sequence[Listed]) -> None:
    artists = {name: str(number) for number, name in enumerate(sorted({row.artist for row in rows}), start=1)}
    connection = warehouse.connect(path)
    try:
        _replace(
            connection,
            "albums",
            [{"id": str(n), "title": row.title, "year": row.year} for n, row in enumerate(rows, start=1)],
        )
        _replace(connection, "artists", [{"id": number, "name": name} for name, number in artists.items()])
        _replace(
            connection,
            "album_artist",
            [{"album_id": str(n), "artist_id": artists[row.artist]} for n, row in enumerate(rows, start=1)],
        )
        warehouse.append(connection, "musicbrainz.release_groups", [_answer(row) for row in rows])
        warehouse.replace_decisions(connection, _refusals(rows))
    finally:
        connection.close()


def _refusals(rows: Sequence[Listed]) -> Iterable[dict[str, str | int]]:
    """Every row is offered its own candidates only: those of the other rows that it could meet are refused to it.

    They lie in one warehouse, and one album is spelled differently in two rows, which would make ties that no real
    catalogue has.
    """
    meeting: dict[str, set[str]] = {}
    for row in rows:
        for artist, title, year in row.candidates:
            for word in _words(artist, title):
                meeting.setdefault(word, set()).add(release_group_id(artist, title, year))
    for number, row in enumerate(rows, start=1):
        own = {release_group_id(*candidate) for candidate in row.candidates}
        met = {found for word in _words(row.artist, row.title) for found in meeting.get(word, ())}
        for other in sorted(met - own):
            yield {"album_id": number, "field": "match", "decision": "refuse", "value": other, "origin": "file"}


def _words(artist: str, title: str) -> set[str]:
    """Beginnings of the words of both names, so that spellings still meet."""
    letters = "".join(letter if letter.isalnum() else " " for letter in f"{artist} {title}".casefold())
    return {word[:3] for word in letters.split()}


def _answer(row: Listed) -> warehouse.RawRow:
    hits = [
        {
            "id": release_group_id(artist, title, year),
            "title": title,
            "primary-type": "Album",
            "first-release-date": year,
            "artist-credit": [{"name": artist, "artist": {"id": release_group_id(artist, ""), "name": artist}}],
        }
        for artist, title, year in row.candidates
    ]
    question = f"alone:{row.artist}|{row.title}"
    return warehouse.RawRow(
        request_key=row.row_id,
        asked=json.dumps([{"question": question}]),
        url="",
        status=200,
        fetched_at=ASKED_AT,
        run_id="evaluation",
        payload=json.dumps({"count": len(hits), "release-groups": hits}),
    )


def _replace(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, str | None]]) -> None:
    listed = [dict(row) for row in rows]
    columns = listed[0].keys() if listed else ("id",)
    arrays = {name: pa.array([row[name] for row in listed], pa.string()) for name in columns}
    warehouse.replace_library_table(connection, table, pa.table(arrays))


def _named(item: Mapping[str, str]) -> tuple[str, str, str]:
    return item["candidate_artist"], item["candidate_album"], item["candidate_year"]


def _identity(item: Mapping[str, str]) -> str:
    return release_group_id(*_named(item))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
