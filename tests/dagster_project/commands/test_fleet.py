"""The verb fleet as a person meets it: what it says, and how it ends. Its nights are tried in the `test_fleet.py` above."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.dagster_project.commands.answers import Sillon


@pytest.fixture
def broken(tmp_path: Path) -> str:
    """A pattern for two files that are no libraries: their nights end before they begin."""
    (tmp_path / "libraries").mkdir()
    for name in ("a.db", "b.db"):
        (tmp_path / "libraries" / name).write_text("no database")
    return "libraries/*.db"


def test_every_library_is_told(sillon: Sillon, broken: str, tmp_path: Path) -> None:
    """What failed is a line on standard error with its reason, the table has all of them, and the status says failed."""
    said = sillon("fleet", "--libraries", broken, "--sandbox", "--data", "fleet")

    assert said.status == 1
    assert said.err.count("it is no SQLite database") == 2
    assert said.out.count("failed") == 2
    assert str(tmp_path / "fleet" / "fleet.html") in said.out
    assert "it is no SQLite database" in (tmp_path / "fleet" / "fleet.html").read_text(encoding="utf-8")


def test_for_other_programs(sillon: Sillon, broken: str) -> None:
    """--json is one document with a row per library and no other line."""
    said = sillon("fleet", "--libraries", broken, "--sandbox", "--data", "fleet", "--json")
    told = json.loads(said.out)

    assert [row["status"] for row in told["libraries"]] == ["failed", "failed"]
    assert len({row["library_id"] for row in told["libraries"]}) == 2
    assert told["page"].endswith("fleet.html")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no libraries are given"),
        (("--libraries", "nowhere/*.db"), "no file is named by"),
        (("--libraries", "~nobody-of-this-name/*.db"), "begins with the home of nobody"),
        (("--libraries", "libraries/*.db", "--output", "libraries/a.db"), "is a file"),
        (("--libraries", "libraries/*.db", "--output", "x", "--in-place"), "exclude each other"),
        (("--libraries", "libraries/*.db", "--sandbox", "--in-place"), "exclude each other"),
        (("--libraries", "libraries/*.db", "--job", "nothing"), "there is no such thing"),
        (("--libraries", "libraries/*.db", "--engine", "steam"), "there is no such thing"),
    ],
)
def test_bad_input_is_one_line(sillon: Sillon, broken: str, words: tuple[str, ...], told: str) -> None:
    """What cannot begin ends with status 2 and says what to do, before any library is touched."""
    said = sillon("fleet", *words, "--data", "fleet")

    assert said.status == 2
    assert said.out == ""
    assert told in said.err
    assert said.err.count("\n") == 1


def test_the_next_night_needs_no_pattern(sillon: Sillon, broken: str) -> None:
    """A fleet knows its libraries, from wherever it is started, and tells them in the language of the configuration."""
    sillon("fleet", "--libraries", broken, "--sandbox", "--data", "fleet")

    assert sillon("fleet", "--sandbox", "--data", "fleet").out.count("failed") == 2


def test_a_page_that_cannot_be_written(sillon: Sillon, broken: str, tmp_path: Path) -> None:
    """The nights were: they are told in the table, then the disk in one line."""
    (tmp_path / "fleet" / "fleet.html.new").mkdir(parents=True)

    said = sillon("fleet", "--libraries", broken, "--sandbox", "--data", "fleet")

    assert said.status == 1
    assert said.out.count("failed") == 2
    assert "the data folder cannot be used" in said.err.splitlines()[-1]
    assert "Traceback" not in said.err
