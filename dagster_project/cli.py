"""The `sillon` command: thin, every verb calls a job or one function of `publish/`.

Here live the words of the command line and how a result is said. Dagster, dbt and pandas-sized imports stay inside the verbs
that need them, because `sillon --help` must answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from dagster_project.options import JOBS, Options
from ingest.errors import SillonError

app = typer.Typer(
    name="sillon",
    help="Enriches a personal music library every night, and can take every change back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Library = Annotated[Path | None, typer.Option("--library", help="The app's SQLite database.", show_default=False)]
Config = Annotated[
    Path | None, typer.Option("--config", help="The folder of the configuration files.", show_default="config")
]
Data = Annotated[Path, typer.Option("--data", help="The folder for everything of Sillon's own.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", help="Where the enriched copy goes.", show_default="<data>/exports/<library name>"),
]
InPlace = Annotated[bool, typer.Option("--in-place", help="Write into the library itself, after a verified backup.")]
Sandbox = Annotated[bool, typer.Option("--sandbox", help="Ask a stand-in on this machine instead of the web.")]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, help="Ask for at most this many albums.", show_default=False)
]
Job = Annotated[str, typer.Option("--job", help=f"One of: {', '.join(JOBS)}.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")]


@app.command()
def run(
    library: Library = None,
    config: Config = None,
    data: Data = Path("data"),
    output: Output = None,
    in_place: InPlace = False,
    job: Job = "improvement_pipeline",
    limit: Limit = None,
    max_minutes: Annotated[
        float | None, typer.Option("--max-minutes", min=0, help="Asking ends then.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the changes, write none.")] = False,
    sandbox: Sandbox = False,
    quiet: Quiet = False,
) -> None:
    """The whole night, now: back up, audit, ask, believe, validate, write, report.

    Examples:

        sillon run --sandbox                        the sample library, no network

        sillon run --library ~/music.db             an enriched copy under data/exports/

        sillon run --library ~/music.db --in-place  the library itself
    """
    if job not in JOBS:
        _refuse(f"--job {job}: there is no such job; expected one of {', '.join(JOBS)}.")
    if output is not None and in_place:
        _refuse("--output and --in-place exclude each other; take one of them.")
    _run(
        Options(
            config=config, data=data, library=library, output=output, in_place=in_place, sandbox=sandbox,
            dry_run=dry_run, job=job, limit=limit, max_minutes=max_minutes,
        ),
        quiet=quiet,
    )  # fmt: skip


def _reading(job: str, summary: str) -> Callable[..., None]:
    def verb(
        library: Library = None,
        config: Config = None,
        data: Data = Path("data"),
        output: Output = None,
        in_place: InPlace = False,
        limit: Limit = None,
        sandbox: Sandbox = False,
        quiet: Quiet = False,
    ) -> None:
        _run(
            Options(
                config=config,
                data=data,
                library=library,
                output=output,
                in_place=in_place,
                sandbox=sandbox,
                job=job,
                limit=limit,
            ),
            quiet=quiet,
        )

    verb.__doc__ = summary
    return verb


app.command("audit")(
    _reading("audit_database", "List what is missing or broken in the library. Asks nobody, changes nothing.")
)
app.command("validate")(
    _reading(
        "validate_data", "Run the integrity checks; exit status 1 when one of severity error fails. Changes nothing."
    )
)
app.command("report")(
    _reading("generate_audit_report", "Write the report anew from what is known. Asks nobody, changes nothing.")
)


@app.command()
def serve(
    library: Library = None,
    config: Config = None,
    data: Data = Path("data"),
    output: Output = None,
    in_place: InPlace = False,
    sandbox: Sandbox = False,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 3000,
) -> None:
    """The Dagster UI with the schedule; ends cleanly on Ctrl-C."""
    options = Options(config=config, data=data, library=library, output=output, in_place=in_place, sandbox=sandbox)

    def start() -> int:
        from dagster_project import control_room
        from dagster_project.preparation import prepare

        place = prepare(options)
        hour, minute = place.settings.scheduler.hour_minute
        state = f"every night at {hour:02}:{minute:02} ({place.settings.scheduler.timezone})"
        typer.echo(
            f"http://{host}:{port} shows the night; {state if place.settings.scheduler.enabled else 'the schedule is off'}."
        )
        typer.echo("Ctrl-C ends it.")
        return control_room.serve(options, host=host, port=port)

    sys.exit(_said(start))


def _run(options: Options, *, quiet: bool) -> NoReturn:
    def start() -> int:
        from dagster_project import control_room, progress
        from dagster_project.preparation import prepare
        from dagster_project.summary import summary

        place = prepare(options)
        shown = progress.Silent() if quiet else progress.Bars() if sys.stdout.isatty() else progress.Lines()
        progress.use(shown)
        try:
            outcome = control_room.run_job(options)
        finally:
            shown.close()
        for line in outcome.warnings:
            typer.echo(f"Warning: {line}", err=True)
        for line in outcome.failures:
            typer.echo(f"Error: {line}", err=True)
        if not quiet:
            typer.echo(summary(outcome, place))
        return outcome.exit_status

    sys.exit(_said(start))


def _said(start: Callable[[], int]) -> int:
    """Run a verb; an error of Sillon's own is one line and its exit status, Ctrl-C is 130."""
    try:
        return start()
    except SillonError as error:
        typer.echo(f"Error: {error.line}", err=True)
        return error.exit_status
    except KeyboardInterrupt:
        typer.echo("Interrupted; what was committed so far is kept. Run it again to go on.", err=True)
        return 130


def _refuse(line: str) -> NoReturn:
    typer.echo(f"Error: {line}", err=True)
    sys.exit(2)


def main() -> None:
    """The entry point of the `sillon` command."""
    app()
