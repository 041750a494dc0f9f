"""A night on which one album in a thousand changed, beside the build of everything: what keeping rows saves.

    python -m bench.changed 1000000 [--one-in 100]

On the library and the answers of `growth.py` (made where it has not run), dbt builds everything; then one album in so many
is renamed and heard again, one answer in so many is followed by a newer one, and dbt builds once more. Wall and processor
seconds of both, and how many of them the models of matching and scoring take. The figures become `build/bench/changed.json`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from bench.figures import BUILD, forget_peak, keep, peak_mb, say

ONE_IN = 1000  # a thousand albums of a million
TARGET = 0.2
BUILT = ("seeds", "staging", "intermediate", "marts")
CHANGES = """
update library.albums set title = title || ' Again' where cast(id as integer) % {one_in} = 7;
insert into library.listening_history
select * replace (cast(90000000000 + cast(id as bigint) as varchar) as id, '1900000000' as "timestamp")
from library.listening_history where cast(track_id as bigint) % (10 * {one_in}) = 70;
insert into musicbrainz.release_groups
select * replace (request_key || ' again' as request_key, fetched_at + interval 1 day as fetched_at,
    replace(payload, '(Live)', '(Live Again)') as payload)
from musicbrainz.release_groups where hash(request_key) % {one_in} = 0;
"""


def measure(albums: int, folder: Path, one_in: int = ONE_IN) -> dict[str, Any]:
    """Both builds on a copy of the warehouse that `growth` extracted into `folder`."""
    from bench.growth import measure as grow

    extracted = folder / "night" / "warehouse.duckdb"
    if not extracted.exists():
        grow(albums, folder, "extract")
    warehouse = folder / "changed" / "warehouse.duckdb"
    shutil.rmtree(warehouse.parent, ignore_errors=True)
    warehouse.parent.mkdir()
    shutil.copyfile(extracted, warehouse)
    _change(warehouse, "".join(f"drop schema if exists {schema} cascade;" for schema in BUILT))
    whole = _build(warehouse)
    _change(warehouse, CHANGES.format(one_in=one_in))
    part = _build(warehouse)
    shutil.rmtree(warehouse.parent)  # of a million albums 17 GB, which the next benchmark may need
    return {
        "albums": albums,
        "one_in": one_in,
        "whole": whole,
        "part": part,
        "cpu_ratio": round(part["cpu_seconds"] / whole["cpu_seconds"], 3),
        "wall_ratio": round(part["seconds"] / whole["seconds"], 3),
        "keyed_ratio": round(part["keyed_seconds"] / whole["keyed_seconds"], 3),
    }


def _change(warehouse: Path, statements: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(statements)


def _build(warehouse: Path) -> dict[str, Any]:
    from dagster_project import believe

    models = (believe.PROJECT_FOLDER / "models").rglob("*.sql")
    keyed = {file.stem for file in models if "materialized='keyed'" in file.read_text(encoding="utf-8")}
    believe.parse(warehouse, warehouse.parent / "dbt")
    forget_peak()
    started, busy = time.monotonic(), time.process_time()
    beliefs = believe.build(warehouse, warehouse.parent / "dbt")
    if beliefs.errors:
        raise RuntimeError("; ".join(f"{node.name}: {node.message}" for node in beliefs.errors))
    nodes = sorted(beliefs.results, key=lambda node: -node.seconds)
    return {
        "seconds": round(time.monotonic() - started, 1),
        "cpu_seconds": round(time.process_time() - busy, 1),
        "peak_mb": peak_mb(),
        "keyed_seconds": round(sum(node.seconds for node in nodes if node.name in keyed), 1),
        "node_seconds": round(sum(node.seconds for node in nodes), 1),
        "heaviest": {node.name: round(node.seconds, 2) for node in nodes[:60]},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every size given and print; 0, or 1 where the last one misses the target."""
    parser = argparse.ArgumentParser(prog="python -m bench.changed", description=__doc__.partition("\n")[0])
    parser.add_argument("albums", type=int, nargs="*", default=[10_000])
    parser.add_argument("--one-in", type=int, default=ONE_IN, help="albums of which one changes")
    parser.add_argument("--folder", type=Path, default=BUILD / "growth", help="where the libraries of growth are kept")
    chosen = parser.parse_args(arguments)
    measured = [measure(albums, chosen.folder.absolute() / str(albums), chosen.one_in) for albums in chosen.albums]
    for one in measured:
        say(f"{one['albums']:,} albums: {'wall':>13}{'cpu':>9}{'models kept':>14}{'memory':>9}")
        for name, told in (("whole", "everything"), ("part", f"one in {one['one_in']:,}")):
            figures = one[name]
            say(
                f"  {told:20}{figures['seconds']:8.1f}{figures['cpu_seconds']:9.1f}"
                f"{figures['keyed_seconds']:14.1f}{figures['peak_mb']:6.0f} MB"
            )
        say(
            f"  {'ratio':20}{one['wall_ratio']:8.2f}{one['cpu_ratio']:9.2f}{one['keyed_ratio']:14.2f}   target {TARGET}"
        )
    keep("changed", {"sizes": measured})
    return 0 if measured[-1]["cpu_ratio"] <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
