"""Apache Spark as the engine that believes: what it needs, how it is started, what it is given and what is taken from it.

Here lives everything that knows Spark; pyspark is imported only once it was asked for. No rule about music lives here: dbt runs
the very models that DuckDB runs. The files between the two are `lake.py`'s. The file is long because nothing else knows Spark.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.fs as pafs

from dagster_project.data_folder import DataFolder
from dagster_project.lake import FOR_SPARK, MONTH, Generation, Lake
from ingest.errors import EngineError, EngineMissing, LakeError
from ingest.settings import Settings
from ingest.settings_models import Spark as SparkSettings
from ingest.tables import TABLES, WEB_TABLES

JAVA = 17
MODULES = {"pyspark": "pyspark", "dbt-spark": "dbt.adapters.spark"}
INSTALL = "install it with `pip install --require-hashes -r requirements-spark.lock`, or believe with --engine duckdb"
WORK = "spark"  # the folder of the lake where Spark builds

# What the rows depend on stands in dbt's profile, for every way to Spark. Here stands what their journey depends on: the
# catalogue is the run's own and in memory, so that nothing of an earlier run is believed again; all that is built is Parquet,
# with moments as Arrow and DuckDB have them.
OURS = {
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.sources.default": "parquet",
    "spark.sql.legacy.createHiveTableByDefault": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# What goes wrong comes back as an exception; a session that is cut off would print pages of them.
LOG4J = """rootLogger.level = fatal
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %c{1}: %m%n
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = fatal
"""
DDL = {"varchar": "string", "integer": "int", "timestamp": "timestamp_ntz"}


@dataclass(frozen=True, kw_only=True)
class Spark:
    """The engine: `lake` is its folder or address, `owner` whose that is, `keep` the models to take back beside the marts."""

    lake: str
    owner: str = "."
    settings: SparkSettings = field(default_factory=SparkSettings)
    keep: tuple[str, ...] = ()
    target: str = "spark"

    @classmethod
    def of(cls, settings: Settings, folder: DataFolder) -> Spark:
        """The engine as the configuration has it: a data folder's lake is called like it, below the one that is named."""
        chosen = settings.enrichment.spark
        if chosen.lake is None:
            return cls(lake=str(folder.lake), settings=chosen)
        return cls(lake=f"{chosen.lake.rstrip('/')}/{folder.root.name}", owner=folder.lake_owner, settings=chosen)

    def check(self) -> None:
        """Raise EngineMissing or LakeError unless a run could begin: asking takes hours, believing comes after it."""
        check_installed()
        Lake(self.lake, self.owner).check(probe=True)

    @contextmanager
    def at_work(self, warehouse: Path, scratch: Path, sources: Sequence[str]) -> Iterator[Work]:
        """A session over the raw tables `sources` of the warehouse, for as long as the block. Raises what `check` raises."""
        check_installed()
        lake = Lake(self.lake, self.owner)
        generation = lake.write(warehouse, sources)
        place = f"{WORK}/{generation.number:06}"
        with _told(self.settings.master), session(self.settings, lake.address(place), scratch) as found:
            for statement in registration(lake, generation):
                found.sql(statement)
            yield Work(found, f"{lake.address(place)}/views")
        lake.forget(WORK)


class Work:
    """A session in which dbt has built, or is about to."""

    def __init__(self, found: Any, aside: str) -> None:
        self._session = found
        self._aside = aside

    def bring_back(self, warehouse: Path, nodes: Sequence[Any]) -> None:
        """Put what dbt built of `nodes` into the warehouse, all or none, where DuckDB would have left it."""
        built = [(node, *self._files(f"{node.schema}.{node.name}")) for node in nodes]
        try:
            with duckdb.connect(str(warehouse)) as connection:
                connection.begin()
                for node, columns, files in built:
                    _put(connection, node, columns, files)
                connection.commit()
        except (pa.ArrowException, OSError, duckdb.InvalidInputException, duckdb.ConversionException) as error:
            reason = str(error).partition("\n")[0]
            raise LakeError(f"what Spark built cannot be read: {reason}", where=self._aside) from error

    def _files(self, name: str) -> tuple[dict[str, str], list[str]]:
        """Columns with their types, and the Parquet files that hold the rows. A view has none, so it is written out."""
        frame = self._session.table(name)
        if self._session.catalog.getTable(name).tableType == "VIEW":
            frame.write.mode("overwrite").parquet(f"{self._aside}/{name}")
            frame = self._session.read.schema(frame.schema).parquet(f"{self._aside}/{name}")
        types = {column: {"timestamp_ntz": "timestamp"}.get(kind, kind) for column, kind in frame.dtypes}
        return types, sorted(frame.inputFiles())


def registration(lake: Lake, generation: Generation) -> Iterator[str]:
    """The statements that show Spark one generation, under the names by which dbt knows its sources."""
    for schema in sorted({table.partition(".")[0] for table in generation.tables}):
        yield f"create schema if not exists {schema}"
    for table, parts in generation.tables.items():
        columns = ", ".join(f"`{name}` {DDL.get(kind, kind)}" for name, kind in TABLES[table].items())
        if table not in WEB_TABLES:
            yield f"create table {table} ({columns}) using parquet location '{_text(lake.address(parts[0].folder))}'"
            continue
        # a table of answers is its months, each where its files are: tonight's or those of an earlier night
        yield (
            f"create table {table} ({columns}, {MONTH} string) using parquet partitioned by ({MONTH})"
            f" location '{_text(lake.address(parts[0].folder))}'"
        )
        for part in parts:
            yield (
                f"alter table {table} add if not exists partition ({MONTH} = '{part.month}')"
                f" location '{_text(lake.address(part.folder))}'"
            )


@contextmanager
def session(settings: SparkSettings, warehouse: str, scratch: Path) -> Iterator[Any]:
    """A Spark session of our own, stopped at the end. Raises what Spark raises."""
    from py4j.protocol import Py4JError
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession

    PySparkLogger.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # what fails is in dbt's answer
    handler = signal.getsignal(signal.SIGINT)
    scratch.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(scratch / "spill", ignore_errors=True)  # a killed run's
    log4j = scratch / "log4j2.properties"
    log4j.write_text(LOG4J, encoding="utf-8")
    chosen = {
        **OURS,
        "spark.driver.memory": settings.memory,
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions),
        "spark.local.dir": str((scratch / "spill").absolute()),
        "spark.driver.extraJavaOptions": f'"-Dlog4j2.configurationFile={log4j.absolute().as_uri()}"',
        **settings.settings,
        "spark.sql.warehouse.dir": warehouse,
    }
    builder = SparkSession.builder.master(settings.master).appName("sillon")
    for name, value in chosen.items():
        builder = builder.config(name, value)
    _forget_dead_java()
    found = builder.getOrCreate()
    try:
        yield found
    finally:
        try:
            found.stop()
        except (OSError, Py4JError):  # its Java is gone: what failed because of that is the error to be told
            _forget_java()
        if signal.getsignal(signal.SIGINT) is not handler:  # Spark puts its own there, and a run has one already
            signal.signal(signal.SIGINT, handler)


def _forget_dead_java() -> None:
    """Have Spark start a Java of its own where the last one died: pyspark would speak to that one as long as we live."""
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    if process is not None and process.poll() is not None:
        _forget_java()


def _forget_java() -> None:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
    SparkSession._instantiatedSession = SparkSession._activeSession = None


@contextmanager
def _told(master: str) -> Iterator[None]:
    """What Spark and its Java raise, as an EngineError: of pages of Java the line that names the cause."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        lines = [line.strip(" :") for line in str(error).splitlines() if line.strip(" :")]
        cause = next((line for line in lines if "Exception" in line or line.startswith("[")), lines[0] if lines else "")
        raise EngineError(
            f"Spark failed: {cause}",
            where=master,
            remedy="check `spark` in enrichment_config.json, or believe with --engine duckdb",
        ) from error


def check_installed() -> None:
    """Raise EngineMissing where this machine lacks what Spark needs, whatever the lake."""
    check_packages()
    check_java()


def check_packages() -> None:
    """Raise EngineMissing where a Python package is not installed."""
    for package, module in MODULES.items():
        try:
            is_there = find_spec(module) is not None
        except ModuleNotFoundError:
            is_there = False
        if not is_there:
            raise EngineMissing(f"{package} is not installed", where="spark", remedy=INSTALL)


def check_java(environ: Mapping[str, str] = os.environ) -> int:
    """Java's version. Raises EngineMissing where there is none, or an older one than Spark runs on."""
    remedy = f"install a Java {JAVA} runtime and set JAVA_HOME, or believe with --engine duckdb"
    home = environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java", path=environ.get("PATH"))
    if java is None or (home and not Path(java).is_file()):
        raise EngineMissing("there is no Java", where=java or "spark", remedy=remedy)
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=True).stderr  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineMissing("this Java does not start", where=java, remedy=remedy) from error
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    version = int(found[1]) if found else 0
    if version < JAVA:
        raise EngineMissing(f"this is Java {version}", where=java, expected=f"Java {JAVA} or newer", remedy=remedy)
    return version


def _put(connection: duckdb.DuckDBPyConnection, node: Any, columns: Mapping[str, str], files: Sequence[str]) -> None:
    """One table of the warehouse, with the types of its contract, which both engines keep, and the rows of the files."""
    table = f'{node.schema}."{node.name}"'
    connection.execute(f"create schema if not exists {node.schema}")
    for kind in _kinds(connection, node.schema, node.name):
        connection.execute(f"drop {kind} {table}")
    types = {name: column.data_type for name, column in node.columns.items() if column.data_type}
    body = ", ".join(f'"{name}" {types.get(name, kind)}' for name, kind in columns.items())
    connection.execute(f"create table {table} ({body})")
    if files:
        system, paths = _opened(files)
        connection.register("built", pads.dataset(paths, filesystem=system, format="parquet"))
        connection.execute(f"insert into {table} by name select * from built")  # noqa: S608 - our names
        connection.unregister("built")


def _kinds(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> list[str]:
    """What stands in the warehouse under this name: a table, a view, or nothing."""
    rows = connection.execute(
        "select case table_type when 'VIEW' then 'view' else 'table' end from information_schema.tables"
        " where table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchall()
    return [kind for (kind,) in rows]


def _opened(files: Sequence[str]) -> tuple[pafs.FileSystem, list[str]]:
    """Files by Spark's addresses, as pyarrow opens them."""
    ours = {theirs: mine for mine, theirs in FOR_SPARK.items()}
    parts = [address.partition(":") for address in files]
    found = [pafs.FileSystem.from_uri(f"{ours.get(scheme, scheme)}:{rest}") for scheme, _, rest in parts]
    return found[0][0], [path for _, path in found]


def _text(address: str) -> str:
    return address.replace("\\", "\\\\").replace("'", "\\'")
