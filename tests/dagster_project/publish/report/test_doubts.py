"""The queue's questions, and the lines that a person copies from the page into decisions.csv."""

from __future__ import annotations

from pathlib import Path

from dagster_project.decision_rows import read_decisions
from dagster_project.publish.report.doubts import HEADING, doubts
from tests.dagster_project.publish.report import made_facts as made


def test_answer_that_no_file_understands(tmp_path: Path) -> None:
    """Every line is read back as what it says, with commas and quotes in names."""
    name = 'Crosby, Stills & "Nash"'
    acts = [{"id": "split", "artist": "Crosby | Stills", "score": 0.9}, {"id": "keep_whole", "artist": name}]
    queue = [
        made.doubt("credit", 7, acts, artist=name),
        made.doubt("match", 4, [{"id": "a-1", "title": "Weezer"}]),
        made.doubt("genre", 5, [{"id": "rock", "title": "rock", "score": 9.0}, {"id": "other", "title": "other"}]),
        made.doubt("cover", 6, [{"id": "https://i.scdn.co/image/6", "title": "Weezer"}], field="image"),
        made.doubt("artist_spelling", 8, [], artist="AIR"),
        made.doubt("duplicate_album", 9, []),
    ]
    found = [question for questions in doubts(made.facts(queue=queue)).values() for question in questions]
    lines = [one.line for question in found for one in question.candidates if one.line]
    lines += [line for question in found for _, line in question.answers]
    file = tmp_path / "decisions.csv"
    file.write_text("\n".join([HEADING, *lines]), encoding="utf-8")
    read = {(row["decision"], row["album_id"], row["artist"], row["value"]) for row in read_decisions(file)}
    assert len(lines) == 9
    assert read == {
        ("split", None, name, "Crosby | Stills"),
        ("keep_whole", None, name, None),
        ("accept", 4, None, "a-1"),
        ("accept", 5, None, "rock"),
        ("accept", 6, None, "https://i.scdn.co/image/6"),
        ("refuse", 4, None, None),
        ("lock", 5, None, None),
        ("lock", 6, None, None),
        ("keep_whole", None, "AIR", None),
    }


def test_hidden_signs_in_an_answer() -> None:
    """A name that cannot be copied from a page gets no line to copy."""
    queue = [made.doubt("credit", 7, [{"id": "keep_whole", "artist": "A\u202eB"}], artist="A\u202eB")]
    (question,) = doubts(made.facts(queue=queue))["credit"]
    assert question.answers == ()
    assert all(one.line is None for one in question.candidates)
    assert question.advice == "advice.unwritable"


def test_candidates_that_are_no_json() -> None:
    """A question whose candidates cannot be read is still asked."""
    for text in ("", None, "[", "{}", "[1, null]", '"x"'):
        (question,) = doubts(made.facts(queue=[{**made.doubt("match", 4, []), "candidates": text}]))["match"]
        assert question.candidates == ()
        assert question.answers
