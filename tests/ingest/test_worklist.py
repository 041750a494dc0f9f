"""What is due tonight, from raw tables alone."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from ingest import warehouse
from ingest.questions import parts_of
from ingest.settings import Settings
from ingest.sources import library
from ingest.warehouse import RawRow
from ingest.worklist import Worklist

from .sources.test_library import make

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
WEB = ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs", "spotify", "spotify_token")
GROUP = "10000000-0000-4000-8000-000000000001"
RELEASE = "20000000-0000-4000-8000-000000000001"
TOKEN = SecretStr("token")
SPOTIFY = "https://open.spotify.com/album/0123456789012345678901"


def settings(listenbrainz_token=None, **features):
    found = Settings().for_sandbox(dict.fromkeys(WEB, "http://127.0.0.1:9"))
    known = found.secrets.listenbrainz.model_copy(update={"token": listenbrainz_token})
    found = found.model_copy(update={"secrets": found.secrets.model_copy(update={"listenbrainz": known})})
    automatic = found.enrichment.auto_enrichment
    automatic = automatic.model_copy(update={"features": automatic.features.model_copy(update=features)})
    return found.model_copy(update={"enrichment": found.enrichment.model_copy(update={"auto_enrichment": automatic})})


@pytest.fixture
def listed(tmp_path, connection):
    """A function from albums, as (title, artists, other columns), to their work list."""

    def build(albums=(), *, statements=(), now=NOW, **features):
        path = tmp_path / "library.db"
        if not path.exists():
            inserts, names = [], []
            for number, (title, artists, *more) in enumerate(albums, 1):
                columns = {"id": number, "title": title, **(more[0] if more else {})}
                marks = ", ".join("?" for _ in columns)
                inserts.append((f"insert into albums ({', '.join(columns)}) values ({marks})", tuple(columns.values())))
                for name in artists:
                    if name not in names:
                        names.append(name)
                        inserts.append(("insert into artists (id, name) values (?, ?)", (len(names), name)))
                    link = (number, names.index(name) + 1)
                    inserts.append(("insert into album_artist (album_id, artist_id) values (?, ?)", link))
            make(path, *inserts, *statements)
        library.extract(path, connection)
        return Worklist(connection.cursor(), settings(**features), now)

    return build


def keep(connection, table, questions, payload, *, status=200, at=NOW):
    text = payload if payload is None or isinstance(payload, str) else json.dumps(payload)
    asked = json.dumps([{"question": question, "album_id": "1"} for question in questions])
    row = RawRow(f"{table} {questions} {at}", asked, "https://example.org/", status, at, "one", text)
    warehouse.append(connection, table, [row])


def group(title="Blackstar", artist="David Bowie", identifier=GROUP, secondary=(), releases=()):
    return {
        "id": identifier,
        "title": title,
        "primary-type": "Album",
        "secondary-types": list(secondary),
        "artist-credit": [{"name": artist, "artist": {"name": artist}}],
        "releases": [{"id": release} for release in releases],
    }


def found(connection, *groups, question="pair:david bowie|blackstar", at=NOW):
    body = {"count": len(groups), "release-groups": list(groups)}
    keep(connection, "musicbrainz.release_groups", [question], body, at=at)


COMPLETE = {"year": 2016, "genre": "rock"}
IMAGE = "insert into images (id, album_id, url, image_type) values (1, 1, 'https://example.org/1.jpg', 'album')"


def test_a_complete_album_is_not_asked_for(listed):
    """Image, genre, year and plain artists: there is nothing to ask."""
    work = listed([("Blackstar", ["David Bowie"], COMPLETE)], statements=[IMAGE])
    assert work.albums() == 0
    assert work.pairs() == []


@pytest.mark.parametrize(
    ("columns", "statements", "artist"),
    [
        ({"year": 2016}, [IMAGE], "David Bowie"),
        ({"genre": "rock"}, [IMAGE], "David Bowie"),
        ({"genre": "rock", "year": 0}, [IMAGE], "David Bowie"),
        (COMPLETE, [], "David Bowie"),
        (COMPLETE, [IMAGE], "David Bowie & Queen"),
    ],
)
def test_one_hole_is_enough(listed, columns, statements, artist):
    """An album without genre, year, image, or with artists to be split is asked for."""
    assert len(listed([("Blackstar", [artist], columns)], statements=statements).pairs()) == 1


@pytest.mark.parametrize(
    ("columns", "statements", "feature"),
    [
        ({"year": 2016}, [IMAGE], "detect_genres"),
        ({"genre": "rock"}, [IMAGE], "fill_years"),
        (COMPLETE, [], "enrich_images"),
    ],
)
def test_a_feature_that_is_off_asks_nothing(listed, columns, statements, feature):
    """A hole that may not be filled is no reason to ask."""
    album = [("Blackstar", ["David Bowie"], columns)]
    assert listed(album, statements=statements, **{feature: False}).albums() == 0
    assert listed(album, statements=statements).albums() == 1


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("Hunky Dory (2015 Remaster)", "Hunky Dory"),
        ("Raw Power (Iggy Mix - 2023 Remaster)", "Raw Power"),
        ("Mad Max: Fury Road (Original Motion Picture Soundtrack) [Deluxe Version]", "Mad Max: Fury Road"),
        ("Bram Stoker's Dracula: Original Motion Picture Soundtrack", "Bram Stoker's Dracula"),
        ("Requiem For A Dream / OST (Nonesuch store edition)", "Requiem For A Dream"),
        ("Last Tango In Paris (Le Dernier tango) - Digitally Remastered", "Last Tango In Paris"),
        ("(What's the Story) Morning Glory?", "Morning Glory?"),
        ("[Untitled]", "[Untitled]"),
        ("Live", "Live"),
        ("Soundtrack", "Soundtrack"),
        ("Beckology", "Beckology"),
        ("Jazz Classics - Volume 2", "Jazz Classics - Volume 2"),
    ],
)
def test_edition_words_are_not_asked_for(listed, title, asked):
    """A phrase is found in longer titles, never in shorter ones, so what names an edition is dropped, and no more."""
    [item] = listed([(title, ["Somebody"])]).pairs()
    assert item.value == asked


def test_editions_of_one_album_share_a_question(listed):
    """Two editions are one question, answered for both."""
    work = listed([("Hunky Dory", ["David Bowie"]), ("Hunky Dory (2015 Remaster)", ["DAVID BOWIE"])])
    [item] = work.pairs()
    assert item.album_ids == ("1", "2")
    assert item.question == "pair:david bowie|hunky dory"
    assert item.asked == [{"question": item.question, "album_id": "1"}, {"question": item.question, "album_id": "2"}]


def test_many_artists_are_a_collection(listed):
    """D7: four artists and more, or Various Artists in any spelling, are looked for by the title."""
    work = listed([("One", ["A", "B", "C", "D"]), ("Two", ["Various Artists"]), ("Three", ["V.A."]), ("Four", ["X"])])
    assert [item.is_collective for item in work.pairs()] == [True, True, True, False]


def test_what_has_no_word_goes_alone(listed):
    """A title of signs, or no artist at all, never spoils a batch: it is asked for by itself."""
    work = listed([("???", ["!!!"]), ("Nobody's", []), ("Blackstar", ["David Bowie"])])
    assert [item.value for item in work.pairs()] == ["Blackstar"]
    assert [item.value for item in work.alone()] == ["???", "Nobody's"]


def test_hostile_rows_do_not_break_the_list(listed):
    """D1, D2, D3: 5 MB titles, NULs, SQL, ids that are words, empty titles: asked for where possible, never an error."""
    work = listed(
        [
            ("x" * 5_000_000, ["a"]),
            ("a\x00b", ["c\x00d & e"]),
            ("'; drop table albums; --", ['"quoted"']),
            ("", ["nobody"]),
            ("   ", ["nobody"]),
            ("{{ jinja }}", ["🎧"]),
        ],
        statements=["insert into album_artist (album_id, artist_id) values ('one', 1)"],
    )
    assert all(len(item.value) <= 400 for item in [*work.pairs(), *work.alone()])
    assert len(work.pairs()) + len(work.alone()) >= 3


def test_an_answered_question_rests_until_its_time(listed, connection):
    """A pair with a candidate rests 30 days, one without 7; a miss is asked for once alone."""
    album = [("Blackstar", ["David Bowie"])]
    work = listed(album)
    keep(connection, "musicbrainz.release_groups", ["pair:david bowie|blackstar"], {"count": 0, "release-groups": []})
    work.refresh()
    assert (work.pairs(), len(work.alone())) == ([], 1)
    keep(connection, "musicbrainz.release_groups", ["alone:david bowie|blackstar"], {"count": 0, "release-groups": []})
    work.refresh()
    assert (work.pairs(), work.alone()) == ([], [])
    assert listed(now=NOW + timedelta(days=6)).pairs() == []
    assert len(listed(now=NOW + timedelta(days=8)).pairs()) == 1
    found(connection, group(), at=NOW + timedelta(hours=1))
    assert listed(now=NOW + timedelta(days=8)).pairs() == []
    assert len(listed(now=NOW + timedelta(days=31)).pairs()) == 1


def test_another_album_in_the_batch_is_no_candidate(listed, connection):
    """N15: a batch answers for many: only a group with this title and this artist counts as found."""
    work = listed([("Blackstar", ["David Bowie"])])
    found(connection, group("Blackstar", "Karaoke Kings"), group("Low", "David Bowie", RELEASE))
    work.refresh()
    assert (len(work.alone()), work.hydration()) == (1, [])
    found(connection, group("Blackstar (deluxe)", "Bowie"), question="alone:david bowie|blackstar")
    work.refresh()
    assert (work.alone(), [item.value for item in work.hydration()]) == ([], [GROUP])


def test_a_soundtrack_is_found_under_any_credit(listed, connection):
    """The library credits the one track that was heard; the soundtrack of the same title counts."""
    work = listed([("La Haine (Musiques inspirées du Film)", ["Ministère A.M.E.R."])])
    [item] = work.pairs()
    found(connection, group("La Haine", "Various Artists", secondary=["Soundtrack"]), question=item.question)
    work.refresh()
    assert [item.value for item in work.hydration()] == [GROUP]


def test_identifiers_come_before_any_search(listed, connection):
    """An address is resolved first; while it is not answered the album is not searched for; found, it never is."""
    work = listed([("Blackstar", ["David Bowie"], {"spotify_url": SPOTIFY + "?si=x", "discogs_id": " 123 "})])
    discogs = "https://www.discogs.com/release/123"
    assert [item.value for item in work.urls()] == [SPOTIFY, discogs]
    assert work.pairs() == []
    urls = [{"resource": SPOTIFY, "relations": [{"release": {"id": RELEASE}}]}]
    keep(connection, "musicbrainz.urls", [f"url:{SPOTIFY}", f"url:{discogs}"], {"urls": urls})
    work.refresh()
    assert (work.urls(), work.pairs()) == ([], [])
    assert [item.question for item in work.releases()] == [f"reid:{RELEASE}"]
    found(connection, group(releases=[RELEASE]), question=f"reid:{RELEASE}")
    work.refresh()
    assert (work.releases(), work.pairs(), work.alone()) == ([], [], [])
    assert [item.value for item in work.hydration()] == [GROUP]


def test_a_link_to_another_album_does_not_stop_the_search(listed, connection):
    """Two albums that share a link: where names differ the album is searched for as well."""
    work = listed([("Blackstar", ["David Bowie"], {"spotify_url": SPOTIFY})])
    relation = {"resource": SPOTIFY, "id": "x", "relations": [{"release": {"id": RELEASE}}]}
    keep(connection, "musicbrainz.urls", [f"url:{SPOTIFY}"], relation)
    found(connection, group("Kind of Blue", "Miles Davis", releases=[RELEASE]), question=f"reid:{RELEASE}")
    work.refresh()
    assert len(work.pairs()) == 1


def test_the_archive_is_asked_only_where_listenbrainz_names_no_cover(listed, connection):
    """A cover id of ListenBrainz is enough; silence is not."""
    work = listed([("Blackstar", ["David Bowie"])])
    found(connection, group())
    work.refresh()
    assert len(work.covers()) == 1
    for caa, due in ((None, 1), (829521842, 0)):
        body = {GROUP: {"release_group": {"name": "Blackstar", "caa_id": caa}}}
        at = NOW + timedelta(hours=due)
        keep(connection, "listenbrainz.release_groups", [f"release_group:{GROUP}"], body, at=at)
        work.refresh()
        assert (work.hydration(), len(work.covers())) == ([], due)


def test_spotify_is_the_last_resort(listed, connection):
    """Only when all others have answered, and none has a cover."""
    work = listed([("Blackstar", ["David Bowie"])])
    assert work.spotify() == []
    found(connection, group())
    keep(connection, "listenbrainz.release_groups", [f"release_group:{GROUP}"], {})
    work.refresh()
    assert work.spotify() == []
    keep(connection, "cover_art_archive.front_covers", [f"release_group:{GROUP}"], None, status=404)
    work.refresh()
    assert [item.question for item in work.spotify()] == ["album:david bowie|blackstar"]
    question = ["album:david bowie|blackstar"]
    keep(connection, "spotify.albums", question, {"albums": {"items": []}})
    work.refresh()
    assert work.spotify() == []

    def is_due(days):  # when all others have been asked again
        at = NOW + timedelta(days=days)
        keep(connection, "listenbrainz.release_groups", [f"release_group:{GROUP}"], {}, at=at)
        keep(connection, "cover_art_archive.front_covers", [f"release_group:{GROUP}"], None, status=404, at=at)
        return bool(listed(now=at).spotify())

    assert [is_due(1), is_due(8)] == [False, True], "what found nothing rests for a week"
    keep(connection, "spotify.albums", question, {"albums": {"items": [{"id": "x"}]}}, at=NOW + timedelta(days=8))
    assert [is_due(9), is_due(20)] == [False, False], "what was answered rests for a month"


def test_what_last_night_left_without_a_cover_is_asked_of_spotify(listed, connection):
    """A candidate had a cover, but nobody was sure of it: the next night asks Spotify, once; the same night's run does not."""
    listed([("Blackstar", ["David Bowie"])])
    found(connection, group())
    body = {GROUP: {"release_group": {"caa_id": 1}}}
    keep(connection, "listenbrainz.release_groups", [f"release_group:{GROUP}"], body)
    connection.execute("create schema marts")
    connection.execute(
        "create table marts.albums as select cast(1 as bigint) as album_id, cast(null as varchar) as image_url"
    )
    warehouse.record_run(connection, {"run_id": "one", "finished_at": NOW, "status": "success"})
    assert listed(now=NOW + timedelta(hours=1)).spotify() == []
    [item] = listed(now=NOW + timedelta(days=1)).spotify()
    hit = {"albums": {"items": [{"id": "x"}]}}
    keep(connection, "spotify.albums", [item.question], hit, at=NOW + timedelta(days=1))
    for days in (1, 2, 29):
        assert listed(now=NOW + timedelta(days=days)).spotify() == [], "answered: not asked again for `refresh_days`"
    connection.execute("delete from spotify.albums")

    later = {"finished_at": NOW + timedelta(hours=1), "status": "partial"}
    warehouse.record_run(connection, {"run_id": "two", **later})
    audit = {"finished_at": NOW + timedelta(hours=2), "status": "success", "job": "audit_database"}
    warehouse.record_run(connection, {"run_id": "three", **audit})
    assert listed(now=NOW + timedelta(days=1)).spotify() == [], "a night with a source down left nearly everything"


TRACKS = [
    "insert into tracks (id, album_id, title, track_number) values (1, 1, 'Lazarus', 10), (2, 1, '...', 1), (3, 1, '★', 2)",
    "insert into tracks (id, album_id, title, track_number) values (4, 1, 'Sue', 3), (5, 2, 'Low', null)",
]


def test_an_album_that_no_search_finds_is_looked_up_by_a_track(listed, connection):
    """Given a token: after both searches, by the first track with a word in it; what it leads to is fetched by its id,
    described and judged; until then Spotify waits."""
    album = [("Blackstar", ["David Bowie"])]
    work = listed(album, statements=TRACKS, listenbrainz_token=TOKEN)
    for question in ("pair:david bowie|blackstar", "alone:david bowie|blackstar"):
        assert work.look_ups() == []
        keep(connection, "musicbrainz.release_groups", [question], {"count": 0, "release-groups": []})
        work.refresh()
    [item] = work.look_ups()
    assert (item.question, item.value, item.artist, item.album) == (
        "lookup:david bowie|blackstar", "Sue", "David Bowie", "Blackstar",
    )  # fmt: skip
    assert work.spotify() == []
    without = listed(statements=TRACKS)
    assert (without.look_ups(), len(without.spotify())) == ([], 1), "without a token nothing changes"

    answer = [{"index": 0, "release_mbid": RELEASE.upper(), "recording_name": "Sue"}]
    keep(connection, "listenbrainz.recordings", [item.question], answer)
    work.refresh()
    assert (work.look_ups(), [item.question for item in work.releases()]) == ([], [f"reid:{RELEASE}"])
    assert work.spotify() == []
    found(connection, group("Black Star", "D. Bowie", releases=[RELEASE]), question=f"reid:{RELEASE}")
    work.refresh()
    assert (work.releases(), [item.value for item in work.hydration()]) == ([], [GROUP])
    later = listed(now=NOW + timedelta(days=6), listenbrainz_token=TOKEN)
    assert (later.look_ups(), later.pairs(), later.releases()) == ([], [], [])


def test_an_answer_of_many_look_ups_is_told_apart(listed, connection):
    """Tracks are numbered as they were asked; an index that is none, or of nobody, leads nowhere."""
    work = listed(
        [("Blackstar", ["David Bowie"]), ("Low", ["David Bowie"])], statements=TRACKS, listenbrainz_token=TOKEN
    )
    other = RELEASE.replace("2", "3")
    answer = [
        {"index": 1, "release_mbid": other},
        {"index": 0},
        {"index": "x", "release_mbid": RELEASE},
        {"index": 7},
        3,
    ]
    keep(connection, "listenbrainz.recordings", ["lookup:david bowie|blackstar", "lookup:david bowie|low"], answer)
    keep(connection, "listenbrainz.recordings", ["lookup:david bowie|low"], {"error": "what"})
    work.refresh()
    assert [(item.question, item.album_ids) for item in work.releases()] == [(f"reid:{other}", ("2",))]


def test_an_album_that_comes_later_is_named_by_the_answer_to_its_question(listed, connection):
    """Another library's question, or another album's: it is answered, not asked again, and believed of the newcomer too."""
    asked = [{"question": "lookup:nobody|else"}, {"question": "lookup:david bowie|low"}]
    asked += [{"question": "lookup:david bowie|blackstar", "album_id": "1"}]
    row = RawRow("key", json.dumps(asked), "https://example.org/", 200, NOW, "one", "[]")
    warehouse.append(connection, "listenbrainz.recordings", [row])
    albums = [("Blackstar", ["David Bowie"]), ("Low", ["David Bowie"]), ("Low", ["David Bowie"])]

    for _ in range(2):
        listed(albums, statements=TRACKS, listenbrainz_token=TOKEN)

    [(text,)] = connection.execute("select asked from listenbrainz.recordings").fetchall()
    newcomers = [{"question": "lookup:david bowie|low", "album_id": album_id} for album_id in ("2", "3")]
    assert json.loads(text) == asked + newcomers


def test_a_release_in_the_collection_is_not_asked_for_alone(listed, connection):
    """What a page of the collection brought need not be asked by number."""
    work = listed(
        [("A", ["B"], {"discogs_id": "6794957"}), ("C", ["B"], {"discogs_url": "https://www.discogs.com/release/77-C"})]
    )
    assert [item.value for item in work.discogs()] == ["6794957", "77"]
    body = {"pagination": {"pages": 1}, "releases": [{"id": 6794957, "basic_information": {"id": 6794957}}]}
    keep(connection, "discogs.releases", ["collection:me:1"], body)
    work.refresh()
    assert [item.value for item in work.discogs()] == ["77"]
    assert list(work.fresh_pages("me")) == [1]
    assert work.fresh_pages("m") == {}


def test_a_decided_match_is_fetched_by_its_id(listed, connection):
    """What the person chose is asked for by id, and hydrated like a candidate."""
    decision = {"album_id": 1, "artist": None, "field": "match", "decision": "accept", "value": GROUP.upper()}
    warehouse.replace_decisions(connection, [decision])
    work = listed([("Blackstar", ["David Bowie"])])
    assert [item.question for item in work.releases()] == [f"rgid:{GROUP}"]
    assert [item.value for item in work.hydration()] == [GROUP]


def test_a_decided_match_that_was_merged_stays_known_by_its_id(listed, connection):
    """MusicBrainz answers a look-up with the id into which it was merged: the one that the person chose is answered."""
    decision = {"album_id": 1, "artist": None, "field": "match", "decision": "accept", "value": GROUP}
    warehouse.replace_decisions(connection, [decision])
    listed([("Blackstar", ["David Bowie"])])
    asked = json.dumps([{"question": f"rgid:{GROUP}", "album_id": "1"}])
    body = json.dumps(group(identifier=RELEASE))
    row = RawRow(f"/ws/2/release-group/{GROUP}?inc=releases", asked, "https://example.org/", 200, NOW, "one", body)
    warehouse.append(connection, "musicbrainz.release_groups", [row])
    work = listed(now=NOW + timedelta(days=8))
    assert (work.releases(), [item.value for item in work.hydration()]) == ([], [GROUP])


def test_a_locked_album_is_left_alone(listed, connection):
    """An album that the person locked whole is not asked for."""
    decision = {"album_id": 1, "artist": None, "field": "*", "decision": "lock", "value": None}
    warehouse.replace_decisions(connection, [decision])
    assert listed([("Blackstar", ["David Bowie"])]).albums() == 0


def test_names_with_a_separator_are_asked_whole_and_in_parts(listed, connection):
    """The act may be one or several: both are asked, each once, and rest when answered."""
    work = listed(
        [("A", ["Simon & Garfunkel"]), ("B", ["Paul Simon"]), ("C", ["Simon & Garfunkel", "Garfunkel, Cher"])]
    )
    names = [item.value for item in work.names()]
    assert names == ["Cher", "Garfunkel", "Garfunkel, Cher", "Simon", "Simon & Garfunkel"]
    body = {"count": 1, "artists": [{"name": "simon and garfunkel"}]}
    keep(connection, "musicbrainz.artists", ["name:Simon & Garfunkel", "name:Cher"], body)
    work.refresh()
    assert [item.value for item in work.names()] == ["Garfunkel", "Garfunkel, Cher", "Simon"]
    later = listed(now=NOW + timedelta(days=8))
    assert [item.value for item in later.names()] == ["Cher", "Garfunkel", "Garfunkel, Cher", "Simon"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Emerson, Lake & Palmer", {"Emerson", "Lake", "Palmer", "Lake & Palmer", "Emerson, Lake"}),
        ("Ciara Featuring Young Jeezy", {"Ciara", "Young Jeezy"}),
        ("Constant Bop / White Denim", {"Constant Bop", "White Denim"}),
        ("AC/DC", {"AC", "DC"}),
        ("Sister Sledge", set()),
        ("Echo and The Bunnymen", {"Echo", "The Bunnymen"}),
    ],
)
def test_a_name_is_cut_at_every_separator(name, parts):
    """Every act that a name may hold is among the parts; a plain name has none."""
    assert set(parts_of(name)) - {name} == parts


def test_the_order_of_answers_decides_nothing(listed, connection):
    """Whatever order answers arrived in, the list is the same."""
    albums = [(f"Album {n}", [f"Artist {n % 3}"]) for n in range(30)]
    work = listed(albums)
    first = [item.question for item in work.pairs()]
    for number, question in enumerate(reversed(first[:20])):
        one = group(f"Album {number}", identifier=f"{number:08d}-0000-4000-8000-000000000000")
        found(connection, one, question=question)
    work.refresh()
    assert [item.question for item in work.pairs()] == first[20:]
    assert [item.question for item in work.alone()] == [
        item.question.replace("pair:", "alone:") for item in work.alone()
    ]


def test_a_written_cover_is_asked_for_again(listed, connection):
    """Once within four weeks after its time, although the album has no hole; not before, nor when it stands no more."""
    url = "https://coverartarchive.org/release/a/1-500.jpg"
    page = f"https://musicbrainz.org/release-group/{GROUP}"
    entry = {
        "entry_id": "one",
        "target": "in_place",
        "state": "applied",
        "table_name": "images",
        "source": "cover_art_archive",
    }
    entry |= {"album_id": 1, "new_value": url, "evidence_url": page, "fetched_at": NOW}
    warehouse.append_applied_changes(connection, [entry])
    album = ("Blackstar", ["David Bowie"], COMPLETE)
    standing = f"insert into images (id, album_id, url, image_type) values (1, 1, '{url}', 'album')"

    def nights_that_ask(first, last):
        days = range(first, last)
        return [day for day in days if listed([album], statements=[standing], now=NOW + timedelta(days=day)).covers()]

    assert nights_that_ask(170, 180) == []
    (day,) = nights_that_ask(181, 209)
    keep(
        connection,
        "cover_art_archive.front_covers",
        [f"release_group:{GROUP}"],
        None,
        status=404,
        at=NOW + timedelta(days=day),
    )
    assert nights_that_ask(day, day + 30) == []


def test_a_volume_is_found_however_it_is_written(listed, connection):
    """ "Vol. 4" and "Volume 4" are one candidate; "Vol. 5" is none."""
    work = listed([("Woodstock Sessions, Vol. 4", ["Team Sleep"])])
    assert [item.title_words for item in work.pairs()] == [("woodstock", "sessions", "4")]
    question = "pair:team sleep|woodstock sessions vol 4"
    found(connection, group("Woodstock Sessions, Volume 4", "Team Sleep"), question=question)
    work.refresh()
    assert len(work.covers()) == 1
