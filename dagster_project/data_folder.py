"""The data folder: where everything of Sillon's own lies, and whose it is.

Here live the paths below `--data` and the stamp that ties the folder to one library and one kind (web or sandbox). What is
inside the files belongs to the modules that write them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingest.errors import DataFolderMismatch

Kind = Literal["web", "sandbox"]


@dataclass(frozen=True)
class DataFolder:
    """The paths below one data folder. Creating one creates nothing on disk; `prepare()` does."""

    root: Path

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def marts(self) -> Path:
        return self.root / "marts.duckdb"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger"

    @property
    def exports(self) -> Path:
        return self.root / "exports"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def dbt(self) -> Path:
        return self.root / "dbt"

    @property
    def dump(self) -> Path:
        return self.root / "dump"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def sandbox_state(self) -> Path:
        return self.root / "sandbox"

    @property
    def health(self) -> Path:
        return self.root / "health.json"

    @property
    def stamp(self) -> Path:
        return self.root / "sillon.json"

    def prepare(self) -> None:
        """Create the folders, readable by their owner alone: reports and logs tell what somebody listens to."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.backups, self.snapshots, self.ledger, self.exports, self.reports, self.logs, self.dagster):
            folder.mkdir(mode=0o700, exist_ok=True)

    def check(self, library: Path, kind: Kind) -> None:
        """Refuse a folder that belongs to another library or to the other kind.

        Raises DataFolderMismatch, whose line names the option to take instead.
        """
        if not self.stamp.exists():
            return
        owner = json.loads(self.stamp.read_text(encoding="utf-8"))
        if owner.get("library") == str(library.resolve()) and owner.get("kind") == kind:
            return
        raise DataFolderMismatch(
            f"the data folder belongs to {owner.get('library')} ({owner.get('kind')})",
            where=self.root,
            expected=f"{library} ({kind})",
            remedy=f"take another folder: --data {self.root}-{library.stem if kind == 'web' else 'sandbox'}",
        )

    def claim(self, library: Path, kind: Kind) -> None:
        """Stamp the folder as this library's and this kind's. Idempotent; written aside and renamed."""
        self.check(library, kind)
        if self.stamp.exists():
            return
        text = json.dumps({"library": str(library.resolve()), "kind": kind}, ensure_ascii=False, indent=2) + "\n"
        aside = self.stamp.with_suffix(".json.new")
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.stamp)
