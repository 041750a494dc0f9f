"""The app is open all night: nothing that it writes is lost or covered, and whoever reads sees the library before or after."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagster_project.publish.lock import FILE_NAME
from ingest.errors import RunActive
from ingest.sandbox import sample
from tests.faults.conftest import Calm
from tests.faults.scenes import Scene, untimed

pytestmark = pytest.mark.usefixtures("remembered")

# Adds an album with its track, types a genre, a year or a description into an album that has none, forgets a cover; each in a
# transaction of its own, and says what it typed once it was committed.
WRITER = """
import json, sqlite3, sys, time
app = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
empty = [row[0] for row in app.execute("select id from albums where genre is null or year is null order by id")]
print("ready", flush=True)
for number in range(100_000):
    app.execute("begin immediate")
    app.execute("insert into albums (id, title) values (?, ?)", (500_000 + number, f"Typed {number}"))
    app.execute("insert into tracks (album_id, title) values (?, ?)", (500_000 + number, f"Song {number}"))
    typed = {"album": 500_000 + number, "title": f"Typed {number}"}
    if number % 3 == 0 and empty:
        album, column = empty.pop(0 if number % 2 else -1), ("genre", "year", "ai_description")[number // 3 % 3]
        value = 1900 + number % 100 if column == "year" else f"typed {number}"
        found = app.execute(f"select {column} from albums where id = ?", (album,)).fetchone()
        if found[0] is None:
            app.execute(f"update albums set {column} = ? where id = ?", (value, album))
            typed |= {"edited": album, "column": column, "value": value}
    app.execute("commit")
    print(json.dumps(typed), flush=True)
    time.sleep(float(sys.argv[2]))
"""

# Looks again and again, each time in one transaction, at what only Sillon writes: covers, and links of split names.
READER = """
import sqlite3, sys, time
app = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=30, isolation_level=None)
print("ready", flush=True)
while True:
    app.execute("begin")
    images = app.execute("select count(*) from images").fetchone()[0]
    links = app.execute("select count(*) from album_artist").fetchone()[0]
    app.execute("commit")
    print(images, links, flush=True)
    time.sleep(0.002)
"""


@contextmanager
def program(script: str, *words: object, said: Path) -> Iterator[None]:
    """Another program at work for as long as the block runs; every whole line that it said lies in a file."""
    with said.open("wb") as out:
        app = subprocess.Popen([sys.executable, "-c", script, *map(str, words)], stdout=out, stderr=subprocess.PIPE)
        try:
            while b"ready" not in said.read_bytes():
                assert app.poll() is None, app.stderr.read().decode()[-2000:]
            yield
            assert app.poll() is None, app.stderr.read().decode()[-2000:]
        finally:
            app.kill()
            app.wait()


def lines_of(said: Path) -> list[str]:
    return [line for line in said.read_text().split("\n")[1:-1] if line]


def counts(library: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(library)) as connection:
        images = connection.execute("select count(*) from images").fetchone()[0]
        return images, connection.execute("select count(*) from album_artist").fetchone()[0]


@pytest.mark.parametrize(
    ("journal", "pause"),
    [
        ("wal", 0.05),
        pytest.param("delete", 0.05, marks=pytest.mark.faults),
        pytest.param("wal", 0.002, marks=pytest.mark.faults),
        pytest.param("truncate", 0.01, marks=pytest.mark.faults),
    ],
)
def test_the_app_writes_all_night(tmp_path: Path, journal: str, pause: float) -> None:
    """C4, E18: all that it committed is there as it was typed, and a reader sees none of our changes or all of them."""
    library = tmp_path / "music.db"
    sample.build_library(library)
    with closing(sqlite3.connect(library)) as connection:
        connection.execute(f"pragma journal_mode = {journal}")
    before = counts(library)
    with Scene(tmp_path, in_place=True) as scene:
        with (
            program(WRITER, library, pause, said=tmp_path / "typed"),
            program(READER, library, said=tmp_path / "seen"),
        ):
            outcome = scene.night()
        assert outcome.status == "success", outcome.failures
        assert scene.problems_of_backups() == []

    typed = [json.loads(line) for line in lines_of(tmp_path / "typed")]
    edits = [one for one in typed if "edited" in one]
    assert len(typed) > 20
    assert len(edits) > 3
    with closing(sqlite3.connect(library)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        for one in typed:
            row = connection.execute("select title, (select count(*) from tracks where album_id = albums.id) from albums"
                                     " where id = ?", (one["album"],)).fetchone()  # fmt: skip
            assert row == (one["title"], 1)
        for one in edits:
            found = connection.execute(f"select {one['column']} from albums where id = ?", (one["edited"],)).fetchone()
            assert found == (one["value"],), one

    after = counts(library)
    seen = [tuple(map(int, line.split())) for line in lines_of(tmp_path / "seen")]
    assert after != before, "the night wrote something to be seen"
    assert set(seen) == {before, after}, "half a night was seen"
    assert seen == sorted(seen, key=lambda one: one == after), "and not gone back on"


def test_what_the_app_typed_before_the_write_is_skipped(tmp_path: Path) -> None:
    """C4, E18: values that were typed between the snapshot and the write stay, and are listed; the others are written."""
    with Scene(tmp_path, in_place=True) as scene:

        def types(name: str) -> None:
            if name == "apply:before":
                with closing(sqlite3.connect(scene.library)) as app:
                    app.execute("update albums set genre = 'typed' where genre is null")
                    app.commit()

        with closing(sqlite3.connect(scene.library)) as app:
            empty = {album for (album,) in app.execute("select id from albums where genre is null")}
        outcome = scene.night(checkpoint=types)

        assert outcome.applied is not None
        skipped = {entry.album_id for entry in outcome.applied.skipped if entry.column_name == "genre"}
        assert skipped
        assert skipped <= empty
        assert "albums.genre" not in outcome.applied.counts
        assert outcome.applied.counts["albums.year"] > 0
        with closing(sqlite3.connect(scene.library)) as app:
            kept = {album for (album,) in app.execute("select id from albums where genre = 'typed'")}
        assert kept == empty


@pytest.mark.parametrize(
    ("moment", "in_place"),
    [
        ("apply:written", True),
        *(
            pytest.param(*rest, marks=pytest.mark.faults)
            for rest in (("apply:before", True), ("apply:before", False), ("apply:written", False))
        ),
    ],
)
def test_a_sleeper_whose_place_was_taken(calm: dict[bool, Calm], tmp_path: Path, moment: str, in_place: bool) -> None:
    """C3, T5: a machine that slept through its heartbeat, and was taken over by another, writes nothing when it wakes."""
    with Scene(tmp_path, in_place=in_place) as scene:
        moments = datetime.now(UTC).isoformat()
        other = {
            "token": "other", "pid": 1, "host": f"not-{socket.gethostname()}", "user": "someone", "what": "run",
            "started_at": moments, "heartbeat_at": moments,
        }  # fmt: skip
        lock = scene.data / FILE_NAME

        def wakes(name: str) -> None:
            if name == moment:
                lock.write_text(json.dumps(other).ljust(1024))

        before = untimed(scene.library)
        with pytest.raises(RunActive, match="taken over"):
            scene.night(checkpoint=wakes)

        assert untimed(scene.library) == before
        assert scene.in_place or not scene.target.exists()
        assert json.loads(lock.read_text()) == other, "the lock of the other is left to it"
        lock.unlink()
        assert scene.night().status == "success"
        assert untimed(scene.target) == calm[in_place].rows
