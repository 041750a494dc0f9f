"""The archives of a MusicBrainz data dump, table by table, as streams of columns.

Here lives the published form: `.tar`, `.tar.bz2` and `.tar.zst` files whose members are tables in PostgreSQL's COPY text
(tabs, `\\N` for null, backslash escapes), and the columns of the tables that Sillon reads. What the tables mean stands in
`sources/musicbrainz_dump.py` and its SQL. An archive is read once, from beginning to end, and nothing of it is unpacked to
disk; a million rows pass through a few megabytes.
"""

import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv

from ingest.errors import DumpUnreadable

# Column by column as in MusicBrainz' CreateTables.sql; what Sillon has no use for is not read. Columns that newer dumps
# add at the end of a table do no harm.
COLUMNS: dict[str, tuple[str, ...]] = {
    table: tuple(columns.split())
    for table, columns in {
        "release_group": "id gid name artist_credit type comment",
        "release_group_meta": "id release_count first_release_date_year first_release_date_month first_release_date_day",
        "release_group_primary_type": "id name",
        "release_group_secondary_type": "id name",
        "release_group_secondary_type_join": "release_group secondary_type",
        "release_group_tag": "release_group tag count",
        "tag": "id name",
        "artist_credit_name": "artist_credit position artist name join_phrase",
        "artist": (
            "id gid name sort_name begin_date_year begin_date_month begin_date_day end_date_year end_date_month"
            " end_date_day type area gender comment"
        ),
        "artist_alias": "id artist name",
        "artist_type": "id name",
        "release": "id gid name artist_credit release_group status",
        "release_status": "id name",
        "release_country": "release country date_year date_month date_day",
        "release_unknown_country": "release date_year date_month date_day",
        "l_release_url": "id link entity0 entity1",
        "url": "id gid url",
        "cover_art_archive.cover_art": "id release comment edit ordering",
        "cover_art_archive.cover_art_type": "id type_id",
        "cover_art_archive.art_type": "id name",
        "cover_art_archive.release_group_cover_art": "release_group release",
    }.items()
}
UNUSED = frozenset(
    {f"{event}_date_{part}" for event in ("begin", "end") for part in ("year", "month", "day")}
    | {"area", "gender", "link", "edit", "country"}
)
TEXTS = frozenset({"name", "comment", "join_phrase", "sort_name", "url"})  # columns whose escapes matter
NEEDED = ("release_group", "artist_credit_name", "artist")  # without these no album can be found
_BLOCK_BYTES = 8 << 20
_SUFFIXES = (".tar", ".tar.bz2", ".tar.zst")


@dataclass(frozen=True)
class Member:
    """One table of an archive, while it passes: its name, and a reader of its columns as text."""

    table: str
    rows: pa.RecordBatchReader


def archives(path: Path) -> list[Path]:
    """The archives at `path`: the file itself, or those of a folder, by name. Raises DumpUnreadable where there is none."""
    found = [path] if path.is_file() else sorted(path.iterdir()) if path.is_dir() else []
    found = [file for file in found if file.name.endswith(_SUFFIXES)]
    if not found:
        raise DumpUnreadable(
            "there is no dump here", where=path, expected="mbdump.tar.bz2 and its like, or their folder"
        )
    return found


def read(archive: Path, progress: Callable[[int], None]) -> Iterator[Member]:
    """The tables of one archive that Sillon has a use for, each to be read before the next is asked for.

    `progress(done)` is told how many bytes of the file have passed. Raises DumpUnreadable.
    """
    with _explained(archive), _opened(archive, progress) as tar:
        for entry in tar:
            table = entry.name.removeprefix("./").removeprefix("mbdump/")
            if entry.isfile() and table in COLUMNS:
                file = tar.extractfile(entry)
                if file is not None and entry.size:
                    yield Member(table, _reader(table, file))


def made_at(archive: Path) -> datetime:
    """When the dump was made: what its member TIMESTAMP says, which comes first; else the age of the file. UTC, naive."""
    with _explained(archive), _opened(archive, lambda done: None) as tar:
        for entry in tar:
            if entry.name.removeprefix("./").startswith("mbdump/"):
                break  # the tables begin: no need to read gigabytes for what is not there
            file = tar.extractfile(entry) if entry.name.removeprefix("./") == "TIMESTAMP" else None
            if file is not None:
                return _moment(file.read().decode("ascii", "replace"), archive)
    return datetime.fromtimestamp(int(archive.stat().st_mtime), UTC).replace(tzinfo=None)


def unescaped(column: str) -> str:
    """The SQL that reads COPY's escapes in a text column; chr(1) stands for a backslash meanwhile, and is in no name."""
    plain = f"replace({column}, '\\\\', chr(1))"
    for escape, code in (("n", 10), ("r", 13), ("t", 9), ("b", 8), ("f", 12), ("v", 11)):
        plain = f"replace({plain}, '\\{escape}', chr({code}))"
    return f"case when contains({column}, '\\') then replace({plain}, chr(1), '\\') else {column} end"


class _Counted:
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], told: Callable[[int], None]) -> None:
        self._file, self._told, self._done = file, told, 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._done += len(data)
        self._told(self._done)
        return data


class _Rest:
    """A file of which the first line was read already: the line, then all else."""

    closed = False

    def __init__(self, first: bytes, file: IO[bytes]) -> None:
        self._first, self._file = first, file

    def read(self, size: int = -1) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        return self._file.read(size)

    def close(self) -> None:
        self.closed = True


@contextmanager
def _opened(archive: Path, progress: Callable[[int], None]) -> Iterator[tarfile.TarFile]:
    with archive.open("rb") as file:
        counted: Any = _Counted(file, progress)
        if archive.name.endswith(".zst"):
            import zstandard

            with (
                zstandard.ZstdDecompressor().stream_reader(counted, read_across_frames=True) as plain,
                tarfile.open(fileobj=plain, mode="r|") as tar,
            ):
                yield tar
            return
        mode: Any = "r|bz2" if archive.name.endswith(".bz2") else "r|"
        with tarfile.open(fileobj=counted, mode=mode) as tar:
            yield tar


@contextmanager
def _explained(archive: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, pa.ArrowInvalid, OSError) as error:
        raise DumpUnreadable(
            f"it cannot be read ({str(error).partition(chr(10))[0]})", where=archive, remedy="download it again"
        ) from error
    except Exception as error:
        if type(error).__name__ == "ZstdError":  # zstandard is imported only where it is needed
            raise DumpUnreadable(f"it cannot be read ({error})", where=archive, remedy="download it again") from error
        raise


def _reader(table: str, file: IO[bytes]) -> pa.RecordBatchReader:
    first = file.readline()
    known, found = COLUMNS[table], first.count(b"\t") + 1
    if found < len(known):
        raise DumpUnreadable(f"the table {table} has {found} columns", expected=f"{', '.join(known)} first")
    names = [*known, *(f"unknown_{number}" for number in range(found - len(known)))]
    wanted = [name for name in known if name not in UNUSED]
    return pyarrow.csv.open_csv(
        _Rest(first, file),
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter="\t", quote_char=False, escape_char=False, invalid_row_handler=_end_mark
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string()), null_values=["\\N"],
            strings_can_be_null=True,
        ),
    )  # fmt: skip


def _end_mark(row: Any) -> str:
    """COPY may end with a line of its own, `\\.`; any other line with too few columns is an error."""
    return "skip" if row.text == "\\." else "error"


def _moment(text: str, archive: Path) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise DumpUnreadable(f"its TIMESTAMP is no moment: {text[:40]}", where=archive) from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
