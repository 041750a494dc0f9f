"""A clock for nights in tests: on a later day, and hasty where nothing but patience is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

from ingest.clock import SystemClock


class LaterClock(SystemClock):
    """The machine's clock, `later` ahead on the wall; a wait takes the `haste`-th part of its time.

    Monotonic time stays the machine's: deadlines and timeouts are as long as they say.
    """

    def __init__(self, later: timedelta = timedelta(), haste: float = 200.0) -> None:
        super().__init__()
        self._later = later
        self._haste = haste

    def now(self) -> datetime:
        return super().now() + self._later

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / self._haste)
