"""The four questions of `sillon init`: each answer is checked as it is given, by whoever knows what is right.

Nothing is written here; `writing_config.py` does that when all four are answered.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from dagster_project.commands.voice import Voice

TRIES = 3  # at a terminal; in a pipe the first wrong answer ends it


def answers(
    voice: Voice, folder: Path, library: Path | None, contact: str | None, token: list[str] | None, timezone: str | None
) -> dict[str, dict[str, Any]]:
    """The answers as dotted keys by file; each was checked as it was given. Raises ConfigError or LibraryError."""
    from ingest.settings import machine_timezone
    from ingest.settings_files import read_file

    enrichment, scheduler = read_file(folder / "enrichment_config.json"), read_file(folder / "scheduler_config.json")
    known_library, known_contact = str(enrichment.get("library") or ""), str(enrichment.get("contact") or "")
    known_zone = str(scheduler.get("timezone") or "")
    machine = machine_timezone(os.environ)
    return {
        "enrichment_config.json": {
            "library": _asked(
                "1. The app's database (a SQLite file)",
                known_library,
                library,
                lambda text: _library(voice, text, folder),
            ),
            "contact": _asked(
                "2. A mail address or URL, so that the sources know who asks (without one they are not asked)",
                known_contact,
                contact,
                lambda text: _checked("enrichment_config.json", "contact", text, folder),
            ),
        },
        "secrets.json": _asked(
            "3. Keys, if you have any: discogs.token=… spotify.client_id=… spotify.client_secret=… listenbrainz.token=…",
            "",
            None if token is None else " ".join(token),
            lambda text: _tokens(voice, text, folder),
            is_hidden=True,
        ),
        "scheduler_config.json": {
            "timezone": _asked(
                "4. The time zone of the night",
                known_zone or machine,
                timezone,
                lambda text: _checked("scheduler_config.json", "timezone", text or machine, folder),
            ),
        },
    }


def _asked(question: str, known: str, given: object, check: Callable[[str], Any], *, is_hidden: bool = False) -> Any:
    """One answer, checked: an option as given, or the question's; at a terminal a wrong one is asked again."""
    from ingest.errors import SillonError

    if given is not None:
        return check(str(given))
    is_terminal = sys.stdin.isatty()
    for left in range(TRIES if is_terminal else 1, 0, -1):
        try:
            return check(_read(question, known, is_hidden=is_hidden and is_terminal))
        except SillonError as error:
            if left == 1:
                raise
            typer.echo(error.line, err=True)
    raise AssertionError("the last try returns or raises")


def _read(question: str, known: str, *, is_hidden: bool) -> str:
    """A line from the terminal or the pipe; the end of the input is an empty answer, which keeps what is known."""
    shown = f" [{known}]" if known else ""
    if is_hidden:
        return str(
            typer.prompt(f"{question} (not shown; Enter: none)", default="", show_default=False, hide_input=True)
        )
    typer.echo(f"{question}{shown}: ", nl=not sys.stdin.isatty())
    return sys.stdin.readline().strip() or known


def _library(voice: Voice, text: str, folder: Path) -> str:
    """The path, opened once and its albums counted; a relative one in the file counts from above the folder."""
    if not text:
        voice.say("   none; `sillon run --library PATH` takes one each time")
        return ""
    from ingest.sources import library as source

    path = Path(text).expanduser()
    if not path.is_absolute() and not path.exists():
        path = folder.absolute().parent / path
    rows = source.check(path.absolute()).rows
    voice.say(f"   {rows['albums']} albums, {rows['artists']} artists, {rows['listening_history']} scrobbles")
    return str(path.absolute())


def _checked(file: str, key: str, text: str, folder: Path) -> str:
    from ingest.settings_files import FILES, validated

    return str(getattr(validated(FILES[file], {key: text}, folder / file, {}), key))


def _tokens(voice: Voice, text: str, folder: Path) -> dict[str, str]:
    """NAME=VALUE words as dotted keys; a single word without a name is the Discogs token, which most people have."""
    from dagster_project.writing_config import SECRET_KEYS
    from ingest.errors import ConfigError
    from ingest.settings_files import nearest

    words = text.split()
    if len(words) == 1 and "=" not in words[0]:
        words = [f"discogs.token={words[0]}"]
    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if name not in SECRET_KEYS or not sign:
            shown = name if sign else "a word without a name"
            raise ConfigError(
                f"unknown key: {shown[:40]}",
                file=folder / "secrets.json",
                expected="NAME=VALUE",
                remedy=nearest(name, SECRET_KEYS) if sign else f"the names are {', '.join(SECRET_KEYS)}",
            )
        found[name] = value
    if bool(found.get("spotify.client_id")) != bool(found.get("spotify.client_secret")):
        voice.warn("Spotify wants both spotify.client_id and spotify.client_secret; with one alone it stays off")
    if found:
        voice.say(f"   taken: {', '.join(found)}")
    return found
