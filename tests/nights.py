"""Nights for tests: the sample library against the sandbox, at a pace that no real source would bear."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from dagster_project import night
from dagster_project.options import Options
from dagster_project.outcome import Outcome

FAST = {
    f"{word}_per_minute": 60_000 for word in ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify")
}


def write_config(folder: Path, *, services: list[str] | None = None, **automatic: Any) -> Path:
    """A configuration folder with a fast pace; keyword arguments go into the block `auto_enrichment`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "enrichment_config.json").write_text(
        json.dumps({"auto_enrichment": {"rate_limits": FAST, "timeout_seconds": 30, **automatic}})
    )
    scheduler: dict[str, Any] = {"timezone": "Europe/Paris"}
    if services is not None:
        scheduler["services"] = services
    (folder / "scheduler_config.json").write_text(json.dumps(scheduler))
    return folder


def run_night(data: Path, config: Path, **options: Any) -> Outcome:
    """A whole night without Dagster, against the sandbox without its pacing limits."""
    chosen: dict[str, Any] = {"sandbox": True, "sandbox_limits": False, **options}
    return night.run(Options(config=config, data=data, **chosen))


def report(data: Path) -> dict[str, Any]:
    """The latest report.json of a data folder."""
    return json.loads((data / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))


def rows(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table with the storage class of each value, sorted: what two libraries are compared by."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.text_factory = bytes
    tables = [
        name.decode()
        for (name,) in connection.execute(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
        )
    ]
    found = {}
    for table in tables:
        columns = [row[1].decode() for row in connection.execute(f'pragma table_info("{table}")')]
        pairs = ", ".join(f'typeof("{name}"), "{name}"' for name in columns)
        found[table] = sorted(connection.execute(f'select {pairs} from "{table}"').fetchall(), key=repr)
    connection.close()
    return found


def copy_data(source: Path, target: Path) -> Path:
    """A data folder taken elsewhere, with its stamp and sample library made its own."""
    shutil.copytree(source, target)
    stamp = target / "sillon.json"
    owner = json.loads(stamp.read_text())
    owner["library"] = owner["library"].replace(str(source.resolve()), str(target.resolve()))
    stamp.write_text(json.dumps(owner))
    return target
