"""Runs that ended without a word are closed at the next start, and only those."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.abandoned import close_dagster_runs, close_runs
from dagster_project.control_room import clear_history
from dagster_project.publish.lock import RunLock
from ingest import warehouse
from ingest.clock import SystemClock
from tests.clocks import LaterClock

LATER = LaterClock(timedelta(minutes=2))


def test_a_night_that_was_cut_off_has_failed(tmp_path: Path) -> None:
    """K15: a row that says `started` says `failed` after the next start; the others stay as they are."""
    with warehouse.connect(tmp_path / "warehouse.duckdb") as connection:
        for run_id, status in (("a", "started"), ("b", "success"), ("c", "started"), ("d", "partial")):
            warehouse.record_run(
                connection, {"run_id": run_id, "status": status, "started_at": datetime.now(UTC), "job": "night"}
            )
        assert close_runs(connection) == ["a", "c"]
        assert connection.execute("select run_id, status, job from sillon.runs order by 1").fetchall() == [
            ("a", "failed", "night"), ("b", "success", "night"), ("c", "failed", "night"), ("d", "partial", "night"),
        ]  # fmt: skip
        assert close_runs(connection) == []


@dg.op
def nothing() -> None:
    """A step."""


@dg.job
def night() -> None:
    nothing()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as made:
        yield made


def begun(instance: dg.DagsterInstance) -> str:
    """A run that Dagster takes for running: its process died with the machine."""
    run = instance.create_run_for_job(night)
    begin = dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, "night", message="begun")
    instance.report_dagster_event(begin, run.run_id)
    assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.STARTED
    return run.run_id


def test_a_run_left_started_by_a_reboot(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """K15: Dagster's own history shows it as failed, with the reason, after the next start."""
    run_id = begun(instance)

    assert close_dagster_runs(instance, tmp_path, LATER) == [run_id]

    assert instance.get_run_by_id(run_id).status == dg.DagsterRunStatus.FAILURE
    assert close_dagster_runs(instance, tmp_path, LATER) == []


def test_a_run_under_way_is_not_closed(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """C1, C2: while somebody holds the data folder, and in the moments before a run takes it, nothing is closed."""
    run_id = begun(instance)

    assert close_dagster_runs(instance, tmp_path, SystemClock()) == []
    with RunLock(tmp_path, SystemClock()):
        assert close_dagster_runs(instance, tmp_path, LATER) == []
    assert instance.get_run_by_id(run_id).status == dg.DagsterRunStatus.STARTED


def test_a_lock_of_a_process_that_was_killed_holds_nothing(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """C7, K15: the lock file of a dead run does not keep its record open."""
    code = (
        "import os, sys; from pathlib import Path; from dagster_project.publish.lock import RunLock;"
        "from ingest.clock import SystemClock; RunLock(Path(sys.argv[1]), SystemClock()).__enter__(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, cwd=Path(__file__).parents[2])
    assert (tmp_path / "run.lock").exists()

    run_id = begun(instance)
    assert close_dagster_runs(instance, tmp_path, LATER) == [run_id]


def test_dagsters_history_is_bounded(instance: dg.DagsterInstance) -> None:
    """S8: the newest finished runs stay, the others go with their events and files; a run under way is none of them."""
    done = [night.execute_in_process(instance=instance).run_id for _ in range(5)]
    active = begun(instance)

    assert set(clear_history(instance, 2)) == set(done[:3])

    assert {run.run_id for run in instance.get_runs()} == {*done[3:], active}
    left = {path.stem for path in (Path(instance.root_directory) / "history" / "runs").glob("*.db")}
    assert not left & set(done[:3])
