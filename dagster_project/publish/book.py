"""The ledger: every change ever written or taken back, as lines of JSON in `<data>/ledger/<run_id>.jsonl`.

Here lives the book that keeps them. The files are the truth; `sillon.applied_changes` is made from them at every start.
What an entry means for the library is decided by `apply.py`, `undo.py` and `settle.py`; `ledger.py` is the front door.

A batch is one transaction of one target. Its lines:

    {"batch": B, "seq": n, "run_id": …, "target": …, "target_path": …, "fingerprint": …, "withdraws": [entry_id, …]}
    {"entry": {…}, "of": B, "seq": n}                             one entry of it
    {"settled": B, "seq": n, "state": "applied" | "rolled_back"}  what became of it

`seq` orders the lines of all files; what the last settled batch says about an entry holds. A batch that was not settled
is pending until `settle.py` has looked at the target. The file is long because what is written and how it is read again make
one format.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from dagster_project.publish.cells import Cell, to_json
from dagster_project.publish.changes import ENTRY_COLUMNS, SAID_OFTEN, Batch, Entry, canonical, once
from dagster_project.publish.durable import one_line, sync_folder
from dagster_project.publish.target import Target
from ingest.errors import ApplyRefused

DECISIONS = "decisions.jsonl"  # lies in the same folder and is read by decisions.py

LINES_AT_ONCE = 1_000  # about a megabyte
_line = json.JSONEncoder(ensure_ascii=False).encode
_moment = lru_cache(maxsize=4096)(datetime.fromisoformat)


class Ledger:
    """The book in a folder. One writer at a time: the run lock sees to that."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pending: dict[str, Batch] = {}
        self._entries_of: dict[str, list[Entry]] = defaultdict(list)
        self._written: dict[str, Entry] = {}
        self._withdrawn: set[str] = set()
        self._seq = 0
        self._numbers: Counter[str] = Counter()
        for line in sorted(_lines(folder), key=lambda found: found["seq"]):
            self._take(line)

    @classmethod
    def of(cls, book: Path | Ledger) -> Ledger:
        """The book itself, or the one in that folder: reading a hundred thousand entries takes two seconds, so once is better."""
        return book if isinstance(book, Ledger) else cls(book)

    def entries(self) -> list[Entry]:
        """Every entry, oldest first, each with the state that holds now."""
        known = {
            **{entry.entry_id: entry for batch in self._pending.values() for entry in batch.entries},
            **self._written,
        }
        undone = self._undone()
        return [self._as_of_now(entry, undone) for entry in known.values()]

    def _as_of_now(self, entry: Entry, undone: set[str | None]) -> Entry:
        if entry.state == "applied" and entry.entry_id in undone:
            return replace(entry, state="undone")
        if entry.state == "applied" and entry.entry_id in self._withdrawn:
            return replace(entry, state="rolled_back", reason="no longer part of the copy")
        return entry

    def applied(self, target: Target) -> list[Entry]:
        """What holds in a target: for the library itself every entry in place, wherever the file lay then."""
        return [
            entry
            for entry in self.entries()
            if entry.state == "applied"
            and entry.target == target.kind
            and (target.kind == "in_place" or entry.target_path == target.name)
        ]

    def written_to(self, copy: Target) -> list[Entry]:
        """Every change that a copy has ever held and that nobody took back, with those that it holds no more."""
        undone = self._undone()
        return [
            entry
            for entry in self._written.values()
            if entry.state == "applied"
            and (entry.target, entry.target_path) == (copy.kind, copy.name)
            and not self.takes_back(entry)
            and entry.entry_id not in undone
        ]

    def takes_back(self, entry: Entry) -> bool:
        """Whether an entry is an undo. An undo of an undo writes again, and so on."""
        steps, cause = 0, entry.undoes
        while cause:
            steps, cause = steps + 1, self._written[cause].undoes if cause in self._written else None
        return steps % 2 == 1

    def _undone(self) -> set[str | None]:
        return {entry.undoes for entry in self._written.values() if entry.undoes and entry.state == "applied"}

    def owned(self) -> dict[tuple[str, str, str], tuple[Cell, Cell | None]]:
        """What Sillon wrote last into the library itself: (table, key as JSON, column) to the value and its row's `created_at`.

        A value in the library is ours if it is this one, in a row of that birth: SQLite gives the id of a deleted row to
        the next one. Anything else was typed by a person.
        """
        held: dict[tuple[str, str, str], tuple[Cell, Cell | None]] = {}
        for entry in self.entries():
            if entry.state != "applied" or entry.target != "in_place":
                continue
            if entry.action == "update" and entry.column_name:
                birth = entry.after.get("created_at")
                held[entry.table_name, canonical(entry.row_key), entry.column_name] = (entry.new, birth)
            elif entry.action == "insert" and "id" in (row := entry.after):
                key, birth = to_json({"id": row["id"]}), row.get("created_at")
                held |= {(entry.table_name, key, column): (cell, birth) for column, cell in row.items()}
        return held

    def pending(self) -> list[Batch]:
        """Batches of which nobody knows what became of them: the run ended between writing and settling."""
        return [replace(batch, entries=tuple(self._entries_of[name])) for name, batch in self._pending.items()]

    def new_id(self, run_id: str) -> str:
        """The next entry id of a run."""
        self._numbers[run_id] += 1
        return f"{run_id}-{self._numbers[run_id]:06d}"

    def book(
        self,
        run_id: str,
        target: Target,
        entries: Sequence[Entry],
        *,
        fingerprint: str | None = None,
        withdraws: Sequence[str] = (),
    ) -> Batch:
        """Write a batch, durably, before its transaction commits.

        Raises DiskFull or ApplyRefused; the file is then as before.
        """
        batch = Batch(
            f"{run_id}/{self._seq + 1}", run_id, target.kind, target.name, fingerprint, tuple(withdraws), tuple(entries)
        )
        opening = {name: value for name, value in asdict(replace(batch, entries=())).items() if name != "entries"}
        # Line by line to the disk, and the entries themselves into the book: a first night may make a million changes.
        lines = ({"entry": _plain(entry), "of": batch.batch_id} for entry in entries)
        self._write(run_id, chain([{"batch": opening.pop("batch_id"), **opening}], lines))
        self._pending[batch.batch_id] = replace(batch, entries=())
        self._entries_of[batch.batch_id] = list(entries)
        for entry in entries:
            self._count(entry.entry_id)
        return batch

    def settle(self, batch: Batch, state: str) -> None:
        """Write what became of a batch: `applied` or `rolled_back`."""
        self._write(batch.run_id, [{"settled": batch.batch_id, "state": state}])
        if batch.batch_id in self._pending:
            self._close(self._pending.pop(batch.batch_id), state)

    def _write(self, run_id: str, lines: Iterable[dict[str, Any]]) -> None:
        numbered = ({**line, "seq": self._seq + at} for at, line in enumerate(lines, start=1))
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{run_id}.jsonl"
        with one_line(path, ApplyRefused, "writing the ledger"):
            self._seq += append_lines(path, numbered)

    def _take(self, line: dict[str, Any]) -> None:
        self._seq = max(self._seq, line["seq"])
        if "batch" in line:
            names = ("batch", "run_id", "target", "target_path", "fingerprint")
            values = {name: line[name] for name in names if name != "batch"}
            self._pending[line["batch"]] = Batch(line["batch"], withdraws=tuple(line["withdraws"]), **values)
        elif "entry" in line and line["of"] in self._pending:
            entry = line["entry"] if isinstance(line["entry"], Entry) else _entry(line["entry"])
            self._entries_of[line["of"]].append(entry)
            self._count(entry.entry_id)
        elif "settled" in line and line["settled"] in self._pending:
            self._close(self._pending.pop(line["settled"]), line["state"])

    def _count(self, entry_id: str) -> None:
        run_id, _, number = entry_id.rpartition("-")
        self._numbers[run_id] = max(self._numbers[run_id], int(number))

    def _close(self, batch: Batch, state: str) -> None:
        entries = self._entries_of.pop(batch.batch_id, [])
        for entry in entries:
            if state == "applied" or entry.entry_id not in self._written:
                is_so = entry.state in ("skipped", state)
                self._written[entry.entry_id] = entry if is_so else replace(entry, state=state)
        if state == "applied":
            self._withdrawn -= {entry.entry_id for entry in entries}
            self._withdrawn |= set(batch.withdraws)


def _lines(folder: Path) -> Iterable[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        if path.name == DECISIONS:
            continue
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            for text in file:
                try:
                    line = json.loads(text)
                except ValueError:  # cut short by a crash: its batch never committed
                    continue
                if isinstance(line, dict) and "seq" in line:
                    if isinstance(line.get("entry"), dict):
                        # at once, and not when its turn comes: as a dictionary an entry takes six times the memory
                        with suppress(TypeError, ValueError):  # in its turn this stops us, unless no batch wants it
                            line = {**line, "entry": _entry(line["entry"]), "of": once(line["of"])}
                    yield line


def _batched(lines: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    rest = iter(lines)
    while some := list(islice(rest, size)):
        yield some


def append_lines(path: Path, lines: Iterable[dict[str, Any]]) -> int:
    """Append lines of JSON and wait for the disk. Returns their number.

    Raises OSError; the file then has its old length.
    """
    written, mended = 0, b""
    # without a buffer: what one held back after a full disk would reach the file once the truncation made room
    with path.open("a+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":  # a crash cut the last line short: it is left as it is, on a line of its own
                mended = b"\n"
        try:
            for some in _batched(lines, LINES_AT_ONCE):
                text = "".join(_line(line) + "\n" for line in some)
                left = memoryview(mended + text.encode("utf-8"))
                while left:
                    left = left[file.write(left) :]
                mended = b""
                written += len(some)
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                os.ftruncate(file.fileno(), size)
            raise
    sync_folder(path.parent)
    return written


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        name: value.isoformat(sep=" ") if isinstance(value, datetime) else value
        for name, value in entry.as_row().items()  # asdict would copy each value deeply: a quarter of a large apply
    }


def _entry(line: dict[str, Any]) -> Entry:
    known: dict[str, Any] = {name: line.get(name) for name in ENTRY_COLUMNS}
    for name in ("fetched_at", "applied_at"):
        known[name] = _moment(known[name]) if known[name] else None
    for name in SAID_OFTEN:
        known[name] = once(known[name])
    return Entry(**known)
