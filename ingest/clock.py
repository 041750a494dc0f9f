"""The time, as something that is passed in: a night reads no other clock, so a test can give it another.

No pacing and no deadlines live here; `pacing.py` and `client.py` keep those.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the night knows of time."""

    def now(self) -> datetime:
        """The wall clock: aware, UTC. It may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never runs backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait. Raises KeyboardInterrupt when the run was told to stop; with 0 it only looks."""
        ...

    def stop(self) -> None:
        """End all present and future sleeps with KeyboardInterrupt."""
        ...


class SystemClock:
    """The machine's clock. `stop()` from a signal handler ends every sleep, in every thread, at once.

    A worker thread never receives a signal itself: without the event a Ctrl-C would wait for its longest pause.
    """

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if self._stopped.wait(max(seconds, 0.0)):
            raise KeyboardInterrupt

    def stop(self) -> None:
        """End all present and future sleeps with KeyboardInterrupt."""
        self._stopped.set()
