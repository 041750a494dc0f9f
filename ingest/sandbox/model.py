"""What a catalogue is made of: artists, release groups with their releases, Discogs releases, Spotify albums.

Shapes only, with their way from and to JSON. How a source words them stands in the module of that source.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

VARIOUS_ARTISTS = "89ad4ac3-39f7-470e-963a-56509c546377"  # MusicBrainz' own, a well-known constant


@dataclass(frozen=True, slots=True)
class Artist:
    """An act. `tags` holds (name, votes)."""

    id: str
    name: str
    sort_name: str = ""
    type: str = "Group"
    disambiguation: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """One act of an artist credit: `name` as printed there, `join` between it and the next."""

    artist: str
    name: str
    join: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """One issue of a release group. `image` is the number of its front cover, `urls` what MusicBrainz links to it."""

    id: str
    title: str
    date: str = ""
    tracks: int = 10
    status: str = "Official"
    urls: tuple[str, ...] = ()
    image: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseGroup:
    """An album as such.

    `cover` names the release whose front stands for the group; `listed` says whether ListenBrainz' cache holds the group and
    `cover_listed` whether it holds its cover; `kind` is "true" or the kind of decoy.
    """

    id: str
    title: str
    credits: tuple[Credit, ...]
    primary: str = "Album"
    secondary: tuple[str, ...] = ()
    date: str = ""
    disambiguation: str = ""
    tags: tuple[tuple[str, int], ...] = ()
    releases: tuple[Release, ...] = ()
    cover: str = ""
    listed: bool = True
    cover_listed: bool = True
    master: int | None = None
    kind: str = "true"

    @property
    def artist_text(self) -> str:
        """The credit as one line."""
        return "".join(credit.name + credit.join for credit in self.credits)

    @property
    def cover_release(self) -> Release | None:
        """The release whose front stands for the group, if any has one."""
        return next((release for release in self.releases if release.id == self.cover and release.image), None)


@dataclass(frozen=True, slots=True)
class DiscogsArtist:
    """One act of a Discogs credit: `name` may end in ' (2)', `anv` is how this issue prints it."""

    name: str
    anv: str = ""
    join: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class DiscogsRelease:
    """A Discogs release. Year 0 is unknown, master 0 is none."""

    id: int
    title: str
    artists: tuple[DiscogsArtist, ...]
    year: int = 0
    original_year: int = 0
    master: int = 0
    genres: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    format: str = "Vinyl"
    tracks: tuple[str, ...] = ()
    has_image: bool = True
    in_collection: bool = True


@dataclass(frozen=True, slots=True)
class SpotifyAlbum:
    """A Spotify album; `date` is that of the issue."""

    id: str
    title: str
    artists: tuple[str, ...]
    date: str = ""
    type: str = "album"
    tracks: int = 10
    has_image: bool = True


@dataclass(frozen=True, slots=True)
class Truth:
    """What is right for one library album. `ambiguous`: the row holds two albums, no answer is right or wrong."""

    release_group: str | None
    year: int | None = None
    cover: str | None = None
    artists: tuple[str, ...] | None = None
    genre: str | None = None
    ambiguous: bool = False


@dataclass
class Contents:
    """All rows of a catalogue, before they are indexed."""

    artists: list[Artist] = field(default_factory=list)
    release_groups: list[ReleaseGroup] = field(default_factory=list)
    discogs: list[DiscogsRelease] = field(default_factory=list)
    spotify: list[SpotifyAlbum] = field(default_factory=list)
    truth: dict[int, Truth] = field(default_factory=dict)
    credits: dict[str, tuple[str, ...]] = field(default_factory=dict)


def to_json(row: Any) -> dict[str, Any]:
    """A row without its defaults, for a small and readable file."""
    return {name: value for name, value in asdict(row).items() if value not in (None, "", (), [])}


def pairs(value: Any) -> tuple[tuple[str, int], ...]:
    """(name, votes) pairs from JSON."""
    return tuple((str(name), int(votes)) for name, votes in value or ())


def artist(row: Mapping[str, Any]) -> Artist:
    """An artist from JSON."""
    return Artist(**{**row, "aliases": tuple(row.get("aliases", ())), "tags": pairs(row.get("tags"))})


def release_group(row: Mapping[str, Any]) -> ReleaseGroup:
    """A release group from JSON, with credits and releases."""
    releases = tuple(Release(**{**one, "urls": tuple(one.get("urls", ()))}) for one in row.get("releases", ()))
    credits = tuple(Credit(**one) for one in row.get("credits", ()))
    rest = {"releases": releases, "credits": credits, "secondary": tuple(row.get("secondary", ()))}
    return ReleaseGroup(**{**row, **rest, "tags": pairs(row.get("tags"))})


def discogs_release(row: Mapping[str, Any]) -> DiscogsRelease:
    """A Discogs release from JSON."""
    lists = {name: tuple(row.get(name, ())) for name in ("genres", "styles", "tracks")}
    return DiscogsRelease(**{**row, **lists, "artists": tuple(DiscogsArtist(**one) for one in row.get("artists", ()))})


def spotify_album(row: Mapping[str, Any]) -> SpotifyAlbum:
    """A Spotify album from JSON."""
    return SpotifyAlbum(**{**row, "artists": tuple(row.get("artists", ()))})


def truth(row: Mapping[str, Any]) -> Truth:
    """What is right for one album, from JSON."""
    acts = row.get("artists")
    return Truth(**{"release_group": None, **row, "artists": None if acts is None else tuple(acts)})
