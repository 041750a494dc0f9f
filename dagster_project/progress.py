"""What a run shows while it works: bars on a terminal, plain lines in a pipe or a log, nothing when told so.

Here lives how progress looks. Steps are told by their keys; the words for them come with the way to show it. A process shows
one run at a time, so that way is a setting of the process (`use`): Dagster makes the night's resource itself and could not be
handed a terminal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Task, TaskID

    from dagster_project.publish.report.words import Words

NAMES = {
    "musicbrainz": "MusicBrainz",
    "listenbrainz": "ListenBrainz",
    "cover_art_archive": "Cover Art Archive",
    "discogs": "Discogs",
    "spotify": "Spotify",
    "musicbrainz_dump": "MusicBrainz' data dump, MB",
}


class Progress(Protocol):
    """Told of each step as it begins (`step.<key>` in the words of the command), and of each source as its answers come."""

    def step(self, key: str, **values: object) -> None: ...

    def asked(self, source: str, done: int, total: int) -> None: ...

    def close(self) -> None: ...


class Silent:
    """Shows nothing: tests, the daemon, `--quiet`."""

    def step(self, key: str, **values: object) -> None:
        pass

    def asked(self, source: str, done: int, total: int) -> None:
        pass

    def close(self) -> None:
        pass


class Lines(Silent):
    """One plain line per step, and per source at its start, its end and every ten seconds between."""

    INTERVAL_S = 10.0

    def __init__(
        self, words: Words, out: TextIO | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._words = words
        self._out = out or sys.stdout
        self._monotonic = monotonic
        self._begun: dict[str, float] = {}
        self._spoken: dict[str, float] = {}
        self._said: dict[str, tuple[int, int]] = {}

    def step(self, key: str, **values: object) -> None:
        self._write(self._words(f"step.{key}", **values))

    def asked(self, source: str, done: int, total: int) -> None:
        now = self._monotonic()
        begun = self._begun.setdefault(source, now)
        # Sources that wait for others look again four times a second: only what is new is said.
        if total == 0 or (done, total) == self._said.get(source):
            return
        if done < total and now - self._spoken.get(source, -self.INTERVAL_S) < self.INTERVAL_S:
            return
        self._spoken[source] = now
        self._said[source] = (done, total)
        line = self._words("progress.asked", source=NAMES.get(source, source), done=done, total=total)
        if 0 < done < total and now > begun:
            a_second = done / (now - begun)
            left = self._words.duration((total - done) / a_second)
            line += f" ({self._words('progress.pace', rate=round(60 * a_second), left=left)})"
        self._write(f"  {line}")

    def _write(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


class Bars(Silent):
    """A bar per source with its pace and the time left, while sources are asked; for a terminal.

    The bars end with the asking: dbt takes the standard output for itself later, and bars that still moved would be drawn
    again below everything that it lets through.
    """

    def __init__(self, words: Words, console: Console | None = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress
        from rich.text import Text

        class Rate(ProgressColumn):
            def render(self, task: Task) -> Text:
                # Of questions: a source is asked about two dozen things in one request.
                speed = None if task.finished else task.speed
                return Text(words("progress.rate", rate=round(60 * speed)) if speed else "", justify="right")

        self._words = words
        self._bars = RichProgress(
            TextColumn("  {task.description:<18}"),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeRemainingColumn(),
            # Said once, because Dagster puts a file in the terminal's place while a job runs, and reads it out to the terminal.
            console=console or Console(force_terminal=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def step(self, key: str, **values: object) -> None:
        self._bars.stop()
        self._bars.console.print(self._words(f"step.{key}", **values), markup=False, highlight=False)

    def asked(self, source: str, done: int, total: int) -> None:
        self._bars.start()
        if source not in self._tasks:
            self._tasks[source] = self._bars.add_task(NAMES.get(source, source), total=total)
        self._bars.update(self._tasks[source], completed=done, total=max(total, done))

    def close(self) -> None:
        self._bars.stop()


_current: Progress = Silent()


def use(progress: Progress) -> None:
    """Set how this process shows its run."""
    global _current
    _current = progress


def current() -> Progress:
    """How this process shows its run."""
    return _current
