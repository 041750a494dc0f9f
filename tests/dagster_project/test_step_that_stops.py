"""A step that stops under Dagster, which keeps a step's error to itself: the run fails, says why, and counts as no night."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import dagster as dg
import duckdb
import pytest

from dagster_project import night, previews
from dagster_project.options import Options
from dagster_project.outcome import Outcome
from dagster_project.publish import backup
from ingest.errors import BackupFailed, LibraryLocked, SillonError
from tests.nights import report, write_config


def outcome_of(definitions: dg.Definitions, data: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """What comes of a job that `sillon audit --sandbox` starts."""
    from dagster_project.defs.resources import NightResource

    options = Options(config=write_config(data.parent / "config"), data=data, sandbox=True, job="audit_database")
    for name, value in options.to_environment().items():
        monkeypatch.setenv(name, value)
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_job_def(options.job)
        assert not job.execute_in_process(instance=instance, raise_on_error=False).success
    assert NightResource.last_outcome is not None
    return NightResource.last_outcome


def status_in_history(data: Path) -> str:
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        ((status,),) = connection.execute("select status from sillon.runs").fetchall()
    return str(status)


@pytest.mark.parametrize(
    ("error", "exit_status"),
    [
        (LibraryLocked("held by an app"), 2),
        (BackupFailed("the copy is damaged"), 1),
        (ZeroDivisionError("one by none"), 1),
    ],
)
def test_a_step_of_the_night_stops(
    definitions: dg.Definitions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, exit_status: int
) -> None:
    """E11, S10: its error is the failure of the run, in report, history and health, with its own exit status."""

    def stops(*_: object, **__: object) -> NoReturn:
        raise error

    monkeypatch.setattr(backup, "snapshot", stops)
    outcome = outcome_of(definitions, tmp_path / "data", monkeypatch)

    said = error.line if isinstance(error, SillonError) else f"ZeroDivisionError: {error}"
    assert outcome.failures == [said]
    assert (outcome.status, outcome.exit_status) == ("failed", exit_status)
    assert report(tmp_path / "data")["status"] == "failed"
    assert status_in_history(tmp_path / "data") == "failed"
    assert json.loads((tmp_path / "data" / "health.json").read_text())["status"] == "failed"


def test_something_around_the_steps_stops(
    definitions: dg.Definitions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stops outside the night's own steps, as Dagster's events are made, fails the run too: it never saw its report."""

    def stops(*_: object) -> NoReturn:
        raise OSError("the rows cannot be counted")

    monkeypatch.setattr(previews, "row_counts", stops)
    outcome = outcome_of(definitions, tmp_path / "data", monkeypatch)

    assert outcome.exit_status == 1
    assert outcome.failures == [
        "a step stopped: ask_sources: OSError: the rows cannot be counted. Look at the run with `sillon serve`."
    ]
    assert status_in_history(tmp_path / "data") == "failed"


def test_every_step_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step that Dagster calls by itself is one that tells of its error."""
    steps = ("take_backup", "extract", "ask", "believe", "apply", "report")
    assert [step for step in steps if not hasattr(getattr(night.Night, step), "__wrapped__")] == []
