"""Both engines side by side, each given the SQL that macros/engine/ writes for it. Run by `make test-spark`."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
import yaml

PROJECT = Path(__file__).parents[2] / "dbt_project"
ENGINE = PROJECT / "macros" / "engine"


class Macros:
    """The macros of one engine as Python functions, dispatched as dbt dispatches them."""

    def __init__(self, engine: str) -> None:
        environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
        files = [file.read_text(encoding="utf-8") for file in sorted(ENGINE.glob("*.sql"))]
        # a materialization is a word of dbt's, not of Jinja
        text = "".join(file for file in files if "{% materialization" not in file)
        environment.globals |= {
            "return": lambda value: value,
            "modules": SimpleNamespace(re=re, itertools=itertools),
            "adapter": SimpleNamespace(dispatch=lambda name, _: getattr(self._module, f"{engine}__{name}")),
        }
        self._module: Any = environment.from_string(text).module

    def __getattr__(self, name: str) -> Any:
        return lambda *values, **named: str(getattr(self._module, name)(*values, **named)).strip()


@pytest.fixture(scope="session")
def engines() -> dict[str, Macros]:
    return {"duckdb": Macros("duckdb"), "spark": Macros("spark")}


@pytest.fixture(scope="session")
def on_duckdb() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory."""
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def on_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark session with the settings of the target in profiles.yml. Skips without pyspark or a Java 17."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed: make test-spark")
    java = shutil.which("java")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr if java else ""
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < 17:
        pytest.skip("no Java 17")
    folder = tmp_path_factory.mktemp("spark")
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))["sillon"]["outputs"]["spark"]
    settings = profile["server_side_parameters"] | {
        "spark.ui.enabled": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
        "spark.sql.shuffle.partitions": "2",
    }
    builder = sql.SparkSession.builder.master("local[2]").appName("sillon")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def both(
    engines: dict[str, Macros],
    on_duckdb: duckdb.DuckDBPyConnection,
    on_spark: Any,
    tmp_path_factory: pytest.TempPathFactory,
):
    """A function: what each engine says, row by row, to expressions over rows of texts (a, b, …).

    An expression is a function of the macros; what `read` makes of a row is its column `answer`.
    """
    folder = tmp_path_factory.mktemp("rows")
    numbers = itertools.count()

    def compare(
        rows: list[tuple[str | None, ...]], *expressions: Any, read: Any = lambda _: "a"
    ) -> dict[str, list[tuple[Any, ...]]]:
        width = len(rows[0])
        names = [chr(ord("a") + index) for index in range(width)]
        path = folder / f"{next(numbers)}.parquet"
        columns = ", ".join(f"{name} varchar" for name in names)
        on_duckdb.execute(f"create or replace table given (place integer, {columns})")
        frame = {"place": list(range(len(rows)))} | {
            name: [row[index] for row in rows] for index, name in enumerate(names)
        }
        on_duckdb.register("frame", _table(frame))
        on_duckdb.execute("insert into given select * from frame")
        on_duckdb.execute(f"copy given to '{path}' (format parquet)")
        on_spark.read.parquet(str(path)).createOrReplaceTempView("given")
        found = {}
        for engine, ask in (
            ("duckdb", lambda query: on_duckdb.execute(query).fetchall()),
            ("spark", lambda query: [tuple(row) for row in on_spark.sql(query).collect()]),
        ):
            listed = ", ".join(expression(engines[engine]) for expression in expressions)
            prepared = f"(select *, {read(engines[engine])} as answer from given) as prepared"
            found[engine] = ask(f"select {listed} from {prepared} order by place")
        return found

    return compare


def _table(columns: dict[str, list[Any]]) -> Any:
    import pyarrow as pa

    kinds = {name: pa.int32() if name == "place" else pa.string() for name in columns}
    return pa.table({name: pa.array(values, type=kinds[name]) for name, values in columns.items()})
