"""The data folder: where everything of Sillon's own lies, and whose it is.

Here live the paths below `--data` and the stamp that ties the folder to one library and one kind (web or sandbox), and names
the fleet whose answers it shares where there is one. What is inside the files belongs to the modules that write them.
"""

from __future__ import annotations

import json
import os
import shlex
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ingest.errors import DataFolderMismatch

Kind = Literal["web", "sandbox"]
DEFAULT_DATA, DEFAULT_CONFIG = Path("data"), Path("config")


def folder_words(data: Path, config: Path | None = None) -> str:
    """What a command must be told to work in these folders, a space before each word; nothing for what it takes by itself."""
    words = "" if data == DEFAULT_DATA else f" --data {shlex.quote(str(data))}"
    return words if config is None else f"{words} --config {shlex.quote(str(config))}"


def config_to_decide(kind: Kind | None, data: Path, config: Path | None) -> Path | None:
    """The configuration folder that decisions about a data folder are for: the one of one's own is not for the sandbox's ids."""
    return data / "config" if kind == "sandbox" and config is None else config


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

    @property
    def fleet(self) -> Path | None:
        """The folder of the fleet that this library belongs to, as the stamp says; None for a library on its own."""
        named = self._owner().get("fleet") if "library" in self._owner() else None
        return None if named is None else Path(named)

    @property
    def lake_owner(self) -> str:
        """Whose a lake is that this folder shares with others: this one's wherever it lies, and no other host's at its path.

        A folder that an older Sillon stamped goes by its path.
        """
        return str(self._owner().get("lake_owner") or self.root.resolve())

    def decisions(self, config: Path) -> Path:
        """Where a person's decisions lie: with the configuration, but in its own folder for each library of a fleet.

        The album ids of one library mean nothing in another.
        """
        return (config if self.fleet is None else self.root) / "decisions.csv"

    def prepare(self) -> None:
        """Create the folders, readable by their owner alone: reports and logs tell what somebody listens to."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.backups, self.snapshots, self.ledger, self.exports, self.reports, self.logs, self.dagster):
            folder.mkdir(mode=0o700, exist_ok=True)

    def check(self, library: Path, kind: Kind) -> None:
        """Refuse a folder that belongs to another library, to the other kind or to a whole fleet.

        Raises DataFolderMismatch, whose line names the option to take instead.
        """
        owner = self._owner()
        if not owner or (owner.get("library") == str(library.resolve()) and owner.get("kind") == kind):
            return
        if "library" not in owner:
            raise DataFolderMismatch(
                "the data folder belongs to a fleet",
                where=self.root,
                remedy=f"take the folder of one library below it: --data {self.root}/…",
            )
        raise DataFolderMismatch(
            f"the data folder belongs to {owner.get('library')} ({owner.get('kind')})",
            where=self.root,
            expected=f"{library} ({kind})",
            remedy=f"take another folder: --data {self.root}-{library.stem if kind == 'web' else 'sandbox'}",
        )

    def claim(self, library: Path, kind: Kind, fleet: Path | None = None) -> None:
        """Stamp the folder as this library's and this kind's, and a fleet's. Idempotent; written aside and renamed.

        A fleet that was moved stamps its libraries anew; what the folder is called in a lake, it is called for good. Raises
        DataFolderMismatch where the fleet in the stamp is gone.
        """
        self.check(library, kind)
        fleet = fleet or self.fleet
        if fleet is not None and not (fleet / self.stamp.name).is_file():
            raise DataFolderMismatch(
                f"the data folder belongs to the fleet {fleet}, which is not there",
                where=self.root,
                remedy="run `sillon fleet` where it is now",
            )
        known = self._owner()
        stamp = {"library": str(library.resolve()), "kind": kind, **({"fleet": str(fleet)} if fleet else {})}
        if not known:
            stamp["lake_owner"] = f"{self.root.resolve()} ({uuid.uuid4()})"
        elif "lake_owner" in known:
            stamp["lake_owner"] = known["lake_owner"]
        if stamp != known:
            write_stamp(self.stamp, stamp)

    def _owner(self) -> dict[str, Any]:
        return read_stamp(self.stamp)


def read_stamp(path: Path) -> dict[str, Any]:
    """Whose a folder is; empty where it is nobody's yet."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def write_stamp(path: Path, stamp: Mapping[str, Any]) -> None:
    """Say whose a folder is: written aside and renamed."""
    aside = path.with_suffix(".json.new")
    with aside.open("w", encoding="utf-8") as file:
        file.write(json.dumps(stamp, ensure_ascii=False, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
