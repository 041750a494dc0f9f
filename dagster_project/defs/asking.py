"""The one step that asks: all sources side by side, one thread each, because they do not wait for each other.

Here lives how Dagster sees what came of it. What is asked, and how, stands in `ingest/`.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project import previews
from dagster_project.defs import cover_art_archive, discogs, listenbrainz, musicbrainz, spotify
from dagster_project.defs.resources import NightResource
from dagster_project.progress import NAMES, current
from ingest.asking import SourceReport

SOURCES = (musicbrainz, listenbrainz, cover_art_archive, discogs, spotify)


def specs() -> list[dg.AssetSpec]:
    """The specs of every web source."""
    return [spec for source in SOURCES for spec in source.specs()]


def checks() -> list[dg.AssetCheckSpec]:
    """One check per raw table: did its source answer tonight?"""
    return [
        dg.AssetCheckSpec(
            "source_answers",
            asset=spec.key,
            description="The source answered tonight; a source that is down is a warning.",
        )
        for spec in specs()
    ]


@dg.multi_asset(specs=specs(), check_specs=checks(), name="ask_sources")
def ask_sources(night: NightResource) -> Iterator[dg.MaterializeResult]:
    tonight = night.tonight
    reports: dict[str, SourceReport] = {}
    if tonight.may_ask:
        current().step("asking")
        reports = tonight.ask(current().asked)
    counts = previews.row_counts(tonight.folder.warehouse)
    for spec in specs():
        report = reports.get(spec.key.path[0])
        yield dg.MaterializeResult(
            asset_key=spec.key,
            metadata=_metadata(report, counts.get((spec.key.path[0], spec.key.path[-1]))),
            check_results=[
                dg.AssetCheckResult(
                    asset_key=spec.key,
                    check_name="source_answers",
                    passed=report is None or report.status in ("ok", "off"),
                    severity=dg.AssetCheckSeverity.WARN,
                    description=_sentence(spec.key.path[0], report),
                )
            ],
        )


def _metadata(report: SourceReport | None, rows: int | None) -> dict[str, Any]:
    stored = {} if rows is None else {"dagster/row_count": rows}
    if report is None:
        return {"status": "not asked", **stored}
    return {
        **stored,
        "status": report.status,
        "requests": report.requests,
        "answers": report.answers,
        "deferred": report.deferred,
        **({"reason": report.reason} if report.reason else {}),
    }


def _sentence(word: str, report: SourceReport | None) -> str:
    if report is None:
        return f"{NAMES[word]} was not asked in this run."
    return f"{NAMES[word]}: {report.status}{f', {report.reason}' if report.reason else ''}"
