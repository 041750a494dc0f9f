"""The rows of `decisions.csv`: which columns and decisions there are, and how a file is read and checked before a night begins.

How the command changes such a file stands in `commands/decision_file.py`, where it lies in `data_folder.py`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ingest.errors import ConfigError

DECISION_COLUMNS = ("album_id", "artist", "field", "decision", "value", "decided_at")
DECISIONS = ("accept", "refuse", "keep_whole", "split", "lock")
# What may be accepted, and how its value looks; what is written into the library is checked before the night begins.
ACCEPTED = {
    "match": (r".+", "the release group's id"),
    "year": (r"(18|19|20)\d\d", "a year, such as 1971"),
    "genre": (
        r"(?i:jazz|rock|classical|blues|pop|electronic|world)",
        "jazz, rock, classical, blues, pop, electronic or world",
    ),
    "image": (r"https://[^\s<>\"]{1,990}", "the picture's https address"),
    "cover": (r"https://[^\s<>\"]{1,990}", "the picture's https address"),
}


def read_decisions(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of decisions.csv as `sillon.decisions` keeps them (origin 'file').

    Raises ConfigError, naming the line, for a column, decision or album_id that cannot be used.
    """
    with path.open(encoding="utf-8-sig", newline="") if path.is_file() else nullcontext(()) as file:
        rows = csv.DictReader(file)
        if rows.fieldnames and (missing := [name for name in DECISION_COLUMNS[:5] if name not in rows.fieldnames]):
            raise ConfigError(f"the column {missing[0]} is missing", file=path, expected=", ".join(DECISION_COLUMNS))
        for number, row in enumerate(rows, start=2):
            yield _decision(row, path, number)


def _decision(row: Mapping[str, str | None], path: Path, number: int) -> dict[str, Any]:
    cells = {name: _unquoted((row.get(name) or "").strip()) or None for name in DECISION_COLUMNS}
    if cells["decision"] not in DECISIONS:
        raise ConfigError(
            f"line {number}: unknown decision {cells['decision']!r}",
            file=path,
            key="decision",
            expected=", ".join(DECISIONS),
        )
    if cells["decision"] == "accept":
        _check_accepted(cells, path, number)
    album = cells["album_id"]
    if album is not None and not album.lstrip("-").isdigit():
        raise ConfigError(
            f"line {number}: {album!r} is no album id", file=path, key="album_id", expected="a whole number"
        )
    return {**cells, "album_id": int(album) if album else None, "origin": "file"}


def _check_accepted(cells: Mapping[str, str | None], path: Path, number: int) -> None:
    field, value = (cells["field"] or "").lower(), cells["value"] or ""
    if field not in ACCEPTED:
        raise ConfigError(
            f"line {number}: {field!r} cannot be accepted", file=path, key="field", expected=", ".join(ACCEPTED)
        )
    pattern, expected = ACCEPTED[field]
    if re.fullmatch(pattern, value) is None:
        raise ConfigError(f"line {number}: {value!r} is no {field}", file=path, key="value", expected=expected)


def _unquoted(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from taking a name such as "=1" for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell
