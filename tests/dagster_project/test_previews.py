"""What the control room shows of the warehouse: rows as text and nothing but text, and the rows behind a failed check."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_project import previews

HOSTILE = "<img src=x onerror=alert(1)>|[click](javascript:alert(1))\n`x`"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.albums as select range as album_id, ? as title from range(40)", [HOSTILE]
        )
    return path


def test_a_title_that_would_draw_in_the_page(warehouse: Path) -> None:
    """A title is one cell of one line, without a tag, a link or a further column."""
    table = previews.first_rows(warehouse, [("marts", "albums")])["marts", "albums"]

    lines = table.splitlines()
    assert len(lines) == 2 + previews.FIRST
    assert lines[0] == "| album_id | title |"
    assert lines[2].startswith("| 0 | \\<img src=x onerror=alert\\(1\\)\\>\\|\\[click\\]")
    assert len(lines[2]) < 200


def test_the_rows_behind_a_failed_check(warehouse: Path) -> None:
    """The first rows that a check's query returns; a query that cannot run any more stops nothing."""
    odd = "select album_id from marts.albums where album_id % 2 = 1 order by 1;\n"

    rows = previews.failing_rows(warehouse, {"odd": odd, "gone": "select * from nothing"})

    assert list(rows) == ["odd"]
    assert rows["odd"].splitlines()[2:4] == ["| 1 |", "| 3 |"]
    assert len(rows["odd"].splitlines()) == 2 + previews.FAILING


def test_tables_are_counted(warehouse: Path) -> None:
    """Rows by schema and table."""
    assert previews.row_counts(warehouse) == {("marts", "albums"): 40}
