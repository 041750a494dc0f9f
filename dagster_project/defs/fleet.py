"""The nights of a fleet as a job with one partition per library, and their schedule; for `serve` on a fleet's folder.

The step is that of `sillon fleet`. Which libraries there are is looked up at every tick; which of them have had their night is
known to each library's own runs. On a data folder of one library the job is there and has nothing to do.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from zoneinfo import ZoneInfo

import dagster as dg

from dagster_project.defs.jobs import HOUR, MINUTE, SETTINGS
from dagster_project.fleet_folder import FleetFolder
from dagster_project.nights import NIGHT_TAG, had_its_night
from dagster_project.options import Options
from dagster_project.publish.lock import RunLock
from ingest.clock import SystemClock
from ingest.errors import SillonError

LIBRARIES = dg.DynamicPartitionsDefinition(name="libraries")
FLEET = FleetFolder(Options.from_environment().data.absolute())


@dg.op(description="The night of one library: back up, ask what no other library was told, believe, write, report.")
def library_night(context: dg.OpExecutionContext) -> None:
    from dagster_project import fleet, fleet_lines

    options = Options.from_environment()
    folder = FleetFolder(options.data.absolute())
    member = next((one for one in folder.members() if one.library_id == context.partition_key), None)
    if member is None:
        raise dg.Failure(f"{context.partition_key} is no library of this fleet any more", allow_retries=False)
    night_of = context.run.tags.get(NIGHT_TAG)
    if night_of and had_its_night(folder.of(member).root, date.fromisoformat(night_of), folder.kind):
        context.log.info("This library had its night while the run waited; nothing is done again.")
        return
    try:
        with RunLock(folder.root, SystemClock(), what="fleet"):
            line = fleet.one(folder, member, options.model_copy(update={"sandbox": folder.kind == "sandbox"}))
            try:
                fleet_lines.tell(folder, options)
            except SillonError as error:  # the library had its night: the next one that ends tells of it
                context.log.error(error.line)
    except SillonError as error:
        raise dg.Failure(error.line, allow_retries=False) from error
    if line.status == "failed":
        raise dg.Failure(line.reason or "the night of this library failed", allow_retries=False)
    context.add_output_metadata(
        {name: value for name, value in asdict(line).items() if isinstance(value, int | float | str)}
    )


@dg.job(
    partitions_def=LIBRARIES,
    executor_def=dg.in_process_executor,
    description="The night of one library of a fleet; every library is a partition.",
)
def fleet_library() -> None:
    library_night()


@dg.schedule(
    job=fleet_library,
    cron_schedule=f"{MINUTE} {HOUR} * * *",
    execution_timezone=SETTINGS.scheduler.timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING
    if SETTINGS.scheduler.enabled and FLEET.is_one
    else dg.DefaultScheduleStatus.STOPPED,
    description="The nights of a fleet: a run for every library that has not had its night on this local date.",
)
def nightly_fleet(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    day = context.scheduled_execution_time.astimezone(ZoneInfo(SETTINGS.scheduler.timezone)).date()
    folder = FleetFolder(Options.from_environment().data.absolute())
    members = folder.members()
    context.instance.add_dynamic_partitions("libraries", [member.library_id for member in members])
    tags = {NIGHT_TAG: day.isoformat()}
    due = [member.library_id for member in members if not had_its_night(folder.of(member).root, day, folder.kind)]
    if not due:
        yield dg.SkipReason(f"{day.isoformat()} has had its nights.")
    for library_id in due:
        # A tick that is evaluated twice asks twice: by its key Dagster knows a run that it has started.
        yield dg.RunRequest(run_key=f"{day.isoformat()} {library_id}", partition_key=library_id, tags=tags)
