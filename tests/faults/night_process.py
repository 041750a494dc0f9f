"""One night in a process of its own, without Dagster, for tests that kill it.

    python -m tests.faults.night_process '<options as JSON>'

SILLON_CHECKPOINT_KILL=<name>[@<n>] kills it (SIGKILL, by itself) at the n-th passing of that checkpoint.
SILLON_CHECKPOINT_FILE=<path> has the names of the checkpoints, as they are passed. SILLON_TEST_BELIEFS=<folder> is where
`remembered_beliefs` remembers; without it dbt runs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path

from dagster_project import believe, interruption, night
from dagster_project.options import Options
from tests.clocks import LaterClock


class Checkpoints:
    """Counts what is passed, and kills where it was told to."""

    def __init__(self, kill_at: str, record: Path | None) -> None:
        self._name, _, number = kill_at.partition("@")
        self._number = int(number or 1)
        self._record = record
        self._passed: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        with self._lock:
            self._passed[name] += 1
            if self._record is not None:
                with self._record.open("a", encoding="utf-8") as file:
                    file.write(name + "\n")
            if name == self._name and self._passed[name] == self._number:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> int:
    """Run the night; the exit status of `sillon run`."""
    # A shell that runs the tests in the background lets them ignore Ctrl-C, and so every process that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = Options.model_validate_json(sys.argv[1])
    if memory := os.environ.get("SILLON_TEST_BELIEFS"):
        from tests.faults.remembered_beliefs import Remembered

        believe.build = Remembered(Path(memory)).build  # type: ignore[assignment]
    record = os.environ.get("SILLON_CHECKPOINT_FILE")
    checkpoints = Checkpoints(os.environ.get("SILLON_CHECKPOINT_KILL", ""), Path(record) if record else None)
    try:
        with interruption.ends_promptly():
            return night.run(options, clock=LaterClock(), checkpoint=checkpoints).exit_status
    except KeyboardInterrupt:
        return interruption.EXIT_STATUS


if __name__ == "__main__":
    sys.exit(main())
