"""What is written to the library, and above all what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

ASKED_AT = "2026-02-01 02:10:00"
GROUP = "https://musicbrainz.org/release-group/"
COVER = "https://coverartarchive.org/release/r1/11-500.jpg"


def album(album_id: int, title: str, **columns: Any) -> dict[str, Any]:
    return {"id": str(album_id), "title": title, "source": "manual", **columns}


def give_album(
    beliefs: Any, album_id: int, title: str, *artists: str, edition: str | None = None, heard: int = 0, **columns: Any
):
    """An album with its artists, which get ids of their own."""
    beliefs.add("library.albums", album(album_id, title, **columns))
    beliefs.add(
        "intermediate.int_albums_parsed",
        {"album_id": album_id, "folded_title": title.lower(), "edition_words": edition, "track_count": heard},
    )
    for number, name in enumerate(artists):
        known = beliefs.rows("select id from library.artists where name = ?", (name,))
        artist_id = known[0][0] if known else str(album_id * 100 + number)
        if not known:
            beliefs.add("library.artists", {"id": artist_id, "name": name})
        beliefs.add("library.album_artist", {"album_id": str(album_id), "artist_id": artist_id})


def give_match(beliefs: Any, album_id: int, *, date: str | None = None, verdict: str = "certain", cover: bool = False):
    """A match of the album with the release group g<album_id>."""
    group = f"g{album_id}"
    beliefs.add(
        "intermediate.int_albums_matched",
        {"album_id": album_id, "release_group_musicbrainz_id": group, "score": 0.98, "verdict": verdict},
    )
    beliefs.add(
        "staging.stg_musicbrainz__release_groups",
        {"release_group_musicbrainz_id": group, "first_release_date": date, "fetched_at": ASKED_AT},
    )
    if cover:
        beliefs.add(
            "staging.stg_cover_art_archive__front_covers",
            {
                "release_group_musicbrainz_id": group,
                "has_front": True,
                "image_url": COVER.replace("r1", f"r{album_id}"),
                "fetched_at": ASKED_AT,
            },
        )


def give_genre(beliefs: Any, album_id: int, genre: str) -> None:
    beliefs.add(
        "intermediate.int_album_genres_voted",
        {
            "album_id": album_id,
            "genre": genre,
            "source": "musicbrainz",
            "confidence": 0.9,
            "rule": "genre_votes",
            "evidence_url": f"{GROUP}g{album_id}",
            "is_applied": True,
        },
    )


def give_spotify(beliefs: Any, album_id: int, title: str, artists: str, tracks: int | None = None) -> None:
    beliefs.add(
        "staging.stg_spotify__albums",
        {
            "album_spotify_id": f"s{album_id}",
            "asked_album_id": album_id,
            "title": title,
            "artists": artists,
            "album_type": "album",
            "track_count": tracks,
            "image_url": f"https://i.scdn.co/image/{album_id}",
            "fetched_at": ASKED_AT,
        },
    )


def give_split(beliefs: Any, artist_id: int, name: str, *acts: str) -> None:
    beliefs.add("intermediate.int_artist_credits_judged", {"artist_id": artist_id, "verdict": "split"})
    for position, act in enumerate(acts, start=1):
        beliefs.add(
            "intermediate.int_artist_credits_split",
            {
                "artist_id": artist_id,
                "name": name,
                "act_position": position,
                "act_name": act,
                "rule": "matched_release_group",
                "confidence": 0.99,
                "is_applied": True,
            },
        )


@pytest.fixture(scope="module")
def first_night(new_beliefs):
    """A library that Sillon never wrote to, with answers to most of its questions."""
    beliefs = new_beliefs()
    give_album(beliefs, 1, "Hunky Dory", "David Bowie")
    give_match(beliefs, 1, date="1971-12-17", cover=True)
    give_genre(beliefs, 1, "rock")
    give_album(
        beliefs, 2, "Imagine", "John Lennon", year="2018", genre="Rock Alternatif", ai_description="Un texte à moi",
        image_url="https://example.org/mine.jpg",
    )  # fmt: skip
    beliefs.add("library.images", {"id": "1", "url": "x", "image_type": "album", "source": "lastfm", "album_id": "2"})
    give_match(beliefs, 2, date="1971", cover=True)
    give_genre(beliefs, 2, "pop")
    give_album(beliefs, 3, "Blue Train", "John Coltrane")
    give_match(beliefs, 3, date="1958", verdict="likely", cover=True)
    give_album(beliefs, 4, "Kind of Blue", "Miles Davis", discogs_id="4004")
    give_match(beliefs, 4, date="19??-??-02")
    beliefs.add(
        "staging.stg_cover_art_archive__front_covers",
        {"release_group_musicbrainz_id": "g4", "has_front": False, "fetched_at": ASKED_AT},
    )
    beliefs.add(
        "staging.stg_listenbrainz__release_groups",
        {
            "release_group_musicbrainz_id": "g4",
            "date_text": "1959-08-17",
            "cover_id": "44",
            "cover_release_musicbrainz_id": "r4",
            "fetched_at": ASKED_AT,
        },
    )
    beliefs.add(
        "staging.stg_discogs__releases",
        {
            "release_discogs_id": "4004",
            "image_url": "https://i.discogs.com/4004.jpeg",
            "page_url": "https://www.discogs.com/release/4004",
            "fetched_at": ASKED_AT,
        },
    )
    give_album(beliefs, 5, "Songs from the Arc of Life", "Yo-Yo Ma & Kathryn Stott")
    give_album(beliefs, 6, "Songs of Comfort & Hope", "Yo-Yo Ma & Kathryn Stott")
    beliefs.add("library.artists", {"id": "51", "name": "Yo\u2010Yo Ma"})
    give_split(beliefs, 500, "Yo-Yo Ma & Kathryn Stott", "Yo-Yo Ma", "Kathryn Stott")
    give_album(beliefs, 7, "'; drop table albums; -- {year} {{ title }}  $(rm)\t=1+1", "Various Artists")
    give_album(beliefs, 8, "Together", "Abe", "Bea", "Cid", "Dora")
    give_album(beliefs, 9, "Nobody")
    give_album(beliefs, 10, "Half Known", "Eve", year="199?", genre="   ")
    give_match(beliefs, 10, date="1994")
    give_genre(beliefs, 10, "jazz")
    give_album(beliefs, 11, "Locked Year", "Flo")
    give_match(beliefs, 11, date="1980", cover=True)
    beliefs.add("sillon.decisions", {"album_id": 11, "field": "year", "decision": "lock", "origin": "file"})
    give_album(beliefs, 12, "Locked Whole", "Gil")
    give_match(beliefs, 12, date="1980", cover=True)
    beliefs.add("sillon.decisions", {"album_id": 12, "field": "*", "decision": "lock", "origin": "file"})
    give_album(beliefs, 13, "Before Sound", "Hal")
    give_match(beliefs, 13, date="1850")
    give_album(beliefs, 14, "From the Future", "Ida")
    give_match(beliefs, 14, date="2099-01-01")
    give_album(beliefs, 15, "Last Resort", "Joe")
    give_spotify(beliefs, 15, "Last Resort", "JOE")
    give_album(beliefs, 16, "Same Title", "Kim")
    give_spotify(beliefs, 16, "Same Title", "Somebody Else")
    give_album(beliefs, 19, "Same Names", "Ned", heard=5)
    give_spotify(beliefs, 19, "Same Names", "Ned", tracks=2)
    give_album(beliefs, 20, "Whole", "Ola", heard=5)
    give_spotify(beliefs, 20, "Whole", "Ola", tracks=5)
    give_album(beliefs, 17, "Reissued (1987 Remaster)", "Lou", edition="1987 remaster")
    give_match(beliefs, 17, date="2001")
    give_album(beliefs, 18, "Broken Credit", "Max & ")
    give_split(beliefs, 1800, "Max & ", "Max", "")
    return beliefs.build(tests=True)


def test_an_empty_album_gets_what_is_known_of_it(first_night):
    """Cover, address, year, genre and description are written where nothing was, each with where it comes from."""
    assert first_night.changes(1) == {
        "year": (None, "1971"),
        "genre": (None, "rock"),
        "image_url": (None, COVER),
        "ai_description": (None, "Hunky Dory par David Bowie (1971)"),
    }
    assert first_night.changes(1, "images") == {"url": (None, COVER)}
    told = first_night.rows(
        "select row_key, source, evidence_url, rule, confidence, cast(fetched_at as varchar) "
        "from marts.library_changes where album_id = 1 and table_name = 'images'"
    )
    assert told == [
        (
            '{"album_id":1,"image_type":"album"}',
            "cover_art_archive",
            GROUP + "g1",
            "cover_of_release_group",
            0.98,
            ASKED_AT,
        )
    ]


def test_what_a_person_wrote_is_not_touched(first_night):
    """An album with values of its own gets none of Sillon's, although all are known."""
    assert first_night.changes(2) == {}
    assert first_night.changes(2, "images") == {}


def test_a_match_that_is_only_likely_gives_no_cover_and_no_year(first_night):
    """What is not certain stays out of the library; the description does without the year."""
    assert first_night.changes(3) == {"ai_description": (None, "Blue Train par John Coltrane")}


def test_a_cover_is_never_guessed(first_night):
    """The archive's own 404 outweighs the copy of its index, and the next source is chosen."""
    assert first_night.changes(4, "images") == {"url": (None, "https://i.discogs.com/4004.jpeg")}


def test_a_date_that_is_none_yields_to_the_next_source(first_night):
    """ "19??-??-02" is no year; the copy in ListenBrainz has one."""
    assert first_night.changes(4)["year"] == (None, "1959")


def test_a_split_replaces_the_link_and_keeps_the_joined_name(first_night):
    """Each album's exchange is one group; the new artist belongs to none of them, so that none can lose it."""
    found = first_night.rows(
        "select group_id, action, row_key from marts.library_changes where table_name = 'album_artist' and album_id < 7"
    )
    groups: dict[str, set[tuple[str, str]]] = {}
    for group, action, key in found:
        groups.setdefault(group, set()).add((action, key))
    assert sorted(map(sorted, groups.values())) == [
        [
            ("delete", f'{{"album_id":{number},"artist_id":500}}'),
            ("insert", f'{{"album_id":{number},"artist_name":"Kathryn Stott"}}'),
            ("insert", f'{{"album_id":{number},"artist_name":"Yo\u2010Yo Ma"}}'),
        ]
        for number in (5, 6)
    ]
    inserted = first_night.rows("select group_id, row_key from marts.library_changes where table_name = 'artists'")
    assert [json.loads(key) for _, key in inserted] == [{"name": "Kathryn Stott"}]
    assert inserted[0][0] not in groups


def test_an_empty_part_is_no_act(first_night):
    """A split into a name and nothing is not made."""
    assert first_night.changes(18, "album_artist") == {}


def test_descriptions_name_one_two_many_or_various_artists(first_night):
    """D7: the phrase reads well in each case, and an album of which nothing is known gets no text."""
    texts = {number: first_night.changes(number).get("ai_description", (None, None))[1] for number in (5, 8, 9)}
    assert texts == {
        5: "Songs from the Arc of Life par Yo\u2010Yo Ma et Kathryn Stott",
        8: "Together par Abe, Bea, Cid et autres",
        9: None,
    }


def test_syntax_in_a_title_stays_text(first_night):
    """D3: SQL, template fields and shell in a title are written as they are, on one line."""
    assert first_night.changes(7)["ai_description"][1] == (
        "'; drop table albums; -- {year} {{ title }} $(rm) =1+1 par divers artistes"
    )


def test_a_year_that_is_no_number_is_a_value_of_the_person(first_night):
    """ "199?" stays; white space alone is empty, and the change names it as what it found."""
    changes = first_night.changes(10)
    assert "year" not in changes
    assert changes["genre"] == ("   ", "jazz")


def test_locked_fields_stay(first_night):
    """A locked year leaves the cover free; a star locks the whole album."""
    assert "year" not in first_night.changes(11)
    assert "image_url" in first_night.changes(11)
    assert first_night.changes(12) == {}
    assert first_night.changes(12, "images") == {}


@pytest.mark.parametrize("album_id", [13, 14, 17], ids=["1850", "2099", "after the remaster"])
def test_an_impossible_year_is_not_written(first_night, album_id):
    """D5: before 1877, after next year, or later than the remaster that the title names."""
    assert "year" not in first_night.changes(album_id)


def test_spotify_counts_only_for_the_same_title_and_artist(first_night):
    """N15: the same names give a cover; the same title by somebody else waits for the person, with the candidate."""
    assert first_night.changes(15, "images") == {"url": (None, "https://i.scdn.co/image/15")}
    assert first_night.changes(16, "images") == {}
    queued = first_night.rows("select candidates from marts.review_queue where kind = 'cover' and album_id = 16")
    assert [item["artist"] for item in json.loads(queued[0][0])] == ["Somebody Else"]


def test_spotify_counts_only_where_it_holds_the_tracks_heard(first_night):
    """A single of the same names has fewer tracks than were heard: it waits for the person and says so."""
    assert first_night.changes(19, "images") == {}
    assert first_night.changes(20, "images")
    queued = first_night.rows("select reason from marts.review_queue where kind = 'cover' and album_id = 19")
    assert queued == [("same title and artist on Spotify, with fewer tracks than were heard",)]


def test_nothing_that_is_about_to_be_written_fails_its_checks(first_night):
    """Every check of severity error passes; what is broken in the library is a warning."""
    assert first_night.result.success
    assert all(name.startswith("assert_library_") for name in first_night.failed())


def test_the_same_rows_give_the_same_changes(first_night):
    """A second build over the same rows names the same changes in the same words."""
    query = "select * from marts.library_changes order by change_id"
    before = first_night.rows(query)
    first_night.build(command="run")
    assert first_night.rows(query) == before


ENTRY: dict[str, Any] = {
    "run_id": "r", "group_id": "x", "target": "in_place", "target_path": "library.db", "action": "update",
    "table_name": "albums", "state": "applied", "source": "musicbrainz", "applied_at": "2026-02-20 02:30:00",
}  # fmt: skip


def give_entry(beliefs: Any, entry_id: str, album_id: int, column: str, value: str | None, **columns: Any) -> None:
    """A line of the ledger: Sillon wrote this value."""
    beliefs.add(
        "sillon.applied_changes",
        {
            **ENTRY,
            "entry_id": entry_id,
            "change_id": entry_id,
            "album_id": album_id,
            "row_key": f'{{"id":{album_id}}}',
            "column_name": column,
            "new_value": value,
            "evidence_url": f"{GROUP}g{album_id}",
            "rule": "first_release_year",
            **columns,
        },
    )


def give_own_cover(beliefs: Any, album_id: int, url: str, evidence: str, **columns: Any) -> None:
    """A row of images that Sillon wrote, with its line in the ledger."""
    beliefs.add(
        "library.images",
        {"id": str(album_id), "url": url, "image_type": "album", "source": "discogs", "album_id": str(album_id)},
    )
    give_entry(
        beliefs, f"i{album_id}", album_id, "url", url, table_name="images", action="insert", evidence_url=evidence,
        row_key=f'{{"album_id":{album_id},"image_type":"album"}}', row_after=f'{{"id":{album_id}}}',
        **{"source": "discogs", **columns},
    )  # fmt: skip


def give_discogs(beliefs: Any, number: int, url: str) -> str:
    page = f"https://www.discogs.com/release/{number}"
    beliefs.add(
        "staging.stg_discogs__releases",
        {"release_discogs_id": str(number), "image_url": url, "page_url": page, "fetched_at": ASKED_AT},
    )
    return page


@pytest.fixture(scope="module")
def later_night(new_beliefs):
    """A library that Sillon wrote into itself, and that people and better rules changed since."""
    beliefs = new_beliefs()
    beliefs.set(feature__generate_descriptions="false")
    for number, held in {1: "1970", 2: "1970", 3: "1970", 4: "1969", 5: "1970", 6: None, 7: "1971"}.items():
        give_album(beliefs, number, f"Album {number}", f"Artist {number}", year=held)
        target = "copy" if number == 5 else "in_place"
        give_entry(beliefs, f"y{number}", number, "year", "1971" if number == 7 else "1970", target=target)
    for number in (1, 4, 5, 6, 7):
        give_match(beliefs, number, date="1971")
    give_match(beliefs, 2, date="1971", verdict="none")
    beliefs.add("sillon.decisions", {"album_id": 6, "field": "year", "decision": "lock", "origin": "undo"})

    old_url, new_url = "https://i.discogs.com/old.jpeg", "https://i.discogs.com/new.jpeg"
    for number in (10, 11, 12, 13):
        give_album(beliefs, number, f"Album {number}", f"Artist {number}", discogs_id=str(number), image_url=old_url)
        written_at = "2026-02-20 02:30:00" if number == 10 else "2025-06-01 02:30:00"
        page = f"https://www.discogs.com/release/{number}"
        give_own_cover(beliefs, number, old_url, page, applied_at=written_at)
        give_entry(beliefs, f"u{number}", number, "image_url", old_url, evidence_url=page, applied_at=written_at)
    give_discogs(beliefs, 10, new_url)
    give_discogs(beliefs, 11, new_url)
    give_discogs(beliefs, 12, "")

    give_album(beliefs, 14, "Album 14", "Artist 14", discogs_id="14", image_url=COVER)
    give_match(beliefs, 14)
    give_own_cover(beliefs, 14, COVER, f"{GROUP}g14", source="cover_art_archive")
    give_entry(beliefs, "u14", 14, "image_url", COVER, source="cover_art_archive")
    beliefs.add(
        "staging.stg_cover_art_archive__front_covers",
        {"release_group_musicbrainz_id": "g14", "has_front": False, "fetched_at": ASKED_AT},
    )
    give_discogs(beliefs, 14, new_url)
    return beliefs.build(tests=True)


def test_a_better_answer_replaces_a_value_of_ours(later_night):
    """A year of Sillon's that is no longer believed gives way to the one that is."""
    assert later_night.changes(1) == {"year": ("1970", "1971")}


def test_a_disowned_value_of_ours_is_emptied(later_night):
    """The match is no match any more: the year that came with it goes."""
    assert later_night.changes(2) == {"year": ("1970", None)}


def test_a_lost_answer_disowns_nothing(later_night):
    """A year whose answer is not at hand tonight stays."""
    assert later_night.changes(3) == {}


def test_a_value_that_a_person_changed_is_the_persons(later_night):
    """What the library holds is not what Sillon wrote: it stays."""
    assert later_night.changes(4) == {}


def test_a_copy_makes_nothing_ours(later_night):
    """A value written to a copy says nothing about the same value in the library."""
    assert later_night.changes(5) == {}


def test_an_undone_change_is_not_proposed_again(later_night):
    """The year was taken back: it stays empty although it is known."""
    assert later_night.changes(6) == {}


def test_a_value_of_ours_that_holds_makes_no_change(later_night):
    """A second night over the same beliefs writes nothing."""
    assert later_night.changes(7) == {}


def test_a_cover_address_is_refreshed_only_when_old(later_night):
    """Discogs gives another address with every answer; the written one is replaced after `refresh_days.cover`."""
    new_url = "https://i.discogs.com/new.jpeg"
    assert later_night.changes(10, "images") == {}
    assert later_night.changes(10) == {}
    assert later_night.changes(11, "images") == {"url": ("https://i.discogs.com/old.jpeg", new_url)}
    assert later_night.changes(11) == {"image_url": ("https://i.discogs.com/old.jpeg", new_url)}


def test_a_withdrawn_cover_goes_with_its_address(later_night):
    """The source has no cover any more: the row of images is deleted and the address emptied; a lost answer does not."""
    deleted = later_night.rows(
        "select row_key, action from marts.library_changes where album_id = 12 and table_name = 'images'"
    )
    assert deleted == [('{"id":12}', "delete")]
    assert later_night.changes(12) == {"image_url": ("https://i.discogs.com/old.jpeg", None)}
    assert later_night.changes(13) == {}


def test_a_dead_cover_gives_way_to_the_next_source(later_night):
    """The archive was asked again and has the picture no more: the row of images and its address take that of Discogs."""
    new_url = "https://i.discogs.com/new.jpeg"
    assert later_night.changes(14, "images") == {"url": (COVER, new_url)}
    assert later_night.changes(14) == {"image_url": (COVER, new_url)}
    told = later_night.rows("select distinct action, source from marts.library_changes where album_id = 14")
    assert told == [("update", "discogs")]


def test_the_checks_hold_on_a_later_night_too(later_night):
    """Replacing and withdrawing values of Sillon's passes every check of severity error."""
    assert later_night.result.success


@pytest.fixture(scope="module")
def after_a_split(new_beliefs):
    """The library after a split was written into it, its description too."""
    beliefs = new_beliefs()
    give_album(beliefs, 1, "Duets", "Abe", ai_description="Duets par Zed et Abe")
    beliefs.add("library.artists", {"id": "50", "name": "Zed & Abe"}, {"id": "900", "name": "Zed"})
    beliefs.add("library.album_artist", {"album_id": "1", "artist_id": "900"})
    give_split(beliefs, 50, "Zed & Abe", "Zed", "Abe")
    for name, artist_id in (("Zed", "900"), ("Abe", "100")):
        give_entry(
            beliefs, f"l{name}", 1, "artist_id", artist_id, table_name="album_artist", action="insert",
            row_key=f'{{"album_id":1,"artist_name":"{name}"}}',
        )  # fmt: skip
    give_entry(
        beliefs, "d", 1, "artist_id", None, table_name="album_artist", action="delete", old_value="50",
        row_key='{"album_id":1,"artist_id":50}',
    )  # fmt: skip
    give_entry(beliefs, "t", 1, "ai_description", "Duets par Zed et Abe", evidence_url=None)
    return beliefs.build()


def test_the_night_after_a_split_changes_nothing(after_a_split):
    """The acts stand in the order of the joined name, so that the description stays as it was written."""
    assert after_a_split.rows("select * from marts.library_changes") == []


def test_a_name_kept_whole_after_all_gets_its_link_back(after_a_split):
    """The person decides against a split of Sillon's: both links go, the joined name returns, as one group."""
    after_a_split.add("sillon.decisions", {"artist": "Zed & Abe", "decision": "keep_whole", "origin": "file"})
    after_a_split.build()
    found = after_a_split.rows(
        "select action, row_key from marts.library_changes where table_name = 'album_artist' order by all"
    )
    assert found == [
        ("delete", '{"album_id":1,"artist_id":100}'),
        ("delete", '{"album_id":1,"artist_id":900}'),
        ("insert", '{"album_id":1,"artist_name":"Zed & Abe"}'),
    ]
    groups = after_a_split.rows("select distinct group_id from marts.library_changes where table_name = 'album_artist'")
    assert len(groups) == 1
    assert after_a_split.changes(1) == {"ai_description": ("Duets par Zed et Abe", "Duets par Zed & Abe")}


@pytest.mark.parametrize(
    ("setting", "gone"),
    [
        ("feature__enrich_images", {"url", "image_url"}),
        ("feature__generate_descriptions", {"ai_description"}),
        ("feature__detect_genres", {"genre"}),
        ("feature__fix_artist_formatting", {"name", "artist_id"}),
        ("feature__fill_years", {"year"}),
        ("service__fix_malformed_artists", {"name", "artist_id"}),
        ("service__enrich_musicbrainz_images", {"url", "image_url"}),
        ("service__auto_enrichment", {"year", "genre", "ai_description"}),
    ],
)
def test_what_is_switched_off_changes_nothing(first_night, setting, gone):
    """A feature that is off, or a service that is not listed, makes none of its changes and leaves the others'."""
    everything = {"url", "image_url", "ai_description", "genre", "name", "artist_id", "year"}
    first_night.set(**{setting: "false"})
    first_night.build(command="run", select=["path:models/intermediate/changes", "library_changes"])
    first_night.set()
    kept = {column for (column,) in first_night.rows("select distinct column_name from marts.library_changes")}
    assert kept == everything - gone
