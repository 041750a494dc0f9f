"""Dagster started the way Sillon needs it: its home in the data folder, no usage statistics, one run at a time.

Here live the start of a job inside this process and the start of the web UI with the daemon. What the jobs are stands in
`defs/`. Dagster is imported inside the functions: verbs that do not need it must not wait for it.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project import interruption
from dagster_project.abandoned import close_dagster_runs
from dagster_project.data_folder import DataFolder
from dagster_project.disk_errors import explained
from dagster_project.options import Options
from dagster_project.outcome import Outcome

if TYPE_CHECKING:
    import dagster as dg

DEFAULT_INSTANCE = Path(__file__).resolve().parent.parent / "config" / "dagster.yaml"
WORKSPACE = """\
load_from:
  - python_module:
      module_name: dagster_project.definitions
      location_name: sillon
"""
# What a step prints goes to the terminal it was started from. Dagster's own way puts a file in the terminal's place and starts
# two processes a step to read it out, which answer Ctrl-C with a traceback.
TO_THE_TERMINAL = {
    "compute_logs": {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
GRACE_SECONDS = 10.0
HISTORY = ("runs.db", "runs/index.db")  # what a run writes
PATIENCE_S = 5.0

log = logging.getLogger("sillon")


def home(options: Options) -> Path:
    """Dagster's home below the data folder, with its settings file in place."""
    folder = DataFolder(options.data.absolute()).dagster
    folder.mkdir(parents=True, exist_ok=True)
    own = (options.config or Path("config")) / "dagster.yaml"
    shutil.copyfile(own if own.is_file() else DEFAULT_INSTANCE, folder / "dagster.yaml")
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    return folder


def environment(options: Options) -> dict[str, str]:
    """The variables under which every process of Dagster's finds the options and its home, and phones nobody."""
    folder = home(options)
    return {
        **options.to_environment(),
        "DAGSTER_HOME": str(folder),
        "DAGSTER_EVENTS": str(folder / "history" / "runs"),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def run_job(options: Options, *, farewell: str = "") -> Outcome:
    """Run one job in this process, recorded in Dagster's history. Returns what came of it.

    `farewell` is what a run that is told to stop says last. Raises the SillonError that stopped it before a report could be
    written, KeyboardInterrupt when it was told to stop; two seconds after that the process ends in any case.
    """
    with interruption.ends_promptly(farewell=farewell):
        try:
            os.environ.update(environment(options))
        except OSError as error:
            raise explained(error, options.data.absolute()) from error

        from dagster_project.definitions import defs
        from dagster_project.defs.resources import NightResource

        job = defs().resolve_job_def(options.job)
        with kept_history(options.data.absolute()) as instance:
            result = job.execute_in_process(instance=instance, run_config=QUIET, raise_on_error=False)
        if interruption.is_interrupted():
            raise KeyboardInterrupt
        if NightResource.last_outcome is not None:
            return NightResource.last_outcome
        raise NightResource.last_error or RuntimeError(f"the run {result.run_id} ended before it began")


@contextmanager
def kept_history(data: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's history, or where it is locked or damaged one that nobody keeps: no night waits for its picture."""
    import dagster as dg
    from dagster._core.instance.ref import InstanceRef
    from sqlalchemy.exc import SQLAlchemyError

    with ExitStack() as stack:
        try:
            place = InstanceRef.from_dir(os.environ["DAGSTER_HOME"], overrides=TO_THE_TERMINAL)
            instance = stack.enter_context(dg.DagsterInstance.from_ref(place))
            for name in HISTORY:
                with closing(sqlite3.connect(DataFolder(data).dagster / "history" / name, timeout=PATIENCE_S)) as store:
                    store.execute("begin immediate")
            close_dagster_runs(instance, data)
        except (SQLAlchemyError, sqlite3.Error) as error:
            reason = str(getattr(error, "orig", error)).partition("\n")[0]
            log.warning("Dagster's history in %s cannot be used tonight: %s", DataFolder(data).dagster, reason)
            instance = stack.enter_context(dg.DagsterInstance.ephemeral())
        yield instance


def clear_history(instance: dg.DagsterInstance, keep: int) -> list[str]:
    """Remove all but the newest `keep` finished runs from Dagster's history, with their events and files. Returns their ids."""
    import dagster as dg

    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    gone = [record.dagster_run.run_id for record in instance.get_run_records(dg.RunsFilter(statuses=ended))[keep:]]
    folder = Path(instance.root_directory)
    for run_id in gone:
        instance.delete_run(run_id)
        shutil.rmtree(folder / "storage" / run_id, ignore_errors=True)
        for file in (folder / "history" / "runs").glob(f"{run_id}.db*"):
            file.unlink(missing_ok=True)
    return gone


def serve(options: Options, *, host: str, port: int) -> int:
    """The web UI and the daemon, until Ctrl-C or SIGTERM. Returns the exit status.

    Both are processes of Dagster's own; when one ends, the other is ended too, and so are runs (each commits as it goes).
    """
    os.environ.update(environment(options))
    _close_abandoned(options, os.environ["DAGSTER_HOME"])
    where = ["-w", str(Path(os.environ["DAGSTER_HOME"]) / "workspace.yaml"), "--log-level", "warning"]
    commands = [
        [sys.executable, "-m", "dagster_webserver", "-h", host, "-p", str(port), *where],
        [sys.executable, "-m", "dagster._daemon", "run", *where],
    ]
    children = [subprocess.Popen(command, start_new_session=True) for command in commands]  # noqa: S603
    stopped: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stopped.append(received))
    while not stopped and all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGINT)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    return 0 if stopped else 1


def _close_abandoned(options: Options, home_folder: str) -> None:
    import dagster as dg

    with dg.DagsterInstance.from_config(home_folder) as instance:
        close_dagster_runs(instance, options.data.absolute())
