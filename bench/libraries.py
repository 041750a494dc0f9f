"""Synthetic libraries of any size, and the answers that the sources would have given about them.

    make(folder, albums=100_000) -> folder/library.db, and the answers in folder/data/warehouse.duckdb

What is drawn is drawn here from one seed, by NumPy's PCG64, whose numbers never change; what follows from the draws stands
in `libraries.sql` and `answers.sql`. The same size gives the same rows.

How it is like a real library: acts after Zipf and Mandelbrot (the most heard of a million albums has some 600 of them),
words after Zipf in a vocabulary that grows as Heaps found, 8 % editions, 4 % joined names, 5 % with two artists, 45 %
without a year, 70 % without a genre, 55 % without a cover, 10 tracks and 50 scrobbles an album.
"""

# ruff: noqa: S608, SIM905 - the names in these statements are our own, and a list of words is read more easily as a text

from __future__ import annotations

import itertools
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from ingest import warehouse

SEED = 20
_HERE = Path(__file__).parent
ROWS_AT_ONCE = 50_000
TRACKS_AN_ALBUM = 10
SCROBBLES_AN_ALBUM = 50

_COMMON = (
    "Love Night Blue World Time Heart Dream Black Light Moon Life Soul Day Fire Sun Rain River Gold Home Road Sky White Red"
    " Dance Ghost Summer Winter City Song Sea Wind Star Garden Silver Stone Dark Wild Wood Water Mirror Paper Paris Glass"
    " Shadow Children Machine Electric Secret Mountain Island Angel Devil King Queen Letter Ocean Midnight Morning Silence"
    " Forever Nowhere Hotel Radio Station Train Bridge Window Room House Kind Modern Ancient Golden Broken Lonely Sweet"
    " Little Big Slow Quiet Loud Strange Simple Amour Nuit Jour Lune Soleil Étoile Rêve Fleur Jardin Chanson Bleu Noir"
    " Hiver Été Corazón Noche Luna Sol Tierra Fuego Mañana Straße Herz Nacht Stimmung Überall Garden Season Tower Temple"
    " Empire Kingdom Country Desert Forest Thunder Lightning Storm Snow Ice Cloud Smoke Dust Ashes Bones Blood Skin Eyes"
    " Hands Voices Echo Signal Noise Pulse Motion Gravity Orbit Satellite Horizon Distance Memory History Future Yesterday"
).split()
_GIVEN = (
    "Alice Anna Bill Bob Camille Carla Charles Chet Claire Dave David Django Ella Elsa Emma Étienne Eva Françoise Frank"
    " Gabriel Georges Hank Hélène Ida Jacques James Jean Joan John José Julie Juliette Karen Léo Lena Louis Lucy Maria Marc"
    " Miles Nina Noël Olga Otis Paul Pierre Ray René Rosa Ruth Sam Sarah Serge Simon Sonny Thelonious Tom Ursula Yves Zoë"
).split()
_ONSETS = "b br c ch cl d dr f g gr h j k l m n p r s st t tr v w z".split()
_VOWELS = "a e i o u ai ou ea".split()
_CODAS = ["", "n", "r", "l", "s", "nt", "ck", "m"]


def make(folder: Path, albums: int) -> tuple[Path, Path]:
    """Make a library of `albums` albums in an empty `folder`. Returns the library and the data folder.

    What a folder already holds whole is taken as it is.
    """
    library, data, done = folder / "library.db", folder / "data", folder / "made"
    if done.exists():
        return library, data
    shutil.rmtree(folder, ignore_errors=True)
    data.mkdir(parents=True)
    with closing(warehouse.connect(data / "warehouse.duckdb")) as connection:
        draw(connection, albums, folder / "spill")
        connection.execute((_HERE / "answers.sql").read_text(encoding="utf-8"))
        write_library(connection, library, albums)
    shutil.rmtree(folder / "spill", ignore_errors=True)
    done.touch()
    return library, data


def make_apart(folder: Path, albums: int) -> tuple[Path, Path]:
    """`make` in a process of its own: the gigabytes that it leaves behind would count for what is measured next."""
    subprocess.run([sys.executable, "-m", "bench.libraries", str(folder), str(albums)], check=True)  # noqa: S603 - our own words
    return make(folder, albums)


def draw(connection: duckdb.DuckDBPyConnection, albums: int, spill: Path) -> None:
    """The temporary tables of `libraries.sql` for so many albums; what does not fit into memory goes to `spill`."""
    connection.execute(f"set temp_directory = '{spill}'")
    connection.execute("set memory_limit = '6GB'")
    for name, table in _drawn(albums).items():
        connection.register(f"{name}_drawn", table)
        connection.execute(f"create temp table {name} as from {name}_drawn")
    connection.execute((_HERE / "libraries.sql").read_text(encoding="utf-8"))


def _drawn(albums: int) -> dict[str, pa.Table]:
    random = np.random.default_rng(SEED)
    acts = max(20, albums // 4)
    words = _words(int(40 * albums**0.5))
    edition = random.random(albums)
    draws = {
        "album_id": np.arange(1, albums + 1),
        "act_id": 1 + _zipf(random.random(albums), acts, shift=max(2.0, albums**0.5 / 4)),
        "first_rank": 1 + _zipf(random.random(albums), len(words), shift=3),
        "second_rank": 1 + _zipf(random.random(albums), len(words), shift=3),
        "third_rank": 1 + _zipf(random.random(albums), len(words), shift=3),
        "pattern": random.random(albums),
        "year_draw": random.random(albums),
        "credit_draw": random.random(albums),
        "edition_draw": edition,
        "before_draw": np.concatenate([[0.0], edition[:-1]]),
    }
    return {
        "draws": pa.table(draws),
        "acts": pa.table({"act_id": np.arange(1, acts + 1), "name": list(itertools.islice(_names(), acts))}),
        "words": pa.table({"rank": np.arange(1, len(words) + 1), "word": words}),
    }


def _zipf(uniform: np.ndarray, count: int, shift: float) -> np.ndarray:
    """Ranks from 0 to `count` - 1, of which rank k comes up in proportion to 1 / (k + shift)."""
    ranks = shift * ((count + shift) / shift) ** uniform - shift
    return np.minimum(ranks.astype(np.int64), count - 1)


def _syllables(number: int) -> str:
    """A word that no two numbers share."""
    parts = []
    while True:
        number, onset = divmod(number, len(_ONSETS))
        number, vowel = divmod(number, len(_VOWELS))
        parts.append(_ONSETS[onset] + _VOWELS[vowel])
        if number == 0:
            break
    return "".join(parts) + _CODAS[len(parts[0]) % len(_CODAS)]


def _words(count: int) -> list[str]:
    common = list(dict.fromkeys(_COMMON))
    made = (_syllables(1000 + 37 * number).capitalize() for number in itertools.count())
    return [*common, *itertools.islice((word for word in made if word not in common), count)]


def _names() -> Iterator[str]:
    """Names of acts, each once: people, bands, and a few with "The"."""
    given, seen = itertools.cycle(_GIVEN), set()
    for number in itertools.count():
        word = _syllables(500 + 61 * number).capitalize()
        name = (f"{next(given)} {word}", f"The {word}s", word, f"{next(given)} {word}")[number % 4]
        if name not in seen:
            seen.add(name)
            yield name


_SCHEMA = """
create table artists (id integer not null primary key, name varchar(255) not null, spotify_id varchar(100),
    lastfm_url varchar(500), created_at datetime default current_timestamp not null,
    updated_at datetime default current_timestamp not null);
create table albums (id integer not null primary key, title varchar(500) not null, year integer, support varchar(50),
    discogs_id varchar(100), spotify_url varchar(500), discogs_url varchar(500),
    created_at datetime default current_timestamp not null, updated_at datetime default current_timestamp not null,
    source text default 'manual' not null, genre varchar(200), image_url varchar(1000), ai_description varchar(2000),
    ai_style varchar(500));
create table album_artist (album_id integer not null, artist_id integer not null,
    created_at datetime default current_timestamp not null, primary key (album_id, artist_id));
create table tracks (id integer not null primary key, album_id integer not null, title varchar(500) not null,
    track_number integer, duration_seconds integer, spotify_id varchar(100),
    created_at datetime default current_timestamp not null, updated_at datetime default current_timestamp not null);
create table images (id integer not null primary key, url varchar(1000) not null, image_type varchar(50) not null,
    source varchar(50) not null, artist_id integer, album_id integer,
    created_at datetime default current_timestamp not null, updated_at datetime default current_timestamp not null);
create table metadata (id integer not null primary key, album_id integer not null, ai_info text, resume text, labels text,
    film_title varchar(500), film_year integer, film_director varchar(255),
    created_at datetime default current_timestamp not null, updated_at datetime default current_timestamp not null);
create table listening_history (id integer not null primary key, track_id integer not null, timestamp integer not null,
    date varchar(20) not null, source varchar(20) not null, loved boolean not null,
    created_at datetime default current_timestamp not null);
"""
_INDEXES = """
create unique index ix_artists_name on artists (name);
create unique index ix_albums_discogs on albums (discogs_id);
create index ix_albums_title on albums (title);
create index ix_albums_genre on albums (genre);
create index idx_image_album on images (album_id);
create index idx_image_artist on images (artist_id);
create index idx_metadata_album on metadata (album_id);
create index idx_history_timestamp on listening_history (timestamp);
"""
_ROWS = {
    "artists": """select act_id, name, null, null, '2020-01-01', '2020-01-01' from acts
        union all select artist_id, name, null, null, '2020-01-01', '2020-01-01' from joined_names""",
    "albums": """select album_id, title, year, ['CD', 'Vinyle', 'Digital'][1 + album_id % 3], discogs_id, spotify_url, null,
        '2020-01-01', '2020-01-01', case when discogs_id is null then 'manual' else 'discogs' end, genre, null, null, null
        from albums_made""",
    "album_artist": """select album_id, coalesce(joined_names.artist_id, act_id), '2020-01-01'
        from credits left join joined_names on credits.joined = joined_names.name
        union all select album_id, second_act_id, '2020-01-01' from credits
        where second_act_id is not null and not is_joined order by 1, 2""",
    "tracks": """select (album_id - 1) * {tracks} + number, album_id,
        case number when 1 then work_title else first.word || ' ' || second.word end, number,
        120 + (album_id * 31 + number * 17) % 300, null, '2020-01-01', '2020-01-01'
        from (
            select *, 1 + (album_id * 7 + number * 131) % (select count(*) from words) as first_rank,
                1 + (album_id * 13 + number * 37) % 100 as second_rank
            from albums_made cross join range(1, {tracks} + 1) as numbers (number)
        ) as numbered
        inner join words as first on first_rank = first.rank
        inner join words as second on second_rank = second.rank""",
    "images": """select album_id, 'https://i.scdn.co/image/' || md5('c' || album_id), 'album', 'spotify', null, album_id,
        '2020-01-01', '2020-01-01' from albums_made where has_cover""",
    "metadata": """select album_id, album_id, null, null, 'Label ' || act_id % 500, null, null, null, '2020-01-01', '2020-01-01'
        from albums_made where album_id % 5 = 0""",
    # the same cheap scramble for every size: which track is heard next, more often one of the first tenth
    "listening_history": """select scrobble,
        1 + cast(floor({tracks} * {albums} * power((scrobble * 7919 % 1000003) / 1000003.0, 2)) as bigint)
            % ({tracks} * {albums}), 1300000000 + scrobble * 400000000 // ({scrobbles} * {albums}), '2015-06-01 12:00',
        'lastfm', scrobble % 50 = 0, '2020-01-01' from range(1, {scrobbles} * {albums} + 1) as plays (scrobble)""",
}


def write_library(connection: duckdb.DuckDBPyConnection, path: Path, albums: int) -> None:
    """The app's database, of the tables that `draw` made: with its rows, its indexes and in WAL mode."""
    with closing(sqlite3.connect(path, isolation_level=None)) as library:
        library.executescript(
            "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -400000;" + _SCHEMA
        )
        for table, query in _ROWS.items():
            sized = query.format(tracks=TRACKS_AN_ALBUM, scrobbles=SCROBBLES_AN_ALBUM, albums=albums)
            found = connection.execute(sized)
            marks = ", ".join("?" * len(found.description))
            library.execute("begin")
            while rows := found.fetchmany(ROWS_AT_ONCE):
                library.executemany(f"insert or ignore into {table} values ({marks})", rows)
            library.execute("commit")
        library.executescript(_INDEXES)
    with closing(sqlite3.connect(path)) as library:  # a connection that began without a journal cannot take one up
        library.execute("pragma journal_mode = wal").fetchone()


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
