"""What is thrown away, and above all what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.data_folder import DataFolder
from dagster_project.retention import prune
from ingest.settings_models import Retention


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path)
    made.prepare()
    for day in range(1, 10):
        (made.reports / f"2026010{day}-020000").mkdir()
        (made.reports / f"2026010{day}-020000" / "report.html").write_text("a night")
        (made.logs / f"2026010{day}-020000.log").write_text("a night")
    return made


def test_the_newest_stay(folder: DataFolder) -> None:
    """S8: as many reports and logs stay as are configured, the coming one counted; `latest` and the index stay."""
    (folder.reports / "latest").mkdir()
    (folder.reports / "index.html").write_text("all nights")

    prune(folder, Retention(reports=3, logs=2), "20260110-020000")

    assert sorted(path.name for path in folder.reports.iterdir()) == [
        "20260108-020000", "20260109-020000", "index.html", "latest",
    ]  # fmt: skip
    assert sorted(path.name for path in folder.logs.iterdir()) == ["20260108-020000.log", "20260109-020000.log"]


def test_what_a_run_did_not_make_stays(folder: DataFolder) -> None:
    """S6: a file or folder of another name is a person's, however many there are."""
    for name in ("notes.log", "2026-01-01.log", "20260101-020000.txt"):
        (folder.logs / name).write_text("mine")
    (folder.reports / "kept for ever").mkdir()

    prune(folder, Retention(reports=1, logs=1), "20260110-020000")

    assert {"notes.log", "2026-01-01.log", "20260101-020000.txt"} <= {path.name for path in folder.logs.iterdir()}
    assert (folder.reports / "kept for ever").is_dir()


def test_a_half_written_report_is_cleared_away(folder: DataFolder) -> None:
    """K8: what a run that was killed while it wrote its report left beside the others."""
    (folder.reports / ".20260109-030000.new").mkdir()

    prune(folder, Retention(), "20260110-020000")

    assert not (folder.reports / ".20260109-030000.new").exists()


def test_nothing_there_is_nothing_to_do(tmp_path: Path) -> None:
    """A folder that does not exist yet is no error."""
    assert prune(DataFolder(tmp_path / "nowhere"), Retention(), "20260110-020000") == []
