"""Disks that are full, starved or closed, at each step of a whole night: one line, nothing lost, and the next night heals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from dagster_project.outcome import Outcome
from ingest.errors import PublishError, SillonError
from tests.faults.conftest import Calm
from tests.faults.disks import SmallDisk, read_only, small_disk
from tests.faults.scenes import Scene, untimed
from tests.faults.test_kill import COPY, IN_PLACE
from tests.nights import report

pytestmark = pytest.mark.usefixtures("remembered")

EVERY = [(name, False, 0) for name in COPY] + [(name, True, 0) for name in IN_PLACE]
EVERY += [(name, False, left) for name in ("ask:before", "believe:before", "apply:before") for left in (16, 256, 2048)]
SOME = [("answer:after", False, 0), ("apply:begin", True, 0)]


def once(name: str, act: Callable[[], None]) -> Callable[[str], None]:
    """A checkpoint that does something when it is first passed."""
    left = [name]

    def checkpoint(reached: str) -> None:
        if reached in left:
            left.remove(reached)
            act()

    return checkpoint


def disturbed(scene: Scene, checkpoint: Callable[[str], None]) -> Outcome | SillonError:
    """A night to which something is done; whatever it makes of it is told in single lines."""
    try:
        outcome = scene.night(checkpoint=checkpoint)
    except SillonError as error:
        assert "\n" not in error.line
        return error
    assert all("\n" not in line for line in outcome.failures)
    return outcome


def heals(scene: Scene, calm: Calm) -> None:
    """The invariants once there is room again, and after the night that follows."""
    before = untimed(scene.library)
    was_written = scene.in_place and before == calm.rows
    assert was_written or before == untimed(scene.root / "as_it_was.db")
    if scene.target.exists() and not scene.in_place:
        assert untimed(scene.target) == calm.rows, "a copy is whole or not there"
    assert scene.problems_of_backups() == []

    assert scene.night().status == "success"

    assert untimed(scene.target) == calm.rows
    assert scene.marts() == (calm.second if was_written else calm.first)
    assert scene.problems_of_backups() == []
    assert scene.leftovers() == []
    assert not list(scene.data.glob("*.damaged-*")), "want of room is no damage"
    again = Counter(question for question in scene.questions() if question[0] != "spotify_token")
    repeated = Counter(question[0] for question, count in again.items() for _ in range(count - 1))
    assert all(count == 1 for count in repeated.values()), "only what could not be kept is asked again"


def begun(folder: Path, disk: SmallDisk, *, in_place: bool) -> Scene:
    """A scene whose data folder, and in place the library too, lies on a small disk, with a good backup."""
    from ingest.sandbox import sample

    sample.build_library(folder / "as_it_was.db")
    library = disk.path / "music.db" if in_place else folder / "music.db"
    scene = Scene(folder, in_place=in_place, library=library, data=disk.path / "data")
    scene.take_backup()
    return scene


def fills_up(folder: Path, calm: dict[bool, Calm], name: str, in_place: bool, left: int) -> None:
    with small_disk(folder / "disk") as disk, begun(folder, disk, in_place=in_place) as scene:
        came_of_it = disturbed(scene, once(name, lambda: disk.fill(left)))
        if isinstance(came_of_it, SillonError):
            assert isinstance(came_of_it, PublishError), came_of_it
        else:
            assert came_of_it.status == "failed" or left or name == "report:after", "no night goes well without room"
        disk.relieve()
        heals(scene, calm[in_place])


@pytest.mark.parametrize(("name", "in_place", "left"), SOME)
def test_the_disk_fills_up(calm: dict[bool, Calm], tmp_path: Path, name: str, in_place: bool, left: int) -> None:
    """E1: no room from one moment on: the night says so and stops, and the next one is as if nothing had been."""
    fills_up(tmp_path, calm, name, in_place, left)


@pytest.mark.faults
@pytest.mark.parametrize(("name", "in_place", "left"), [one for one in EVERY if one not in SOME])
def test_the_disk_fills_up_at_every_step(
    calm: dict[bool, Calm], tmp_path: Path, name: str, in_place: bool, left: int
) -> None:
    """E1: the same at each checkpoint, and with room for a part of what follows."""
    fills_up(tmp_path, calm, name, in_place, left)


@pytest.mark.faults
@pytest.mark.parametrize("name", ["backup:before", "extract:before", "ask:before", "apply:before", "report:before"])
def test_no_further_file_may_be_made(calm: dict[bool, Calm], tmp_path: Path, name: str) -> None:
    """E4: room enough, and no inode left."""
    with small_disk(tmp_path / "disk", inodes=300) as disk, begun(tmp_path, disk, in_place=False) as scene:
        disturbed(scene, once(name, disk.starve))
        disk.relieve()
        heals(scene, calm[False])


CLOSED = [
    pytest.param("backups", "backup:before", False, marks=pytest.mark.faults),
    ("ledger", "apply:before", True),
    pytest.param("ledger", "apply:before", False, marks=pytest.mark.faults),
    pytest.param("exports", "apply:before", False, marks=pytest.mark.faults),
    pytest.param("exports", "copy:verified", False, marks=pytest.mark.faults),
    pytest.param("reports", "report:before", True, marks=pytest.mark.faults),
    ("reports", "report:before", False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "moment", "in_place"), CLOSED)
def test_a_folder_is_closed_during_the_night(
    calm: dict[bool, Calm], tmp_path: Path, name: str, moment: str, in_place: bool
) -> None:
    """E2, E3, S10: a permission that goes: what cannot be written is said in a line, the rest is done, the next night heals.

    Without the report the write still stands; without the write there still is a report.
    """
    from ingest.sandbox import sample

    sample.build_library(tmp_path / "as_it_was.db")
    with Scene(tmp_path, in_place=in_place) as scene:
        scene.take_backup()
        with ExitStack() as closing:
            closed = scene.data / name
            came_of_it = disturbed(scene, once(moment, lambda: closing.enter_context(read_only(closed))))
            written = scene.target.exists() and untimed(scene.target) == calm[in_place].rows
            assert written is (name == "reports")
            assert isinstance(came_of_it, SillonError)
            assert isinstance(came_of_it, PublishError)
            if name != "reports":
                assert report(scene.data)["status"] == "failed"
        heals(scene, calm[in_place])
