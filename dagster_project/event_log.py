"""Dagster's event log with its connections kept open: a night writes some 1,500 events, most of them twice.

Here lives how the log is stored, named by `dagster.yaml`; what is in it is Dagster's matter. Dagster's own SQLite storage opens
the file for each event, waits until the disk has it and copies the log back into the file as it closes it: a minute
of a night on a busy disk, a third of its processor time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from sqlalchemy import Connection, StaticPool, create_engine, text

BUSY_SECONDS = 60


class KeptEventLog(SqliteEventLogStorage):
    """One connection for the index of all runs and one for the run that was written or read last.

    A power cut may lose the last events of a run, which Sillon's own ledger does not need; it damages no file (SQLite's
    write-ahead log with `synchronous = normal`, https://sqlite.org/pragma.html#pragma_synchronous).
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._kept: dict[bool, tuple[str, Connection]] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> KeptEventLog:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            connection = self._connection(shard)
            driver = connection.connection.dbapi_connection
            before = driver.total_changes  # type: ignore[union-attr]
            with connection.begin():
                yield connection
            # The UI follows a run by watching its file, which the write-ahead log leaves as it was. Not after reading: whoever
            # watches reads what changed, and would wake itself for ever.
            if driver.total_changes != before:  # type: ignore[union-attr]
                with suppress(FileNotFoundError):
                    os.utime(self.path_for_shard(shard))

    def _connection(self, shard: str) -> Connection:
        place = shard == INDEX_SHARD_NAME
        name, connection = self._kept.get(place, ("", None))
        is_there = Path(self.path_for_shard(shard)).exists()  # another process clears old runs away
        if connection is not None and name == shard and is_there and not connection.closed:
            return connection
        if connection is not None:
            _close(connection)
        engine = create_engine(
            self.conn_string_for_shard(shard),
            poolclass=StaticPool,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        if not is_there or shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        connection = engine.connect()
        connection.execute(text("pragma synchronous = normal"))
        connection.commit()
        self._kept[place] = (shard, connection)
        return connection

    def dispose(self) -> None:
        with self._db_lock:
            for _, connection in self._kept.values():
                _close(connection)
            self._kept.clear()
        super().dispose()


def _close(connection: Connection) -> None:
    connection.close()
    connection.engine.dispose()
