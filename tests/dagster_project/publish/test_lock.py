"""One at a time: the second one is told who and since when, and a dead owner blocks nobody."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dagster_project.publish import lock
from dagster_project.publish.lock import FILE_NAME, RunLock, holder
from ingest.clock import SystemClock
from ingest.errors import PublishError, RunActive
from tests.dagster_project.publish.libraries import SteadyClock
from tests.faults.disks import read_only, small_disk

HOLDER = """
import sys, time
from pathlib import Path
from dagster_project.publish.lock import RunLock
from ingest.clock import SystemClock
with RunLock(Path(sys.argv[1]), SystemClock(), beat_s=0.1):
    print("held", flush=True)
    time.sleep(60)
"""


def write_owner(folder: Path, *, host: str, pid: int, heartbeat: datetime) -> None:
    """A lock file as a run leaves it that ended without a word."""
    owner = {
        "token": "t",
        "pid": pid,
        "host": host,
        "user": "someone",
        "what": "run",
        "started_at": (heartbeat - timedelta(hours=1)).isoformat(),
        "heartbeat_at": heartbeat.isoformat(),
    }
    (folder / FILE_NAME).write_text(json.dumps(owner).ljust(1024))


def test_the_second_one_is_told_who_and_since_when(tmp_path: Path) -> None:
    """C1, C2: one line with process, machine and time; exit status 3."""
    with RunLock(tmp_path, SteadyClock(), what="undo"):
        with pytest.raises(RunActive) as caught, RunLock(tmp_path, SteadyClock()):
            pass
        assert f"process {os.getpid()}" in caught.value.line
        assert "undo of " in caught.value.line
        assert "since 2026-02-01" in caught.value.line
        assert caught.value.exit_status == 3


def test_it_is_free_again_afterwards(tmp_path: Path) -> None:
    """Whether the block ended well or not; no file is left."""
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), RunLock(tmp_path, SteadyClock()):
            raise ZeroDivisionError
    assert holder(tmp_path) is None
    assert list(tmp_path.glob("*.lock")) == []


def test_a_killed_owner_blocks_nobody(tmp_path: Path) -> None:
    """C7: kill -9 leaves its file with a fresh heartbeat; the next run starts at once, however young it is."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        with pytest.raises(RunActive, match=f"process {owner.pid}"), RunLock(tmp_path, SystemClock()):
            pass
        owner.kill()
    assert holder(tmp_path) is not None
    with RunLock(tmp_path, SystemClock()):
        pass


def test_a_reused_process_number_blocks_nobody(tmp_path: Path) -> None:
    """C7, K15: the number of a dead owner belongs to a living program now (here: this one): the kernel knows better."""
    write_owner(tmp_path, host=socket.gethostname(), pid=os.getpid(), heartbeat=datetime.now(UTC))
    with RunLock(tmp_path, SystemClock()):
        pass


def test_an_owner_on_another_machine_is_judged_by_its_heartbeat(tmp_path: Path) -> None:
    """C3: fresh: it lives. Two minutes without one: it is dead. Its process number says nothing here."""
    clock = SteadyClock()
    write_owner(tmp_path, host="another-machine", pid=1, heartbeat=clock.time - timedelta(seconds=60))
    with pytest.raises(RunActive, match="another-machine"), RunLock(tmp_path, clock):
        pass
    write_owner(tmp_path, host="another-machine", pid=os.getpid(), heartbeat=clock.time - timedelta(seconds=130))
    with RunLock(tmp_path, clock):
        pass


@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
@pytest.mark.parametrize("is_alive", [True, False])
def test_two_machines_whose_clocks_differ(tmp_path: Path, hours: int, is_alive: bool) -> None:
    """C3, T4: an owner whose clock is hours off lives as long as its heartbeat moves, and is dead when it does not."""

    class Watching(SteadyClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if is_alive:
                beat()

    def beat() -> None:
        write_owner(tmp_path, host="another-machine", pid=1, heartbeat=clock.time + timedelta(hours=hours))

    clock = Watching()
    beat()
    if is_alive:
        with pytest.raises(RunActive, match="another-machine"), RunLock(tmp_path, clock):
            pass
    else:
        with RunLock(tmp_path, clock):
            pass
    assert holder(tmp_path) is None or is_alive


def test_without_the_kernels_help_age_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C3, C7: on a file system without such holds a dead owner of this machine is taken over by age, not by its number alone."""
    monkeypatch.setattr(lock, "fcntl", None)
    clock = SteadyClock()
    write_owner(tmp_path, host=socket.gethostname(), pid=2**22 + 1, heartbeat=clock.time - timedelta(seconds=60))
    with pytest.raises(RunActive), RunLock(tmp_path, clock):
        pass
    clock.time += timedelta(seconds=80)
    with RunLock(tmp_path, clock), pytest.raises(RunActive), RunLock(tmp_path, clock):
        pass


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_a_lock_file_that_says_nothing(tmp_path: Path, content: str) -> None:
    """Cut short by a crash: whoever wrote it is dead when the kernel says that nobody holds it."""
    (tmp_path / FILE_NAME).write_text(content)
    with RunLock(tmp_path, SystemClock()):
        pass


def test_the_heartbeat_beats(tmp_path: Path) -> None:
    """Its time moves on while the block runs."""
    clock = SteadyClock()
    with RunLock(tmp_path, clock, beat_s=0.01):
        first = holder(tmp_path)
        clock_end = SystemClock()
        for _ in range(500):
            clock_end.sleep(0.01)
            now = holder(tmp_path)
            if first and now and now.heartbeat_at > first.heartbeat_at:
                return
    pytest.fail("no heartbeat in five seconds")


def test_a_sleeper_learns_that_it_was_taken_over(tmp_path: Path) -> None:
    """A machine that wakes up after hours must not go on writing, nor free the lock of another."""
    with RunLock(tmp_path, SteadyClock()) as mine:
        mine.check()
        write_owner(tmp_path, host="another-machine", pid=1, heartbeat=datetime(2026, 2, 1, 2, tzinfo=UTC))
        with pytest.raises(RunActive, match="taken over"):
            mine.check()
    assert holder(tmp_path) is not None


def test_one_library_two_data_folders(tmp_path: Path) -> None:
    """C2: written in place, a library is locked for every data folder of this user, through whatever link it is named."""
    library = tmp_path / "music.db"
    library.touch()
    link = tmp_path / "link.db"
    link.symlink_to(library)
    with RunLock(tmp_path / "one", SteadyClock(), library=library):
        with pytest.raises(RunActive), RunLock(tmp_path / "two", SteadyClock(), library=link):
            pass
        assert holder(tmp_path / "two") is None
        with RunLock(tmp_path / "three", SteadyClock()):
            pass


def test_no_room_for_the_lock(tmp_path: Path) -> None:
    """E1: one line, and no empty file that would keep out the next run, not even one of this process."""
    with small_disk(tmp_path / "disk", size="1m") as disk:
        disk.fill()
        with pytest.raises(PublishError, match="lock"), RunLock(disk.path, SteadyClock()):
            pass
        assert list(disk.path.glob("*.lock")) == []
        disk.relieve()
        with RunLock(disk.path, SteadyClock()):
            pass


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """One line, no traceback."""
    with read_only(tmp_path), pytest.raises(PublishError, match="lock"), RunLock(tmp_path, SteadyClock()):
        pass
