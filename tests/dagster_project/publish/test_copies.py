"""The enriched copy: the library's rows and ours, remade each night, never over somebody's edits."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from dagster_project.publish import copies, durable
from dagster_project.publish.apply import apply
from dagster_project.publish.book import Ledger
from dagster_project.publish.target import Target
from dagster_project.publish.undo import undo
from ingest.errors import ApplyRefused, DiskFull
from tests.dagster_project.publish.libraries import (
    Crash,
    all_changes,
    contents,
    query,
    run_sql,
    snapshot_of,
    stop_at,
    update,
)
from tests.dagster_project.publish.test_apply import Scene, scene

__all__ = ["scene"]


def left_over(scene: Scene) -> list[str]:
    return sorted(path.name for path in scene.output.parent.iterdir())


def test_the_library_keeps_its_bytes(scene: Scene) -> None:
    """A copy is written; the library is not touched."""
    before = scene.library.read_bytes()
    scene.to_copy(all_changes(), library=scene.library)
    assert scene.library.read_bytes() == before
    assert left_over(scene) == ["music.db"]


def test_the_second_nights_copy_has_the_rows_of_the_first(scene: Scene) -> None:
    """Same beliefs, same rows: ids and times too, and the ledger does not grow."""
    first = scene.to_copy(all_changes())
    rows = contents(scene.output)
    lines = {path.name: path.read_bytes() for path in scene.ledger.glob("*.jsonl")}
    second = scene.to_copy(all_changes(), "r2")
    assert contents(scene.output) == rows
    assert (second.counts, second.new, second.kept_aside) == (first.counts, (), None)
    assert {path.name: path.read_bytes() for path in scene.ledger.glob("*.jsonl")} == lines


def test_a_change_that_is_believed_no_more_leaves_the_copy(scene: Scene) -> None:
    """The ledger says so, and says it came back when it is believed again, at the time of its first writing."""
    scene.to_copy(all_changes())
    rows = contents(scene.output)
    scene.to_copy(all_changes()[1:], "r2")
    states = {entry.change_id: entry.state for entry in Ledger(scene.ledger).entries()}
    assert states["u-1-year-2014"] == "rolled_back"
    assert query(scene.output, "select year from albums where id = 1") == [(None,)]
    scene.to_copy(all_changes(), "r3")
    assert {entry.state for entry in Ledger(scene.ledger).entries()} == {"applied"}
    assert contents(scene.output) == rows


def test_a_copy_never_makes_a_value_ours(scene: Scene) -> None:
    """What Sillon wrote into a copy, typed into the library by a person, is the person's."""
    scene.to_copy([update(1, "genre", "jazz")])
    run_sql(scene.library, "update albums set genre = 'jazz' where id = 1")
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    done = scene.in_place([update(1, "genre", "pop", "jazz")], "r2")
    assert [entry.reason for entry in done.skipped] == ["the value is not Sillon's"]


def test_an_edited_copy_is_kept_aside(scene: Scene) -> None:
    """Somebody wrote into the copy: their file stays, under a name that says since when, and ours is new."""
    scene.to_copy(all_changes())
    run_sql(scene.output, "update albums set title = 'Mine' where id = 1")
    edited = contents(scene.output)
    done = scene.to_copy(all_changes(), "r2")
    assert done.kept_aside is not None
    assert done.kept_aside.name.startswith("music.edited-2026")
    assert done.kept_aside.suffix == ".db"
    assert contents(done.kept_aside) == edited
    assert query(scene.output, "select title from albums where id = 1") == [("Cheek to Cheek",)]
    assert scene.to_copy(all_changes(), "r3").kept_aside is None


def test_a_reader_does_not_edit(scene: Scene) -> None:
    """A program that only read the copy leaves it ours."""
    scene.to_copy(all_changes())
    query(scene.output, "select * from albums")
    assert scene.to_copy(all_changes(), "r2").kept_aside is None


def test_somebody_elses_file_is_never_lost(scene: Scene) -> None:
    """A file that was there before Sillon is kept aside too, whatever it is."""
    scene.output.parent.mkdir(parents=True)
    scene.output.write_text("a letter")
    kept = scene.to_copy(all_changes()).kept_aside
    assert kept is not None
    assert kept.read_text() == "a letter"


def test_a_copy_in_use_is_not_replaced(scene: Scene) -> None:
    """A program that has the copy open would write into a file without a name: we say so and stop."""
    scene.to_copy(all_changes())
    with closing(apsw.Connection(str(scene.output))) as app:
        app.execute("select * from albums").fetchall()
        with pytest.raises(ApplyRefused, match="has the copy open"):
            scene.to_copy(all_changes(), "r2")


def test_the_copy_never_replaces_the_library(scene: Scene) -> None:
    """An output that is the library itself is refused."""
    before = scene.library.read_bytes()
    with pytest.raises(ApplyRefused, match="the library itself"):
        apply([], scene.snapshot, Target("copy", scene.library), scene.ledger, "r1", scene.clock, library=scene.library)
    assert scene.library.read_bytes() == before


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_another_name_of_the_library_is_the_library(scene: Scene, link: Callable[[Path, Path], None]) -> None:
    """E7: through a link of either kind; names that differ by case alone are such a pair on other systems."""
    other = scene.folder / "Music.DB"
    link(scene.library, other)
    with pytest.raises(ApplyRefused, match="the library itself"):
        apply([], scene.snapshot, Target("copy", other), scene.ledger, "r1", scene.clock, library=scene.library)


def test_a_link_to_the_copy_stays_a_link(scene: Scene) -> None:
    """E7: what it points to is replaced, and taken back, on the second night as on the first."""
    real = scene.folder / "on another disk.db"
    scene.output.parent.mkdir(parents=True)
    scene.output.symlink_to(real)
    scene.to_copy(all_changes())
    assert scene.to_copy(all_changes(), "r2").kept_aside is None
    undo("r1", scene.ledger, "undo-1", scene.clock)
    assert scene.output.is_symlink()
    assert contents(scene.output) == contents(scene.library)


def test_a_log_of_an_older_copy_never_reaches_the_new_one(scene: Scene) -> None:
    """A -wal file of a program that died beside the copy belongs to the old file."""
    scene.to_copy(all_changes())
    other = scene.folder / "other.db"
    shutil.copyfile(scene.output, other)
    with closing(apsw.Connection(str(other))) as app:
        app.execute("update albums set title = 'From the log'")
        shutil.copyfile(other, scene.output)
        shutil.copyfile(f"{other}-wal", f"{scene.output}-wal")
    done = scene.to_copy(all_changes(), "r2")
    assert query(scene.output, "select count(*) from albums where title = 'From the log'") == [(0,)]
    assert done.kept_aside is not None
    assert query(done.kept_aside, "select count(*) from albums where title = 'From the log'") == [(3,)]


def test_a_full_disk_leaves_the_old_copy(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room half-way: one line, the old copy is as it was, and nothing lies beside it."""
    scene.to_copy(all_changes())
    before = scene.output.read_bytes()

    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(copies, "copy", full)
    with pytest.raises(DiskFull) as caught:
        scene.to_copy(all_changes(), "r2")
    assert "\n" not in caught.value.line
    assert scene.output.read_bytes() == before
    assert left_over(scene) == ["music.db"]


def test_too_little_room_is_said_before_anything_is_written(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says how much is missing."""
    usage = shutil.disk_usage(scene.folder)
    monkeypatch.setattr(durable.shutil, "disk_usage", lambda path: usage._replace(free=10))
    with pytest.raises(DiskFull, match="MB"):
        scene.to_copy(all_changes())
    assert left_over(scene) == []


@pytest.mark.parametrize(
    "name",
    [
        "apply:begin",
        "apply:written",
        "commit:after",
        "copy:verified",
        "ledger:written",
        "copy:kept_aside",
        "rename:before",
        "rename:after",
        "settle:after",
    ],
)
def test_a_night_that_stops_anywhere_is_made_up_for(scene: Scene, name: str) -> None:
    """The copy is the old one or the new one, never half; the next night has the rows and the ledger of any other."""
    scene.to_copy(all_changes()[:3])
    old = contents(scene.output)
    with pytest.raises(Crash):
        scene.to_copy(all_changes(), "r2", checkpoint=stop_at(name))
    assert (contents(scene.output) == old) is (name not in ("rename:after", "settle:after"))
    done = scene.to_copy(all_changes(), "r3")
    assert done.kept_aside is None
    assert left_over(scene) == ["music.db"]
    ledger = Ledger(scene.ledger)
    assert ledger.pending() == []
    applied = [entry.change_id for entry in ledger.entries() if entry.state == "applied"]
    assert sorted(applied) == sorted(change.change_id for change in all_changes())
