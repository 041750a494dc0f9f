"""The verbs that start a job: run, audit, validate, report.

Dagster and dbt are imported when a job starts, not before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from dagster_project.commands.choices import (
    DEFAULT_DATA,
    ENGINES,
    JOB_NAMES,
    Config,
    Data,
    Engine,
    FromDump,
    InPlace,
    Job,
    Json,
    Library,
    Limit,
    MaxMinutes,
    Output,
    Quiet,
    Sandbox,
)
from dagster_project.commands.voice import Voice, spoken

if TYPE_CHECKING:
    from dagster_project.options import Options
    from dagster_project.outcome import Outcome


def register(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.command(short_help="The whole night, now.")(run)
    for name, job, short, words in READING:
        app.command(name, short_help=short)(_reading(job, words))


def run(
    library: Library = None,
    config: Config = None,
    data: Data = DEFAULT_DATA,
    output: Output = None,
    in_place: InPlace = False,
    job: Job = "improvement_pipeline",
    limit: Limit = None,
    max_minutes: MaxMinutes = None,
    from_dump: FromDump = None,
    engine: Engine = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the changes as a table, write none.")] = False,
    sandbox: Sandbox = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """The whole night, now: back up, audit, ask, believe, validate, write, report.

    \b
    Examples:
      sillon run --sandbox --data data/demo       the sample library, no network
      sillon run --library ~/music.db             an enriched copy under data/exports/
      sillon run --library ~/music.db --dry-run   what would change, as a table
      sillon run --library ~/music.db --in-place  the library itself
      sillon run --from-dump ~/mbdump             without asking MusicBrainz for what its data dump holds
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)
    if job not in JOB_NAMES:
        voice.refuse("unknown_value", option="--job", value=job, known=", ".join(JOB_NAMES))
    if engine is not None and engine not in ENGINES:
        voice.refuse("unknown_value", option="--engine", value=engine, known=", ".join(ENGINES))
    if output is not None and in_place:
        voice.refuse("exclude", one="--output", other="--in-place")
    _start(
        voice,
        config=config, data=data, library=library, output=output, in_place=in_place, sandbox=sandbox,
        dry_run=dry_run, job=job, limit=limit, max_minutes=max_minutes, from_dump=from_dump,
        engine=engine,
    )  # fmt: skip


READING = (
    (
        "audit",
        "audit_database",
        "List what is missing or broken.",
        """List what is missing or broken in the library. Asks nobody, changes nothing.

        \b
        Examples:
          sillon audit --library ~/music.db
          sillon audit --library ~/music.db --json
        """,
    ),
    (
        "validate",
        "validate_data",
        "Run the integrity checks.",
        """Run the integrity checks; exit status 1 when one of severity error fails. Changes nothing.

        \b
        Examples:
          sillon validate --library ~/music.db
          sillon validate --quiet || mail -s "music.db" me
        """,
    ),
    (
        "report",
        "generate_audit_report",
        "Write the report anew.",
        """Write the report anew from what is known. Asks nobody, changes nothing.

        \b
        Examples:
          sillon report
          sillon report --library ~/music.db --data /srv/sillon
        """,
    ),
)


def _reading(job: str, words: str) -> Callable[..., None]:
    def verb(
        library: Library = None,
        config: Config = None,
        data: Data = DEFAULT_DATA,
        sandbox: Sandbox = False,
        quiet: Quiet = False,
        as_json: Json = False,
    ) -> None:
        voice = Voice(config, quiet=quiet, as_json=as_json)
        _start(voice, config=config, data=data, library=library, sandbox=sandbox, job=job)

    verb.__doc__ = words
    return verb


def _start(voice: Voice, **chosen: Any) -> NoReturn:
    def start() -> int:
        from dagster_project import control_room, progress
        from dagster_project.options import Options
        from dagster_project.preparation import prepare
        from dagster_project.summary import summary

        options = Options(**chosen)
        place = prepare(options)
        shown: progress.Progress = progress.Lines(voice.words)
        if voice.is_silent:
            shown = progress.Silent()
        elif sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
            shown = progress.Bars(voice.words)
        progress.use(shown)
        try:
            outcome = control_room.run_job(options, farewell=voice.words("interrupted"))
        finally:
            shown.close()
        for line in outcome.warnings:
            voice.warn(line)
        for line in outcome.failures:
            voice.fail(line)
        if options.dry_run and outcome.is_believed:
            _say_changes(voice, options)
        for line in summary(outcome, place, voice.words):
            voice.say(line)
        _answer(voice, options, outcome)
        return outcome.exit_status

    spoken(voice, start)


def _say_changes(voice: Voice, options: Options) -> None:
    from dagster_project.commands.changes import HEADS, proposed, told

    rows = proposed(options.data)
    voice.table(HEADS, (told(row) for row in rows), right=(5,))
    voice.say()


def _answer(voice: Voice, options: Options, outcome: Outcome) -> None:
    """The run as JSON: the report's own facts, and for a dry run the changes that would be made."""
    if not voice.as_json:
        return
    import json

    from dagster_project.commands.changes import proposed

    facts: dict[str, Any] = {"run_id": outcome.run_id, "status": outcome.status}
    if outcome.page is not None:
        facts = json.loads(outcome.page.with_name("report.json").read_text(encoding="utf-8"))
    if options.dry_run and outcome.is_believed:
        facts["would_change"] = proposed(options.data)
    voice.data(facts)
