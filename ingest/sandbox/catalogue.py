"""A catalogue: everything the sandbox' sources can answer, and what is right for each album of its library.

`Catalogue.load` reads a folder of JSON, `Catalogue.of_library` makes one up from a library. Not here: how a source words an
answer (one module per source), nor what is made up (invention.py).
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ingest.sandbox import model, pictures
from ingest.sandbox.model import Artist, Contents, DiscogsRelease, Release, ReleaseGroup, SpotifyAlbum, Truth

COVER_ADDRESS = re.compile(r"/release/([0-9a-f-]{36})/(\d+)|mbid-([0-9a-f-]{36})-(\d+)|/release-group/([0-9a-f-]{36})")


class Catalogue:
    """Rows of a catalogue with the look-ups that the sources need.

    `truth`: album id -> what is right for it. `credits`: artist name of the library that holds several acts -> the acts.
    """

    def __init__(self, contents: Contents, origin: str) -> None:
        self.origin = origin
        self.contents = contents
        self.truth: dict[int, Truth] = contents.truth
        self.credits: dict[str, tuple[str, ...]] = contents.credits
        self.artists: dict[str, Artist] = {row.id: row for row in contents.artists}
        self.groups: dict[str, ReleaseGroup] = {row.id: row for row in contents.release_groups}
        self.releases: dict[str, tuple[Release, ReleaseGroup]] = {
            release.id: (release, group) for group in contents.release_groups for release in group.releases
        }
        self.discogs: dict[int, DiscogsRelease] = {row.id: row for row in contents.discogs}
        self.spotify: dict[str, SpotifyAlbum] = {row.id: row for row in contents.spotify}

    @classmethod
    def load(cls, folder: Path) -> "Catalogue":
        """A catalogue from a folder of JSON files; a file that is missing counts as empty."""

        def rows(name: str) -> Any:
            path = folder / f"{name}.json"
            return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []

        contents = Contents(
            artists=[model.artist(row) for row in rows("artists")],
            release_groups=[model.release_group(row) for row in rows("release_groups")],
            discogs=[model.discogs_release(row) for row in rows("discogs")],
            spotify=[model.spotify_album(row) for row in rows("spotify")],
        )
        truth = rows("truth") or {}
        contents.truth = {int(album): model.truth(row) for album, row in truth.get("albums", {}).items()}
        contents.credits = {name: tuple(acts) for name, acts in truth.get("credits", {}).items()}
        return cls(contents, origin=str(folder))

    @classmethod
    def of_library(cls, library: Path) -> "Catalogue":
        """A catalogue made up from any library of the app's schema. Raises sqlite3.DatabaseError if it is none."""
        from ingest.sandbox.invention import invent

        return cls(invent(library), origin=str(library))

    @classmethod
    def of_libraries(cls, libraries: Sequence[Path]) -> "Catalogue":
        """One catalogue for several libraries; their albums are numbered anew, in this order, so its truth is for no one's ids.

        A file that is no library is left out.
        """
        from ingest.sandbox.invention import invent_together

        return cls(invent_together(libraries), origin=", ".join(map(str, libraries)))

    @cached_property
    def links(self) -> dict[str, list[tuple[str, str]]]:
        """Foreign address -> [("release" | "release_group", id)]."""
        links: dict[str, list[tuple[str, str]]] = {}
        for group in self.groups.values():
            if group.master:
                links.setdefault(f"https://www.discogs.com/master/{group.master}", []).append(
                    ("release_group", group.id)
                )
            for release in group.releases:
                for url in release.urls:
                    links.setdefault(url, []).append(("release", release.id))
        return links

    def summary(self) -> dict[str, Any]:
        """Counts of what there is, the decoys by kind among it."""
        kinds = Counter(group.kind for group in self.groups.values())
        decoys = {kind: count for kind, count in sorted(kinds.items()) if kind != "true"}
        return {
            "origin": self.origin,
            "albums": len(self.truth),
            "left_out": sum(1 for row in self.truth.values() if row.release_group is None and not row.ambiguous),
            "ambiguous": sum(1 for row in self.truth.values() if row.ambiguous),
            "with_cover": sum(1 for row in self.truth.values() if row.cover),
            "artists": len(self.artists),
            "release_groups": kinds["true"],
            "decoys": decoys,
            "releases": len(self.releases),
            "discogs": len(self.discogs),
            "spotify": len(self.spotify),
        }

    def cover_bytes(self, release_group_id: str) -> bytes:
        """The drawn front cover of a release group, a PNG. Raises KeyError for an unknown one."""
        group = self.groups[release_group_id]
        return pictures.cover(group.title, group.artist_text)

    def picture_for(self, url: str) -> bytes | None:
        """The picture behind a cover address that this catalogue gave out, or None if it gave none like it."""
        found = COVER_ADDRESS.search(url)
        if found is not None:
            release = self.releases.get(found[1] or found[3] or "")
            group_id = release[1].id if release else found[5] or ""
            return self.cover_bytes(group_id) if group_id in self.groups else None
        title = self.issue_of(url)
        return pictures.cover(*title) if title else None

    def issue_of(self, url: str) -> tuple[str, str] | None:
        """Title and artists of the Discogs or Spotify issue whose picture `url` is; None for any other address."""
        return self._pictures_elsewhere.get(url.rsplit("/", 1)[-1].split(".")[0])

    @cached_property
    def _pictures_elsewhere(self) -> dict[str, tuple[str, str]]:
        """File names of Discogs' and Spotify's pictures -> (title, artists)."""
        found = {f"R-{row.id}": (row.title, " ".join(act.name for act in row.artists)) for row in self.discogs.values()}
        found |= {
            pictures.spotify_name(row.id, size): (row.title, ", ".join(row.artists))
            for row in self.spotify.values()
            for size in pictures.SPOTIFY_SIZES
        }
        return found

    def covers_of(self, album_id: int) -> str | None:
        """The address of the right cover of a library album."""
        truth = self.truth.get(album_id)
        return truth.cover if truth else None


def cover_address(group: ReleaseGroup) -> str | None:
    """The lasting https address of a group's front cover."""
    release = group.cover_release
    return f"https://coverartarchive.org/release/{release.id}/{release.image}-500.jpg" if release else None
