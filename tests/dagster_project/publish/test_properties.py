"""Any library, any changes: written and taken back is untouched, twice is once, and what was not empty stays."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import apsw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.publish.apply import apply
from dagster_project.publish.book import Ledger
from dagster_project.publish.changes import Change
from dagster_project.publish.target import Target
from dagster_project.publish.undo import undo
from tests.dagster_project.publish.libraries import (
    SCHEMA,
    SteadyClock,
    contents,
    cover,
    make,
    snapshot_of,
    split,
    update,
)

FIELDS = ("year", "genre", "ai_description", "image_url")
words = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=8)
names = words.filter(lambda text: text.strip("\0 \t\n"))
# What a column of a real library may hold: SQLite keeps any type in any column, and text of any bytes.
odd = st.one_of(
    st.none(),
    st.just(""),
    st.just("  "),
    words,
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=6),
    st.binary(min_size=1, max_size=4).map(lambda raw: ("text", raw)),
)
albums = st.fixed_dictionaries({
    "title": words, "year": odd, "genre": odd, "ai_description": odd, "image_url": odd,
    "updated_at": st.sampled_from(["2025-01-01 10:00:00", "2025-01-01T10:00:00", 1735725600, "", "soon"]),
})  # fmt: skip
# A few examples in every test run, always the same ones; thousands of new ones with SILLON_TEST_EXAMPLES=5000.
EXAMPLES = int(os.environ.get("SILLON_TEST_EXAMPLES", "0"))
quick = settings(
    max_examples=EXAMPLES or 12,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[str], list[tuple[int, int]], list[Change], str]:
    """Albums, artists, links (some to nowhere), changes, and the settings of the file."""
    rows = draw(st.lists(albums, min_size=1, max_size=4))
    artists = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    links = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 5)), max_size=6, unique=True))
    changes: list[Change] = []
    for album in range(1, len(rows) + 2):
        for field in draw(st.sets(st.sampled_from(FIELDS), max_size=4)):
            value = str(draw(st.integers(1900, 2030))) if field == "year" else draw(names)
            changes.append(update(album, field, value))
        if draw(st.booleans()):
            changes.append(cover(album))
        mine = [artist for linked, artist in links if linked == album]
        if mine and draw(st.booleans()):
            acts = draw(st.lists(names, min_size=1, max_size=2, unique=True))
            new = [act for act in acts if act not in artists and f"a-{act}" not in {one.change_id for one in changes}]
            changes += split(album, mine[0], *acts, new=tuple(new))
    before = draw(st.sampled_from(["", "pragma encoding = 'UTF-16le'", "pragma page_size = 512"]))
    return rows, artists, links, changes, before


def build(folder: Path, scene: Any) -> Path:
    rows, artists, links, _, before = scene
    library = make(folder / "music.db", before=before, rows="", schema=SCHEMA)
    connection = apsw.Connection(str(library))
    for number, name in enumerate(artists, start=1):
        connection.execute("insert into artists (id, name) values (?, ?)", (number, name))
    for number, row in enumerate(rows, start=1):
        places = ["cast(? as text)" if isinstance(value, tuple) else "?" for value in row.values()]
        values = [value[1] if isinstance(value, tuple) else value for value in row.values()]
        connection.execute(
            f"insert into albums (id, {', '.join(row)}) values (?, {', '.join(places)})", (number, *values)
        )
    for link in links:
        connection.execute("insert into album_artist (album_id, artist_id) values (?, ?)", link)
    connection.close()
    return library


def filled(path: Path) -> dict[tuple[int, str], Any]:
    """Every value of an album that is not empty, with its type and bytes."""
    connection = apsw.Connection(str(path))
    encoding = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le"}[connection.pragma("encoding")]
    found = {}
    for field in FIELDS:
        query = f"select id, typeof({field}), cast({field} as blob) from albums where {field} is not null"
        for album, kind, raw in connection.execute(query):
            if kind != "text" or raw.decode(encoding, errors="replace").strip():
                found[album, field] = (kind, raw)
    connection.close()
    return found


@quick
@given(scenes())
def test_written_and_taken_back_is_untouched(scene: Any) -> None:
    """E16, E17: every row of every table has its types and bytes again, `updated_at` too; what was left was never touched."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library, clock = build(folder, scene), SteadyClock()
        before, values = contents(library), filled(library)
        target = Target("in_place", library)
        done = apply(scene[3], snapshot_of(library, folder), target, folder / "data" / "ledger", "r1", clock)
        after = filled(library)
        assert {place: after.get(place) for place in values} == values
        if done.applied:
            back = undo("r1", folder / "data" / "ledger", "u1", clock)
            assert back.left == ()
        assert contents(library) == before


@quick
@given(scenes())
def test_twice_is_once(scene: Any) -> None:
    """The same changes on the next night change nothing; in a copy they give the same rows again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library, clock, ledger = build(folder, scene), SteadyClock(), folder / "data" / "ledger"
        snapshot = snapshot_of(library, folder)
        copy = Target("copy", folder / "copy.db")
        apply(scene[3], snapshot, copy, ledger, "c1", clock)
        first = contents(copy.path)
        apply(scene[3], snapshot, copy, ledger, "c2", clock)
        assert contents(copy.path) == first
        in_place = Target("in_place", library)
        apply(scene[3], snapshot, in_place, ledger, "r1", clock)
        written = contents(library)
        assert apply(scene[3], snapshot, in_place, ledger, "r2", clock).applied == ()
        assert contents(library) == written
        assert {entry.state for entry in Ledger(ledger).entries()} <= {"applied", "skipped"}


@quick
@given(scenes())
def test_every_difference_is_in_the_ledger(scene: Any) -> None:
    """The session extension finds no row that differs from the snapshot without an entry that names it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = build(folder, scene)
        snapshot = snapshot_of(library, folder)
        done = apply(scene[3], snapshot, Target("in_place", library), folder / "data" / "l", "r1", SteadyClock())
        expected = set()
        for entry in done.applied:
            row = entry.after or entry.before
            key = {"albums": (1,), "artists": (1,), "images": (1,), "album_artist": (1, 2)}[entry.table_name]
            found = (
                (entry.album_id,)
                if entry.table_name == "albums"
                else tuple(row[column].raw for column in (("id",) if len(key) == 1 else ("album_id", "artist_id")))
            )
            expected.add((entry.table_name, entry.action.upper(), found))
        connection = apsw.Connection(str(library))
        connection.execute("attach ? as old", (str(snapshot),))
        session = apsw.Session(connection, "main")
        session.attach()
        for table in ("albums", "artists", "album_artist", "images", "tracks"):
            session.diff("old", table)
        seen = {
            (change.name, change.op, tuple((change.old or change.new)[at] for at in sorted(change.pk_columns)))
            for change in apsw.Changeset.iter(session.changeset())
        }
        session.close()
        connection.close()
        assert seen == expected
