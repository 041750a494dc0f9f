"""Which local dates have had their night, as `sillon.runs` remembers it.

Only reading, and only from `marts.duckdb`, so that the daemon never locks a run out of the warehouse.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from dagster_project.data_folder import DataFolder

# A night is a full web run that ended with a report; parts of it, dry runs, sandbox and failed runs are not.
_NIGHT = """
    select count(*) from sillon.runs
    where local_date = ? and is_full and kind = 'web' and status in ('success', 'partial')
"""


def had_its_night(data: Path, day: date) -> bool:
    """Whether `day` (local) has had a finished full run in this data folder. A folder without marts has had none."""
    shelf = DataFolder(data.absolute()).marts
    if not shelf.exists():
        return False
    with duckdb.connect(str(shelf), read_only=True) as connection:
        row = connection.execute(_NIGHT, [day]).fetchone()
    return bool(row and row[0])
