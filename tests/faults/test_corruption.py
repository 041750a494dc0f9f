"""Libraries that are damaged, and libraries that are sound in unusual ways: refused untouched, or written as any other."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dagster_project.publish import backup
from ingest.errors import SillonError
from ingest.sandbox import sample
from tests.faults.conftest import Calm
from tests.faults.scenes import Scene, untimed

pytestmark = pytest.mark.usefixtures("remembered")
PAGE = 4096


def change(library: Path, *statements: str) -> None:
    """What an app of another make would have done to its own library."""
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("pragma foreign_keys = off")
        connection.execute("pragma legacy_alter_table = on")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def remade(library: Path, pragma: str) -> None:
    """The same rows in a file that was begun under another pragma."""
    aside = library.with_name("remade.db")
    with closing(sqlite3.connect(library)) as old, closing(sqlite3.connect(aside)) as new:
        new.execute(pragma)
        new.executescript("\n".join(old.iterdump()))
    aside.replace(library)


def without_rowid(library: Path) -> None:
    change(
        library,
        "alter table album_artist rename to links_before",
        "create table album_artist (album_id integer not null references albums (id), artist_id integer not null references"
        " artists (id), created_at datetime default current_timestamp not null, primary key (album_id, artist_id)) without rowid",
        "insert into album_artist select album_id, artist_id, created_at from links_before",
        "drop table links_before",
    )


def strict(library: Path) -> None:
    change(
        library,
        "alter table artists rename to artists_before",
        "create table artists (id integer not null primary key, name text not null, spotify_id text, lastfm_url text,"
        " created_at text default current_timestamp not null, updated_at text default current_timestamp not null) strict",
        "insert into artists select id, name, spotify_id, lastfm_url, created_at, updated_at from artists_before",
        "drop table artists_before",
        "create unique index ix_artists_name on artists (name)",
    )


def view(library: Path) -> None:
    change(
        library,
        "alter table metadata rename to metadata_rows",
        "create view metadata as select * from metadata_rows",
    )


def triggers(library: Path) -> None:
    change(
        library,
        "create table trigger_log (what text)",
        "create trigger on_album after update on albums begin insert into trigger_log values ('album'); end",
        "create trigger on_image after insert on images begin insert into trigger_log values ('image'); end",
    )


def full_text(library: Path) -> None:
    change(
        library,
        "create virtual table album_search using fts5(title)",
        "insert into album_search select title from albums",
        "pragma user_version = 999",
    )


UNUSUAL: dict[str, Callable[[Path], None]] = {
    "extra column": lambda library: change(library, "alter table albums add column mood text default 'calm'"),
    "generated column": lambda library: change(
        library, "alter table albums add column shelf text generated always as (substr(title, 1, 1)) virtual"
    ),
    "triggers": triggers,
    "strict": strict,
    "without rowid": without_rowid,
    "view": view,
    "full text search": full_text,
    "UTF-16": lambda library: remade(library, "pragma encoding = 'UTF-16le'"),
    "small pages, auto-vacuum": lambda library: remade(library, "pragma auto_vacuum = 1"),
    "large pages": lambda library: change(library, "pragma page_size = 65536", "vacuum"),
    "write-ahead log": lambda library: change(library, "pragma journal_mode = wal"),
}


# A night each: the rest of them is for the long form.
AT_LENGTH = ("generated column", "full text search", "small pages, auto-vacuum", "large pages", "write-ahead log")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.faults] if name in AT_LENGTH else []) for name in UNUSUAL]
)
def test_an_unusual_library_is_a_library(calm: dict[bool, Calm], tmp_path: Path, name: str) -> None:
    """E12, E15, E19: the night writes the same values into it, and everything that is the app's own stays as it was."""
    library = tmp_path / "music.db"
    sample.build_library(library)
    UNUSUAL[name](library)
    columns = schema(library)
    expected = {table: rows for table, rows in calm[True].rows.items() if table != "metadata" or name != "view"}

    with Scene(tmp_path, in_place=True) as scene:
        assert scene.night().status == "success"
        assert scene.problems_of_backups() == []

    found = {table: rows for table, rows in untimed(library, like=calm[True].library).items() if table in expected}
    assert found == expected
    assert schema(library) == columns
    with closing(sqlite3.connect(library)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        if name == "triggers":
            assert connection.execute("select count(*) from trigger_log").fetchone() == (0,)


def schema(library: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(library)) as connection:
        found = connection.execute("select name, coalesce(sql, '') from sqlite_schema order by name").fetchall()
        found += [(name, str(connection.execute(f"pragma {name}").fetchone()[0])) for name in ("encoding", "page_size")]
        return [
            *found,
            *(
                (name, str(connection.execute(f"pragma {name}").fetchone()[0]))
                for name in ("user_version", "auto_vacuum")
            ),
        ]


def test_a_log_that_a_running_app_keeps(calm: dict[bool, Calm], tmp_path: Path) -> None:
    """E12: `-wal` and `-shm` of an app that is open: what lies in the log is read, the app goes on, our values arrive."""
    library = tmp_path / "music.db"
    sample.build_library(library)
    change(library, "pragma journal_mode = wal")
    app = subprocess.Popen(
        [sys.executable, "-c", APP_WITH_A_LOG, library], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert app.stdout.readline()
    assert library.with_name("music.db-wal").stat().st_size > 0
    with Scene(tmp_path, in_place=True) as scene:
        assert scene.night().status == "success"
    out, _ = app.communicate(b"go\n", timeout=30)

    assert out == b"1 ok\n"
    assert untimed(library, like=calm[True].library) == {
        **calm[True].rows, "service_states": untimed(library)["service_states"]
    }  # fmt: skip
    assert "written in the log" in str(untimed(library)["service_states"])


APP_WITH_A_LOG = """
import sqlite3, sys
app = sqlite3.connect(sys.argv[1])
app.execute("pragma wal_autocheckpoint = 0")
app.execute("insert into service_states (service_name) values ('written in the log')")
app.commit()
print("ready", flush=True)
sys.stdin.readline()
count = app.execute("select count(*) from service_states where service_name = 'written in the log'").fetchone()[0]
app.execute("update service_states set is_active = 1 where service_name = 'written in the log'")
app.commit()
print(count, app.execute("pragma integrity_check").fetchone()[0], flush=True)
"""

APP_THAT_DIES = """
import sqlite3, sys
app = sqlite3.connect(sys.argv[1], isolation_level=None)
app.execute("pragma cache_size = 1")
app.execute("begin")
app.execute("update albums set title = 'half written', ai_description = hex(zeroblob(3000))")
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.mark.faults
def test_a_hot_journal_is_the_apps_unfinished_change(calm: dict[bool, Calm], tmp_path: Path) -> None:
    """E12: an app that died in the middle of a change left a journal: the change never was, and the night is as ever."""
    library = tmp_path / "music.db"
    sample.build_library(library)
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("pragma journal_mode = delete")
    app = subprocess.Popen(
        [sys.executable, "-c", APP_THAT_DIES, library], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert app.stdout.readline()
    app.send_signal(signal.SIGKILL)
    app.wait()
    assert library.with_name("music.db-journal").stat().st_size > 0

    with Scene(tmp_path, in_place=True) as scene:
        assert scene.night().status == "success"

    assert untimed(library) == calm[True].rows


# ---------------------------------------------------------------- damage


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2 + 100]


def zeroed_page(content: bytes) -> bytes:
    at = len(content) // PAGE // 2 * PAGE
    return content[:at] + bytes(PAGE) + content[at + PAGE :]


def flipped_pages(content: bytes) -> bytes:
    damaged = bytearray(content)
    for page in range(2, len(content) // PAGE, 3):
        for at in range(page * PAGE, page * PAGE + 64):
            damaged[at] ^= 0xFF
    return bytes(damaged)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "truncated": truncated,
    "a page of zeros": zeroed_page,
    "flipped pages": flipped_pages,
    "another header": lambda content: b"SQLite format 4\x00" + content[16:],
    "no bytes": lambda content: b"",
    "all zeros": lambda content: bytes(len(content)),
    "text": lambda content: b"these are no albums\n" * 1000,
    "random": lambda content: os.urandom(len(content)),
}


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_library_is_refused_and_left_alone(tmp_path: Path, name: str, in_place: bool) -> None:
    """E13, E14, S6: one line, not a byte changed, no copy made of it, and good backups are not pushed out by it."""
    with Scene(tmp_path, in_place=in_place) as scene:
        scene.take_backup()
        good = [one.path for one in backup.listing(scene.folder.backups)]
        damaged = DAMAGE[name](scene.library.read_bytes())
        scene.library.write_bytes(damaged)

        for _ in range(2):
            with pytest.raises(SillonError) as refused:
                scene.night()
            assert "\n" not in refused.value.line
            assert "music.db" in refused.value.line

        assert scene.library.read_bytes() == damaged
        assert [one.path for one in backup.listing(scene.folder.backups)] == good
        assert scene.problems_of_backups() == []
        assert not list(scene.folder.exports.iterdir())
        assert scene.questions() == []


@pytest.mark.parametrize("table", ["albums", "tracks", "images"])
def test_a_library_without_a_table_is_refused(tmp_path: Path, table: str) -> None:
    """E15: a missing table is named."""
    with Scene(tmp_path, in_place=True) as scene:
        change(scene.library, f"drop table {table}")
        before = scene.library.read_bytes()
        with pytest.raises(SillonError, match=table):
            scene.night()
        assert scene.library.read_bytes() == before
