"""What of reports and logs is kept: the newest, as many as the configuration says.

Here lives the throwing away of what runs leave behind; backups have rules of their own in `publish/retention.py`, Dagster's
history is cleared in `control_room.py`. Only names that a run makes are ever removed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from dagster_project.data_folder import DataFolder
from ingest.settings_models import Retention

RUN = re.compile(r"\d{8}-\d{6}[a-z]?")  # how a run is named: the local time of its start


def prune(folder: DataFolder, retention: Retention, coming: str) -> list[Path]:
    """Remove the reports and logs of the oldest runs beyond what is kept, and halves that a killed run left.

    Args:
        folder: the data folder; the caller holds its lock.
        retention: how many are kept.
        coming: the run whose report is about to be written, counted among them.

    Returns what was removed. Raises OSError.
    """
    named = [path for path in _listed(folder.reports) if RUN.fullmatch(path.name) and path.is_dir()]
    reports = sorted({*named, folder.reports / coming})
    logs = [path for path in _listed(folder.logs) if path.suffix == ".log" and RUN.fullmatch(path.stem)]
    halves = [path for path in _listed(folder.reports) if path.name.endswith(".new") and RUN.fullmatch(path.stem[1:])]
    gone = [*_oldest(reports, retention.reports), *_oldest(logs, retention.logs), *halves]
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return gone


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _oldest(named: Sequence[Path], keep: int) -> list[Path]:
    """All but the last `keep`; the newest one always stays."""
    return list(named[: -max(keep, 1)])
