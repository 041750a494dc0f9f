"""The lake: the raw tables of the warehouse as Parquet, for an engine that reads files.

Here lives which files are one generation, and that nobody ever reads half of one. What is in the tables belongs to
`ingest/tables.py`, what is made of them to dbt; Spark itself is met in `spark.py` alone.

    <lake>/manifest.json                          names every file of the one committed generation
    <lake>/raw/<schema>.<table>/<generation>/     the files of a table, or of a month of a table of answers
    <lake>/spark/                                 what Spark builds there, emptied before and after each run

A generation is written beside the one that is committed, then the manifest is replaced in one step; what no manifest names
is a killed run's and is removed. Parts that did not change keep their files. Everything here follows from the warehouse: a
lake that is lost or deleted is written anew by the next run. The file is long because writing, committing and sweeping make one
promise, and are read together.
"""

# ruff: noqa: S608 - the names in these statements come from `ingest/tables.py`

from __future__ import annotations

import errno
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from ingest.errors import DiskFull, LakeError, LakeForeign
from ingest.tables import TABLES, TEXT_OF_ANY_LENGTH, WEB_TABLES
from ingest.tables import VERSION as TABLES_VERSION

log = logging.getLogger("sillon")

VERSION = 1
MANIFEST = "manifest.json"
MONTH = "fetched_month"  # the partition of answers: they are only ever added, so an earlier month keeps its files
ROWS_A_BATCH = 50_000  # at most, of rows as short as a scrobble's
BYTES_A_BATCH = 64_000_000  # of payloads: one answer about hundreds of albums has 40 kB, and 50,000 of those are 2 GB
BYTES_A_FILE = 256_000_000  # in memory; some 60 MB on disk, one task of Spark's
REMOTE = ("s3", "gs", "abfss")  # what pyarrow opens by its address
FOR_SPARK = {"s3": "s3a"}  # Hadoop's own word for S3


@dataclass(frozen=True, kw_only=True)
class Part:
    """One folder of files that are a table, or a month of it. `month` is "" where a table is whole."""

    month: str
    folder: str
    rows: int
    fingerprint: str
    files: dict[str, int]  # name -> bytes


@dataclass(frozen=True, kw_only=True)
class Generation:
    """What a manifest says: every table with its parts. `written` counts the parts that were not there before."""

    number: int
    tables: dict[str, tuple[Part, ...]]
    written: int = field(default=0, compare=False)


class Lake:
    """One lake. Opening it touches nothing."""

    def __init__(self, place: str | Path, owner: str = ".") -> None:
        """`place` is a folder or an address; `owner` says whose it is ("." for a lake inside the data folder)."""
        self.place = str(place)
        self.owner = owner
        try:
            if urlsplit(self.place).scheme in REMOTE:
                self._files, self._root = pafs.FileSystem.from_uri(self.place)
            else:
                self._files, self._root = pafs.LocalFileSystem(), str(Path(place).absolute())
        except (pa.ArrowException, OSError, ValueError) as error:
            raise LakeError(f"the lake cannot be opened: {_first(error)}", where=self.place) from error

    def address(self, name: str) -> str:
        """Where Spark finds `name`, a path inside the lake. Hadoop wants blanks and signs as they are, unlike a URI."""
        scheme, _, rest = self.place.partition("://")
        if rest:
            return f"{FOR_SPARK.get(scheme, scheme)}://{rest.rstrip('/')}/{name}"
        return f"file://{(Path(self._root) / name).as_posix()}"

    def committed(self) -> Generation | None:
        """The committed generation; None where there is none, or one that an older Sillon wrote.

        Raises LakeForeign for one of a newer Sillon or of another data folder, LakeError where nothing can be read.
        """
        with self._explained("read"):
            if self._files.get_file_info(self._path(MANIFEST)).type != pafs.FileType.File:
                return None
            with self._files.open_input_stream(self._path(MANIFEST)) as file:
                text = file.read()
        try:
            found = json.loads(text)
            version, owner = [int(number) for number in found["version"]], str(found["owner"])
        except (ValueError, KeyError, TypeError):
            log.warning("%s names no generation; the lake is written anew", self._path(MANIFEST))
            return None
        if owner != self.owner:
            raise LakeForeign(
                f"the lake belongs to the data folder {owner}",
                where=self.place,
                remedy="give this one a lake of its own: `spark.lake` in enrichment_config.json",
            )
        if version > [VERSION, TABLES_VERSION]:
            raise LakeForeign(
                f"the lake has version {version[0]}.{version[-1]}, this Sillon knows {VERSION}.{TABLES_VERSION}",
                where=self.place,
                remedy="update Sillon, or delete the lake: the next run writes it anew from the warehouse",
            )
        if version != [VERSION, TABLES_VERSION]:
            return None
        tables = {table: tuple(Part(**part) for part in parts) for table, parts in found["tables"].items()}
        return Generation(number=int(found["generation"]), tables=tables)

    def write(self, warehouse: Path, tables: Sequence[str]) -> Generation:
        """Bring `tables` of the warehouse into the lake and commit them. What did not change is not written again.

        Raises LakeError, LakeForeign, or DiskFull; the generation that was committed before is then still there, whole.
        """
        before = self.committed()
        number = before.number + 1 if before else 1
        known = (
            {}
            if before is None
            else {(table, part.month): part for table, parts in before.tables.items() for part in parts}
        )
        with self._explained("written"):
            self._make_root()
            self.sweep(before)  # what a killed run left under this very number
            with duckdb.connect(str(warehouse), read_only=True) as connection:
                connection.execute(TEXT_OF_ANY_LENGTH)
                found = {table: tuple(self._parts(connection, table, number, known)) for table in sorted(tables)}
            folder = f"/{number:06}"
            written = sum(folder in part.folder for parts in found.values() for part in parts)
            generation = Generation(number=number, tables=found, written=written)
            self._commit(generation)
            self.sweep(generation)
        return generation

    def sweep(self, keep: Generation | None) -> None:
        """Remove every folder of raw tables that `keep` does not name, and what Spark left."""
        named = {part.folder for parts in (keep.tables if keep else {}).values() for part in parts}
        self.forget("spark")
        for table in self._folders("raw"):
            for generation in self._folders(table):
                if not any(folder == generation or folder.startswith(generation + "/") for folder in named):
                    self.forget(generation)
                    continue
                for month in self._folders(generation):
                    if month not in named:
                        self.forget(month)

    def forget(self, name: str) -> None:
        """Remove a folder of the lake, if it is there."""
        if self._files.get_file_info(self._path(name)).type == pafs.FileType.Directory:
            self._files.delete_dir(self._path(name))

    def check(self, *, probe: bool) -> None:
        """Raise LakeError or LakeForeign unless this lake can be written to, as far as that is seen without writing.

        `probe` also makes its folder and writes a file into it, to remove it again.
        """
        self.committed()
        with self._explained("written"):
            if isinstance(self._files, pafs.LocalFileSystem):
                root = Path(self._root)
                place = next(path for path in (root, *root.parents) if path.exists())
                if not (place.is_dir() and os.access(place, os.W_OK)):
                    raise PermissionError(errno.EACCES, "no right to write", str(place))
            if probe:
                self._make_root()
                with self._files.open_output_stream(self._path("probe")) as file:
                    file.write(b"can this be written?")
                self._files.delete_file(self._path("probe"))

    # ---------------------------------------------------------------- inside
    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _make_root(self) -> None:
        if isinstance(self._files, pafs.LocalFileSystem):  # it tells what somebody listens to
            Path(self._root).mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            self._files.create_dir(self._root, recursive=True)

    def _folders(self, name: str) -> list[str]:
        """The folders in a folder of the lake, as paths inside the lake."""
        found = self._files.get_file_info(pafs.FileSelector(self._path(name), allow_not_found=True))
        return sorted(f"{name}/{one.base_name}" for one in found if one.type == pafs.FileType.Directory)

    def _parts(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        number: int,
        known: dict[tuple[str, str], Part],
    ) -> Iterator[Part]:
        columns = ", ".join(TABLES[table])
        is_web = table in WEB_TABLES
        month = "coalesce(strftime(fetched_at, '%Y-%m'), 'none')" if is_web else "''"
        length = "avg(strlen(payload))" if is_web else "0"
        # A sum of hashes knows a change in any row and no order of rows: 50 million scrobbles in seconds. What it is of
        # belongs to it: another DuckDB hashes otherwise, another column is another table.
        seed = f"{duckdb.__version__} {columns}"
        counted = connection.execute(
            f"select {month} as month, count(*), cast(sum(hash({columns})) as varchar), coalesce({length}, 0) from {table}"
            " group by month order by month"
        ).fetchall()
        for found, rows, digest, bytes_a_row in counted or [("none" if is_web else "", 0, "0", 0)]:
            fingerprint = f"{seed} {rows} {digest}"
            old = known.get((table, found))
            if old is not None and old.fingerprint == fingerprint and self._is_whole(old):
                yield old
                continue
            folder = f"raw/{table}/{number:06}" + (f"/{found}" if found else "")
            rest = connection.execute(f"select {columns} from {table} where {month} = ?", [found])
            batch = max(1, min(ROWS_A_BATCH, round(BYTES_A_BATCH / max(bytes_a_row, 1))))
            files = self._write_files(rest.to_arrow_reader(batch), folder)
            yield Part(month=found, folder=folder, rows=rows, fingerprint=fingerprint, files=files)

    def _is_whole(self, part: Part) -> bool:
        found = self._files.get_file_info(pafs.FileSelector(self._path(part.folder), allow_not_found=True))
        return {one.base_name: one.size for one in found} == part.files

    def _write_files(self, rows: pa.RecordBatchReader, folder: str) -> dict[str, int]:
        """At least one file, so that Spark finds the columns of an empty table."""
        self._files.create_dir(self._path(folder), recursive=True)
        names: list[str] = []
        rest: pa.RecordBatch | None = next(rows, None)
        while rest is not None or not names:
            names.append(f"{len(names):05}.parquet")
            with pq.ParquetWriter(
                self._path(f"{folder}/{names[-1]}"), rows.schema, filesystem=self._files, compression="zstd"
            ) as writer:
                size = 0
                while rest is not None and size < BYTES_A_FILE:
                    writer.write_batch(rest)
                    size += rest.nbytes
                    rest = next(rows, None)
        infos = self._files.get_file_info([self._path(f"{folder}/{name}") for name in names])
        return {name: info.size for name, info in zip(names, infos, strict=True)}

    def _commit(self, generation: Generation) -> None:
        said = {
            "version": [VERSION, TABLES_VERSION],
            "owner": self.owner,
            "generation": generation.number,
            "tables": {table: [asdict(part) for part in parts] for table, parts in generation.tables.items()},
        }
        with self._files.open_output_stream(self._path(MANIFEST + ".new")) as file:
            file.write(json.dumps(said, indent=1).encode())
        self._files.move(
            self._path(MANIFEST + ".new"), self._path(MANIFEST)
        )  # a rename, or a copy that is seen only whole

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull("no room left", where=self.place, remedy="free some space and run again") from error
            raise LakeError(
                f"the lake cannot be {what}: {_first(error)}",
                where=self.place,
                remedy="check its path and permissions, or believe with --engine duckdb",
            ) from error


def _first(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.partition("\n")[0].rstrip(".")
