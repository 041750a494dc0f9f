"""What leaves the warehouse: the enriched library and the report.

No value is written here; `publish/apply.py` writes, `publish/report/` draws.
"""

import dagster as dg

from dagster_project.defs.resources import NightResource
from dagster_project.nights import LATE
from dagster_project.outcome import Outcome
from dagster_project.progress import current

EXPORT = dg.AssetKey(["publish", "enriched_library"])
REPORT = dg.AssetKey(["publish", "report"])
CHANGES = dg.AssetKey(["marts", "library_changes"])
READ_BY_REPORT = [
    dg.AssetKey(["marts", name])
    for name in ("album_matches", "review_queue", "albums", "artists", "album_images", "quality", "integrity_issues")
]


@dg.asset(
    key=EXPORT,
    deps=[CHANGES],
    group_name="publish",
    kinds={"sqlite"},
    owners=["team:publish"],
    description="The library with the changes that SQL decided: an enriched copy, or the library itself with --in-place.",
    check_specs=[
        dg.AssetCheckSpec(
            "written_as_decided",
            asset=EXPORT,
            description="No test found a fault in what was about to be written, and every change could be made.",
        )
    ],
)
def enriched_library(night: NightResource) -> dg.MaterializeResult:
    tonight = night.tonight
    current().step("writing")
    applied = tonight.apply()
    outcome = tonight.outcome
    counts = applied.counts if applied else {}
    skipped = len(applied.skipped) if applied else 0
    return dg.MaterializeResult(
        metadata={
            "file": str(tonight.place.library if tonight.options.in_place else tonight.place.output),
            "changes": sum(counts.values()),
            **dict(counts),
            "skipped": skipped,
        },
        check_results=[
            dg.AssetCheckResult(
                asset_key=EXPORT,
                check_name="written_as_decided",
                passed=not outcome.is_stopped and not skipped,
                severity=dg.AssetCheckSeverity.ERROR if outcome.is_stopped else dg.AssetCheckSeverity.WARN,
                description="; ".join(outcome.failures) or f"{skipped} changes skipped: the app had written meanwhile",
            )
        ],
    )


@dg.asset(
    key=REPORT,
    deps=[EXPORT, *READ_BY_REPORT],
    group_name="publish",
    kinds={"html"},
    owners=["team:publish"],
    freshness_policy=dg.FreshnessPolicy.time_window(LATE),
    description="What the night did, how sure it is, what it wants to know, and how to take it back.",
)
def report(context: dg.AssetExecutionContext, night: NightResource) -> dg.MaterializeResult:
    current().step("reporting")
    page = night.tonight.report()
    outcome = night.tonight.outcome
    context.instance.add_run_tags(context.run_id, _tags(outcome))
    if outcome.failures:
        raise dg.Failure(
            "; ".join(outcome.failures), metadata={"page": dg.MetadataValue.path(str(page))}, allow_retries=False
        )
    return dg.MaterializeResult(
        metadata={"page": dg.MetadataValue.path(str(page)), "status": outcome.status, **night.tonight.outcome.score()}
    )


def _tags(outcome: Outcome) -> dict[str, str]:
    """What the list of runs shows of a run: its name in reports and ledger, what came of it, the score."""
    score = {} if not outcome.score() else {"sillon/score": f"{outcome.score()['score after']:.1f}"}
    return {"sillon/run": outcome.run_id, "sillon/status": outcome.status, **score}
