"""MusicBrainz' data dump, for libraries too large to ask about one request a second: what it holds about the albums that
are due becomes answers in the raw tables, of the shape that the web's have, so that all SQL after it is the same.

Data flow: `mbdump*.tar.bz2` or `.tar.zst` -> a scratch database beside the warehouse -> `musicbrainz.urls`,
`.release_groups`, `.artists`, `cover_art_archive.front_covers`. Run by `sillon run --from-dump PATH`, before anything is
asked; what the dump does not answer stays due and is asked of the web.

Only rows plausible for the library are kept, by the keys of the work list (`musicbrainz_dump.sql` says which): of some four
million release groups a library has use for a few per album. The published form is read by `ingest/dump_archive.py`.
Answers bear the dump's own date: a dump older than `refresh_days` answers nothing for long.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from ingest import dump_archive
from ingest.errors import DumpUnreadable
from ingest.questions import Item
from ingest.settings import Settings
from ingest.worklist import Worklist

TABLES = (
    "musicbrainz.urls",
    "musicbrainz.release_groups",
    "musicbrainz.artists",
    "cover_art_archive.front_covers",
)
# The albums that MusicBrainz is due to be asked for, but for those about which it said something after the dump was made.
_DUE = """
create or replace temp table dump_albums as
select *
from work_albums
where album_id in (
    select album_id from due_urls
    union
    select album_id from due_releases
    union
    select album_id from due_pairs
    union
    select album_id from due_alone
) and 'pair:' || question_key not in (
    select question from work_asked where place = 'groups' and fetched_at >= getvariable('dumped_at')
)
"""
Told = Callable[[int, int], None]
BATCHES_A_PART = 1_000  # 25,000 albums: some 200,000 release groups, 120 MB of answers


def load(
    path: Path,
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    *,
    now: datetime,
    run_id: str,
    scratch: Path,
    progress: Told = lambda done, total: None,
) -> dict[str, int]:
    """Answer what is due from the dump at `path`, a file or a folder of them.

    Args:
        path: `mbdump.tar.bz2`; or a folder that may also hold `mbdump-derived` and `mbdump-cover-art-archive`.
        connection: the warehouse, with the library extracted.
        settings: which questions there are.
        now: against which the age of answers is measured.
        run_id: the run that the answers belong to.
        scratch: a folder to fill and to empty again.
        progress: told how many of all bytes of the archives have passed.

    Returns the new answers per raw table; empty where nothing is due. Raises DumpUnreadable.
    """
    archives = dump_archive.archives(path)
    with connection.cursor() as cursor:
        worklist = Worklist(cursor, settings, now)
        cursor.execute("set variable dumped_at = ?", [max(map(dump_archive.made_at, archives))])
        cursor.execute("set variable run_id = ?", [run_id])
        cursor.execute(_DUE)
        if cursor.execute("select count(*) from dump_albums").fetchone() == (0,):
            return {}
        with _scratch_database(cursor, scratch):
            _read_all(cursor, archives, progress)
            _write_names(cursor, worklist.names())
            before = _counts(cursor)
            cursor.begin()
            try:
                cursor.execute(_sql(""))
                _answer_in_parts(cursor)
                cursor.commit()
            except BaseException:
                cursor.rollback()
                raise
            return {table: count - before[table] for table, count in _counts(cursor).items()}


def _sql(part: str) -> str:
    return Path(__file__).with_name(f"musicbrainz_dump{part}.sql").read_text("utf-8")


def _answer_in_parts(cursor: duckdb.DuckDBPyConnection) -> None:
    row = cursor.execute("select coalesce(max(batch) + 1, 0) from dump_batches").fetchone()
    for first in range(0, int(row[0]) if row else 0, BATCHES_A_PART):
        cursor.execute("set variable first_batch = ?", [first])
        cursor.execute("set variable end_batch = ?", [first + BATCHES_A_PART])
        cursor.execute(_sql("_part"))


@contextmanager
def _scratch_database(cursor: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[None]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # else three million release groups for a million albums want over 4 GB
    cursor.execute("set preserve_insertion_order = false")
    cursor.execute(f"attach '{str(folder / 'dump.duckdb').replace(chr(39), chr(39) * 2)}' as dump")
    try:
        yield
    finally:
        cursor.execute("detach dump")
        cursor.execute("reset preserve_insertion_order")
        shutil.rmtree(folder, ignore_errors=True)


def _read_all(cursor: duckdb.DuckDBPyConnection, archives: list[Path], progress: Told) -> None:
    """Every table of every archive into the scratch database, those that no archive holds as empty ones."""
    total, passed = sum(archive.stat().st_size for archive in archives), 0
    found = set()
    for archive in archives:
        for member in dump_archive.read(archive, lambda done, before=passed: progress(before + done, total)):  # type: ignore[misc]
            found.add(member.table)
            _store(cursor, member)
        passed += archive.stat().st_size
    missing = [table for table in dump_archive.NEEDED if table not in found]
    if missing:
        raise DumpUnreadable(
            f"the dump has no table {missing[0]}", where=archives[0].parent, remedy="add mbdump.tar.bz2 to the folder"
        )
    for table, columns in dump_archive.COLUMNS.items():
        if table not in found:
            cursor.execute(f'create table dump."{table}" ({", ".join(f"{name} varchar" for name in columns)})')
    progress(total, total)


def _store(cursor: duckdb.DuckDBPyConnection, member: dump_archive.Member) -> None:
    columns = ", ".join(
        f"{dump_archive.unescaped(name)} as {name}" if name in dump_archive.TEXTS else name
        for name in member.rows.schema.names
    )
    # Of some fifteen million addresses only those that a library can hold.
    kept = " where contains(url, '/album/') or contains(url, 'discogs.com/release/')" if member.table == "url" else ""
    cursor.register("dump_rows", member.rows)
    try:
        cursor.execute(f'create table dump."{member.table}" as select {columns} from dump_rows{kept}')  # noqa: S608
    finally:
        cursor.unregister("dump_rows")


def _write_names(cursor: duckdb.DuckDBPyConnection, names: list[Item]) -> None:
    cursor.execute("create or replace temp table dump_names (name varchar)")
    if names:
        cursor.execute("insert into dump_names select unnest(?)", [[item.value for item in names]])


def _counts(cursor: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counts = (cursor.execute(f"select count(*) from {table}").fetchone() for table in TABLES)  # noqa: S608  our own names
    return {table: int(count[0]) if count else 0 for table, count in zip(TABLES, counts, strict=True)}
