"""What is tried again, how often, and how long we wait before it; the only retries in the project.

The orchestrator has retries of its own that know nothing of these: they stay off. What an error means stands in
`refusals.py`, the spacing of requests in `pacing.py`.
"""

from collections.abc import Callable
from typing import TypeVar

import stamina
from stamina.instrumentation import set_on_retry_hooks

from ingest.clock import Clock
from ingest.errors import DeadlineExceeded, GarbledAnswer, NetworkDown, SourceError, Transient, Unreached

T = TypeVar("T")

TRIES = 6

# Another try hardly ever helps against a dead network, and each hung request costs its whole deadline.
FEWER_TRIES: dict[type[SourceError], int] = {NetworkDown: 3, Unreached: 3, GarbledAnswer: 3, DeadlineExceeded: 2}

# 2, 4, 8, 16, 30 s: with 30 % of the answers shed, six tries lose one question in 1,400.
FIRST_WAIT_S = 2.0
LONGEST_OWN_WAIT_S = 30.0

# Nobody sleeps longer than this because a source says so: it is closed instead.
LONGEST_WAIT_S = 120.0

# stamina would report every retry to whatever logger it finds; what matters of them stands in the report.
set_on_retry_hooks([])


def with_retries(
    attempt: Callable[[], T], *, clock: Clock, jitter: Callable[[], float], has_time_for: Callable[[float], bool]
) -> T:
    """Call `attempt` until it answers, up to six times.

    Args:
        attempt: asks once; raises Transient where another try could change the answer.
        clock: all waits go through its sleep.
        jitter: a number in [0, 1); it moves a wait by up to a quarter, so that clients do not come back in step.
        has_time_for: whether a wait of so many seconds ends before the run's deadline.

    Raises:
        SourceError: what the last try raised.
    """
    tries = 0

    def wait_or_give_up(error: Exception) -> bool | float:
        nonlocal tries
        tries += 1
        if not isinstance(error, Transient) or tries >= FEWER_TRIES.get(type(error), TRIES):
            return False
        growing = min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_OWN_WAIT_S) * (0.75 + 0.5 * jitter())
        # A Retry-After of 0 says only that nothing is known: our own wait stands.
        seconds = max(growing, error.retry_after or 0.0)
        if seconds > LONGEST_WAIT_S or not has_time_for(seconds):
            return False
        # We wait here, on the injected clock, and leave stamina a wait of nothing.
        clock.sleep(seconds)
        return 0.0

    for context in stamina.retry_context(on=wait_or_give_up, attempts=TRIES, timeout=None):
        with context:
            return attempt()
    raise AssertionError("stamina raises what the last try raised")
