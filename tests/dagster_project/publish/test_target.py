"""What is read of a library before it is written to: every value exactly, by the quick way and by the careful one alike."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dagster_project.publish import target
from dagster_project.publish.cells import Cell
from dagster_project.publish.target import Database, frozen

VALUES = (
    "'a'", "'é ü 漢 🎵'", "''", "' '", "cast(x'610062' as text)", "'\ufeffmark'", "1", "-9223372036854775808", "1.0", "-0.0",
    "9e999", "x''", "x'ff00'", "null", "'1900'", "'a' || char(8232)",
)  # fmt: skip
BROKEN = ("ff", "61ff62", "eda080", "c080", "f4908080")  # text whose bytes are no text


def made(path: Path, encoding: str, values: tuple[str, ...]) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma encoding = '{encoding}'")
        connection.execute(
            "create table albums (id integer primary key, title, [Odd name] text, twice generated always as (id * 2))"
        )
        for number, value in enumerate(values):
            connection.execute(f"insert into albums (id, title, [Odd name]) values ({number}, {value}, {value})")
        connection.commit()
    return path


def read(database: Database, columns: tuple[str, ...] | None) -> list[list[dict[str, Cell]]]:
    albums = database.table("albums")
    assert albums is not None
    return [
        database.rows(albums, {"id": Cell.of(number)}, columns=columns) for number in range(len(VALUES) + len(BROKEN))
    ]


@pytest.mark.parametrize("columns", [None, ("title",), ("Odd name", "gone"), ("gone",)], ids=str)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_the_quick_reading_is_the_careful_one(
    encoding: str, columns: tuple[str, ...] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a column holds, both ways of reading it give the same cells, kind for kind and byte for byte."""
    broken = tuple(f"cast(x'{digits}' as text)" for digits in BROKEN) if encoding == "UTF-8" else ()

    def refused(value: object) -> Cell:
        raise UnicodeDecodeError("utf-8", b"", 0, 1, "to have it read the other way")

    with frozen(made(tmp_path / "music.db", encoding, VALUES + broken)) as database:
        quick = read(database, columns)
        monkeypatch.setattr(target, "plain", refused)
        careful = read(database, columns)

    assert repr(quick) == repr(careful)
    assert [len(found) for found in quick] == [1] * len(VALUES + broken) + [0] * (len(BROKEN) - len(broken))


def test_text_that_is_none_keeps_its_bytes(tmp_path: Path) -> None:
    """A title of broken bytes is read as those bytes, and the good one beside it as text."""
    with frozen(made(tmp_path / "music.db", "UTF-8", ("cast(x'61ff62' as text)", "'b'"))) as database:
        first, second = read(database, ("title",))[:2]

    assert first == [{"title": Cell("text/hex", b"a\xffb")}]
    assert second == [{"title": Cell("text", "b")}]
