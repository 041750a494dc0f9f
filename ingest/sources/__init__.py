"""One module per source, named with the source's word: its URLs, parameters and just enough parsing to ask on.

A web source is given a client, the items that are due and a `Store` for the answers; it imports neither another source
nor the warehouse, and believes nothing. What every one of them shares stands here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from ingest.questions import Item

LONGEST_QUERY_BYTES = 6_000  # encoded; servers in front of the sources cut a request line at 8,000

AnyItem = TypeVar("AnyItem", bound=Item)


class Reply(Protocol):
    """An answer of the client, as received."""

    @property
    def url(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Any: ...
    @property
    def text(self) -> str: ...
    @property
    def fetched_at(self) -> datetime: ...


class Asker(Protocol):
    """What a source needs of the client."""

    def get(
        self,
        path_or_url: str,
        params: Any = None,
        headers: Any = None,
        accept: Any = (200, 404),
    ) -> Any:
        """One answer, paced and retried; raises the tree of SourceError."""
        ...

    def post(self, path_or_url: str, data: Any = None, headers: Any = None, accept: Any = (200,)) -> Any:
        """The same for a form, or for bytes with a Content-Type among the headers."""
        ...

    def json(self, answer: Any) -> Any:
        """The parsed body; raises GarbledAnswer."""
        ...


class Store(Protocol):
    """Where answers go."""

    def keep(self, table: str, answer: Reply, items: Sequence[Item], payload: str | None, body: str = "") -> None:
        """Commit one answer to a raw table, with the items that it answers; `body`: what was sent along with a POST."""
        ...

    def deferring(self) -> AbstractContextManager[None]:
        """Note an error that concerns this question only, and go on; errors that concern the source pass."""
        ...


def batches(
    items: Iterable[AnyItem], clause: Callable[[AnyItem], str], size: int, separator: str = " OR "
) -> Iterator[list[AnyItem]]:
    """Items in their order, at most `size` together and with no more encoded bytes than a query may have."""
    batch: list[AnyItem] = []
    length = 0
    for item in items:
        own = len(quote(clause(item), safe="")) + len(quote(separator, safe=""))
        if batch and (len(batch) >= size or length + own > LONGEST_QUERY_BYTES):
            yield batch
            batch, length = [], 0
        batch.append(item)
        length += own
    if batch:
        yield batch


def halves(items: list[AnyItem]) -> list[list[AnyItem]]:
    """Two lists of the same length, or nearly."""
    middle = (len(items) + 1) // 2
    return [items[:middle], items[middle:]]
