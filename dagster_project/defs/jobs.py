"""The jobs by the names their users know, and the one schedule.

When and in what order; what the steps do stands in `night.py`. Which local date has had its night is known to `sillon.runs`,
not to Dagster: a schedule that ticks twice, or late, still gives one night a date.
"""

from zoneinfo import ZoneInfo

import dagster as dg

from dagster_project.fleet_folder import FleetFolder
from dagster_project.nights import NIGHT_TAG, had_its_night
from dagster_project.options import JOBS, Options
from dagster_project.preparation import DEFAULT_CONFIG
from ingest.settings import load_settings

SETTINGS = load_settings(
    Options.from_environment().config or DEFAULT_CONFIG, must_exist=Options.from_environment().config is not None
)
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
HOUR, MINUTE = SETTINGS.scheduler.hour_minute

jobs = [
    dg.define_asset_job(
        job.name,
        selection=dg.AssetSelection.all(),
        description=job.description,
        executor_def=dg.in_process_executor,
        tags={"sillon/job": job.name},
    )
    for job in JOBS.values()
]


@dg.schedule(
    job_name="improvement_pipeline",
    cron_schedule=f"{MINUTE} {HOUR} * * *",
    execution_timezone=SETTINGS.scheduler.timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING if SETTINGS.scheduler.enabled else dg.DefaultScheduleStatus.STOPPED,
    description=f"The night, every day at {HOUR:02}:{MINUTE:02} ({SETTINGS.scheduler.timezone}), once per local date.",
)
def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    if FleetFolder(Options.from_environment().data.absolute()).is_one:
        return dg.SkipReason("This folder is a fleet's, whose libraries have nights of their own.")
    date = context.scheduled_execution_time.astimezone(ZoneInfo(SETTINGS.scheduler.timezone)).date()
    if had_its_night(Options.from_environment().data, date):
        return dg.SkipReason(f"{date.isoformat()} has had its night.")
    tags = {NIGHT_TAG: date.isoformat()}
    if context.instance.get_runs(dg.RunsFilter(tags=tags, statuses=UNDER_WAY), limit=1):
        return dg.SkipReason(f"The night of {date.isoformat()} is under way.")
    return dg.RunRequest(tags=tags)
