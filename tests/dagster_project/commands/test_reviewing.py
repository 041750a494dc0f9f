"""The walk through the queue: every answer becomes the decision it says, and nothing else is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.commands.decision_file import append, without
from dagster_project.decision_rows import read_decisions
from ingest.errors import ConfigError
from tests.dagster_project.commands.answers import Sillon

FILE = Path("config/decisions.csv")


def decisions(path: Path = FILE) -> list[tuple[Any, ...]]:
    return [
        (row["album_id"], row["artist"], row["field"], row["decision"], row["value"]) for row in read_decisions(path)
    ]


@pytest.mark.parametrize(
    ("kind", "answer", "expected"),
    [
        ("match", "2", (54, None, "match", "accept", "green")),
        ("match", "r", (54, None, "match", "refuse", None)),
        ("match", "r 1", (54, None, "match", "refuse", "blue")),
        ("credit", "1", (None, "Simon & Garfunkel", "artists", "split", "Simon | Garfunkel")),
        ("credit", "2", (None, "Simon & Garfunkel", "artists", "keep_whole", None)),
        ("credit", "= Paul | Art ", (None, "Simon & Garfunkel", "artists", "split", "Paul | Art")),
        ("artist_spelling", "r", (None, "Air", "artists", "keep_whole", None)),
        ("genre", "r", (12, None, "genre", "lock", None)),
        ("genre", "1", (12, None, "genre", "accept", "pop")),
        ("genre", "2", (12, None, "genre", "lock", None)),
    ],
)
def test_an_answer_is_the_decision_it_says(
    sillon: Sillon, shelf: Path, kind: str, answer: str, expected: tuple[Any, ...]
) -> None:
    """Accept, refuse, split, keep: the row that a run reads is the one that was meant."""
    result = sillon("review", "--kind", kind, stdin=f"{answer}\n")

    assert result.status == 0
    assert decisions() == [expected]
    assert "1 decision kept" in result.out


def test_a_cover_is_accepted_by_its_picture(sillon: Sillon, shelf: Path) -> None:
    """What goes into the library is the picture's address, not the page's."""
    import duckdb

    picture = {"id": "https://i.scdn.co/image/1", "title": "Low", "url": "https://open.spotify.com/album/1"}
    with duckdb.connect(str(shelf / "marts.duckdb")) as connection:
        connection.execute(
            "insert into review_queue values ('q9', 'cover', 70, 'Bowie', 'Low', 'image', 'same title', ?, 0.5, null)",
            [json.dumps([picture])],
        )

    sillon("review", "--kind", "cover", stdin="1\n")

    assert decisions() == [(70, None, "image", "accept", "https://i.scdn.co/image/1")]


@pytest.mark.parametrize(
    "line",
    [
        "5,,genre,accept,disco",
        "5,,year,accept,71",
        "5,,image,accept,http://x/y.jpg",
        "5,,artists,accept,x",
        "5,,year,accept,",
    ],
)
def test_a_value_that_cannot_be_accepted_is_named_before_the_night(tmp_path: Path, line: str) -> None:
    """A genre of none of the seven, a year of two digits, an address without https: the line is named."""
    path = tmp_path / "decisions.csv"
    path.write_text(f"album_id,artist,field,decision,value\n{line}\n")

    with pytest.raises(ConfigError, match="line 2"):
        list(read_decisions(path))


@pytest.mark.parametrize("answer", ["3", "0", "r 9", "yes", "-1", "²"])
def test_an_answer_that_means_nothing_is_asked_again(sillon: Sillon, shelf: Path, answer: str) -> None:
    """A number that is not offered, or a word that is none: nothing is written, the question stands."""
    result = sillon("review", "--kind", "match", stdin=f"{answer}\n")

    assert "is no answer here" in result.out
    assert not FILE.exists()


@pytest.mark.parametrize("answers", ["", "s\ns\ns\ns\n", "q\n", "\n\n\n\n"])
def test_skipping_and_leaving_write_nothing(sillon: Sillon, shelf: Path, answers: str) -> None:
    """Skip, quit and the end of the input leave no trace."""
    assert sillon("review", stdin=answers).status == 0
    assert not FILE.exists()


def test_what_was_answered_before_leaving_is_kept(sillon: Sillon, shelf: Path) -> None:
    """Each answer is kept at once; the walk goes on where it stopped."""
    sillon("review", stdin="1\nq\n")
    second = sillon("review", stdin="q\n")

    assert decisions() == [(54, None, "match", "accept", "blue")]
    assert "1 of 3" in second.out
    assert "Weezer" not in second.out


def test_duplicates_are_told_and_not_asked_about(sillon: Sillon, shelf: Path) -> None:
    """What only the app can mend is counted, so that nobody looks for it in vain."""
    out = sillon("review", stdin="").out

    assert "1 of 4" in out
    assert "1 more is for your app" in out


def test_a_match_still_open_after_the_next_run_is_asked_again(sillon: Sillon, shelf: Path) -> None:
    """One candidate was refused, the run knew it, others are left: the question comes back; a lock does not."""
    FILE.parent.mkdir()
    FILE.write_text(
        "album_id,artist,field,decision,value,decided_at\n"
        "54,,match,refuse,blue,2026-03-13 20:00:00\n12,,genre,lock,,2026-03-13 20:00:00\n"
    )

    asked = [row["queue_id"] for row in sillon("review", "--json").json]

    assert asked == ["q1", "q3", "q2", "q5"]


def test_the_file_of_the_person_keeps_its_form(sillon: Sillon, shelf: Path) -> None:
    """Columns in another order, columns of one's own and a missing last newline survive."""
    FILE.parent.mkdir()
    FILE.write_text("field,album_id,artist,decision,value,note\nyear,3,,lock,,mine")

    sillon("review", "--kind", "match", stdin="1\n")

    assert FILE.read_text().splitlines() == [
        "field,album_id,artist,decision,value,note",
        "year,3,,lock,,mine",
        "match,54,,accept,blue,",
    ]


def test_a_broken_file_is_not_made_longer(tmp_path: Path) -> None:
    """A file that a run would refuse is refused here too, with its line, and stays as it is."""
    path = tmp_path / "decisions.csv"
    path.write_text("album_id,artist,field,decision,value\n1,,genre,perhaps,\n")

    with pytest.raises(ConfigError, match="line 2"):
        append(path, {"album_id": 2, "field": "genre", "decision": "lock"})

    assert "perhaps" in path.read_text()
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+/-", "@home", "-", 'A, "B"', "A\nB", "'t Hooft", "'=x"[1:]])
def test_names_come_back_from_the_file_as_they_were(tmp_path: Path, name: str) -> None:
    """A name is no formula to a spreadsheet, and the same name to a run."""
    path = tmp_path / "decisions.csv"

    append(path, {"artist": name, "field": "artists", "decision": "keep_whole"})

    assert [row["artist"] for row in read_decisions(path)] == [name]
    assert not any(line.startswith((",=", ",+", ",@")) for line in path.read_text().splitlines())


def test_lifting_removes_those_lines_alone(tmp_path: Path) -> None:
    """What was decided about others stays, line breaks inside a cell and empty lines notwithstanding."""
    path = tmp_path / "decisions.csv"
    path.write_text('album_id,artist,field,decision,value\n1,,genre,lock,\n\n2,"A\nB",genre,lock,\n3,,year,lock,\n')

    assert without(path, lambda row: row["album_id"] == 2) == 1
    assert [row["album_id"] for row in read_decisions(path)] == [1, 3]


def test_the_sandboxs_answers_are_not_decided_among_ones_own(sillon: Sillon, shelf: Path) -> None:
    """Decisions on invented answers never enter the configuration of one's own library."""
    (shelf / "sillon.json").write_text(json.dumps({"library": "/m.db", "kind": "sandbox"}))

    refused = sillon("review", stdin="1\n")
    allowed = sillon("review", "--config", "trial", stdin="1\n")

    assert refused.status == 2
    assert "--config" in refused.err
    assert not FILE.exists()
    assert allowed.status == 0
    assert decisions(Path("trial/decisions.csv")) == [(54, None, "match", "accept", "blue")]


def test_text_of_the_library_is_told_plainly(sillon: Sillon, shelf: Path) -> None:
    """An escape sequence in a title does nothing to the terminal on which it is shown."""
    import duckdb

    with duckdb.connect(str(shelf / "marts.duckdb")) as connection:
        connection.execute("update review_queue set title = 'x' || chr(27) || '[2J' where queue_id = 'q1'")

    assert "\x1b" not in sillon("review", "--kind", "match").out
