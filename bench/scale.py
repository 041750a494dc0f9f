"""Both engines on the same warehouse at growing sizes: what the table of `docs/scale.md` is made of.

    python -m bench.scale 10000 100000 [--engines duckdb spark] [--memory 6g]

Each size and engine is a process of its own, on a library and answers of `libraries.py`, read into a warehouse as a night does;
measured is `believe.build`, as a night calls it, models and tests. Of Spark also: the lake, the start, the reading back, the
bytes shuffled and read (from its event log), and the memory of its Java. The figures become `build/bench/scale.json`.
The file is long because what is read of Java's processes and of the event log has no other reader.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import BUILD, forget_peak, keep, kept, peak_mb, say

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ENGINES = ("duckdb", "spark")
LAYERS = ("staging", "intermediate", "marts", "seed", "test")
HEAVIEST = 12


def measure(albums: int, engine: str, folder: Path, memory: str) -> dict[str, Any]:
    """Let one engine believe the warehouse of `albums` albums, which is made once per size in `folder`."""
    from dagster_project import believe, spark
    from dagster_project.lake import Lake
    from ingest.settings_models import Spark as SparkSettings

    store = _warehouse(albums, folder)
    work = folder / engine
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    mine = work / "warehouse.duckdb"
    shutil.copyfile(store, mine)
    seconds: dict[str, float] = {}
    chosen = None
    if engine == "spark":
        events = work / "events"
        events.mkdir()
        log = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": f"file://{events}"}
        log |= {"spark.eventLog.compress": "false", "spark.eventLog.rolling.enabled": "false"}
        settings = SparkSettings(memory=memory, settings=log, shuffle_partitions=max(8, albums // 25_000))
        chosen = spark.Spark(lake=str(work / "lake"), settings=settings)
        _time(Lake, "write", "lake", seconds)
        _time(spark.Work, "bring_back", "back", seconds)
    forget_peak()
    started, busy = time.monotonic(), _busy()
    first: list[float] = []
    beliefs = believe.build(
        mine, work / "dbt", engine=chosen, on_node=lambda *_: first.append(time.monotonic()) if not first else None
    )
    total = time.monotonic() - started
    layers: Counter[str] = Counter()
    for node in beliefs.results:
        kind = node.unique_id.partition(".")[0]
        layers[_layer(node.name) if kind == "model" else kind] += node.seconds
    return {
        "albums": albums,
        "engine": engine,
        "is_built": beliefs.success,
        "wrong": [f"{node.name}: {node.message}"[:200] for node in beliefs.errors][:5] or beliefs.exception,
        "seconds": round(total, 1),
        "cpu_seconds": round(_busy() - busy, 1),
        "before_dbt": round(first[0] - started, 1) if first else None,
        **{name: round(value, 1) for name, value in seconds.items()},
        "node_seconds": {layer: round(layers[layer], 1) for layer in LAYERS},
        "python_mb": peak_mb(),
        "heaviest": {
            node.name: round(node.seconds, 1)
            for node in sorted(beliefs.results, key=lambda node: -node.seconds)[:HEAVIEST]
        },
        **_rows(mine),
        **(_of_spark(work) if engine == "spark" else {}),
    }


def _warehouse(albums: int, folder: Path) -> Path:
    """A warehouse as it is when a night begins to believe, made once."""
    from bench.libraries import make_apart
    from dagster_project.options import JOBS, Options
    from dagster_project.preparation import prepare
    from ingest import warehouse
    from ingest.sources import library as library_source

    store = folder / "extracted.duckdb"
    if store.exists():
        return store
    library, answers = make_apart(folder / "made", albums)
    config = folder / "config"
    config.mkdir(exist_ok=True)
    (config / "enrichment_config.json").write_text("{}")
    options = Options(config=config, data=folder / "data", library=library)
    place = prepare(options)
    aside = folder / "extracting.duckdb"
    shutil.copyfile(answers / "warehouse.duckdb", aside)
    with closing(warehouse.connect(aside)) as connection:
        library_source.extract(library, connection)
        warehouse.replace_settings(connection, place.settings_for_sql(JOBS[options.job], NOW, options))
    aside.replace(store)
    return store


def _time(owner: Any, name: str, what: str, seconds: dict[str, float]) -> None:
    """Have a method say how long it took."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def timed(*words: Any, **named: Any) -> Any:
        started = time.monotonic()
        result = method(*words, **named)
        seconds[what] = time.monotonic() - started
        return result

    setattr(owner, name, timed)


def _busy() -> float:
    """Processor seconds of this process and of the Java that it started."""
    ticks = os.sysconf("SC_CLK_TCK")
    return time.process_time() + sum((int(fields[11]) + int(fields[12])) / ticks for _, fields in _javas())


def _java_mb() -> float:
    """The highest resident size of our Java, which outlives the session."""
    lines = [line for folder, _ in _javas() for line in (folder / "status").read_text().splitlines()]
    return round(max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0.0), 1)


def _javas() -> Iterator[tuple[Path, list[str]]]:
    """The folders below /proc of the Java processes that descend from this one, and what their `stat` says after the name."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        name, fields = _stat(stat)
        if name == "java" and _is_ours(int(fields[1])):
            yield stat.parent, fields


def _is_ours(parent: int) -> bool:
    while parent > 1 and parent != os.getpid():
        _, fields = _stat(Path(f"/proc/{parent}/stat"))
        parent = int(fields[1]) if fields else 0
    return parent == os.getpid()


def _stat(path: Path) -> tuple[str, list[str]]:
    try:
        head, _, rest = path.read_text().rpartition(")")
    except OSError:
        return "", []
    return head.partition("(")[2], rest.split()


def _layer(name: str) -> str:
    return "staging" if name.startswith("stg_") else "intermediate" if name.startswith("int_") else "marts"


def _rows(store: Path) -> dict[str, Any]:
    import duckdb

    from ingest.tables import TABLES

    with duckdb.connect(str(store), read_only=True) as connection:
        raw = {table: _number(connection, table) for table in TABLES}
        marts = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        built = {name: _number(connection, f'marts."{name}"') for (name,) in sorted(marts)}
        hashes = {name: _hash(connection, f'marts."{name}"') for name in built}
    return {"raw_rows": sum(raw.values()), "mart_rows": sum(built.values()), "marts": built, "hashes": hashes}


def _number(connection: Any, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608 - our own names


def _hash(connection: Any, table: str) -> str:
    """A sum over the hashes of the rows: the same for the same rows, in whatever order they and their columns are written."""
    columns = ", ".join(sorted(f'"{row[0]}"' for row in connection.execute(f"describe {table}").fetchall()))
    return str(connection.execute(f"select sum(hash({columns})::hugeint) from {table}").fetchone()[0])  # noqa: S608


def _of_spark(work: Path) -> dict[str, Any]:
    """What the event log says: jobs, tasks, bytes through the shuffle, bytes read, bytes spilled; and the size of the lake."""
    found: Counter[str] = Counter()
    for path in (work / "events").iterdir():
        with path.open(encoding="utf-8") as file:
            for line in file:
                if '"Event":"SparkListenerTaskEnd"' in line:
                    metrics = json.loads(line).get("Task Metrics") or {}
                    found["tasks"] += 1
                    found["shuffled"] += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
                    found["read"] += metrics.get("Input Metrics", {}).get("Bytes Read", 0)
                    found["spilled"] += metrics.get("Disk Bytes Spilled", 0)
                    found["run_ms"] += metrics.get("Executor Run Time", 0)
                elif '"Event":"SparkListenerJobStart"' in line:
                    found["jobs"] += 1
    lake = sum(file.stat().st_size for file in (work / "lake" / "raw").rglob("*.parquet"))
    return {
        "lake_mb": round(lake / 1e6, 1),
        "shuffled_mb": round(found["shuffled"] / 1e6, 1),
        "read_mb": round(found["read"] / 1e6, 1),
        "spilled_mb": round(found["spilled"] / 1e6, 1),
        "jobs": found["jobs"],
        "tasks": found["tasks"],
        "task_seconds": round(found["run_ms"] / 1000, 1),
        "java_mb": _java_mb(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every size with every engine, a process each; print a line each and keep the figures beside the earlier ones."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__.partition("\n")[0])
    parser.add_argument("albums", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--memory", default="6g", help="of Spark's Java")
    parser.add_argument("--folder", type=Path, default=BUILD / "scale", help="where libraries are made, and kept")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.one is not None:
        found = measure(chosen.albums[0], chosen.engines[0], chosen.folder.absolute(), chosen.memory)
        chosen.one.write_text(json.dumps(found))
        return 0
    sizes = {(one["albums"], one["engine"]): one for one in (kept("scale") or {"sizes": []})["sizes"]}
    for albums in chosen.albums:
        folder = chosen.folder.absolute() / str(albums)
        folder.mkdir(parents=True, exist_ok=True)
        for engine in chosen.engines:
            answer = folder / f"{engine}.json"
            words = [sys.executable, "-m", "bench.scale", str(albums), "--engines", engine, "--memory", chosen.memory]
            words += ["--folder", str(folder), "--one", str(answer)]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
            one = sizes[albums, engine] = json.loads(answer.read_text())
            _tell(one)
            _compare([sizes[key] for key in sizes if key[0] == albums])
            keep("scale", {"sizes": [sizes[key] for key in sorted(sizes)]})
    return 0 if all(one["is_built"] for one in sizes.values()) else 1


LINE = (
    "{albums:,} albums, {engine}: {seconds} s ({cpu_seconds} s cpu), {raw_rows:,} raw rows, {mart_rows:,} rows of marts,"
    " {python_mb:.0f} MB"
)
OF_SPARK = (
    "  lake {lake} s, {lake_mb} MB; {before_dbt} s before the first node; back {back} s; shuffled {shuffled_mb} MB,"
    " read {read_mb} MB, spilled {spilled_mb} MB; {jobs} jobs, {tasks} tasks, {task_seconds} s in them; Java {java_mb:.0f} MB"
)


def _tell(one: dict[str, Any]) -> None:
    say(LINE.format(**one) + ("" if one["is_built"] else f"  {one['wrong']}"))
    say("  nodes: " + ", ".join(f"{layer} {value} s" for layer, value in one["node_seconds"].items()))
    if one["engine"] == "spark":
        say(OF_SPARK.format(**{"lake": None, "back": None, **one}))


def _compare(engines: Sequence[dict[str, Any]]) -> None:
    """Say whether the engines measured at one size built the same marts, and which are not the same."""
    hashes = [one["hashes"] for one in engines if "hashes" in one]
    if len(hashes) > 1:
        other = [mart for mart in hashes[0] if len({found.get(mart) for found in hashes}) > 1]
        say(
            f"  marts with other rows: {', '.join(other)}"
            if other
            else f"  the same rows in all {len(hashes[0])} marts"
        )


if __name__ == "__main__":
    sys.exit(main())
