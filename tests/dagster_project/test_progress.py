"""What a run shows while it works: bars that end with the asking, and plain lines where nobody looks."""

from __future__ import annotations

import io
import re

from rich.console import Console

from dagster_project.progress import Bars, Lines


def test_bars_end_with_the_asking() -> None:
    """Later steps stand below the bars, each once: no bar is drawn again after them."""
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    bars = Bars(console)

    bars.step("Asking the sources")
    bars.asked("discogs", 0, 6)
    bars.asked("discogs", 6, 6)
    for step in ("Deciding what to believe", "Writing the changes"):
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
    lines = Lines(out, monotonic=lambda: next(seconds))

    for done in range(6):
        lines.asked("musicbrainz", done, 5)

    assert [line.split(": ")[1] for line in out.getvalue().splitlines()] == ["0 of 5", "3 of 5", "5 of 5"]
