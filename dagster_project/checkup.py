"""Everything a night needs, looked at without changing anything: what `sillon doctor` prints.

Here live the checks and their remedies. Each looks at one thing and says one line; what it looks at belongs to the module
that owns it. Sources are asked only where that was wanted (`ingest/probing.py`).
"""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import duckdb

from dagster_project.data_folder import DataFolder
from dagster_project.ending import read_health
from dagster_project.nights import next_night
from dagster_project.publish import lock
from ingest import probing
from ingest.clock import Clock
from ingest.errors import SillonError
from ingest.pacing import state_folder
from ingest.settings import WEB_SOURCES, Settings, machine_timezone, program_version
from ingest.sources import library as library_source
from ingest.tables import VERSION

PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "httpx")
ROOM = 500_000_000  # bytes: warehouse, reports and logs of a year
COPIES = 4  # backup, its restored twin, the enriched copy, the one it replaces
LATE = timedelta(hours=26)  # a night a day, and two hours for a change of the clocks and a long asking

_LAST = """
    select run_id, status, started_at, finished_at, kind, is_full from sillon.runs order by started_at desc limit 1
"""
_CLOSED = "select source, closed_until, reason from sillon.source_states where closed_until > ? order by source"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is ok, note (good to know), warn (goes on without you) or mend (does not)."""

    topic: str
    state: Literal["ok", "note", "warn", "mend"]
    words: str
    remedy: str | None = None


def examine(
    data: Path, config: Path | None, library: Path | None, clock: Clock, *, probe: bool = False
) -> list[Finding]:
    """Every finding, in the order in which a night would stumble. Raises nothing of Sillon's own."""
    from dagster_project.commands import whose

    folder = DataFolder(data.absolute())
    findings = [_versions()]
    try:
        settings = whose.settings(config)
    except SillonError as error:
        return [*findings, Finding("configuration", "mend", error.line), *_folder_findings(folder, None, clock)]
    stamp = whose.stamp(data)
    is_sandbox = stamp is not None and stamp.is_sandbox
    path = library or settings.enrichment.library or (stamp.library if stamp else None)
    findings += _configuration(settings, config)
    findings.append(_library(path))
    findings += _sources(settings, folder, clock, is_sandbox=is_sandbox)
    if probe:
        findings += probed(settings, clock)
    findings.append(_time_zone(settings, clock))
    findings += _folder_findings(folder, path, clock)
    findings.append(_last_night(folder, settings, clock, is_sandbox=is_sandbox))
    return findings


def probed(settings: Settings, clock: Clock) -> list[Finding]:
    """One question to each source, side by side."""
    with ThreadPoolExecutor(len(WEB_SOURCES)) as threads:
        probes = list(threads.map(lambda word: probing.probe(word, settings, clock), WEB_SOURCES))
    states: Mapping[str, Literal["ok", "note", "warn", "mend"]] = {
        "ok": "ok",
        "off": "note",
        "down": "warn",
        "refused": "mend",
    }
    remedies = {
        "down": "look again later: a night goes on without it and asks again the next",
        "refused": "check its key in secrets.json and `contact` in enrichment_config.json",
    }
    return [Finding(f"ask {one.source}", states[one.status], one.words, remedies.get(one.status)) for one in probes]


def _versions() -> Finding:
    def of(package: str) -> str:
        try:
            return f"{package} {version(package)}"
        except PackageNotFoundError:
            return f"{package} missing"

    packages = [of(package) for package in PACKAGES]
    words = ", ".join([f"sillon {program_version()}", f"python {platform.python_version()}", *packages])
    words += f", sqlite {sqlite3.sqlite_version}"
    if any(package.endswith("missing") for package in packages):
        return Finding("versions", "mend", words, "install it anew: make setup")
    return Finding("versions", "ok", words)


def _configuration(settings: Settings, config: Path | None) -> Iterator[Finding]:
    folder = config or Path("config")
    yield Finding("configuration", "ok", f"{folder} can be read" if folder.is_dir() else f"no {folder}: all defaults")
    for line in settings.warnings:
        yield Finding("configuration", "warn", line)


def _library(path: Path | None) -> Finding:
    if path is None:
        return Finding(
            "library", "mend", "none is named", "set `library` in enrichment_config.json, or run `sillon init`"
        )
    try:
        shape = library_source.check(path.expanduser())
    except SillonError as error:
        return Finding("library", "mend", error.line)
    rows = shape.rows
    return Finding("library", "ok", f"{path}: {rows['albums']} albums, {rows['listening_history']} scrobbles")


def _sources(settings: Settings, folder: DataFolder, clock: Clock, *, is_sandbox: bool) -> Iterator[Finding]:
    if is_sandbox:
        yield Finding("sources", "note", "this data folder is the sandbox's: the web is never asked")
        return
    closed = {row["source"]: row for row in _rows(folder.marts, _CLOSED, [_naive(clock.now())])}
    for word in WEB_SOURCES:
        access = settings.source_access(word)
        if word in closed:
            until = closed[word]["closed_until"].replace(tzinfo=UTC).astimezone(ZoneInfo(settings.scheduler.timezone))
            words = f"closed until {until:%Y-%m-%d %H:%M} ({closed[word]['reason'] or 'no reason given'})"
            yield Finding(word, "warn", words, "nothing: it is asked again by itself")
        elif access.status == "off":
            # Without a contact nobody is asked at all; to leave one source out is a choice.
            is_chosen = settings.enrichment.contact or not settings.enrichment.auto_enrichment.enabled
            yield Finding(word, "note" if is_chosen else "mend", f"off: {access.off_reason}")
        else:
            yield Finding(word, "ok", f"one request every {access.min_interval_s:.2f} s at {access.base_url}")


def _time_zone(settings: Settings, clock: Clock) -> Finding:
    zone, machine = settings.scheduler.timezone, machine_timezone(os.environ)
    following = next_night(settings.scheduler, clock.now())
    words = f"{zone}, now {clock.now().astimezone(ZoneInfo(zone)):%H:%M}; "
    words += f"next night {following:%Y-%m-%d %H:%M}" if following else "the schedule is off"
    if zone != machine:
        return Finding("time zone", "note", f"{words}; the machine's own is {machine}")
    return Finding("time zone", "ok", words)


def _folder_findings(folder: DataFolder, library: Path | None, clock: Clock) -> Iterator[Finding]:
    yield _room(folder, library)
    owner = lock.holder(folder.root)
    is_held = False
    if owner is None:
        yield Finding("run lock", "ok", "free")
    else:
        age = (clock.now() - datetime.fromisoformat(owner.heartbeat_at)).total_seconds()
        is_held = age <= lock.STALE_SECONDS
        state = "under way" if is_held else f"without a sign of life for {age:.0f} s; the next run takes the lock over"
        yield Finding(
            "run lock", "note" if is_held else "warn", f"{owner.words}, since {owner.started_at[:19]} UTC: {state}"
        )
    yield _pacing()
    yield from _databases(folder, is_held=is_held)


def _room(folder: DataFolder, library: Path | None) -> Finding:
    place = next(path for path in (folder.root, *folder.root.parents) if path.exists())
    if not os.access(place, os.W_OK):
        return Finding(
            "free space", "mend", f"{place} cannot be written to", "mend its permissions, or give another --data"
        )
    size = library.stat().st_size if library is not None and library.is_file() else 0
    need, free = COPIES * size + ROOM, shutil.disk_usage(place).free
    words = f"{free / 1e9:.1f} GB free at {place}, a night may need {need / 1e9:.1f} GB"
    if free < need:
        return Finding("free space", "mend", words, "make room, or lower `retention` in enrichment_config.json")
    return Finding("free space", "ok", words)


def _pacing() -> Finding:
    path = state_folder() / "pacing.sqlite"
    if not path.exists():
        return Finding("pacing", "ok", f"nothing was asked from this machine yet ({path.parent})")
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            tables = [
                row[0]
                for row in connection.execute("select name from sqlite_master where type = 'table' order by name")
            ]
        finally:
            connection.close()
    except sqlite3.Error as error:
        return Finding("pacing", "warn", f"{path}: {error}", "nothing: the next run sets it aside and begins a new one")
    if not os.access(path, os.W_OK):
        return Finding(
            "pacing", "mend", f"{path} cannot be written to", "mend its permissions, or set SILLON_STATE_DIR"
        )
    return Finding(
        "pacing", "ok", f"{path} paces {', '.join(name for name in tables if name in WEB_SOURCES) or 'nobody yet'}"
    )


def _databases(folder: DataFolder, *, is_held: bool) -> Iterator[Finding]:
    if not folder.warehouse.exists():
        yield Finding("warehouse", "ok", f"none yet in {folder.root}: the first run makes it")
        return
    if is_held:
        yield Finding("warehouse", "note", "held by the run that is under way")
    else:
        yield _opened("warehouse", folder.warehouse, _warehouse_words)
    yield _opened("marts", folder.marts, _marts_words)


def _opened(topic: str, path: Path, words: Callable[[duckdb.DuckDBPyConnection], tuple[bool, str]]) -> Finding:
    again = "run `sillon run` once: a damaged warehouse is set aside and what can be read of it moves into the new one"
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            is_sound, text = words(connection)
    except duckdb.Error as error:
        first = str(error).partition("\n")[0]
        if "lock" in first.lower():
            return Finding(topic, "mend", f"{path} is held by another program", "close the program that has it open")
        return Finding(topic, "mend", f"{path} cannot be read: {first[:160]}", again)
    return Finding(topic, "ok" if is_sound else "mend", f"{path}: {text}", None if is_sound else "update Sillon")


def _warehouse_words(connection: duckdb.DuckDBPyConnection) -> tuple[bool, str]:
    row = connection.execute("select max(version) from sillon.warehouse_version").fetchone()
    found = row[0] if row and row[0] is not None else 0
    return found <= VERSION, f"version {found}" + ("" if found <= VERSION else f", this Sillon knows {VERSION}")


def _marts_words(connection: duckdb.DuckDBPyConnection) -> tuple[bool, str]:
    tables = connection.execute("select count(*) from duckdb_tables() where schema_name = 'main'").fetchone()
    return True, f"{tables[0] if tables else 0} tables to ask questions of"


def _last_night(folder: DataFolder, settings: Settings, clock: Clock, *, is_sandbox: bool) -> Finding:
    health, runs = read_health(folder), _rows(folder.marts, _LAST)
    if health.get("status") == "failed":
        failures = "; ".join(map(str, health.get("failures") or ())) or "no reason was written down"
        remedy = f"see {folder.reports / 'latest' / 'report.html'}, mend it, then `sillon run`"
        return Finding("last night", "mend", f"{health.get('finished_at')}: failed: {failures}", remedy)
    if not runs:
        return Finding("last night", "note", "nothing has run here yet", "sillon run --library PATH")
    last = runs[0]
    zone = ZoneInfo(settings.scheduler.timezone)
    started = last["started_at"].replace(tzinfo=UTC)
    words = f"{last['run_id']}, {started.astimezone(zone):%Y-%m-%d %H:%M}, {last['status']}"
    if last["status"] == "started" and lock.holder(folder.root) is None:
        return Finding(
            "last night", "warn", f"{words}, and never finished", "run `sillon run`: it goes on from what was kept"
        )
    if not is_sandbox and settings.scheduler.enabled and clock.now() - started > LATE:
        return Finding("last night", "warn", f"{words}: more than a day ago", "see that `sillon serve` runs")
    return Finding("last night", "ok", words)


def _rows(path: Path, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    """Rows of the marts; none where there is no such file or table."""
    if not path.exists():
        return []
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            cursor = connection.execute(query, list(values))
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    except duckdb.Error:
        return []


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
