"""The `sillon` command: it gathers the verbs of `commands/` and ends every mistake in one line.

Nothing is done here. Nothing heavier than typer is imported either, because `sillon --help` must answer at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Annotated

import typer

from dagster_project.commands import (
    backups,
    deciding,
    evaluating,
    explaining,
    fleet,
    planning,
    reviewing,
    running,
    service,
    setting_up,
    status,
    undoing,
)
from dagster_project.commands.choices import DEFAULT_DATA, Config, Data, Json, Quiet
from dagster_project.commands.voice import Voice, refuse_before_verb

app = typer.Typer(
    name="sillon",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the same in a pipe, and without the 0.2 s that drawing boxes costs
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def sillon(
    context: typer.Context,
    data: Data = DEFAULT_DATA,
    config: Config = None,
    as_json: Json = False,
    quiet: Quiet = False,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is, and end.")] = False,
) -> None:
    """Enriches a personal music library every night, and can take every change back.

    Without a verb: how it stands. Last night, score, queue, next run, closed sources.

    \b
    Examples:
      sillon                                 how it stands
      sillon run --sandbox --data data/demo  a whole night on the sample library
      sillon run --library ~/music.db        a night on your own, into a copy
      sillon undo last --dry-run             what taking the last run back would do
    """
    if version:
        from ingest.settings import program_version

        typer.echo(f"sillon {program_version()}")
        sys.exit(0)
    refuse_before_verb(context)
    if context.invoked_subcommand is None:
        status.show(data, config, as_json=as_json, quiet=quiet)


for subject in (
    running,
    fleet,
    service,
    setting_up,
    planning,
    reviewing,
    explaining,
    undoing,
    deciding,
    backups,
    evaluating,
):
    subject.register(app)


def main() -> None:
    """The entry point of the `sillon` command."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a terminal that knows no "→" shows "?"
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        ended = app(prog_name="sillon", standalone_mode=False)
    except typer.TyperException as error:
        sys.exit(_mistyped(error))
    except typer.Abort:
        typer.echo(Voice().words("interrupted.question"), err=True)
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read us has seen enough (`sillon history | head`); nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(ended if isinstance(ended, int) else 0)


def _mistyped(error: typer.TyperException) -> int:
    """One line for a word or an option that is not known, with where to look."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "sillon"
    words = Voice().words
    Voice().fail(words("see_help", what=words.told(error.format_message()).rstrip("."), path=path))
    return error.exit_code
