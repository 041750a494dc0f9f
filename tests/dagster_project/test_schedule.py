"""One night per local date, whatever the ticks do: asleep, twice, late, changed, queued, or done by hand already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from dagster_project.nights import NIGHT_TAG, had_its_night
from tests.dagster_project.conftest import ZONE

NIGHT = (True, "web", "success")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


def remember(data: Path, *runs: tuple[date, bool, str, str]) -> None:
    """What runs leave behind in the shared marts: local date, whether it was a full one, kind, status."""
    shelf = data / "marts.duckdb"
    shelf.unlink(missing_ok=True)
    with duckdb.connect(str(shelf)) as connection:
        connection.execute("create schema sillon")
        connection.execute("create table sillon.runs (local_date date, is_full boolean, kind varchar, status varchar)")
        for run in runs:
            connection.execute("insert into sillon.runs values (?, ?, ?, ?)", list(run))


def ticks(cron: str, start: datetime, end: datetime) -> list[datetime]:
    """Dagster's own ticks of a schedule between two moments."""
    found = []
    for tick in schedule_execution_time_iterator(start.timestamp(), cron, ZONE):
        if tick > end:
            return found
        found.append(tick)
    return found


def nights_of(
    definitions: dg.Definitions, instance: dg.DagsterInstance, times: Sequence[datetime], data: Path
) -> list[date]:
    """The nights that these ticks start, each finished at once."""
    nights: list[date] = []
    for tick in times:
        remember(data, *((night, *NIGHT) for night in nights))
        nights += requested(definitions, instance, tick)
    return nights


def requested(definitions: dg.Definitions, instance: dg.DagsterInstance, tick: datetime) -> list[date]:
    context = dg.build_schedule_context(instance, scheduled_execution_time=tick)
    outcome = definitions.resolve_schedule_def("nightly").evaluate_tick(context)
    return [date.fromisoformat(request.tags[NIGHT_TAG]) for request in outcome.run_requests or ()]


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def test_asleep_for_three_days(definitions: dg.Definitions, instance: dg.DagsterInstance, data: Path) -> None:
    """T5: Dagster gives a laptop that wakes the last tick it missed, and only that: one night, and it is today's."""
    from dagster._scheduler import scheduler

    source = Path(scheduler.__file__).read_text(encoding="utf-8")
    assert "if not remote_schedule.partition_set_name and len(tick_times) > 1:" in source, "Dagster's rule has changed"
    missed = ticks("0 2 * * *", local(2026, 3, 1, 3), local(2026, 3, 4, 9))
    assert len(missed) == 3

    assert nights_of(definitions, instance, [*missed[-1:], *missed[-1:]], data) == [date(2026, 3, 4)]


@pytest.mark.parametrize("first", [date(2027, 12, 30), date(2028, 2, 28), date(2100, 2, 27)])
def test_the_end_of_a_year_and_of_february(
    definitions: dg.Definitions, instance: dg.DagsterInstance, data: Path, first: date
) -> None:
    """T6: each local date has its one night, also 29 February and 1 January, and none that is not in the calendar."""
    start = local(first.year, first.month, first.day, 1)
    times = ticks("0 2 * * *", start, start + timedelta(days=4))

    nights = nights_of(definitions, instance, [tick for tick in times for _ in range(2)], data)

    assert nights == [first + timedelta(days=later) for later in range(4)]


@pytest.mark.parametrize("cron", ["0 11 * * *", "30 10 * * *", "59 23 * * *"])
def test_a_changed_time_of_day(
    definitions: dg.Definitions, instance: dg.DagsterInstance, data: Path, cron: str
) -> None:
    """T7: moved to a later hour in the morning after the night, the schedule does not run again today, and does tomorrow."""
    times = [
        *ticks("0 2 * * *", local(2026, 3, 4, 1), local(2026, 3, 4, 10)),
        *ticks(cron, local(2026, 3, 4, 10), local(2026, 3, 5, 23, 59)),
    ]
    assert len(times) == 3

    assert nights_of(definitions, instance, times, data) == [date(2026, 3, 4), date(2026, 3, 5)]


def test_a_changed_zone(definitions: dg.Definitions, instance: dg.DagsterInstance, data: Path) -> None:
    """T3: ticks of another zone, before and after its change, still give one night a local date."""
    other = list(
        schedule_execution_time_iterator_until("America/New_York", local(2026, 3, 4, 1), local(2026, 3, 6, 12))
    )
    times = sorted([*ticks("0 2 * * *", local(2026, 3, 4, 1), local(2026, 3, 6, 12)), *other])

    nights = nights_of(definitions, instance, times, data)

    assert len(nights) == len(set(nights)) == 3


def schedule_execution_time_iterator_until(zone: str, start: datetime, end: datetime) -> Iterator[datetime]:
    for tick in schedule_execution_time_iterator(start.timestamp(), "0 2 * * *", zone):
        if tick > end:
            return
        yield tick


@pytest.mark.parametrize(
    ("run", "is_night"),
    [
        pytest.param((True, "web", "success"), True, id="by hand, after midnight"),
        pytest.param((True, "web", "partial"), True, id="a source was down"),
        pytest.param((True, "web", "failed"), False, id="failed"),
        pytest.param((True, "web", "started"), False, id="cut off"),
        pytest.param((False, "web", "success"), False, id="a part, a limit or a dry run"),
        pytest.param((True, "sandbox", "success"), False, id="sandbox"),
    ],
)
def test_what_counts_as_the_night(
    definitions: dg.Definitions, instance: dg.DagsterInstance, data: Path, run: tuple[bool, str, str], is_night: bool
) -> None:
    """C2: a finished full web run of this local date, whoever started it, and nothing else."""
    remember(data, (date(2026, 3, 4), *run))

    assert requested(definitions, instance, local(2026, 3, 4, 2)) == ([] if is_night else [date(2026, 3, 4)])


def test_a_second_run_while_one_waits(definitions: dg.Definitions, instance: dg.DagsterInstance, data: Path) -> None:
    """C1: while the night of a date waits or runs, no second one is asked for."""
    remember(data)
    job = definitions.resolve_job_def("improvement_pipeline")
    instance.create_run_for_job(job, tags={NIGHT_TAG: "2026-03-04"}, status=dg.DagsterRunStatus.NOT_STARTED)

    assert requested(definitions, instance, local(2026, 3, 4, 2)) == []
    assert requested(definitions, instance, local(2026, 3, 5, 2)) == [date(2026, 3, 5)]


def test_a_queued_run_whose_night_has_been(
    definitions: dg.Definitions, instance: dg.DagsterInstance, data: Path
) -> None:
    """C1, C2: a scheduled run that waited while somebody ran the night by hand does nothing and is no failure."""
    remember(data, (date(2026, 3, 4), *NIGHT))
    before = (data / "marts.duckdb").read_bytes()
    job = definitions.resolve_job_def("improvement_pipeline")

    result = job.execute_in_process(instance=instance, tags={NIGHT_TAG: "2026-03-04"}, raise_on_error=False)

    assert result.success
    assert not list(result.get_asset_materialization_events())
    assert (data / "marts.duckdb").read_bytes() == before
    assert not (data / "warehouse.duckdb").exists()


def test_a_folder_without_a_past(tmp_path: Path) -> None:
    """A data folder that never saw a run has had no night; one whose marts cannot be read gets a run that mends them."""
    assert not had_its_night(tmp_path, date(2026, 3, 4))
    (tmp_path / "marts.duckdb").write_bytes(b"rotten" * 1000)
    assert not had_its_night(tmp_path, date(2026, 3, 4))
