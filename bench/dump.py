"""How long a data dump takes: a synthetic one in the published form, for a library of albums that it holds.

    python -m bench.dump --groups 300000 [--albums 10000] [--packed zst]

The dump is that of `libraries.py`'s world: as many release groups, two releases each, credits, tags, dates and addresses; the
library is the first albums of it. Measured is what `sillon run --from-dump` does before it asks: reading, keeping what is
plausible, writing answers. The figures become `build/bench/dump.json`.
"""

# ruff: noqa: S608 - the names in these statements are our own

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from bench.figures import BUILD, forget_peak, keep, peak_mb, say
from bench.libraries import draw, write_library

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
STAMP = "2026-11-21 00:17:22.123456+00"
WEB = ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify", "spotify_token")
LOAD_SECONDS_OF_3M = 600.0

_TABLES = {
    "artist_type": "select 1, 'Person'",
    "release_status": "select 1, 'Official'",
    "release_group_primary_type": "select 1, 'Album'",
    "release_group_secondary_type": "select * from (values (2, 'Soundtrack'), (6, 'Live')) as types (id, name)",
    "artist": """select act_id, cast(cast(md5('act ' || act_id) as uuid) as varchar), name, name, null, null, null, null, null,
        null, 1, null, null, '', 0, '{stamp}', 'f', null, null from acts""",
    "artist_credit_name": """select number, 0, act_id, act, case when second_act is null then '' else ' & ' end from numbered
        union all select number, 1, second_act_id, second_act, '' from numbered where second_act is not null""",
    "release_group": "select number, id, title, number, 1, '', 0, '{stamp}' from numbered",
    "release_group_meta": "select number, 2, year, 5, 1, null, null from numbered",
    "release_group_secondary_type_join": """select number, case when kind = 2 then 6 else 2 end, '{stamp}' from numbered
        where kind = 2 or title like '%Soundtrack)'""",
    "release": """select 2 * number + half, cast(cast(md5(case half when 0 then 'first ' else 'second ' end || id) as uuid)
        as varchar), title, number, number, 1, null, null, null, null, '', 0, -1, '{stamp}'
        from numbered cross join range(2) as halves (half)""",
    "release_country": "select 2 * number, 240, year, 5, 1 from numbered",
    "url": """select album_id, cast(cast(md5('url ' || album_id) as uuid) as varchar), spotify_url, 0, '{stamp}'
        from albums_made where spotify_url is not null and album_id % 8 = 0""",
    "l_release_url": """select album_id, 5, 2 * number, album_id, 0, '{stamp}', 0, '', '' from albums_made
        inner join numbered on albums_made.work_id = numbered.work_id and numbered.kind = 1
        where spotify_url is not null and album_id % 8 = 0""",
    "tag": "select row_number() over (order by tag), tag, 1 from (select distinct tag from groups)",
    "release_group_tag": """select number, tags.id, 5, '{stamp}' from numbered inner join
        (select row_number() over (order by tag) as id, tag from (select distinct tag from groups)) as tags using (tag)""",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every size given, a process each, and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.dump", description=__doc__.partition("\n")[0])
    parser.add_argument("--groups", type=int, nargs="+", default=[300_000])
    parser.add_argument("--albums", type=int, default=10_000, help="of the library")
    parser.add_argument("--packed", choices=("zst", "bz2"), default="zst")
    parser.add_argument("--folder", type=Path, default=BUILD / "dump", help="where dumps are made, and kept")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.one is not None:
        chosen.one.write_text(json.dumps(measure(chosen.groups[0], chosen.albums, chosen.packed, chosen.folder)))
        return 0
    sizes = []
    for groups in chosen.groups:
        folder = chosen.folder.absolute() / str(groups)
        folder.mkdir(parents=True, exist_ok=True)
        answer = folder.with_suffix(".json")
        words = ["--groups", str(groups), "--albums", str(chosen.albums), "--packed", chosen.packed]
        words += ["--folder", str(folder), "--one", str(answer)]
        subprocess.run([sys.executable, "-m", "bench.dump", *words], check=True)  # noqa: S603 - our own words
        sizes.append(json.loads(answer.read_text()))
        one = sizes[-1]
        say(
            f"{groups:,} release groups ({one['archive_mb']:.0f} MB packed), {one['albums']:,} albums: {one['seconds']} s"
            f" ({one['cpu_seconds']} s cpu), {one['peak_mb']:.0f} MB, {one['kept_groups']:,} kept, found {one['found']:.1%}"
        )
    keep("dump", {"sizes": sizes})
    return 0 if all(size["seconds"] <= size["target_seconds"] for size in sizes) else 1


def measure(groups: int, albums: int, packed: str, folder: Path) -> dict[str, Any]:
    """Write a dump of so many release groups and a library, load it, and say what it cost."""
    from ingest import warehouse
    from ingest.settings import Settings
    from ingest.sources import library as library_source
    from ingest.sources import musicbrainz_dump

    archive, library = _made(groups, albums, packed, folder)
    file = folder / "warehouse.duckdb"
    file.unlink(missing_ok=True)
    settings = Settings().for_sandbox(dict.fromkeys(WEB, "http://127.0.0.1:9"))
    with closing(warehouse.connect(file)) as connection:
        library_source.extract(library, connection)
        forget_peak()
        started, busy = time.monotonic(), time.process_time()
        musicbrainz_dump.load(archive, connection, settings, now=NOW, run_id="bench", scratch=folder / "scratch")
        seconds, cpu = time.monotonic() - started, time.process_time() - busy
        peak = peak_mb()
        kept = _number(connection, f"select count(distinct id) from ({_KEPT})")
        due = f"select distinct id from '{folder / 'true.parquet'}' where cast(album_id as varchar) in ({_DUE})"
        wanted = _number(connection, f"select count(*) from ({due})")
        found = _number(connection, f"select count(*) from ({due}) where id in ({_KEPT})")
    return {
        "groups": groups,
        "albums": albums,
        "archive_mb": round(archive.stat().st_size / 1e6, 1),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "target_seconds": max(30.0, LOAD_SECONDS_OF_3M * groups / 3_000_000),
        "peak_mb": peak,
        "kept_groups": kept,
        "found": round(found / max(wanted, 1), 4),
    }


_KEPT = (
    """select unnest(json_extract(payload, '$."release-groups"[*].id')) ->> '$' as id from musicbrainz.release_groups"""
)
_DUE = """select id from library.albums
    where year is null or genre is null or id not in (select album_id from library.images where album_id is not null)"""


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _made(groups: int, albums: int, packed: str, folder: Path) -> tuple[Path, Path]:
    """The archive and the library, made once."""
    archive, library = folder / f"mbdump.tar.{packed}", folder / "library.db"
    if archive.exists() and library.exists():
        return archive, library
    world = folder / "world.duckdb"
    for left in (world, library):
        left.unlink(missing_ok=True)
    with duckdb.connect(str(world)) as connection:
        draw(connection, groups // 4, folder / "spill")
        connection.execute(
            "create temp table numbered as select row_number() over (order by work_id, kind) as number, * from groups"
        )
        tables = folder / "mbdump"
        shutil.rmtree(tables, ignore_errors=True)
        tables.mkdir()
        for name, query in _TABLES.items():
            connection.execute(
                f"copy ({query.format(stamp=STAMP)}) to '{tables / name}'"
                " (format csv, delimiter '\t', header false, quote '', escape '', nullstr '\\N')"
            )
        connection.execute(
            f"copy (select numbered.id, album_id from numbered inner join albums_made using (work_id)"
            f" where kind = 1 and album_id <= {albums}) to '{folder / 'true.parquet'}'"
        )
        connection.execute(f"delete from albums_made where album_id > {albums}")
        connection.execute(f"delete from credits where album_id > {albums}")
        write_library(connection, library, albums)
    world.unlink()
    (folder / "TIMESTAMP").write_text(STAMP + "\n")
    aside = archive.with_name(archive.name + ".new")
    _pack(aside, folder, packed)
    shutil.rmtree(tables)
    aside.replace(archive)
    return archive, library


def _pack(archive: Path, folder: Path, packed: str) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        tar.add(folder / "TIMESTAMP", "TIMESTAMP")
        for table in sorted((folder / "mbdump").iterdir()):
            tar.add(table, f"mbdump/{table.name}")

    if packed == "bz2":
        with tarfile.open(archive, "w:bz2") as tar:
            fill(tar)
        return
    import zstandard

    with (
        archive.open("wb") as file,
        zstandard.ZstdCompressor(threads=2).stream_writer(file) as packing,
        tarfile.open(fileobj=packing, mode="w|") as tar,
    ):
        fill(tar)


if __name__ == "__main__":
    sys.exit(main())
