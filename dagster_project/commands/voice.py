"""How a verb speaks: plain lines, tables and JSON on standard output, what went wrong on standard error.

Every sentence is a key of `words_en.py` and `words_fr.py`; which language is spoken is known to `words.py`.

Text from a library is data: control characters, which could move the cursor or retitle a terminal, never come out.
Nothing is decided here, and nothing but this package writes to the terminal.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from ingest.errors import SillonError

if TYPE_CHECKING:
    from dagster_project.commands.words import Words

# Characters that reorder what stands around them: a title could show another title, or hide the end of a line.
_BIDI = "".join(map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_SPACES = dict.fromkeys(map(ord, "\t\n\r\v\f\x85\u2028\u2029"), " ")
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *map(ord, _BIDI)])
_PLAIN = str.maketrans({**_CONTROLS, **_SPACES})
_NARROWEST = 8  # columns that a cell keeps when a table must fit a terminal
_GAP = "  "


def plain(value: object) -> str:
    """A value on one line, without control characters; lone surrogates become U+FFFD."""
    text = "" if value is None else str(value)
    return text.translate(_PLAIN).encode("utf-8", "replace").decode("utf-8")


class Voice:
    """What one verb says. With `quiet` nothing but warnings; with `as_json` one JSON document and no other line."""

    def __init__(self, config: Path | None = None, *, quiet: bool = False, as_json: bool = False) -> None:
        self._config = config
        self.is_silent = quiet or as_json
        self.as_json = as_json

    @cached_property
    def words(self) -> Words:
        """The words in the language of the configuration; loaded when the first one is said."""
        from dagster_project.commands.words import speaking

        return speaking(self._config)

    def tell(self, key: str, *, indent: int = 0, **values: Any) -> None:
        """The sentence of a key on a line of its own."""
        self.say(" " * indent + self.words(key, **values))

    def count(self, key: str, number: int, **values: Any) -> None:
        """The sentence of a key for that many, on a line of its own."""
        self.say(self.words.count(key, number, **values))

    def listed(self, rows: Iterable[tuple[str, str]]) -> None:
        """Lines that begin with the words of a key, the rest of each below the rest of the others."""
        if self.is_silent:
            return
        named = [(self.words(key) + self.words.raw("colon").rstrip(), text) for key, text in rows]
        width = max((len(name) for name, _ in named), default=0)
        for name, text in named:
            self.say(f"{name:<{width}} {text}")

    def say(self, line: str = "") -> None:
        """One line that needs no words of ours (a path, a value), indented as it is given."""
        if not self.is_silent:
            indent = len(line) - len(line.lstrip(" "))
            typer.echo(" " * indent + plain(line.lstrip(" ")))

    def head(self, line: str) -> None:
        """A line above others; bold on a terminal that has colours."""
        if not self.is_silent:
            typer.echo(_bold(plain(line)))

    def table(
        self, heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = (), indent: int = 0
    ) -> None:
        """Rows under their heads (keys `head.…`); `right` are the columns of numbers.

        Cut to the terminal's width, never in a pipe.
        """
        if not self.is_silent:
            named, width = [self.words(f"head.{head}") for head in heads], _width()
            for line in laid_out(named, rows, right=right, width=None if width is None else width - indent):
                typer.echo(" " * indent + line)

    def data(self, value: object) -> None:
        """The answer as JSON, where JSON was asked for."""
        if self.as_json:
            typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_jsonable))

    def warn(self, line: str) -> None:
        """What another layer warns of, on standard error, whatever was asked for."""
        self._loud("warning", self.words.told(line))

    def fail(self, line: str) -> None:
        """What went wrong, on standard error, whatever was asked for; a line of another layer, or one of the tables."""
        self._loud("error", self.words.told(line))

    def refuse(self, key: str, **values: Any) -> NoReturn:
        """End with the exit status of bad input, and the sentence of a key that says why."""
        self.fail(self.words(key, **values))
        sys.exit(2)

    def question(self, text: str, *, nl: bool = False) -> None:
        """What is asked of the person, whatever was asked for."""
        typer.echo(plain(text) + " ", nl=nl)

    def _loud(self, key: str, line: str) -> None:
        typer.echo(f"{self.words(key)}{self.words.raw('colon')}{plain(line)}", err=True)


def laid_out(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = (), width: int | None = None
) -> list[str]:
    """A table as lines; at most `width` columns wide where that can be done."""
    from rich.cells import cell_len, set_cell_size

    listed = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(heads, *listed, strict=True)]
    while width is not None and sum(widths) + len(_GAP) * (len(widths) - 1) > width and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    rights = set(right)

    def line(cells: Sequence[str]) -> str:
        fitted = []
        for number, (cell, size) in enumerate(zip(cells, widths, strict=True)):
            if cell_len(cell) > size:
                cell = set_cell_size(cell, size - 1) + "…"
            space = " " * (size - cell_len(cell))
            fitted.append(space + cell if number in rights else cell + space)
        return _GAP.join(fitted).rstrip()

    return [_bold(line(list(heads))), *(line(cells) for cells in listed)]


def refuse_before_verb(context: typer.Context) -> None:
    """End where a verb follows, and options stand before it that only the verb could take: they would be dropped."""
    if context.invoked_subcommand is None:
        return
    given = {
        name for name in context.params if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    }
    if early := [parameter.opts[0] for parameter in context.command.params if parameter.name in given]:
        Voice().refuse(
            "before_verb", options=" ".join(early), verb=f"{context.command_path} {context.invoked_subcommand}"
        )


def spoken(voice: Voice, start: Callable[[], int | None]) -> NoReturn:
    """Run a verb and end: an error of Sillon's own is one line and its exit status, Ctrl-C is 130."""
    try:
        status = start() or 0
    except SillonError as error:
        voice.fail(voice.words.error(error))
        status = error.exit_status
    except KeyboardInterrupt:
        typer.echo(voice.words("interrupted"), err=True)
        status = 130
    sys.exit(status)


def _bold(text: str) -> str:
    is_plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if is_plain else typer.style(text, bold=True)


def _width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _jsonable(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
