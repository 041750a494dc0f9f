"""The ledger: on the disk before the library changes, true after any crash, and reloaded into SQL as it is."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from dagster_project.publish import book, ledger
from dagster_project.publish.apply import apply
from dagster_project.publish.book import Ledger
from dagster_project.publish.cells import Cell, from_json, to_json
from dagster_project.publish.changes import Change
from dagster_project.publish.target import Target
from dagster_project.publish.undo import undo
from ingest import warehouse
from ingest.errors import ApplyRefused, DiskFull
from tests.dagster_project.publish.libraries import Crash, all_changes, contents, run_sql, snapshot_of, stop_at, update
from tests.dagster_project.publish.test_apply import Scene, scene

__all__ = ["scene"]

IN_PLACE = ["apply:begin", "apply:written", "ledger:written", "commit:before", "commit:after", "settle:after"]


def states(scene: Scene) -> list[str]:
    return sorted({entry.state for entry in Ledger(scene.ledger).entries()})


@pytest.mark.parametrize("name", IN_PLACE)
def test_a_crash_anywhere_is_resolved_by_looking(scene: Scene, name: str) -> None:
    """All or nothing in the library, and the ledger says which; the next night makes up for it."""
    before = contents(scene.library)
    with pytest.raises(Crash):
        scene.in_place(all_changes(), checkpoint=stop_at(name))
    ledger.settle_pending(scene.ledger)
    is_written = contents(scene.library) != before
    assert is_written is (name in ("commit:after", "settle:after"))
    assert states(scene) in ([["applied"]] if is_written else [["rolled_back"], []])
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    if not is_written:
        scene.in_place(all_changes(), "r2")
    held = [entry.change_id for entry in Ledger(scene.ledger).entries() if entry.state == "applied"]
    assert sorted(held) == sorted(change.change_id for change in all_changes())


@pytest.mark.parametrize("name", ["ledger:written", "commit:before", "commit:after"])
def test_a_kill_is_resolved_by_looking(scene: Scene, name: str) -> None:
    """K10: the same with a process that is killed with -9 at that point."""
    before = contents(scene.library)
    script = (
        "import os, pickle, signal, sys\n"
        "from pathlib import Path\n"
        "from dagster_project.publish.apply import apply\n"
        "from dagster_project.publish.target import Target\n"
        "from ingest.clock import SystemClock\n"
        "from tests.dagster_project.publish.libraries import all_changes\n"
        "library, snapshot, folder, name = sys.argv[1:]\n"
        "stop = lambda reached: os.kill(os.getpid(), signal.SIGKILL) if reached == name else None\n"
        "apply(all_changes(), Path(snapshot), Target('in_place', Path(library)), Path(folder), 'r1', SystemClock(), stop)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script, scene.library, scene.snapshot, scene.ledger, name],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert done.returncode == -9
    assert len(Ledger(scene.ledger).pending()) == 1
    assert list(ledger.settle_pending(scene.ledger).values()) == [
        "applied" if name == "commit:after" else "rolled_back"
    ]
    assert (contents(scene.library) != before) is (name == "commit:after")


def test_a_person_at_work_does_not_confuse_the_look(scene: Scene) -> None:
    """Between the crash and the next start somebody changes some of ours: the rest still says that it was written."""
    with pytest.raises(Crash):
        scene.in_place(all_changes(), checkpoint=stop_at("commit:after"))
    run_sql(scene.library, "update albums set genre = 'mine', year = null", "delete from images")
    assert list(ledger.settle_pending(scene.ledger).values()) == ["applied"]


def test_a_library_that_is_not_there_is_not_judged(scene: Scene) -> None:
    """K10: after a power cut its disk is not mounted yet: what it holds of ours is found out once it is, and not given up."""
    with pytest.raises(Crash):
        scene.in_place(all_changes(), checkpoint=stop_at("commit:after"))
    elsewhere = scene.library.rename(scene.folder / "not mounted")
    with pytest.raises(ApplyRefused, match="not there"):
        undo("r1", scene.ledger, "undo-1", scene.clock)
    elsewhere.rename(scene.library)
    assert len(undo("r1", scene.ledger, "undo-2", scene.clock).undone) == len(all_changes())


def test_a_line_cut_short_is_no_line(scene: Scene) -> None:
    """K13: a power cut leaves half a line: it is passed over, and what comes after it is read."""
    scene.in_place([update(1, "year", "2014")])
    path = next(scene.ledger.glob("*.jsonl"))
    with path.open("a") as file:
        file.write('{"batch": "r1/9", "seq": 9, "run')
    run = Ledger(scene.ledger)
    assert [entry.state for entry in run.entries()] == ["applied"]
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    scene.in_place([update(2, "year", "1959")])
    assert [entry.change_id for entry in Ledger(scene.ledger).entries()] == ["u-1-year-2014", "u-2-year-1959"]


def test_an_open_book_says_what_its_files_say(scene: Scene) -> None:
    """A night reads the ledger once and goes on with it: after what it wrote, skipped, left out and gave up it is the files'."""
    open_book = Ledger(scene.ledger)

    def apply_to(target: Target, changes: list[Change], run_id: str) -> None:
        apply(changes, scene.snapshot, target, open_book, run_id, scene.clock)
        read = Ledger(scene.ledger)
        assert open_book.entries() == read.entries()
        assert open_book.owned() == read.owned()
        assert open_book.pending() == read.pending()

    place, copy = Target("in_place", scene.library), Target("copy", scene.output)
    apply_to(copy, all_changes(), "r1")
    apply_to(copy, all_changes()[:3], "r2")  # the copy no longer holds the others
    apply_to(place, [update(1, "year", "2014"), update(1, "genre", "jazz")], "r3")
    apply_to(place, [update(1, "year", "2015")], "r4")  # no longer what the snapshot has: left
    assert {entry.state for entry in open_book.entries()} == {"applied", "skipped", "rolled_back"}


@pytest.mark.parametrize(
    "entry", [None, [], {"entry_id": 7}, {"entry_id": "r9-000001", "applied_at": "\ufffd"}, {"reason": 7}], ids=repr
)
def test_a_line_of_no_batch_is_passed_over(scene: Scene, entry: object) -> None:
    """K13: what stands in a line that no batch opened, however odd, hinders no reading of the others."""
    scene.in_place([update(1, "year", "2014")])
    with next(scene.ledger.glob("*.jsonl")).open("a") as file:
        file.writelines(json.dumps({"entry": entry, "of": of, "seq": 90}) + "\n" for of in ("r9/1", None))
    assert [entry.change_id for entry in Ledger(scene.ledger).entries()] == ["u-1-year-2014"]


def test_a_full_disk_stops_before_the_commit(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """E1: no room for the ledger: nothing is written to the library, and the file is as it was."""
    scene.in_place([update(1, "year", "2014")])
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    before, lines = contents(scene.library), (scene.ledger / "r1.jsonl").read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(book.os, "fsync", full)
        with pytest.raises(DiskFull):
            scene.in_place([update(2, "year", "1959")])
    assert contents(scene.library) == before
    assert (scene.ledger / "r1.jsonl").read_bytes() == lines
    assert len(scene.in_place([update(2, "year", "1959")]).applied) == 1


def test_every_write_is_in_the_ledger_before_it_is_in_the_library(scene: Scene) -> None:
    """At the moment of the commit the file holds every entry, with what was there before."""
    seen: list[int] = []

    def look(name: str) -> None:
        if name == "commit:before":
            (batch,) = Ledger(scene.ledger).pending()
            seen.append(len(batch.entries))
            assert all(entry.row_before or entry.row_after for entry in batch.entries)

    scene.in_place(all_changes(), checkpoint=look)
    assert seen == [len(all_changes())]


def test_sql_sees_the_files(scene: Scene, tmp_path: Path) -> None:
    """`sillon.applied_changes` is made equal to the files, however often, and holds nothing else."""
    scene.in_place(all_changes())
    with closing(warehouse.connect(tmp_path / "warehouse.duckdb")) as connection:
        for _ in range(2):
            assert ledger.load(connection, scene.ledger) == len(all_changes())
        found = connection.execute(
            "select old_type, new_value, new_type, state, target, album_id, confidence, applied_at "
            "from sillon.applied_changes where change_id = 'u-1-year-2014'"
        ).fetchall()
    assert found[0][:6] == ("null", "2014", "integer", "applied", "in_place", 1)
    assert str(found[0][7]) == "2026-02-01 01:00:01"


def test_changes_are_read_from_the_mart(tmp_path: Path) -> None:
    """Column by column, in the order of their ids."""
    path = tmp_path / "marts.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(
            "create table library_changes as select 'b' as change_id, 'g' as group_id, 'update' as action, "
            "'albums' as table_name, '{\"id\":1}' as row_key, 'year' as column_name, null::varchar as old_value, "
            "'2014' as new_value, 1::bigint as album_id, 'fill_years' as feature, 's' as service, "
            "'musicbrainz' as source, 'https://example.org' as evidence_url, timestamp '2026-01-01' as fetched_at, "
            "0.9 as confidence, null::varchar as runner_up, 'rule' as rule"
        )
    (change,) = ledger.read_changes(path)
    assert (change.change_id, change.new_value, change.album_id, change.source) == ("b", "2014", 1, "musicbrainz")


def test_a_mart_that_was_not_built_is_said_so(tmp_path: Path) -> None:
    """Nothing is written by mistake for "nothing to write"."""
    duckdb.connect(str(tmp_path / "marts.duckdb")).close()
    with pytest.raises(ApplyRefused, match="library_changes"):
        ledger.read_changes(tmp_path / "marts.duckdb")


@pytest.mark.parametrize(
    "cell",
    [
        Cell("null", None),
        Cell("integer", 2**62),
        Cell("real", 0.1),
        Cell("real", float("inf")),
        Cell("text", ""),
        Cell("text", 'a\u2028b\n\0"\\'),
        Cell("blob", b"\x00\xff"),
        Cell("text/hex", b"\xff\xfe"),
        Cell("text", "🎷"),
    ],
)
def test_a_value_survives_its_spelling(cell: Cell) -> None:
    """As JSON and as text with its type, every value comes back as it was."""
    assert from_json(to_json({"a": cell})) == {"a": cell}
    assert Cell.from_text(cell.text, cell.kind) == cell
    json.loads(to_json({"a": cell}))
