"""Spark as the engine, as far as it is seen without one: what is missing is said before anybody is asked, nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project import night, spark
from dagster_project.commands.words import Words
from dagster_project.data_folder import DataFolder
from dagster_project.lake import Generation, Lake, Part
from dagster_project.options import Options
from ingest.errors import EngineError, EngineMissing, LakeError, SillonError
from tests.dagster_project.commands.conftest import sillon  # noqa: F401 - the command, as a fixture
from tests.nights import report, write_config


def java(folder: Path, text: str, status: int = 0) -> dict[str, str]:
    """An environment whose Java says `text` of itself."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{text}\nEND\nexit {status}\n")
    program.chmod(0o755)
    return {"JAVA_HOME": str(folder), "PATH": "/usr/bin:/bin"}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that has everything that Spark needs."""
    monkeypatch.setattr(spark, "find_spec", lambda name: name)
    for name, value in java(tmp_path / "jdk", 'openjdk version "17.0.15" 2025-04-15').items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("package", list(spark.MODULES))
def test_a_package_that_is_not_there(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """The line names the package and how to install it, in both languages."""
    monkeypatch.setattr(spark, "find_spec", lambda name: None if name == spark.MODULES[package] else name)

    with pytest.raises(EngineMissing) as caught:
        spark.check_packages()

    assert caught.value.line.startswith(f"spark: {package} is not installed. Install it with `pip install")
    assert "n’est pas installé" in Words("fr").error(caught.value)  # noqa: RUF001 - French writes its own apostrophe


@pytest.mark.parametrize(
    ("said", "status", "line"),
    [
        ('openjdk version "11.0.2" 2019-01-15', 0, "this is Java 11; expected Java 17 or newer"),
        ('java version "1.8.0_392"', 0, "this is Java 8; expected Java 17 or newer"),
        ("what?", 0, "this is Java 0"),
        ("Error: could not find libjava.so", 1, "this Java does not start"),
    ],
)
def test_the_wrong_java(tmp_path: Path, said: str, status: int, line: str) -> None:
    """An older Java, or one that does not start, is named with its path, and with what to do."""
    with pytest.raises(EngineMissing) as caught:
        spark.check_java(java(tmp_path / "jdk", said, status))

    assert caught.value.line.startswith(f"{tmp_path}/jdk/bin/java: {line}")
    assert "--engine duckdb" in caught.value.line
    assert Words("fr").error(caught.value) != caught.value.line


def test_no_java_at_all(tmp_path: Path) -> None:
    """Neither on the path nor where JAVA_HOME points."""
    for environ in ({"PATH": str(tmp_path)}, {"JAVA_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}):
        with pytest.raises(EngineMissing, match="there is no Java"):
            spark.check_java(environ)


@pytest.mark.parametrize(("said", "version"), [('openjdk version "17.0.15"', 17), ('openjdk version "21" 2023', 21)])
def test_a_java_that_will_do(tmp_path: Path, said: str, version: int) -> None:
    """17 and what came after it."""
    assert spark.check_java(java(tmp_path / "jdk", said)) == version


@pytest.mark.parametrize("lacks", ["pyspark", "java", "lake"])
def test_a_run_that_could_not_believe(
    sillon: Any,  # noqa: F811
    installed: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    lacks: str,
) -> None:
    """It ends with one line before anybody was asked, and leaves no lock and no warehouse; DuckDB would begin."""
    if lacks == "pyspark":
        monkeypatch.setattr(spark, "find_spec", lambda name: None)
    elif lacks == "java":
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    else:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("SILLON_SPARK__LAKE", str(tmp_path / "file" / "lake"))
    config = write_config(tmp_path / "config")

    said = sillon("run", "--sandbox", "--engine", "spark", "--config", config, "--data", tmp_path / "data")

    assert said.status == (1 if lacks == "lake" else 2)
    assert len(said.err.splitlines()) == 1
    assert "--engine duckdb" in said.err
    assert not (tmp_path / "data" / "warehouse.duckdb").exists()
    options = Options(config=config, data=tmp_path / "data", sandbox=True, engine="duckdb")
    assert night.prepare(options).settings.enrichment.engine == "duckdb"


def test_spark_that_fails_in_the_middle_of_the_night(
    installed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was read and answered stays, the report says the line, and nothing is written into a library."""

    @contextmanager
    def broken(*_: object) -> Any:
        raise EngineError("Spark failed: no cluster", where="spark://nowhere:7077")
        yield

    monkeypatch.setattr(spark.Spark, "at_work", broken)
    monkeypatch.setattr(night.believe, "parse", lambda *_: SimpleNamespace(sources={}))
    options = Options(
        config=write_config(tmp_path / "config"),
        data=tmp_path / "data",
        sandbox=True,
        job="audit_database",
        engine="spark",
    )

    with pytest.raises(EngineError, match="no cluster"):
        night.run(options)

    assert report(tmp_path / "data")["status"] == "failed"
    with duckdb.connect(str(tmp_path / "data" / "warehouse.duckdb")) as connection:
        assert connection.execute("select count(*) from library.albums").fetchone() == (65,)


def test_the_engine_of_the_configuration(installed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`engine` and `spark` reach the engine; the option wins over the file; a lake of its own is the data folder's."""
    for name, value in {"ENGINE": "spark", "SPARK__MEMORY": "7g", "SPARK__LAKE": str(tmp_path / "elsewhere")}.items():
        monkeypatch.setenv(f"SILLON_{name}", value)
    options = Options(config=write_config(tmp_path / "config"), data=tmp_path / "data", sandbox=True)
    place = night.prepare(options)
    engine = night.engine_of(place.settings, place.folder)

    assert engine is not None
    assert (engine.lake, engine.settings.memory) == (str(tmp_path / "elsewhere" / "data"), "7g")
    assert engine.owner.startswith(str(tmp_path / "data"))
    by_option = night.prepare(options.model_copy(update={"engine": "duckdb"}))
    assert night.engine_of(by_option.settings, by_option.folder) is None


def test_a_lake_is_a_folders_and_not_a_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A data folder that is moved keeps its lake; another one at the same path, as on another host, has none of it."""
    monkeypatch.setenv("SILLON_SPARK__LAKE", str(tmp_path / "shared"))
    options = Options(config=write_config(tmp_path / "config"), data=tmp_path / "data", sandbox=True)

    def owner() -> str:
        place = night.prepare(options)
        return spark.Spark.of(place.settings, place.folder).owner

    first = owner()
    assert owner() == first
    (tmp_path / "data").rename(tmp_path / "moved")
    assert DataFolder(tmp_path / "moved").lake_owner == first
    assert owner() != first

    stamp = DataFolder(tmp_path / "data").stamp
    stamp.write_text(
        json.dumps({name: text for name, text in json.loads(stamp.read_text()).items() if name != "lake_owner"})
    )
    assert owner() == str(tmp_path / "data"), "what an older Sillon stamped goes by its path, as its lake does"


def test_doctor_says_what_spark_lacks(
    sillon: Any,  # noqa: F811
    installed: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Each thing by itself, and only where Spark was asked for."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SILLON_SPARK__LAKE", str(tmp_path / "file" / "lake"))
    monkeypatch.setattr(spark, "find_spec", lambda name: None)

    def findings(*words: str) -> list[tuple[str, str]]:
        found = sillon("doctor", "--json", "--data", tmp_path / "data", *words).json["findings"]
        return [(one["state"], one["words"]) for one in found if one["topic"] == "spark"]

    states = findings("--engine", "spark")
    assert [state for state, _ in states] == ["mend", "ok", "mend"]
    assert "pyspark is not installed" in states[0][1]
    assert states[1][1] == "Java 17"
    assert "the lake cannot be written" in states[2][1]
    assert findings() == []
    monkeypatch.setenv("SILLON_ENGINE", "spark")
    assert len(findings()) == 3


def test_nobody_carries_spark_who_did_not_ask() -> None:
    """A night with DuckDB imports neither pyspark nor what knows it."""
    asked = (
        "import sys, dagster_project.night, dagster_project.commands.running, dagster_project.evaluation.albums;"
        "print([name for name in sys.modules if 'spark' in name])"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_a_month_that_spark_does_not_see(tmp_path: Path) -> None:
    """Each month of answers is a partition where its files are; a whole table is a folder; quotes do not end a path."""

    def part(folder: str, month: str = "") -> Part:
        return Part(month=month, folder=folder, rows=1, fingerprint="", files={})

    tables = {
        "library.artists": (part("raw/library.artists/000002"),),
        "spotify.albums": (part("raw/s/000001/2026-09", "2026-09"), part("raw/s/000002/2026-10", "2026-10")),
    }
    said = list(spark.registration(Lake(tmp_path / "it's"), Generation(number=2, tables=tables)))

    root = f"file://{tmp_path}/it\\'s"
    assert said[:2] == ["create schema if not exists library", "create schema if not exists spotify"]
    assert said[2].endswith(f"using parquet location '{root}/raw/library.artists/000002'")
    assert "`fetched_at` timestamp_ntz" in said[3]
    assert said[4:] == [
        f"alter table spotify.albums add if not exists partition (fetched_month = '2026-{month}') location '{root}/raw/s/{where}'"
        for month, where in (("09", "000001/2026-09"), ("10", "000002/2026-10"))
    ]


class Session:
    """A session of Spark's that built one table, with one row of Parquet."""

    def __init__(self, file: Path, kind: str = "MANAGED") -> None:
        pq.write_table(pa.table({"metric": ["albums"], "after": pa.array([3], pa.int32())}), file)
        self.frame = SimpleNamespace(
            dtypes=[("metric", "string"), ("after", "int")], inputFiles=lambda: [file.as_uri()]
        )
        self.catalog = SimpleNamespace(getTable=lambda _: SimpleNamespace(tableType=kind))

    def table(self, _: str) -> SimpleNamespace:
        return self.frame


NODE = SimpleNamespace(schema="marts", name="quality", columns={"after": SimpleNamespace(data_type="double")})


@pytest.mark.parametrize("stands", ["", "table", "view"])
def test_a_mart_of_an_earlier_night_in_the_way(tmp_path: Path, stands: str) -> None:
    """What Spark built stands where DuckDB would have left it, with the types of the contract, whatever stood there."""
    store = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(store)) as connection:
        if stands:
            connection.execute(f"create schema marts; create {stands} marts.quality as select 1 as another")

    spark.Work(Session(tmp_path / "a b.parquet"), "").bring_back(store, [NODE])

    with duckdb.connect(str(store)) as connection:
        assert connection.execute("from marts.quality").fetchall() == [("albums", 3.0)]
        assert connection.execute("select typeof(after) from marts.quality").fetchone() == ("DOUBLE",)


def test_marts_that_cannot_be_read_back(tmp_path: Path) -> None:
    """All marts of a night or none: what stood in the warehouse before is there still."""
    store, file = tmp_path / "warehouse.duckdb", tmp_path / "built.parquet"
    with duckdb.connect(str(store)) as connection:
        connection.execute("create schema marts; create table marts.quality as select 'before' as metric")
    session = Session(file)
    file.unlink()

    with pytest.raises(SillonError) as caught:
        spark.Work(session, "").bring_back(store, [NODE])

    assert isinstance(caught.value, LakeError)
    with duckdb.connect(str(store)) as connection:
        assert connection.execute("from marts.quality").fetchall() == [("before",)]
