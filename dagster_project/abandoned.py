"""What runs that ended without a word (a power cut, a reboot, `kill -9`) left behind, closed at the next start.

Here lives the closing of their records, in `sillon.runs` and in Dagster's history. What they left half done in the ledger is
settled in `publish/settle.py`.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.publish.lock import RunLock
from ingest import warehouse
from ingest.clock import Clock, SystemClock
from ingest.errors import RunActive

if TYPE_CHECKING:
    import dagster as dg

YOUNG_SECONDS = 30.0  # a run takes the lock within moments of its start: until then it is not called abandoned
REASON = "The run ended without a word (the machine or the process was stopped); closed at the next start."


def close_runs(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Call every run failed that began and never ended. The caller holds the run lock, so none of them is alive.

    Returns their run ids. When they ended is not known, and stays unknown.
    """
    with connection.cursor() as cursor:
        found = cursor.execute("select run_id from sillon.runs where status = 'started' order by run_id").fetchall()
    for (run_id,) in found:
        warehouse.record_run(connection, {"run_id": run_id, "status": "failed"})
    return [run_id for (run_id,) in found]


def close_dagster_runs(instance: dg.DagsterInstance, data: Path, clock: Clock | None = None) -> list[str]:
    """Call every run failed that Dagster takes for running while nobody holds the data folder. Returns their ids.

    By the lock and not by process numbers, which are given anew after a reboot. While a run is active nothing happens.
    """
    import dagster as dg

    clock = clock or SystemClock()
    alive = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    begun = clock.now().timestamp() - YOUNG_SECONDS
    abandoned = [
        record.dagster_run
        for record in instance.get_run_records(dg.RunsFilter(statuses=alive))
        if (record.start_time or record.create_timestamp.timestamp()) < begun
    ]
    if not abandoned:
        return []
    with contextlib.suppress(RunActive), RunLock(data, clock, what="closing abandoned runs"):
        for run in abandoned:
            instance.report_run_failed(run, REASON)
        return [run.run_id for run in abandoned]
    return []
