"""The tables beside the page, whole: CSV files for whatever is longer than a page should be.

Here lives the writing of cells that no spreadsheet takes for a formula.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from dagster_project.publish.report.display import clean
from dagster_project.publish.report.facts import ReportFacts, Row

CHANGES, QUEUE, ISSUES = "changes.csv", "review_queue.csv", "integrity_issues.csv"
_LONGEST_CELL = 10_000  # characters; a spreadsheet holds some 32,000

COLUMNS: Mapping[str, tuple[str, ...]] = {
    CHANGES: (
        "change_id", "run_id", "action", "table_name", "row_key", "column_name", "old_value", "new_value", "album_id",
        "feature", "source", "evidence_url", "fetched_at", "confidence", "runner_up", "rule",
    ),
    QUEUE: (
        "queue_id", "kind", "album_id", "artist", "title", "field", "reason", "candidates", "confidence", "suggestion",
    ),
    ISSUES: ("issue_id", "kind", "severity", "table_name", "row_key", "column_name", "value", "detail"),
}  # fmt: skip


def write_sheets(facts: ReportFacts, folder: Path) -> None:
    """Write the three tables into `folder`, each with a heading line, in UTF-8 as spreadsheets recognise it."""
    for name, rows in ((CHANGES, facts.changes), (QUEUE, facts.queue), (ISSUES, facts.issues)):
        _write(folder / name, COLUMNS[name], rows)


def _write(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return defused(clean(value, _LONGEST_CELL))


def defused(text: str) -> str:
    """A text that a spreadsheet would compute, with an apostrophe before it, which makes it text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")) else text
