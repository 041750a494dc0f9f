"""The score and the counts behind it."""

from __future__ import annotations

from typing import Any

import pytest


def metrics(beliefs: Any) -> dict[str, tuple[float, float]]:
    return {
        name: (before, after) for name, before, after in beliefs.rows("select metric, before, after from marts.quality")
    }


def test_an_empty_library_divides_by_nothing(new_beliefs):
    """No albums at all: every part is whole, every count 0."""
    found = metrics(new_beliefs().build())
    assert found.pop("data_quality_score") == (100, 100)
    assert {found.pop(part) for part in ("structure", "coherence", "integrity", "completeness")} == {(25, 25)}
    assert set(found.values()) == {(0, 0)}


@pytest.fixture(scope="module")
def faulty(new_beliefs):
    """Four albums, one with an image; a joined artist, an orphan track, a reference to nothing."""
    beliefs = new_beliefs()
    for number in (1, 2, 3, 4):
        beliefs.add(
            "library.albums", {"id": str(number), "title": f"Album {number}", "genre": "jazz" if number == 1 else None}
        )
        beliefs.add("library.album_artist", {"album_id": str(number), "artist_id": "1" if number < 4 else "2"})
    beliefs.add("library.artists", {"id": "1", "name": "Abe"}, {"id": "2", "name": "Bea & Cid"})
    beliefs.add("library.images", {"id": "1", "url": "x", "image_type": "album", "source": "discogs", "album_id": "1"})
    beliefs.add("library.images", {"id": "2", "url": "x", "image_type": "album", "source": "discogs", "album_id": "99"})
    beliefs.add(
        "library.tracks", {"id": "1", "album_id": "1", "title": "One"}, {"id": "2", "album_id": "98", "title": "Two"}
    )
    beliefs.add(
        "library.listening_history",
        {"id": "1", "track_id": "1", "timestamp": "1700000000"},
        {"id": "2", "track_id": "97", "timestamp": "1700000500"},
    )
    beliefs.add("intermediate.int_artist_credits_judged", {"artist_id": 2, "verdict": "split"})
    for position, act in enumerate(("Bea", "Cid"), start=1):
        beliefs.add(
            "intermediate.int_artist_credits_split",
            {
                "artist_id": 2,
                "name": "Bea & Cid",
                "act_position": position,
                "act_name": act,
                "rule": "r",
                "confidence": 1,
                "is_applied": True,
            },
        )
    return beliefs.build()


def test_each_part_is_its_share_of_sound_rows(faulty):
    """Structure 1 of 16 rows unsound; coherence 1 of 6; integrity 2 of 4; completeness 2 of 8."""
    found = metrics(faulty)
    assert found["structure"][0] == round(25 * (1 - 1 / 16), 2)
    assert found["coherence"] == (round(25 * 5 / 6, 2), 25)
    assert found["integrity"] == (12.5, 12.5)
    assert found["completeness"] == (6.25, 6.25)
    assert found["data_quality_score"][0] == pytest.approx(
        sum(found[part][0] for part in ("structure", "coherence", "integrity", "completeness")), abs=0.02
    )


def test_counts_tell_before_and_after(faulty):
    """The joined name counts as malformed until the split; the library's own faults stay."""
    found = metrics(faulty)
    assert found["albums_without_image"] == (3, 3)
    assert found["albums_without_description"] == (4, 0)
    assert found["malformed_artists"] == (1, 0)
    assert found["artists"] == (2, 4)
    assert found["orphan_tracks"] == (1, 1)
    assert found["broken_references"] == (1, 1)
