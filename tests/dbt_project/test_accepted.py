"""What a person accepted for a field of an album is written, stays, and yields to nothing but the person."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt_project.test_changes import COVER, give_album, give_genre, give_match, give_spotify

PICTURE = "https://i.scdn.co/image/mine"


def accept(beliefs: Any, album_id: int, field: str, value: str, decided_at: str | None = "2026-02-02 08:00:00") -> None:
    """A line of decisions.csv."""
    row = {"album_id": album_id, "field": field, "decision": "accept", "value": value, "origin": "file"}
    beliefs.add("sillon.decisions", {**row, "decided_at": decided_at})


def lock(beliefs: Any, album_id: int, field: str, origin: str, decided_at: str) -> None:
    """A field that the person locked (file), took back (undo) or altered (edited)."""
    row = {"album_id": album_id, "field": field, "decision": "lock", "origin": origin}
    beliefs.add("sillon.decisions", {**row, "decided_at": decided_at})


def give_ours(beliefs: Any, album_id: int, column: str, value: str) -> None:
    """A value that an earlier night wrote into the library."""
    row = {"table_name": "albums", "action": "update", "column_name": column, "new_value": value, "album_id": album_id}
    row |= {"entry_id": f"{album_id}-{column}", "target": "in_place", "state": "applied", "source": "musicbrainz"}
    beliefs.add("sillon.applied_changes", {**row, "rule": "x", "applied_at": "2026-01-01 02:00:00"})


@pytest.fixture(scope="module")
def accepted(new_beliefs):
    """Albums of which the person accepted something, against what the sources say."""
    beliefs = new_beliefs()
    give_album(beliefs, 1, "Hunky Dory", "David Bowie")
    give_match(beliefs, 1, date="1971", cover=True)
    give_genre(beliefs, 1, "rock")
    accept(beliefs, 1, "year", "1972")
    accept(beliefs, 1, "genre", "Pop")
    accept(beliefs, 1, "cover", PICTURE)
    give_album(beliefs, 2, "Typed", "Ann", year="1990", genre="Chanson")
    beliefs.add("library.images", {"id": "1", "url": "x", "image_type": "album", "source": "manual", "album_id": "2"})
    for field, value in (("year", "1972"), ("genre", "pop"), ("image", PICTURE)):
        accept(beliefs, 2, field, value)
    give_album(beliefs, 3, "Ours", "Bea", genre="rock")
    give_genre(beliefs, 3, "rock")
    give_ours(beliefs, 3, "genre", "rock")
    accept(beliefs, 3, "genre", "jazz")
    give_album(beliefs, 4, "Already", "Cid", genre="jazz")
    give_genre(beliefs, 4, "rock")
    give_ours(beliefs, 4, "genre", "jazz")
    accept(beliefs, 4, "genre", "jazz")
    give_album(beliefs, 5, "Taken Back", "Dora")
    accept(beliefs, 5, "genre", "jazz")
    lock(beliefs, 5, "genre", "undo", "2026-02-03 08:00:00")
    give_album(beliefs, 6, "Then Accepted", "Eve")
    lock(beliefs, 6, "*", "file", "2026-02-01 08:00:00")
    accept(beliefs, 6, "genre", "jazz")
    accept(beliefs, 6, "image", PICTURE)
    give_match(beliefs, 6, date="1980")
    give_album(beliefs, 7, "Twice", "Flo")
    accept(beliefs, 7, "genre", "jazz", "2026-02-01 08:00:00")
    accept(beliefs, 7, "genre", "blues", "2026-02-02 08:00:00")
    give_album(beliefs, 8, "Same Title", "Gil")
    give_spotify(beliefs, 8, "Same Title", "Somebody Else")
    return beliefs.build(tests=True)


def test_what_was_accepted_goes_before_every_source(accepted):
    """Year, genre and picture are the person's, whatever was found; the change says who decided."""
    changes = accepted.changes(1)
    assert (changes["year"], changes["genre"], changes["image_url"]) == ((None, "1972"), (None, "pop"), (None, PICTURE))
    assert accepted.changes(1, "images") == {"url": (None, PICTURE)}
    told = accepted.rows(
        "select distinct source, rule from marts.library_changes where album_id = 1 and column_name = 'genre'"
    )
    assert told == [("decision", "decided")]
    assert not accepted.failed()


def test_what_was_typed_stays(accepted):
    """An accepted value fills what is empty or Sillon's own; a word or picture of the person is never replaced."""
    assert not {"year", "genre", "image_url"} & set(accepted.changes(2))
    assert accepted.changes(2, "images") == {}


def test_a_value_of_ours_becomes_the_accepted_one_and_then_rests(accepted):
    """The night after, the value in the library is the accepted one: nothing is left to write."""
    assert accepted.changes(3)["genre"] == ("rock", "jazz")
    assert "genre" not in accepted.changes(4)


def test_the_newest_word_of_the_person_counts(accepted):
    """Taken back after it was accepted: it stays away. Accepted after a lock, or twice: the later one is written."""
    assert "genre" not in accepted.changes(5)
    assert accepted.changes(6)["genre"] == (None, "jazz")
    assert accepted.changes(6, "images") == {"url": (None, PICTURE)}
    assert "year" not in accepted.changes(6)
    assert accepted.changes(7)["genre"] == (None, "blues")


def test_a_cover_in_doubt_is_offered_by_its_picture(accepted):
    """The candidate's id is what would be written: the picture's address, not the page's."""
    queued = accepted.rows("select candidates from marts.review_queue where kind = 'cover' and album_id = 8")
    assert '"id":"https://i.scdn.co/image/8"' in queued[0][0]
    assert COVER not in queued[0][0]
