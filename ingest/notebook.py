"""What a source writes into while it is asked: answers into the raw tables, errors into the reason, progress to a bar.

No order of asking and no protocol lives here; `asking.py` and `sources/` hold those.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

import duckdb

from ingest import warehouse
from ingest.errors import Banned, Refused, SourceClosed, SourceError
from ingest.questions import Item
from ingest.shared_answers import SharedAnswers
from ingest.sources import Reply
from ingest.warehouse import RawRow

AnyItem = TypeVar("AnyItem", bound=Item)


Progress = Callable[[str, int, int], None]


def silent(source: str, done: int, total: int) -> None:
    """Progress where nobody looks."""


def unchecked(name: str) -> None:
    """A checkpoint at which nothing happens."""


class Notebook:
    """The `Store` that sources write into: commits answers, remembers what went wrong, tells how far it is."""

    def __init__(
        self,
        word: str,
        connection: duckdb.DuckDBPyConnection,
        run_id: str,
        progress: Progress = silent,
        checkpoint: Callable[[str], None] = unchecked,
        shared: SharedAnswers | None = None,
    ) -> None:
        self.word = word
        self._shared = shared
        self.answers = 0
        self.reason: str | None = None
        self._connection = connection
        self._run_id = run_id
        self._progress = progress
        self._checkpoint = checkpoint
        self._done = 0
        self._total = 0

    def expect(self, items: Sequence[AnyItem]) -> Sequence[AnyItem]:
        """Count items that are about to be asked; returns them."""
        self._total += len(items)
        self._progress(self.word, self._done, self._total)
        return items

    def keep(self, table: str, answer: Reply, items: Sequence[Item], payload: str | None, body: str = "") -> None:
        """Commit one answer, at once: a run that is killed has lost no more than the request in flight."""
        parts = urlsplit(answer.url)
        row = RawRow(
            request_key=parts.path + (f"?{parts.query}" if parts.query else "") + (f" {body}" if body else ""),
            asked=json.dumps([asked for item in items for asked in item.asked], ensure_ascii=False),
            url=answer.url,
            status=answer.status,
            fetched_at=answer.fetched_at,
            run_id=self._run_id,
            payload=payload,
        )
        self._checkpoint("answer:before")
        if self._shared is not None:
            self._shared.keep(table, row)
            self._checkpoint("answer:shared")
        warehouse.append(self._connection, table, [row])
        self._checkpoint("answer:after")
        self.answers += 1
        self._done += len(items)
        self._total = max(self._total, self._done)
        self._progress(self.word, self._done, self._total)

    @contextmanager
    def deferring(self) -> Iterator[None]:
        """Let an error that concerns one question pass by; one that concerns the source ends its asking."""
        try:
            yield
        except (SourceClosed, Refused, Banned):
            raise
        except SourceError as error:
            self.note(error)

    def note(self, error: SourceError) -> None:
        """Remember why something was deferred; the last reason is the one that is told."""
        self.reason = error.line
