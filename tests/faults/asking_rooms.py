"""Where faults are tried: the sample library's warehouse, and askings of it against a sandbox that misbehaves by script."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from ingest import warehouse
from ingest.asking import Asking, SourceReport, ask_all
from ingest.sandbox import Catalogue, Sandbox, sample
from ingest.sandbox.faults import Fault
from ingest.settings import load_settings
from ingest.sources import library
from ingest.tables import WEB_TABLES
from tests.clocks import LaterClock
from tests.nights import FAST

SECRETS = {
    "discogs": {"token": "discogs-token"},
    "spotify": {"client_id": "spotify-id", "client_secret": "spotify-secret"},
    "listenbrainz": {"token": "listenbrainz-token"},
}
NEXT_NIGHT = timedelta(hours=24)


class Asked(NamedTuple):
    """What came of one asking: the reports, and what the sandbox was asked."""

    reports: dict[str, SourceReport]
    ledger: list[Any]


def sandbox(*faults: Fault | str) -> Sandbox:
    """The sample's sandbox, without the sources' pacing limits."""
    return Sandbox(_catalogue(), limits=False, faults=faults)


@cache
def _catalogue() -> Catalogue:
    return Catalogue.load(sample.CATALOGUE)


def write_web_config(folder: Path, base_urls: dict[str, str], *, timeout: float = 10.0, **top: Any) -> Path:
    """A configuration of the web kind whose addresses are a sandbox's, with keys of every source."""
    folder.mkdir(parents=True, exist_ok=True)
    automatic = {"rate_limits": FAST, "timeout_seconds": timeout, **top.pop("auto_enrichment", {})}
    config = {"contact": "tests@example.org", "base_urls": base_urls, "auto_enrichment": automatic, **top}
    (folder / "enrichment_config.json").write_text(json.dumps(config))
    secrets = folder / "secrets.json"
    secrets.write_text(json.dumps(SECRETS))
    secrets.chmod(0o600)
    (folder / "scheduler_config.json").write_text('{"timezone": "Europe/Paris"}')
    return folder


def new_warehouse(folder: Path) -> Path:
    """A warehouse that holds the sample library and no answer."""
    sample.build_library(folder / "music.db")
    with warehouse.connect(folder / "warehouse.duckdb") as connection:
        library.extract(folder / "music.db", connection)
    return folder / "warehouse.duckdb"


def ask(
    path: Path,
    folder: Path,
    faults: Sequence[Fault | str] = (),
    *,
    clock: LaterClock | None = None,
    timeout: float = 10.0,
    seconds: float = 120.0,
) -> Asked:
    """Ask every source for what is due in a warehouse, for at most so many seconds."""
    clock = clock or LaterClock()
    with sandbox(*faults) as stand_in, warehouse.connect(path) as connection:
        config = write_web_config(folder / "config", stand_in.base_urls, timeout=timeout)
        reports = ask_all(
            Asking(
                connection=connection,
                settings=load_settings(config, environ={}),
                run_id="a-night",
                clock=clock,
                deadline=clock.monotonic() + seconds,
                state_dir=folder / "state",
            )
        )
        return Asked(reports, list(stand_in.ledger))


def without_answers_of(source: str, calm: Path, target: Path) -> Path:
    """A copy of a warehouse in which one source has not been asked yet, and all others have answered."""
    shutil.copyfile(calm, target)
    with duckdb.connect(str(target)) as connection:
        for table in WEB_TABLES:
            if table.startswith(f"{source}."):
                connection.execute(f"delete from {table}")
    return target


def answers(path: Path) -> dict[str, dict[str, set[str]]]:
    """Per raw table, each question with what was answered to it: the names and ids in the payloads, whatever the batch."""
    found: dict[str, dict[str, set[str]]] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for table in WEB_TABLES:
            told: dict[str, set[str]] = defaultdict(set)
            for asked, status, payload in connection.execute(f"select asked, status, payload from {table}").fetchall():
                for item in json.loads(asked):
                    told[item["question"]] |= _about(item["question"], status, payload)
            found[table] = dict(told)
    return found


def _about(question: str, status: int, payload: str | None) -> set[str]:
    """The parts of an answer that any batch would hold for a question; a question of names says only that it was answered."""
    kind, _, value = question.partition(":")
    if payload is None or kind in ("pair", "name"):
        return {str(status)}
    if kind == "release_group" and payload.startswith("{"):
        body = json.loads(payload)
        return {str(status), json.dumps(body.get(value, body.get("location")), sort_keys=True)}
    return {str(status), str(value in payload)}
