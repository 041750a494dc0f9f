"""Everything a night needs, looked at without changing anything: what `sillon doctor` prints.

Here live the checks and their remedies. Each looks at one thing and says one line; what it looks at belongs to the module
that owns it. Sources are asked only where that was wanted (`ingest/probing.py`).
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from dagster_project import network_disk
from dagster_project.checkup_folder import Finding, of_folder, rows_of
from dagster_project.data_folder import DataFolder
from dagster_project.ending import read_health
from dagster_project.nights import next_night
from dagster_project.publish import lock
from ingest import probing
from ingest.clock import Clock
from ingest.errors import SillonError
from ingest.settings import WEB_SOURCES, Settings, machine_timezone, program_version
from ingest.sources import library as library_source

PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "httpx")
LATE = timedelta(hours=26)  # a night a day, and two hours for a change of the clocks and a long asking

_LAST = """
    select run_id, status, started_at, finished_at, kind, is_full from sillon.runs order by started_at desc limit 1
"""
_CLOSED = "select source, closed_until, reason from sillon.source_states where closed_until > ? order by source"


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
        return [*findings, Finding("configuration", "mend", error.line), *of_folder(folder, None, clock)]
    stamp = whose.stamp(data)
    is_sandbox = stamp is not None and stamp.is_sandbox
    path = library or settings.enrichment.library or (stamp.library if stamp else None)
    findings += _configuration(settings, config)
    findings.append(_library(path))
    findings += _sources(settings, folder, clock, is_sandbox=is_sandbox)
    if probe:
        findings += probed(settings, clock)
    findings.append(_time_zone(settings, clock))
    findings += of_folder(folder, path, clock)
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
    if kind := network_disk.kind_of(path.expanduser()):
        return Finding("library", "warn", network_disk.WORDS.format(path=path, kind=kind), network_disk.REMEDY)
    return Finding("library", "ok", f"{path}: {rows['albums']} albums, {rows['listening_history']} scrobbles")


def _sources(settings: Settings, folder: DataFolder, clock: Clock, *, is_sandbox: bool) -> Iterator[Finding]:
    if is_sandbox:
        yield Finding("sources", "note", "this data folder is the sandbox's: the web is never asked")
        return
    closed = {row["source"]: row for row in rows_of(folder.marts, _CLOSED, [_naive(clock.now())])}
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


def _last_night(folder: DataFolder, settings: Settings, clock: Clock, *, is_sandbox: bool) -> Finding:
    health, runs = read_health(folder), rows_of(folder.marts, _LAST)
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


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
