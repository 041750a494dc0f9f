"""Whole nights in places with names that would mean something elsewhere, and with the real dbt in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dagster_project.publish import backup
from ingest.clock import SystemClock
from ingest.errors import ConfigError
from ingest.sandbox import sample
from tests.faults.conftest import Calm
from tests.faults.scenes import Scene, untimed

FOLDERS = [
    "ma musique 'été' \"x\"",
    "🎷 100% #1&b=c; $(rm) {{ a }} {% b %}",
    "-rf \\ `a` *[b]",
]


@pytest.mark.faults
@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_any_name(calm: dict[bool, Calm], tmp_path: Path, name: str) -> None:
    """E7, D3: spaces, quotes, emoji, and what a shell, a template, a pattern or an address would read: a night as any other."""
    with Scene(tmp_path / name) as scene:
        outcome = scene.night()
        assert outcome.status == "success", outcome.failures
        assert untimed(scene.target) == calm[False].rows
        assert scene.marts() == calm[False].first
        assert scene.leftovers() == []


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(
    ("name", "in_place"),
    [
        ("é" * 126 + ".db", False),  # 255 bytes: nothing can lie beside it, not even SQLite's own journal
        # 247: the longest that SQLite itself can write
        pytest.param("a" * 244 + ".db", True, marks=pytest.mark.faults),
        pytest.param("[live] 'a' why? 🎷.db", True, marks=pytest.mark.faults),
    ],
)
def test_a_library_of_any_name(calm: dict[bool, Calm], tmp_path: Path, name: str, in_place: bool) -> None:
    """E7: written, backed up and restored under a name that fills the whole of a file name."""
    library = tmp_path / name
    sample.build_library(tmp_path / "short.db")
    with closing(sqlite3.connect(tmp_path / "short.db")) as connection:
        connection.execute("pragma journal_mode = delete")
    (tmp_path / "short.db").rename(library)
    with Scene(tmp_path, in_place=in_place, library=library) as scene:
        outcome = scene.night()
        assert outcome.status == "success", outcome.failures
        assert untimed(scene.target) == calm[in_place].rows
        (taken,) = backup.listing(scene.folder.backups)
        assert scene.problems_of_backups() == []
        backup.restore(scene.folder.backups, taken.path.name, library, SystemClock())
        assert untimed(library) == untimed(taken.path)
        assert scene.night().status == "success"


def test_a_data_folder_that_duckdb_cannot_use(tmp_path: Path) -> None:
    """E7: it takes a question mark in a path for its end, and would put its log into another folder: one line instead."""
    with Scene(tmp_path / "what?") as scene:
        with pytest.raises(ConfigError, match="question mark"):
            scene.night()
        assert not scene.data.exists()


@pytest.mark.usefixtures("remembered")
def test_a_library_behind_a_link(calm: dict[bool, Calm], tmp_path: Path) -> None:
    """E7: a link that leads out of its folder stays a link, and what it leads to is written."""
    real = tmp_path / "elsewhere" / "real.db"
    real.parent.mkdir()
    sample.build_library(real)
    link = tmp_path / "music.db"
    link.symlink_to(real)
    with Scene(tmp_path, in_place=True, library=link) as scene:
        assert scene.night().status == "success"
    assert link.is_symlink()
    assert untimed(real) == calm[True].rows
