"""`kill -9` at every checkpoint and at any moment, and SIGTERM: nothing is lost, and the next night makes up for it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from ingest.sandbox.faults import Fault
from tests.faults.conftest import Calm
from tests.faults.scenes import ROOT, Scene, untimed
from tests.nights import report

# Every checkpoint of a night, and how often it is passed at least; a new one that is not here fails a test.
COPY = (
    "lock:before", "lock:after", "backup:before", "backup:copied", "backup:checked", "backup:restored", "backup:named",
    "backup:listed", "backup:after", "extract:before", "extract:after", "ask:before", "answer:before", "answer:after",
    "ask:after", "believe:before", "believe:after", "marts:before", "marts:after", "apply:before", "apply:begin",
    "apply:written", "commit:after", "copy:verified", "ledger:written", "copy:kept_aside", "rename:before",
    "rename:after", "settle:after", "apply:after", "report:before", "report:after",
)  # fmt: skip
IN_PLACE = (
    "apply:begin",
    "apply:written",
    "ledger:written",
    "commit:before",
    "commit:after",
    "settle:after",
    "apply:after",
)
AGAIN = ("answer:before@10", "answer:after@10", "answer:before@25", "marts:before@2", "marts:after@2")
EVERY = [(name, False) for name in (*COPY, *AGAIN)] + [(name, True) for name in IN_PLACE]
SOME = [
    ("backup:after", False), ("answer:before@10", False), ("ledger:written", True), ("commit:after", True),
    ("rename:before", False),
]  # fmt: skip
MOMENTS = 50
STOP_SECONDS = 2.0
NOISE_SECONDS = 0.5  # between our clock and a machine that does something else too


pytestmark = pytest.mark.usefixtures("remembered")


def survives(scene: Scene, calm: Calm, killed: subprocess.Popen[bytes]) -> None:
    """The invariants after a death, and after the night that follows it."""
    assert killed.returncode == -signal.SIGKILL, killed.stderr.read().decode()[-2000:]
    before = untimed(scene.library)
    was_written = scene.in_place and before == calm.rows
    assert scene.in_place or before == untimed_sample(scene)
    if scene.target.exists() and not scene.in_place:
        assert untimed(scene.target) == calm.rows, "a copy is whole or not there"
    assert scene.problems_of_backups() == []

    outcome = scene.night()

    assert outcome.status == "success", outcome.failures
    assert untimed(scene.target) == calm.rows
    assert scene.marts() == (calm.second if was_written else calm.first)
    assert scene.problems_of_backups() == []
    assert set(scene.statuses()[:-1]) <= {"failed", "success"}
    assert scene.statuses()[-1] == "success"
    assert scene.leftovers() == []
    assert scene.leaks() == []
    asked = Counter(source for source, _, _ in scene.questions())
    assert all(count <= calm.asked[source] + 1 for source, count in asked.items()), (asked, calm.asked)
    again = Counter(question for question in scene.questions() if question[0] != "spotify_token")
    repeated = Counter(question[0] for question, count in again.items() for _ in range(count - 1))
    assert all(count == 1 for count in repeated.values()), "only the request in flight is asked again"


def untimed_sample(scene: Scene) -> dict[str, list[str]]:
    from ingest.sandbox import sample

    path = scene.root / "as_it_was.db"
    if not path.exists():
        sample.build_library(path)
    return untimed(path)


def dies_and_recovers(folder: Path, calm: dict[bool, Calm], memory: Path, name: str, in_place: bool) -> None:
    with Scene(folder, in_place=in_place) as scene:
        scene.take_backup()
        process = scene.start(SILLON_CHECKPOINT_KILL=name, SILLON_TEST_BELIEFS=str(memory))
        process.wait(300)
        survives(scene, calm[in_place], process)


def test_every_checkpoint_is_in_the_matrix(calm: dict[bool, Calm]) -> None:
    """K1 to K9: a night passes exactly the checkpoints that are listed here, so that a new one cannot be forgotten."""
    assert set(calm[False].checkpoints) == set(COPY)
    assert set(calm[True].checkpoints) <= {*COPY, *IN_PLACE}
    assert set(IN_PLACE) <= set(calm[True].checkpoints)


def test_the_same_rows_are_believed_the_same_each_time(calm: dict[bool, Calm]) -> None:
    """I2, I10: a second night over the same answers has the marts of the first; in place it finds its work done."""
    assert calm[False].first == calm[False].second
    assert calm[True].first.keys() == calm[True].second.keys()


@pytest.mark.parametrize(("name", "in_place"), SOME)
def test_killed_at_a_checkpoint(
    calm: dict[bool, Calm], memory: Path, tmp_path: Path, name: str, in_place: bool
) -> None:
    """K2, K5, K10, K12: after the backup, in the middle of asking, between ledger and commit, before the rename."""
    dies_and_recovers(tmp_path, calm, memory, name, in_place)


@pytest.mark.faults
@pytest.mark.parametrize(("name", "in_place"), [pair for pair in EVERY if pair not in SOME])
def test_killed_at_every_checkpoint(
    calm: dict[bool, Calm], memory: Path, tmp_path: Path, name: str, in_place: bool
) -> None:
    """K1 to K12, S6, S7, C7: before and after each durable step, the lock of a dead run included."""
    dies_and_recovers(tmp_path, calm, memory, name, in_place)


@pytest.mark.faults
@pytest.mark.parametrize("number", range(MOMENTS))
def test_killed_at_any_moment(calm: dict[bool, Calm], memory: Path, tmp_path: Path, number: int) -> None:
    """K4, K5, K7, K14: fifty moments drawn at random, half of them while the library itself is written."""
    chance = random.Random(number)
    in_place = bool(number % 2)
    # Moments are told by what was passed: by the clock, a busy machine would have most of them in the first steps.
    after = chance.randrange(1, len(calm[in_place].checkpoints) - 1)
    with Scene(tmp_path, in_place=in_place) as scene:
        scene.take_backup()
        passed = tmp_path / "passed"
        process = scene.start(SILLON_TEST_BELIEFS=str(memory), SILLON_CHECKPOINT_FILE=str(passed))
        while process.poll() is None and not (passed.exists() and passed.read_text().count("\n") >= after):
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.wait(60)
        survives(scene, calm[in_place], process)


@pytest.mark.faults
@pytest.mark.parametrize("number", range(3))
def test_killed_while_dbt_builds(calm: dict[bool, Calm], memory: Path, tmp_path: Path, number: int) -> None:
    """K7: dbt itself is killed, in a real build at a random moment."""
    chance = random.Random(f"dbt {number}")
    with Scene(tmp_path) as scene:
        scene.take_backup()
        process = dying_in_dbt(scene, tmp_path / "passed")
        time.sleep(chance.uniform(0.5, 12.0))
        process.kill()
        process.wait(60)
        survives(scene, calm[False], process)


def dying_in_dbt(scene: Scene, passed: Path) -> subprocess.Popen[bytes]:
    """A night that runs dbt for real, at the moment when that has begun."""
    process = scene.start(SILLON_CHECKPOINT_FILE=str(passed))
    while process.poll() is None and not (passed.exists() and "believe:before" in passed.read_text()):
        time.sleep(0.02)
    assert process.poll() is None, process.stderr.read().decode()[-2000:]
    return process


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after", [0.3, 4.0, 9.0])
def test_told_to_stop_while_dbt_builds(
    calm: dict[bool, Calm], tmp_path: Path, number: signal.Signals, after: float
) -> None:
    """K14: a build that cannot be interrupted is cut off; the run is closed and made up for by the next one."""
    with Scene(tmp_path) as scene:
        process = dying_in_dbt(scene, tmp_path / "passed")
        time.sleep(after)
        seconds = stopped(process, number)
        assert seconds < STOP_SECONDS + NOISE_SECONDS
        assert scene.night().status == "success"
        assert untimed(scene.target) == calm[False].rows
        assert scene.statuses()[-2:] == ["failed", "success"]


def stopped(process: subprocess.Popen[bytes], number: signal.Signals) -> float:
    """Tell a process to stop; the seconds that it took to end as an interrupted one."""
    started = time.monotonic()
    process.send_signal(number)
    process.wait(60)
    seconds = time.monotonic() - started
    said = process.stderr.read().decode()
    assert process.returncode == 130, said[-2000:]
    assert "Traceback" not in said
    return seconds


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.faults)])
def test_told_to_stop_while_asking(calm: dict[bool, Calm], tmp_path: Path, number: signal.Signals) -> None:
    """K14: `sillon run`, waiting thirty seconds for a silent source, ends within two seconds of the signal with status 130.

    What was answered before is kept: the next night asks the rest.
    """
    with Scene(tmp_path, Fault("musicbrainz", "hang", first=4, last=4), timeout=30) as scene:
        words = ["run", "--library", scene.library, "--data", scene.data, "--config", scene.root / "config"]
        process = subprocess.Popen(
            [sys.executable, "-c", "from dagster_project.cli import main; main()", *map(str, words)],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        while process.poll() is None and not any(entry.fault for entry in scene.sources.ledger):
            time.sleep(0.02)
        assert process.poll() is None, process.stderr.read().decode()[-2000:]

        assert stopped(process, number) < STOP_SECONDS + NOISE_SECONDS

        answered = [entry.path for entry in scene.sources.ledger if entry.source == "musicbrainz" and not entry.fault]
        before = len(scene.sources.ledger)
        outcome = scene.night()
        assert outcome.status == "success"
        assert untimed(scene.target) == calm[False].rows
        assert scene.statuses() == ["failed", "success"]
        asked_again = [path for source, path, _ in scene.questions()[before:] if source == "musicbrainz"]
        assert not set(answered) & set(asked_again)
        assert report(scene.data)["status"] == "success"
