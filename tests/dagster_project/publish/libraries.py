"""Small libraries and changes for the tests of publishing: the app's schema, a handful of rows, every quirk on demand."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dagster_project.publish.changes import Change

SCHEMA = """
create table artists (
    id integer not null primary key, name varchar(255) not null, spotify_id varchar(100),
    created_at datetime default current_timestamp not null, updated_at datetime default current_timestamp not null
);
create table albums (
    id integer not null primary key, title varchar(500) not null, year integer, support varchar(50),
    discogs_id varchar(100) unique, spotify_url varchar(500), discogs_url varchar(500),
    created_at datetime default current_timestamp not null, updated_at datetime default current_timestamp not null,
    source text default 'manual' not null, genre varchar(200), image_url varchar(1000), ai_description varchar(2000),
    ai_style varchar(500)
);
create table album_artist (
    album_id integer not null references albums (id) on delete cascade,
    artist_id integer not null references artists (id) on delete cascade,
    created_at datetime default current_timestamp not null, primary key (album_id, artist_id)
);
create table tracks (
    id integer not null primary key, album_id integer not null references albums (id) on delete cascade,
    title varchar(500) not null, track_number integer, duration_seconds integer
);
create table images (
    id integer not null primary key, url varchar(1000) not null, image_type varchar(50) not null,
    source varchar(50) not null, artist_id integer references artists (id) on delete cascade,
    album_id integer references albums (id) on delete cascade,
    created_at datetime default current_timestamp not null, updated_at datetime default current_timestamp not null,
    constraint check_single_entity check ((artist_id is not null and album_id is null)
        or (artist_id is null and album_id is not null))
);
create unique index ix_artists_name on artists (name);
create index idx_image_album on images (album_id);
"""

ROWS = """
insert into artists (id, name, created_at, updated_at) values
    (1, 'Tony Bennett & Lady Gaga', '2025-01-01 10:00:00', '2025-01-01 10:00:00'),
    (2, 'Miles Davis', '2025-01-01 10:00:00', '2025-01-01 10:00:00'),
    (3, 'Lady Gaga', '2025-01-02 10:00:00', '2025-01-02 10:00:00');
insert into albums (id, title, year, genre, created_at, updated_at) values
    (1, 'Cheek to Cheek', null, null, '2025-01-01 10:00:00', '2025-01-01 10:00:00'),
    (2, 'Kind of Blue', null, 'Modal', '2025-01-01 10:00:00', '2025-01-03 10:00:00'),
    (3, 'Chromatica', 2020, null, '2025-01-02 10:00:00', '2025-01-02 10:00:00');
insert into album_artist (album_id, artist_id, created_at) values
    (1, 1, '2025-01-01 10:00:00'), (2, 2, '2025-01-01 10:00:00'), (3, 3, '2025-01-02 10:00:00'),
    (77, 2, '2025-01-01 10:00:00');
insert into tracks (id, album_id, title) values (1, 1, 'Anything Goes'), (2, 2, 'So What'), (3, 99, 'Nowhere');
insert into images (id, url, image_type, source, artist_id, album_id, created_at, updated_at) values
    (5, 'https://example.org/mine.jpg', 'album', 'discogs', null, 3, '2025-01-02 10:00:00', '2025-01-02 10:00:00'),
    (6, 'https://example.org/lost.jpg', 'album', 'discogs', null, 88, '2025-01-02 10:00:00', '2025-01-02 10:00:00');
"""


class SteadyClock:
    """A clock that moves by one second at every look, so that two nights never share a time."""

    def __init__(self, start: datetime = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)) -> None:
        self.time = start

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def make(path: Path, *, wal: bool = True, before: str = "", schema: str = SCHEMA, rows: str = ROWS) -> Path:
    """A library with references broken from the start, in WAL mode unless told otherwise."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(before)
        if wal:
            connection.execute("pragma journal_mode = wal")
        connection.executescript(schema + rows)
        connection.commit()
    return path


def run_sql(path: Path, *statements: str) -> None:
    """What the app, or a person, does to a library."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def query(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def contents(path: Path, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, with types and bytes, in the order of the key."""
    found = {}
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        names = connection.execute("select name from sqlite_schema where type = 'table' order by name").fetchall()
        for (raw,) in names:
            name = raw.decode()
            columns = [row[1].decode() for row in connection.execute(f'pragma table_xinfo("{name}")')]
            kept = [column for column in columns if column not in without]
            pairs = ", ".join(f'typeof("{column}"), cast("{column}" as blob)' for column in kept)
            if name not in ("sqlite_sequence", "sqlite_stat1"):
                found[name] = sorted(connection.execute(f'select {pairs} from "{name}"').fetchall(), key=repr)
    return found


def schema_of(path: Path) -> list[tuple[Any, ...]]:
    return query(path, "select type, name, tbl_name, sql from sqlite_schema order by name")


def update(album: int, column: str, value: str | None, old: str | None = None, **more: Any) -> Change:
    key = json.dumps({"id": album})
    named = {"source": "musicbrainz", "feature": f"fill_{column}", "rule": "first_release", **more}
    return Change(
        f"u-{album}-{column}-{value}",
        f"g-{album}-{column}",
        "update",
        "albums",
        key,
        column,
        old,
        value,
        album,
        **named,
    )


def cover(album: int, url: str = "https://example.org/new.jpg", source: str = "cover_art_archive") -> Change:
    key = json.dumps({"album_id": album, "image_type": "album"})
    return Change(
        f"i-{album}",
        f"gi-{album}",
        "insert",
        "images",
        key,
        "url",
        None,
        url,
        album,
        source=source,
        feature="enrich_images",
        rule="front_cover",
    )


def split(album: int, joined: int, *acts: str, new: tuple[str, ...] = ()) -> list[Change]:
    """The links of a joined name replaced by one per act; `new` are the acts that have no row yet."""
    group = f"split-{album}"
    common = {"source": "musicbrainz", "feature": "fix_artist_formatting", "rule": "credit"}
    changes = [
        Change(
            f"a-{name}",
            group,
            "insert",
            "artists",
            json.dumps({"name": name}, ensure_ascii=False),
            "name",
            None,
            name,
            album,
            **common,
        )
        for name in new
    ]
    for name in acts:
        key = json.dumps({"album_id": album, "artist_name": name}, ensure_ascii=False)
        changes.append(
            Change(f"l-{album}-{name}", group, "insert", "album_artist", key, "artist_id", None, name, album, **common)
        )
    key = json.dumps({"album_id": album, "artist_id": joined})
    changes.append(
        Change(
            f"d-{album}-{joined}", group, "delete", "album_artist", key, "artist_id", str(joined), None, album, **common
        )
    )
    return changes


def all_changes() -> list[Change]:
    """One of each kind, all of them possible in the library of `make`."""
    return [
        update(1, "year", "2014"),
        update(1, "genre", "jazz", source="listenbrainz", rule="votes"),
        update(1, "ai_description", "Cheek to Cheek par Tony Bennett et Lady Gaga (2014)", rule="template"),
        update(2, "year", "1959"),
        update(3, "genre", "pop", source="discogs", rule="votes"),
        cover(1),
        cover(2, "https://example.org/two.jpg", "spotify"),
        *split(1, 1, "Tony Bennett", "Lady Gaga", new=("Tony Bennett",)),
    ]


def snapshot_of(library: Path, folder: Path) -> Path:
    """A copy of a library at rest, as a backup would make it."""
    path = folder / f"{library.name}.snapshot"
    with closing(sqlite3.connect(library)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return path


def stop_at(name: str) -> Callable[[str], None]:
    """A checkpoint that fails at one name, as a crash would."""

    def checkpoint(reached: str) -> None:
        if reached == name:
            raise Crash(name)

    return checkpoint


class Crash(BaseException):
    """The process ends here."""


def copy_of(path: Path, target: Path) -> Path:
    shutil.copyfile(path, target)
    return target
