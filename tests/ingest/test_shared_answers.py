"""What a fleet's libraries know together: asked once for all of them, whatever stops one of them in between."""

import json
import subprocess
import sys
from collections import Counter
from contextlib import closing

import pytest

from ingest import shared_answers, warehouse
from ingest.asking import ask_all, ask_source
from ingest.clock import SystemClock
from ingest.errors import WarehouseBusy
from ingest.sandbox import Catalogue, Sandbox
from ingest.shared_answers import opened
from ingest.sources import library
from ingest.tables import WEB_TABLES

from .test_asking import ALBUMS, asking_of, fill

# Nobody knows the last one: that there is none is an answer too.
OTHER = [*ALBUMS[2:9], ("OK Computer", "Radiohead"), ("Kid A", "Radiohead"), ("Zxqv Unheard Of", "Nobody Qwxz")]

# Another process with the store open: as soon as it can have it, for so many seconds.
HOLDER = """
import duckdb, sys, time
for _ in range(200):
    try:
        connection = duckdb.connect(sys.argv[1])
    except duckdb.IOException:
        time.sleep(0.05)
    else:
        print("held", flush=True)
        time.sleep(float(sys.argv[2]))
        break
"""


class Fleet:
    """Two libraries that share seven albums, each with a warehouse of its own, and one store."""

    def __init__(self, folder, sandbox, clock):
        self.folder, self.sandbox, self.clock = folder, sandbox, clock

    def ask(self, name, *, word="musicbrainz", run=None, **more):
        """Ask one source, for every source is asked by the same way; `word` "" asks them all."""
        with (
            closing(warehouse.connect(self.folder / f"{name}.duckdb")) as own,
            opened(self.folder / "answers.duckdb", name, self.clock) as store,
        ):
            library.extract(self.folder / f"{name}.db", own)
            chosen = asking_of(own, self.sandbox, self.clock, self.folder, run=run or name, shared=store, **more)
            return ask_source(word, chosen) if word else ask_all(chosen)

    def rows(self, name, query):
        with closing(warehouse.connect(self.folder / f"{name}.duckdb")) as connection:
            return connection.execute(query).fetchall()

    def requests(self):
        return Counter((entry.source, entry.path, entry.body) for entry in self.sandbox.ledger)


@pytest.fixture
def fleet(tmp_path, clock):
    one, other = fill(tmp_path / "one.db"), fill(tmp_path / "other.db", OTHER)
    both = Catalogue.of_libraries([one, other])
    with Sandbox(both, limits=False) as sandbox:
        yield Fleet(tmp_path, sandbox, clock)


def test_what_one_library_was_told_no_other_asks(fleet):
    """The second library asks about what it alone has, and knows about the others what the first one was told."""
    fleet.ask("one", word="")
    before = len(fleet.sandbox.ledger)
    reports = fleet.ask("other", word="")
    asked = "".join(entry.path for entry in fleet.sandbox.ledger[before:])

    assert {report.status for report in reports.values()} == {"ok"}
    assert max(fleet.requests().values()) == 1
    assert "Kid+A" in asked
    assert [title for title, _ in OTHER if title in dict(ALBUMS) and title.replace(" ", "+") in asked] == []
    for table in ("musicbrainz.release_groups", "listenbrainz.release_groups"):
        of_bowie = f"select count(*) from {table} where contains(payload, 'David Bowie')"
        assert fleet.rows("other", of_bowie)[0][0] > 0, table


def test_the_same_library_twice_asks_nothing(fleet):
    """A copy of a library costs no request at all, not even for what nobody knows."""
    fleet.ask("other")
    before = fleet.sandbox.requests()
    (fleet.folder / "other.db").rename(fleet.folder / "copy.db")

    report = fleet.ask("copy")

    assert fleet.sandbox.requests() == before
    assert report.status == "ok"
    for table in WEB_TABLES:
        count = f"select count(*) from {table}"
        assert fleet.rows("copy", count) == fleet.rows("other", count), table


def test_an_answer_says_whose_albums_it_is_about(fleet):
    """In the store each question carries the library that asked; a copy names the albums of the library that took it."""
    fleet.ask("one")
    fleet.ask("other")
    asked = [json.loads(text) for (text,) in fleet.rows("answers", "select asked from musicbrainz.release_groups")]
    assert {entry["library_id"] for entries in asked for entry in entries} == {"one", "other"}

    taken = [json.loads(text) for (text,) in fleet.rows("other", "select asked from musicbrainz.release_groups")]
    own = {entry["question"]: entry["album_id"] for entries in taken for entry in entries if "album_id" in entry}
    assert "pair:air|talkie walkie" not in own
    assert own["pair:john coltrane|blue train"] == str(1 + OTHER.index(("Blue Train", "John Coltrane")))
    assert not any("library_id" in entry for entries in taken for entry in entries)


def test_an_answer_is_told_to_all_before_its_library_has_it(fleet):
    """A run that dies between the two commits costs no request: the library takes its own answer from the store."""

    class Killed(BaseException):
        pass

    def die(name):
        if name == "answer:shared":
            raise Killed

    with pytest.raises(Killed):
        fleet.ask("one", checkpoint=die)
    fleet.ask("one", run="again")

    assert max(fleet.requests().values()) == 1


def test_an_old_answer_is_asked_for_again(fleet):
    """What the store holds grows as old as anything else: after `refresh_days` it is due."""
    fleet.ask("other")
    fleet.clock.seconds += 31 * 86_400
    (fleet.folder / "other.db").rename(fleet.folder / "copy.db")

    fleet.ask("copy")

    assert set(fleet.requests().values()) == {2}


def test_a_source_that_is_closed_is_closed_for_all(fleet):
    """What shut one library out is not asked for the next one, whose report says until when."""
    with opened(fleet.folder / "answers.duckdb", "one", fleet.clock) as store, store.lent() as connection:
        warehouse.record_source_state(
            connection,
            {"source": "musicbrainz", "failures_in_a_row": 5, "reason": "503", "closed_until": "2026-11-23 02:00:00"},
        )

    report = fleet.ask("other")

    assert (report.status, report.requests) == ("down", 0)
    assert report.closed_until is not None


def test_nobody_keeps_the_store_to_himself(tmp_path, monkeypatch):
    """A fleet and one of its libraries alone ask for hours at the same time: each has the store in turn, and waits for it."""
    monkeypatch.setattr(shared_answers, "HELD_S", 0.1)
    monkeypatch.setattr(shared_answers, "LEFT_S", 2.0)
    path, clock = tmp_path / "answers.duckdb", SystemClock()
    with opened(path, "one", clock) as store:
        other = subprocess.Popen([sys.executable, "-c", HOLDER, str(path), "1"], stdout=subprocess.PIPE, text=True)
        assert other.stdout.readline() == "held\n"
        with store.lent() as connection:
            assert connection.execute("select count(*) from musicbrainz.urls").fetchall() == [(0,)]
        assert other.wait() == 0


def test_a_store_that_is_kept_for_good_is_busy(tmp_path, monkeypatch):
    """Whoever keeps it open all night long, as a person at a prompt, is waited for only so long."""
    monkeypatch.setattr(shared_answers, "PATIENCE_S", 0.3)
    path = tmp_path / "answers.duckdb"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path), "60"], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(WarehouseBusy), opened(path, "one", SystemClock()):
            pass
        other.kill()
