"""Many libraries put together as one to ask about: no two albums meet under one number, and a locked one is not asked about."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dagster_project import fleet_asking
from dagster_project.data_folder import DataFolder
from dagster_project.fleet_asking import STRIDE
from ingest import warehouse
from ingest.sources import library
from tests.ingest.sources.test_library import make
from tests.ingest.test_shared_answers import HOLDER

DECIDED = {"artist": None, "field": "*", "decision": "lock", "value": None, "decided_at": None, "origin": "file"}


def place(folder: Path, *ids: int, decisions: tuple[dict[str, Any], ...] = ()) -> Any:
    """A library with albums of these ids, read into its own warehouse."""
    folder.mkdir()
    make(
        folder / "library.db",
        *(("insert into albums (id, title) values (?, ?)", (number, f"album {number}")) for number in ids),
        ("insert into artists (id, name) values (1, 'Air')",),
        *(("insert into album_artist (album_id, artist_id) values (?, 1)", (number,)) for number in ids),
    )
    with closing(warehouse.connect(folder / "warehouse.duckdb")) as connection:
        library.extract(folder / "library.db", connection)
    return SimpleNamespace(library=folder / "library.db", folder=DataFolder(folder), decisions=decisions)


def test_albums_of_one_id_stay_apart(tmp_path: Path) -> None:
    """Album 7 of one library and album 7 of the other have numbers of their own, and an answer finds the way back."""
    places = [place(tmp_path / "a", 7, 8), place(tmp_path / "b", 7)]
    with closing(warehouse.connect(tmp_path / "together.duckdb")) as connection:
        fleet_asking._put_together(connection, places)
        albums = [
            number for (number,) in connection.execute("select id from library.albums order by title, id").fetchall()
        ]
        credited = connection.execute(
            "select count(*) from library.album_artist inner join library.artists on artist_id = artists.id"
            " inner join library.albums on album_id = albums.id"
        ).fetchone()

    assert len(set(albums)) == 3
    assert credited == (3,)
    assert [fleet_asking._whose(number, ["a", "b"]) for number in albums] == [
        {"library_id": "a", "album_id": "7"},
        {"library_id": "b", "album_id": "7"},
        {"library_id": "a", "album_id": "8"},
    ]


@pytest.mark.parametrize("odd", [-5, STRIDE, STRIDE * 3 + 1])
def test_an_id_out_of_range_takes_no_other_librarys_number(tmp_path: Path, odd: int) -> None:
    """An album whose id cannot be numbered anew is left to its library's own night."""
    places = [place(tmp_path / "a", odd, 1), place(tmp_path / "b", 1)]
    with closing(warehouse.connect(tmp_path / "together.duckdb")) as connection:
        fleet_asking._put_together(connection, places)
        albums = connection.execute("select id from library.albums order by 1").fetchall()

    assert albums == [(str(STRIDE + 1),), (str(2 * STRIDE + 1),)]


def test_a_locked_album_is_locked_in_its_library_alone(tmp_path: Path) -> None:
    """What a person decided about album 1 of one library is not about album 1 of another."""
    places = [place(tmp_path / "a", 1), place(tmp_path / "b", 1, decisions=({**DECIDED, "album_id": 1},))]
    with closing(warehouse.connect(tmp_path / "together.duckdb")) as connection:
        fleet_asking._put_together(connection, places)
        locked = connection.execute("select album_id from sillon.decisions").fetchall()

    assert locked == [(2 * STRIDE + 1,)]


@pytest.mark.parametrize("harm", ["busy", "damaged"])
def test_a_warehouse_that_cannot_be_opened_is_left_out(tmp_path: Path, harm: str) -> None:
    """Somebody opened one library after it was read: the others are asked about together without it."""
    places = [place(tmp_path / "a", 7), place(tmp_path / "b", 8), place(tmp_path / "c", 9)]
    path = places[1].folder.warehouse
    if harm == "damaged":
        path.write_bytes(b"no warehouse" * 1000)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path), "60"], stdout=subprocess.PIPE, text=True)
    with holder as other, closing(warehouse.connect(tmp_path / "together.duckdb")) as connection:
        if harm == "busy":
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
        chosen = fleet_asking._put_together(connection, places)
        albums = connection.execute("select id from library.albums order by try_cast(id as bigint)").fetchall()
        other.kill()

    assert chosen == [places[0], places[2]]
    assert albums == [(str(STRIDE + 7),), (str(2 * STRIDE + 9),)]
