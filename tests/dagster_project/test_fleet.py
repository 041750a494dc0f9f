"""Many libraries in one night: each on its own, all of them sharing what they were told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from dagster_project import fleet, fleet_lines, spark
from dagster_project.data_folder import DataFolder, write_stamp
from dagster_project.fleet_folder import FleetFolder, Member, library_id, matching
from dagster_project.fleet_lines import Line
from dagster_project.lake import MANIFEST
from dagster_project.options import Options
from dagster_project.preparation import prepare, settings_of
from dagster_project.publish import ledger, lock
from dagster_project.publish.lock import RunLock
from dagster_project.publish.undo import undo
from ingest.asking import SourceReport
from ingest.clock import SystemClock
from ingest.errors import ConfigError, DataFolderMismatch, RunActive
from tests.dagster_project.publish.libraries import query
from tests.dagster_project.test_schedule import remember
from tests.faults import remembered_beliefs
from tests.ingest.test_asking import ALBUMS, fill
from tests.ingest.test_shared_answers import HOLDER
from tests.nights import rows, write_config

NAMES = ("1 anna's.db", "2 broken.db", '3 "bob" 🎵 [live].db')
SOUND = (0, 2)


class Killed(BaseException):
    """What no night can catch."""


class Fleet:
    """The fleet of the tests: two copies of one library, and a file that is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = FleetFolder(folder / "fleet")
        self.libraries = folder / "libraries"
        self.options = Options(
            config=write_config(folder / "config"), data=self.folder.root, sandbox=True, sandbox_limits=False
        )
        self.asked: list[int] = []
        self.pattern = str(self.libraries / "*.db")

    @property
    def members(self) -> list[Member]:
        return matching([self.pattern])

    def night(self, *patterns: str, **more: object) -> list[Line]:
        return list(fleet.enrich(self.options, patterns or [self.pattern], **more))  # type: ignore[arg-type]


@pytest.fixture
def broken(tmp_path: Path) -> Fleet:
    """A fleet of two files that are no libraries, whose nights end before they begin."""
    made = Fleet(tmp_path)
    made.libraries.mkdir()
    for name in ("a.db", "b.db"):
        (made.libraries / name).write_text("no database at all")
    return made


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, list[Line], list[Line]]]:
    """A fleet whose first start was killed in the middle of its second library, and what its second start did.

    Its libraries are copies, so they are believed alike: the first one's beliefs are built, the others' are its.
    """
    made = Fleet(tmp_path_factory.mktemp("fleet"))
    made.libraries.mkdir()
    fill(made.libraries / NAMES[0], ALBUMS[:6])
    shutil.copyfile(made.libraries / NAMES[0], made.libraries / NAMES[2])
    (made.libraries / NAMES[1]).write_text("no database at all")
    reached: list[str] = []
    asked: list[int] = []

    def hear(reports: Mapping[str, SourceReport]) -> None:
        asked.append(sum(report.requests for report in reports.values()))

    def die(name: str) -> None:
        reached.append(name)
        if name == "believe:before" and reached.count(name) == 2:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SILLON_STATE_DIR", str(made.folder.root.parent / "state"))
        patch.setattr(remembered_beliefs, "inputs", lambda warehouse: "copies")
        remembered_beliefs.use(patch, made.folder.root.parent / "beliefs")
        first: list[Line] = []
        with pytest.raises(Killed):
            first.extend(fleet.enrich(made.options, [made.pattern], checkpoint=die, hear=hear))
        second = made.night(hear=hear)
        made.asked = asked
        yield made, first, second


def test_one_library_that_fails_stops_none_of_the_others(nights: tuple[Fleet, list[Line], list[Line]]) -> None:
    """A file that is no library is a line that says why; those after it have their night."""
    made, _, second = nights

    assert [line.status for line in second] == ["success", "failed", "success"]
    assert "no SQLite database" in str(second[1].reason)
    assert fleet_lines.exit_status(second) == 1
    for number in SOUND:
        folder = made.folder.of(made.members[number])
        assert list(folder.backups.glob("*.json")), number
        assert ledger.history(folder.ledger), number
        assert (folder.reports / "latest" / "report.html").exists(), number
        assert (folder.exports / NAMES[number]).exists(), number
        assert lock.holder(folder.root) is None, number


def test_a_fleet_that_was_killed_goes_on(nights: tuple[Fleet, list[Line], list[Line]]) -> None:
    """The library that had its night before is not done again, the one that was cut off asks nothing again."""
    made, first, second = nights

    assert [line.status for line in first] == ["success", "failed"]
    assert [line.is_earlier for line in second] == [True, False, False]
    assert second[0].run_id == first[0].run_id
    assert made.asked[0] > 0
    assert made.asked[1:] == [0]
    assert [line.requests for line in (*first, *second)] == [0] * 5


def test_a_second_start_on_the_same_date_does_nothing(nights: tuple[Fleet, list[Line], list[Line]]) -> None:
    """Whoever has had a night today waits for tomorrow; only what failed is tried again, without patterns too."""
    made, _, second = nights
    again = list(fleet.enrich(made.options))

    assert [line.is_earlier for line in again] == [True, False, True]
    assert [line.run_id for line in again] == [line.run_id for line in second]


def test_every_row_carries_its_library(nights: tuple[Fleet, list[Line], list[Line]]) -> None:
    """The table and the gathered marts name the library, and the page links its report whatever its name."""
    made, _, second = nights
    page = fleet_lines.tell(made.folder, made.options, second)

    with duckdb.connect(str(made.folder.shelf), read_only=True) as shelf:
        told = dict(shelf.execute("select library_id, status from libraries").fetchall())
        changes = dict(shelf.execute("select library_id, count(*) from library_changes group by 1").fetchall())
    ids = [member.library_id for member in made.members]
    assert told == dict(zip(ids, ["success", "failed", "success"], strict=True))
    assert set(changes) == {ids[number] for number in SOUND}
    assert len(set(changes.values())) == 1
    text = page.read_text(encoding="utf-8")
    assert f'href="{ids[2]}/reports/latest/report.html"' in text
    assert "&#34;bob&#34; 🎵 [live].db" in text
    assert json.loads(made.folder.health.read_text())["failed"] == 1


def test_an_answer_says_whose_albums_it_is_about(nights: tuple[Fleet, list[Line], list[Line]]) -> None:
    """A question that two libraries have goes out once for both, and the store names the album in each."""
    made, _, _ = nights
    ids = [made.members[number].library_id for number in SOUND]

    with duckdb.connect(str(made.folder.answers), read_only=True) as store:
        rows = store.execute("select asked from musicbrainz.release_groups").fetchall()
    entries = [entry for (asked,) in rows for entry in json.loads(asked)]
    albums = {(entry["library_id"], entry["album_id"]) for entry in entries}
    assert albums == {(library, str(album)) for library in ids for album in range(1, 7)}
    assert len({entry["question"] for entry in entries}) < len(entries)
    assert not (made.folder.root / "asking.duckdb").exists()


def test_each_library_has_its_own_lock(nights: tuple[Fleet, list[Line], list[Line]]) -> None:
    """A library at which somebody works is a line; a second fleet at once is refused before it touches anything."""
    made, _, _ = nights
    own = made.folder.of(made.members[0])
    with RunLock(own.root, SystemClock(), what="undo"):
        [line] = made.night(str(made.members[0].path), again=True)
    assert line.status == "failed"
    assert "undo" in str(line.reason)

    with RunLock(made.folder.root, SystemClock(), what="fleet"), pytest.raises(RunActive):
        made.night()


def test_undo_in_one_library_leaves_the_others(nights: tuple[Fleet, list[Line], list[Line]]) -> None:
    """Undo takes the folder of one library, as any verb does; what the others got stays and can be taken back itself."""
    made, _, second = nights
    one, other = (made.folder.of(made.members[number]) for number in SOUND)
    before = rows(other.exports / NAMES[2])
    found = "select count(*) from albums where genre is not null"

    done = undo(str(second[0].run_id), one.ledger, "undo_one", SystemClock())

    assert done.undone
    assert not done.left
    assert query(one.exports / NAMES[0], found) == query(made.libraries / NAMES[0], found)
    assert rows(other.exports / NAMES[2]) == before
    assert undo(str(second[2].run_id), other.ledger, "undo_other", SystemClock(), dry_run=True).undone


def test_a_decision_is_about_one_library(nights: tuple[Fleet, list[Line], list[Line]]) -> None:
    """Album 3 of one library is another album in the next: each has a decisions.csv of its own, a library alone config's."""
    made, _, _ = nights
    config = Path("config")

    assert [made.folder.of(made.members[number]).decisions(config) for number in SOUND] == [
        made.folder.of(made.members[number]).root / "decisions.csv" for number in SOUND
    ]
    assert DataFolder(made.folder.root / "alone").decisions(config) == config / "decisions.csv"


def test_a_folder_is_a_fleets_or_a_librarys(nights: tuple[Fleet, list[Line], list[Line]], tmp_path: Path) -> None:
    """Neither is taken for the other, nor a web fleet for a sandbox one; what to take instead is said."""
    made, _, _ = nights
    library = made.members[0].path

    with pytest.raises(DataFolderMismatch, match=r"belongs to a fleet.*--data"):
        prepare(made.options.model_copy(update={"library": library}))
    with pytest.raises(DataFolderMismatch, match="expected a fleet"):
        fleet.begin(made.options.model_copy(update={"data": made.folder.of(made.members[0]).root}), [made.pattern])
    with pytest.raises(DataFolderMismatch, match=r"a fleet \(sandbox\)"):
        fleet.begin(made.options.model_copy(update={"sandbox": False}), [made.pattern])
    with pytest.raises(ConfigError, match="no file is named by"):
        fleet.begin(Options(data=tmp_path), [str(tmp_path / "*.db")])


def test_a_moved_fleet(nights: tuple[Fleet, list[Line], list[Line]], tmp_path: Path) -> None:
    """The stamp of a library names the fleet; where that is gone a run says so, and the fleet's own next start mends it."""
    made, _, _ = nights
    member = made.members[0]
    moved = FleetFolder(tmp_path / "moved")
    shutil.copytree(made.folder.of(member).root, moved.of(member).root)
    shutil.copyfile(made.folder.stamp, moved.stamp)
    stamp = json.loads(moved.of(member).stamp.read_text())
    moved.of(member).stamp.write_text(json.dumps({**stamp, "fleet": str(tmp_path / "gone")}))
    alone = made.options.model_copy(update={"library": member.path, "data": moved.of(member).root})

    with pytest.raises(DataFolderMismatch, match="gone, which is not there"):
        prepare(alone)
    prepare(alone.model_copy(update={"fleet": moved.root}))
    assert moved.of(member).fleet == moved.root
    assert prepare(alone).folder.fleet == moved.root


def test_a_file_is_a_library_once(tmp_path: Path) -> None:
    """Whatever leads to a file, and however often: one library. What SQLite leaves beside it is none."""
    music = tmp_path / "music"
    music.mkdir()
    for name in ("a.db", "a.db-wal", "a.db-shm", "[b].db", "🎵.db"):
        (music / name).write_bytes(b"")
    (music / "linked.db").symlink_to(music / "a.db")
    os.link(music / "a.db", music / "hard.db")
    patterns = [str(music / "*.db*"), str(tmp_path / "**" / "*.db"), str(music / "[b].db"), str(music / "gone.db")]

    found = matching(patterns)

    assert sorted(member.path.name for member in found) == ["[b].db", "a.db", "gone.db", "🎵.db"]
    ids = [member.library_id for member in found]
    assert len(set(ids)) == len(ids)
    assert ids == [library_id(member.path) for member in matching(reversed(patterns))]
    assert [name.rpartition("-")[0] for name in ids] == ["b", "a", "gone", "library"]


def test_a_link_that_leads_to_itself_is_told_by_its_night(broken: Fleet) -> None:
    """A circle of links is a library that cannot be read, and stops no other."""
    (broken.libraries / "a.db").unlink()
    (broken.libraries / "a.db").symlink_to("c.db")
    (broken.libraries / "c.db").symlink_to("a.db")

    lines = broken.night()

    assert [Path(line.library).name for line in lines] == ["a.db", "b.db", "c.db"]
    assert {line.status for line in lines} == {"failed"}


def test_an_enriched_copy_is_no_library(tmp_path: Path) -> None:
    """A pattern that reaches into the fleet's own folder, or that of --output, does not enrich what Sillon wrote there."""
    folder = FleetFolder(tmp_path / "fleet")
    folder.claim("web", [str(tmp_path / "**" / "*.db")])
    (tmp_path / "own.db").write_bytes(b"")
    (folder.root / "own-1" / "exports").mkdir(parents=True)
    (folder.root / "own-1" / "exports" / "own.db").write_bytes(b"")

    name = library_id((tmp_path / "own.db").resolve())
    copies = [name, f"{name}.edited-20261128-020000", library_id((tmp_path / "copies" / f"{name}.db").resolve())]
    (tmp_path / "copies").mkdir()
    for copy in copies:
        (tmp_path / "copies" / f"{copy}.db").write_bytes(b"")

    assert [member.path.name for member in folder.members()] == ["own.db"]
    assert folder.members()[0].path.parent == tmp_path.resolve()
    assert len(folder.members([str(tmp_path / "copies" / "*.db")])) == 2, "where its library is not asked for it is one"


def test_a_fleet_that_is_refused_changes_nothing(broken: Fleet) -> None:
    """Whoever starts another one while it works does not tell it which libraries it has."""
    assert len(broken.night()) == 2

    with RunLock(broken.folder.root, SystemClock(), what="fleet"), pytest.raises(RunActive):
        broken.night(str(broken.libraries / "a.db"))

    assert broken.folder.patterns == (broken.pattern,)


def test_a_pattern_that_names_nothing_tonight(broken: Fleet) -> None:
    """A pattern beside others that names no file is a line that failed, with the pattern; it is remembered all the same."""
    elsewhere = str(broken.libraries / "nas" / "*.db")

    lines = broken.night(broken.pattern, elsewhere)

    assert [line.library for line in lines if "no file is named by" in str(line.reason)] == [elsewhere]
    assert fleet_lines.exit_status(lines) == 1
    assert broken.folder.patterns == (broken.pattern, elsewhere)


@pytest.mark.parametrize("pattern", ["nas/*.db", "**/*.db", "linked/?.db", "nas/b.db"])
def test_a_library_that_is_gone_is_told(broken: Fleet, pattern: str) -> None:
    """Libraries whose disk is not mounted are lines that failed, not a fleet that is smaller tonight without a word."""
    shelf = broken.libraries / "nas"
    shelf.mkdir()
    (broken.libraries / "b.db").rename(shelf / "b.db")
    (broken.libraries / "linked").symlink_to(shelf)
    [known] = matching([str(shelf / "b.db")])
    folder = broken.folder.of(known)
    folder.prepare()
    write_stamp(folder.stamp, {"library": str(known.path), "kind": "sandbox", "fleet": str(broken.folder.root)})
    (shelf / "b.db").unlink()

    lines = broken.night(str(broken.libraries / "a.db"), str(broken.libraries / pattern))

    assert [line.library_id for line in lines][-1] == known.library_id
    assert "there is no such file" in str(lines[-1].reason)
    assert len(lines) == 2
    assert [one.library_id for one in broken.folder.members([str(broken.libraries / "*.db")])] == [lines[0].library_id]


def test_a_library_that_runs_alone_stops_no_fleet(broken: Fleet) -> None:
    """What one of them keeps of the shared answers is waited for: no library's night is lost for it."""
    broken.night()
    holder = [sys.executable, "-c", HOLDER, str(broken.folder.answers), "3"]
    with subprocess.Popen(holder, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        lines = broken.night()

    assert len(lines) == 2
    assert all("no SQLite database" in str(line.reason) for line in lines)


@pytest.mark.parametrize(
    ("asked", "rests"),
    [({}, True), ({"job": "validate_data"}, False), ({"dry_run": True}, False), ({"limit": 1}, False)],
)
def test_only_a_whole_night_is_had_once(broken: Fleet, asked: dict[str, object], rests: bool) -> None:
    """Who asks for less than a night is given it, whatever the library has had today; nobody is told of earlier changes."""
    clock = SystemClock()
    today = clock.now().astimezone(ZoneInfo(settings_of(broken.options).scheduler.timezone)).date()
    for member in broken.members:
        broken.folder.of(member).prepare()
        remember(broken.folder.of(member).root, (today, True, "sandbox", "success"))

    lines = list(fleet.enrich(broken.options.model_copy(update=asked), [broken.pattern], clock=clock))

    assert [line.is_earlier for line in lines] == [rests, rests]


def test_why_they_were_not_asked_about_together_is_told(broken: Fleet) -> None:
    """Each night asks for itself then, which takes longer: a line says why, and the log of the fleet keeps all of it."""
    (broken.folder.root / "asking.duckdb").mkdir(parents=True)
    told: list[str] = []

    lines = broken.night(warn=told.append)

    assert len(lines) == 2
    assert len(told) == 1
    assert told[0].startswith("the libraries could not be asked about together: ")
    assert "Traceback" in broken.folder.log.read_text(encoding="utf-8")
    assert "no SQLite database" in broken.folder.log.read_text(encoding="utf-8")


def test_the_lake_of_one_library_stops_no_other(broken: Fleet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What Spark needs of this machine is looked at once; whose a lake is, each library's own night says."""
    monkeypatch.setenv("SILLON_ENGINE", "spark")
    monkeypatch.setenv("SILLON_SPARK__LAKE", str(tmp_path / "lake"))
    looked: list[str] = []
    monkeypatch.setattr(spark, "check_installed", lambda: looked.append("here"))
    manifest = tmp_path / "lake" / broken.members[0].library_id / MANIFEST
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"version": [1], "owner": "somebody else"}))

    assert len(broken.night()) == 2
    assert looked == ["here"]
