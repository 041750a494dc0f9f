"""A disk that is really full, at every amount of room left: nothing half-written, nothing lost, one line said."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.publish import backup, durable, ledger
from dagster_project.publish.apply import apply
from dagster_project.publish.target import Target
from dagster_project.publish.undo import undo
from ingest.errors import DiskFull, PublishError, SillonError
from tests.dagster_project.publish.libraries import (
    SteadyClock,
    contents,
    copy_of,
    make,
    query,
    run_sql,
    snapshot_of,
    update,
)

CHANGES = [update(album, "ai_description", f"{album} " + "words " * 200) for album in range(10, 60)]
ROOM = [0, 1, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256]  # kilobytes


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path, left: int) -> None:
    """Leave so many kilobytes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    free = durable.shutil.disk_usage(disk).free
    ballast.write_bytes(b"\1" * max(free - left * 1024, 0))


def library_with_albums(path: Path, *, wal: bool) -> Path:
    make(path, wal=wal)
    run_sql(
        path,
        "with recursive n(i) as (select 10 union all select i + 1 from n where i < 59) "
        "insert into albums (id, title) select i, 'Album ' || i from n",
    )
    return path


@pytest.mark.parametrize("wal", [True, False])
def test_the_librarys_disk_fills_up(disk: Path, tmp_path: Path, wal: bool) -> None:
    """E1: in place: the library is as before or as after, sound, and the ledger says which."""
    template = library_with_albums(tmp_path / "template.db", wal=wal)
    snapshot, outcomes = snapshot_of(template, tmp_path), set()
    for left in ROOM:
        (disk / "ballast").unlink(missing_ok=True)
        library = copy_of(template, disk / "music.db")
        before, folder = contents(library), tmp_path / f"data-{left}" / "ledger"
        fill(disk, left)
        try:
            apply(CHANGES, snapshot, Target("in_place", library), folder, "r1", SteadyClock())
            outcome = "written"
        except SillonError as error:
            assert isinstance(error, PublishError)
            assert "\n" not in error.line
            outcome = "refused"
        fill(disk, 400)
        ledger.settle_pending(folder)
        assert query(library, "pragma integrity_check") == [("ok",)]
        states = {entry.state for entry in ledger.history(folder)}
        if outcome == "written":
            assert states == {"applied"}
            undo("r1", folder, "u1", SteadyClock())
        else:
            assert states <= {"rolled_back"}
        assert contents(library) == before
        outcomes.add(outcome)
    assert outcomes == {"written", "refused"}


def test_the_ledgers_disk_fills_up(disk: Path, tmp_path: Path) -> None:
    """E1: no room for the ledger: the library keeps its bytes."""
    library = library_with_albums(tmp_path / "music.db", wal=False)
    snapshot, outcomes = snapshot_of(library, tmp_path), set()
    for left in ROOM:
        folder = disk / "ledger"
        fill(disk, left)
        before = contents(library)
        try:
            apply(CHANGES, snapshot, Target("in_place", library), folder, f"r{left}", SteadyClock())
        except DiskFull:
            assert contents(library) == before
            outcomes.add("refused")
        else:
            outcomes.add("written")
            fill(disk, 400)
            undo(f"r{left}", folder, f"u{left}", SteadyClock())
    assert outcomes == {"written", "refused"}


def test_the_backups_disk_fills_up(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E1, S6: even where the room was there at first: no half backup, and the earlier one still restores."""
    library = library_with_albums(tmp_path / "music.db", wal=True)
    folder, clock = disk / "backups", SteadyClock()
    earlier = backup.take(library, folder, clock)
    monkeypatch.setattr("dagster_project.publish.backup.need_room", lambda *_, **__: None)
    outcomes = set()
    for left in ROOM:
        fill(disk, left)
        try:
            taken = backup.take(library, folder, clock)
        except DiskFull:
            outcomes.add("refused")
        else:
            outcomes.add("taken")
            taken.path.unlink()
            taken.manifest_path.unlink()
        assert [one.path for one in backup.listing(folder)] == [earlier.path]
        assert sorted(path.name for path in folder.iterdir()) == [earlier.path.name, earlier.manifest_path.name]
    assert outcomes == {"refused", "taken"}
    fill(disk, 400)
    assert backup.verify(folder, earlier.path.name, clock) is None


def test_the_copys_disk_fills_up(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E1: the copy is the old one or the new one, and nothing lies beside it."""
    library = library_with_albums(tmp_path / "music.db", wal=True)
    snapshot, output, clock = snapshot_of(library, tmp_path), disk / "out" / "music.db", SteadyClock()
    folder = tmp_path / "data" / "ledger"
    target = Target("copy", output)
    apply(CHANGES[:1], snapshot, target, folder, "r0", clock)
    monkeypatch.setattr("dagster_project.publish.copies.need_room", lambda *_, **__: None)
    old, outcomes = contents(output), set()
    for left in ROOM:
        fill(disk, left)
        try:
            apply(CHANGES, snapshot, target, folder, f"r{left}", clock)
        except PublishError as error:
            assert "\n" not in error.line
            fill(disk, 400)
            assert contents(output) == old
            outcomes.add("refused")
        else:
            outcomes.add("written")
            fill(disk, 400)
            apply(CHANGES[:1], snapshot, target, folder, f"again-{left}", clock)
            old = contents(output)
        assert [path.name for path in output.parent.iterdir()] == ["music.db"]
    assert outcomes == {"refused", "written"}
