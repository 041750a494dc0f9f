"""Which local dates have had their night, as `sillon.runs` remembers it, and when the next one is due.

Only reading, and only from `marts.duckdb`, so that the daemon never locks a run out of the warehouse.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from dagster_project.data_folder import DataFolder, Kind
from ingest.settings_models import SchedulerConfig

log = logging.getLogger("sillon")

LATE = timedelta(hours=26)  # a night a day, and two hours for a change of the clocks and a long asking
NIGHT_TAG = "sillon/night"  # on a scheduled run: the local date whose night it is

# A night is a full run that ended with a report; parts of it, dry runs and failed runs are not, nor the sandbox's but among
# their like.
_NIGHT = """
    select count(*) from sillon.runs
    where local_date = ? and is_full and kind = ? and status in ('success', 'partial')
"""


def had_its_night(data: Path, day: date, kind: Kind = "web") -> bool:
    """Whether `day` (local) has had a finished full run in this data folder. A folder without marts has had none.

    Nor has one whose marts cannot be read: the next run makes them anew, and no other would come.
    """
    shelf = DataFolder(data.absolute()).marts
    if not shelf.exists():
        return False
    try:
        with duckdb.connect(str(shelf), read_only=True) as connection:
            row = connection.execute(_NIGHT, [day, kind]).fetchone()
    except duckdb.Error as error:
        log.warning("%s cannot be read: %s", shelf, str(error).partition("\n")[0])
        return False
    return bool(row and row[0])


def next_night(scheduler: SchedulerConfig, now: datetime) -> datetime | None:
    """When the schedule starts the next night, in its own zone; None where it is off. `now` is aware."""
    if not scheduler.enabled:
        return None
    zone = ZoneInfo(scheduler.timezone)
    hour, minute = scheduler.hour_minute
    today = datetime.combine(now.astimezone(zone).date(), time(hour, minute), zone)
    return today if today > now else datetime.combine(today.date() + timedelta(days=1), time(hour, minute), zone)
