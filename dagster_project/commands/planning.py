"""The verb plan: what a run would ask, of whom, and how long that takes. Nobody is asked.

The counting stands in `ingest/planning.py`; here the library is read anew, so that the plan is about the library as it is.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import typer

from dagster_project.commands.choices import (
    DEFAULT_DATA,
    JOB_NAMES,
    Config,
    Data,
    Job,
    Json,
    Library,
    Limit,
    MaxMinutes,
    Quiet,
    Sandbox,
)
from dagster_project.commands.voice import Voice, spoken

if TYPE_CHECKING:
    from dagster_project.commands.words import Words
    from dagster_project.options import Options


def register(app: typer.Typer) -> None:
    """Add this verb to the command."""
    app.command(short_help="What a run would ask, and how long that takes.")(plan)


def plan(
    library: Library = None,
    config: Config = None,
    data: Data = DEFAULT_DATA,
    job: Job = "improvement_pipeline",
    limit: Limit = None,
    max_minutes: MaxMinutes = None,
    sandbox: Sandbox = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """How many requests each source will get, how long that takes, and in how many nights all is asked.

    Reads the library (a snapshot of it) and asks nobody.

    \b
    Examples:
      sillon plan --library ~/music.db
      sillon plan --max-minutes 30
      sillon plan --json
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)
    if job not in JOB_NAMES:
        voice.refuse("unknown_value", option="--job", value=job, known=", ".join(JOB_NAMES))

    def start() -> None:
        from dagster_project.commands import whose

        options = whose.options(data, config, library, sandbox=sandbox)
        options = options.model_copy(update={"job": job, "limit": limit, "max_minutes": max_minutes})
        rows = planned(options, voice.words)
        nights, minutes = max(row["nights"] for row in rows), longest(rows)
        requests = sum(row["requests"] for row in rows)
        voice.data({"sources": rows, "requests": requests, "minutes": minutes, "nights": nights})
        voice.table(
            ("source", "requests", "minutes", "nights", "nothing"),
            (
                (row["source"], row["requests"], voice.words.number(row["minutes"], 1), row["nights"], row["remark"])
                for row in rows
            ),
            right=(1, 2, 3),
        )
        if not requests:
            voice.tell("plan.nothing")
            return
        voice.count("plan.total", nights, requests=requests, minutes=voice.words.number(minutes, 1))
        voice.tell("plan.begin", command=f"sillon run{whose.again(data, whose.settings(config), config)}")

    spoken(voice, start)


def longest(rows: list[dict[str, Any]]) -> float:
    """Minutes until all is asked: the chain from MusicBrainz and Discogs side by side, then Spotify."""
    minutes: dict[str, float] = {row["source"]: row["minutes"] for row in rows}
    chain = sum(minutes[word] for word in ("musicbrainz", "listenbrainz", "cover_art_archive"))
    return round(max(chain, minutes["discogs"]) + minutes["spotify"], 1)


def planned(options: Options, words: Words) -> list[dict[str, Any]]:
    """One row per source: requests, minutes, nights, and in `remark` why it is not asked. Takes the run lock."""
    from dagster_project.options import JOBS
    from dagster_project.preparation import prepare
    from dagster_project.publish import backup
    from dagster_project.publish.durable import short
    from dagster_project.publish.lock import RunLock
    from ingest import planning, warehouse
    from ingest.asking import Asking
    from ingest.breaker import SourceStates
    from ingest.clock import SystemClock
    from ingest.sources import library as library_source

    place, clock, job = prepare(options), SystemClock(), JOBS[options.job]
    snapshot = place.folder.snapshots / f"{short(place.library.name)}.snapshot"
    with RunLock(place.folder.root, clock, what="plan"):
        backup.snapshot(place.library, snapshot, clock)
        with (
            closing(warehouse.connect(place.folder.warehouse)) as connection,
            place.shared(clock) as shared,
            place.sources(snapshot, job) as door,
        ):
            library_source.extract(snapshot, connection)
            settings = _with_minutes(door.settings, options.max_minutes)
            asking = Asking(
                connection=connection, settings=settings, run_id="plan", clock=clock, limit=options.limit, shared=shared
            )
            states = SourceStates(connection, clock)
            rows = []
            for one in planning.plan(asking):
                closed = states.state(one.source).closed_until
                off = settings.source_access(one.source).off_reason or ""
                remark = words.told(off) if job.asks else words("plan.asks_nobody")
                if not remark and closed is not None:
                    zoned = words.within(settings.scheduler.timezone)
                    remark = words("plan.closed", moment=zoned.moment(closed))
                is_asked = job.asks
                rows.append(
                    {
                        "source": one.source,
                        "requests": one.requests if is_asked else 0,
                        "minutes": one.minutes if is_asked else 0.0,
                        "nights": one.nights if is_asked else 0,
                        "remark": remark,
                    }
                )
            return rows


def _with_minutes(settings: Any, minutes: float | None) -> Any:
    if minutes is None:
        return settings
    return settings.model_copy(update={"enrichment": settings.enrichment.model_copy(update={"max_minutes": minutes})})
