"""The questions of a whole fleet, put together before its nights: what two libraries want is asked once, and in full batches.

A request holds two dozen questions, so fifty shelves that ask one after the other send fifty requests that are half empty.
Here the libraries are read into one passing warehouse, as if they were one library, and that is asked about; the answers go
into the shared store, out of which each library's night takes its own. What fails here fails nobody: a night asks for what is
still due, and tells what stops it.
"""

# ruff: noqa: S608 - the names in these statements are our own

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.fleet_folder import FleetFolder
from dagster_project.night import ask_watched
from dagster_project.options import JOBS, Options
from dagster_project.preparation import Place, prepare
from dagster_project.publish import backup, durable, ledger
from dagster_project.publish.lock import RunLock
from ingest import asking, shared_answers, warehouse
from ingest.clock import Clock
from ingest.errors import SillonError
from ingest.notebook import unchecked
from ingest.sources import library as library_source
from ingest.tables import LIBRARY_TABLES, TEXT_OF_ANY_LENGTH

# Albums are numbered anew, each library's from the next multiple of this; ids beyond it are asked about in their own night.
STRIDE = 2**40
_NUMBERED = {
    "albums": ("id",),
    "artists": ("id",),
    "album_artist": ("album_id", "artist_id"),
    "tracks": ("id", "album_id"),
    "images": ("id", "album_id", "artist_id"),
}
log = logging.getLogger("sillon")


def ask_together(
    fleet: FleetFolder,
    own: Sequence[Options],
    clock: Clock,
    *,
    deadline: float,
    progress: asking.Progress = asking.silent,
    checkpoint: Callable[[str], None] = unchecked,
) -> Mapping[str, asking.SourceReport]:
    """Ask every source for what any of these libraries is due to be told, into the store of the fleet.

    Args:
        fleet: whose store it is; the caller holds its lock.
        own: the options of each library's run.
        clock: the time, also for `deadline` (monotonic second at which asking ends).
        progress: told of each source as its answers come.
        checkpoint: called around the commit of each answer.

    Returns how it went with each source; nothing where there is no library to ask about. A library that cannot be read, or
    whose warehouse somebody has open, is left out. Raises WarehouseError of the store.
    """
    places = [place for options in own if (place := _read(options, clock)) is not None]
    passing = fleet.root / "asking.duckdb"
    durable.remove(passing)
    try:
        with closing(warehouse.connect(passing)) as connection:
            places = _put_together(connection, places)
            if not places:
                return {}
            ids = [place.folder.root.name for place in places]
            with (
                closing(
                    shared_answers.SharedAnswers(fleet.answers, lambda album_id: _whose(album_id, ids), clock)
                ) as shared,
                places[0].sources(places[0].library, JOBS[own[0].job], limits=own[0].sandbox_limits) as door,
            ):
                return ask_watched(
                    asking.Asking(
                        connection=connection,
                        settings=door.settings,
                        run_id=f"fleet-{clock.now():%Y%m%d-%H%M%S}",
                        clock=clock,
                        progress=progress,
                        deadline=deadline,
                        state_dir=door.state_dir,
                        checkpoint=checkpoint,
                        shared=shared,
                    )
                )
    finally:
        durable.remove(passing)
        passing.with_name(passing.name + ".wal").unlink(missing_ok=True)


def _read(options: Options, clock: Clock) -> Place | None:
    """One library, read into its own warehouse; None for one that cannot be read, which its night will say."""
    try:
        place = prepare(options)
        folder = place.folder
        with RunLock(folder.root, clock, what="fleet"):
            snapshot = folder.snapshots / f"{durable.short(place.library.name)}.snapshot"
            backup.snapshot(place.library, snapshot, clock)
            with closing(warehouse.connect(folder.warehouse)) as connection:
                library_source.extract(snapshot, connection)
    except (SillonError, duckdb.Error, OSError, ValueError) as error:
        _leave_out(options.library, error)
        return None
    return place


class _TakenError(Exception):
    """Since it was read, somebody has opened the warehouse of this library, or it was damaged."""

    def __init__(self, place: Place) -> None:
        self.place = place


def _put_together(connection: duckdb.DuckDBPyConnection, places: Sequence[Place]) -> list[Place]:
    """Fill the passing warehouse. Returns the libraries that are in it, in the order of their numbers."""
    chosen = list(places)
    while chosen:
        try:
            for table in _NUMBERED:
                warehouse.replace_library_table(connection, table, _parts(table, chosen))
            break
        except _TakenError as taken:
            _leave_out(taken.place.library, taken.__cause__)
            chosen.remove(taken.place)  # and all are numbered anew
    decided = [
        {**row, "album_id": number * STRIDE + row["album_id"]}
        for number, place in enumerate(chosen, start=1)
        for row in (*place.decisions, *ledger.decisions(place.folder.ledger))
        if row.get("album_id") is not None and 0 <= row["album_id"] < STRIDE
    ]
    warehouse.replace_decisions(connection, decided)
    return chosen


def _leave_out(library: Path | None, error: BaseException | None) -> None:
    log.warning("%s is not asked about together with the others: %s", library, error)


def _parts(table: str, places: Sequence[Place]) -> Iterator[pa.Table]:
    """The rows of one table, library by library; those with an id that cannot be numbered anew stay away."""
    for number, place in enumerate(places, start=1):
        columns = ", ".join(
            f"cast(try_cast({name} as bigint) + {number * STRIDE} as varchar) as {name}"
            if name in _NUMBERED[table]
            else name
            for name in LIBRARY_TABLES[f"library.{table}"]
        )
        in_range = " and ".join(
            f"({name} is null or try_cast({name} as bigint) between 0 and {STRIDE - 1})" for name in _NUMBERED[table]
        )
        try:
            with closing(duckdb.connect(str(place.folder.warehouse))) as own:
                own.execute(TEXT_OF_ANY_LENGTH)
                rows = own.execute(f"select {columns} from library.{table} where {in_range}").to_arrow_table()
        except duckdb.Error as error:
            raise _TakenError(place) from error
        yield rows


def _whose(album_id: str, ids: Sequence[str]) -> dict[str, Any]:
    number, own = divmod(int(album_id), STRIDE)
    return {"library_id": ids[number - 1], "album_id": str(own)}
