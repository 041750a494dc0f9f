"""What is told when a run has ended: the health file for a monitor, and the message of `notify` for a person.

Nothing here may change what came of the run: what cannot be told is a warning.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project import notify
from dagster_project.commands.words import Words
from dagster_project.data_folder import DataFolder
from dagster_project.nights import next_night
from dagster_project.options import JOBS, Options
from dagster_project.publish import durable
from ingest.clock import Clock
from ingest.errors import DataFolderMismatch, RunActive, SillonError
from ingest.settings import Settings, load_settings, program_version

if TYPE_CHECKING:
    from dagster_project.outcome import Outcome
    from dagster_project.preparation import Place

log = logging.getLogger("sillon")


def tell(outcome: Outcome, place: Place, clock: Clock) -> None:
    """Write the health file of a run that has ended, and send the message where one is wanted. Raises nothing."""
    facts = _facts(outcome)
    asked_before = read_health(place.folder).get("review_queue")
    finished = outcome.finished_at or clock.now()
    _write(place.folder, place.settings, facts, finished)
    options = outcome.options
    if options.is_part or options.dry_run or not JOBS[options.job].writes:
        return
    doubts = _doubts(outcome, facts, asked_before)
    _send(place.settings, {**facts, "doubts": doubts}, clock, outcome.notices)


def never_began(options: Options, error: SillonError, clock: Clock) -> None:
    """Tell of a run that could not begin: a library that is not there at two in the morning is seen by nobody else.

    Nothing is told of a folder that is not this run's, nor where another run is under way. Raises nothing.
    """
    folder = DataFolder(options.data.absolute())
    if isinstance(error, DataFolderMismatch | RunActive) or not folder.stamp.exists():
        return
    try:
        settings = load_settings(options.config or Path("config"))
    except SillonError:
        settings = Settings()
    now = clock.now()
    facts = {
        "timestamp": now.isoformat(timespec="seconds"),
        "version": program_version(),
        "run_id": None,
        "status": "failed",
        "job": options.job,
        "failures": [error.line],
    }
    _write(folder, settings, facts, now)
    if JOBS[options.job].writes and not options.dry_run:
        _send(settings, {**facts, "doubts": []}, clock, [])


def read_health(folder: DataFolder) -> dict[str, Any]:
    """The health file of a data folder; empty where there is none that can be read."""
    try:
        found = json.loads(folder.health.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _facts(outcome: Outcome) -> dict[str, Any]:
    """The facts of report.json and where the page lies; what is known without them where no report could be written."""
    known = {
        "run_id": outcome.run_id,
        "status": outcome.status,
        "job": outcome.options.job,
        "version": program_version(),
        "failures": list(outcome.failures),
        "report": str(outcome.page) if outcome.page else None,
    }
    if outcome.page is None:
        return known
    try:
        return {**json.loads(outcome.page.with_name("report.json").read_text(encoding="utf-8")), **known}
    except (OSError, ValueError):
        return known


def _doubts(outcome: Outcome, facts: dict[str, Any], asked_before: object) -> list[str]:
    """What a person should look at although the run went on: each as a short sentence in the person's language."""
    words = Words(outcome.settings.enrichment.language)
    doubts = [
        words("doubt.source", source=word, reason=words.told(report.reason or report.status))
        for word, report in outcome.sources.items()
        if report.status in ("down", "degraded")
    ]
    if outcome.applied is not None and outcome.applied.skipped:
        doubts.append(words.count("run.skipped", len(outcome.applied.skipped)))
    if outcome.applied is not None and outcome.applied.kept_aside:
        doubts.append(words("doubt.kept_aside", file=outcome.applied.kept_aside))
    new = facts.get("review_queue", 0) - (asked_before if isinstance(asked_before, int) else 0)
    if new > 0:
        doubts.append(words.count("doubt.questions", new))
    return doubts


def _write(folder: DataFolder, settings: Settings, facts: dict[str, Any], finished_at: datetime) -> None:
    following = next_night(settings.scheduler, finished_at)
    health = {
        "status": facts["status"],
        "finished_at": finished_at.isoformat(timespec="seconds"),
        "next": following.isoformat(timespec="seconds") if following else None,
        "run_id": facts["run_id"],
        "job": facts["job"],
        "version": facts["version"],
        "score": facts.get("data_quality_score"),
        "review_queue": facts.get("review_queue", read_health(folder).get("review_queue")),
        "failures": facts["failures"],
        "report": facts.get("report"),
    }
    try:
        durable.write_json(folder.health, health)
    except OSError as error:
        log.warning("The health file could not be written: %s", error)


def _send(settings: Settings, message: dict[str, Any], clock: Clock, notices: list[str]) -> None:
    wanted = settings.enrichment.notify
    if wanted is None or not notify.is_wanted(wanted, message["status"], message["doubts"]):
        return
    try:
        notify.send(wanted, message, clock, contact=settings.enrichment.contact)
    except notify.NotDelivered as error:
        notices.append(str(error))
        log.warning("%s", error)
    except KeyboardInterrupt:  # the run was told to stop, and so was its clock
        notices.append("the message of `notify` was not sent: interrupted")
