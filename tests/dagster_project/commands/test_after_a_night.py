"""The verbs on a real night of the sample library: what was done is shown, explained, planned and taken back."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from dagster_project.commands.changes import proposed, told
from dagster_project.publish.lock import RunLock
from ingest.clock import SystemClock
from tests.dagster_project.commands.answers import Finished, Sillon
from tests.nights import copy_data, rows


@pytest.fixture
def own(night: Finished, tmp_path: Path) -> Path:
    """A copy of the night's data folder, for tests that change something."""
    data = copy_data(night.data, tmp_path / "own")
    for path in (data / "ledger").iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace(str(night.data), str(data)), encoding="utf-8")
    return data


def ask(data: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(data / "marts.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_undo_gives_the_library_back_and_history_tells_it(sillon: Sillon, night: Finished, own: Path) -> None:
    """After `undo last` the copy has the rows of the library again, and history and marts both say so."""
    copy, library = own / "exports/sample_library.db", own / "sample_library.db"
    assert rows(copy) != rows(library)

    shown = sillon("undo", "last", "--data", own, "--dry-run", "--json").json
    assert rows(copy) != rows(library)
    done = sillon("undo", "last", "--data", own)

    assert done.status == 0, done.err
    assert rows(copy) == rows(library)
    assert f"{len(shown['undone'])} changes taken back, 0 left" in done.out
    states = {
        entry["state"] for entry in sillon("history", "--data", own, "--run", night.run_id, "--json", "--limit", 0).json
    }
    assert states == {"undone"}
    assert ask(own, f"select distinct state from sillon.applied_changes where run_id = '{night.run_id}'") == [
        ("undone",)
    ]


def test_undo_of_one_field_of_one_album_leaves_the_rest(sillon: Sillon, own: Path) -> None:
    """Only what was named goes; it is a decision from then on, until it is lifted."""
    [(album, year)] = ask(own, "select album_id, year from albums where year_source = 'musicbrainz' order by 1 limit 1")

    done = sillon("undo", "last", "--data", own, "--album", album, "--field", "year", "--json").json
    decided = sillon("decisions", "list", "--data", own, "--json").json
    lifted = sillon("decisions", "lift", "--album", album, "--field", "year", "--data", own)
    again = sillon("decisions", "lift", "--album", album, "--field", "year", "--data", own)

    assert [(entry["album_id"], entry["field"], entry["old_value"]) for entry in done["undone"]] == [
        (album, "year", str(year))
    ]
    assert [(one["album_id"], one["field"], one["origin"]) for one in decided] == [(album, "year", "undo")]
    assert lifted.status == 0
    assert again.status == 1
    assert sillon("decisions", "list", "--data", own, "--json").json == []


def test_a_run_that_is_not_known_is_one_line(sillon: Sillon, night: Finished) -> None:
    """A typing error in the run's name says where to look it up."""
    result = sillon("undo", "20200101-020000", "--data", night.data)

    assert result.status == 1
    assert len(result.err.splitlines()) == 1
    assert "sillon history" in result.err


def test_undo_waits_for_no_run(sillon: Sillon, night: Finished) -> None:
    """While a run is active, whatever writes is refused with status 3 and the holder's name."""
    with RunLock(night.data, SystemClock(), what="run (improvement_pipeline)"):
        results = [
            sillon(*words, "--data", night.data)
            for words in (("undo", "last"), ("plan",), ("backup",), ("decisions", "lift", "--artist", "Air"))
        ]

    assert [result.status for result in results] == [3, 3, 3, 3]
    assert all("improvement_pipeline" in result.err for result in results)


def test_a_dry_run_shows_every_change_as_a_row(night: Finished) -> None:
    """The table of --dry-run: album by name, field in a person's words, old → new, source, rule, confidence."""
    changes = proposed(night.data)
    told_rows = [told(row) for row in changes]

    assert [len(changes)] == [count for (count,) in ask(night.data, "select count(*) from library_changes")]
    assert {row["field"] for row in changes} == {"year", "genre", "description", "image", "artists"}
    years = [row for row in told_rows if row[1] == "year"]
    assert all(row[2].startswith("∅ → ") and row[3] and row[4] and row[5] for row in years)
    assert all(" — " in row[0] for row in years)


def test_links_are_told_by_name(sillon: Sillon, night: Finished) -> None:
    """Whoever reads that a credit was split reads names, not ids."""
    out = sillon("history", "--data", night.data, "--field", "artists", "--limit", 0).out

    assert "+ Lady Gaga" in out
    assert "- Tony Bennett & Lady Gaga" in out


def test_every_certain_match_has_its_candidate(night: Finished) -> None:
    """What `explain` shows is what was decided: the chosen one of match_candidates is the match, with its score."""
    wrong = ask(
        night.data,
        "select m.album_id from album_matches as m left join match_candidates as c"
        " on m.album_id = c.album_id and c.verdict = 'chosen'"
        " and m.release_group_musicbrainz_id = c.release_group_musicbrainz_id and m.score = c.score"
        " where (m.verdict = 'certain') <> (c.album_id is not null)",
    )
    counts = ask(
        night.data,
        "select m.album_id from album_matches as m left join match_candidates as c on m.album_id = c.album_id"
        " group by m.album_id, m.candidates having count(c.album_id) <> m.candidates",
    )

    assert wrong == []
    assert counts == []


def test_explain_tells_questions_candidates_and_sources(sillon: Sillon, night: Finished) -> None:
    """Who was asked what, what each candidate scored and why, and where each value comes from."""
    [(album,)] = ask(night.data, "select album_id from albums where year_source = 'musicbrainz' order by 1 limit 1")

    text = sillon("explain", album, "--data", night.data).out
    facts = sillon("explain", album, "--data", night.data, "--json").json

    chosen = next(one for one in facts["candidates"] if one["verdict"] == "chosen")
    assert f"{chosen['score']:.2f}  chosen" in text
    assert chosen["evidence"] in text
    assert chosen["url"] in text
    assert {one["source"] for one in facts["asked"]} >= {"musicbrainz", "listenbrainz"}
    assert "first_release_year" in text
    assert facts["album"]["year_source"] == "musicbrainz"


def test_explain_of_an_album_nobody_was_asked_about(sillon: Sillon, night: Finished) -> None:
    """An album that misses nothing, and one that is not there: both are answered, the latter with status 2."""
    [(album,)] = ask(
        night.data,
        "select album_id from albums where album_id not in (select album_id from album_questions) order by 1 limit 1",
    )

    assert "Nobody was asked" in sillon("explain", album, "--data", night.data).out
    assert sillon("explain", 999_999, "--data", night.data).status == 2


def test_a_plan_after_the_night_is_empty_and_before_it_is_not(sillon: Sillon, own: Path) -> None:
    """What was answered is not due again; a forgotten warehouse is planned anew. Nobody is asked."""
    after = sillon("plan", "--data", own, "--json").json
    (own / "warehouse.duckdb").unlink()
    before = sillon("plan", "--data", own, "--json").json

    assert after["requests"] == 0
    assert after["nights"] == 0
    assert before["requests"] > 20
    assert before["nights"] == 1
    assert {row["source"]: row["requests"] for row in before["sources"]}["musicbrainz"] > 0
    with duckdb.connect(str(own / "warehouse.duckdb")) as connection:
        assert connection.execute("select count(*) from musicbrainz.release_groups").fetchone() == (0,)


def test_a_plan_without_contact_says_where_to_set_it(sillon: Sillon, night: Finished, tmp_path: Path) -> None:
    """A source that is off gets no request, and the reason stands beside it."""
    library = tmp_path / "music.db"
    shutil.copyfile(night.data / "sample_library.db", library)

    result = sillon("plan", "--library", library, "--data", tmp_path / "mine")

    assert result.status == 0, result.err
    assert "contact" in result.out
    assert "0 requests" not in result.out


def test_backups_are_taken_listed_verified_and_restored(sillon: Sillon, own: Path) -> None:
    """The round trip: a library changed after its backup is the old one again, and the change is kept beside it."""
    library = own / "sample_library.db"
    taken = sillon("backup", "--data", own, "--json").json
    listed = sillon("backup", "list", "--data", own, "--json").json
    before = rows(library)
    library.write_bytes(b"somebody's mistake")

    assert sillon("backup", "verify", taken["name"], "--data", own).status == 0
    restored = sillon("backup", "restore", taken["name"], "--library", library, "--data", own, "--json").json

    assert taken["name"] in [one["name"] for one in listed]
    assert rows(library) == before
    assert Path(restored["kept"]).read_bytes() == b"somebody's mistake"


def test_a_damaged_backup_is_told(sillon: Sillon, own: Path) -> None:
    """verify ends with status 1 and names what is wrong; restore refuses it."""
    name = sillon("backup", "list", "--data", own, "--json").json[0]["name"]
    path = own / "backups" / name
    path.write_bytes(path.read_bytes()[:-4096])

    verified = sillon("backup", "verify", name, "--data", own)
    restored = sillon("backup", "restore", name, "--library", own / "sample_library.db", "--data", own)

    assert verified.status == 1
    assert "damaged" in verified.err
    assert restored.status == 1
    assert "sillon backup list" in restored.err
