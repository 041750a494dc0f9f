"""Everything a night needs, looked at without changing anything: what `sillon doctor` prints.

Here live the checks and their remedies. Each looks at one thing and says one line; what it looks at belongs to the module
that owns it. Sources are asked only where that was wanted (`ingest/probing.py`).
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from dagster_project import network_disk
from dagster_project.checkup_folder import Finding, of_folder, rows_of
from dagster_project.commands.words import Words
from dagster_project.data_folder import DataFolder
from dagster_project.ending import read_health
from dagster_project.nights import LATE, next_night
from dagster_project.publish import lock
from ingest import probing
from ingest.clock import Clock
from ingest.errors import SillonError
from ingest.settings import WEB_SOURCES, Settings, machine_timezone, program_version
from ingest.sources import library as library_source

PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "httpx")

_LAST = """
    select run_id, status, started_at, finished_at, kind, is_full from sillon.runs order by started_at desc limit 1
"""
_CLOSED = "select source, closed_until, reason from sillon.source_states where closed_until > ? order by source"


def examine(
    data: Path,
    config: Path | None,
    library: Path | None,
    clock: Clock,
    words: Words,
    *,
    probe: bool = False,
    engine: str | None = None,
) -> list[Finding]:
    """Every finding, in the order in which a night would stumble, in the words of the command. Raises nothing of ours."""
    from dagster_project.commands import whose

    folder = DataFolder(data.absolute())
    findings = [_versions(words)]
    try:
        settings = whose.settings(config)
    except SillonError as error:
        return [
            *findings,
            Finding("configuration", "mend", words.error(error)),
            *of_folder(folder, None, clock, words),
        ]
    words = words.within(settings.scheduler.timezone)
    stamp = whose.stamp(data)
    is_sandbox = stamp is not None and stamp.is_sandbox
    path = library or settings.enrichment.library or (stamp.library if stamp else None)
    findings += _configuration(settings, config, words)
    findings.append(_library(path, words))
    findings += _sources(settings, folder, clock, words, is_sandbox=is_sandbox)
    if probe:
        findings += probed(settings, clock, words)
    if (engine or settings.enrichment.engine) == "spark":
        findings += of_spark(settings, folder, words)
    findings.append(_time_zone(settings, clock, words))
    findings += of_folder(folder, path, clock, words)
    findings.append(_last_night(folder, settings, clock, words, is_sandbox=is_sandbox))
    return findings


def probed(settings: Settings, clock: Clock, words: Words) -> list[Finding]:
    """One question to each source, side by side."""
    with ThreadPoolExecutor(len(WEB_SOURCES)) as threads:
        probes = list(threads.map(lambda word: probing.probe(word, settings, clock), WEB_SOURCES))
    states: Mapping[str, Literal["ok", "note", "warn", "mend"]] = {
        "ok": "ok",
        "off": "note",
        "down": "warn",
        "refused": "mend",
    }
    remedies = {"down": words("check.later"), "refused": words("check.key")}
    return [
        Finding(f"ask {one.source}", states[one.status], words.told(one.words), remedies.get(one.status))
        for one in probes
    ]


def of_spark(settings: Settings, folder: DataFolder, words: Words) -> Iterator[Finding]:
    """The packages, the Java and the lake that Spark needs, each looked at by itself."""
    from dagster_project import spark
    from dagster_project.lake import Lake

    engine = spark.Spark.of(settings, folder)
    looks: tuple[tuple[str, Callable[[], int | None], dict[str, str]], ...] = (
        ("check.packages", spark.check_packages, {"packages": ", ".join(spark.MODULES)}),
        ("check.java", spark.check_java, {}),
        ("check.lake", lambda: Lake(engine.lake, engine.owner).check(probe=False), {"place": engine.lake}),
    )
    for key, look, said in looks:
        try:
            found = look()
        except SillonError as error:
            yield Finding("spark", "mend", words.error(error))
        else:
            yield Finding("spark", "ok", words(key, version=found, **said))


def _versions(words: Words) -> Finding:
    def of(package: str) -> str:
        try:
            return f"{package} {version(package)}"
        except PackageNotFoundError:
            return words("check.missing", package=package)

    packages = [of(package) for package in PACKAGES]
    told = ", ".join([f"sillon {program_version()}", f"python {platform.python_version()}", *packages])
    told += f", sqlite {sqlite3.sqlite_version}"
    if any(words("check.missing", package=package) in packages for package in PACKAGES):
        return Finding("versions", "mend", told, words("check.install"))
    return Finding("versions", "ok", told)


def _configuration(settings: Settings, config: Path | None, words: Words) -> Iterator[Finding]:
    folder = config or Path("config")
    yield Finding("configuration", "ok", words("check.read" if folder.is_dir() else "check.defaults", folder=folder))
    for line in settings.warnings:
        yield Finding("configuration", "warn", words.told(line))


def _library(path: Path | None, words: Words) -> Finding:
    if path is None:
        return Finding("library", "mend", words("check.no_library"), words("check.no_library.remedy"))
    try:
        shape = library_source.check(path.expanduser())
    except SillonError as error:
        return Finding("library", "mend", words.error(error))
    rows = shape.rows
    if kind := network_disk.kind_of(path.expanduser()):
        return Finding(
            "library", "warn", words("check.network_disk", path=path, kind=kind), words("check.network_disk.remedy")
        )
    counts = {"albums": rows["albums"], "scrobbles": rows["listening_history"]}
    return Finding("library", "ok", words("check.counted", path=path, **counts))


def _sources(
    settings: Settings, folder: DataFolder, clock: Clock, words: Words, *, is_sandbox: bool
) -> Iterator[Finding]:
    if is_sandbox:
        yield Finding("sources", "note", words("check.sandbox"))
        return
    closed = {row["source"]: row for row in rows_of(folder.marts, _CLOSED, [_naive(clock.now())])}
    for word in WEB_SOURCES:
        access = settings.source_access(word)
        if word in closed:
            until = words.moment(closed[word]["closed_until"].replace(tzinfo=UTC))
            reason = words.told(closed[word]["reason"] or "") or words("no_reason")
            told = words("check.closed", moment=until, reason=reason)
            yield Finding(word, "warn", told, words("check.closed.remedy"))
        elif access.status == "off":
            # Without a contact nobody is asked at all; to leave one source out is a choice.
            is_chosen = settings.enrichment.contact or not settings.enrichment.auto_enrichment.enabled
            told = words("check.off", reason=words.told(access.off_reason or ""))
            yield Finding(word, "note" if is_chosen else "mend", told)
        else:
            seconds = words.number(access.min_interval_s, 2)
            yield Finding(word, "ok", words("check.pace", seconds=seconds, address=access.base_url))


def _time_zone(settings: Settings, clock: Clock, words: Words) -> Finding:
    zone, machine = settings.scheduler.timezone, machine_timezone(os.environ)
    following = next_night(settings.scheduler, clock.now())
    coming = words("check.next", moment=words.moment(following)) if following else words("check.schedule_off")
    told = words("check.zone", zone=zone, time=words.time(clock.now()), next=coming)
    if zone != machine:
        return Finding("time zone", "note", words("check.machine", words=told, zone=machine))
    return Finding("time zone", "ok", told)


def _last_night(folder: DataFolder, settings: Settings, clock: Clock, words: Words, *, is_sandbox: bool) -> Finding:
    health, runs = read_health(folder), rows_of(folder.marts, _LAST)
    if health.get("status") == "failed":
        failures = "; ".join(words.told(str(line)) for line in health.get("failures") or ())
        told = {"when": health.get("finished_at"), "failures": failures or words("check.failed.nothing")}
        remedy = words("check.failed.remedy", page=folder.reports / "latest" / "report.html")
        return Finding("last night", "mend", words("check.failed", **told), remedy)
    if not runs:
        return Finding("last night", "note", words("check.never_ran"), "sillon run --library PATH")
    last = runs[0]
    started, status = last["started_at"].replace(tzinfo=UTC), words.of("status", last["status"])
    night = words("check.last", run=last["run_id"], moment=words.moment(started), status=status)
    if last["status"] == "started" and lock.holder(folder.root) is None:
        remedy = words("check.unfinished.remedy")
        return Finding("last night", "warn", words("check.unfinished", words=night), remedy)
    if not is_sandbox and settings.scheduler.enabled and clock.now() - started > LATE:
        return Finding("last night", "warn", words("check.late", words=night), words("check.late.remedy"))
    return Finding("last night", "ok", night)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
