"""The facts of one report: what the run knows of itself, and what the marts say, read once.

Nothing is drawn or worded here (`page.py`, `words.py`), nothing is computed that a mart could say. The JSON form is a contract
with other programs; its keys stand in `as_json`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.data_folder import Kind, config_to_decide, folder_words

WEB_SOURCES = ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify")
STATE_METRICS = ("albums", "artists", "tracks", "scrobbles")
PARTS = ("structure", "coherence", "integrity", "completeness")
COUNTED = (
    "albums_without_image",
    "albums_without_genre",
    "albums_without_year",
    "albums_without_description",
    "malformed_artists",
    "duplicate_albums",
    "duplicate_artists",
    "orphan_tracks",
    "broken_references",
)

Row = Mapping[str, Any]
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class SourceFacts:
    """One source tonight: `status` is ok, degraded, down or off; `deferred` are the questions that stay due."""

    status: str
    requests: int = 0
    answers: int = 0
    deferred: int = 0
    reason: str | None = None
    closed_until: datetime | None = None


@dataclass(frozen=True)
class ReportFacts:
    """Everything that a report shows. Rows are dictionaries with the columns of their mart.

    `decisions` is the file that answers to the queue are written into. A row of `changes` has `run_id` too: the run that wrote
    it first, which is the one to undo.
    """

    run_id: str
    version: str
    job: str
    kind: Kind
    language: str
    time_zone: str
    started_at: datetime
    finished_at: datetime
    status: str
    target: str
    dry_run: bool
    library: Path
    output: Path
    data: Path
    config: Path | None
    decisions: Path
    features: Mapping[str, bool]
    sources: Mapping[str, SourceFacts]
    warnings: Sequence[str] = ()
    failures: Sequence[str] = ()
    backup: Path | None = None
    kept_aside: Path | None = None
    written: Mapping[str, int] = field(default_factory=dict)
    changes: Sequence[Row] = ()
    skipped: Sequence[Row] = ()
    edited: Sequence[Any] = ()
    quality: Mapping[str, Row] = field(default_factory=dict)
    queue: Sequence[Row] = ()
    issues: Sequence[Row] = ()
    albums: Mapping[int, Row] = field(default_factory=dict)
    artist_names: Mapping[int, str] = field(default_factory=dict)
    runs: Sequence[Row] = ()
    picture_of: Callable[[str], bytes | None] | None = None

    @property
    def option(self) -> str:
        """What a command must be told to find these folders."""
        return folder_words(self.data, self.config)

    @property
    def review(self) -> str:
        """The command that decides what was left to a person."""
        return f"sillon review{folder_words(self.data, config_to_decide(self.kind, self.data, self.config))}"

    def before(self, metric: str) -> float | None:
        """The value of a metric of the mart `quality` in the library as it was read."""
        value: float | None = self.quality[metric]["before"] if metric in self.quality else None
        return value

    def after(self, metric: str) -> float | None:
        """The value of a metric with the changes made; what it was where nothing was written."""
        if metric not in self.quality:
            return None
        value: float | None = self.quality[metric]["after" if self.is_written else "before"]
        return value

    @property
    def is_written(self) -> bool:
        """Whether this run wrote its changes (or would have, for a dry run, which shows what they would bring)."""
        return bool(self.written) or self.dry_run

    def as_json(self) -> dict[str, Any]:
        """The contract of report.json."""
        return {
            "timestamp": self.finished_at.isoformat(timespec="seconds"),
            "version": self.version,
            "run_id": self.run_id,
            "status": self.status,
            "job": self.job,
            "kind": self.kind,
            "target": self.target,
            "library": str(self.library),
            "output": str(self.output),
            "features": dict(self.features),
            "database_state": {name: _whole(self.before(name)) for name in STATE_METRICS},
            "data_quality_score": _rounded(self.after("data_quality_score")),
            "quality": {moment: _rounded(value("data_quality_score")) for moment, value in self._moments()},
            "quality_parts": {
                part: {moment: _rounded(value(part)) for moment, value in self._moments()} for part in PARTS
            },
            "metrics": {name: {moment: _whole(value(name)) for moment, value in self._moments()} for name in COUNTED},
            "changes": dict(sorted(self.written.items())),
            "skipped": len(self.skipped),
            "sources": {word: _source(source) for word, source in self.sources.items()},
            "review_queue": len(self.queue),
            "integrity_issues": dict(sorted(Counter(row["kind"] for row in self.issues).items())),
            "warnings": list(self.warnings),
            "failures": list(self.failures),
            "backup": str(self.backup) if self.backup else None,
            "kept_aside": str(self.kept_aside) if self.kept_aside else None,
        }

    def _moments(self) -> tuple[tuple[str, Callable[[str], float | None]], ...]:
        return (("before", self.before), ("after", self.after))


def read_mart(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """The rows of a query as dictionaries; none where the mart was never built (a run that failed early)."""
    try:
        found = connection.execute(query)
    except duckdb.CatalogException:
        return []
    names = [column[0] for column in found.description]
    rows: list[dict[str, Any]] = []
    while some := found.fetchmany(_ROWS_AT_ONCE):  # not all at once: as tuples too they would be there twice
        rows += (dict(zip(names, row, strict=True)) for row in some)
    return rows


def _source(source: SourceFacts) -> dict[str, Any]:
    return {
        "status": source.status,
        "requests": source.requests,
        "answers": source.answers,
        "deferred": source.deferred,
        "reason": source.reason,
        "closed_until": source.closed_until.isoformat(timespec="seconds") if source.closed_until else None,
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
