"""The lake: one whole generation at any moment, whatever is killed, broken or full, and nothing but what the warehouse holds."""

from __future__ import annotations

import dataclasses
import errno
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest

from dagster_project import lake as lakes
from dagster_project.lake import MANIFEST, Generation, Lake
from ingest import warehouse
from ingest.errors import DiskFull, LakeError, LakeForeign
from ingest.tables import TABLES

READ = [table for table in TABLES if table not in ("sillon.warehouse_version", "sillon.source_states")]


def answer(key: str, month: int) -> warehouse.RawRow:
    moment = datetime(2026, month, 3, 2, 1, 0, 123456)  # noqa: DTZ001 - the raw tables hold UTC without a zone
    return warehouse.RawRow(key, "[]", "", 200, moment, "run", json.dumps({"é": key}, ensure_ascii=False))


def add(path: Path, *rows: warehouse.RawRow) -> None:
    connection = warehouse.connect(path)
    warehouse.append(connection, "musicbrainz.urls", rows)
    connection.close()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A warehouse with answers of two months and one album."""
    path = tmp_path / "warehouse.duckdb"
    add(path, answer("a", 9), answer("b", 9), answer("c", 10))
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into library.albums (id, title) values ('1', 'Ça ira')")
    return path


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "my lake's")


def rows(lake: Lake, generation: Generation, table: str) -> list[tuple[object, ...]]:
    """What an engine reads that is given the files which the manifest names."""
    files = [f"{lake.place}/{part.folder}/{name}" for part in generation.tables[table] for name in part.files]
    return sorted(duckdb.read_parquet(files, hive_partitioning=False).fetchall())


def stored(path: Path, table: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return sorted(connection.execute(f"from {table}").fetchall())


def folders(lake: Lake) -> set[str]:
    root = Path(lake.place)
    return {str(path.parent.relative_to(root)) for path in root.rglob("*.parquet")}


def named(generation: Generation) -> set[str]:
    return {part.folder for parts in generation.tables.values() for part in parts}


def test_a_table_that_is_another_in_the_lake(store: Path, lake: Lake) -> None:
    """Every source that dbt reads is there, an empty one too, value for value and column for column."""
    generation = lake.write(store, READ)

    assert set(generation.tables) == set(READ)
    for table in READ:
        assert rows(lake, generation, table) == stored(store, table), table
        part = generation.tables[table][0]
        file = f"{lake.place}/{part.folder}/{next(iter(part.files))}"
        assert duckdb.read_parquet(file, hive_partitioning=False).columns == list(TABLES[table])
    assert lake.committed() == generation


def test_what_did_not_change_is_written_again(store: Path, lake: Lake) -> None:
    """The second night writes nothing; an answer of another month leaves the files of the earlier ones where they are."""
    first = lake.write(store, READ)
    second = lake.write(store, READ)
    add(store, answer("d", 10), answer("e", 11))
    third = lake.write(store, READ)

    assert first.written == sum(map(len, first.tables.values()))
    assert (second.written, second.tables) == (0, first.tables)
    assert third.written == 2
    assert [part.month for part in third.tables["musicbrainz.urls"]] == ["2026-09", "2026-10", "2026-11"]
    assert third.tables["musicbrainz.urls"][0] == first.tables["musicbrainz.urls"][0]
    assert rows(lake, third, "musicbrainz.urls") == stored(store, "musicbrainz.urls")


def test_a_value_that_changes_in_place(store: Path, lake: Lake) -> None:
    """As many rows as before, one of them another: the table is written again."""
    lake.write(store, READ)
    with duckdb.connect(str(store)) as connection:
        connection.execute("update library.albums set title = 'Ça va'")

    after = lake.write(store, READ)

    assert after.written == 1
    assert rows(lake, after, "library.albums") == stored(store, "library.albums")


def test_answers_of_many_kilobytes(store: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch holds so many bytes, not so many rows: 50,000 answers of a bulk source are more than arrow takes at once."""
    monkeypatch.setattr(lakes, "BYTES_A_BATCH", 100_000)
    connection = warehouse.connect(store)
    rows_of_answers = [dataclasses.replace(answer(f"k{at:03}", 9), payload="x" * 40_000) for at in range(90)]
    warehouse.append(connection, "listenbrainz.release_groups", rows_of_answers)
    connection.close()

    generation = lake.write(store, READ)

    (part,) = generation.tables["listenbrainz.release_groups"]
    (name,) = part.files
    groups = pq.ParquetFile(f"{lake.place}/{part.folder}/{name}").metadata
    assert max(groups.row_group(at).num_rows for at in range(groups.num_row_groups)) <= 3
    assert rows(lake, generation, "listenbrainz.release_groups") == stored(store, "listenbrainz.release_groups")
    assert pq.ParquetFile(f"{lake.place}/{part.folder}/{name}").schema_arrow.field("payload").type == pa.large_string()


def test_a_lake_that_grows_every_night(store: Path, lake: Lake) -> None:
    """After many nights the files of the committed generation are there, and no others."""
    for number in range(5):
        add(store, answer(f"x{number}", 10))
        generation = lake.write(store, READ)

    assert folders(lake) == named(generation)
    assert [file.name for file in Path(lake.place).iterdir() if file.is_file()] == [MANIFEST]


@pytest.mark.parametrize("moment", ["in the middle of a file", "before the manifest"])
def test_a_killed_write(store: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """What a killed run left is in no manifest: the generation before is still the one, and the next night removes the rest."""
    before = lake.write(store, READ)
    add(store, answer("d", 10), answer("e", 11))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(
            *(
                (lakes.pq.ParquetWriter, "write_batch", killed)
                if moment == "in the middle of a file"
                else (Lake, "_commit", killed)
            )
        )
        with pytest.raises(KeyboardInterrupt):
            lake.write(store, READ)
    left = folders(lake) - named(before)
    found = lake.committed()
    after = lake.write(store, READ)

    assert left
    assert found == before
    assert rows(lake, after, "musicbrainz.urls") == stored(store, "musicbrainz.urls")
    assert folders(lake) == named(after)


@pytest.mark.parametrize("harm", ["cut short", "gone", "a file too many"])
def test_a_file_that_is_not_as_the_manifest_says(store: Path, lake: Lake, harm: str) -> None:
    """A part whose files are others than those that were committed is written again."""
    before = lake.write(store, READ)
    part = before.tables["library.albums"][0]
    file = Path(lake.place) / part.folder / "00000.parquet"
    if harm == "cut short":
        file.write_bytes(file.read_bytes()[:-10])
    elif harm == "gone":
        file.unlink()
    else:
        file.with_name("stray.parquet").write_bytes(file.read_bytes())

    after = lake.write(store, READ)

    assert after.written == 1
    assert rows(lake, after, "library.albums") == stored(store, "library.albums")
    assert folders(lake) == named(after)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": [1, 1]}'])
def test_a_manifest_that_cannot_be_read(store: Path, lake: Lake, text: str) -> None:
    """Half a manifest names nothing; the lake follows from the warehouse and is written anew."""
    lake.write(store, READ)
    (Path(lake.place) / MANIFEST).write_text(text)

    assert lake.committed() is None
    assert lake.write(store, READ).number == 1
    assert folders(lake) == named(lake.committed())


def test_a_lake_of_an_older_sillon(store: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written anew, whole."""
    lake.write(store, READ)
    monkeypatch.setattr(lakes, "VERSION", lakes.VERSION + 1)

    assert lake.committed() is None
    assert folders(lake) >= named(lake.write(store, READ))


def test_a_lake_of_a_newer_sillon(store: Path, lake: Lake) -> None:
    """It is left as it is, with one line that says what to do; the warehouse holds everything that it holds."""
    lake.write(store, READ)
    manifest = Path(lake.place) / MANIFEST
    said = json.loads(manifest.read_text()) | {"version": [lakes.VERSION, 99]}
    manifest.write_text(json.dumps(said))

    with pytest.raises(LakeForeign, match=r"the lake has version 1\.99, this Sillon knows 1\.\d") as caught:
        lake.write(store, READ)

    assert "delete the lake" in caught.value.line
    assert json.loads(manifest.read_text()) == said


def test_two_data_folders_in_one_lake(store: Path, tmp_path: Path) -> None:
    """The second is refused, and the first one's files stay."""
    first = Lake(tmp_path / "shared", owner="/srv/one")
    generation = first.write(store, READ)

    with pytest.raises(LakeForeign, match="belongs to the data folder /srv/one"):
        Lake(tmp_path / "shared", owner="/srv/two").write(store, READ)

    assert first.committed() == generation


@pytest.mark.parametrize("probe", [True, False])
def test_a_lake_that_cannot_be_written(store: Path, tmp_path: Path, probe: bool) -> None:
    """A file stands where its folder would be: one line, before anything is asked and when it is written."""
    (tmp_path / "file").write_text("")
    lake = Lake(tmp_path / "file" / "lake")

    for attempt in (lambda: lake.check(probe=probe), lambda: lake.write(store, READ)):
        with pytest.raises(LakeError) as caught:
            attempt()
        assert "--engine duckdb" in caught.value.line
        assert "\n" not in caught.value.line


def test_looking_changes_nothing(tmp_path: Path) -> None:
    """What the check-up looks at is not made by it; what a run tries is removed again."""
    lake = Lake(tmp_path / "lake")
    lake.check(probe=False)
    assert not (tmp_path / "lake").exists()

    lake.check(probe=True)
    assert list((tmp_path / "lake").iterdir()) == []


def test_a_disk_that_fills_up(store: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room is said as such, and the generation before stays the one."""
    before = lake.write(store, READ)
    add(store, answer("d", 11))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lakes.pq.ParquetWriter, "write_batch", full)
    with pytest.raises(DiskFull, match="no room left"):
        lake.write(store, READ)

    assert lake.committed() == before


def test_a_table_in_many_files(store: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large table is several files, so that several tasks read it; none is empty, and no row is lost between them."""
    add(store, *(answer(f"n{number}", 10) for number in range(250)))
    monkeypatch.setattr(lakes, "ROWS_A_BATCH", 100)
    monkeypatch.setattr(lakes, "BYTES_A_FILE", 1)

    generation = lake.write(store, READ)

    october = generation.tables["musicbrainz.urls"][1]
    assert len(october.files) > 1
    assert rows(lake, generation, "musicbrainz.urls") == stored(store, "musicbrainz.urls")


@pytest.mark.parametrize(
    ("place", "address"),
    [
        ("/srv/a b'c", "file:///srv/a b'c/raw/x"),
        ("s3://bucket/sillon/", "s3a://bucket/sillon/raw/x"),
        ("gs://bucket/sillon", "gs://bucket/sillon/raw/x"),
        ("abfss://box@account.dfs.core.windows.net/s", "abfss://box@account.dfs.core.windows.net/s/raw/x"),
    ],
)
def test_an_address_that_spark_does_not_know(monkeypatch: pytest.MonkeyPatch, place: str, address: str) -> None:
    """Each kind of place has the address that Hadoop has for it; blanks and quotes stay what they are."""
    monkeypatch.setattr(lakes.pafs, "FileSystem", Anywhere)

    assert Lake(place).address("raw/x") == address


class Anywhere(pafs.FileSystem):
    """pyarrow's way to a store that is not here."""

    @staticmethod
    def from_uri(uri: str) -> Sequence[object]:
        return pafs.LocalFileSystem(), uri.partition("://")[2]
