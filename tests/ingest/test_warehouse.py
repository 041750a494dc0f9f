"""The warehouse file: opened once, written whole or not at all, never lost in silence."""

import subprocess
import sys
import threading
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from dagster_project.disk_errors import explained
from ingest import rescue, tables, warehouse
from ingest.errors import DiskFull, WarehouseBusy, WarehouseError, WarehouseNewer
from ingest.warehouse import RawRow
from tests.faults.disks import small_disk

ROW = RawRow("key", "[]", "https://example.org", 200, datetime(2026, 11, 22, 2, 0, tzinfo=UTC), "run", '{"a": 1}')


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def filled(path: Path) -> None:
    """A warehouse with answers of two sources, large enough that each table has blocks of its own."""
    with warehouse.connect(path) as connection:
        for table in ("musicbrainz.release_groups", "discogs.releases"):
            rows = [
                RawRow(f"{table}{n}", "[]", "u", 200, ROW.fetched_at, "r", str(hash((table, n))) * 400)
                for n in range(500)
            ]
            warehouse.append(connection, table, rows)


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    """Opening is idempotent and keeps what is there; the version is written once."""
    path = tmp_path / "deep" / "warehouse.duckdb"
    with warehouse.connect(path) as connection:
        warehouse.append(connection, "musicbrainz.urls", [ROW])
    with warehouse.connect(path, verify=True) as connection:
        assert count(connection, "musicbrainz.urls") == 1
        assert connection.execute("select version from sillon.warehouse_version").fetchall() == [(tables.VERSION,)]


def test_every_agreed_table_is_there(connection: duckdb.DuckDBPyConnection) -> None:
    """Each raw table and each table of Sillon's own memory has the agreed columns, in order."""
    for table, columns in tables.TABLES.items():
        described = connection.execute(f"describe {table}").fetchall()
        assert [(name, kind.lower()) for name, kind, *_ in described] == list(columns.items())


def test_answers_are_kept_as_received_in_utc(connection: duckdb.DuckDBPyConnection) -> None:
    """Text stays text to the letter, and a moment in any zone is kept as UTC without a zone."""
    paris = timezone(timedelta(hours=1))
    payload = '{"t": "Ænima\\u0000 \\ud83d\\ude00"}'
    row = RawRow("k", '[{"question": "q"}]', "u", 404, datetime(2026, 11, 22, 3, 0, tzinfo=paris), "r", payload)
    assert warehouse.append(connection, "spotify.albums", [row]) == 1

    kept = connection.execute("select fetched_at, payload, status from spotify.albums").fetchall()
    assert kept == [(datetime(2026, 11, 22, 2, 0), payload, 404)]  # noqa: DTZ001 - as it is kept


def test_append_is_all_or_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    """A batch with one bad row leaves no trace, and the connection goes on."""
    bad = RawRow("k", "[]", "u", 2**40, ROW.fetched_at, "r", None)
    with pytest.raises((pa.ArrowInvalid, duckdb.Error)):
        warehouse.append(connection, "musicbrainz.urls", [ROW, bad])
    assert count(connection, "musicbrainz.urls") == 0
    assert warehouse.append(connection, "musicbrainz.urls", [ROW]) == 1
    assert warehouse.append(connection, "musicbrainz.urls", []) == 0


@pytest.mark.parametrize("table", ["library.albums", "sillon.settings", "musicbrainz.nothing", "x; drop table y"])
def test_append_takes_only_raw_web_tables(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Answers go into raw web tables and nowhere else."""
    with pytest.raises(ValueError, match="no raw web table"):
        warehouse.append(connection, table, [ROW])


def test_sources_write_side_by_side(connection: duckdb.DuckDBPyConnection) -> None:
    """C6: two threads append through one connection, and nothing is lost."""
    failures: list[BaseException] = []

    def write(table: str) -> None:
        try:
            for _ in range(20):
                warehouse.append(connection, table, [ROW] * 10)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(table,)) for table in ("musicbrainz.urls", "discogs.releases")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    assert count(connection, "musicbrainz.urls") == count(connection, "discogs.releases") == 200


def test_library_tables_are_replaced_whole(connection: duckdb.DuckDBPyConnection) -> None:
    """Tonight's library takes the place of last night's, by column name, also as a stream."""
    first = pa.table({"title": ["Abraxas", "Ænima\0"], "id": ["1", "2"]})
    assert warehouse.replace_library_table(connection, "albums", first) == 2
    second = pa.RecordBatchReader.from_batches(first.schema, first.slice(1).to_batches())
    assert warehouse.replace_library_table(connection, "library.albums", second) == 1

    assert connection.execute("select id, title, year from library.albums").fetchall() == [("2", "Ænima\0", None)]
    with pytest.raises(ValueError, match="no column"):
        warehouse.replace_library_table(connection, "albums", pa.table({"id": ["1"], "shoe_size": ["44"]}))
    with pytest.raises(ValueError, match="no table"):
        warehouse.replace_library_table(connection, "settings", first)
    assert count(connection, "library.albums") == 1


def test_memory_is_replaced_not_piled_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Settings, decisions, ledger and unreadable values are what was given last."""
    for _ in range(2):
        assert warehouse.replace_settings(connection, {"language": "fr", "target": "copy"}) == 2
        assert warehouse.replace_decisions(connection, [{"album_id": 1, "field": "year", "decision": "lock"}]) == 1
        assert warehouse.replace_unreadable_values(connection, [{"table_name": "albums", "kind": "blob"}]) == 1
        assert warehouse.replace_applied_changes(connection, [{"entry_id": "a", "applied_at": ROW.fetched_at}]) == 1
    assert warehouse.append_applied_changes(connection, [{"entry_id": "b", "album_id": 3, "confidence": 0.5}]) == 1
    assert warehouse.replace_decisions(connection, []) == 0

    assert count(connection, "sillon.applied_changes") == 2
    assert count(connection, "sillon.settings") == 2
    with pytest.raises(ValueError, match="no column shoe_size"):
        warehouse.replace_decisions(connection, [{"shoe_size": 44}])


def test_run_is_one_row_from_start_to_end(connection: duckdb.DuckDBPyConnection) -> None:
    """What a run says at its end joins what it said at its start."""
    start = {"run_id": "r1", "local_date": date(2026, 11, 22), "kind": "web", "started_at": ROW.fetched_at}
    warehouse.record_run(connection, start)
    warehouse.record_run(connection, {"run_id": "r1", "status": "ok", "score_after": 81.5})
    warehouse.record_run(connection, {"run_id": "r2", "is_full": True})

    rows = connection.execute("select run_id, kind, status, score_after from sillon.runs order by 1").fetchall()
    assert rows == [("r1", "web", "ok", 81.5), ("r2", None, None, None)]


def test_busy_warehouse_is_said(tmp_path: Path) -> None:
    """C5: a file that another program holds is left alone, with a line that says so."""
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    path = tmp_path / "warehouse.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WarehouseBusy) as caught:
            warehouse.connect(path)
        holder.communicate()

    assert caught.value.exit_status == 3
    assert [file.name for file in tmp_path.glob("*damaged*")] == []


def test_newer_warehouse_is_left_alone(tmp_path: Path) -> None:
    """E9: a warehouse of a newer Sillon is neither opened nor changed."""
    path = tmp_path / "warehouse.duckdb"
    with warehouse.connect(path) as connection:
        connection.execute("insert into sillon.warehouse_version values (?, null)", [tables.VERSION + 1])
    with pytest.raises(WarehouseNewer, match="Update Sillon"):
        warehouse.connect(path)

    assert list(tmp_path.glob("*damaged*")) == []


def test_older_warehouse_is_migrated_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S7: each migration runs exactly once, and what was there stays."""
    path = tmp_path / "warehouse.duckdb"
    with warehouse.connect(path) as connection:
        warehouse.append(connection, "musicbrainz.urls", [ROW])
    monkeypatch.setattr(warehouse, "VERSION", tables.VERSION + 1)
    statement = "update musicbrainz.urls set run_id = run_id || '+'"
    monkeypatch.setattr(warehouse, "MIGRATIONS", {tables.VERSION + 1: (statement,)})
    for _ in range(2):
        with warehouse.connect(path) as connection:
            assert connection.execute("select run_id from musicbrainz.urls").fetchall() == [("run+",)]


def test_older_warehouse_is_kept_before_it_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S7: a copy of the old version lies beside it, and opens; a migration that fails leaves the file as it was."""
    path = tmp_path / "warehouse.duckdb"
    with warehouse.connect(path) as connection:
        warehouse.append(connection, "musicbrainz.urls", [ROW])
    monkeypatch.setattr(warehouse, "VERSION", tables.VERSION + 1)
    statements = ("update musicbrainz.urls set run_id = 'changed'", "select nothing from nowhere")
    monkeypatch.setattr(warehouse, "MIGRATIONS", {tables.VERSION + 1: statements})
    with pytest.raises(WarehouseError):
        warehouse.connect(path)

    kept = tmp_path / f"warehouse.duckdb.version-{tables.VERSION}"
    for file in (path, kept):
        with duckdb.connect(str(file), read_only=True) as connection:
            assert connection.execute("select run_id from musicbrainz.urls").fetchall() == [("run",)]
            assert connection.execute("select max(version) from sillon.warehouse_version").fetchall() == [(1,)]
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name, kept.name]


KILLED_IN_A_MIGRATION = """
import os, signal, sys
from pathlib import Path
from ingest import warehouse
warehouse.VERSION += 1
warehouse.MIGRATIONS = {warehouse.VERSION: ("update musicbrainz.urls set run_id = 'changed'",)}
warehouse.utc_naive = lambda moment: os.kill(os.getpid(), signal.SIGKILL)  # called between the last statement and the commit
warehouse.connect(Path(sys.argv[1]))
"""


def test_killed_in_a_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S7: it has not happened, and the next start does it whole."""
    path = tmp_path / "warehouse.duckdb"
    with warehouse.connect(path) as connection:
        warehouse.append(connection, "musicbrainz.urls", [ROW])
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED_IN_A_MIGRATION, str(path)], cwd=root, check=False)
    assert killed.returncode == -9
    with warehouse.connect(path) as connection:
        assert connection.execute("select run_id from musicbrainz.urls").fetchall() == [("run",)]

    monkeypatch.setattr(warehouse, "VERSION", tables.VERSION + 1)
    statement = "update musicbrainz.urls set run_id = run_id || '+'"
    monkeypatch.setattr(warehouse, "MIGRATIONS", {tables.VERSION + 1: (statement,)})
    with warehouse.connect(path) as connection:
        assert connection.execute("select run_id from musicbrainz.urls").fetchall() == [("run+",)]
    assert list(tmp_path.glob("*damaged*")) == []


@pytest.mark.parametrize("broken", [b"", b"rubbish" * 1000], ids=["empty", "rubbish"])
def test_rubbish_is_set_aside(tmp_path: Path, broken: bytes) -> None:
    """E9: a file that is no warehouse any more is kept under another name, and the night goes on."""
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(broken)
    with warehouse.connect(path) as connection:
        assert count(connection, "musicbrainz.urls") == 0

    (aside,) = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes() == broken


def test_cut_off_warehouse_is_set_aside(tmp_path: Path) -> None:
    """E9: half a file is no reason to end the night."""
    path = tmp_path / "warehouse.duckdb"
    filled(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with warehouse.connect(path) as connection:
        warehouse.append(connection, "musicbrainz.urls", [ROW])

    assert len(list(tmp_path.glob("*.damaged-*"))) == 1


def test_damaged_log_costs_what_it_held(tmp_path: Path) -> None:
    """Rubbish where DuckDB keeps its log is set aside with the file, and the file's own rows are rescued."""
    path = tmp_path / "warehouse.duckdb"
    filled(path)
    (tmp_path / "warehouse.duckdb.wal").write_bytes(b"rubbish" * 1000)
    with warehouse.connect(path) as connection:
        assert count(connection, "musicbrainz.release_groups") == 500


def test_second_connection_of_the_same_process_is_welcome(tmp_path: Path) -> None:
    """C6: whoever else opens the file in this process, as dbt does, is not refused."""
    path = tmp_path / "warehouse.duckdb"
    with warehouse.connect(path), duckdb.connect(str(path)) as second:
        assert count(second, "musicbrainz.urls") == 0


def test_one_damaged_block_costs_one_table(tmp_path: Path) -> None:
    """E9: what can be read of a damaged warehouse moves into the new one, table by table."""
    path = tmp_path / "warehouse.duckdb"
    filled(path)
    content = bytearray(path.read_bytes())
    text = str(hash(("discogs.releases", 250))).encode() * 3
    place = content.find(text)
    if place < 0:
        pytest.skip("the payloads are stored compressed: no block to hit by its text")
    content[place : place + 16] = b"X" * 16
    path.write_bytes(content)
    with warehouse.connect(path, verify=True) as connection:
        assert count(connection, "musicbrainz.release_groups") == 500
        assert count(connection, "discogs.releases") == 0

    assert len(list(tmp_path.glob("*.damaged-*"))) == 1


def test_a_rescue_that_is_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E9, S7: killed between two tables, the rescue begins anew: no answer that can be read is asked for again."""
    path = tmp_path / "warehouse.duckdb"
    filled(path)
    whole = rescue.move_readable
    few = dict(list(tables.TABLES.items())[:1])

    def damaged(*_: object) -> None:
        raise rescue.Damaged("a block of something else")

    def cut_off(aside: Path, connection: duckdb.DuckDBPyConnection, _: object, damage: str) -> None:
        whole(aside, connection, few, damage)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(rescue, "read_all", damaged)
        patch.setattr(rescue, "move_readable", cut_off)
        warehouse.connect(path, verify=True)
    with warehouse.connect(path) as connection:
        assert count(connection, "musicbrainz.release_groups") == 500
        assert count(connection, "discogs.releases") == 500


def test_somebodys_library_is_never_set_aside(tmp_path: Path) -> None:
    """A warehouse path that leads to an SQLite database or a folder is an error, and nothing is renamed."""
    path = tmp_path / "library.db"
    path.write_bytes(b"SQLite format 3\0" + bytes(4080))
    for wrong in (path, tmp_path):
        with pytest.raises(WarehouseError):
            warehouse.connect(wrong)
    assert [file.name for file in tmp_path.iterdir()] == ["library.db"]


def test_no_room_for_a_new_warehouse(tmp_path: Path) -> None:
    """E1: what could not be begun leaves no stump that the next start would take for a damaged warehouse."""
    with small_disk(tmp_path / "disk") as disk:
        path = disk.path / "warehouse.duckdb"
        refused = []
        for left in (0, 0, 4, 8, 16, 32, 64):
            disk.fill(left)
            try:
                warehouse.connect(path).close()
            except DiskFull:
                refused.append(left)
            disk.relieve()
        assert refused[:2] == [0, 0]
        warehouse.connect(path).close()
        assert [file.name for file in disk.path.iterdir()] == [path.name]


@pytest.mark.parametrize("left", [0, 8, 64, 300])
def test_the_warehouses_disk_fills_up(tmp_path: Path, left: int) -> None:
    """E1: what was committed stays, want of room is called that, and it is never taken for damage."""
    path = tmp_path / "disk" / "warehouse.duckdb"
    with small_disk(tmp_path / "disk", size="40m") as disk:
        filled(path)
        kept = 0
        disk.fill(left)
        try:
            with warehouse.connect(path, verify=True) as connection:
                for number in range(400):
                    text = "".join(str(hash((number, part))) for part in range(60))
                    warehouse.append(connection, "musicbrainz.urls", [replace(ROW, payload=text)])
                    kept += 1
        except (duckdb.Error, DiskFull, OSError) as error:
            assert isinstance(explained(error, path), DiskFull)
        else:
            pytest.fail("the disk was not full")
        for _ in range(2):  # and a start while there is still no room
            with suppress(duckdb.Error, DiskFull, OSError):
                warehouse.connect(path, verify=True).close()
        disk.relieve()

        with warehouse.connect(path, verify=True) as connection:
            assert count(connection, "musicbrainz.release_groups") == 500
            assert count(connection, "musicbrainz.urls") == kept
        assert not list(path.parent.glob("*.damaged-*"))


def test_memory_is_left_for_others(tmp_path: Path) -> None:
    """However much the machine has, the warehouse takes 4 GB of it; on a small one what DuckDB takes by itself."""
    with closing(warehouse.connect(tmp_path / "warehouse.duckdb")) as connection:
        ((limit,),) = connection.execute("select current_setting('memory_limit')").fetchall()
        connection.execute("set memory_limit = '300MiB'")
        warehouse._leave_memory(connection)
        ((small,),) = connection.execute("select current_setting('memory_limit')").fetchall()
    amount, unit = limit.split()
    assert unit in ("KiB", "MiB") or (unit == "GiB" and float(amount) <= warehouse.MEMORY_GIB)
    assert small == "300.0 MiB"
