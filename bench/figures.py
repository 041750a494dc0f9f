"""Where figures go: a line on the screen, and one JSON file a benchmark under `build/bench/`, with the machine they are of."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUILD = Path(__file__).resolve().parents[1] / "build" / "bench"


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def path_of(name: str) -> Path:
    """The file in which one benchmark keeps its figures."""
    return BUILD / f"{name}.json"


def keep(name: str, figures: Mapping[str, Any]) -> Path:
    """Write the figures of one benchmark; returns the file."""
    import duckdb

    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "duckdb": duckdb.__version__}
    path.write_text(json.dumps({"machine": machine, **figures}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def kept(name: str) -> dict[str, Any] | None:
    """The figures that a benchmark kept last; None where it never ran."""
    path = path_of(name)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def forget_peak() -> None:
    """Start the highest resident size anew; Linux alone can, elsewhere it is that of the whole process."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak_mb() -> float:
    """The highest resident size since then, in megabytes."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        import resource

        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)
