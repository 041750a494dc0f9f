"""From a run and its marts to the facts of its report.

Here lives the reading; what the facts are stands in `facts.py`, how they look in `page.py`.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.data_folder import DEFAULT_CONFIG, config_to_decide
from dagster_project.publish.report.facts import WEB_SOURCES, ReportFacts, SourceFacts, read_mart
from ingest.settings import program_version

if TYPE_CHECKING:
    from dagster_project.data_folder import DataFolder
    from dagster_project.outcome import Outcome
    from dagster_project.preparation import Place


def gather(outcome: Outcome, place: Place, folder: DataFolder) -> ReportFacts:
    """The facts of `outcome`'s report, with the marts of `folder` as they are now."""
    enrichment = place.settings.enrichment
    applied = outcome.applied
    config = (
        outcome.options.config.absolute() if outcome.options.config else None
    )  # as the data folder: a page has no place
    marts: dict[str, Any] = {}
    if folder.marts.exists() and outcome.is_believed:
        with closing(duckdb.connect(str(folder.marts), read_only=True)) as connection:
            marts = _read(connection, outcome)
    return ReportFacts(
        run_id=outcome.run_id,
        version=program_version(),
        job=outcome.options.job,
        kind=place.kind,
        language=enrichment.language,
        time_zone=place.settings.scheduler.timezone,
        started_at=outcome.started_at,
        finished_at=outcome.finished_at or outcome.started_at,
        status=outcome.status,
        target="in_place" if outcome.options.in_place else "copy",
        dry_run=outcome.options.dry_run,
        library=place.library,
        output=place.library if outcome.options.in_place else place.output,
        data=folder.root,
        config=config,
        decisions=folder.decisions(config_to_decide(place.kind, folder.root, config) or DEFAULT_CONFIG),
        features=enrichment.auto_enrichment.features.model_dump(),
        sources={word: _source(outcome, place, word) for word in WEB_SOURCES},
        warnings=outcome.warnings,
        failures=tuple(outcome.failures),
        backup=outcome.backup,
        kept_aside=applied.kept_aside if applied else None,
        written=dict(applied.counts) if applied else {},
        skipped=[asdict(entry) for entry in applied.skipped] if applied else (),
        edited=outcome.edited,
        picture_of=outcome.picture_of,
        **marts,
    )


def _source(outcome: Outcome, place: Place, word: str) -> SourceFacts:
    if (report := outcome.sources.get(word)) is not None:
        return SourceFacts(
            report.status, report.requests, report.answers, report.deferred, report.reason, report.closed_until
        )
    access = place.settings.source_access(word)
    return SourceFacts("off", reason=access.off_reason or "not asked in this run")


def _read(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> dict[str, Any]:
    written = {entry.change_id: entry.run_id for entry in outcome.applied.applied} if outcome.applied else {}
    changes = read_mart(
        connection, "select * from marts.library_changes order by table_name, column_name, album_id, change_id"
    )
    shown = outcome.applied is None and outcome.options.dry_run
    return {
        "changes": [
            {**row, "run_id": written.get(row["change_id"], outcome.run_id)}
            for row in changes
            if shown or row["change_id"] in written
        ],
        "quality": {row["metric"]: row for row in read_mart(connection, "select * from marts.quality")},
        "queue": read_mart(connection, "select * from marts.review_queue order by kind, confidence desc, queue_id"),
        "issues": read_mart(
            connection, "select * from marts.integrity_issues order by severity, kind, table_name, issue_id"
        ),
        "albums": {row["album_id"]: row for row in read_mart(connection, "select * from marts.albums")},
        "artist_names": {
            row["artist_id"]: row["name"]
            for row in read_mart(connection, "select artist_id, name from marts.artists where artist_id is not null")
        },
        "runs": read_mart(connection, "select * from sillon.runs order by started_at"),
    }
