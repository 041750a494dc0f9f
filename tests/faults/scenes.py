"""A library, its data folder and the sources it is enriched from, for nights in which something is done to them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import duckdb

from dagster_project import night
from dagster_project.believe import environment
from dagster_project.data_folder import DataFolder
from dagster_project.options import Options
from dagster_project.outcome import Outcome
from dagster_project.publish import backup
from ingest.clock import Clock, SystemClock
from ingest.sandbox import sample
from ingest.sandbox.faults import Fault
from tests.clocks import LaterClock
from tests.faults.asking_rooms import SECRETS, sandbox, write_web_config
from tests.marts_hash import table_hashes

ROOT = Path(__file__).parents[2]
CANARIES = [secret for block in SECRETS.values() for secret in block.values()]
LEFTOVERS = (".part", ".new", ".drill", ".old", ".part-wal", ".part-journal")


class Scene:
    """The sample library in a folder of its own, its sources, and nights over it of the web kind."""

    def __init__(
        self,
        folder: Path,
        *faults: Fault,
        in_place: bool = False,
        library: Path | None = None,
        data: Path | None = None,
        timeout: float = 10.0,
        top: dict[str, Any] | None = None,
    ) -> None:
        self.root = folder
        self.library = library or folder / "music.db"
        self.data = data or folder / "data"
        self.in_place = in_place
        self.sources = sandbox(*faults)
        self._timeout = timeout
        self._top = top or {}
        folder.mkdir(parents=True, exist_ok=True)
        if not self.library.exists():
            sample.build_library(self.library)

    def __enter__(self) -> Scene:
        self.sources.__enter__()
        write_web_config(self.root / "config", self.sources.base_urls, timeout=self._timeout, **self._top)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sources.__exit__(kind, error, trace)

    @property
    def folder(self) -> DataFolder:
        return DataFolder(self.data)

    @property
    def target(self) -> Path:
        """The file that a night writes."""
        return self.library if self.in_place else self.folder.exports / self.library.name

    @property
    def options(self) -> Options:
        return Options(config=self.root / "config", data=self.data, library=self.library, in_place=self.in_place)

    def night(self, *, clock: Clock | None = None, checkpoint: Any = night.no_checkpoint, **options: Any) -> Outcome:
        """A whole night in this process."""
        chosen = self.options.model_copy(update=options)
        with environment({"SILLON_STATE_DIR": str(self.root / "state")}):
            return night.run(chosen, clock=clock or LaterClock(), checkpoint=checkpoint)

    def start(self, **variables: str) -> subprocess.Popen[bytes]:
        """A whole night in a process of its own (`night_process`)."""
        environ = {**os.environ, "SILLON_STATE_DIR": str(self.root / "state"), **variables}
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.night_process", self.options.model_dump_json()],
            cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def take_backup(self) -> None:
        """A backup from before, which nothing that follows may harm."""
        self.folder.prepare()
        backup.take(self.library, self.folder.backups, SystemClock())

    def questions(self) -> list[tuple[str, str, str]]:
        """What the sources were asked: source, path and body of every request."""
        return [(entry.source, entry.path, entry.body) for entry in self.sources.ledger]

    def statuses(self) -> list[str]:
        """The status of every run, oldest first."""
        with duckdb.connect(str(self.folder.marts), read_only=True) as connection:
            found = connection.execute("select status from sillon.runs order by started_at").fetchall()
        return [status for (status,) in found]

    def marts(self) -> dict[str, str]:
        return table_hashes(self.folder.marts)

    def problems_of_backups(self) -> list[str]:
        """What is wrong with the backups, each opened and checked as a restore would."""
        listed = [one.path.name for one in backup.listing(self.folder.backups)]
        found = [backup.verify(self.folder.backups, name, SystemClock()) for name in listed]
        return [problem for problem in found if problem]

    def leftovers(self) -> list[str]:
        """Files that a run makes for a while and that none should leave."""
        files = [path for path in self.data.rglob("*") if self.folder.dbt not in path.parents]
        return [str(path.relative_to(self.data)) for path in files if path.name.endswith(LEFTOVERS)]

    def leaks(self) -> list[str]:
        """Files of the data folder in which a secret stands."""
        files = [path for path in self.data.rglob("*") if path.is_file()]
        return [path.name for path in files if any(word.encode() in path.read_bytes() for word in CANARIES)]


def untimed(database: Path, like: Path | None = None) -> dict[str, list[str]]:
    """Every row of every table with its storage classes, without the moments (`*_at`).

    With `like` only the tables and columns of that database, so that a library with more of them can be compared.
    """
    shape = _columns(like or database)
    with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        found = {}
        for table, columns in shape.items():
            kept = ", ".join(f'typeof("{name}"), "{name}"' for name in columns)
            found[table] = sorted(map(repr, connection.execute(f'select {kept} from "{table}"')))
        return found


def _columns(database: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as connection:
        names = connection.execute("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
        return {
            table: [row[1] for row in connection.execute(f'pragma table_info("{table}")') if not row[1].endswith("_at")]
            for (table,) in names.fetchall()
        }
