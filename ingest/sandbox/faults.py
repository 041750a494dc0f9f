"""Faults by script: which source fails how, from which to which call or second, and for what share of the calls.

A script line is `source:kind[:option=value …]`, for example `musicbrainz:shed:share=0.3` or `listenbrainz:hang:calls=2-4`.
What a fault does to a connection stands in misbehaviour.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.sandbox.words import share

SOURCES = ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify", "spotify_token")
KINDS = {
    "refuse": "the connection is refused",
    "shed": "503, Retry-After 0: the source sheds load, whatever our pace",
    "excess": "503 or 429: told that we ask too fast",
    "html": "200 with a page of HTML",
    "truncate": "half of the answer, with and without an honest length",
    "hang": "the question is read and never answered",
    "drip": "a byte every half second",
    "reset": "the connection is reset in the middle of the answer",
    "loop": "redirects in a circle",
    "elsewhere": "a redirect to another host",
    "private": "a redirect to a private address",
    "huge": "200 with an answer that does not end",
    "ban": "403, in the source's own words",
    "error": "500 with a page of HTML",
    "long_retry_after": "429 with hours of Retry-After",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `first` to `last` count the calls of that source from 1; `after_s` to `until_s` are seconds since the start."""

    source: str
    kind: str
    first: int = 1
    last: int | None = None
    after_s: float = 0.0
    until_s: float | None = None
    share: float = 1.0
    seconds: float = 80_000.0
    as_date: bool = False

    def __post_init__(self) -> None:
        if self.source not in (*SOURCES, "*"):
            raise ValueError(f"unknown source '{self.source}' in a fault: expected one of {', '.join(SOURCES)} or *")
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault '{self.kind}': expected one of {', '.join(KINDS)}")

    def strikes(self, source: str, call: int, since_start: float, path: str) -> bool:
        """Whether this call, the n-th of its source, meets the fault."""
        if self.source not in (source, "*"):
            return False
        in_calls = call >= self.first and (self.last is None or call <= self.last)
        in_time = since_start >= self.after_s and (self.until_s is None or since_start < self.until_s)
        return in_calls and in_time and share("fault", self.kind, source, call, path) < self.share

    @property
    def is_total(self) -> bool:
        """Whether every call of the source meets it."""
        return (self.first, self.last, self.after_s, self.until_s) == (1, None, 0.0, None) and self.share >= 1


def read(scripts: Iterable[Fault | str]) -> tuple[Fault, ...]:
    """Faults from objects and script lines. Raises ValueError, naming what is not understood."""
    return tuple(one if isinstance(one, Fault) else _line(one) for one in scripts)


def _line(text: str) -> Fault:
    source, _, rest = text.strip().partition(":")
    kind, *options = rest.replace("-retry-after", "_retry_after").replace(" retry-after", "_retry_after").split(":")
    values: dict[str, object] = {}
    for option in (one for part in options for one in part.split()):
        name, _, value = option.partition("=")
        if name == "calls":
            first, _, last = value.partition("-")
            values |= {"first": int(first), "last": int(last) if last else (None if "-" in value else int(first))}
        elif name == "time":
            after, _, until = value.partition("-")
            values |= {"after_s": float(after), "until_s": float(until) if until else None}
        elif name in ("share", "seconds"):
            values[name] = float(value)
        elif name == "as_date":
            values[name] = value != "false"
        else:
            raise ValueError(
                f"unknown option '{name}' in the fault '{text}': expected calls, time, share, seconds or as_date"
            )
    return Fault(source, kind.strip(), **values)  # type: ignore[arg-type]
