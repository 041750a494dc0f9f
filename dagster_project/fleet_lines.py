"""What came of each library of a fleet, as a line: a row of the table that is shown, of `fleet.duckdb` and of the page.

Read from the newest report of the library; nothing runs here. What all lines come to is gathered in `publish/fleet_report.py`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from dagster_project.disk_errors import explained
from dagster_project.ending import read_health
from dagster_project.fleet_folder import FleetFolder, Member, library_id
from dagster_project.options import Options
from dagster_project.preparation import settings_of
from ingest.clock import Clock, SystemClock
from ingest.errors import ConfigError

Status = Literal["success", "partial", "failed"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """What came of one library: a row of the table `libraries`. `is_earlier`: it had its night before this start.

    `changes` are those written, or for a dry run those that would be; `requests` are what went out to all sources.
    """

    library_id: str
    library: str
    status: Status
    is_earlier: bool = False
    reason: str | None = None
    run_id: str | None = None
    finished_at: datetime | None = None
    changes: int = 0
    questions: int = 0
    requests: int = 0
    musicbrainz_requests: int = 0
    score_before: float | None = None
    score_after: float | None = None
    report: str | None = None


def unnamed(pattern: str) -> Line:
    """A pattern beside others that names nothing tonight: mistyped, or its disk is not mounted and never was."""
    why = ConfigError(f"no file is named by {pattern}", remedy="check the pattern, and quote it")
    return Line(library_id=library_id(Path(pattern)), library=pattern, status="failed", reason=why.line)


def known_line(fleet: FleetFolder, member: Member) -> Line:
    """What the newest report of a library says of it, or why its last run could not even begin."""
    folder = fleet.of(member)
    page, health = folder.reports / "latest" / "report.html", read_health(folder)
    never_began = health.get("status") == "failed" and health.get("run_id") is None
    try:
        facts = {} if never_began else json.loads(page.with_name("report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        facts = {}
    if not facts:
        reason = "; ".join(health.get("failures", ())) or "no night yet"
        return Line(
            library_id=member.library_id, library=str(member.path), status="failed", is_earlier=True, reason=reason
        )
    sources = facts.get("sources", {})
    return Line(
        library_id=member.library_id,
        library=str(member.path),
        status=facts["status"],
        is_earlier=True,
        reason="; ".join(facts.get("failures", ())) or None,
        run_id=facts["run_id"],
        finished_at=datetime.fromisoformat(facts["timestamp"]),
        changes=sum(facts.get("changes", {}).values()),
        questions=facts.get("review_queue", 0),
        requests=sum(source["requests"] for source in sources.values()),
        musicbrainz_requests=sources.get("musicbrainz", {}).get("requests", 0),
        score_before=facts.get("quality", {}).get("before"),
        score_after=facts.get("quality", {}).get("after"),
        report=str(page),
    )


def tell(
    fleet: FleetFolder, options: Options, lines: Sequence[Line] = (), clock: Clock | None = None, requests: int = 0
) -> Path:
    """Make anew what concerns all of a fleet: from these lines, else from what is known of each library. Returns the page.

    `requests` are those that went out for all of them together. Raises DiskFull or PublishError where it cannot be written.
    """
    from dagster_project.publish import fleet_report

    settings = settings_of(options)
    known = lines or [known_line(fleet, member) for member in fleet.members()]
    try:
        return fleet_report.write(
            fleet, [asdict(line) for line in known], settings, (clock or SystemClock()).now(), requests
        )
    except (OSError, duckdb.Error) as error:
        raise explained(error, fleet.root) from error


def exit_status(lines: Sequence[Line]) -> int:
    """As after a run: a source that was down is a warning, a library that failed a failure."""
    return 1 if any(line.status == "failed" for line in lines) else 0
