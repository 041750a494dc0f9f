"""Runs the dbt project on one warehouse, inside this process.

Here lives the way dbt is started and what it answers. No rule about music lives here (those are SQL), and nothing is
written but what dbt writes. In-process, because a subprocess pays dbt's imports again (5 s of a 17 s warm night).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT_FOLDER = Path(__file__).resolve().parent.parent / "dbt_project"

# dbt's own switches, set for every start: no usage statistics, no version check, no colours in the night's log.
QUIET_DBT = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "DBT_VERSION_CHECK": "false",
    "DBT_USE_COLORS": "false",
}


@dataclass(frozen=True, kw_only=True)
class NodeResult:
    """What dbt said of one node: `status` as dbt words it (success, pass, warn, fail, error, skipped).

    `query` returns the failing rows of a test, as dbt ran it.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    severity: str
    failures: int | None
    message: str | None
    seconds: float
    query: str | None = None


@dataclass(frozen=True, kw_only=True)
class Beliefs:
    """One dbt invocation. `success` is False when a node errored or a test of severity error failed."""

    success: bool
    results: tuple[NodeResult, ...]
    exception: str | None = None

    @property
    def errors(self) -> tuple[NodeResult, ...]:
        return tuple(result for result in self.results if result.status in ("error", "fail"))

    @property
    def warnings(self) -> tuple[NodeResult, ...]:
        return tuple(result for result in self.results if result.status == "warn")


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while, and put back what was there."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def dbt_environment(warehouse: Path, scratch: Path) -> dict[str, str]:
    """The variables under which dbt works on `warehouse` and keeps its manifest, logs and spill files in `scratch`."""
    return {
        **QUIET_DBT,
        "SILLON_WAREHOUSE": str(warehouse),
        "DBT_PROJECT_DIR": str(PROJECT_FOLDER),
        "DBT_PROFILES_DIR": str(PROJECT_FOLDER),
        "DBT_TARGET_PATH": str(scratch / "target"),
        "DBT_LOG_PATH": str(scratch / "logs"),
        "SILLON_DBT_SPILL": str(scratch / "spill"),
    }


def build(
    warehouse: Path,
    scratch: Path,
    *,
    select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    command: str = "build",
    unit_tests: bool = False,
    on_node: Callable[[str, str], None] | None = None,
) -> Beliefs:
    """Run `dbt <command>` on the warehouse and return what became of every node.

    `on_node(name, status)` is called as each node finishes. No connection to the warehouse may be open in this process
    with other settings. A failing test is no exception: it is in the result. dbt's unit tests judge the models, not the
    library, so a night leaves them out.
    """
    from dbt.cli.main import dbtRunner

    scratch.mkdir(parents=True, exist_ok=True)
    words = ["--quiet", command]
    if command == "build":
        # dbt writes its manifest twice a build and every debug line to a file: 3 s of a 20 s build, read by nobody
        words = ["--quiet", "--no-write-json", "--log-level", "none", "--log-level-file", "none", command]
    if command == "build" and not unit_tests:
        words += ["--exclude-resource-type", "unit_test"]
    if select:
        words += ["--select", *select]
    if exclude:
        words += ["--exclude", *exclude]
    with environment(dbt_environment(warehouse, scratch)):
        outcome = dbtRunner(callbacks=[_watch(on_node)] if on_node else []).invoke(words)
    _let_go()
    results = tuple(_node_results(outcome.result))
    return Beliefs(
        success=bool(outcome.success),
        results=results,
        exception=str(outcome.exception) if outcome.exception else None,
    )


def manifest(scratch: Path, warehouse: Path) -> dict[str, Any]:
    """dbt's manifest of this project, parsed afresh where `scratch` has none or the project changed since.

    dbt's partial parsing makes the second call cheap (it compares file checksums itself).
    """
    path = scratch / "target" / "manifest.json"
    newest = max(file.stat().st_mtime for file in PROJECT_FOLDER.rglob("*") if file.suffix in (".sql", ".yml", ".csv"))
    if not path.exists() or path.stat().st_mtime < newest:
        parsed = build(warehouse, scratch, command="parse")
        if not parsed.success:
            raise RuntimeError(f"dbt could not parse {PROJECT_FOLDER}: {parsed.exception}")
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def _let_go() -> None:
    """Close the file that dbt-duckdb keeps open until the process ends: the night goes on with it under other settings."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager as Manager

    if Manager._ENV is not None:
        Manager._ENV.close()
        Manager.close_all_connections()


def _watch(on_node: Callable[[str, str], None]) -> Callable[[Any], None]:
    def callback(event: Any) -> None:
        if event.info.name == "NodeFinished":
            info = event.data.node_info
            on_node(info.node_name, info.node_status)

    return callback


def _node_results(result: Any) -> Iterator[NodeResult]:
    for row in getattr(result, "results", None) or ():
        config = getattr(row.node, "config", None)
        yield NodeResult(
            unique_id=row.node.unique_id,
            name=row.node.name,
            resource_type=str(row.node.resource_type),
            status=str(row.status),
            severity=str(getattr(config, "severity", "") or "").lower(),
            failures=row.failures,
            message=row.message,
            seconds=row.execution_time,
            query=getattr(row.node, "compiled_code", None) if str(row.node.resource_type) == "test" else None,
        )
