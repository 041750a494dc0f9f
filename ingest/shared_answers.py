"""What the libraries of a fleet know together: a store of answers beside their warehouses.

Before a question goes out, the store is looked into; an answer is committed there before the library that asked takes it as
its own. So a question of two libraries is asked once, "there is none" included, and a run that is killed has told the others.
A library keeps its own copy of what concerns it: it is believed from that alone. Nothing is asked and nothing believed here;
how old an answer may be is `worklist.py`'s to say.

A fleet and one of its libraries alone may ask at the same time, each for hours, and only one process can have the file open.
So it is held for `HELD_S` at most, then left to whoever waits. Opened anew for each answer it would cost 50 ms and 1.3 MB of
writing every time (8,000 answers of 20 kB): for 100,000 answers more than an hour and 130 GB.
"""

# ruff: noqa: S608 - the names in these statements come from `tables.py`

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import RLock, Timer
from time import monotonic

import duckdb
import pyarrow as pa

from ingest import warehouse
from ingest.clock import Clock
from ingest.errors import WarehouseBusy
from ingest.questions import Item
from ingest.tables import WEB_TABLES
from ingest.warehouse import RawRow

# The pages of a Discogs collection are on no work list: they are one owner's, whoever's library is asked about.
_ALWAYS = "collection:"

_QUESTIONS = " union all ".join(
    f"select '{table}' as answers, rowid as answer_id, unnest(from_json(asked, '[{{\"question\":\"VARCHAR\"}}]')).question"
    f" as question from {table} where json_valid(asked)"
    for table in WEB_TABLES
)


HELD_S = 20.0
LEFT_S = 0.5  # longer than who waits takes to look again
LOOK_S = 0.1
PATIENCE_S = 120.0  # several turns of two others


class SharedAnswers:
    """The store while one library is asked about; safe to share between the threads of its asking.

    Args:
        path: the store, opened by `warehouse.connect`: it has the same raw tables.
        whose: names the library of an album that is asked about, and the album there (`library_id`, `album_id`).
        clock: waits for the store where another process has it.

    Each of its functions raises WarehouseBusy where another process keeps the store for longer than `PATIENCE_S`.
    """

    def __init__(self, path: Path, whose: Callable[[str], dict[str, str]], clock: Clock) -> None:
        self._path = path
        self._whose = whose
        self._clock = clock
        self._lock = RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._turn: Timer | None = None
        self._left_at = -LEFT_S
        self._asked: dict[str, list[dict[str, str]]] = {}
        self._taken: set[str] = set()
        self._known = duckdb.connect()
        with self.lent() as store, store.cursor() as cursor:
            found = cursor.execute(f"select distinct * from ({_QUESTIONS})").to_arrow_reader()
            self._known.register("found", found)
            self._known.execute("create table questions as from found")
            self._known.unregister("found")
        always = self._known.execute(
            "select distinct question from questions where starts_with(question, ?)", [_ALWAYS]
        ).fetchall()
        self._asked = {question: [{"question": question}] for (question,) in always}

    @contextmanager
    def lent(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The store, open, for one operation."""
        with self._lock:
            if self._connection is None:
                self._clock.sleep(max(0.0, self._left_at + LEFT_S - monotonic()))
                self._connection = waited_for(self._path, self._clock)
                self._turn = Timer(HELD_S, self.leave)
                self._turn.daemon = True
                self._turn.start()
            yield self._connection

    def leave(self) -> None:
        """Close the store, so that another process can have it; who needs it next opens it again."""
        with self._lock:
            if self._turn is not None:
                self._turn.cancel()
            if self._connection is not None:
                self._connection.close()
                self._connection, self._left_at = None, monotonic()

    def close(self) -> None:
        """Leave it for good."""
        self.leave()
        self._known.close()

    def keep(self, table: str, row: RawRow) -> None:
        """Commit one answer for all; it says which library's albums it was asked for."""
        asked = [
            {**one, **(self._whose(one["album_id"]) if "album_id" in one else {})} for one in json.loads(row.asked)
        ]
        with self.lent() as store:
            warehouse.append(store, table, [replace(row, asked=_as_json(asked))])

    def take(self, connection: duckdb.DuckDBPyConnection, items: Iterable[Item]) -> int:
        """Copy what is known about these questions into a library's own warehouse. Returns the answers that were new to it.

        A copied answer names this library's albums; questions that it answered for others stay in it without theirs.
        """
        with self._lock:
            self._asked |= {item.question: item.asked for item in items}
            questions = [question for question in self._asked if question not in self._taken]
            if not questions:
                return 0
            self._taken.update(questions)
            found = self._known.execute(
                "select answers, list(distinct answer_id) from questions where question in (select unnest(?))"
                " group by 1 order by 1",
                [questions],
            ).fetchall()
            return sum(warehouse.append_missing(connection, table, self._answers(table, ids)) for table, ids in found)

    def tell_states(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write which sources are closed, and until when, into a library's own warehouse, where its report looks."""
        with self.lent() as store, store.cursor() as cursor:
            states = cursor.execute("select * from sillon.source_states order by source").to_arrow_table()
        for state in states.to_pylist():
            warehouse.record_source_state(connection, state)

    def _answers(self, table: str, answer_ids: list[int]) -> pa.Table:
        with self.lent() as store, store.cursor() as cursor:
            rows = cursor.execute(
                f"select * from {table} where rowid in (select unnest(?)) order by rowid", [answer_ids]
            ).to_arrow_table()
        asked = pa.array([self._ours(text) for text in rows["asked"].to_pylist()], pa.string())
        return rows.set_column(rows.schema.get_field_index("asked"), "asked", asked)

    def _ours(self, asked: str) -> str:
        # In their order: the answer to a look-up numbers what it was asked.
        questions = dict.fromkeys(one["question"] for one in json.loads(asked))
        return _as_json([entry for each in questions for entry in self._asked.get(each, [{"question": each}])])


@contextmanager
def opened(path: Path, library_id: str, clock: Clock) -> Iterator[SharedAnswers]:
    """The store of a fleet for one library. Raises what `warehouse.connect` raises."""
    with closing(
        SharedAnswers(path, lambda album_id: {"library_id": library_id, "album_id": album_id}, clock)
    ) as answers:
        yield answers


def waited_for(path: Path, clock: Clock, *, verify: bool = False) -> duckdb.DuckDBPyConnection:
    """The store, once no other process has it. Raises what `warehouse.connect` raises, WarehouseBusy after `PATIENCE_S`."""
    started = clock.monotonic()
    while True:
        try:
            return warehouse.connect(path, verify=verify)
        except WarehouseBusy:
            if clock.monotonic() - started >= PATIENCE_S:
                raise
            clock.sleep(LOOK_S)


def _as_json(asked: list[dict[str, str]]) -> str:
    return json.dumps(asked, ensure_ascii=False)
