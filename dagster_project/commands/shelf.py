"""`marts.duckdb` as the reading verbs open it: read-only, closed at once, and never the warehouse.

Here live the opening and the words for what can be wrong with it. The questions stand in the verbs that ask them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import ConfigError, WarehouseError

if TYPE_CHECKING:
    import duckdb

AGAIN = "run `sillon run` once more: every run makes this file anew"


class Shelf:
    """An open `marts.duckdb`: rows as dictionaries."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self._connection = connection

    def rows(self, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """What a query returns. Raises WarehouseError for a table that an older version did not make."""
        import duckdb

        try:
            cursor = self._connection.execute(query, list(values))
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise WarehouseError(str(error).partition("\n")[0], where=self.path, remedy=AGAIN) from error
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def has(self, table: str) -> bool:
        """Whether a mart is there: a first run that failed early leaves a file without marts."""
        query = "select count(*) as found from duckdb_tables() where schema_name = 'main' and table_name = ?"
        return bool(self.rows(query, [table])[0]["found"])


@contextmanager
def opened(data: Path) -> Iterator[Shelf]:
    """The marts of a data folder.

    Raises ConfigError where nothing has run yet, WarehouseError where the file cannot be read.
    """
    import duckdb

    from dagster_project.data_folder import DataFolder

    path = DataFolder(data.absolute()).marts
    if not path.exists():
        raise ConfigError(
            "nothing has run here yet",
            file=data,
            remedy="run `sillon run --library PATH`, or try the sample with `sillon run --sandbox --data data/demo`; "
            "another data folder is given with --data",
        )
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise WarehouseError(
            f"the file cannot be read: {str(error).partition(chr(10))[0]}", where=path, remedy=AGAIN
        ) from error
    try:
        yield Shelf(path, connection)
    finally:
        connection.close()
