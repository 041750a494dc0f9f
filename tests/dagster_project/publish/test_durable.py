"""A power cut: what takes another file's place was on the disk before, and its name is on the disk afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagster_project.publish import backup, durable
from dagster_project.publish.apply import apply
from dagster_project.publish.book import Ledger
from dagster_project.publish.target import Target
from tests.dagster_project.publish.libraries import SteadyClock, all_changes, make, run_sql, snapshot_of


class PowerMeter:
    """Watches what is synced and what is renamed, and remembers each rename that a power cut would have spoiled."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._synced: dict[tuple[int, int], int] = {}
        self._unsynced_folders: set[str] = set()
        self.renamed: list[str] = []
        self.spoiled: list[str] = []
        fsync = os.fsync

        def sync(handle: int) -> None:
            fsync(handle)
            found = os.fstat(handle)
            self._synced[found.st_dev, found.st_ino] = found.st_mtime_ns
            self._unsynced_folders.discard(os.path.realpath(f"/proc/self/fd/{handle}"))

        def moving(move: Callable[..., Any]) -> Callable[..., None]:
            def moved(source: Any, target: Any, **options: Any) -> None:
                found = os.stat(source)
                if self._synced.get((found.st_dev, found.st_ino)) != found.st_mtime_ns:
                    self.spoiled.append(str(target))
                move(source, target, **options)
                self.renamed.append(str(target))
                self._unsynced_folders.add(os.path.dirname(os.path.realpath(target)))

            return moved

        patch.setattr(os, "fsync", sync)
        for name in ("replace", "rename"):
            patch.setattr(os, name, moving(getattr(os, name)))

    @property
    def forgotten(self) -> set[str]:
        """Folders in which a new name may not be on the disk yet."""
        return self._unsynced_folders


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> PowerMeter:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("which folder was synced can be seen through /proc only")
    return PowerMeter(monkeypatch)


def test_the_meter_sees_what_was_not_synced(meter: PowerMeter, tmp_path: Path) -> None:
    """A rename before the sync, a write after it and a folder that was forgotten are seen."""
    file = tmp_path / "a"
    file.write_bytes(b"1")
    file.replace(tmp_path / "b")
    assert meter.spoiled == [str(tmp_path / "b")]
    assert meter.forgotten == {str(tmp_path)}
    durable.sync_folder(tmp_path)
    assert meter.forgotten == set()
    durable.sync_file(tmp_path / "b")
    os.utime(tmp_path / "b", ns=(1, 1))
    (tmp_path / "b").replace(tmp_path / "c")
    assert meter.spoiled == [str(tmp_path / "b"), str(tmp_path / "c")]


def test_nothing_takes_a_place_before_it_is_on_the_disk(meter: PowerMeter, tmp_path: Path) -> None:
    """K13: backups, their manifests, packed ones, restored libraries, copies and what is known of them."""
    library, clock = make(tmp_path / "music.db"), SteadyClock()
    folder, ledger = tmp_path / "data" / "backups", tmp_path / "data" / "ledger"
    taken = backup.take(library, folder, clock)
    backup.verify(folder, taken.path.name, clock)
    run_sql(library, "update albums set ai_style = 'later' where id = 1")
    backup.restore(folder, taken.path.name, library, clock)
    apply(all_changes(), snapshot_of(library, tmp_path), Target("copy", tmp_path / "out.db"), ledger, "r1", clock)
    backup.prune(folder, clock, keep=10, compress_days=0)
    assert {Path(name).name for name in meter.renamed} >= {
        "music.db", "out.db", "copies.json", taken.path.name, f"{taken.path.name}.json", f"{taken.path.name}.zst",
    }  # fmt: skip
    assert meter.spoiled == []
    assert meter.forgotten == set()


def test_the_ledger_is_on_the_disk_before_the_library_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """K13: without the power from the commit on, the ledger still says what was about to be written."""
    library, folder = make(tmp_path / "music.db"), tmp_path / "ledger"
    synced: dict[str, int] = {}
    fsync = os.fsync

    def sync(handle: int) -> None:
        fsync(handle)
        synced[os.path.realpath(f"/proc/self/fd/{handle}")] = os.fstat(handle).st_size

    monkeypatch.setattr(os, "fsync", sync)
    seen: list[str] = []

    def cut(name: str) -> None:
        if name == "commit:before":
            file = folder / "r1.jsonl"
            assert synced[str(file)] == file.stat().st_size > 0
            assert str(folder) in synced
            assert [len(batch.entries) for batch in Ledger(folder).pending()] == [len(all_changes())]
            seen.append(name)

    apply(all_changes(), snapshot_of(library, tmp_path), Target("in_place", library), folder, "r1", SteadyClock(), cut)
    assert seen == ["commit:before"]
