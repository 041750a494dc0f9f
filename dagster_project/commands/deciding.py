"""The verbs of decisions: what the person decided, by file, by undo or by editing, and how to take that back.

The file is `config/decisions.csv` (`decision_file.py`); undone and edited values are kept with the ledger.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dagster_project.commands.choices import DEFAULT_DATA, Album, Config, Data, Json, Quiet
from dagster_project.commands.voice import Voice, spoken

Artist = Annotated[
    str | None, typer.Option("--artist", help="The artist's name, as it was decided.", show_default=False)
]
DecidedField = Annotated[
    str | None,
    typer.Option(
        "--field", help="The field: match, year, genre, description, image, artists or *.", show_default=False
    ),
]
COLUMNS = ("album_id", "artist", "field", "decision", "value", "decided_at", "origin")


def register(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.callback()(decisions)
    group.command("list")(listed)
    group.command()(lift)
    app.add_typer(group, name="decisions", short_help="What you decided, and how to lift it.")


def decisions() -> None:
    """What you decided, and how to lift a decision.

    \b
    Examples:
      sillon decisions list
      sillon decisions lift --album 12 --field genre
      sillon decisions lift --artist "Earth, Wind & Fire"
    """


def listed(config: Config = None, data: Data = DEFAULT_DATA, quiet: Quiet = False, as_json: Json = False) -> None:
    """Every decision that holds: from decisions.csv (file), from undoing (undo), from editing the library (edited).

    \b
    Examples:
      sillon decisions list
      sillon decisions list --json
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> None:
        from dagster_project.commands.decision_file import path_in
        from dagster_project.data_folder import DataFolder
        from dagster_project.decision_rows import read_decisions
        from dagster_project.publish import ledger

        rows = [*read_decisions(path_in(config, data)), *ledger.decisions(DataFolder(data.absolute()).ledger)]
        voice.data(rows)
        if not rows:
            voice.tell("decisions.none")
            return
        voice.table(COLUMNS, ([row.get(name) for name in COLUMNS] for row in rows))

    spoken(voice, start)


def lift(
    album: Album = None,
    field: DecidedField = None,
    artist: Artist = None,
    config: Config = None,
    data: Data = DEFAULT_DATA,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Let something be proposed again: forget what was decided about a field of an album, or about an artist.

    \b
    Examples:
      sillon decisions lift --album 12 --field genre
      sillon decisions lift --album 12 --field match
      sillon decisions lift --artist "Earth, Wind & Fire"
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)
    if (album is None or field is None) == (artist is None):
        voice.refuse("decisions.what")

    def start() -> int:
        from dagster_project.commands import whose
        from dagster_project.commands.decision_file import path_in, without
        from dagster_project.data_folder import DataFolder
        from dagster_project.publish import ledger
        from dagster_project.publish.lock import RunLock
        from ingest.clock import SystemClock

        folder, clock = DataFolder(data.absolute()), SystemClock()

        def is_meant(row: dict[str, Any]) -> bool:
            if artist is not None:
                return str(row["artist"] or "").casefold() == artist.strip().casefold()
            return (row["album_id"], row["field"]) == (album, field)

        known = whose.stamp(data)
        with RunLock(folder.root, clock, what="decisions lift"):
            # The file without --config is that of one's own library, whose albums have other ids than the sandbox's.
            is_elsewhere = config is None and known is not None and known.is_sandbox
            removed = 0 if is_elsewhere else without(path_in(config, data), is_meant)
            kept = album is not None and field is not None and ledger.lift(folder.ledger, album, field, clock)
        voice.data({"lifted": bool(removed or kept), "lines_removed": removed})
        if not (removed or kept):
            voice.fail(voice.words("decisions.unknown"))
            return 1
        voice.tell("decisions.lifted")
        return 0

    spoken(voice, start)
