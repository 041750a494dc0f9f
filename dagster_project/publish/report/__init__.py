"""The morning page: one folder per run with `report.html`, `report.md`, `report.json` and the tables as CSV.

Beside the folders lie `latest`, a copy of the newest, and `index.html` over all runs. Here lives what is written where.
The heavy parts are imported when a report is drawn: the command takes its words from this package and must answer at once.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster_project.data_folder import DataFolder
    from dagster_project.outcome import Outcome
    from dagster_project.preparation import Place
    from dagster_project.publish.report.facts import ReportFacts

PAGE = "report.html"
INDEX = "index.html"


def write(outcome: Outcome, place: Place, folder: DataFolder) -> Path:
    """Write the report of a run into `<reports>/<run_id>/` and make `<reports>/latest/` the same. Returns latest's page."""
    from dagster_project.publish.durable import sync_folder
    from dagster_project.publish.report.gathering import gather

    facts = gather(outcome, place, folder)
    own = folder.reports / facts.run_id
    aside = folder.reports / f".{facts.run_id}.new"
    shutil.rmtree(aside, ignore_errors=True)
    render(facts, aside)
    shutil.rmtree(own, ignore_errors=True)
    aside.rename(own)
    _make_latest(own, folder.reports / "latest")
    _write_index(facts, folder.reports)
    sync_folder(folder.reports)
    return folder.reports / "latest" / PAGE


def render(facts: ReportFacts, folder: Path) -> None:
    """Draw every form of a report into `folder`, which is created (readable by its owner alone)."""
    from dagster_project.publish.report.gains import gains
    from dagster_project.publish.report.markdown import markdown
    from dagster_project.publish.report.page import page
    from dagster_project.publish.report.sheets import write_sheets

    folder.mkdir(mode=0o700, parents=True)
    gained = {field: sum(gain.is_new for gain in found) for field, found in gains(facts).items()}
    told = {**facts.as_json(), "gained": gained}
    (folder / "report.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / "report.md").write_text(markdown(facts), encoding="utf-8")
    (folder / PAGE).write_text(page(facts), encoding="utf-8")
    write_sheets(facts, folder)


def _write_index(facts: ReportFacts, reports: Path) -> None:
    from dagster_project.publish.report.index import index

    aside = reports / ".index.new"
    aside.write_text(index(facts, {path.name for path in reports.iterdir() if path.is_dir()}), encoding="utf-8")
    aside.replace(reports / INDEX)


def _make_latest(own: Path, latest: Path) -> None:
    """A whole copy, swapped in by rename: `latest` is a real folder, also where links are not allowed."""
    aside, old = latest.with_name(".latest.new"), latest.with_name(".latest.old")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(own, aside)
    if latest.exists():
        latest.rename(old)
    aside.rename(latest)
    shutil.rmtree(old, ignore_errors=True)
