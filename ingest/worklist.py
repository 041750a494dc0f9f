"""What is due tonight: library rows against what each source has already answered.

The questions are computed in SQL over raw tables (`worklist_albums.sql`, `worklist_answers.sql`, `worklist_due.sql`), on
keys folded by the very macro that dbt uses. The list may ask too much, never too little: it believes nothing, and knows
no URL. The file is long because what is due of one source hangs on what the others have answered.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from ingest import warehouse
from ingest.questions import AlbumItem, Item, TrackItem, parts_of
from ingest.settings import WEB_SOURCES, Settings
from ingest.shared_answers import SharedAnswers
from ingest.tables import WEB_TABLES

_HERE = Path(__file__).parent
_FOLDING = _HERE.parent / "dbt_project" / "macros" / "engine" / "fold_text.sql"


class Worklist:
    """The list of one thread.

    Args:
        connection: a cursor of the warehouse that belongs to this thread; the list's temporary tables live on it.
        settings: refresh days, features, which sources are on.
        now: the moment against which an answer's age is measured (aware, UTC).
        shared: what other libraries of a fleet know; nothing that it holds is due.
        words: the sources whose lists are read here, about which `shared` is asked; all of them where none are named.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        now: datetime,
        shared: SharedAnswers | None = None,
        words: Sequence[str] = WEB_SOURCES,
    ) -> None:
        self._cursor = connection
        self._settings = settings
        self._shared = shared
        self._words = [word for word in words if settings.source_access(word).status == "on"]
        self._now = now.astimezone(UTC).replace(tzinfo=None)
        self._is_limited = False
        self._answers: int | None = None
        folding = jinja2.Environment(autoescape=False).from_string(_FOLDING.read_text("utf-8"))  # noqa: S701  SQL
        folded = folding.make_module().duckdb__fold_text("text_to_fold")  # type: ignore[attr-defined]
        self._cursor.execute(f"create or replace temp macro fold_text(text_to_fold) as ({folded})")
        self._write_settings()
        self._find_left_without()
        self._run("worklist_albums.sql")
        self._read_answers()
        self._cursor.execute("create or replace temp table work_scope as select album_id from work_albums")
        self._run("worklist_due.sql")
        self._take_shared()
        self.refresh()
        if "listenbrainz" in self._words:  # one thread alone: two would change the same row
            self._name_latecomers()

    def refresh(self) -> None:
        """See what the raw tables hold by now; costs nothing where no answer has come since."""
        while self._read_answers():  # what is taken from others may make due what they know too
            self._take_shared()

    def _read_answers(self) -> bool:
        """Read the raw tables anew where they have grown; whether they had."""
        answers = self._rows(_COUNT_ANSWERS)[0][0]
        if answers == self._answers:
            return False
        self._answers = answers
        self._run("worklist_answers.sql")
        return True

    def _take_shared(self) -> None:
        if self._shared is not None:
            due = [item for word in self._words for items in self.by_source(word) for item in items()]
            self._shared.take(self._cursor, due)

    def _name_latecomers(self) -> None:
        """Have the look-ups that are answered name the albums to whose question they were answered before they were here.

        That question is not asked again for them, and what a look-up found is believed of the albums that it names. The
        answer numbers its questions, so what is added stands behind them.
        """
        answers: dict[int, list[dict[str, str]]] = {}
        for answer_id, asked, question, album_id in self._rows(_LATECOMERS):
            named = {"question": question, "album_id": album_id}
            answers.setdefault(answer_id, json.loads(asked)).append(named)
        warehouse.replace_asked(
            self._cursor,
            "listenbrainz.recordings",
            {answer_id: json.dumps(asked, ensure_ascii=False) for answer_id, asked in answers.items()},
        )

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The cursor of this list's thread."""
        return self._cursor

    @property
    def looks_up(self) -> bool:
        """Whether ListenBrainz looks names up for us: it wants a token for that."""
        is_on = self._settings.source_access("listenbrainz").status == "on"
        return is_on and self._settings.secrets.listenbrainz.token is not None

    def by_source(self, source: str) -> tuple[Callable[[], Sequence[Item]], ...]:
        """The lists of one source, in the order in which they are asked."""
        return {
            "musicbrainz": (self.urls, self.releases, self.pairs, self.alone, self.names),
            "listenbrainz": (self.look_ups, self.hydration),
            "cover_art_archive": (self.covers,),
            "discogs": (self.discogs,),
            "spotify": (self.spotify,),
        }[source]

    def first_due(self, limit: int, sources: Iterable[str]) -> list[str]:
        """The ids of the first `limit` albums that any of these sources is due to be asked for."""
        lists = [items() for source in sources for items in self.by_source(source)]
        due = {album_id for items in lists for item in items for album_id in item.album_ids}
        return sorted(due, key=_by_number)[:limit]

    def restrict(self, album_ids: Sequence[str]) -> None:
        """Keep to these albums."""
        self._cursor.execute("create or replace temp table work_scope as select unnest(?) as album_id", [album_ids])
        self._is_limited = True

    def albums(self) -> int:
        """How many albums have a hole that asking could fill."""
        return int(self._rows("select count(*) from work_scope")[0][0])

    def urls(self) -> list[Item]:
        """Addresses of other sites whose release MusicBrainz is asked for."""
        return self._items("due_urls", "resource")

    def releases(self) -> list[Item]:
        """Releases and decided release groups of which only the id is known; `question` says which of the two."""
        return self._items("due_releases", "mbid")

    def pairs(self) -> list[AlbumItem]:
        """Albums to search for together, by artist and title."""
        return self._album_items("due_pairs")

    def alone(self) -> list[AlbumItem]:
        """Albums without a candidate, to be searched for once more, each alone and with looser words."""
        return self._album_items("due_alone")

    def names(self) -> list[Item]:
        """Artist names that hold a separator, whole and in parts."""
        if not self._settings.enrichment.auto_enrichment.features.fix_artist_formatting:
            return []
        found = self._rows(_NAMES_IN_SCOPE if self._is_limited else _NAMES)
        albums: dict[str, set[str]] = {}
        for name, album_ids in found:
            for part in parts_of(name):
                albums.setdefault(part, set()).update(filter(None, album_ids))
        fresh = self._fresh_names(list(albums))
        return [
            Item(f"name:{part}", part, tuple(sorted(albums[part], key=_by_number)))
            for part in sorted(albums)
            if part not in fresh
        ]

    def look_ups(self) -> list[TrackItem]:
        """Albums that no search has found, each by one of its tracks; none without ListenBrainz' token."""
        rows = self._rows(
            "select question, arg_min(track_title, album_id), arg_min(first_artist, album_id),"
            " arg_min(main_title, album_id), list(album_id) from due_look_ups"
            " where album_id in (select album_id from work_scope) group by 1 order by 1"
        )
        return [
            TrackItem(question, track, tuple(sorted(ids, key=_by_number)), artist, album)
            for question, track, artist, album, ids in rows
        ]

    def hydration(self) -> list[Item]:
        """Release groups that ListenBrainz is asked to describe."""
        return self._items("due_hydration", "release_group_id")

    def covers(self) -> list[Item]:
        """Release groups whose front cover the archive is asked for, and a few that it is asked for again."""
        due = self._items("due_covers", "release_group_id")
        if self._is_limited:
            return due
        known = {item.question for item in due}
        again = self._items("due_covers_again", "release_group_id", in_scope=False)
        return due + [item for item in again if item.question not in known]

    def discogs(self) -> list[Item]:
        """Releases of Discogs, by their number."""
        return self._items("due_discogs", "release_discogs_id")

    def spotify(self) -> list[AlbumItem]:
        """Albums for which nothing else has a cover."""
        return self._album_items("due_spotify")

    def fresh_pages(self, user: str) -> dict[int, str]:
        """The pages of a Discogs collection that need not be asked again yet: number to payload."""
        rows = self._rows(
            "select work_questions.question, discogs.releases.payload"
            " from work_questions inner join discogs.releases on work_questions.answer_id = discogs.releases.rowid"
            " where work_questions.place = 'discogs' and work_questions.status = 200"
            " and work_questions.question like 'collection:%' and not is_stale(work_questions.fetched_at, true)"
            " order by work_questions.fetched_at"
        )
        start = f"collection:{user}:"
        return {int(question[len(start) :]): payload for question, payload in rows if question.startswith(start)}

    def _fresh_names(self, names: Sequence[str]) -> set[str]:
        self._cursor.execute("create or replace temp table work_names (name varchar)")
        if names:
            self._cursor.execute("insert into work_names select unnest(?)", [list(names)])
        return {row[0] for row in self._rows(_FRESH_NAMES)}

    def _items(self, view: str, value: str, *, in_scope: bool = True) -> list[Item]:
        scope = " where album_id in (select album_id from work_scope)" if in_scope else ""
        rows = self._rows(
            f"select question, min({value}), list(distinct album_id) from {view}{scope} group by 1 order by 1"  # noqa: S608  our own names
        )
        return [Item(question, found, tuple(sorted(ids, key=_by_number))) for question, found, ids in rows]

    def _album_items(self, view: str) -> list[AlbumItem]:
        rows = self._rows(
            f"select question, main_title, album_id, artists, coalesce(first_artist, ''), title_words, is_collective,"  # noqa: S608
            f" is_soundtrack from {view} where album_id in (select album_id from work_scope)"
            " order by try_cast(album_id as hugeint), album_id"
        )
        items: dict[str, AlbumItem] = {}
        for question, title, album_id, artists, first, words, is_collective, is_soundtrack in rows:
            known = items.get(question)
            ids = (*(known.album_ids if known else ()), album_id)
            items[question] = (
                AlbumItem(question, known.value, ids, *_names_of(known))
                if known
                else AlbumItem(question, title, ids, tuple(artists), first, tuple(words), is_collective, is_soundtrack)
            )
        return list(items.values())

    def _write_settings(self) -> None:
        automatic = self._settings.enrichment.auto_enrichment
        days = self._settings.enrichment.refresh_days
        values: dict[str, Any] = {
            "answered_before": self._now - timedelta(days=days.answered),
            "nothing_found_before": self._now - timedelta(days=days.nothing_found),
            "covers_before": self._now - timedelta(days=days.cover),
            "wants_images": automatic.features.enrich_images,
            "wants_genres": automatic.features.detect_genres,
            "wants_years": automatic.features.fill_years,
            "wants_artists": automatic.features.fix_artist_formatting,
            "asks_musicbrainz": self._settings.source_access("musicbrainz").status == "on",
            "looks_up": self.looks_up,
            "asks_discogs": self._settings.source_access("discogs").status == "on",
        }
        for name, value in values.items():
            self._cursor.execute(f"set variable {name} = ?", [value])

    def _find_left_without(self) -> None:
        """Albums that an earlier night, not today's run before this one, left without a cover.

        Only a night in which everything answered counts: what it left, it left for want of certainty. One in which a
        source was down leaves nearly everything, and the next one finds it without a last resort.
        """
        self._cursor.execute("create or replace temp table work_left_without (album_id varchar)")
        known = self._rows(
            "select 1 from information_schema.tables where table_schema = 'marts' and table_name = 'albums'"
        )
        last = self._rows(_LAST_ASKING) if known else []
        if last and last[0][0] == "success" and last[0][1] <= self._now - timedelta(hours=12):
            self._cursor.execute(
                "insert into work_left_without select cast(album_id as varchar) from marts.albums"
                " where coalesce(image_url, '') = ''"
            )

    def _run(self, file: str) -> None:
        self._cursor.execute((_HERE / file).read_text("utf-8"))

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._cursor.execute(query).fetchall()


def _names_of(item: AlbumItem) -> tuple[Any, ...]:
    return item.artists, item.first_artist, item.title_words, item.is_collective, item.is_soundtrack


def _by_number(text: str) -> tuple[int, str]:
    return (int(text), text) if re.fullmatch(r"-?\d+", text) else (0, text)


_LAST_ASKING = """
select status, finished_at
from sillon.runs
where finished_at is not null
    and coalesce(job, '') not in ('audit_database', 'validate_data', 'generate_audit_report')
order by finished_at desc, run_id desc
limit 1
"""

_COUNT_ANSWERS = "select " + " + ".join(f"(select count(*) from {table})" for table in WEB_TABLES)  # noqa: S608

_LATECOMERS = r"""
with entries as (
    select rowid as answer_id, asked, unnest(from_json(asked, '[{"question":"VARCHAR","album_id":"VARCHAR"}]')) as entry
    from listenbrainz.recordings
    where json_valid(asked)
), named as (
    select answer_id, entry.question as question, entry.album_id as album_id from entries
)
select distinct entries.answer_id, entries.asked, entries.entry.question, work_albums.album_id
from entries
inner join work_albums on entries.entry.question = 'lookup:' || work_albums.question_key
left join named
    on entries.answer_id = named.answer_id
    and entries.entry.question = named.question
    and work_albums.album_id = named.album_id
where named.answer_id is null
order by entries.answer_id, try_cast(work_albums.album_id as hugeint), work_albums.album_id
"""

_NAMES = """
select artists.name, list(distinct album_artist.album_id)
from library.artists
left join library.album_artist on artists.id = album_artist.artist_id
where holds_separator(left(artists.name, 300)) and length(artists.name) <= 300
group by 1
order by 1
"""

_NAMES_IN_SCOPE = _NAMES.replace(
    "group by 1", "and album_artist.album_id in (select album_id from work_scope) group by 1"
)

_FRESH_NAMES = """
with answers as (
    select cast(payload as json) as payload from musicbrainz.artists where status = 200 and json_valid(payload)
), artists as (
    select unnest(from_json(
        json_extract(payload, '$.artists'), '[{"name":"VARCHAR","aliases":[{"name":"VARCHAR"}]}]'
    )) as artist from answers
), known as (
    select fold_text(artist.name) as name from artists
    union
    select fold_text(alias.name) from (select unnest(artist.aliases) as alias from artists) as aliases
), wanted as (
    select name, fold_text(name) as folded_name from work_names
)
select wanted.name
from wanted
inner join work_asked on work_asked.place = 'names' and work_asked.question = 'name:' || wanted.name
left join known on wanted.folded_name = known.name
where not is_stale(work_asked.fetched_at, known.name is not null)
"""
