"""Discogs as the sandbox speaks it: releases, masters, a collection; its minute by credential, its pictures by token."""

from typing import Any

from ingest.sandbox.catalogue import Catalogue
from ingest.sandbox.exchange import Reply, Request, Window, as_json
from ingest.sandbox.model import DiscogsArtist, DiscogsRelease
from ingest.sandbox.words import base62, number

API = "https://api.discogs.com"
LIMITS = {True: 60, False: 25}  # a minute, with and without a credential
WINDOW_S = 60.0


class Discogs:
    """Answers as https://api.discogs.com would. With `limits`, 60 or 25 requests in any minute."""

    def __init__(self, catalogue: Catalogue, *, limits: bool = True) -> None:
        self.catalogue, self.limits, self.window = catalogue, limits, Window(WINDOW_S)

    def answer(self, request: Request) -> Reply:
        """The reply to one request, with the headers of the minute."""
        known = is_known(request)
        used, _ = self.window.used(request.arrived)
        limit = LIMITS[known]
        # Whoever knows of a limit keeps it: without limits there is nothing to be told.
        headers = (
            {}
            if not self.limits
            else {
                "X-Discogs-Ratelimit": str(limit),
                "X-Discogs-Ratelimit-Used": str(used),
                "X-Discogs-Ratelimit-Remaining": str(max(0, limit - used)),
            }
        )
        if not request.headers.get("user-agent"):
            return as_json({"message": "Please provide a proper User-Agent."}, 403, headers)
        if self.limits and used > limit:
            return as_json({"message": "You are making requests too quickly."}, 429, headers)
        status, body = self.found([part for part in request.path.split("/") if part], request, known)
        return as_json(body, status, headers)

    def found(self, parts: list[str], request: Request, known: bool) -> tuple[int, dict[str, Any]]:
        """Status and body of a path."""
        if len(parts) == 2 and parts[0] == "releases" and parts[1].isdigit():
            row = self.catalogue.discogs.get(int(parts[1]))
            return (200, release(row, known)) if row else (404, {"message": "Release not found."})
        if len(parts) == 2 and parts[0] == "masters" and parts[1].isdigit():
            rows = [row for row in self.catalogue.discogs.values() if row.master == int(parts[1])]
            return (200, master(rows[0], known)) if rows else (404, {"message": "Master not found."})
        if len(parts) == 6 and (parts[0], *parts[2:]) == ("users", "collection", "folders", "0", "releases"):
            return self.collection(parts[1], request, known)
        return 404, {"message": "The requested resource was not found."}

    def collection(self, user: str, request: Request, known: bool) -> tuple[int, dict[str, Any]]:
        """One page of the owner's collection, at most 100 albums."""
        if not known:
            return 401, {"message": "You must authenticate to access this resource."}
        rows = [row for _, row in sorted(self.catalogue.discogs.items()) if row.in_collection]
        size = min(100, max(1, int(request.one("per_page", "50") or 50)))
        page, pages = max(1, int(request.one("page", "1") or 1)), max(1, -(-len(rows) // size))
        if page > pages:
            return 404, {"message": f"Page {page} is outside of valid range."}
        here = f"{API}/users/{user}/collection/folders/0/releases?per_page={size}&page="
        urls = {"last": f"{here}{pages}", "next": f"{here}{page + 1}"} if page < pages else {}
        shown = [_in_collection(row, known) for row in rows[(page - 1) * size : page * size]]
        return 200, {
            "pagination": {"page": page, "pages": pages, "per_page": size, "items": len(rows), "urls": urls},
            "releases": shown,
        }


def is_known(request: Request) -> bool:
    """Whether the request carries a credential in its header."""
    return request.headers.get("authorization", "").startswith(("Discogs token=", "Discogs key=", "OAuth "))


def release(row: DiscogsRelease, known: bool) -> dict[str, Any]:
    """A release: no master keys when there is none, no styles when there are none, year 0 without `released`."""
    body: dict[str, Any] = {
        "id": row.id, "status": "Accepted", "year": row.year, "resource_url": f"{API}/releases/{row.id}",
        "uri": f"https://www.discogs.com/release/{row.id}", "artists": [_act(act) for act in row.artists],
        "artists_sort": _line(row), "labels": [], "series": [], "companies": [],
        "formats": [{"name": row.format, "qty": "1", "descriptions": ["Album"]}], "data_quality": "Needs Vote",
        "community": {"have": number("have", row.id) % 5000, "want": number("want", row.id) % 900},
        "title": row.title, "country": "Europe", "identifiers": [], "genres": list(row.genres),
        "tracklist": [
            {"position": str(place), "type_": "track", "title": title, "duration": ""}
            for place, title in enumerate(row.tracks, 1)
        ],
        "extraartists": [], "images": _images(row, known), "thumb": _image(row, known, 150), "estimated_weight": 230,
    }  # fmt: skip
    if row.year:
        body |= {"released": f"{row.year}-00-00", "released_formatted": str(row.year)}
    if row.master:
        body |= {"master_id": row.master, "master_url": f"{API}/masters/{row.master}"}
    if row.styles:
        body["styles"] = list(row.styles)
    return body


def master(row: DiscogsRelease, known: bool) -> dict[str, Any]:
    """A master: its year is the original one."""
    return {
        "id": row.master, "main_release": row.id, "most_recent_release": row.id, "year": row.original_year,
        "resource_url": f"{API}/masters/{row.master}", "uri": f"https://www.discogs.com/master/{row.master}",
        "versions_url": f"{API}/masters/{row.master}/versions", "title": row.title,
        "artists": [_act(act) for act in row.artists], "genres": list(row.genres), "styles": list(row.styles),
        "images": _images(row, known), "tracklist": [], "num_for_sale": 12, "lowest_price": 9.5,
    }  # fmt: skip


def _act(act: DiscogsArtist) -> dict[str, Any]:
    ident = act.id or number("discogs artist", act.name) % 9_000_000 + 1000
    return {
        "name": act.name, "anv": act.anv, "join": act.join, "role": "", "tracks": "", "id": ident,
        "resource_url": f"{API}/artists/{ident}",
    }  # fmt: skip


def _line(row: DiscogsRelease) -> str:
    return " ".join(f"{act.anv or act.name}{' ' + act.join if act.join else ''}" for act in row.artists)


def _image(row: DiscogsRelease, known: bool, side: int) -> str:
    if not known or not row.has_image:
        return ""
    return f"https://i.discogs.com/{base62(43, 'signature', row.id, side)}/rs:fit/g:sm/q:90/h:{side}/w:{side}/R-{row.id}.jpeg"


def _images(row: DiscogsRelease, known: bool) -> list[dict[str, Any]]:
    if not row.has_image:
        return []
    uri = _image(row, known, 600)
    sizes = {"width": 600, "height": 600}
    return [{"type": "primary", "uri": uri, "resource_url": uri, "uri150": _image(row, known, 150), **sizes}]


def _in_collection(row: DiscogsRelease, known: bool) -> dict[str, Any]:
    about = {
        "id": row.id, "title": row.title, "year": row.year, "master_id": row.master,
        "master_url": f"{API}/masters/{row.master}" if row.master else None, "resource_url": f"{API}/releases/{row.id}",
        "thumb": _image(row, known, 150), "cover_image": _image(row, known, 600),
        "artists": [_act(act) for act in row.artists], "labels": [], "formats": [{"name": row.format, "qty": "1"}],
        "genres": list(row.genres), "styles": list(row.styles),
    }  # fmt: skip
    return {
        "id": row.id, "instance_id": row.id + 1, "folder_id": 1, "rating": 0, "date_added": "2024-01-01T00:00:00-08:00",
        "basic_information": about,
    }  # fmt: skip
