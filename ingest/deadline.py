"""A total deadline on everything a connection does: connect, TLS, every read and write.

The HTTP library's timeouts are per read, so a server that drips a byte every half second never meets them, neither in
the body nor in the headers. Only sockets are dealt with here; what a late answer means stands in `client.py`.
"""

from collections.abc import Callable, Iterable
from ssl import SSLContext
from typing import Any

import httpcore

Remaining = Callable[[], float | None]

# So long may a run that was told to stop hang on a silent server.
LOOK_EVERY_S = 0.5


class DeadlineBackend(httpcore.NetworkBackend):
    """A network backend whose streams know how many seconds are left (None: no limit).

    `look` is called twice a second while a server is silent, and raises when the run was told to stop.
    """

    def __init__(self, inner: httpcore.NetworkBackend, remaining: Remaining, look: Callable[[], None]) -> None:
        self._inner = inner
        self._remaining = remaining
        self._look = look

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = shorter(timeout, self._remaining(), httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _DeadlineStream(stream, self._remaining, self._look)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_unix_socket(path, timeout, socket_options)
        return _DeadlineStream(stream, self._remaining, self._look)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, remaining: Remaining, look: Callable[[], None]) -> None:
        self._inner = inner
        self._remaining = remaining
        self._look = look

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = shorter(timeout, self._remaining(), httpcore.ReadTimeout)
        while left is None or left > LOOK_EVERY_S:
            try:
                return self._inner.read(max_bytes, LOOK_EVERY_S)
            except httpcore.ReadTimeout:
                self._look()
                left = None if left is None else left - LOOK_EVERY_S
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, shorter(timeout, self._remaining(), httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        timeout = shorter(timeout, self._remaining(), httpcore.ConnectTimeout)
        stream = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return _DeadlineStream(stream, self._remaining, self._look)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def shorter(timeout: float | None, remaining: float | None, late: type[Exception]) -> float | None:
    """The shorter of a timeout and what remains; raises `late` where nothing remains."""
    if remaining is not None and remaining <= 0:
        raise late("the deadline of the request has passed")
    return remaining if timeout is None else timeout if remaining is None else min(timeout, remaining)
