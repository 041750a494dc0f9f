"""What lies where: the folder of a run, `latest`, the index over all runs, and the tables beside the page."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from dagster_project.publish import report
from dagster_project.publish.report import gathering, sheets
from dagster_project.publish.report.index import index
from tests.dagster_project.publish.report import made_facts as made


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of reports with one in it."""
    folder = tmp_path / "reports"
    folder.mkdir()
    monkeypatch.setattr(gathering, "gather", lambda outcome, place, data: outcome)
    report.write(made.facts(), None, SimpleNamespace(reports=folder))  # type: ignore[arg-type]
    return folder


def test_report_half_there(reports: Path) -> None:
    """The run's folder and `latest` hold the same files, readable by their owner alone; the index links to both."""
    names = {"report.html", "report.md", "report.json", "changes.csv", "review_queue.csv", "integrity_issues.csv"}
    assert {path.name for path in (reports / made.RUN).iterdir()} == names
    assert all((reports / "latest" / name).read_bytes() == (reports / made.RUN / name).read_bytes() for name in names)
    assert (reports / made.RUN).stat().st_mode & 0o077 == 0
    assert {path.name for path in reports.iterdir()} == {made.RUN, "latest", "index.html"}
    assert json.loads((reports / "latest" / "report.json").read_text())["run_id"] == made.RUN
    html = (reports / "index.html").read_text(encoding="utf-8")
    assert f'href="{made.RUN}/report.html"' in html
    assert 'href="latest/report.html"' in html


def test_index_that_leads_nowhere() -> None:
    """A run whose folder is gone is listed without a link, and the newest stands first."""
    html = index(made.facts(), {made.RUN})
    assert "20260228-020000/" not in html
    assert html.index("1 March 2026") < html.index("28 February 2026")
    assert index(made.facts(runs=()), set()).count("No night yet.") == 1


def test_older_night_with_a_strange_name() -> None:
    """A row of `sillon.runs` is data too."""
    row = made.night('"><script>', date(2026, 2, 1), 1.0, 2.0)
    html = index(made.facts(runs=[row | {"job": "<script>"}]), {'"><script>'})
    assert "<script>" not in html


@pytest.mark.parametrize(
    "value", ['=HYPERLINK("http://x";"y")', "+1", "-1", "@x", "\t=1", " =1", "\u202e=1", "\uff1d1"]
)
def test_cell_that_computes(tmp_path: Path, value: str) -> None:
    """D3, S3: a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    sheets.write_sheets(made.facts(changes=[made.change("albums", "genre", 1, value)]), tmp_path)
    with (tmp_path / sheets.CHANGES).open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["new_value"].startswith("'")
    assert row["confidence"] == "0.98"


def test_table_without_its_rows(tmp_path: Path) -> None:
    """The table beside a page that had to leave rows out has every one."""
    sheets.write_sheets(made.many(10_000), tmp_path)
    with (tmp_path / sheets.CHANGES).open(encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == 10_000
