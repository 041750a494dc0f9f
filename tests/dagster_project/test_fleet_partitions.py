"""What Dagster makes of a fleet: one partition per library, each with one night per local date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from dagster_project import fleet
from dagster_project.fleet_folder import FleetFolder, Member
from dagster_project.fleet_lines import Line
from dagster_project.nights import NIGHT_TAG
from dagster_project.options import Options
from tests.dagster_project.conftest import ZONE
from tests.dagster_project.test_schedule import remember

DAY = date(2026, 3, 3)
TICK = datetime(2026, 3, 3, 2, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Iterator[FleetFolder]:
    """The data folder of the definitions as a fleet's, with two libraries."""
    for name in ("anna.db", "bob.db"):
        (tmp_path / name).write_bytes(b"")
    made = FleetFolder(data)
    made.claim("web", [str(tmp_path / "*.db")])
    yield made
    made.stamp.unlink()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as made:
        yield made


def tick(definitions: dg.Definitions, instance: dg.DagsterInstance, schedule: str) -> dict[str | None, str]:
    """Partition to night, of the runs that a tick asks for."""
    context = dg.build_schedule_context(
        instance, scheduled_execution_time=TICK, repository_def=definitions.get_repository_def()
    )
    outcome = definitions.resolve_schedule_def(schedule).evaluate_tick(context)
    return {request.partition_key: request.tags[NIGHT_TAG] for request in outcome.run_requests or ()}


def test_every_library_is_a_partition(
    definitions: dg.Definitions, instance: dg.DagsterInstance, folder: FleetFolder
) -> None:
    """A tick asks for one run per library, but not for one that has had its night; the night of one library stays away."""
    anna, bob = folder.members()
    assert tick(definitions, instance, "nightly_fleet") == {one.library_id: DAY.isoformat() for one in (anna, bob)}
    assert set(instance.get_dynamic_partitions("libraries")) == {anna.library_id, bob.library_id}

    folder.of(anna).root.mkdir(exist_ok=True)
    remember(folder.of(anna).root, (DAY, True, "web", "success"))

    assert tick(definitions, instance, "nightly_fleet") == {bob.library_id: DAY.isoformat()}
    assert tick(definitions, instance, "nightly") == {}
    (folder.of(anna).root / "marts.duckdb").unlink()


def test_a_folder_of_one_library_has_no_fleet(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    """Whoever has one library sees the job and gets no run of it; its schedule is stopped."""
    assert tick(definitions, instance, "nightly_fleet") == {}
    stopped = definitions.resolve_schedule_def("nightly_fleet").default_status
    assert stopped == dg.DefaultScheduleStatus.STOPPED


@pytest.mark.parametrize("status", ["success", "failed"])
def test_a_partition_runs_the_step_of_the_command(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    folder: FleetFolder,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
) -> None:
    """The run of a partition is the very function of `sillon fleet` on its library; what failed is a failed run."""
    done: list[str] = []

    def night(fleet: FleetFolder, member: Member, options: Options) -> Line:
        done.append(member.library_id)
        return Line(library_id=member.library_id, library=str(member.path), status=status, reason="why")  # type: ignore[arg-type]

    monkeypatch.setattr(fleet, "one", night)
    bob = folder.members()[1]
    instance.add_dynamic_partitions("libraries", [bob.library_id])

    result = definitions.resolve_job_def("fleet_library").execute_in_process(
        instance=instance, partition_key=bob.library_id, raise_on_error=False
    )

    assert done == [bob.library_id]
    assert result.success is (status == "success")
    assert folder.page.exists()


def test_a_page_that_cannot_be_written_fails_no_night(
    definitions: dg.Definitions, instance: dg.DagsterInstance, folder: FleetFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library had its night; that the page over all of them found no room is in the log."""
    monkeypatch.setattr(
        fleet, "one", lambda folder, member, options: Line(library_id="anna", library="anna.db", status="success")
    )
    anna = folder.members()[0]
    instance.add_dynamic_partitions("libraries", [anna.library_id])
    in_the_way = folder.page.with_name("fleet.html.new")
    in_the_way.mkdir()

    result = definitions.resolve_job_def("fleet_library").execute_in_process(
        instance=instance, partition_key=anna.library_id, raise_on_error=False
    )
    in_the_way.rmdir()

    assert result.success
