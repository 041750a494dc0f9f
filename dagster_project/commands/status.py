"""`sillon` alone: how it stands, from the marts of the last run and the schedule.

Only reading. Nothing is asked of a source, and the warehouse stays closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

from dagster_project.commands.voice import Voice, data_option, spoken

if TYPE_CHECKING:
    from dagster_project.commands.shelf import Shelf
    from ingest.settings import Settings

_RUNS = """
    select run_id, job, kind, status, is_full, started_at, finished_at, score_before, score_after, target, output_path
    from sillon.runs
    order by started_at desc
"""
_CLOSED = """
    select source, closed_until, reason from sillon.source_states
    where closed_until > ?
    order by closed_until, source
"""
_WRITTEN = "select count(*) as changes from sillon.applied_changes where run_id = ? and state = 'applied'"
_QUEUE = "select kind, count(*) as waiting from review_queue group by kind order by waiting desc, kind"


def show(data: Path, config: Path | None, *, as_json: bool, quiet: bool) -> NoReturn:
    """Say how it stands, and end."""

    def start() -> None:
        from dagster_project.commands import whose
        from dagster_project.data_folder import DataFolder
        from ingest.clock import SystemClock

        voice = Voice(quiet=quiet, as_json=as_json)
        settings, now = whose.settings(config), SystemClock().now()
        facts = _schedule(settings, now)
        if DataFolder(data.absolute()).marts.exists():
            facts |= _facts(data, now)
        voice.data(facts)
        for line in told(facts, data, ZoneInfo(settings.scheduler.timezone)):
            voice.say(line)

    spoken(start)


def _schedule(settings: Settings, now: datetime) -> dict[str, Any]:
    from dagster_project.nights import next_night

    return {"next_run": next_night(settings.scheduler, now), "timezone": settings.scheduler.timezone, "last_run": None}


def _facts(data: Path, now: datetime) -> dict[str, Any]:
    from dagster_project.commands.shelf import opened

    with opened(data) as shelf:
        runs = shelf.rows(_RUNS)
        last = runs[0] if runs else None
        if last is not None:
            last["changes"] = shelf.rows(_WRITTEN, [last["run_id"]])[0]["changes"]
        night = next((run for run in runs if run["is_full"] and run["status"] in ("success", "partial")), None)
        scored = next((run["score_after"] for run in runs if run["score_after"] is not None), None)
        return {
            "last_run": last,
            "last_night": night,
            "score": scored,
            "queue": _queue(shelf),
            "closed_sources": shelf.rows(_CLOSED, [now.astimezone(UTC).replace(tzinfo=None)]),
            "runs": len(runs),
        }


def _queue(shelf: Shelf) -> dict[str, int]:
    return {row["kind"]: row["waiting"] for row in shelf.rows(_QUEUE)} if shelf.has("review_queue") else {}


def told(facts: Mapping[str, Any], data: Path, zone: ZoneInfo) -> Sequence[str]:
    """The lines of the status, with what to type next at the end."""
    last, option = facts["last_run"], data_option(data)
    when = facts["next_run"]
    due = f"{when:%A %d %B, %H:%M} ({facts['timezone']}), while `sillon serve{option}` runs" if when else "schedule off"
    if last is None:
        return (
            f"Nothing has run in {data} yet.",
            f"Next run:      {due}",
            "Try it:        sillon run --sandbox                 (the sample library, no network)",
            "On your own:   sillon run --library ~/music.db      (an enriched copy; the library is only read)",
        )
    lines = [f"Last run:      {_run_words(last, zone)}"]
    if (night := facts["last_night"]) is not None and night["run_id"] != last["run_id"]:
        lines.append(f"Last night:    {_run_words(night, zone)}")
    if facts["score"] is not None:
        lines.append(f"Quality score: {facts['score']:.1f} of 100")
    queue = facts["queue"]
    kinds = ", ".join(f"{kind} {waiting}" for kind, waiting in queue.items())
    lines.append(f"Queue:         {sum(queue.values())}" + (f" ({kinds})" if kinds else ""))
    for source in facts["closed_sources"]:
        until = source["closed_until"].replace(tzinfo=UTC).astimezone(zone)
        lines.append(
            f"Closed:        {source['source']} until {until:%H:%M %A %d %B} ({source['reason'] or 'no reason given'})"
        )
    lines += [f"Next run:      {due}", f"Next:          {_next(last, queue, data, option)}"]
    return lines


def _run_words(run: Mapping[str, Any], zone: ZoneInfo) -> str:
    started = run["started_at"].replace(tzinfo=UTC).astimezone(zone)
    words = f"{run['run_id']}, {started:%A %d %B %H:%M}, {run['job']}, {run['status']}"
    if run["kind"] == "sandbox":
        words += ", sandbox"
    return words + (f", {run['changes']} changes" if run.get("changes") else "")


def _next(last: Mapping[str, Any], queue: Mapping[str, int], data: Path, option: str) -> str:
    if last["status"] in ("failed", "started"):
        return f"{data / 'reports' / 'latest' / 'report.html'} says what went wrong"
    if last["kind"] == "sandbox":
        return "sillon run --library ~/music.db     a night on your own library, into a copy"
    if queue:
        return f"sillon review{option}    what only you can decide"
    if last.get("changes"):
        return f"sillon history{option}   what was changed; sillon undo {last['run_id']}{option} takes it back"
    return f"sillon serve{option}     every night from now on"
