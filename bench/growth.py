"""How a night grows with the library: extract, dbt, apply, report and undo at a thousand albums and at multiples of ten.

    python -m bench.growth 1000 10000 100000

Each size is one process of its own, on a library and answers of `libraries.py`, through the very steps of a night (asking
left out: its cost is `bench.requests`). Wall seconds, the highest resident memory of each step, the bytes on disk, and the
exponent between one size and the next: 1 is in proportion, 2 is the square. The figures become `build/bench/growth.json`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.figures import BUILD, forget_peak, keep, peak_mb, say

STEPS = ("backup", "extract", "believe", "apply", "report", "undo")
HEAVIEST = 40
TEN_TIMES = 12.0  # ten times the rows may take twelve times as long


def measure(albums: int, folder: Path, until: str = STEPS[-1]) -> dict[str, Any]:
    """One night without asking over a library of `albums` albums made in `folder`, then its undoing, or as far as `until`."""
    from bench.libraries import make_apart
    from dagster_project.night import Night
    from dagster_project.options import Options
    from dagster_project.publish.undo import undo
    from ingest.clock import SystemClock

    library, made = make_apart(folder, albums)
    data = folder / "night"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    shutil.copyfile(made / "warehouse.duckdb", data / "warehouse.duckdb")
    config = folder / "config"
    config.mkdir(exist_ok=True)
    (config / "enrichment_config.json").write_text("{}")
    os.environ["SILLON_STATE_DIR"] = str(folder / "state")
    steps: dict[str, dict[str, float]] = {}

    def timed(name: str, step: Callable[[], Any]) -> Any:
        if STEPS.index(name) > STEPS.index(until):
            return None
        forget_peak()
        started, busy = time.monotonic(), time.process_time()
        result = step()
        steps[name] = {
            "seconds": round(time.monotonic() - started, 3),
            "cpu_seconds": round(time.process_time() - busy, 3),
            "peak_mb": peak_mb(),
        }
        return result

    with Night.begin(Options(config=config, data=data, library=library)) as night:
        timed("backup", night.take_backup)
        rows = timed("extract", night.extract)
        beliefs = timed("believe", night.believe)
        applied = timed("apply", night.apply)
        timed("report", night.report)
    extracted, written = sum(rows.values()), len(applied.applied) if applied else 0
    night.outcome.applied = applied = None  # an undo is a process of its own, with nothing of the night in its memory
    undone = timed("undo", lambda: undo(night.run_id, night.folder.ledger, "undo", SystemClock()))
    nodes = sorted(beliefs.results if beliefs else (), key=lambda node: -node.seconds)[:HEAVIEST]
    return {
        "albums": albums,
        "steps": steps,
        "rows_extracted": extracted,
        "rows_extracted_a_second": round(extracted / steps["extract"]["seconds"]),
        "changes": written,
        **_of_apply(extracted, written, steps),
        "undone": len(undone.undone) if undone else 0,
        "library_mb": _mb(library),
        "warehouse_mb": _mb(night.folder.warehouse),
        "marts_mb": _mb(night.folder.marts),
        "heaviest": {node.name: round(node.seconds, 2) for node in nodes},
        "is_built": beliefs is None or beliefs.success,
    }


def _of_apply(extracted: int, written: int, steps: dict[str, dict[str, float]]) -> dict[str, int]:
    if "apply" not in steps:
        return {}
    seconds = steps["apply"]["seconds"]
    # a copy is made anew each night: every row of the library passes, and its changes are made on the way
    return {
        "changes_a_second": round(written / seconds),
        "rows_applied_a_second": round((extracted + written) / seconds),
    }


def _mb(path: Path) -> float:
    return round(path.stat().st_size / 1e6, 1)


def exponents(smaller: dict[str, Any], larger: dict[str, Any]) -> dict[str, float]:
    """Of each step the power of the library's size by which its processor time grew; what else runs has no part in that."""
    ratio = math.log(larger["albums"] / smaller["albums"])
    both = [step for step in STEPS if step in smaller["steps"] and step in larger["steps"]]
    return {step: round(math.log(_busy(larger, step) / _busy(smaller, step)) / ratio, 2) for step in both}


def _busy(size: dict[str, Any], step: str) -> float:
    return max(size["steps"][step]["cpu_seconds"], 0.01)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every size given, print a table, keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__.partition("\n")[0])
    parser.add_argument("albums", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--folder", type=Path, default=BUILD / "growth", help="where libraries are made, and kept")
    parser.add_argument("--until", choices=STEPS, default=STEPS[-1], help="the last step to take")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.one is not None:
        chosen.one.write_text(json.dumps(measure(chosen.albums[0], chosen.folder.absolute(), chosen.until)))
        return 0
    measured: list[dict[str, Any]] = []
    for albums in chosen.albums:
        folder = chosen.folder.absolute() / str(albums)
        folder.mkdir(parents=True, exist_ok=True)
        answer = folder.with_suffix(".json")
        # a process each: memory that one size left behind would count for the next
        words = [sys.executable, "-m", "bench.growth", str(albums), "--folder", str(folder), "--one", str(answer)]
        words += ["--until", chosen.until]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
        measured.append(json.loads(answer.read_text()))
        _tell(measured)
    keep("growth", {"sizes": measured})
    return 0 if all(one["is_built"] for one in measured) else 1


def _tell(measured: Sequence[dict[str, Any]]) -> None:
    one = measured[-1]
    grown = exponents(measured[-2], one) if len(measured) > 1 else {}
    say(f"{one['albums']:,} albums, {one['rows_extracted']:,} rows, {one['changes']:,} changes")
    for step, figures in one["steps"].items():
        power = f"{grown[step]:6.2f}" if grown else ""
        say(
            f"  {step:10}{figures['seconds']:9.1f} s{figures['cpu_seconds']:9.1f} s cpu{figures['peak_mb']:9.0f} MB{power}"
        )
    say(
        f"  extract {one['rows_extracted_a_second']:,} rows/s, apply {one.get('changes_a_second', 0):,} changes/s,"
        f" library {one['library_mb']:.0f} MB, warehouse {one['warehouse_mb']:.0f} MB"
    )
    say("  heaviest: " + ", ".join(f"{name} {seconds}" for name, seconds in list(one["heaviest"].items())[:6]))


if __name__ == "__main__":
    sys.exit(main())
