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

from dagster_project.commands.voice import Voice, plain

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
                voice,
                "init.library",
                known_library,
                library,
                lambda text: _library(voice, text, folder),
            ),
            "contact": _asked(
                voice,
                "init.contact",
                known_contact,
                contact,
                lambda text: _checked("enrichment_config.json", "contact", text, folder),
            ),
        },
        "secrets.json": _asked(
            voice,
            "init.keys",
            "",
            None if token is None else " ".join(token),
            lambda text: _tokens(voice, text, folder),
            is_hidden=True,
        ),
        "scheduler_config.json": {
            "timezone": _asked(
                voice,
                "init.timezone",
                known_zone or machine,
                timezone,
                lambda text: _checked("scheduler_config.json", "timezone", text or machine, folder),
            ),
        },
    }


def _asked(
    voice: Voice, key: str, known: str, given: object, check: Callable[[str], Any], *, is_hidden: bool = False
) -> Any:
    """One answer, checked: an option as given, or the question's; at a terminal a wrong one is asked again."""
    from ingest.errors import SillonError

    if given is not None:
        return check(str(given))
    is_terminal = sys.stdin.isatty()
    for left in range(TRIES if is_terminal else 1, 0, -1):
        try:
            return check(_read(voice, key, known, is_hidden=is_hidden and is_terminal))
        except SillonError as error:
            if left == 1:
                raise
            typer.echo(plain(voice.words.error(error)), err=True)
    raise AssertionError("the last try returns or raises")


def _read(voice: Voice, key: str, known: str, *, is_hidden: bool) -> str:
    """A line from the terminal or the pipe; the end of the input is an empty answer, which keeps what is known."""
    question, shown = voice.words(key), f" [{known}]" if known else ""
    if is_hidden:
        question = voice.words("init.hidden", question=question)
        return str(typer.prompt(question, default="", show_default=False, hide_input=True))
    voice.question(f"{question}{shown}{voice.words.raw('colon').rstrip()}", nl=not sys.stdin.isatty())
    return sys.stdin.readline().strip() or known


def _library(voice: Voice, text: str, folder: Path) -> str:
    """The path, opened once and its albums counted; a relative one in the file counts from above the folder."""
    if not text:
        voice.tell("init.no_library", indent=3)
        return ""
    from ingest.sources import library as source

    path = Path(text).expanduser()
    if not path.is_absolute() and not path.exists():
        path = folder.absolute().parent / path
    rows = source.check(path.absolute()).rows
    counts = {"albums": rows["albums"], "artists": rows["artists"], "scrobbles": rows["listening_history"]}
    voice.tell("init.counted", indent=3, **counts)
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
            shown = name[:40] if sign else voice.words("init.no_name")
            raise ConfigError(
                voice.words("init.unknown_key", name=shown),
                file=folder / "secrets.json",
                expected="NAME=VALUE",
                remedy=nearest(name, SECRET_KEYS) if sign else voice.words("init.names", names=", ".join(SECRET_KEYS)),
            )
        found[name] = value
    if bool(found.get("spotify.client_id")) != bool(found.get("spotify.client_secret")):
        voice.warn(voice.words("init.half"))
    if found:
        voice.tell("init.taken", indent=3, names=", ".join(found))
    return found
