"""The dbt project as assets: every seed, model and test of it, run once, inside this process.

Here lives the translation of dbt's results into Dagster's events. dagster-dbt reads the manifest; it does not run dbt, because
its subprocess costs three times the build (16.7 s against 4.8 s for a warm night).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from dagster_project import believe, previews
from dagster_project.data_folder import DataFolder
from dagster_project.defs.resources import NightResource
from dagster_project.options import Options
from dagster_project.progress import current

_FOLDER = DataFolder(Options.from_environment().data.absolute())
MANIFEST = believe.manifest(_FOLDER.warehouse, _FOLDER.dbt)


class Owned(DagsterDbtTranslator):
    """dagster-dbt's own names and groups; the owner of an asset is the package whose code makes it."""

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        return ["team:dbt_project"]


TRANSLATOR = Owned(settings=DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_source_tests_as_checks=True))
EVENT_STATUS = {"success": True, "pass": True, "warn": False, "fail": False, "error": False}


@dbt_assets(manifest=MANIFEST, dagster_dbt_translator=TRANSLATOR, name="believe")
def dbt_models(context: dg.AssetExecutionContext, night: NightResource) -> Iterator[dg.AssetMaterialization | object]:
    current().step("believing")
    beliefs = night.tonight.believe()
    folder = night.tonight.folder
    checks = {spec.name: spec for spec in dbt_models.check_specs}
    keys = {
        unique_id: TRANSLATOR.get_asset_key(node)
        for unique_id, node in MANIFEST["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot")
    }
    built = {keys[one.unique_id]: one for one in beliefs.results if one.status == "success" and one.unique_id in keys}
    counts = previews.row_counts(folder.warehouse)
    marts = [(schema, table) for schema, table in counts if schema == "marts" and dg.AssetKey([schema, table]) in built]
    shown = previews.first_rows(folder.warehouse, marts)
    for key, result in built.items():
        place = (key.path[0], key.path[-1])
        yield dg.MaterializeResult(
            asset_key=key, metadata=_metadata(result.seconds, counts.get(place), shown.get(place))
        )
    failed = {
        one.name: one.query
        for one in beliefs.results
        if one.query and one.failures and one.name in checks and EVENT_STATUS.get(one.status) is False
    }
    rows = previews.failing_rows(folder.warehouse, failed)
    for result in beliefs.results:
        if (spec := checks.get(result.name)) is not None and result.status in EVENT_STATUS:
            yield dg.AssetCheckResult(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=EVENT_STATUS[result.status],
                severity=dg.AssetCheckSeverity.WARN if result.severity == "warn" else dg.AssetCheckSeverity.ERROR,
                metadata=_failures(result, rows.get(result.name), folder.reports / night.tonight.run_id),
            )
    for line in night.tonight.outcome.failures:
        context.log.error(line)


def _metadata(seconds: float, rows: int | None, first_rows: str | None) -> dict[str, Any]:
    return {
        "seconds": seconds,
        **({} if rows is None else {"dagster/row_count": rows}),
        **({} if first_rows is None else {"first rows": dg.MetadataValue.md(first_rows)}),
    }


def _failures(result: believe.NodeResult, rows: str | None, report: Path) -> dict[str, Any]:
    """How many rows fail a check; where some do, the first of them, the query for all, and the page that explains them."""
    metadata: dict[str, Any] = {"failing rows": result.failures or 0, "message": result.message or ""}
    if rows is not None:
        metadata["first failing rows"] = dg.MetadataValue.md(rows)
        metadata["query"] = dg.MetadataValue.md(f"```sql\n{result.query}\n```")
        metadata["report"] = dg.MetadataValue.url((report / "report.html").as_uri() + "#issues")
    return metadata
