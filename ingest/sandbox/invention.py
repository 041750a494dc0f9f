"""Makes a catalogue up from a library: the work behind each album, its issues and identifiers, and decoys around it.

What is invented (years that the library does not know, covers, tags of unknown acts) follows from hashes of names, so that the
same library gives the same catalogue. How titles and names are read stands in titles.py and acts.py.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.sandbox import acts, decoys, genres, library_rows, titles, years
from ingest.sandbox.cast import Cast
from ingest.sandbox.issues import discogs_release, issues, spotify_album
from ingest.sandbox.library_rows import LibraryAlbum
from ingest.sandbox.model import Contents, Credit, ReleaseGroup, Truth
from ingest.sandbox.words import key, mbid, number, share

LEFT_OUT = 0.06
WITH_COVER = 0.85
CREDITED_MOST = 4  # acts; albums of more are credited to Various Artists
YEAR_NOW = 2026


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a work and must not be made up. None leaves it to the hash or the library."""

    year: int | None = None
    family: str | None = None
    left_out: bool | None = None
    cover: bool | None = None
    credit: str | None = None


@dataclass
class Work:
    """One work with the library albums that are issues of it."""

    title: str
    reading: titles.Reading
    credits: tuple[acts.Act, ...]
    albums: list[LibraryAlbum] = field(default_factory=list)
    known: Known = field(default_factory=Known)

    @property
    def name(self) -> tuple[str, str]:
        """What all dice of this work are thrown with."""
        return key(self.title), key(" ".join(act[0] for act in self.credits))


def invent(library: Path, known: Mapping[tuple[str, str], Known] | None = None) -> Contents:
    """Contents of a catalogue for a library. `known` is keyed by (words of the artists, words of the main title)."""
    return _invent(library_rows.albums(library), library_rows.artist_names(library), known or {})


def invent_together(libraries: Sequence[Path]) -> Contents:
    """Contents of one catalogue for several libraries, whose albums are numbered anew; what is no library is left out."""
    rows: list[LibraryAlbum] = []
    names: list[str] = []
    for library in libraries:
        with suppress(sqlite3.Error):
            found, heard = library_rows.albums(library), library_rows.artist_names(library)
            rows += [replace(row, id=number) for number, row in enumerate(found, start=len(rows) + 1)]
            names += heard
    return _invent(rows, list(dict.fromkeys(names)), {})


def _invent(rows: list[LibraryAlbum], artist_names: list[str], known: Mapping[tuple[str, str], Known]) -> Contents:
    contents, cast = Contents(), Cast()
    for name in artist_names:
        if not acts.is_various(name):
            cast.enter_all(acts.read(name))
            if acts.holds_separator(name):
                contents.credits[name] = acts.names(name)
    taken: set[tuple[str, str]] = set()
    for work in _works(rows, known):
        _add(work, contents, cast, taken)
    contents.artists = cast.rows()
    return contents


def _works(rows: list[LibraryAlbum], known: Mapping[tuple[str, str], Known]) -> list[Work]:
    """Albums gathered into works; an album of two unrelated acts under a title of no one's stands for two works."""
    works: dict[tuple[str, ...], Work] = {}
    for row in rows:
        reading = titles.read(row.title)
        fact = known.get((key(" ".join(row.artists)), key(reading.main)), Known())
        credits = [acts.read(fact.credit)] if fact.credit else _credits(row, reading)
        for credit in credits:
            ident = (key(reading.main), *(key(act[0]).removeprefix("the ") for act in credit))
            if ident not in works:
                works[ident] = Work(titles.as_catalogued(reading), reading, credit, known=fact)
            works[ident].albums.append(row)
    return list(works.values())


def _credits(row: LibraryAlbum, reading: titles.Reading) -> list[tuple[acts.Act, ...]]:
    """Who the catalogue credits; two entries where the library threw two works together."""
    various = (("Various Artists", "Various Artists", ""),)
    names = [name for name in row.artists if not acts.is_various(name)]
    if not names:
        return [various]
    if reading.is_soundtrack:
        alone = len(names) == 1 and key(names[0]) in genres.COMPOSERS
        return [acts.read(names[0]) if alone else various]
    if len(names) > CREDITED_MOST:
        host = row.title.rpartition(":")[2].split("(")[0].strip()
        return [((host, host, ""),) if reading.is_mix and any(key(host) == key(name) for name in names) else various]
    credits = [acts.read(name) for name in names]
    if len(credits) > 1 and "Compilation" in reading.secondary and not _related(credits):
        return credits[:2]
    return [min(credits, key=len) if _related(credits) else _joined(credits)]


def _related(credits: list[tuple[acts.Act, ...]]) -> bool:
    first = {key(act[0]) for act in credits[0]}
    return all(first & {key(act[0]) for act in other} for other in credits[1:])


def _joined(credits: list[tuple[acts.Act, ...]]) -> tuple[acts.Act, ...]:
    flat = [act for credit in credits for act in credit]
    return tuple(
        (name, credited, join or (", " if at < len(flat) - 1 else "")) for at, (name, credited, join) in enumerate(flat)
    )


def year_of(work: Work) -> int:
    """First release: known, or the library's where it is no later edition's, or made up."""
    listed = [years.of(name, work.reading.main) for row in work.albums for name in row.artists]
    known = next((year for year in [work.known.year, *listed] if year), None)
    if known:
        return known
    plain = [
        row.year for row in work.albums if row.year and row.support == "" and "20" not in titles.read(row.title).edition
    ]
    if plain:
        return min(plain)
    latest = min([row.year for row in work.albums if row.year] or [YEAR_NOW - 3])
    if "remaster" in " ".join(titles.read(row.title).edition for row in work.albums).casefold():
        latest = min(latest, 1999)
    back = number("year", *work.name) % 45
    return max(1950, latest - (0 if work.albums[0].support and share("first issue", *work.name) < 0.4 else back))


def date_of(year: int, *name: str) -> str:
    """A year as MusicBrainz may hold it: to the day, the month, the year, or not at all."""
    dice = number("date", *name) % 100
    month, day = 1 + dice % 12, 1 + number("day", *name) % 28
    if dice < 3:
        return ""
    return f"{year}" if dice < 15 else f"{year}-{month:02}" if dice < 22 else f"{year}-{month:02}-{day:02}"


def _add(work: Work, contents: Contents, cast: Cast, taken: set[tuple[str, str]]) -> None:
    """Puts a work, its issues, its decoys and the truth about its albums into the contents."""
    year = year_of(work)
    family = work.known.family or ("score" if work.reading.is_soundtrack else genres.family_of(work.credits[0][0]))
    out = share("left out", *work.name) < LEFT_OUT if work.known.left_out is None else work.known.left_out
    group = _group(work, cast, year, family)
    _tell(work, contents, None if out else group, year, family)
    if not out and work.name not in taken:
        taken.add(work.name)
        contents.release_groups.append(group)
        for credit in work.credits:
            cast.tag(credit[0], family)
    for row in work.albums:
        if row.discogs and share("discogs", row.discogs) >= 0.03:
            contents.discogs.append(discogs_release(row, work.credits, group, year, family))
    if any(row.spotify for row in work.albums) or share("spotify", *work.name) < 0.7:
        contents.spotify.extend(spotify_album(row, work.credits, year) for row in work.albums if row.spotify)
        if not any(row.spotify for row in work.albums):
            contents.spotify.append(spotify_album(work.albums[0], work.credits, year))
    for decoy in decoys.of(work.title, "".join(act[1] + act[2] for act in work.credits)):
        _add_decoy(decoy, work, contents, cast, taken, year)


def _group(work: Work, cast: Cast, year: int, family: str) -> ReleaseGroup:
    ident = mbid("release-group", *work.name)
    date = date_of(year, *work.name)
    covered = share("cover", *work.name) < WITH_COVER if work.known.cover is None else work.known.cover
    releases = issues(ident, work.title, work.albums, year, date, covered)
    cover = next((one.id for one in releases if one.image), "")
    untagged = share("untagged", *work.name) < 0.12
    compiled = len(work.credits) == 1 and work.credits[0][0] == "Various Artists" and not work.reading.secondary
    return ReleaseGroup(
        id=ident, title=work.title, credits=credit_rows(work.credits, cast), date=date, releases=releases, cover=cover,
        primary="Single" if work.reading.is_single else "Album",
        secondary=("Compilation",) if compiled else work.reading.secondary,
        tags=() if untagged else genres.tags_of(family, *work.name),
        listed=share("listed", *work.name) >= 0.02, cover_listed=share("cover listed", *work.name) >= 0.05,
        master=number("master", *work.name) % 3_000_000 + 1000 if share("master link", *work.name) < 0.7 else None,
    )  # fmt: skip


def credit_rows(credits: tuple[acts.Act, ...], cast: Cast) -> tuple[Credit, ...]:
    """The credit with the identifiers of its acts."""
    return tuple(
        Credit(cast.enter(name, credited), cast.spelling(name) if credited == name else credited, join)
        for name, credited, join in credits
    )


def _tell(work: Work, contents: Contents, group: ReleaseGroup | None, year: int, family: str) -> None:
    from ingest.sandbox.catalogue import cover_address

    for row in work.albums:
        names = [name for name in row.artists if not acts.is_various(name)]
        persons = tuple(dict.fromkeys(act for name in names for act in acts.names(name)))
        cover = cover_address(group) if group else None
        truth = Truth(group.id if group else None, year, cover, persons or None, genres.seven(family))
        two = row.id in contents.truth and contents.truth[row.id].release_group != truth.release_group
        contents.truth[row.id] = Truth(None, None, None, persons or None, None, ambiguous=True) if two else truth


def _add_decoy(
    decoy: decoys.Decoy, work: Work, contents: Contents, cast: Cast, taken: set[tuple[str, str]], year: int
) -> None:
    credits = work.credits if decoy.artist is None else ((decoy.artist, decoy.artist, ""),)
    name = key(decoy.title), key(" ".join(act[0] for act in credits))
    if name in taken and decoy.kind != "single":
        return
    taken.add(name)
    ident = mbid("decoy", decoy.kind, *name, *work.name)
    then = min(YEAR_NOW, max(1950, year + decoy.later))
    releases = issues(ident, decoy.title, [], then, date_of(then, ident), share("cover", ident) < 0.6, decoy.status)
    family = "pop" if decoy.artist else genres.family_of(credits[0][0])
    contents.release_groups.append(
        ReleaseGroup(
            id=ident, title=decoy.title, credits=credit_rows(credits, cast), primary=decoy.primary,
            secondary=decoy.secondary, date=date_of(then, ident), releases=releases, kind=decoy.kind,
            cover=next((one.id for one in releases if one.image), ""), tags=genres.tags_of(family, ident),
        )
    )  # fmt: skip
    if decoy.artist and share("decoy on spotify", ident) < 0.5:
        row = LibraryAlbum(0, decoy.title, None, "", None, None)
        contents.spotify.append(spotify_album(row, credits, then))
