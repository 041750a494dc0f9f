"""Runs the dbt project on one warehouse, inside this process, with the engine that is asked for.

Here lives the way dbt is started and what it answers. No rule about music lives here (those are SQL), and nothing is
written but what dbt writes. In-process, because a subprocess pays dbt's imports again (5 s of a 17 s warm night). Whichever
engine built the marts, they stand in the warehouse afterwards; `spark.py` knows the other one. The file is long because all that
Sillon knows of dbt is here.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagster_project.spark import Spark

log = logging.getLogger("sillon")

PROJECT_FOLDER = Path(__file__).resolve().parent.parent / "dbt_project"

MOST_MEMORY_GIB = 5
_HEADING = re.compile(r"\w+ Error in \w+ ")  # dbt's first line of what an engine said
_OUT_OF_MEMORY = "Out of Memory Error"  # DuckDB's words

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

    `query` returns the failing rows of a test, as dbt ran it on the warehouse; None where another engine ran it.
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
    def is_short_of_memory(self) -> bool:
        """Whether the engine gave a model up for want of memory."""
        return any(_OUT_OF_MEMORY in (error.message or "") for error in self.errors)

    @property
    def warnings(self) -> tuple[NodeResult, ...]:
        return tuple(result for result in self.results if result.status == "warn")


class ParseError(RuntimeError):
    """dbt could not read the project: a fault of the installation, not of anybody's library."""


# The project as it was read last, by dbt's target, the name of its database (the stem of a warehouse file) and the last change
# of its files.
_parsed: dict[tuple[str, str, float], Any] = {}


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


def dbt_environment(warehouse: Path, scratch: Path, target: str = "duckdb") -> dict[str, str]:
    """The variables under which dbt works on `warehouse` and keeps its manifest, logs and spill files in `scratch`."""
    return {
        **QUIET_DBT,
        "DBT_TARGET": target,
        "SILLON_WAREHOUSE": str(warehouse),
        "DBT_PROJECT_DIR": str(PROJECT_FOLDER),
        "DBT_PROFILES_DIR": str(PROJECT_FOLDER),
        "DBT_TARGET_PATH": str(scratch / "target"),
        "DBT_LOG_PATH": str(scratch / "logs"),
        "SILLON_DBT_SPILL": str(scratch / "spill"),
        "SILLON_DBT_MEMORY": os.environ.get("SILLON_DBT_MEMORY") or _memory(),
    }


@cache
def _memory() -> str:
    """What DuckDB may take while it believes: half of the machine, or of the container, and 5 GiB at most.

    A million albums were believed with 4 GiB, but not whenever two of the largest models met; with 6 GiB the process had 8.1 GB.
    """
    import duckdb

    with duckdb.connect() as connection:  # by itself it takes four fifths of what it finds, a container's limit heeded
        row = connection.execute("select current_setting('memory_limit')").fetchone()
    amount, unit = str(row[0] if row else "4 GiB").split()
    half = float(amount) * {"KiB": 2**-20, "MiB": 2**-10, "GiB": 1, "TiB": 2**10}[unit] * 5 / 8
    return f"{max(0.5, min(MOST_MEMORY_GIB, half)):.2f}GiB"


def build(
    warehouse: Path,
    scratch: Path,
    *,
    select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    command: str = "build",
    unit_tests: bool = False,
    on_node: Callable[[str, str], None] | None = None,
    engine: Spark | None = None,
) -> Beliefs:
    """Run `dbt <command>` on the warehouse and return what became of every node.

    `on_node(name, status)` is called as each node finishes. No connection to the warehouse may be open in this process
    with other settings. A failing test is no exception: it is in the result. dbt's unit tests judge the models, not the
    library, so a night leaves them out. DuckDB believes unless another engine is given; what that one cannot begin or end
    is an EngineError.
    """
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
    if engine is None:
        beliefs, _ = _invoke(words, warehouse, scratch, "duckdb", on_node)
        if command == "build" and beliefs.is_short_of_memory:
            log.warning("Two models at a time did not fit into the memory that they may take: once more, one at a time")
            beliefs, _ = _invoke([*words, "--threads", "1"], warehouse, scratch, "duckdb", on_node)
        return beliefs
    scratch = scratch / engine.target  # what dbt keeps of one target is of no use to the other
    try:
        sources = parse(warehouse, scratch, engine.target).sources.values()
    except ParseError as error:
        return Beliefs(success=False, results=(), exception=str(error))
    with engine.at_work(warehouse, scratch, [f"{one.schema}.{one.identifier}" for one in sources]) as work:
        beliefs, nodes = _invoke(words, warehouse, scratch, engine.target, on_node)
        work.bring_back(warehouse, [node for node in nodes if node.schema == "marts" or node.name in engine.keep])
    return beliefs


def _invoke(
    words: Sequence[str],
    warehouse: Path,
    scratch: Path,
    target: str,
    on_node: Callable[[str, str], None] | None,
) -> tuple[Beliefs, list[Any]]:
    """One call of dbt: what it answers, and the models that it built, as it knows them."""
    from dbt.cli.main import dbtRunner

    try:
        project = parse(warehouse, scratch, target)
    except ParseError as error:
        return Beliefs(success=False, results=(), exception=str(error)), []
    with environment(dbt_environment(warehouse, scratch, target)):
        # A build writes into the project that it is given.
        runner = dbtRunner(manifest=project.deepcopy(), callbacks=[_watch(on_node)] if on_node else [])
        outcome = runner.invoke(list(words))
    _let_go()
    beliefs = Beliefs(
        success=bool(outcome.success),
        results=tuple(_node_results(outcome.result, target)),
        exception=str(outcome.exception) if outcome.exception else None,
    )
    rows = getattr(outcome.result, "results", None) or ()
    return beliefs, [row.node for row in rows if str(row.status) == "success" and row.node.resource_type == "model"]


def parse(warehouse: Path, scratch: Path, target: str = "duckdb") -> Any:
    """The project as dbt reads it (its `Manifest`), read once a process for as long as no file of it changes: 4 s of CPU.

    A second process finds what dbt keeps in `scratch` and reads only what changed. Raises ParseError.
    """
    key = (target, warehouse.stem, _last_change())
    if key not in _parsed:
        from dbt.cli.main import dbtRunner

        scratch.mkdir(parents=True, exist_ok=True)
        with environment(dbt_environment(warehouse, scratch, target)):
            outcome = dbtRunner().invoke(["--quiet", "--no-write-json", "parse"])
        _let_go()
        if not outcome.success:
            raise ParseError(f"dbt could not parse {PROJECT_FOLDER}: {outcome.exception}")
        _parsed.clear()
        _parsed[key] = outcome.result
    return _parsed[key]


def manifest(warehouse: Path, scratch: Path) -> dict[str, Any]:
    """dbt's manifest of this project as its JSON has it, for Dagster. Raises ParseError."""
    found: dict[str, Any] = parse(warehouse, scratch).writable_manifest().to_dict(omit_none=False)
    return found


def _last_change() -> float:
    files = [file for file in PROJECT_FOLDER.rglob("*") if file.suffix in (".sql", ".yml", ".csv")]
    return max(file.stat().st_mtime for file in files)


def reason(message: str | None) -> str | None:
    """What dbt says of a node without its first line, which only names the node and the file: the engine's words come first."""
    first, _, rest = (message or "").partition("\n")
    return "\n".join(line.strip() for line in rest.splitlines()) if _HEADING.match(first) and rest.strip() else message


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


def _node_results(result: Any, target: str) -> Iterator[NodeResult]:
    for row in getattr(result, "results", None) or ():
        config, kind = getattr(row.node, "config", None), str(row.node.resource_type)
        yield NodeResult(
            unique_id=row.node.unique_id,
            name=row.node.name,
            resource_type=kind,
            status=str(row.status),
            severity=str(getattr(config, "severity", "") or "").lower(),
            failures=row.failures,
            message=reason(row.message),
            seconds=row.execution_time,
            query=getattr(row.node, "compiled_code", None) if (kind, target) == ("test", "duckdb") else None,
        )
