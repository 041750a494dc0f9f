"""Asking, against the sandbox: cheap, never twice, and no answer is not an answer."""

import json
import sqlite3
import threading
from collections import Counter
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest import warehouse
from ingest.asking import Asking, ask_all, ask_source
from ingest.planning import plan
from ingest.sandbox import Catalogue, Sandbox
from ingest.settings import Settings
from ingest.sources import library

from .sources.test_library import make

REAL = Path(__file__).parents[2] / "../shared/library/musique_dev.db"
ALBUMS = [
    ("Blackstar", "David Bowie"),
    ("Hunky Dory", "David Bowie"),
    ("Hunky Dory (2015 Remaster)", "David Bowie"),
    ("Low (2017 Remaster)", "David Bowie"),
    ("Blue Train", "John Coltrane"),
    ("Giant Steps (Deluxe Edition)", "John Coltrane"),
    ("Kind of Blue", "Miles Davis"),
    ("Homework", "Daft Punk"),
    ("Cheek to Cheek", "Tony Bennett & Lady Gaga"),
    ("Bookends", "Simon & Garfunkel"),
    ("Moon Safari", "Air"),
    ("Talkie Walkie", "Air"),
]


def fill(path, albums=ALBUMS, *more):
    artists = sorted({artist for _, artist in albums})
    statements = [
        *(("insert into artists (id, name) values (?, ?)", (n, name)) for n, name in enumerate(artists, 1)),
        *(("insert into albums (id, title) values (?, ?)", (n, title)) for n, (title, _) in enumerate(albums, 1)),
        *(
            ("insert into album_artist (album_id, artist_id) values (?, ?)", (n, artists.index(artist) + 1))
            for n, (_, artist) in enumerate(albums, 1)
        ),
    ]
    return make(path, *statements, *more)


@pytest.fixture
def music(tmp_path, connection):
    path = fill(tmp_path / "library.db")
    library.extract(path, connection)
    return path


def settings_for(sandbox, **changes):
    settings = Settings().for_sandbox(sandbox.base_urls)
    automatic = settings.enrichment.auto_enrichment
    fast = {name: 60_000.0 for name in type(automatic.rate_limits).model_fields}
    automatic = automatic.model_copy(
        update={"rate_limits": automatic.rate_limits.model_copy(update=fast), "timeout_seconds": 2, **changes}
    )
    enrichment = settings.enrichment.model_copy(update={"auto_enrichment": automatic, "contact": "me@example.org"})
    return settings.model_copy(update={"enrichment": enrichment})


def asking_of(connection, sandbox, clock, tmp_path, *, run="one", changes=None, token=None, **more):
    settings = settings_for(sandbox, **(changes or {}))
    if token:
        listenbrainz = settings.secrets.listenbrainz.model_copy(update={"token": SecretStr(token)})
        secrets = settings.secrets.model_copy(update={"listenbrainz": listenbrainz})
        settings = settings.model_copy(update={"secrets": secrets})
    return Asking(
        connection=connection,
        settings=settings,
        run_id=run,
        clock=clock,
        state_dir=tmp_path / "state",
        **more,
    )


def answers(connection):
    """Every question that was answered, by table: what a night has learnt."""
    found = {}
    for table in ("musicbrainz.release_groups", "musicbrainz.artists", "listenbrainz.release_groups"):
        rows = connection.execute(f"select asked from {table} where status in (200, 307, 404)").fetchall()
        found[table] = sorted({item["question"] for (asked,) in rows for item in json.loads(asked)})
    return found


def groups(connection):
    """The release groups that were found."""
    rows = connection.execute("select payload from musicbrainz.release_groups where status = 200").fetchall()
    return {hit["id"] for (payload,) in rows for hit in json.loads(payload)["release-groups"]}


def test_second_night_asks_nothing(tmp_path, connection, music, clock):
    """What was answered is not asked again, by any source."""
    with Sandbox(Catalogue.of_library(music), limits=False) as sandbox:
        first = ask_all(asking_of(connection, sandbox, clock, tmp_path))
        assert {report.status for report in first.values()} == {"ok"}
        assert first["musicbrainz"].requests > 0
        before = len(sandbox.ledger)
        second = ask_all(asking_of(connection, sandbox, clock, tmp_path, run="two"))
        assert len(sandbox.ledger) == before
        assert all(report.requests == 0 and report.deferred == 0 for report in second.values())
        assert max(Counter((entry.source, entry.path) for entry in sandbox.ledger).values()) == 1


def test_an_old_answer_is_asked_for_again(tmp_path, connection, music, clock):
    """After `refresh_days` a question is due again, what found nothing sooner than what was answered."""
    with Sandbox(Catalogue.of_library(music), limits=False) as sandbox:
        ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path))
        clock.seconds += 8 * 86_400
        week = ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path, run="week"))
        clock.seconds += 23 * 86_400
        month = ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path, run="month"))
        assert week.requests < month.requests


def test_a_killed_run_asks_one_request_again(tmp_path, connection, music, clock):
    """A run that dies at an answer has lost that answer and no other."""
    calls = []

    class Killed(BaseException):
        pass

    def die(name):
        calls.append(name)
        if calls.count("answer:before") == 2:
            raise Killed

    with Sandbox(Catalogue.of_library(music), limits=False) as sandbox:
        with pytest.raises(Killed):
            ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path, checkpoint=die))
        assert ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path, run="two")).status == "ok"
        repeated = [path for path, times in Counter(entry.path for entry in sandbox.ledger).items() if times > 1]
        assert len(repeated) == 1


def test_load_that_is_shed_defers_and_the_next_night_ends_at_the_same_answers(tmp_path, connection, music, clock):
    """N7: a source that sheds everything is `down`, nothing is believed of it, and a calm night learns all."""
    catalogue = Catalogue.of_library(music)
    calm = tmp_path / "calm.duckdb"
    with Sandbox(catalogue, limits=False) as sandbox, warehouse.connect(calm) as other:
        library.extract(music, other)
        ask_all(asking_of(other, sandbox, clock, tmp_path / "calm"))
        expected = answers(other)
    with Sandbox(catalogue, limits=False, faults=["musicbrainz:shed"]) as sandbox:
        reports = ask_all(asking_of(connection, sandbox, clock, tmp_path))
        assert reports["musicbrainz"].status == "down"
        assert reports["musicbrainz"].deferred > 0
        assert "musicbrainz" in reports["musicbrainz"].reason
        assert connection.execute("select count(*) from musicbrainz.release_groups").fetchone() == (0,)
    clock.seconds += 86_400
    with Sandbox(catalogue, limits=False) as sandbox:
        assert ask_all(asking_of(connection, sandbox, clock, tmp_path, run="two"))["musicbrainz"].status == "ok"
    assert answers(connection) == expected


def test_one_answer_of_three_shed_loses_nothing(tmp_path, connection, music, clock):
    """N7: with 30 % of the answers shed, everything is found in the same night."""
    catalogue = Catalogue.of_library(music)
    with Sandbox(catalogue, limits=False, faults=["musicbrainz:shed:share=0.3"]) as sandbox:
        report = ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path))
    assert (report.status, report.deferred) == ("ok", 0)
    truth = {one.release_group for one in catalogue.truth.values() if one.release_group}
    assert truth <= groups(connection)


@pytest.mark.parametrize(
    "fault", ["html", "truncate", "reset", "loop", "elsewhere", "ban", "error", "long_retry_after"]
)
def test_one_sick_source_stops_no_other(tmp_path, connection, music, clock, fault):
    """Whatever ListenBrainz does, MusicBrainz is asked whole, the archive is asked instead, nothing false is kept."""
    with Sandbox(Catalogue.of_library(music), limits=False, faults=[f"listenbrainz:{fault}"]) as sandbox:
        reports = ask_all(asking_of(connection, sandbox, clock, tmp_path))
    assert reports["musicbrainz"].status == "ok"
    assert (reports["listenbrainz"].status, reports["listenbrainz"].answers) == ("down", 0)
    assert reports["listenbrainz"].deferred > 0
    assert reports["cover_art_archive"].status == "ok"
    assert reports["cover_art_archive"].answers > 0
    assert connection.execute("select count(*) from listenbrainz.release_groups").fetchone() == (0,)
    assert reports["spotify"].requests == 0, "what ListenBrainz did not say may still be a cover"


def test_a_long_retry_after_closes_the_source_for_the_next_run_too(tmp_path, connection, music, clock):
    """Nobody sleeps through hours: the source is closed, and a second run does not knock."""
    with Sandbox(Catalogue.of_library(music), limits=False, faults=["musicbrainz:long_retry_after"]) as sandbox:
        first = ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path))
        assert first.closed_until is not None
        asked = len(sandbox.ledger)
        second = ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path, run="two"))
        assert (second.status, second.requests, len(sandbox.ledger)) == ("down", 0, asked)
        assert second.closed_until == first.closed_until
    assert sum(clock.slept) < 600


def test_asking_ends_at_its_deadline(tmp_path, connection, music, clock):
    """When the time is spent nothing more is asked, and everything stays due."""
    with Sandbox(Catalogue.of_library(music), limits=False) as sandbox:
        reports = ask_all(asking_of(connection, sandbox, clock, tmp_path, deadline=clock.monotonic() - 1))
        assert sandbox.ledger == []
    assert reports["musicbrainz"].deferred > 0
    assert "time" in reports["musicbrainz"].reason


def test_limit_asks_for_so_many_albums_and_goes_on_where_it_stopped(tmp_path, connection, music, clock):
    """`--limit 5` asks for five albums; the next five follow."""

    def album_ids():
        rows = connection.execute("select asked from musicbrainz.release_groups").fetchall()
        return {item["album_id"] for (asked,) in rows for item in json.loads(asked)}

    with Sandbox(Catalogue.of_library(music), limits=False) as sandbox:
        ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path, limit=5))
        assert album_ids() == {"1", "2", "3", "4", "5"}
        ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path, run="two", limit=5))
        assert len(album_ids()) == 10


def test_batch_size_is_how_many_albums_are_committed_together(tmp_path, connection, music, clock):
    """No answer that is committed covers more albums than `batch_size`."""
    with Sandbox(Catalogue.of_library(music), limits=False) as sandbox:
        ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path, changes={"batch_size": 3}))
    rows = connection.execute("select asked from musicbrainz.release_groups where asked like '%pair:%'").fetchall()
    assert max(len({item["question"] for item in json.loads(asked)}) for (asked,) in rows) == 3


def test_a_source_that_is_off_says_why_and_is_not_asked(tmp_path, connection, music, clock):
    """Without a contact every web source is off; a source that is not listed is off; both with the reason."""
    reports = ask_all(Asking(connection=connection, settings=Settings(), run_id="one", clock=clock, state_dir=tmp_path))
    assert {report.status for report in reports.values()} == {"off"}
    assert "contact" in reports["musicbrainz"].reason
    with Sandbox(Catalogue.of_library(music), limits=False) as sandbox:
        reports = ask_all(asking_of(connection, sandbox, clock, tmp_path, changes={"sources": ("discogs",)}))
        assert {entry.source for entry in sandbox.ledger} <= {"discogs"}
    assert reports["cover_art_archive"].status == "off"


def test_side_by_side_in_three_threads(tmp_path, connection, clock):
    """Discogs does not wait for MusicBrainz, nor MusicBrainz for those who describe what it found: each has its thread."""
    path = make(
        tmp_path / "library.db",
        "insert into artists (id, name) values (1, 'David Bowie')",
        "insert into albums (id, title, discogs_id) values (1, 'Blackstar', '8074404')",
        "insert into album_artist (album_id, artist_id) values (1, 1)",
    )
    library.extract(path, connection)
    threads = {}
    with Sandbox(Catalogue.of_library(path), limits=False) as sandbox:
        ask_all(
            asking_of(
                connection,
                sandbox,
                clock,
                tmp_path,
                progress=lambda source, done, total: threads.setdefault(source, threading.get_ident()),
            )
        )
    assert len({threads["discogs"], threads["musicbrainz"], threads["listenbrainz"]}) == 3
    assert threads["listenbrainz"] == threads["cover_art_archive"]


def test_a_misspelled_album_is_looked_up_in_the_same_night(tmp_path, connection, clock):
    """With ListenBrainz' token an album that MusicBrainz does not find is looked up by a track; the release group that this
    leads to is fetched and described before the night ends, and the next night asks nothing."""
    right = fill(tmp_path / "right.db", [("Hunky Dory", "David Bowie"), ("Low", "David Bowie")])
    catalogue = Catalogue.of_library(right)
    track = "insert into tracks (id, album_id, title) values (1, 2, 'Kooks')"
    library.extract(
        fill(tmp_path / "library.db", [("Low", "David Bowie"), ("Hunkey Dori", "David Bowy")], track), connection
    )
    wanted = catalogue.truth[1].release_group
    with Sandbox(catalogue, limits=False) as sandbox:
        ask_all(asking_of(connection, sandbox, clock, tmp_path))
        assert wanted not in groups(connection)
        for run in ("two", "three"):
            asking = asking_of(connection, sandbox, clock, tmp_path, run=run, token="canary")
            before = len(sandbox.ledger)
            reports = ask_all(asking)
            assert {report.status for report in reports.values()} == {"ok"}
        assert len(sandbox.ledger) == before
    assert wanted in groups(connection)
    assert f"release_group:{wanted}" in answers(connection)["listenbrainz.release_groups"]
    assert "canary" not in str(connection.execute("select * from listenbrainz.recordings").fetchall())


@pytest.mark.parametrize("fault", ["ban", "shed", "long_retry_after"])
def test_nobody_waits_for_a_look_up_that_fails(tmp_path, connection, clock, fault):
    """ListenBrainz refuses: MusicBrainz ends all the same, and what was to be looked up stays due."""
    track = "insert into tracks (id, album_id, title) values (1, 1, 'Kooks')"
    library.extract(fill(tmp_path / "library.db", [("Nowhere", "Nobody")], track), connection)
    catalogue = Catalogue.of_library(fill(tmp_path / "other.db"))
    with Sandbox(catalogue, limits=False, faults=[f"listenbrainz:{fault}"]) as sandbox:
        reports = ask_all(asking_of(connection, sandbox, clock, tmp_path, token="canary"))
    assert (reports["musicbrainz"].status, reports["listenbrainz"].deferred) == ("ok", 1)


def test_plan_says_what_asking_then_does(tmp_path, connection, music, clock):
    """The plan names every source in order, asks nothing, and is near what is asked; asked out, it is empty."""
    with Sandbox(Catalogue.of_library(music), limits=False) as sandbox:
        asking = asking_of(connection, sandbox, clock, tmp_path)
        planned = {one.source: one for one in plan(asking)}
        assert sandbox.ledger == []
        reports = ask_all(asking)
        assert abs(planned["musicbrainz"].requests - reports["musicbrainz"].requests) <= 3
        assert planned["musicbrainz"].nights == 1
        assert all(one.requests == 0 and one.nights == 0 for one in plan(asking))


@pytest.mark.skipif(not REAL.exists(), reason="the real library lies beside a checkout of the project, not in it")
def test_a_real_library_costs_a_tenth_of_a_request_per_album(tmp_path, connection, clock):
    """MusicBrainz is asked at most 0.1 times per album, and almost every album that it has is found."""
    catalogue = Catalogue.of_library(REAL)
    library.extract(REAL, connection)
    with Sandbox(catalogue, limits=False) as sandbox:
        report = ask_source("musicbrainz", asking_of(connection, sandbox, clock, tmp_path))
    with sqlite3.connect(f"{REAL.resolve().as_uri()}?mode=ro", uri=True) as db:
        albums = db.execute("select count(*) from albums").fetchone()[0]
    assert report.status == "ok"
    assert report.requests / albums <= 0.1
    asked = {
        int(item["album_id"])
        for table in ("release_groups", "urls")
        for (asked,) in connection.execute(f"select asked from musicbrainz.{table}").fetchall()
        for item in json.loads(asked)
    }
    wanted = {one.release_group for album, one in catalogue.truth.items() if album in asked and one.release_group}
    assert len(wanted & groups(connection)) / len(wanted) >= 0.99
