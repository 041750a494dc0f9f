"""All benchmarks, one after the other, and at the end a table: each figure, its target, its ratio to the target.

`make bench` runs the quick form (five minutes on two idle cores), `make bench-full` the whole: a million albums, the dump of
three million release groups, and a real library where LIBRARY names one. Each benchmark is a process of its own and keeps its
figures in `build/bench/`; the table is made from those files, so `python -m bench --table` shows the last ones again.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from bench.changed import TARGET as CHANGED_SHARE
from bench.figures import BUILD, kept, path_of, say
from bench.growth import TEN_TIMES, exponents

QUICK = (
    ("growth", "1000", "10000"),
    ("orchestration", "--turns", "1"),
    ("alternatives", "--albums", "10000"),
    ("floor", "--peer-albums", "8"),
)
FULL = (
    ("growth", "1000", "10000", "100000", "1000000"),
    ("changed", "100000", "1000000"),
    ("orchestration", "--turns", "5"),
    ("alternatives", "--albums", "100000"),
    ("dump", "--groups", "3000000", "--albums", "750000"),
    ("floor", "--peer-albums", "20"),
    ("fleet",),
)
Figure = tuple[str, float, str, float | None, bool]  # what, value, unit, target, whether less is better


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for, then print the table; 0, or 1 where a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="every size; hours")
    parser.add_argument("--table", action="store_true", help="only the table of the last figures")
    parser.add_argument("--library", help="a music app's database, for the floor")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    benchmarks = () if chosen.table else FULL if chosen.full else QUICK
    for name, *_ in benchmarks:  # what one does not reach tonight must not stand in the table as if it had
        path_of(name).unlink(missing_ok=True)
    for name, *words in benchmarks:
        more = ["--library", chosen.library] if name == "floor" and chosen.library else []
        say(f"== {name}")
        subprocess.run([sys.executable, "-m", f"bench.{name}", *words, *more], check=False)  # noqa: S603 - our own words
    figures = list(_figures())
    _table(figures)
    failed = [f"{size['albums']:,} albums: dbt did not build everything" for size in _sizes() if not size["is_built"]]
    failed += [f"{name}: it did not come to its end, see above" for name, *_ in benchmarks if kept(name) is None]
    for line in failed:
        say(f"x {line}, so there is no figure")
    if not chosen.table:
        say(f"{time.monotonic() - started:.0f} s")
    (BUILD / "table.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    missed = [what for what, value, _, target, is_less in figures if _is_missed(value, target, is_less)]
    return 1 if missed or failed else 0


def _figures() -> Iterator[Figure]:
    yield from _of_growth()
    for size in (kept("changed") or {"sizes": []})["sizes"]:
        what = f"one album in {size.get('one_in', 100):,} changed / everything, {size['albums']:,} albums"
        yield f"{what}, cpu", size["cpu_ratio"], "x", CHANGED_SHARE, True
    if found := kept("orchestration"):
        yield "second night / bare dbt build, wall", found["wall_ratio"], "x", 2.0, True
        yield "second night / bare dbt build, cpu", found["cpu_ratio"], "x", 2.0, True
        yield "sillon --help, median", found["help_seconds"], "s", 0.4, True
    if found := kept("floor"):
        yield "cold night / (MusicBrainz' seconds + dbt build)", found["cold"]["times_floor_and_build"], "x", 1.5, True
        yield "requests an album, MusicBrainz", found["cold"]["musicbrainz_an_album"], "", 0.25, True
        yield "refusals met", found["cold"]["refusals"], "", 0, True
        yield "MusicBrainz requests, second night", found["second"]["musicbrainz"], "", 0, True
        for name, peer in found["peers"].items():
            ratio = found["cold"]["right_per_100_requests"] / max(peer["right_per_100_requests"], 0.1)
            yield f"albums right per 100 requests / {name}", round(ratio, 1), "x", 1.0, False
    if found := kept("alternatives"):
        for name in ("plain", "polars"):
            yield f"{name} / DuckDB SQL, {found['albums']:,} albums", found["times_duckdb"][name], "x", None, True
    if found := kept("fleet"):
        yield (
            f"MusicBrainz requests, fleet of {found['libraries']} / one by one",
            found["musicbrainz_share"],
            "x",
            0.6,
            True,
        )
    if found := kept("dump"):
        for size in found["sizes"]:
            yield f"dump of {size['groups']:,} release groups, load", size["seconds"], "s", size["target_seconds"], True
            yield f"dump of {size['groups']:,} release groups, memory", size["peak_mb"], "MB", 8000, True


def _sizes() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (kept("growth") or {"sizes": []})["sizes"]
    return found


def _of_growth() -> Iterator[Figure]:
    sizes = [size for size in _sizes() if size["is_built"]]
    for smaller, larger in itertools.pairwise(sizes):
        if larger["albums"] == 10 * smaller["albums"]:
            what = f"{smaller['albums']:,} -> {larger['albums']:,} albums"
            for step in (step for step in ("extract", "believe", "apply", "undo") if step in larger["steps"]):
                grown = larger["steps"][step]["cpu_seconds"] / max(smaller["steps"][step]["cpu_seconds"], 0.01)
                power = exponents(smaller, larger)[step]
                yield f"{step}, {what} (exponent {power})", round(grown, 1), "x", TEN_TIMES, True
    for size in sizes[-1:]:
        yield f"dbt, {size['albums']:,} albums", size["steps"]["believe"]["seconds"], "s", 900, True
        yield f"dbt, {size['albums']:,} albums, memory", size["steps"]["believe"]["peak_mb"], "MB", 8000, True
        yield "extract, rows a second", size["rows_extracted_a_second"], "", 200_000, False
        if "rows_applied_a_second" in size:
            yield "apply, rows a second", size["rows_applied_a_second"], "", 200_000, False


def _is_missed(value: float, target: float | None, is_less: bool) -> bool:
    return target is not None and (value > target if is_less else value < target)


def _table(figures: Sequence[Figure]) -> None:
    say(f"{'':2}{'figure':62}{'value':>12}{'target':>12}{'ratio':>8}")
    for what, value, unit, target, is_less in figures:
        mark = "  " if target is None else "x " if _is_missed(value, target, is_less) else "+ "
        aim = "" if target is None else f"{'≤' if is_less else '≥'} {target:,g}"
        ratio = f"{value / target:8.2f}" if target else ""
        say(f"{mark}{what:62}{value:>10,g} {unit:2}{aim:>11}{ratio}")


if __name__ == "__main__":
    sys.exit(main())
