"""The command in a real terminal: bars while sources are asked, Ctrl-C, colours where they are wanted and nowhere else."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals on this system")

SILLON = [sys.executable, "-c", "from dagster_project.cli import main; main()"]
COLOUR = re.compile(r"\x1b\[(?:3[0-7]|38;5;\d+|38;2;[\d;]+|9[0-7])(?:;\d+)*m|\x1b\[1;3\d")


@dataclass
class Terminal:
    """A command that believes a person is watching; `seen` is what stood on the screen so far."""

    child: int
    handle: int
    seen: str = ""

    def until(self, words: str, *, patience_s: float = 90) -> None:
        """Read until these words were shown."""
        deadline = time.monotonic() + patience_s
        while words not in self.seen:
            assert time.monotonic() < deadline, self.seen
            assert self._read(), f"it ended before it said {words!r}: {self.seen}"

    def end(self, *, patience_s: float = 30) -> int:
        """Read to the end. Returns the exit status."""
        deadline = time.monotonic() + patience_s
        while self._read() and time.monotonic() < deadline:
            continue
        if time.monotonic() >= deadline:
            os.kill(self.child, signal.SIGKILL)
        _, status = os.waitpid(self.child, 0)
        os.close(self.handle)
        return os.waitstatus_to_exitcode(status)

    def press(self, key: bytes) -> None:
        os.write(self.handle, key)

    def _read(self) -> bool:
        if not select.select([self.handle], [], [], 1.0)[0]:
            return True
        try:
            part = os.read(self.handle, 65536)
        except OSError:  # the other side has ended
            return False
        self.seen += part.decode("utf-8", "replace")
        return bool(part)


def started(folder: Path, *words: str, **variables: str) -> Terminal:
    """`sillon WORDS` in a terminal of its own, in a folder of its own."""
    child, handle = pty.fork()
    if child == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored (nohup)
        os.chdir(folder)
        os.environ.update({"TERM": "xterm-256color", "COLUMNS": "100", **variables})
        os.execv(sys.executable, [*SILLON, *words])
    return Terminal(child, handle)


def test_bars_while_asking_and_ctrl_c(tmp_path: Path) -> None:
    """A run shows each source with its count, pace and time left; Ctrl-C ends it within 2 s, the terminal as it was."""
    run = started(tmp_path, "run", "--sandbox")
    run.until("Asking the sources")
    run.until("/min")
    run.press(b"\x03")
    begun = time.monotonic()
    status = run.end()

    assert status == 130, run.seen
    assert time.monotonic() - begun < 2 + 1  # a second for a busy machine
    assert re.search(r"MusicBrainz.*\d+/\d+", run.seen)
    assert COLOUR.search(run.seen)
    assert "Interrupted; what was committed so far is kept" in run.seen
    assert "Traceback" not in run.seen
    assert run.seen.rfind("\x1b[?25h") > run.seen.rfind("\x1b[?25l")  # the cursor is there again


def test_colours_only_where_somebody_looks(tmp_path: Path) -> None:
    """A head is bold on a terminal, plain with NO_COLOR or on one that knows no colours, and plain in a pipe."""
    words = ("doctor", "--library", "nothing.db")
    shown = started(tmp_path, *words)
    plain = started(tmp_path, *words, NO_COLOR="1")
    dumb = started(tmp_path, *words, TERM="dumb")
    statuses = [one.end() for one in (shown, plain, dumb)]
    piped = subprocess.run([*SILLON, *words], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert statuses == [1, 1, 1]
    assert "\x1b[1m" in shown.seen
    assert "to mend" in shown.seen
    assert [one for one in (plain.seen, dumb.seen, piped.stdout, piped.stderr) if "\x1b" in one] == []


def test_a_closed_terminal_ends_it(tmp_path: Path) -> None:
    """Whoever closes the window while a question waits leaves nothing running and no file half written."""
    init = started(tmp_path, "init")
    init.until("1. ")
    os.kill(init.child, signal.SIGHUP)

    assert init.end() == -signal.SIGHUP
    assert not (tmp_path / "config").exists()
