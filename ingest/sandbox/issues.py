"""The issues of a work: MusicBrainz releases, the Discogs release and the Spotify album of a library row."""

from ingest.sandbox.acts import Act
from ingest.sandbox.genres import FAMILIES
from ingest.sandbox.library_rows import LibraryAlbum
from ingest.sandbox.model import DiscogsArtist, DiscogsRelease, Release, ReleaseGroup, SpotifyAlbum
from ingest.sandbox.words import base62, key, mbid, number, share

LINKED = 0.8  # share of a library's identifiers that MusicBrainz links to a release
LAST_YEAR = 2025


def issues(
    group: str, title: str, albums: list[LibraryAlbum], year: int, date: str, covered: bool, status: str = "Official"
) -> tuple[Release, ...]:
    """Releases of a group: the first one, the library's own editions with their addresses, up to three re-issues."""
    tracks = 6 + number("tracks", group) % 10
    links = {row.id: _links(row) for row in albums}
    plain = [row for row in albums if key(row.title) == key(title)]
    first_links = tuple(dict.fromkeys(url for row in plain for url in links[row.id]))
    image = 1_000_000_000 + number("image", group) % 38_000_000_000 if covered else None
    rows = [Release(mbid("release", group, 0), title, date, tracks, status, first_links, image)]
    for row in albums:
        if row in plain:
            continue
        when = str(row.year) if row.year and row.year > year else str(min(LAST_YEAR, year + 20))
        own = 1_000_000_000 + number("image", group, row.id) % 38_000_000_000 if covered and row.id % 2 else None
        rows.append(Release(mbid("release", group, row.title), row.title, when, tracks + 2, status, links[row.id], own))
    for place in range(1, 1 + number("re-issues", group) % 4 if status == "Official" else 1):
        later = min(LAST_YEAR, year + 4 * place + number("later", group, place) % 9)
        rows.append(Release(mbid("release", group, place), title, str(later), tracks, "Official"))
    return tuple(rows)


def _links(row: LibraryAlbum) -> tuple[str, ...]:
    urls = []
    if row.discogs and share("discogs linked", row.discogs) < LINKED:
        urls.append(f"https://www.discogs.com/release/{row.discogs}")
    if row.spotify and share("spotify linked", row.spotify, row.id) < LINKED:
        urls.append(f"https://open.spotify.com/album/{row.spotify}")
    return tuple(urls)


def discogs_release(
    row: LibraryAlbum, credits: tuple[Act, ...], group: ReleaseGroup, year: int, family: str
) -> DiscogsRelease:
    """The Discogs release that a library row names: the year of that issue, names numbered or printed otherwise."""
    ident = row.discogs or 0
    artists = tuple(_discogs_artist(*act) for act in credits)
    _, genre, styles, _ = FAMILIES[family]
    chosen = styles[number("style", ident) % len(styles)]
    return DiscogsRelease(
        id=ident, title=row.title, artists=artists, original_year=year,
        year=0 if share("year 0", ident) < 0.08 else row.year or year,
        master=0 if share("no master", ident) < 0.1 else group.master or number("master of", *group.id) % 3_000_000 + 1000,
        genres=(genre,), styles=() if share("no style", ident) < 0.08 else (chosen,),
        format="CD" if row.support == "CD" else "Vinyl", tracks=tuple(row.tracks[:20]),
        has_image=share("discogs image", ident) < 0.92, in_collection=share("collection", ident) < 0.9,
    )  # fmt: skip


def _discogs_artist(name: str, credited: str, join: str) -> DiscogsArtist:
    if name == "Various Artists":
        return DiscogsArtist("Various", id=194)
    numbered = f"{name} ({2 + number('suffix', name) % 6})" if share("suffix", name) < 0.15 else name
    anv = credited if credited != name else name.upper() if share("anv", name) < 0.08 else ""
    word = {",": ",", "feat.": "Feat.", "featuring": "Feat."}.get(join.strip().casefold(), join.strip())
    return DiscogsArtist(numbered, anv, word)


def spotify_album(row: LibraryAlbum, credits: tuple[Act, ...], year: int) -> SpotifyAlbum:
    """A Spotify album: the library's title, artists without join phrases, the date of that issue."""
    ident = row.spotify or base62(22, "album", row.title, *(act[0] for act in credits))
    names = tuple(act[0] for act in credits)
    when = row.year or (year if share("first issue", ident) < 0.5 else min(LAST_YEAR, year + 20))
    date = str(when) if share("year only", ident) < 0.2 else f"{when}-{1 + number('month', ident) % 12:02}-01"
    tracks = max(len(row.tracks), 8 + number("tracks", ident) % 8)
    return SpotifyAlbum(ident, row.title, names, date, "album", tracks, share("spotify image", ident) < 0.97)
