"""The verb fleet: a night for many libraries that share their answers.

How their nights follow one another stands in `dagster_project/fleet.py`. Dagster is not started: `serve` on the fleet's folder
shows the same nights as a job with one partition per library.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.commands.choices import (
    ENGINES,
    JOB_NAMES,
    Config,
    Data,
    Engine,
    InPlace,
    Job,
    Json,
    Limit,
    MaxMinutes,
    Quiet,
    Sandbox,
)
from dagster_project.commands.voice import Voice, spoken
from ingest.errors import SillonError

if TYPE_CHECKING:
    from dagster_project.fleet_folder import Member
    from dagster_project.fleet_lines import Line
    from dagster_project.options import Options
    from dagster_project.progress import Progress
    from ingest.asking import SourceReport

DEFAULT_FLEET = Path("data/fleet")
COLUMNS = ("library", "status", "changes", "questions", "requests", "score")


def register(app: typer.Typer) -> None:
    """Add this verb to the command."""
    app.command(short_help="A night for many libraries that share their answers.")(fleet)


def fleet(
    libraries: Annotated[
        list[str] | None,
        typer.Option(
            "--libraries",
            help="A path or a quoted pattern of databases; may be given several times.",
            show_default="those of the last time",
        ),
    ] = None,
    config: Config = None,
    data: Data = DEFAULT_FLEET,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", help="A folder for the enriched copies.", show_default="<data>/<library>/exports/<library name>"
        ),
    ] = None,
    in_place: InPlace = False,
    job: Job = "improvement_pipeline",
    limit: Limit = None,
    max_minutes: MaxMinutes = None,
    engine: Engine = None,
    again: Annotated[bool, typer.Option("--again", help="Those too that have had their night today.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count the changes, write none.")] = False,
    sandbox: Sandbox = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """A night for many libraries, one after the other: a question that one of them had answered is asked for none of them again.

    Each library keeps a data folder of its own under --data, with its lock, backups, ledger, decisions and report. The
    verbs that look back or decide (review, explain, history, undo, decisions, backup, plan) take that folder with --data;
    run, audit, validate and report want its --library too. One library that fails stops none of the others. A fleet that
    was interrupted goes on where it was: libraries that have had their night today wait for tomorrow, or for --again.

    \b
    Examples:
      sillon fleet --libraries '/srv/music/*.db'          an enriched copy of each
      sillon fleet                                        the same libraries, the next night
      sillon fleet --libraries '/srv/**/*.db' --sandbox   without the web
      sillon undo last --data data/fleet/anna-1f2e3d4c    in one library
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)
    if job not in JOB_NAMES:
        voice.refuse("unknown_value", option="--job", value=job, known=", ".join(JOB_NAMES))
    if engine is not None and engine not in ENGINES:
        voice.refuse("unknown_value", option="--engine", value=engine, known=", ".join(ENGINES))
    if output is not None and in_place:
        voice.refuse("exclude", one="--output", other="--in-place")

    def start() -> int:
        from dagster_project.options import Options

        chosen: dict[str, Any] = dict(
            config=config, data=data, output=output, in_place=in_place, job=job, limit=limit, max_minutes=max_minutes,
            dry_run=dry_run, sandbox=sandbox, engine=engine,
        )  # fmt: skip
        options = Options(**chosen)
        return _run(voice, options, libraries or [], again=again)

    spoken(voice, start)


class _Shown:
    """What a run of a fleet shows while it works: the asking for all of them, then one library after the other."""

    def __init__(self, voice: Voice) -> None:
        self.requests = 0
        self._voice = voice
        self._progress: Progress | None = None
        self._lock = Lock()

    def asked(self, source: str, done: int, total: int) -> None:
        with self._lock:  # each source speaks from a thread of its own
            if self._progress is None:
                self._voice.tell("fleet.asking")
                self._progress = _progress(self._voice)
        self._progress.asked(source, done, total)

    def hear(self, reports: Mapping[str, SourceReport]) -> None:
        self.requests = sum(report.requests for report in reports.values())

    def watch(self, member: Member, number: int, count: int) -> Callable[[str, int, int], None]:
        self.close()
        self._voice.tell("fleet.begin", number=number, count=count, library=member.path)
        self._progress = _progress(self._voice)
        return self._progress.asked

    def close(self) -> None:
        if self._progress is not None:
            self._progress.close()


def _run(voice: Voice, options: Options, patterns: Sequence[str], *, again: bool) -> int:
    from dagster_project import fleet, fleet_lines, interruption
    from dagster_project.fleet_folder import FleetFolder
    from ingest.clock import SystemClock

    # Without a handler of its own the root takes one that writes to the terminal, once dbt says something.
    logging.getLogger().addHandler(logging.NullHandler())
    shown, clock = _Shown(voice), SystemClock()
    lines: list[Line] = []
    page, untold = None, None
    with interruption.ends_promptly(farewell=voice.words("interrupted")):
        steps = fleet.enrich(
            options,
            patterns,
            again=again,
            clock=clock,
            watch=shown.watch,
            progress=shown.asked,
            hear=shown.hear,
            warn=voice.warn,
        )
        with closing(steps) as nights:
            for line in nights:
                shown.close()
                lines.append(line)
                if line.status == "failed":
                    _fail(voice, line)
        try:
            page = fleet_lines.tell(FleetFolder(options.data.absolute()), options, lines, clock, shown.requests)
        except SillonError as error:  # the nights were: their table is shown all the same
            untold = error
    if shown.requests:
        voice.count("fleet.together", shown.requests)
    _say(voice, lines, page, is_dry=options.dry_run)
    if untold is not None:
        voice.fail(voice.words.error(untold))
        return 1
    return fleet_lines.exit_status(lines)


def _fail(voice: Voice, line: Line) -> None:
    reason = voice.words.told(line.reason)
    names_it = line.reason is not None and line.library in line.reason
    voice.fail(reason if names_it else voice.words("fleet.failed", library=line.library, reason=reason))


def _progress(voice: Voice) -> Progress:
    from dagster_project import progress

    if voice.is_silent:
        return progress.Silent()
    is_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return progress.Bars(voice.words) if is_terminal else progress.Lines(voice.words)


def _say(voice: Voice, lines: Sequence[Line], page: Path | None, *, is_dry: bool) -> None:
    words = voice.words
    voice.data({"libraries": [asdict(line) for line in lines], "page": page})
    voice.table(COLUMNS, (_cells(voice, line) for line in lines), right=(2, 3, 4, 5))
    earlier = sum(line.is_earlier for line in lines)
    if earlier:
        voice.count("fleet.earlier", earlier)
    if is_dry:
        voice.count("run.would", sum(line.changes for line in lines if not line.is_earlier))
    if page is None:
        return
    voice.listed([("run.report", str(page)), ("fleet.shelf", str(page.with_name("fleet.duckdb")))])
    waiting = [line for line in lines if line.questions]
    if waiting:
        folder = page.parent / waiting[0].library_id
        voice.say(words.count("run.next.review", waiting[0].questions, command=f"sillon review --data {folder}"))


def _cells(voice: Voice, line: Line) -> tuple[object, ...]:
    words, score = voice.words, ""
    if line.score_before is not None and line.score_after is not None:
        score = f"{words.number(line.score_before, 1)} → {words.number(line.score_after, 1)}"
    return line.library_id, words.of("status", line.status), line.changes, line.questions, line.requests, score
