"""dbt's own pages over the models, as one file that opens offline: `make docs`.

The types and row counts come from a warehouse, so one must be there; `make run` makes one.
"""

# ruff: noqa: T201 - what was made is printed

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from dagster_project.believe import dbt_environment, environment
from dagster_project.data_folder import DataFolder

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "build" / "docs" / "index.html"


def main(arguments: list[str]) -> int:
    """Write the page; the argument is the data folder whose warehouse is described. Returns the exit status."""
    given = [Path(word) for word in arguments] or [ROOT / "data", ROOT / "data" / "demo"]
    folder = next((DataFolder(path) for path in given if DataFolder(path).warehouse.exists()), None)
    if folder is None:
        print("There is no warehouse yet. Make one with `make run`, then say `make docs` again.", file=sys.stderr)
        return 2
    from dbt.cli.main import dbtRunner

    scratch = ROOT / "build" / "dbt"
    with environment(dbt_environment(folder.warehouse, scratch)):
        outcome = dbtRunner().invoke(["--quiet", "docs", "generate", "--static"])
    if not outcome.success:
        print(f"dbt could not describe the models: {outcome.exception}", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(scratch / "target" / "static_index.html", PAGE)
    print(f"Written: {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
