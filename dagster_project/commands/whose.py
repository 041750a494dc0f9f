"""Whose a data folder is, as its stamp says, so that verbs need not be told the library again.

Only reading; the stamp is written by a run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.commands.choices import DEFAULT_DATA
from dagster_project.data_folder import config_to_decide, folder_words

if TYPE_CHECKING:
    from dagster_project.options import Options
    from ingest.settings import Settings

SAMPLE = "sample_library.db"  # what a run without a library makes for itself in the sandbox


@dataclass(frozen=True)
class Stamp:
    """The library that a data folder belongs to, and whether the sandbox answered for it."""

    library: Path
    is_sandbox: bool


def stamp(data: Path) -> Stamp | None:
    """The stamp of a data folder; None where no run has been."""
    from dagster_project.data_folder import DataFolder

    path = DataFolder(data.absolute()).stamp
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(Path(found["library"]), found["kind"] == "sandbox")
    except (OSError, ValueError, KeyError, TypeError):
        return None


def options(data: Path, config: Path | None, library: Path | None = None, *, sandbox: bool = False) -> Options:
    """The options of a run on the same library and of the same kind as the last one, unless told otherwise."""
    from dagster_project.options import Options

    known = stamp(data)
    if known is not None and library is None and (known.is_sandbox or not sandbox):
        is_sample = known.is_sandbox and known.library == data.resolve() / SAMPLE
        library, sandbox = (None if is_sample else known.library), known.is_sandbox
    return Options(config=config, data=data, library=library, sandbox=sandbox)


def again(data: Path, settings: Settings, config: Path | None = None) -> str:
    """What `sillon run` and `sillon serve` must be told to work in this folder, each word after a space.

    Verbs that read need only the folder; these two read no stamp, so that no run is one of the sandbox unasked. Where nobody
    named a library yet, a path stands for it.
    """
    import shlex

    from dagster_project.fleet_folder import FleetFolder

    known, words, configured = stamp(data), folder_words(data), settings.enrichment.library
    if known is None:
        fleet = FleetFolder(data.absolute())
        words = " --library ~/music.db" * (configured is None and not fleet.is_one) + words
        words += " --sandbox" * (fleet.is_one and fleet.kind == "sandbox")
    else:
        words += " --sandbox" * known.is_sandbox
        is_sample = known.is_sandbox and known.library == data.resolve() / SAMPLE
        if (configured and configured.expanduser().resolve()) != (None if is_sample else known.library):
            words = f" --library {shlex.quote(str(known.library))}{words}"
    return words if config is None else f"{words} --config {shlex.quote(str(config))}"


def to_decide(data: Path, config: Path | None) -> str:
    """What `sillon review` must be told to decide about the library of this folder, each word after a space."""
    known = stamp(data)
    return folder_words(data, config_to_decide("sandbox" if known and known.is_sandbox else None, data, config))


def for_a_library() -> Path:
    """The data folder for a library of one's own: the default, unless somebody tried the sandbox there."""
    known = stamp(DEFAULT_DATA)
    return DEFAULT_DATA / "own" if known is not None and known.is_sandbox else DEFAULT_DATA


def settings(config: Path | None) -> Settings:
    """The configuration, as every verb reads it. Raises ConfigError."""
    from dagster_project.preparation import DEFAULT_CONFIG
    from ingest.settings import load_settings

    return load_settings(config or DEFAULT_CONFIG, must_exist=config is not None)
