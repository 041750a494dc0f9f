"""The kept event log beside Dagster's own: the same events for every reader, with fewer openings of a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef

from dagster_project.control_room import environment
from dagster_project.event_log import KeptEventLog
from dagster_project.options import Options

CUT_OFF = """
import dagster as dg, os, signal
@dg.asset
def cover():
    os.kill(os.getpid(), signal.SIGKILL)
dg.materialize([cover], instance=dg.DagsterInstance.get())
"""


@dg.asset_check(asset="cover")
def is_square() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True, metadata={"pixels": 500})


@dg.asset
def cover() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 3})


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    for name, value in environment(Options(data=tmp_path / "data")).items():
        monkeypatch.setenv(name, value)
    with dg.DagsterInstance.get() as made:
        yield made


def told(instance: dg.DagsterInstance, run_id: str) -> list[tuple[object, object]]:
    """What another reader of the same files finds of a run."""
    return [
        (entry.dagster_event.event_type_value, entry.dagster_event.asset_key)
        for entry in instance.all_logs(run_id)
        if entry.dagster_event
    ]


def by_dagster(folder: Path) -> dg.DagsterInstance:
    """Dagster with the storage it comes with, on the same files."""
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(folder)))


def test_dagsters_own_storage_reads_what_the_kept_one_wrote(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Events, materializations and checks are in the files that Dagster itself would have written."""
    runs = [dg.materialize([cover, is_square], instance=instance).run_id for _ in range(2)]
    (tmp_path / "data" / "dagster" / "dagster.yaml").unlink()

    with by_dagster(tmp_path / "data" / "dagster") as plain:
        assert type(plain.event_log_storage) is not KeptEventLog
        for run_id in runs:
            assert told(plain, run_id) == told(instance, run_id)
            assert {"ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION", "PIPELINE_SUCCESS"} <= {
                kind for kind, _ in told(plain, run_id)
            }
        [newest] = plain.fetch_materializations(dg.AssetKey("cover"), limit=1).records
        assert newest.run_id == runs[1]


def test_no_more_than_two_files_are_held_open(instance: dg.DagsterInstance) -> None:
    """The UI reads a hundred runs and holds the index and the last one; going through them again finds the same."""
    runs = [dg.materialize([cover], instance=instance).run_id for _ in range(4)]
    before = [told(instance, run_id) for run_id in runs]
    folder = f"{instance.root_directory}/history/runs/"
    names = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.exists()]
    held = {name for name in names if name.startswith(folder) and name.endswith(".db")}
    assert 1 <= len(held) <= 2
    assert [told(instance, run_id) for run_id in runs] == before


def test_whoever_watches_a_run_sees_its_file_change(instance: dg.DagsterInstance) -> None:
    """The UI follows a run by its file's changes, which the write-ahead log alone would not make."""
    run = instance.create_run_for_job(dg.Definitions(assets=[cover]).resolve_implicit_global_asset_job_def())
    path = Path(instance.root_directory) / "history" / "runs" / f"{run.run_id}.db"
    instance.report_engine_event("begun", run)
    before = path.stat().st_mtime_ns
    time.sleep(0.02)
    instance.report_engine_event("gone on", run)
    written = path.stat().st_mtime_ns
    assert written > before
    time.sleep(0.02)
    assert told(instance, run.run_id)
    assert path.stat().st_mtime_ns == written, "a watcher that reads wakes nobody"


def test_a_run_that_another_process_cleared_away(instance: dg.DagsterInstance) -> None:
    """Its file is gone under an open connection: nothing is told of it, and no error."""
    run_id = dg.materialize([cover], instance=instance).run_id
    for path in (Path(instance.root_directory) / "history" / "runs").glob(f"{run_id}.db*"):
        path.unlink()
    assert told(instance, run_id) == []


@pytest.mark.usefixtures("instance")
def test_killed_while_it_writes(tmp_path: Path) -> None:
    """What a killed run had told stays readable, by either storage, and the next run is written."""
    died = subprocess.run([sys.executable, "-c", CUT_OFF], env=os.environ, capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]
    with dg.DagsterInstance.get() as after:
        [run] = after.get_runs()
        assert "STEP_START" in {kind for kind, _ in told(after, run.run_id)}
        assert dg.materialize([cover], instance=after).success
