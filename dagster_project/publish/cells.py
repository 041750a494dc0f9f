"""One value of an SQLite database, exactly: its storage class and its bytes, however odd.

Here live reading, comparing, binding and spelling such a value as JSON. Which values are read stands elsewhere.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

Raw = int | float | str | bytes | None
ENCODINGS = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value: `kind` is what SQLite's typeof() says, or `text/hex` for text that is no valid text (`raw` is bytes)."""

    kind: str
    raw: Raw

    @property
    def text(self) -> str | None:
        """The value as the ledger spells it; null stays None, bytes become hexadecimal digits."""
        if self.raw is None:
            return None
        if isinstance(self.raw, bytes):
            return self.raw.hex()
        return repr(self.raw) if isinstance(self.raw, float) else str(self.raw)

    @property
    def is_blank(self) -> bool:
        """Empty to a person's eye: null, or text of nothing but white space."""
        return self.kind == "null" or (isinstance(self.raw, str) and not self.raw.strip())

    @property
    def placeholder(self) -> str:
        """The SQL that binds this value: text that is no valid text goes in as bytes."""
        return "cast(? as text)" if self.kind == "text/hex" else "?"

    @classmethod
    def of(cls, value: Raw) -> Cell:
        """A value of Python as SQLite would store it."""
        if value is None:
            return NULL
        if isinstance(value, bool | int):
            return cls("integer", int(value))
        if isinstance(value, float):
            return cls("real", value)
        return cls("text", value) if isinstance(value, str) else cls("blob", value)

    @classmethod
    def from_text(cls, text: str | None, kind: str | None) -> Cell:
        """The value that `text` and `kind` spell in the ledger."""
        if text is None or kind == "null":
            return NULL
        if kind == "integer":
            return cls("integer", int(text))
        if kind == "real":
            return cls("real", float(text))
        return cls("text", text) if kind == "text" else cls(str(kind), bytes.fromhex(text))


NULL = Cell("null", None)
_KINDS = {int: "integer", float: "real", str: "text", bytes: "blob"}
compact_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once: that is half of its cost


def reading(column: str) -> str:
    """The SQL that reads a column so that no byte is lost: its type, then text as bytes and all else as it is."""
    name = quoted(column)
    return f"typeof({name}), case typeof({name}) when 'text' then cast({name} as blob) else {name} end"


def decode(kind: str, value: Raw, encoding: str) -> Cell:
    """The cell of what `reading` returned, in a database of that encoding (a name of `ENCODINGS`)."""
    if kind != "text" or not isinstance(value, bytes):
        return Cell(kind, value)
    try:
        text = value.decode(ENCODINGS[encoding])
    except UnicodeDecodeError:
        return Cell("text/hex", value)
    return Cell("text", text)


def plain(value: Raw) -> Cell:
    """The cell of a value that the driver handed over as it is: its text was valid."""
    return NULL if value is None else Cell(_KINDS[type(value)], value)


def quoted(name: str) -> str:
    """A name of a table or column as SQL writes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def to_json(row: Mapping[str, Cell]) -> str:
    """A row as a JSON object. What JSON cannot say plainly becomes `{"$kind": digits}`."""
    return compact_json({name: _spelled(cell) for name, cell in row.items()})


def from_json(text: str) -> dict[str, Cell]:
    """The row that `to_json` spelled."""
    return {name: _read(value) for name, value in json.loads(text).items()}


def _spelled(cell: Cell) -> object:
    if isinstance(cell.raw, bytes) or (isinstance(cell.raw, float) and not math.isfinite(cell.raw)):
        return {f"${cell.kind}": cell.text}
    return cell.raw


def _read(value: object) -> Cell:
    if isinstance(value, dict):
        ((name, text),) = value.items()
        return Cell.from_text(text, name[1:])
    return Cell.of(value)  # type: ignore[arg-type]
