"""How the command speaks: at once, in one line when something is wrong, and never with what a library slipped in."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from dagster_project import cli
from dagster_project.commands.choices import JOB_NAMES
from dagster_project.commands.voice import laid_out, plain
from dagster_project.options import JOBS
from tests.dagster_project.commands.answers import Sillon

HEAVY = ("dagster", "dbt", "duckdb", "polars", "pyarrow", "matplotlib", "httpx", "pydantic", "rich", "apsw")


def verbs() -> list[tuple[str, ...]]:
    """Every verb, with the verbs of the groups."""
    root = typer.main.get_command(cli.app)
    found: list[tuple[str, ...]] = []
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        found.append((name,))
        found += [(name, inner) for inner in getattr(command, "commands", {})]
    return found


def test_help_imports_nothing_heavy() -> None:
    """Naming the command loads typer and no library that takes a noticeable time."""
    code = f"import sys, dagster_project.cli; print([name for name in {HEAVY!r} if name in sys.modules])"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


def test_help_answers_at_once() -> None:
    """`sillon --help` takes less than 0.4 s of the processor (median of five), however busy the machine is."""
    code = "from dagster_project.cli import main; import sys; sys.argv = ['sillon', '--help']; main()"
    timed = f"import resource, runpy, subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}], stdout=-3);" + (
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    )
    seconds = [
        float(subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    ]

    assert statistics.median(seconds) <= 0.4


@pytest.mark.parametrize("words", verbs(), ids=" ".join)
def test_every_verb_has_help_with_examples(sillon: Sillon, words: tuple[str, ...]) -> None:
    """--help of every verb says what it does, and shows at least one whole command to copy."""
    result = sillon(*words, "--help")

    assert result.status == 0
    assert "Examples:" in result.out
    assert f"sillon {words[0]}" in result.out.partition("Examples:")[2]
    assert "--quiet" in result.out or words == ("decisions",)


@pytest.mark.parametrize(
    "words",
    [("plan",), ("review",), ("explain",), ("history",), ("evaluate",), ("audit",), ("validate",), ("report",),
     ("backup", "list"), ("decisions", "list")],
    ids=" ".join,
)  # fmt: skip
def test_verbs_that_read_answer_in_json(sillon: Sillon, words: tuple[str, ...]) -> None:
    """Every reading verb has --json."""
    assert "--json" in sillon(*words, "--help").out


def test_job_names_are_those_of_the_jobs() -> None:
    """The names written out for the help are the ones that exist."""
    assert set(JOB_NAMES) == set(JOBS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("enrich",), "enrich"),
        (("run", "--librry", "x"), "--librry"),
        (("explain",), "ALBUM_ID"),
        (("explain", "twelve"), "ALBUM_ID"),
        (("undo", "last", "--field", "colour"), "genre"),
    ],
)
def test_a_typing_error_is_one_line(sillon: Sillon, words: tuple[str, ...], said: str) -> None:
    """A verb, option or value that is not known: exit 2 and one line that names it and where to look."""
    result = sillon(*words)

    assert result.status == 2
    assert len(result.err.splitlines()) == 1
    assert said in result.err
    assert result.out == ""


def test_a_reader_that_leaves_is_no_error(shelf: Path) -> None:
    """`sillon history | head` ends quietly when head has seen enough."""
    code = (
        "import sys; from dagster_project import cli; from dagster_project.commands import status\n"
        "def show(*words, **more):\n"
        "    for _ in range(100000): print('x' * 80)\n"
        "status.show = show; sys.argv = ['sillon']; cli.main()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert b"Traceback" not in child.stderr.read()
        deadline = time.monotonic() + 30
        assert child.wait(deadline - time.monotonic()) in (0, 1)


def test_control_characters_never_reach_the_terminal() -> None:
    """A title that would clear the screen, retitle the window or turn the line around is told without those."""
    title = "\x1b[2J\x1b]0;owned\x07Kind\r\nof\u202e Blue\x9b31m \ud800"

    assert plain(title) == "[2J]0;ownedKind  of Blue31m ?"


def test_a_table_fits_the_terminal_and_is_whole_in_a_pipe() -> None:
    """Wide characters count as two columns; only a terminal's width cuts a cell, and the cut shows."""
    rows = [("坂本龍一", "x" * 60, 1)]

    whole = laid_out(("artist", "title", "n"), rows, right=(2,))
    cut = laid_out(("artist", "title", "n"), rows, right=(2,), width=40)

    assert whole[1] == "坂本龍一  " + "x" * 60 + "  1"
    assert "…" in cut[1]
    assert cut[1].endswith("  1")
    assert len(cut[1]) <= 40 - 4  # four characters of two columns each


def test_no_colour_in_a_pipe(sillon: Sillon, shelf: Path) -> None:
    """Nothing but text leaves the command when no terminal reads it."""
    assert "\x1b" not in sillon("review", stdin="q\n").out
