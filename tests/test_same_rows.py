"""The same models on both engines: the same rows, the same library, the same figures. Run by `make test-spark`.

Both engines believe the same warehouse; every mart is compared value by value, order aside, and its hash is printed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from bench.libraries import make
from dagster_project import believe, spark
from dagster_project.options import JOBS, Options
from dagster_project.preparation import prepare
from dagster_project.spark import Spark
from ingest import warehouse
from ingest.errors import EngineError
from ingest.settings_models import Spark as SparkSettings
from ingest.sources import library as library_source
from tests.faults.scenes import untimed
from tests.nights import run_night, write_config

pytestmark = pytest.mark.timeout(1800)  # dbt's 400 nodes are as many jobs of Spark's, whatever the library

PROMISED = {"album_matches", "library_changes", "review_queue", "integrity_issues", "quality"}
SHARED = Path(__file__).parents[1].parent / "shared"
LARGE = int(os.environ.get("SPARK_ALBUMS", "50000"))
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
# On a few hundred rows Java's best compiler, and the code that Spark writes for whole stages, cost more than they give back; the
# large library runs as everybody's does.
HASTE = {
    "spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
}
SMALL = SparkSettings(shuffle_partitions=2, settings=HASTE)
BIG = SparkSettings(shuffle_partitions=8, memory=os.environ.get("SPARK_MEMORY", "4g"))


def hashes(store: Path) -> dict[str, tuple[int, str]]:
    """Rows and hash of every mart, over all its columns: both engines were given the very same moments."""
    with duckdb.connect(str(store), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        found = {}
        for (name,) in sorted(names):
            cursor = connection.execute(f'from marts."{name}"')
            columns = sorted((one[0], index) for index, one in enumerate(cursor.description or ()))
            lines = sorted(repr([row[index] for _, index in columns]) for row in cursor.fetchall())
            head = repr([column for column, _ in columns])
            found[name] = (len(lines), hashlib.sha256("\n".join([head, *lines]).encode()).hexdigest()[:16])
    return found


def differences(one: Path, other: Path, mart: str) -> str:
    """A few rows that only one of two warehouses has, for the message of a test that fails."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        columns = [row[0] for row in connection.execute(f"describe one.marts.{mart}").fetchall()]
        listed = ", ".join(f'"{column}"' for column in columns)
        only = [
            connection.execute(
                f"select {listed} from {here}.marts.{mart} except all select {listed} from {there}.marts.{mart}"
                " order by all limit 3"
            ).fetchall()
            for here, there in (("one", "other"), ("other", "one"))
        ]
    return f"{mart} {columns}\n  DuckDB alone: {only[0]}\n  Spark alone: {only[1]}"


def both(store: Path, folder: Path, capsys: pytest.CaptureFixture[str], settings: SparkSettings = SMALL) -> None:
    """Let both engines believe a copy of the warehouse; fail where a mart differs."""
    stores = {name: folder / name / "warehouse.duckdb" for name in ("duckdb", "spark")}
    said = {}
    for name, path in stores.items():
        path.parent.mkdir(parents=True)
        shutil.copyfile(store, path)
        with duckdb.connect(str(path)) as connection:
            connection.execute("drop schema if exists marts cascade")
        engine = Spark(lake=str(folder / "lake"), settings=settings) if name == "spark" else None
        beliefs = believe.build(path, path.parent / "dbt", engine=engine)
        assert beliefs.exception is None
        assert [(node.name, node.message) for node in beliefs.errors] == [], name
        said[name] = {(node.name, node.status, node.failures) for node in beliefs.results}
    found = {name: hashes(path) for name, path in stores.items()}
    with capsys.disabled():
        for mart, (count, digest) in found["duckdb"].items():
            other = found["spark"].get(mart, (0, "absent"))
            mark = "=" if other == (count, digest) else "≠"
            sys.stdout.write(f"\n  {mart:18}{count:>9,} rows  {digest} {mark} {other[1]}")
        sys.stdout.write("\n")
    wrong = [mart for mart in found["duckdb"] if found["duckdb"][mart] != found["spark"].get(mart)]
    assert set(found["duckdb"]) >= PROMISED
    assert not wrong, "\n".join(differences(stores["duckdb"], stores["spark"], mart) for mart in wrong)
    assert said["spark"] == said["duckdb"], "a test says something else"


@pytest.mark.spark
def test_the_sample_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mart of the sample library, over what a night asked for, and over what it wrote."""
    run_night(tmp_path / "data", write_config(tmp_path / "config"))

    both(tmp_path / "data" / "warehouse.duckdb", tmp_path / "both", capsys)


@pytest.mark.spark
def test_a_real_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mart of a library that an app wrote, with its quirks, asked of a catalogue made of it."""
    found = sorted((SHARED / "library").glob("*.db"))
    if not found:
        pytest.skip(f"no library in {SHARED / 'library'}")
    library = tmp_path / "music.db"
    shutil.copyfile(found[0], library)
    run_night(tmp_path / "data", write_config(tmp_path / "config"), library=library)

    both(tmp_path / "data" / "warehouse.duckdb", tmp_path / "both", capsys)


@pytest.mark.spark_large
@pytest.mark.timeout(3600)
def test_a_large_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mart of 50,000 albums (or SPARK_ALBUMS) that were made up, with four candidates each."""
    both(extracted(tmp_path, LARGE), tmp_path / "both", capsys, BIG)


def extracted(folder: Path, albums: int) -> Path:
    """The warehouse of a synthetic library, as it is when a night begins to believe."""
    library, answers = make(folder / "made", albums)
    options = Options(config=write_config(folder / "config"), data=folder / "data", library=library)
    place = prepare(options)
    store = place.folder.warehouse
    shutil.copyfile(answers / "warehouse.duckdb", store)
    with closing(warehouse.connect(store)) as connection:
        library_source.extract(library, connection)
        warehouse.replace_settings(connection, place.settings_for_sql(JOBS[options.job], NOW, options))
    return store


@pytest.mark.spark
def test_a_night_that_spark_believes(tmp_path: Path) -> None:
    """From library to report nothing else differs: the same changes are written, and only raw tables are left in the lake."""
    config = write_config(tmp_path / "config")
    chosen = {"engine": "duckdb", "spark": SMALL.model_dump(mode="json")}
    file = config / "enrichment_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | chosen))
    nights = {engine: run_night(tmp_path / engine, config, engine=engine) for engine in ("duckdb", "spark")}

    assert [outcome.failures for outcome in nights.values()] == [[], []]
    written = [untimed(next((tmp_path / engine / "exports").glob("*.db"))) for engine in nights]
    assert written[0] == written[1]
    assert {path.name for path in (tmp_path / "spark" / "lake").iterdir()} == {"manifest.json", "raw"}
    assert len(nights["spark"].applied.applied) == len(nights["duckdb"].applied.applied) > 0


@pytest.mark.spark
def test_pages_of_java(tmp_path: Path) -> None:
    """What Spark fails with is one line that names the cause, and DuckDB believes the warehouse as before."""
    from py4j.protocol import Py4JError

    said = "An error occurred while calling o1.sql.\n: java.lang.IllegalArgumentException: no such scheme\n\tat a.b(C.java:1)\n"

    @contextmanager
    def broken(*_: object) -> Iterator[object]:
        raise Py4JError(said)
        yield

    with pytest.MonkeyPatch.context() as patch, pytest.raises(EngineError) as caught:
        warehouse.connect(tmp_path / "warehouse.duckdb").close()
        patch.setattr(spark, "session", broken)
        believe.build(tmp_path / "warehouse.duckdb", tmp_path / "dbt", engine=Spark(lake=str(tmp_path / "lake")))

    assert caught.value.what == "Spark failed: java.lang.IllegalArgumentException: no such scheme"
    assert "--engine duckdb" in caught.value.line


@pytest.mark.spark
def test_the_figures_of_evaluate() -> None:
    """What is measured on labelled files is the same to the last digit."""
    from dagster_project.commands.evaluating import measure

    if not (SHARED / "evaluation").is_dir():
        pytest.skip(f"no labelled files in {SHARED / 'evaluation'}")

    assert measure(SHARED / "evaluation", SMALL) == measure(SHARED / "evaluation")
