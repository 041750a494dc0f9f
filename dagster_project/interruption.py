"""A run that is told to stop (Ctrl-C, SIGTERM) ends within two seconds, whatever it is doing.

Here lives what a signal means for a run. A step that can end by itself does (the asking looks twice a second); one that
cannot, such as a build inside DuckDB, is cut off: what was committed stays committed, exactly as after a power cut.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE_S = 1.2  # of the two seconds, so that the end itself has room
EXIT_STATUS = 130
CURSOR = b"\r\n\x1b[?25h"  # a bar that was cut off leaves the cursor hidden in the middle of a line

_received = threading.Event()  # signals belong to the process, hence so does this


def is_interrupted() -> bool:
    """Whether this process was told to stop while a run was watched."""
    return _received.is_set()


@contextmanager
def ends_promptly(grace_s: float = GRACE_S, *, farewell: str = "") -> Iterator[None]:
    """Make SIGTERM mean what Ctrl-C means, and end the process with status 130 at the end of the block that either cut short,
    or `grace_s` seconds after it, whichever comes first.

    `farewell` is the last line that a person reads. Works through the wake-up descriptor, because others put handlers of their
    own in place during a run, and because a handler waits for as long as the main thread is inside a library. Outside the main
    thread nothing happens.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hears, says = socket.socketpair()
    says.setblocking(False)
    before = [(number, signal.getsignal(number)) for number in SIGNALS]
    for number, handler in before:
        if handler is not signal.SIG_IGN:  # `nohup` and the like mean it
            signal.signal(number, signal.default_int_handler)
    other = signal.set_wakeup_fd(says.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(hears, grace_s, farewell), name="interruption", daemon=True).start()
    try:
        yield
    finally:
        if _received.is_set():
            # Here and now: the interpreter's own way out was measured at 6 s, with no thread left to watch it.
            _end(farewell)
        signal.set_wakeup_fd(other)
        for number, handler in before:
            signal.signal(number, handler)
        with suppress(OSError):
            says.close()


def _watch(hears: socket.socket, grace_s: float, farewell: str) -> None:
    while heard := hears.recv(64):
        if any(number in SIGNALS for number in heard):
            _received.set()
            threading.Event().wait(grace_s)
            _end(farewell)
    hears.close()


def _end(farewell: str) -> NoReturn:
    with suppress(OSError):
        if os.isatty(1):
            os.write(1, CURSOR)
        if farewell:
            os.write(2, f"{farewell}\n".encode())
    os._exit(EXIT_STATUS)
