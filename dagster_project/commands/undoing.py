"""The verbs that look back: undo takes changes back, history shows every change ever made.

What an undo does stands in `publish/undo.py`. After it the marts are told, so that notebooks and the other verbs know.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.commands.choices import DEFAULT_DATA, Album, Config, Data, Field, Json, Quiet
from dagster_project.commands.voice import Voice, spoken
from dagster_project.data_folder import folder_words

if TYPE_CHECKING:
    from dagster_project.data_folder import DataFolder
    from dagster_project.publish.changes import Entry
    from dagster_project.publish.undo import Undone
    from ingest.clock import Clock

log = logging.getLogger("sillon")


def register(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.command(short_help="Take back what a run wrote.")(undo)
    app.command(short_help="Every change ever written or taken back.")(history)


def undo(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run to take back, or `last`.", show_default=False)],
    config: Config = None,
    data: Data = DEFAULT_DATA,
    album: Album = None,
    field: Field = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Only what this source said.", show_default=False)
    ] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Only what this rule decided.", show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be taken back, change nothing.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Take back what a run wrote, or what an earlier undo took back.

    What somebody changed since stays and is listed. What was taken back is not proposed again until `sillon decisions
    lift` allows it.

    \b
    Examples:
      sillon undo last --dry-run
      sillon undo 20260314-020000
      sillon undo 20260314-020000 --field genre --source discogs
      sillon undo last --album 12
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> None:
        from dagster_project.data_folder import DataFolder
        from dagster_project.publish.undo import undo as take_back
        from ingest.clock import SystemClock

        folder, clock = DataFolder(data.absolute()), SystemClock()
        _check_field(voice, field)
        done = take_back(
            _run_named(voice, run, folder.ledger), folder.ledger, _new_name(folder.ledger, clock), clock,
            album=album, field=field, source=source, rule=rule, dry_run=dry_run,
        )  # fmt: skip
        if not dry_run and done.undone:
            _tell_marts(voice, folder, clock)
        voice.data({"run_id": done.run_id, "dry_run": dry_run, "undone": _rows(done.undone), "left": _rows(done.left)})
        _say(voice, done, data, config)

    spoken(voice, start)


def history(
    config: Config = None,
    data: Data = DEFAULT_DATA,
    album: Album = None,
    field: Field = None,
    run: Annotated[str | None, typer.Option("--run", help="Only this run, or `last`.", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="The newest so many; 0 for all.")] = 200,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Every change ever written or taken back, oldest first.

    The same rows are the table sillon.applied_changes of marts.duckdb, for questions of your own.

    \b
    Examples:
      sillon history
      sillon history --album 12
      sillon history --run last --field genre --json
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> None:
        from dagster_project.data_folder import DataFolder
        from dagster_project.publish import ledger

        folder = DataFolder(data.absolute()).ledger
        _check_field(voice, field)
        wanted = _run_named(voice, run, folder) if run else None
        entries = [
            entry
            for entry in ledger.history(folder, album)
            if (wanted is None or entry.run_id == wanted)
            and (field is None or field in (ledger.field_of(entry), entry.column_name))
        ]
        entries = _in_order(entries)
        shown = entries[-limit:] if limit else entries
        voice.data(_rows(shown))
        if not entries:
            is_all = album is None and field is None and run is None
            voice.tell("history.none" if is_all else "history.no_such")
            return
        _table(voice, shown, data, heads=("run", "state"))
        if len(shown) < len(entries):
            voice.count("history.older", len(entries) - len(shown))

    spoken(voice, start)


def _in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Run by run as they were, and album by album within a run."""
    runs = {run_id: number for number, run_id in enumerate(dict.fromkeys(entry.run_id for entry in entries))}
    return sorted(entries, key=lambda entry: (runs[entry.run_id], entry.album_id or 0))


def _check_field(voice: Voice, field: str | None) -> None:
    from dagster_project.publish.decisions import FIELDS

    known = {*FIELDS.values(), *(column for _, column in FIELDS if column)}
    if field is not None and field not in known:
        fields = ", ".join(dict.fromkeys(FIELDS.values()))
        voice.refuse("unknown_value", option="--field", value=field, known=fields)


def _run_named(voice: Voice, run: str, folder: Path) -> str:
    """The run itself; for `last` the newest one of which something is left to take back."""
    from dagster_project.publish import ledger
    from ingest.errors import ApplyRefused

    if run != "last":
        return run
    book = ledger.Ledger(folder)
    runs = [entry.run_id for entry in book.entries() if entry.state == "applied" and not book.takes_back(entry)]
    if not runs:
        words = voice.words
        raise ApplyRefused(words("undo.nothing"), where=folder, remedy=words("undo.nothing.remedy"))
    return runs[-1]


def _new_name(folder: Path, clock: Clock) -> str:
    """A name for this undo, new in the ledger: the local time of the start."""
    name = f"undo-{clock.now().astimezone():%Y%m%d-%H%M%S}"
    candidates = (name, *(f"{name}{letter}" for letter in "bcdefghijklmnopq"))
    return next(candidate for candidate in candidates if not (folder / f"{candidate}.jsonl").exists())


def _tell_marts(voice: Voice, folder: DataFolder, clock: Clock) -> None:
    """Bring the ledger into the warehouse and the marts; the next run does it in any case."""
    import duckdb

    from dagster_project.publish import ledger, marts
    from dagster_project.publish.lock import RunLock
    from ingest import warehouse
    from ingest.errors import SillonError

    try:
        with RunLock(folder.root, clock, what="undo"):
            with closing(warehouse.connect(folder.warehouse)) as connection:
                ledger.load(connection, folder.ledger)
            marts.share(folder.warehouse, folder.marts)
    except (SillonError, duckdb.Error, OSError) as error:
        voice.warn(voice.words("undo.marts", error=voice.words.told(str(error))))


def _say(voice: Voice, done: Undone, data: Path, config: Path | None) -> None:
    if done.undone:
        _table(voice, done.undone, data, heads=("album", "field"))
    if done.left:
        voice.head(voice.words("undo.left"))
        _table(voice, done.left, data, heads=("reason",))
    if done.dry_run:
        voice.count("undo.would", len(done.undone))
        return
    voice.count("undo.done", len(done.undone), left=len(done.left))
    if done.undone:
        option = folder_words(data, config)
        voice.tell("undo.redo", command=f"sillon undo {done.run_id}{option}")
        voice.tell("undo.lift", command=f"sillon decisions lift --album ID --field FIELD{option}")


def _table(voice: Voice, entries: Sequence[Entry], data: Path, *, heads: tuple[str, ...]) -> None:
    from dagster_project.commands.changes import album_words, field_of, known_names, value_words

    known, artists = known_names(data)
    artists |= _added(data)

    words = voice.words

    def row(entry: Entry) -> dict[str, Any]:
        state = words.of("entry", entry.state)
        return {
            "run": entry.run_id,
            "when": f"{entry.applied_at:%Y-%m-%d %H:%M}" if entry.applied_at else "",
            "state": words("entry.undo", state=state) if entry.undoes else state,
            "album": album_words(entry.album_id, known.get(entry.album_id or 0)),
            "field": field_of(asdict(entry)),
            "change": value_words(asdict(entry), artists),
            "source": entry.source,
            "rule": entry.rule,
            "reason": words.told(entry.reason or ""),
        }

    columns = (*dict.fromkeys((*heads, "album", "field", "change", "source", "rule")),)
    voice.table(columns, ([row(entry)[name] for name in columns] for entry in entries))


def _added(data: Path) -> dict[int, str]:
    """The artists that Sillon added: the marts know a new one by name alone, the ledger by the id that it got."""
    from dagster_project.data_folder import DataFolder
    from dagster_project.publish import ledger

    return {
        int(str(entry.after["id"].raw)): str(entry.new_value)
        for entry in ledger.history(DataFolder(data.absolute()).ledger)
        if entry.table_name == "artists" and entry.action == "insert" and "id" in entry.after
    }


def _rows(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    from dagster_project.commands.changes import field_of

    return [{"field": field_of(asdict(entry)), **asdict(entry)} for entry in entries]
