"""The Cover Art Archive as the sandbox speaks it: redirects to the archive, 404 as HTML, and the drawn pictures themselves.

The archive's address in a redirect looks real (archive.org) and leads out of the sandbox, as in life; the same path on the
sandbox' own host serves the picture.
"""

import re

from ingest.sandbox.catalogue import Catalogue
from ingest.sandbox.exchange import Reply, Request, as_json
from ingest.sandbox.model import Release
from ingest.sandbox.musicbrainz import UUID

ARCHIVE = "https://archive.org/download"
SIZES = {"250", "500", "1200"}
FRONT = re.compile(r"(?:front|(?P<image>\d+)(?:\.jpg)?)(?:-(?P<size>\d+)(?:\.jpg)?)?")
FILE = re.compile(r"(?:index\.json|mbid-[0-9a-f-]{36}-(?P<image>\d+)(?:_thumb\d+)?\.(?:jpg|png))")


class CoverArtArchive:
    """Answers as https://coverartarchive.org/ would; no limit is known."""

    def __init__(self, catalogue: Catalogue, *, limits: bool = True) -> None:
        self.catalogue, self.limits = catalogue, limits

    def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        parts = [part for part in request.path.split("/") if part]
        if len(parts) == 3 and parts[0] == "download":
            return self.archived(parts[1].removeprefix("mbid-"), parts[2])
        if len(parts) not in (2, 3) or parts[0] not in ("release", "release-group"):
            return _page(404, "Not Found")
        kind, mbid, *what = parts
        if not UUID.fullmatch(mbid.lower()):
            return _page(400, "invalid MBID specified")
        if kind == "release-group" and what and not what[0].startswith("front"):
            return _page(400, "only the front of a release group can be asked for")
        release = self.release(kind, mbid.lower())
        if release is None:
            return _page(404, f"No cover art found for {kind} {mbid}")
        return self.redirect(release, what[0] if what else "")

    def release(self, kind: str, mbid: str) -> Release | None:
        """The release whose images are meant, if it has a front."""
        if kind == "release-group":
            group = self.catalogue.groups.get(mbid)
            return group.cover_release if group else None
        release, _ = self.catalogue.releases.get(mbid, (None, None))
        return release if release is not None and release.image else None

    def redirect(self, release: Release, what: str) -> Reply:
        """307 to the archive's file of an index, an original or a thumbnail (always JPEG)."""
        name = "index.json"
        if what:
            found = FRONT.fullmatch(what)
            if found is None or (found["image"] and int(found["image"]) != release.image):
                return _page(404, "No image found")
            thumb = f"_thumb{found['size']}" if found["size"] in SIZES else ""
            name = f"mbid-{release.id}-{release.image}{thumb}.jpg"
        location = f"{ARCHIVE}/mbid-{release.id}/{name}"
        return Reply(307, f"See: {location}\n".encode(), "text/plain; charset=utf-8", {"Location": location})

    def archived(self, mbid: str, name: str) -> Reply:
        """What the archive itself holds: the index, or the picture (drawn, a PNG whatever its name says)."""
        release, group = self.catalogue.releases.get(mbid, (None, None))
        found = FILE.fullmatch(name)
        if release is None or group is None or found is None or not release.image:
            return _page(404, "Item not available")
        if found["image"] is None:
            return as_json(_index(release))
        if int(found["image"]) != release.image:
            return _page(404, "Item not available")
        return Reply(200, self.catalogue.cover_bytes(group.id), "image/png")


def _index(release: Release) -> dict[str, object]:
    base = f"http://coverartarchive.org/release/{release.id}/{release.image}"
    thumbs = {size: f"{base}-{size}.jpg" for size in sorted(SIZES)} | {
        "small": f"{base}-250.jpg",
        "large": f"{base}-500.jpg",
    }
    image: dict[str, object] = {
        "id": release.image,
        "image": f"{base}.jpg",
        "thumbnails": thumbs,
        "front": True,
        "back": False,
    }
    image |= {"types": ["Front"], "comment": "", "approved": True, "edit": 1}
    return {"release": f"https://musicbrainz.org/release/{release.id}", "images": [image]}


def _page(status: int, text: str) -> Reply:
    html = f"<!doctype html>\n<html lang=en>\n<title>{status}</title>\n<h1>{status}</h1>\n<p>{text}</p>\n"
    return Reply(status, html.encode(), "text/html; charset=utf-8")
