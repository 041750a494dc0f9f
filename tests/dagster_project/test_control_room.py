"""Dagster's own folder in a bad state: a line where nothing can be done, and a night all the same where something can."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import dagster as dg
import pytest

from dagster_project import control_room
from dagster_project.control_room import environment, home, kept_history
from dagster_project.options import Options
from tests.dagster_project.test_cli import one_line, sillon
from tests.nights import report, write_config


def file_in_the_way(dagster: Path, _: ExitStack) -> None:
    dagster.rename(dagster.with_name("moved"))
    dagster.write_text("in the way")


def gone(dagster: Path, _: ExitStack) -> None:
    dagster.rename(dagster.with_name("moved"))


def locked(dagster: Path, held: ExitStack) -> None:
    for path in sorted(dagster.rglob("*.db")):
        other = held.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
        other.execute("begin exclusive")


def damaged(dagster: Path, _: ExitStack) -> None:
    for path in sorted(dagster.rglob("*.db")):
        path.write_bytes(b"no database any more" * 1000)


@dg.op
def nothing() -> None:
    """A step."""


@dg.job
def night() -> None:
    nothing()


@pytest.mark.parametrize("harm", [gone, locked, damaged])
def test_a_history_that_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path, ExitStack], None]
) -> None:
    """E10: where Dagster's folder is gone, its history locked or damaged, the job runs all the same."""
    data = tmp_path / "data"
    monkeypatch.setattr(control_room, "PATIENCE_S", 0.1)
    for name, value in environment(Options(data=data)).items():
        monkeypatch.setenv(name, value)
    with kept_history(data) as instance:
        assert night.execute_in_process(instance=instance).success
        assert instance.root_directory == str(data / "dagster")
    with ExitStack() as held:
        harm(data / "dagster", held)
        home(Options(data=data))
        with kept_history(data) as instance:
            assert night.execute_in_process(instance=instance).success


def test_the_ui_and_the_daemon_find_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sillon serve` in a shell that knows nothing of Dagster: its own look at the history, and both processes, find it."""
    for name in environment(Options(data=tmp_path / "data")):
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)
    seen: list[dict[str, str]] = []

    class Ended:
        """A process that is over at once."""

        def __init__(self, command: list[str], **options: object) -> None:
            seen.append({name: os.environ[name] for name in ("DAGSTER_HOME", "DAGSTER_EVENTS")})

        def poll(self) -> int:
            return 0

        def wait(self, timeout: float) -> int:
            return 0

    monkeypatch.setattr(control_room.subprocess, "Popen", Ended)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert control_room.serve(Options(data=tmp_path / "data"), host="127.0.0.1", port=3999) == 1
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert len(seen) == 2
    assert {one["DAGSTER_HOME"] for one in seen} == {str(tmp_path / "data" / "dagster")}


@pytest.mark.faults
@pytest.mark.parametrize(("harm", "status"), [(file_in_the_way, 1), (gone, 0), (locked, 0), (damaged, 0)])
def test_dagsters_folder_is_harmed(tmp_path: Path, harm: Callable[[Path, ExitStack], None], status: int) -> None:
    """E10: it costs its picture and no night; a file in its place is one line."""
    config, words = write_config(tmp_path / "config"), ("audit", "--sandbox", "--config")
    assert sillon(*words, config, cwd=tmp_path).returncode == 0
    first = report(tmp_path / "data")["timestamp"]
    with ExitStack() as held:
        harm(tmp_path / "data" / "dagster", held)
        result = sillon(*words, config, cwd=tmp_path)

    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    if status:
        assert "data" in one_line(result)
    else:
        assert report(tmp_path / "data")["timestamp"] != first
        assert report(tmp_path / "data")["status"] == "success"
