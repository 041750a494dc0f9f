"""`decisions.csv` as the command changes it: a line more or some lines less, written aside and renamed.

Reading it for a run stands in `decision_rows.py`. Whoever edits the file by hand keeps columns and order.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

SPREADSHEET_SIGNS = ("=", "+", "-", "@")  # a cell that begins so is a formula to a spreadsheet


def path_in(config: Path | None, data: Path) -> Path:
    """Where the decisions about a data folder's library lie, whether or not there are any yet."""
    from dagster_project.data_folder import DataFolder
    from dagster_project.preparation import DEFAULT_CONFIG

    return DataFolder(data.absolute()).decisions(config or DEFAULT_CONFIG)


def append(path: Path, row: Mapping[str, Any]) -> None:
    """Add one decision at the end. Raises ConfigError for a file that a run would refuse, DiskFull, PublishError."""
    from dagster_project.decision_rows import DECISION_COLUMNS, read_decisions

    list(read_decisions(path))  # a file that a run would refuse is not made longer
    text = _read(path)
    if not text.strip():
        text = ",".join(DECISION_COLUMNS) + "\r\n"
    columns = next(csv.reader(io.StringIO(text)))
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow([_cell(row.get(name)) for name in columns])
    _write(path, text if text.endswith("\n") else text + "\r\n", line.getvalue())


def without(path: Path, is_meant: Callable[[dict[str, Any]], bool]) -> int:
    """Remove the decisions for which `is_meant` holds. Returns how many went."""
    from dagster_project.decision_rows import read_decisions

    rows = list(read_decisions(path))
    going = {number for number, row in enumerate(rows, start=1) if is_meant(row)}
    if not going:
        return 0
    lines = list(csv.reader(io.StringIO(_read(path))))
    records = [line for line in lines[1:] if line]  # as DictReader counts them: empty lines are no rows
    kept = io.StringIO()
    csv.writer(kept).writerows(
        [lines[0], *(record for number, record in enumerate(records, start=1) if number not in going)]
    )
    _write(path, kept.getvalue())
    return len(going)


def _cell(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula; the reader takes the apostrophe off again."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(SPREADSHEET_SIGNS) and not text.lstrip("-").isdigit() else text


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _write(path: Path, *parts: str) -> None:
    from dagster_project.publish.durable import one_line, rename
    from ingest.errors import PublishError

    with one_line(path, PublishError, "writing the decision"):
        path = path.resolve()  # a link stays a link: what it points to is replaced
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(path.name + ".new")
        with aside.open("w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        rename(aside, path)
