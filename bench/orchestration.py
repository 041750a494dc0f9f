"""What the night costs beside dbt: a second night with nothing to do, beside a bare `dbt build` of the same project.

    python -m bench.orchestration [--turns 3]

Both run as a person would start them, as processes of their own, in turns on the same warehouse, with dbt's partial
parsing warm. A night reads the library, plans the questions, starts Dagster, builds, compares, writes a report; the bare build
only builds. Beside it the time until `sillon --help` answers. The figures become `build/bench/orchestration.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.figures import keep, say

HELP_TURNS = 11
MOST_TIMES_THE_BUILD = 2.0
MOST_HELP_SECONDS = 0.4
_PACE = 60_000  # a minute: how fast the sandbox is asked is another benchmark's matter
BIN = Path(sys.executable).parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0, or 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.orchestration", description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=3)
    turns = parser.parse_args(arguments).turns
    with tempfile.TemporaryDirectory(prefix="sillon-bench-") as scratch:
        figures = measure(Path(scratch), turns)
    keep("orchestration", figures)
    say(f"{'':26}{'wall':>8}{'cpu':>8}")
    for name in ("night", "build"):
        say(f"{_NAMES[name]:26}{figures[name]['wall']:8.2f}{figures[name]['cpu']:8.2f}   median of {turns}")
    say(f"{'ratio':26}{figures['wall_ratio']:8.2f}{figures['cpu_ratio']:8.2f}   target {MOST_TIMES_THE_BUILD}")
    say(f"{'sillon --help':26}{figures['help_seconds']:8.2f}{'':8}   target {MOST_HELP_SECONDS}")
    is_kept = figures["wall_ratio"] <= MOST_TIMES_THE_BUILD and figures["help_seconds"] <= MOST_HELP_SECONDS
    return 0 if is_kept else 1


_NAMES = {"night": "second night, sillon run", "build": "bare dbt build"}


def measure(scratch: Path, turns: int) -> dict[str, Any]:
    """A cold night on the sample library, then `sillon run` and `dbt build` in turns."""
    from dagster_project.believe import PROJECT_FOLDER, dbt_environment

    data, config = scratch / "data", scratch / "config"
    config.mkdir()
    words = ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify")
    rates = {f"{word}_per_minute": _PACE for word in words}
    (config / "enrichment_config.json").write_text(json.dumps({"auto_enrichment": {"rate_limits": rates}}))
    night = [str(BIN / "sillon"), "run", "--sandbox", "--quiet", "--data", str(data), "--config", str(config)]
    build = [str(BIN / "dbt"), "--quiet", "build", "--exclude-resource-type", "unit_test"]
    around = dbt_environment(data / "warehouse.duckdb", data / "dbt")
    for _ in range(2):  # the cold night, and one that asks what the cold one only then knew
        _timed(night, {})
    _timed(build, around, PROJECT_FOLDER)
    nights, builds = [], []
    for _ in range(turns):
        nights.append(_timed(night, {}))
        builds.append(_timed(build, around, PROJECT_FOLDER))
    helps = [_timed([str(BIN / "sillon"), "--help"], {})["wall"] for _ in range(HELP_TURNS)]
    figures: dict[str, Any] = {"night": _median(nights), "build": _median(builds)}
    for kind in ("wall", "cpu"):
        figures[f"{kind}_ratio"] = round(figures["night"][kind] / figures["build"][kind], 2)
    return {**figures, "help_seconds": round(statistics.median(helps), 3), "nights": nights, "builds": builds}


def _timed(words: Sequence[str], variables: Mapping[str, str], folder: Path | None = None) -> dict[str, float]:
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own words
        list(words), env={**os.environ, **variables}, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words[0]} ended with {process.returncode}: {said.decode(errors='replace')[-2000:]}")
    return {"wall": round(time.monotonic() - started, 3), "cpu": round(used.ru_utime + used.ru_stime, 3)}


def _median(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {kind: statistics.median(run[kind] for run in runs) for kind in ("wall", "cpu")}


if __name__ == "__main__":
    sys.exit(main())
