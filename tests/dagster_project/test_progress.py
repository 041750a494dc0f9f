"""What a run shows while it works: bars that end with the asking, and plain lines where nobody looks."""

from __future__ import annotations

import io
import re

from rich.console import Console

from dagster_project.commands.words import Words
from dagster_project.progress import Bars, Lines

WORDS = Words("en")


def test_bars_end_with_the_asking() -> None:
    """Later steps stand below the bars, each once: no bar is drawn again after them."""
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    bars = Bars(WORDS, console)

    bars.step("asking")
    bars.asked("discogs", 0, 6)
    bars.asked("discogs", 6, 6)
    for step in ("believing", "writing"):
        bars.step(step)
    bars.close()

    assert isinstance(console.file, io.StringIO)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())
    assert "Discogs" in shown
    assert "Discogs" not in shown.partition("Deciding what to believe")[2]
    assert shown.rstrip().endswith("Writing the changes")


def test_in_a_pipe_a_source_says_little() -> None:
    """The first word, the last, and one every ten seconds between."""
    seconds = iter((0.0, 1.0, 9.0, 10.5, 11.0, 12.0))
    out = io.StringIO()
    lines = Lines(WORDS, out, monotonic=lambda: next(seconds))

    for done in range(6):
        lines.asked("musicbrainz", done, 5)

    lines_said = [line.split(": ")[1] for line in out.getvalue().splitlines()]
    assert lines_said == ["0 of 5", "3 of 5 (17 questions a minute, 7 s left)", "5 of 5"]


def test_in_a_pipe_nothing_is_said_twice() -> None:
    """A source that waits for others, or has nothing to do, repeats no line."""
    out = io.StringIO()
    lines = Lines(WORDS, out, monotonic=lambda: 0.0)

    for done, total in ((0, 0), (0, 0), (3, 3), (3, 3), (6, 6)):
        lines.asked("listenbrainz", done, total)

    assert [line.split(": ")[1] for line in out.getvalue().splitlines()] == ["3 of 3", "6 of 6"]
