"""What goes in and out of a source of the sandbox: a request, a reply, and how fast requests may come.

No knowledge of any one source, and no sockets (server.py has them).
"""

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived. Header names are lower case; `arrived` is monotonic seconds; `epoch` seconds since 1970."""

    method: str
    target: str
    headers: Mapping[str, str]
    arrived: float
    epoch: float
    body: bytes = b""

    @property
    def path(self) -> str:
        """Path without the query, without double or trailing slashes."""
        return "/" + "/".join(part for part in urlsplit(self.target).path.split("/") if part)

    @property
    def query(self) -> list[tuple[str, str]]:
        """All parameters in order."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def one(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        return next((value for key, value in self.query if key == name), default)

    def below(self, prefix: str) -> list[str]:
        """Parts of the path under a prefix that may be missing or doubled, so that any way of joining addresses works."""
        path = self.path
        while path.startswith(prefix + "/") or path == prefix:
            path = path[len(prefix) :]
        return [part for part in path.split("/") if part]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: status, body as bytes, headers."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """A source answers requests; it never raises."""

    def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        ...


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON reply."""
    return Reply(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), headers=headers or {})


class EvenPace:
    """Refuses requests that come sooner than `gap` seconds after the one before, refused ones counted too."""

    def __init__(self, gap: float) -> None:
        self.gap, self.last, self.lock = gap, float("-inf"), threading.Lock()

    def allows(self, arrived: float) -> bool:
        """Whether a request that arrived then is in time."""
        with self.lock:
            early = arrived - self.last < self.gap
            self.last = max(self.last, arrived)
            return not early


class Window:
    """Counts requests of the last `seconds`: a moving window."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.times, self.lock = seconds, deque[float](), threading.Lock()

    def used(self, arrived: float) -> tuple[int, float]:
        """Requests in the window with this one, and seconds until the oldest leaves it."""
        with self.lock:
            self.times.append(arrived)
            while self.times and self.times[0] <= arrived - self.seconds:
                self.times.popleft()
            return len(self.times), self.times[0] + self.seconds - arrived
