"""Backups: whole while the app writes, counted only after a restore, and never thrown away by a bad night."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from dagster_project.publish import backup, durable, manifests
from dagster_project.publish.lock import RunLock
from ingest.errors import BackupFailed, DiskFull, LibraryLocked, NotALibrary, RunActive
from tests.dagster_project.publish.libraries import Crash, SteadyClock, contents, make, query, run_sql, stop_at

CHECKPOINTS = ["backup:copied", "backup:checked", "backup:restored", "backup:named", "backup:listed"]


class Shelf:
    """A library, its folder of backups, and a clock."""

    def __init__(self, folder: Path, name: str = "music.db") -> None:
        self.library = make(folder / name)
        self.folder = folder / "data" / "backups"
        self.clock = SteadyClock()

    def take(self) -> backup.Backup:
        return backup.take(self.library, self.folder, self.clock)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_backup_holds_the_library(shelf: Shelf) -> None:
    """Same rows, a manifest with counts and hash, and nothing else in the folder; the library keeps its bytes."""
    before = shelf.library.read_bytes()
    taken = shelf.take()
    assert contents(taken.path) == contents(shelf.library)
    manifest = json.loads(taken.manifest_path.read_text())
    assert manifest["rows"]["albums"] == 3
    assert manifest["verified"] is True
    assert manifest["sha256"] == durable.fingerprint(taken.path)
    assert shelf.names() == [taken.path.name, taken.path.name + ".json"]
    assert manifests.NAME.fullmatch(taken.path.name)
    assert shelf.library.read_bytes() == before


def test_what_lies_in_the_log_is_in_the_backup(shelf: Shelf) -> None:
    """Rows that the app committed but not yet folded into its file are backed up; the file is left for the app to fold."""
    with closing(apsw.Connection(str(shelf.library))) as app:
        app.execute("pragma wal_autocheckpoint = 0")
        app.execute("update albums set title = 'In the log' where id = 1")
        before = shelf.library.read_bytes()
        taken = shelf.take()
        assert shelf.library.read_bytes() == before
    assert query(taken.path, "select title from albums where id = 1") == [("In the log",)]


def test_a_log_without_its_app_is_read_too(shelf: Shelf, tmp_path: Path) -> None:
    """E12: after a power cut the log lies there with nobody holding it: its rows count, and the file keeps its bytes."""
    crashed = tmp_path / "crashed.db"
    with closing(apsw.Connection(str(shelf.library))) as app:
        app.execute("update albums set title = 'In the log' where id = 1")
        shutil.copyfile(shelf.library, crashed)
        shutil.copyfile(f"{shelf.library}-wal", f"{crashed}-wal")
    before = crashed.read_bytes()
    taken = backup.take(crashed, shelf.folder, shelf.clock)
    assert query(taken.path, "select title from albums where id = 1") == [("In the log",)]
    assert crashed.read_bytes() == before


def test_a_half_written_change_is_rolled_back(tmp_path: Path) -> None:
    """An app that died in the middle of a change leaves a journal: the backup has the state before it."""
    library = make(tmp_path / "music.db", wal=False)
    crashed = tmp_path / "crashed.db"
    before = contents(library)
    with closing(apsw.Connection(str(library))) as app:
        app.execute("pragma cache_size = 1")
        app.execute("begin")
        app.execute(
            "with recursive n(i) as (select 100 union all select i + 1 from n where i < 900) "
            "insert into albums (id, title) select i, hex(zeroblob(400)) from n"
        )
        shutil.copyfile(library, crashed)
        shutil.copyfile(f"{library}-journal", f"{crashed}-journal")
        app.execute("rollback")
    taken = backup.take(crashed, tmp_path / "backups", SteadyClock())
    assert contents(taken.path) == before


def test_a_busy_app_does_not_spoil_a_backup(shelf: Shelf) -> None:
    """C4, C8: while another program adds an album and its track together, all the time, every backup has as many of both."""
    script = (
        "import sqlite3, sys, time\n"
        "library = sqlite3.connect(sys.argv[1])\n"
        "for number in range(1000, 100000):\n"
        "    library.execute('insert into albums (id, title) values (?, ?)', (number, 'x' * 2000))\n"
        "    library.execute('insert into tracks (id, album_id, title) values (?, ?, ?)', (number, number, 'y'))\n"
        "    library.commit()\n"
        "    if number == 1010: print('going', flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(shelf.library)], stdout=subprocess.PIPE) as app:
        assert app.stdout is not None
        app.stdout.readline()
        try:
            for _ in range(3):
                taken = shelf.take()
                pairs = query(
                    taken.path,
                    "select (select count(*) from albums where id >= 1000), "
                    "(select count(*) from tracks where id >= 1000)",
                )[0]
                assert pairs[0] == pairs[1] > 0
        finally:
            app.kill()


def test_a_locked_library_is_said_so(tmp_path: Path) -> None:
    """E11: an app that holds its file for itself: one line after the wait, and no half backup."""
    library = make(tmp_path / "music.db", wal=False)
    with closing(apsw.Connection(str(library))) as app:
        app.execute("begin exclusive")
        with pytest.raises(LibraryLocked):
            backup.take(library, tmp_path / "backups", SteadyClock(), timeout_s=0.1)
        app.execute("rollback")
    assert list((tmp_path / "backups").iterdir()) == []


def damaged_files(sound: bytes) -> dict[str, bytes]:
    page = 4096
    flipped = bytearray(sound)
    for at in range(page * 2, len(sound), 97):
        flipped[at] ^= 0x5A
    return {
        "empty": b"",
        "zeroed": bytes(len(sound)),
        "no database": b"This is a letter to a friend.\n" * 500,
        "truncated": sound[: len(sound) // 2 + 13],
        "flipped": bytes(flipped),
        "bad header": b"SQLite format 4\x00" + sound[16:],
        "encrypted": bytes(byte ^ 0xA7 for byte in sound),
    }


@pytest.mark.parametrize("damage", sorted(damaged_files(b"x" * 20000)))
def test_a_damaged_library_pushes_no_backup_out(shelf: Shelf, damage: str) -> None:
    """E13, S6: refused with one line; the file is not touched, and every earlier backup is still there and restores."""
    good = shelf.take()
    sound = shelf.library.read_bytes()
    shelf.library.write_bytes(damaged_files(sound)[damage])
    before, names = shelf.library.read_bytes(), shelf.names()
    with pytest.raises((NotALibrary, BackupFailed)) as caught:
        shelf.take()
    assert "\n" not in caught.value.line
    assert shelf.library.read_bytes() == before
    assert shelf.names() == names
    assert backup.verify(shelf.folder, good.path.name, shelf.clock) is None


def test_a_database_without_tables_is_refused(shelf: Shelf) -> None:
    """E13: there is nothing to back up in it, and something to keep elsewhere."""
    taken = shelf.take()
    shelf.library.unlink()
    run_sql(shelf.library, "create table t (a)", "drop table t")
    with pytest.raises(NotALibrary, match="no tables"):
        shelf.take()
    assert backup.newest(shelf.folder) == taken


def test_a_damaged_index_is_refused(shelf: Shelf) -> None:
    """E14: a file whose rows can be read but whose index lies is no base to write on."""
    run_sql(
        shelf.library,
        "create index by_title on albums (title)",
        "pragma writable_schema = on",
        "update sqlite_schema set rootpage = (select rootpage from sqlite_schema where name = 'ix_artists_name') "
        "where name = 'by_title'",
    )
    with pytest.raises((NotALibrary, BackupFailed)):
        shelf.take()


def test_rows_that_break_a_rule_are_no_damage(shelf: Shelf) -> None:
    """A NULL from before a column forbade it is the person's data: backed up, and remarked upon."""
    run_sql(
        shelf.library,
        "update albums set ai_style = null",
        "pragma writable_schema = on",
        "update sqlite_schema set sql = replace(sql, 'ai_style varchar(500)', 'ai_style varchar(500) not null') "
        "where name = 'albums'",
    )
    taken = shelf.take()
    assert taken.manifest.verified
    assert "NULL value in albums.ai_style" in taken.manifest.remarks


@pytest.mark.parametrize("name", ["ma musique 'été'.db", '🎷 "quoted" #1?.db', "a%20b&c=d.db", "-rf.db"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    """E7: spaces, quotes, emoji, and what would mean something in an address."""
    shelf = Shelf(tmp_path, name)
    taken = shelf.take()
    assert backup.verify(shelf.folder, taken.path.name, shelf.clock) is None
    run_sql(shelf.library, "delete from albums")
    backup.restore(shelf.folder, taken.path.name, shelf.library, shelf.clock)
    assert query(shelf.library, "select count(*) from albums") == [(3,)]


def test_two_backups_of_one_second(shelf: Shelf) -> None:
    """The second one gets a name of its own."""

    class Stopped(SteadyClock):
        def now(self):
            return self.time

    shelf.clock = Stopped()
    first, second = shelf.take(), shelf.take()
    assert second.path.name == first.path.name + "_2"
    assert len(backup.listing(shelf.folder)) == 2


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_backup_that_stops_anywhere_counts_or_does_not(shelf: Shelf, name: str) -> None:
    """Only a whole one is listed; the next one finds nothing in its way, and the earlier one is still there."""
    earlier = shelf.take()
    with pytest.raises(Crash):
        backup.take(shelf.library, shelf.folder, shelf.clock, stop_at(name))
    listed = [one.path for one in backup.listing(shelf.folder)]
    assert len(listed) == (2 if name == "backup:listed" else 1)
    assert earlier.path in listed
    later = shelf.take()
    assert backup.newest(shelf.folder) == later
    assert not [entry for entry in shelf.names() if entry.startswith(".")]


def test_a_full_disk_is_said_before_and_during(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """E1: less than three times the size is refused with what is missing; a disk that fills up leaves nothing half."""
    earlier = shelf.take()
    names = shelf.names()
    usage = shutil.disk_usage(shelf.folder)
    with monkeypatch.context() as patch:
        patch.setattr(durable.shutil, "disk_usage", lambda path: usage._replace(free=shelf.library.stat().st_size * 2))
        with pytest.raises(DiskFull, match="MB"):
            shelf.take()

    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backup, "copy", full)
    with pytest.raises(DiskFull):
        shelf.take()
    assert shelf.names() == names
    assert backup.newest(shelf.folder) == earlier


def test_no_room_for_the_manifest(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """E1: a backup without its manifest would be nobody's: neither it nor half a manifest stays."""
    earlier, names = shelf.take(), shelf.names()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def fills(name: str) -> None:
        if name == "backup:named":
            monkeypatch.setattr(durable.os, "fsync", full)

    with monkeypatch.context(), pytest.raises(DiskFull):
        backup.take(shelf.library, shelf.folder, shelf.clock, fills)
    assert shelf.names() == names
    assert backup.newest(shelf.folder) == earlier


def test_pruning_keeps_what_it_must(shelf: Shelf) -> None:
    """S6: the newest stay, the last verified one stays however old, and files of other makers are never touched."""
    first = shelf.take()
    taken = [shelf.take() for _ in range(4)]
    for one in taken:
        one.path.write_bytes(one.path.read_bytes()[:-1])
        assert backup.verify(shelf.folder, one.path.name, shelf.clock) is not None
    strangers = [
        shelf.folder / "music.db.backup-20200101_000000",
        shelf.folder / "notes.json",
        shelf.folder / "music.db.backup-20200102_000000.json",
    ]
    strangers[0].write_bytes(b"mine")
    strangers[1].write_text('{"made_by": "sillon"}')
    strangers[2].write_text("{}")
    removed = backup.prune(shelf.folder, shelf.clock, keep=2, compress_days=7)
    assert {path.name for path in removed} == {one.path.name for one in taken[:2]}
    assert first in backup.listing(shelf.folder)
    assert all(path.exists() for path in strangers)
    backup.prune(shelf.folder, shelf.clock, keep=0, compress_days=7)
    assert len(backup.listing(shelf.folder)) == 2


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2027, 12, 31, 22, 59, 58, tzinfo=UTC),  # midnight of the last day of the year
        datetime(2028, 2, 28, 22, 59, 58, tzinfo=UTC),  # the beginning of a leap day
        datetime(2026, 10, 25, 0, 59, 58, tzinfo=UTC),  # the hour from two to three begins once more
    ],
)
def test_the_newest_is_the_last_one_taken(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """T2, T6: whatever local time stands in their names, the one that was taken last is the newest and stays."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        shelf.clock.time = moment
        taken = [shelf.take() for _ in range(3)]
        assert backup.listing(shelf.folder) == taken[::-1]
        backup.prune(shelf.folder, shelf.clock, keep=1, compress_days=7)
        assert backup.listing(shelf.folder) == taken[-1:]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_old_backup_is_compressed_and_still_restores(shelf: Shelf) -> None:
    """After seven days it is packed, verified as packed, and gives back the same bytes; the newest too, in its time."""
    old = shelf.take()
    plain = old.path.read_bytes()
    shelf.clock.time += timedelta(days=8)
    new = shelf.take()
    backup.prune(shelf.folder, shelf.clock, keep=10, compress_days=7)
    assert not old.path.exists()
    assert new.path.exists()
    packed = backup.find(shelf.folder, old.path.name)
    assert packed.path.name == old.path.name + ".zst"
    assert backup.verify(shelf.folder, packed.path.name, shelf.clock) is None
    run_sql(shelf.library, "delete from albums")
    backup.restore(shelf.folder, old.path.name, shelf.library, shelf.clock)
    assert shelf.library.read_bytes() == plain


def test_a_compressed_backup_is_as_private_as_the_library(shelf: Shelf) -> None:
    """What comes out of it may be read by nobody who could not read the library."""
    shelf.library.chmod(0o600)
    old = shelf.take()
    shelf.clock.time += timedelta(days=8)
    backup.prune(shelf.folder, shelf.clock, keep=10, compress_days=7)
    shelf.library.unlink()
    backup.restore(shelf.folder, old.path.name, shelf.library, shelf.clock)
    assert shelf.library.stat().st_mode & 0o777 == 0o600


def test_a_clock_that_was_set_back_throws_tonights_backup_away_no_more(shelf: Shelf) -> None:
    """T4: a machine without a battery wakes up in another year: what was taken last stays, though it looks like the oldest."""
    for _ in range(2):
        shelf.take()
    shelf.clock.time -= timedelta(days=2000)
    taken = shelf.take()
    backup.prune(shelf.folder, shelf.clock, keep=2, compress_days=7, taken=taken)
    assert taken in backup.listing(shelf.folder)


@pytest.mark.parametrize("packed", [False, True])
def test_verify_finds_a_flipped_bit(shelf: Shelf, packed: bool) -> None:
    """S4: one bit is enough, packed or not: it is said, written down, and such a backup is not restored."""
    taken = shelf.take()
    if packed:
        shelf.clock.time += timedelta(days=8)
        backup.prune(shelf.folder, shelf.clock, keep=10, compress_days=7)
        taken = backup.newest(shelf.folder)
    content = bytearray(taken.path.read_bytes())
    content[len(content) // 2] ^= 1
    taken.path.write_bytes(content)
    assert backup.verify(shelf.folder, taken.path.name, shelf.clock) is not None
    assert backup.newest(shelf.folder).manifest.verified is False
    before = shelf.library.read_bytes()
    with pytest.raises(BackupFailed, match="damaged"):
        backup.restore(shelf.folder, taken.path.name, shelf.library, shelf.clock)
    assert shelf.library.read_bytes() == before


def test_restore_keeps_what_it_replaces(shelf: Shelf) -> None:
    """The library as it was, with what its log held, lies beside it; the restored one has no log of the old one."""
    taken = shelf.take()
    before = contents(taken.path)
    with closing(apsw.Connection(str(shelf.library))) as app:
        app.execute("update albums set title = 'Later'")
        crashed = shelf.library.with_name("crashed.db")
        shutil.copyfile(shelf.library, crashed)
        shutil.copyfile(f"{shelf.library}-wal", f"{crashed}-wal")
    kept = backup.restore(shelf.folder, taken.path.name, crashed, shelf.clock)
    assert kept is not None
    assert kept.name.startswith("crashed.db.replaced-2026")
    assert query(kept, "select distinct title from albums") == [("Later",)]
    assert contents(crashed) == before


def test_restore_over_a_ruined_library(shelf: Shelf) -> None:
    """The reason why backups exist: the ruin is kept as it is, the backup takes its place."""
    taken = shelf.take()
    shelf.library.write_bytes(b"ruined" * 1000)
    kept = backup.restore(shelf.folder, taken.path.name, shelf.library, shelf.clock)
    assert kept is not None
    assert kept.read_bytes() == b"ruined" * 1000
    assert query(shelf.library, "select count(*) from albums") == [(3,)]
    shelf.library.unlink()
    assert backup.restore(shelf.folder, taken.path.name, shelf.library, shelf.clock) is None
    assert query(shelf.library, "select count(*) from albums") == [(3,)]


def test_half_a_kept_library_is_none(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """E1: no room to keep what would be replaced: nothing is replaced, and no part of a copy passes for the whole."""
    taken = shelf.take()
    before = shelf.library.read_bytes()

    def is_full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dagster_project.publish.restore.sync_file", is_full)
    with pytest.raises(DiskFull):
        backup.restore(shelf.folder, taken.path.name, shelf.library, shelf.clock)
    assert shelf.library.read_bytes() == before
    assert list(shelf.library.parent.glob("*.replaced-*")) == []


@pytest.mark.parametrize("wal", [True, False])
def test_restore_waits_for_no_app(tmp_path: Path, wal: bool) -> None:
    """S5: a program that has the library open, even idle, would go on in the old file: refused, nothing changed."""
    shelf = Shelf(tmp_path)
    if not wal:
        run_sql(shelf.library, "pragma journal_mode = delete")
    taken = shelf.take()
    before = shelf.library.read_bytes()
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('select * from albums').fetchall(); "
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(shelf.library)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as app:
        assert app.stdout is not None
        app.stdout.readline()
        if not wal and not Path("/proc/self/fd").exists():
            pytest.skip("an idle program can be seen in WAL mode or through /proc only")
        with pytest.raises(LibraryLocked):
            backup.restore(shelf.folder, taken.path.name, shelf.library, shelf.clock)
        app.communicate()
    assert shelf.library.read_bytes() == before


def test_restore_refuses_while_a_run_is_active(shelf: Shelf) -> None:
    """S5: the lock of the data folder is asked for."""
    taken = shelf.take()
    with RunLock(shelf.folder.parent, shelf.clock), pytest.raises(RunActive):
        backup.restore(shelf.folder, taken.path.name, shelf.library, shelf.clock)


@pytest.mark.parametrize("name", ["restore:unpacked", "restore:kept", "restore:before", "restore:after"])
def test_a_restore_that_stops_anywhere(shelf: Shelf, name: str) -> None:
    """The library is the old one or the restored one, and restoring again succeeds."""
    taken = shelf.take()
    restored = contents(taken.path)
    run_sql(shelf.library, "update albums set title = 'Later'")
    old = contents(shelf.library)
    with pytest.raises(Crash):
        backup.restore(shelf.folder, taken.path.name, shelf.library, shelf.clock, stop_at(name))
    assert contents(shelf.library) == (restored if name == "restore:after" else old)
    backup.restore(shelf.folder, taken.path.name, shelf.library, shelf.clock)
    assert contents(shelf.library) == restored


def test_a_link_to_the_library_stays_a_link(shelf: Shelf, tmp_path: Path) -> None:
    """E7: what the link points to is restored."""
    taken = shelf.take()
    link = tmp_path / "link.db"
    link.symlink_to(shelf.library)
    run_sql(shelf.library, "delete from albums")
    backup.restore(shelf.folder, taken.path.name, link, shelf.clock)
    assert link.is_symlink()
    assert query(shelf.library, "select count(*) from albums") == [(3,)]


@pytest.mark.parametrize("name", ["../../etc/passwd", "music.db", "music.db.backup-20200101_000000", ""])
def test_only_listed_names_are_restored(shelf: Shelf, name: str) -> None:
    """S4: a name is looked up among the backups, never used as a path."""
    shelf.take()
    with pytest.raises(BackupFailed, match="no backup"):
        backup.restore(shelf.folder, name, shelf.library, shelf.clock)


def test_a_plain_snapshot_for_a_run_that_writes_nothing(shelf: Shelf) -> None:
    """The same rows under a fixed name; the older one is replaced."""
    path = shelf.folder.parent / "snapshots" / "music.db.snapshot"
    assert backup.snapshot(shelf.library, path, shelf.clock)["albums"] == 3
    run_sql(shelf.library, "delete from albums where id = 3")
    assert backup.snapshot(shelf.library, path, shelf.clock)["albums"] == 2
    assert [entry.name for entry in path.parent.iterdir()] == ["music.db.snapshot"]


def test_a_short_lock_is_waited_for(tmp_path: Path) -> None:
    """E11: an app that writes for half a second does not cost the night."""
    library = make(tmp_path / "music.db", wal=False)
    app = apsw.Connection(str(library))
    app.execute("begin exclusive")
    timer = threading.Timer(0.4, lambda: app.execute("rollback"))
    timer.start()
    assert backup.take(library, tmp_path / "backups", SteadyClock(), timeout_s=5).rows["albums"] == 3
    timer.join()
    app.close()
