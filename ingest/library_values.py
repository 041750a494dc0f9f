"""The values of a SQLite table as text, columns at a time, and the list of those that could not be read as written.

Which tables there are and how the file is opened stands in `sources/library.py`; what a fault means, in SQL.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

KEYS = {"album_artist": ("album_id", "artist_id")}
_NUMBERS = frozenset(
    {"id", "album_id", "artist_id", "track_id", "year", "film_year", "track_number", "duration_seconds", "timestamp"}
)
_BATCH_ROWS = 20_000  # 8 columns of 20,000 short texts are about 10 MB; larger batches are no faster
_OVERSIZED_BYTES = 1_000_000
_PLAIN_NAME = re.compile(r"[a-z_]+")


@dataclass
class Faults:
    """The list that becomes `library.unreadable_values`."""

    rows: list[dict[str, str]] = field(default_factory=list)

    def add(self, table: str, key: dict[str, Any], column: str, kind: str, detail: str) -> None:
        """Add one value; `key` are its row's key columns, `kind` one of the five that the raw table knows."""
        self.rows.append(
            {
                "table_name": table,
                "row_key": json.dumps(key, ensure_ascii=False, separators=(",", ":")),
                "column_name": column,
                "kind": kind,
                "detail": detail,
            }
        )


def quoted(identifier: str) -> str:
    """An identifier of ours, quoted; none of them comes from a library."""
    if not _PLAIN_NAME.fullmatch(identifier):
        raise ValueError(identifier)
    return f'"{identifier}"'


def list_wrong_types(library: sqlite3.Connection, table: str, columns: Sequence[str], faults: Faults) -> frozenset[str]:
    """List blobs, and numbers that are none; returns the columns that hold blobs."""
    names = {column: quoted(column) for column in columns}
    wrong = {
        column: f"(typeof({name}) = 'blob'"
        + (
            f" or (typeof({name}) in ('text', 'real') and cast(cast({name} as integer) as text) <> {name}))"
            if column in _NUMBERS
            else ")"
        )
        for column, name in names.items()
    }
    keys = KEYS.get(table, ("id",))
    shown = [f"substr(cast({name} as blob), 1, 80)" for name in names.values()]
    selected = ", ".join(
        [*(names[key] for key in keys), *wrong.values(), *map("typeof({})".format, names.values()), *shown]
    )
    query = f"select {selected} from {quoted(table)} where {' or '.join(wrong.values())}"  # noqa: S608  our own names
    blobs = set()
    with closing(library.cursor()) as cursor:
        cursor.connection.text_factory = bytes
        for row in cursor.execute(query):
            key = dict(zip(keys, map(_as_json, row), strict=False))
            is_wrong, kinds, values = (row[len(keys) + n * len(columns) :] for n in range(3))
            for column, bad, kind, value in zip(columns, is_wrong, kinds, values, strict=False):
                if not bad:
                    continue
                if kind == b"blob":
                    blobs.add(column)
                text = (value or b"").decode("utf-8", "replace")
                fault = "blob" if kind == b"blob" else "wrong_type"
                faults.add(table, key, column, fault, f"{kind.decode()} instead of {_wanted(column)}: {text}")
    return frozenset(blobs)


def _wanted(column: str) -> str:
    return "a whole number" if column in _NUMBERS else "text"


def _as_json(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def read_batches(
    library: sqlite3.Connection, table: str, columns: Sequence[str], blobs: frozenset[str], faults: Faults
) -> Iterator[pa.RecordBatch]:
    """The table as batches of text columns; blobs and invalid UTF-8 decoded with U+FFFD, and listed."""
    # A cast would read a blob in the database's own encoding, which may be UTF-16.
    parts = [
        f"case when typeof({name}) = 'blob' then {name} else cast({name} as text) end"
        if column in blobs
        else f"cast({name} as text)"
        for column, name in ((column, quoted(column)) for column in columns)
    ]
    keys = KEYS.get(table, ("id",))
    with closing(library.cursor()) as cursor:
        cursor.connection.text_factory = bytes
        cursor.execute(f"select {', '.join(parts)} from {quoted(table)}")  # noqa: S608  our own names
        while rows := cursor.fetchmany(_BATCH_ROWS):
            values = dict(zip(columns, zip(*rows, strict=True), strict=True))
            arrays = [
                _as_text(table, column, values[column], {key: values[key] for key in keys}, faults)
                for column in columns
            ]
            yield pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _as_text(
    table: str, column: str, values: Sequence[bytes | None], keys: dict[str, Sequence[bytes | None]], faults: Faults
) -> pa.Array:
    raw = pa.array(values, pa.binary())

    def fault(index: int, kind: str, detail: str) -> None:
        faults.add(table, {key: _as_number(found[index]) for key, found in keys.items()}, column, kind, detail)

    for index in _where(pc.greater(pc.binary_length(raw), _OVERSIZED_BYTES)):
        fault(index, "oversized", f"{len(values[index] or b'')} bytes")
    for index in _where(pc.greater_equal(pc.find_substring(raw, b"\x00"), 0)):
        fault(index, "embedded_nul", f"at byte {(values[index] or b'').index(bytes(1))}")
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        texts = [None if value is None else value.decode("utf-8", "replace") for value in values]
        for index, (value, text) in enumerate(zip(values, texts, strict=True)):
            if value is not None and text is not None and text.encode() != value:
                fault(index, "invalid_utf8", text[:80])
        return pa.array(texts, pa.string())


def _where(mask: pa.Array) -> list[int]:
    return list(pc.indices_nonzero(mask).to_pylist())


def _as_number(value: bytes | None) -> int | str | None:
    if value is None:
        return None
    text = value.decode("utf-8", "replace")
    return int(text) if re.fullmatch(r"-?\d+", text) else text
