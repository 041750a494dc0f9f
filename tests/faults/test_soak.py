"""Thirty nights in a row over a library that its person goes on using: memory, open files and disk stay flat."""

from __future__ import annotations

import gc
import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.clocks import LaterClock
from tests.faults.scenes import Scene

NIGHTS = 30
SETTLED = 12  # nights until backups, reports and logs are as many as are kept
KEPT = 5
MEGABYTE = 1 << 20


class Measured(NamedTuple):
    """What a night left this process and this disk with."""

    memory: int
    handles: int
    disk: int
    files: int


def lives_on(library: Path, day: int) -> None:
    """What a person does in a day: an album comes, one goes, a genre is typed, music is heard."""
    with closing(sqlite3.connect(library)) as app:
        app.execute("insert into albums (id, title) values (?, ?)", (90_000 + day, f"New {day}"))
        app.execute("insert into album_artist (album_id, artist_id) select ?, min(id) from artists", (90_000 + day,))
        if day > 3:
            app.execute("delete from album_artist where album_id = ?", (90_000 + day - 3,))
            app.execute("delete from albums where id = ?", (90_000 + day - 3,))
        app.execute("update albums set genre = ? where id = (select min(id) + ? from albums)", (f"typed {day}", day))
        app.execute(
            "insert into listening_history (track_id, timestamp, date, source, loved)"
            " select min(id), ?, ?, 'roon', 0 from tracks",
            (1_790_000_000 + day * 86_400, f"day {day}"),
        )
        app.commit()


def measured(data: Path) -> Measured:
    gc.collect()
    files = [path for path in data.rglob("*") if path.is_file()]
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Measured(
        memory=pages * os.sysconf("SC_PAGE_SIZE"),
        handles=len(os.listdir("/proc/self/fd")),
        disk=sum(path.stat().st_size for path in files),
        files=len(files),
    )


@pytest.mark.faults
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory and open files are read from /proc")
@pytest.mark.usefixtures("remembered")
def test_thirty_nights(tmp_path: Path) -> None:
    """S8: after the first nights nothing grows any more but by what was typed and learnt; each night succeeds."""
    retention = {"backups": KEPT, "compress_backups_after_days": 2, "reports": KEPT, "logs": KEPT, "dagster_runs": KEPT}
    seen: list[Measured] = []
    with Scene(tmp_path, in_place=True, top={"retention": retention}) as scene:
        for day in range(NIGHTS):
            outcome = scene.night(clock=LaterClock(timedelta(days=day)))
            assert outcome.status == "success", (day, outcome.failures)
            seen.append(measured(scene.data))
            lives_on(scene.library, day)
        assert scene.problems_of_backups() == []
        assert len(list(scene.folder.backups.glob("*.json"))) == KEPT
    told = "\n".join(f"{day:2} {one}" for day, one in enumerate(seen))
    then, now = seen[SETTLED], seen[-1]
    assert now.handles <= then.handles, told
    assert now.files <= then.files + NIGHTS, told  # a ledger of each night that wrote
    assert now.disk < then.disk * 1.15 + MEGABYTE, told
    assert now.memory < then.memory * 1.1 + 30 * MEGABYTE, told
