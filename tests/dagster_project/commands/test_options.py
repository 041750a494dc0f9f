"""What is typed is used or refused, never dropped: options before a verb, options that mean nothing, options that exclude."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.main import get_command

from dagster_project.cli import app
from tests.dagster_project.commands.answers import Sillon


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--data", "elsewhere", "audit"), "sillon audit --data"),
        (("--config", "elsewhere", "run"), "sillon run --config"),
        (("--json", "history"), "sillon history --json"),
        (("--quiet", "--json", "doctor"), "sillon doctor --json --quiet"),
        (("backup", "--data", "elsewhere", "restore", "music.db.backup-1"), "sillon backup restore --data"),
        (("backup", "--library", "other.db", "list"), "sillon backup list --library"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_option_before_the_verb_is_refused(
    sillon: Sillon, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """The verb would work on another folder than the one that was typed: exit 2, one line that shows the order."""
    result = sillon(*words)

    assert result.status == 2
    assert said in result.err
    assert len(result.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_without_a_verb_the_same_options_hold(sillon: Sillon) -> None:
    """`sillon --data X --json` is no verb: it answers for X."""
    assert "elsewhere" in sillon("--data", "elsewhere").out
    assert sillon("--data", "elsewhere", "--json").json["last_run"] is None
    assert "elsewhere" in sillon("backup", "list", "--data", "elsewhere").out


@pytest.mark.parametrize("verb", ["run", "fleet", "plan"])
def test_no_minutes_at_all_are_refused(sillon: Sillon, verb: str) -> None:
    """`--max-minutes 0` would be taken for none given, four hours; a fraction is a time like any other."""
    refused, taken = (sillon(verb, "--max-minutes", minutes).err for minutes in ("0", "0.5"))

    assert "--max-minutes" in refused
    assert "--max-minutes" not in taken


@pytest.mark.parametrize("verb", ["run", "serve", "fleet"])
def test_a_copy_and_the_library_itself_exclude_each_other(sillon: Sillon, verb: str) -> None:
    """One of both would be dropped, and which one decides whether the library is written into."""
    result = sillon(verb, "--output", "copy.db", "--in-place")

    assert result.status == 2
    assert "--output and --in-place exclude each other" in result.err


@pytest.mark.parametrize("verb", ["audit", "validate", "report"])
def test_a_verb_that_changes_nothing_offers_no_change(verb: str) -> None:
    """Where the help says "changes nothing" no option says "write into the library itself"."""
    options = {name for parameter in get_command(app).commands[verb].params for name in parameter.opts}  # type: ignore[attr-defined]

    assert options.isdisjoint({"--in-place", "--output", "--limit"})


def test_every_option_says_what_it_is_for() -> None:
    """No line of a help is an option alone."""
    commands = {"": get_command(app)}
    for name in ("", "backup", "decisions"):
        parent = commands[name]
        commands |= {f"{name} {verb}".strip(): command for verb, command in parent.commands.items()}  # type: ignore[attr-defined]
    silent = [
        f"sillon {name} {parameter.opts[0]}"
        for name, command in commands.items()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]

    assert silent == []
