"""The same rules in three ways on the same albums: a loop over SQLite, a data frame library, and SQL in DuckDB.

    python -m bench.alternatives --albums 10000

The rules are few, so that each way can be read in one glance, and every way must give the same rows:

1. a title without its edition, folded (lower case, no accents, letters and digits only), and its artist, folded, meet a
   release group of the same two;
2. of several the one whose year is nearest to the album's, then the oldest, then the smallest id;
3. an album without a year gets that year, one without a genre the genre of the strongest tag.

*Plain* is the way of the programs that Sillon replaces: one album at a time, its candidates looked up in SQLite, one update a
value. The library and the candidates are those of `libraries.py`. Each way finds the candidates, keys already folded, where it
would keep them itself: the loop in SQLite with an index, the others in a Parquet file. Making those is not counted; reading and
writing the library is. The figures become `build/bench/alternatives.json`.
"""

# ruff: noqa: S608 - the names in these statements are our own

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl

from bench.figures import BUILD, keep, say
from bench.libraries import make

EDITION = r"(?i)\s*(\((?:[^()]*(?:remaster|deluxe|anniversary)[^()]*)\)|\[remastered\]| - expanded edition)\s*$"
GENRES = {"rock": "Rock", "jazz": "Jazz", "electronic": "Électronique", "folk": "Folk", "hip hop": "Hip-hop"}
Rows = list[tuple[int, int | None, str | None]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the three ways on the same albums; 1 where their rows differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.alternatives", description=__doc__.partition("\n")[0])
    parser.add_argument("--albums", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=BUILD / "growth", help="where libraries are made, and kept")
    chosen = parser.parse_args(arguments)
    library, data = make(chosen.folder.absolute() / str(chosen.albums), chosen.albums)
    seconds, rows = {}, {}
    with tempfile.TemporaryDirectory(prefix="sillon-bench-") as scratch:
        candidates = Path(scratch) / "candidates.db"
        _write_candidates(data / "warehouse.duckdb", candidates)
        with duckdb.connect() as connection, closing(sqlite3.connect(candidates)) as known:
            _register(connection, "candidates", known, "select * from candidates")
            connection.execute(f"copy candidates to '{candidates.with_suffix('.parquet')}'")
        ways: dict[str, Callable[[Path, Path], Rows]] = {"plain": plain, "polars": frames, "duckdb": sql}
        for name, way in ways.items():
            copy = Path(scratch) / "library.db"
            shutil.copyfile(library, copy)
            started = time.monotonic()
            found = way(copy, candidates)
            if name != "plain":  # it writes as it goes
                _write(copy, found)
            seconds[name] = round(time.monotonic() - started, 2)
            rows[name] = _changed(library, copy)
            copy.unlink()
    ratios = {name: round(taken / seconds["duckdb"], 1) for name, taken in seconds.items()}
    keep(
        "alternatives",
        {"albums": chosen.albums, "changed": len(rows["plain"]), "seconds": seconds, "times_duckdb": ratios},
    )
    say(f"{chosen.albums:,} albums, {len(rows['plain']):,} changed")
    for name, taken in seconds.items():
        say(f"  {name:10}{taken:9.2f} s{ratios[name]:8.1f} x")
    same = rows["plain"] == rows["polars"] == rows["duckdb"]
    if not same:
        say("  the ways differ in their rows")
    return 0 if same else 1


# ---------------------------------------------------------------- one album at a time


def plain(library: Path, candidates: Path) -> Rows:
    """A loop: look up, choose, update."""
    with closing(sqlite3.connect(library)) as db, closing(sqlite3.connect(candidates)) as known:
        albums = db.execute(
            "select a.id, a.title, a.year, a.genre, min(r.name) from albums a join album_artist l on l.album_id = a.id"
            " join artists r on r.id = l.artist_id group by a.id"
        ).fetchall()
        for album, title, year, genre, artist in albums:
            hits = known.execute(
                "select year, tag, id from candidates where title_key = ? and artist_key = ?",
                (_key(title), _fold(artist)),
            ).fetchall()
            if not hits:
                continue
            best = min(hits, key=lambda hit: (abs(hit[0] - year) if year is not None else 0, hit[0], hit[2]))
            if year is None:
                db.execute("update albums set year = ? where id = ?", (best[0], album))
            if genre is None and best[1] in GENRES:
                db.execute("update albums set genre = ? where id = ?", (GENRES[best[1]], album))
        db.commit()
    return []


def _key(title: str) -> str:
    return _fold(re.sub(EDITION, "", title))


def _fold(text: str) -> str:
    plain_text = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "", plain_text)


# ---------------------------------------------------------------- data frames


def frames(library: Path, candidates: Path) -> Rows:
    """Polars, lazily."""
    with closing(sqlite3.connect(library)) as db:
        albums = _frame(
            db, "select id as album, title, year, genre from albums", album=int, title=str, year=int, genre=str
        )
        artists = _frame(
            db,
            "select album_id as album, min(name) as artist from album_artist join artists on id = artist_id group by 1",
            album=int, artist=str,
        )  # fmt: skip
    groups = pl.scan_parquet(candidates.with_suffix(".parquet")).rename({"year": "found"})

    def folded(column: pl.Expr) -> pl.Expr:
        return (
            column.str.to_lowercase()
            .str.normalize("NFD")
            .str.replace_all(r"\p{M}", "")
            .str.replace_all(r"[^a-z0-9]+", "")
        )

    best = (
        albums.lazy()
        .join(artists.lazy(), on="album")
        .with_columns(title_key=folded(pl.col("title").str.replace(EDITION, "")), artist_key=folded(pl.col("artist")))
        .join(groups, on=["title_key", "artist_key"])
        .with_columns(apart=(pl.col("found") - pl.col("year")).abs().fill_null(0))
        .sort("album", "apart", "found", "id")
        .group_by("album", maintain_order=True)
        .first()
        .select(
            "album",
            pl.when(pl.col("year").is_null()).then("found"),
            pl.when(pl.col("genre").is_null())
            .then(pl.col("tag").replace_strict(GENRES, default=None))
            .alias("new_genre"),
        )
        .collect()
    )
    return best.rows()


def _frame(db: sqlite3.Connection, query: str, **types: type) -> pl.DataFrame:
    return pl.DataFrame(db.execute(query).fetchall(), schema=types, orient="row")


# ---------------------------------------------------------------- SQL


def sql(library: Path, candidates: Path) -> Rows:
    """DuckDB, read through Arrow as Sillon does."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    with closing(sqlite3.connect(library)) as db:
        _register(connection, "albums", db, "select id as album, title, year, genre from albums")
        _register(
            connection, "artists", db,
            "select album_id as album, min(name) as artist from album_artist join artists on id = artist_id group by 1",
        )  # fmt: skip
    groups = f"(select *, year as found from '{candidates.with_suffix('.parquet')}')"
    connection.execute(
        "create table genres as select * from (values "
        + ", ".join(f"('{tag}', '{genre}')" for tag, genre in GENRES.items())
        + ") as genres (tag, genre)"
    )
    return connection.execute(
        f"""
        with keyed as (
            select
                albums.*,
                regexp_replace(strip_accents(lower(regexp_replace(title, '{EDITION}', ''))), '[^a-z0-9]+', '', 'g') as title_key,
                regexp_replace(strip_accents(lower(artist)), '[^a-z0-9]+', '', 'g') as artist_key
            from albums inner join artists using (album)
        )
        select album, case when keyed.year is null then found end, case when keyed.genre is null then genres.genre end
        from keyed
        inner join {groups} as groups using (title_key, artist_key)
        left join genres using (tag)
        qualify row_number() over (partition by album order by coalesce(abs(found - keyed.year), 0), found, id) = 1
        """
    ).fetchall()


def _register(connection: duckdb.DuckDBPyConnection, name: str, source: sqlite3.Connection, query: str) -> None:
    rows = source.execute(query)
    names = [column[0] for column in rows.description]
    frame = pl.DataFrame(rows.fetchall(), schema=names, orient="row", infer_schema_length=None)
    connection.register(name, frame.to_arrow())


# ---------------------------------------------------------------- around them


def _write_candidates(warehouse: Path, path: Path) -> None:
    """The release groups of the answers as a table with keys and an index, which every way may use."""
    query = """
        select item ->> '$.title', item ->> '$."artist-credit"[0].name',
            cast(left(item ->> '$."first-release-date"', 4) as integer), item ->> '$.tags[0].name', item ->> '$.id'
        from (select unnest(json_extract(payload, '$."release-groups"[*]')) as item from musicbrainz.release_groups)
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection, closing(sqlite3.connect(path)) as db:
        db.execute(
            "create table candidates (title_key text, artist_key text, year integer, tag text, id text primary key)"
        )
        found = connection.execute(query)
        while rows := found.fetchmany(50_000):
            db.executemany(
                "insert or ignore into candidates values (?, ?, ?, ?, ?)",
                [(_key(title), _fold(artist), year, tag, ident) for title, artist, year, tag, ident in rows],
            )
        db.execute("create index candidates_keys on candidates (title_key, artist_key)")
        db.commit()


def _write(library: Path, found: Rows) -> None:
    with closing(sqlite3.connect(library)) as db:
        db.executemany(
            "update albums set year = coalesce(?, year), genre = coalesce(?, genre) where id = ?",
            [(year, genre, album) for album, year, genre in found if year is not None or genre is not None],
        )
        db.commit()


def _changed(before: Path, after: Path) -> Rows:
    with closing(sqlite3.connect(after)) as db:
        db.execute("attach ? as old", (str(before),))
        return db.execute(
            "select n.id, n.year, n.genre from main.albums n join old.albums o using (id)"
            " where n.year is not o.year or n.genre is not o.genre order by n.id"
        ).fetchall()


if __name__ == "__main__":
    sys.exit(main())
