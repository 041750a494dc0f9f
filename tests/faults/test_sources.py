"""Every fault of a source: the asking ends, defers what it must, keeps what it has, and the next night heals all of it.

The short form runs with every test. `make faults` runs the long form: a whole night per fault and source.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import duckdb
import pytest

from dagster_project import night
from dagster_project.options import Options
from dagster_project.outcome import Outcome
from ingest.sandbox import sample
from ingest.sandbox.faults import Fault
from ingest.settings import WEB_SOURCES
from tests.clocks import LaterClock
from tests.faults import remembered_beliefs
from tests.faults.asking_rooms import (
    NEXT_NIGHT,
    answers,
    ask,
    new_warehouse,
    sandbox,
    without_answers_of,
    write_web_config,
)
from tests.marts_hash import marts_hash, table_hashes
from tests.nights import report

KINDS = (
    "refuse", "shed", "html", "truncate", "hang", "drip", "reset", "loop", "huge", "ban", "long_retry_after", "error",
    "excess", "elsewhere", "private",
)  # fmt: skip
PLACES = (*WEB_SOURCES, "spotify_token")
EVERY = [(kind, place) for kind in KINDS for place in PLACES]

# Each kind once, going round the places, and MusicBrainz' usual two: what a test run can afford each time.
SOME = [(kind, PLACES[number % len(PLACES)]) for number, kind in enumerate(KINDS)]
SOME += [("shed", "musicbrainz"), ("html", "musicbrainz")]

# The redirect itself is the archive's answer: half a body of it, honestly counted, takes nothing away.
HARMLESS = [("truncate", "cover_art_archive")]
SILENT = ("hang", "drip")  # what only a time-out ends
SLACK_S = 5.0  # what a loaded machine may need beyond a deadline


def fault(kind: str, place: str) -> Fault:
    """From the second call on, so that there is something to keep; where one call is all, from the first."""
    is_whole = kind == "refuse" or place in ("listenbrainz", "spotify_token")
    return Fault(place, kind, first=1 if is_whole else 2)


def source_of(place: str) -> str:
    return place.removesuffix("_token")


@pytest.fixture(scope="module")
def all_answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after an asking in which everything answered."""
    folder = tmp_path_factory.mktemp("all_answered")
    path = new_warehouse(folder)
    reports = ask(path, folder).reports
    assert {word: one.status for word, one in reports.items()} == dict.fromkeys(WEB_SOURCES, "ok")
    return path


def asked_of(source: str, found: dict[str, dict[str, set[str]]]) -> dict[str, dict[str, set[str]]]:
    """The tables of one source: where ListenBrainz is silent the archive is asked for more covers, and that is right."""
    return {table: questions for table, questions in found.items() if table.startswith(f"{source}.")}


def heals(kind: str, place: str, all_answered: Path, folder: Path) -> None:
    """One source fails, all others have answered: what the asking leaves, and what the next night makes of it."""
    source = source_of(place)
    before = answers(all_answered)
    path = without_answers_of(source, all_answered, folder / "warehouse.duckdb")
    started = time.monotonic()

    failed = ask(path, folder, [fault(kind, place)], timeout=0.5 if kind in SILENT else 10, seconds=60)

    met = failed.reports[source]
    struck = [entry for entry in failed.ledger if entry.fault == kind]
    assert time.monotonic() - started < 60 + SLACK_S
    assert struck or kind == "refuse"
    if (kind, place) not in HARMLESS:
        assert met.status == ("degraded" if met.answers else "down")
        assert met.deferred > 0
        assert met.reason
    assert len(struck) < 60, "a source that fails is left alone"
    for table, questions in asked_of(source, answers(path)).items():
        for question, told in questions.items():
            assert told <= before[table].get(question, set()), "no fault is taken for an answer"

    healed = ask(path, folder, clock=LaterClock(NEXT_NIGHT))

    assert {one.source: one.deferred for one in healed.reports.values()} == dict.fromkeys(WEB_SOURCES, 0)
    after = answers(path)
    assert asked_of(source, after) == asked_of(source, before)
    assert all(after[table].items() >= questions.items() for table, questions in before.items())
    asked = [(entry.path, entry.body) for entry in healed.ledger if entry.source == source]
    first = {(entry.path, entry.body) for entry in failed.ledger if not entry.fault and entry.source == source}
    assert not first & set(asked), "what was answered is not asked again"
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(("kind", "place"), SOME)
def test_a_fault_defers_and_heals(kind: str, place: str, all_answered: Path, tmp_path: Path) -> None:
    """N1 to N9, N11, N12: the asking ends, keeps what was answered, takes no fault for an answer; the next one asks the rest."""
    heals(kind, place, all_answered, tmp_path)


@pytest.mark.faults
@pytest.mark.parametrize(("kind", "place"), [pair for pair in EVERY if pair not in SOME])
def test_each_fault_at_each_source_defers_and_heals(kind: str, place: str, all_answered: Path, tmp_path: Path) -> None:
    """The rest of the matrix of which the short form tries a part."""
    heals(kind, place, all_answered, tmp_path)


@pytest.mark.parametrize("kind", ["hang", "drip", "shed"])
def test_the_deadline_ends_whatever_hangs(kind: str, tmp_path: Path) -> None:
    """A night's own deadline cuts a silent, a dripping and a busy source short, and is not held against the source."""
    path = new_warehouse(tmp_path)
    started = time.monotonic()

    asked = ask(path, tmp_path, [Fault("*", kind)], timeout=20, seconds=1.5, clock=LaterClock(haste=1))

    assert time.monotonic() - started < 1.5 + SLACK_S
    assert asked.reports["musicbrainz"].status == "down"
    assert all(one.deferred or one.source not in ("musicbrainz", "discogs") for one in asked.reports.values())
    assert not any(one.closed_until for one in asked.reports.values())


# ---------------------------------------------------------------- whole nights


class Nights:
    """A sample library with its data folder, and nights over it of the web kind, asked of a sandbox."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = folder / "music.db"
        self.data = folder / "data"
        folder.mkdir(parents=True, exist_ok=True)
        if not self.library.exists():
            sample.build_library(self.library)

    def night(self, *faults: Fault, number: int = 0, timeout: float = 10.0, minutes: float = 2.0) -> Outcome:
        """The night of day `number`."""
        with sandbox(*faults) as stand_in:
            config = write_web_config(self.folder / "config", stand_in.base_urls, timeout=timeout, max_minutes=minutes)
            options = Options(config=config, data=self.data, library=self.library)
            return night.run(options, clock=LaterClock(number * NEXT_NIGHT))

    def ended_like(self, other: Nights) -> bool:
        """Whether all marts have the rows of another night's.

        Of `album_questions`, which says who was asked, it may have more: where ListenBrainz was silent, the archive was.
        """
        mine, theirs = (table_hashes(one.data / "marts.duckdb") for one in (self, other))
        extra = self._questions() - other._questions()
        assert {table for table in theirs if theirs[table] != mine[table]} <= {"album_questions"}
        assert other._questions() <= self._questions()
        assert {source for _, source, *_ in extra} <= {"cover_art_archive"}
        return True

    def _questions(self) -> set[tuple[object, ...]]:
        with duckdb.connect(str(self.data / "marts.duckdb"), read_only=True) as connection:
            asked = "select album_id, source, question, status from album_questions"
            return set(connection.execute(asked).fetchall())


@pytest.fixture(scope="module")
def never_failed(tmp_path_factory: pytest.TempPathFactory, memory: Path) -> Nights:
    """A night in which everything answered."""
    nights = Nights(tmp_path_factory.mktemp("never_failed"))
    with pytest.MonkeyPatch.context() as patch:
        remembered_beliefs.use(patch, memory)
        assert nights.night().status == "success"
    return nights


def test_the_hash_sees_a_changed_value_and_no_moment(never_failed: Nights, tmp_path: Path) -> None:
    """The comparison of two nights is able to fail: one value of one mart changes it, the time of day does not."""
    path = tmp_path / "marts.duckdb"
    shutil.copyfile(never_failed.data / "marts.duckdb", path)
    before = marts_hash(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update library_changes set fetched_at = timestamp '1999-01-01'")
    assert marts_hash(path) == before
    with duckdb.connect(str(path)) as connection:
        connection.execute("update albums set title = title || '.' where album_id = (select min(album_id) from albums)")
    assert marts_hash(path) != before


@pytest.mark.usefixtures("remembered")
def test_a_night_of_many_faults_ends_like_a_calm_one(never_failed: Nights, tmp_path: Path) -> None:
    """All five sources fail in the middle, each in its own way: a report, exit 0, and the next night's marts are the same."""
    nights = Nights(tmp_path)
    bytes_before = nights.library.read_bytes()
    failing = [
        Fault("musicbrainz", "truncate", first=4),
        Fault("listenbrainz", "html"),
        Fault("cover_art_archive", "reset", first=2),
        Fault("discogs", "long_retry_after", first=3),
        Fault("spotify_token", "ban"),
    ]

    failed = nights.night(*failing, timeout=1.0)

    assert failed.status == "partial"
    assert failed.exit_status == 0
    told = report(nights.data)["sources"]
    assert told["musicbrainz"]["status"] == "degraded"
    assert told["listenbrainz"]["status"] == "down"
    assert told["discogs"]["closed_until"]
    assert json.dumps(told)

    assert nights.night(number=1).status == "success"
    assert nights.ended_like(never_failed)
    assert nights.library.read_bytes() == bytes_before


@pytest.mark.faults
@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS[:11])
def test_every_fault_in_a_whole_night(kind: str, place: str, never_failed: Nights, tmp_path: Path) -> None:
    """N1 to N9, N12: a night with one fault ends in time with a report, and the next night's marts are those of a calm one."""
    nights = Nights(tmp_path)
    started = time.monotonic()

    failed = nights.night(fault(kind, place), timeout=1.0, minutes=1.0)

    asking_ended = time.monotonic() - started
    assert failed.exit_status == 0
    assert failed.status == ("success" if (kind, place) in HARMLESS else "partial")
    assert asking_ended < 60 + 240  # the asking's minute, and the rest of a night on a loaded machine
    told = report(nights.data)["sources"][source_of(place)]["status"]
    assert told in ("degraded", "down") or (kind, place) in HARMLESS
    if (kind, place) not in HARMLESS:  # else this night is itself the one that never failed
        assert nights.night(number=1).status == "success"
    assert nights.ended_like(never_failed)
