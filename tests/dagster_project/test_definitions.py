"""What Dagster shows: a line from library to report, every piece of it described, one night per local date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from dagster_project.options import JOBS
from tests.dagster_project.conftest import ZONE

SNAPSHOT = Path(__file__).parent / "asset_graph.txt"


def test_the_graph_has_the_shape_that_is_written_down(definitions: dg.Definitions) -> None:
    """Asset keys and groups are as in asset_graph.txt: whoever changes the picture says so."""
    graph = definitions.resolve_asset_graph()
    found = sorted(f"{graph.get(key).group_name}: {key.to_user_string()}" for key in graph.materializable_asset_keys)

    assert "\n".join(found) + "\n" == SNAPSHOT.read_text()


def test_every_asset_is_described(definitions: dg.Definitions) -> None:
    """Somebody who opens an asset reads what it is, and sees where it comes from."""
    graph = definitions.resolve_asset_graph()

    assert [key for key in graph.materializable_asset_keys if not graph.get(key).description] == []
    assert [key for key in graph.materializable_asset_keys if graph.get(key).group_name in (None, "default")] == []


def test_every_asset_has_an_owner_and_a_kind(definitions: dg.Definitions) -> None:
    """Whoever finds an asset broken sees which package makes it, and what it is."""
    graph = definitions.resolve_asset_graph()

    assert [key for key in graph.materializable_asset_keys if not graph.get(key).owners] == []
    assert [key for key in graph.materializable_asset_keys if not graph.get(key).kinds] == []


def test_a_night_that_does_not_come_is_seen(definitions: dg.Definitions) -> None:
    """The first asset and the last one are stale a little more than a day after the last night."""
    graph = definitions.resolve_asset_graph()
    policies = {key.to_user_string(): graph.get(key).freshness_policy for key in graph.materializable_asset_keys}

    assert {name for name, policy in policies.items() if policy is not None} == {"library/snapshot", "publish/report"}


def test_data_runs_one_way(definitions: dg.Definitions) -> None:
    """From the snapshot every asset but the seeds can be reached, and all of them lead to the report."""
    graph = definitions.resolve_asset_graph()
    reached, edge = set(), {dg.AssetKey(["library", "snapshot"])}
    while edge:
        reached |= edge
        edge = {child for key in edge for child in graph.get(key).child_keys} - reached

    assert [key for key in graph.materializable_asset_keys if key not in reached and not is_opinion(graph, key)] == []
    assert dg.AssetKey(["publish", "report"]) in reached


def is_opinion(graph: dg.AssetGraph, key: dg.AssetKey) -> bool:
    """Whether an asset is a seed, or made of seeds alone."""
    return key.path[0] == "seeds" or all(is_opinion(graph, parent) for parent in graph.get(key).parent_keys)


def test_jobs_go_by_the_names_their_users_know(definitions: dg.Definitions) -> None:
    """Every job is there, with a description."""
    jobs = {job.name: job for job in definitions.resolve_all_job_defs() if job.name in JOBS}

    assert set(jobs) == set(JOBS)
    assert all(job.description for job in jobs.values())


def test_the_schedule_is_on_at_two_in_the_configured_zone(definitions: dg.Definitions) -> None:
    """02:00, in the zone of scheduler_config.json, running without a click."""
    schedule = definitions.resolve_schedule_def("nightly")

    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.execution_timezone == ZONE
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 3, 29), id="02:00 does not exist"),
        pytest.param(date(2026, 10, 25), id="02:00 comes twice"),
    ],
)
def test_exactly_one_night_when_the_clocks_change(
    definitions: dg.Definitions, data: Path, tmp_path: Path, day: date
) -> None:
    """T1, T2: whatever the ticks do around a change of the clocks, each local date has one night."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)).astimezone(UTC) - timedelta(days=1, hours=1)
    ticks = []
    for tick in schedule_execution_time_iterator(start.timestamp(), "0 2 * * *", ZONE):
        if tick.timestamp() > (start + timedelta(days=3, hours=4)).timestamp():
            break
        ticks.append(tick)
    data.mkdir(exist_ok=True)
    nights: list[date] = []

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        # Every tick is given twice: a daemon that starts again evaluates its last tick anew.
        for tick in [tick for tick in ticks for _ in range(2)]:
            remember(data / "marts.duckdb", nights)
            context = dg.build_schedule_context(instance, scheduled_execution_time=tick)
            outcome = definitions.resolve_schedule_def("nightly").evaluate_tick(context)
            nights += [date.fromisoformat(request.tags["sillon/night"]) for request in outcome.run_requests or ()]

    assert nights == [day + timedelta(days=shift) for shift in range(-1, len(nights) - 1)]
    assert nights.count(day) == 1
    assert len(nights) >= 4


def remember(marts: Path, nights: list[date]) -> None:
    """What a run leaves behind: its local date in sillon.runs."""
    marts.unlink(missing_ok=True)
    with duckdb.connect(str(marts)) as connection:
        connection.execute("create schema sillon")
        connection.execute("create table sillon.runs (local_date date, is_full boolean, kind varchar, status varchar)")
        for night in nights:
            connection.execute("insert into sillon.runs values (?, true, 'web', 'success')", [night])
