"""An answer as it was received, and how its bytes become text and JSON under a cap.

What a payload means is SQL's to say. Nothing is asked here and no status is judged.
"""

import codecs
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest.errors import GarbledAnswer, OversizedBody

_UNREAD: Any = object()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `url` without secrets, `headers` in lower case, `fetched_at` aware UTC, `text` decoded."""

    url: str
    status: int
    headers: Mapping[str, str]
    text: str
    fetched_at: datetime
    parsed: Any = field(default=_UNREAD, repr=False, compare=False)

    @property
    def is_parsed(self) -> bool:
        return self.parsed is not _UNREAD


def read_body(chunks: Iterable[bytes], encoding: str, max_bytes: int, check: Callable[[], None]) -> tuple[bytes, int]:
    """The decoded body, and the number of bytes on the wire.

    The cap holds for the *decoded* bytes and is kept while decoding, so a small archive of a huge text stops at the
    cap, not in memory. `check` is called with every chunk and raises when time is up.

    Raises:
        OversizedBody: more than `max_bytes`.
        GarbledAnswer: the compression is broken, cut short, or one that was not asked for.
    """
    decode, finish = _decoder(encoding.strip().lower(), max_bytes)
    body = bytearray()
    received = 0
    for chunk in chunks:
        check()
        received += len(chunk)
        body += decode(chunk)
        if len(body) > max_bytes:
            raise OversizedBody(f"the answer is larger than {max_bytes // 1024} KiB")
    if received and not finish():
        raise GarbledAnswer("the compressed answer is cut short")
    return bytes(body), received


def _decoder(encoding: str, max_bytes: int) -> tuple[Callable[[bytes], bytes], Callable[[], bool]]:
    if encoding in ("", "identity"):
        return bytes, lambda: True
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise GarbledAnswer(f'the answer is compressed as "{encoding[:20]}", which was not asked for')
    inflate = zlib.decompressobj(wbits=47 if "gzip" in encoding else zlib.MAX_WBITS)

    def decode(chunk: bytes) -> bytes:
        try:
            return inflate.decompress(chunk, max_bytes + 1)
        except zlib.error:
            raise GarbledAnswer("the compressed answer is broken") from None

    return decode, lambda: inflate.eof


def text_of(body: bytes, charset: str | None) -> str:
    """The body as text: UTF-8 first whatever was declared, as JSON demands; then what the declared charset makes of it.

    Raises GarbledAnswer where neither fits.
    """
    for name in (json.detect_encoding(body), charset):
        try:
            # Latin-1 fits any bytes at all, hence after UTF-8, which fits only what is UTF-8.
            return body.decode(codecs.lookup(name).name if name else "utf-8").removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    raise GarbledAnswer("the answer is in no known character encoding")


def parse_json(text: str) -> Any:
    """The JSON value of a text. Raises GarbledAnswer for anything that strict JSON does not know."""
    if not text.strip():
        raise GarbledAnswer("the answer is empty")
    if text.lstrip()[:1] == "<":
        raise GarbledAnswer("the answer is a web page")
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise GarbledAnswer("the answer is nested too deeply") from None
    except ValueError:
        # Also an integer of more digits than Python converts.
        raise GarbledAnswer("the answer is not JSON") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
