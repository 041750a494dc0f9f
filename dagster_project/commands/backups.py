"""The verbs of backups: take one now, list them, verify one, put one back.

How a backup is made and what makes it count stands in `publish/backup.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.commands.choices import DEFAULT_DATA, Config, Data, Json, Library, Quiet
from dagster_project.commands.voice import Voice, refuse_before_verb, spoken
from dagster_project.data_folder import folder_words

if TYPE_CHECKING:
    from dagster_project.publish.manifests import Manifest

Name = Annotated[str, typer.Argument(metavar="NAME", help="The backup, as `sillon backup list` names it.")]


def register(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    group = typer.Typer(rich_markup_mode=None)
    group.callback(invoke_without_command=True)(backup)
    group.command("list")(listed)
    group.command()(verify)
    group.command()(restore)
    app.add_typer(group, name="backup", short_help="Take, list, verify and restore backups.")


def backup(
    context: typer.Context,
    library: Library = None,
    config: Config = None,
    data: Data = DEFAULT_DATA,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Take a backup now: copied online, checked, and restored once before it counts.

    The library is the one that the data folder belongs to, unless --library names it.

    \b
    Examples:
      sillon backup
      sillon backup list
      sillon backup verify music.db.backup-20260314_020000
      sillon backup restore music.db.backup-20260314_020000
    """
    refuse_before_verb(context)
    if context.invoked_subcommand is not None:
        return
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> None:
        from dagster_project.commands import whose
        from dagster_project.preparation import prepare
        from dagster_project.publish import backup as backups
        from dagster_project.publish.lock import RunLock
        from ingest.clock import SystemClock

        place, clock = prepare(whose.options(data, config, library)), SystemClock()
        folder, retention = place.folder, place.settings.enrichment.retention
        with RunLock(folder.root, clock, what="backup"):
            taken = backups.take(place.library, folder.backups, clock)
            backups.prune(
                folder.backups,
                clock,
                keep=retention.backups,
                compress_days=retention.compress_backups_after_days,
                taken=taken,
            )
        voice.data({"name": taken.manifest.name, "path": taken.path, "bytes": taken.manifest.bytes, "rows": taken.rows})
        voice.say(f"{taken.path}")
        voice.tell("backup.taken", rows=sum(taken.rows.values()), tables=len(taken.rows))
        voice.tell("backup.restore", command=f"sillon backup restore {taken.manifest.name}{folder_words(data, config)}")

    spoken(voice, start)


def listed(config: Config = None, data: Data = DEFAULT_DATA, quiet: Quiet = False, as_json: Json = False) -> None:
    """The backups that Sillon made, newest first.

    \b
    Examples:
      sillon backup list
      sillon backup list --json
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> None:
        from dataclasses import asdict

        from dagster_project.data_folder import DataFolder
        from dagster_project.publish import backup as backups

        found = backups.listing(DataFolder(data.absolute()).backups)
        voice.data([{**asdict(one.manifest), "path": str(one.path)} for one in found])
        if not found:
            voice.tell("backup.none", data=data, command=f"sillon backup --library PATH{folder_words(data, config)}")
            return
        voice.table(
            ("name", "taken", "megabytes", "rows", "state"),
            (
                (
                    one.manifest.name,
                    f"{one.taken_at.astimezone():%Y-%m-%d %H:%M}",
                    voice.words.number(one.manifest.bytes / 1e6, 1),
                    sum(one.rows.values()),
                    _state(voice, one.manifest),
                )
                for one in found
            ),
            right=(2, 3),
        )

    spoken(voice, start)


def verify(
    name: Name, config: Config = None, data: Data = DEFAULT_DATA, quiet: Quiet = False, as_json: Json = False
) -> None:
    """Open a backup again as a restore would; exit status 1 when it is damaged.

    \b
    Examples:
      sillon backup verify music.db.backup-20260314_020000
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> int:
        from dagster_project.data_folder import DataFolder
        from dagster_project.publish import backup as backups
        from dagster_project.publish.lock import RunLock
        from ingest.clock import SystemClock

        folder, clock = DataFolder(data.absolute()), SystemClock()
        with RunLock(folder.root, clock, what="backup verify"):
            problem = backups.verify(folder.backups, name, clock)
        voice.data({"name": name, "problem": problem})
        if problem:
            voice.fail(voice.words("backup.is_damaged", name=name, problem=voice.words.told(problem)))
            return 1
        voice.tell("backup.sound", name=name)
        return 0

    spoken(voice, start)


def restore(
    name: Name,
    library: Library = None,
    config: Config = None,
    data: Data = DEFAULT_DATA,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Put a backup in the place of the library, at once; what it replaces is kept beside it.

    Refused while a run is active or another program holds the library.

    \b
    Examples:
      sillon backup restore music.db.backup-20260314_020000
      sillon backup restore music.db.backup-20260314_020000 --library ~/elsewhere.db
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> None:
        from dagster_project.data_folder import DataFolder
        from dagster_project.publish import backup as backups
        from ingest.clock import SystemClock

        folder = DataFolder(data.absolute())
        target = _target(folder.backups, name, library)
        kept = backups.restore(folder.backups, name, target, SystemClock())
        voice.data({"restored": str(target), "kept": None if kept is None else str(kept)})
        voice.tell("backup.restored", target=target, name=name)
        if kept is not None:
            voice.tell("backup.replaced", kept=kept)

    spoken(voice, start)


def _state(voice: Voice, manifest: Manifest) -> str:
    if manifest.verified:
        state = voice.words("backup.verified")
    else:
        state = voice.words("backup.damaged", problem=voice.words.told(str(manifest.integrity)))
    return f"{state}, {voice.words('backup.compressed')}" if manifest.compressed else state


def _target(folder: Path, name: str, library: Path | None) -> Path:
    """The file to replace: the one that the backup was taken of, unless another is named."""
    from dagster_project.publish import backup as backups

    found = backups.find(folder, name)
    return library.expanduser().absolute() if library is not None else Path(found.manifest.library)
