"""`sillon` alone: how it stands, from the marts of the last run and the schedule.

Only reading. Nothing is asked of a source, and the warehouse stays closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from dagster_project.commands.voice import Voice, spoken
from dagster_project.data_folder import folder_words

if TYPE_CHECKING:
    from dagster_project.commands.shelf import Shelf
    from dagster_project.commands.words import Words
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
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> None:
        from dagster_project.commands import whose
        from dagster_project.data_folder import DataFolder
        from dagster_project.fleet_folder import FleetFolder
        from ingest.clock import SystemClock

        settings, now = whose.settings(config), SystemClock().now()
        facts = _schedule(settings, now)
        if DataFolder(data.absolute()).marts.exists():
            facts |= _facts(data, now)
        voice.data(facts)
        if facts["last_run"] is None:
            voice.tell("now.nothing", data=data)
        words = voice.words.within(settings.scheduler.timezone)
        is_begun = facts["last_run"] is not None or FleetFolder(data.absolute()).is_one
        own = whose.again(whose.for_a_library() if is_begun else data, settings, config)
        again, has_library = whose.again(data, settings, config), settings.enrichment.library is not None
        voice.listed(told(facts, data, config, again, own, words, has_library=has_library))

    spoken(voice, start)


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


def told(
    facts: Mapping[str, Any],
    data: Path,
    config: Path | None,
    again: str,
    own: str,
    words: Words,
    *,
    has_library: bool,
) -> Iterator[tuple[str, str]]:
    """The lines of the status, each under its key, with what to type next at the end.

    `again` is what the verbs that start something must be told to work on the same library, `own` on one's own; `has_library`
    says whether the configuration names one.
    """
    last = facts["last_run"]
    when, zone = facts["next_run"], facts["timezone"]
    serve = f"sillon serve{again}"
    due = words("now.due", moment=words.moment(when), zone=zone, command=serve) if when else words("now.due.off")
    if last is None:
        yield "now.next_run", due
        begin = {"now.own": f"sillon run{own}"}
        if not has_library:  # the sandbox asks about the sample where no library is named
            begin = {"now.try": "sillon run --sandbox --data data/demo", **begin}
        width = max(map(len, begin.values()))
        for key, command in begin.items():
            yield key, words(f"{key}.how", command=f"{command:<{width}}")
        return
    yield "now.last_run", _run_words(last, words)
    if (night := facts["last_night"]) is not None and night["run_id"] != last["run_id"]:
        yield "now.last_night", _run_words(night, words)
    if facts["score"] is not None:
        yield "now.score", words("now.score.of", score=words.number(facts["score"], 1))
    queue = facts["queue"]
    kinds = ", ".join(f"{words.of('waiting', kind)} {words.number(waiting)}" for kind, waiting in queue.items())
    yield "now.queue", words.number(sum(queue.values())) + (f" ({kinds})" if kinds else "")
    for source in facts["closed_sources"]:
        until = words.moment(source["closed_until"].replace(tzinfo=UTC))
        reason = words.told(source["reason"] or "") or words("no_reason")
        yield "now.closed", words("now.closed.until", source=source["source"], moment=until, reason=reason)
    yield "now.next_run", due
    yield "now.next", _next(last, queue, data, config, serve, own, words)


def _run_words(run: Mapping[str, Any], words: Words) -> str:
    moment, status = words.moment(run["started_at"].replace(tzinfo=UTC)), words.of("status", run["status"])
    told = [words("now.run", run=run["run_id"], moment=moment, job=run["job"], status=status)]
    if run["kind"] == "sandbox":
        told.append(words("now.run.sandbox"))
    if run.get("changes"):
        told.append(words.count("now.changes", run["changes"]))
    return ", ".join(told)


def _next(
    last: Mapping[str, Any],
    queue: Mapping[str, int],
    data: Path,
    config: Path | None,
    serve: str,
    own: str,
    words: Words,
) -> str:
    option = folder_words(data, config)
    if last["status"] in ("failed", "started"):
        return words("now.next.wrong", page=data / "reports" / "latest" / "report.html")
    if last["kind"] == "sandbox":
        return words("now.next.own", command=f"sillon run{own}")
    if queue:
        return words("now.next.review", command=f"sillon review{option}")
    if last.get("changes"):
        undo = f"sillon undo {last['run_id']}{option}"
        return words("now.next.history", command=f"sillon history{option}", undo=undo)
    return words("now.next.serve", command=serve)
