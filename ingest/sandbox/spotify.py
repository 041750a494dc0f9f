"""Spotify as the sandbox speaks it: a token, the search with its limit of 10, one album. Never genres, never join phrases."""

import base64
from typing import Any

from ingest.sandbox.catalogue import Catalogue
from ingest.sandbox.exchange import Reply, Request, Window, as_json
from ingest.sandbox.index import Hits, Index
from ingest.sandbox.model import SpotifyAlbum
from ingest.sandbox.pictures import SPOTIFY_SIZES, spotify_name
from ingest.sandbox.words import base62, cut

API = "https://api.spotify.com/v1"
WINDOW_S, LIMIT = 30.0, 90  # no number is published; a rolling half minute is


class Spotify:
    """Answers as https://api.spotify.com/v1 would, to holders of a token that SpotifyToken gave."""

    def __init__(self, catalogue: Catalogue, *, limits: bool = True) -> None:
        self.catalogue, self.limits, self.window = catalogue, limits, Window(WINDOW_S)
        self.tokens: set[str] = set()
        self.albums = list(catalogue.spotify.values())
        self._index: Index | None = None

    def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        used, _ = self.window.used(request.arrived)
        if self.limits and used > LIMIT:
            return Reply(429, b"Too many requests", "text/plain", {"Retry-After": "30"})
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            return mistake(401, "Invalid access token" if token else "No token provided")
        parts = request.below("/v1")
        if parts == ["search"]:
            return self.search(request)
        if len(parts) == 2 and parts[0] == "albums":
            row = self.catalogue.spotify.get(parts[1])
            return as_json(album(row) | {"copyrights": [], "genres": []}) if row else mistake(404, "Resource not found")
        return mistake(403, "Forbidden")  # what development mode lost: every endpoint for several ids

    def search(self, request: Request) -> Reply:
        """/search?type=album: always the nearest albums, whatever they are."""
        limit, offset = request.one("limit", "5"), request.one("offset", "0")
        if not limit.isdigit() or not 1 <= int(limit) <= 10:
            return mistake(400, "Invalid limit")
        if not offset.isdigit() or int(offset) > 1000:
            return mistake(400, "Invalid offset")
        if request.one("type") != "album" or not request.one("q").strip():
            return mistake(400, "No search query" if request.one("type") == "album" else "Bad search type field")
        hits = self.hits(request.one("q"))
        ranked = sorted(hits, key=lambda place: (-hits[place], self.albums[place].id))
        items = [album(self.albums[place]) for place in ranked[int(offset) : int(offset) + int(limit)]]
        page = {"href": f"{API}/search?offset={offset}&limit={limit}&type=album", "limit": int(limit), "next": None}
        return as_json(
            {"albums": page | {"offset": int(offset), "previous": None, "total": len(ranked), "items": items}}
        )

    def hits(self, question: str) -> Hits:
        """Albums with any word of the question, those with more of them first; `album:` and `artist:` narrow the field."""
        if self._index is None:
            self._index = Index(("album", "artist"), ())
            for place, row in enumerate(self.albums):
                self._index.add(place, {"album": [row.title], "artist": list(row.artists)})
        total: Hits = {}
        for name, words in _parts(question):
            for field in (name,) if name else ("album", "artist"):
                for word in words:
                    for place, weight in self._index.phrase(field, word).items():
                        total[place] = total.get(place, 0.0) + weight
        return total


class SpotifyToken:
    """Answers as https://accounts.spotify.com/api/token would: any client with an id and a secret gets a token."""

    def __init__(self, spotify: Spotify) -> None:
        self.spotify = spotify

    def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        scheme, _, code = request.headers.get("authorization", "").partition(" ")
        try:
            client, _, secret = base64.b64decode(code, validate=True).decode().partition(":")
        except ValueError:
            client = secret = ""
        if request.method != "POST":
            return as_json({"error": "method_not_allowed"}, 405)
        if scheme != "Basic" or not client or not secret:
            return as_json({"error": "invalid_client", "error_description": "Invalid client"}, 400)
        if b"grant_type=client_credentials" not in request.body:
            return as_json(
                {"error": "unsupported_grant_type", "error_description": "grant_type parameter is missing"}, 400
            )
        token = base62(100, "token", client, len(self.spotify.tokens))
        self.spotify.tokens.add(token)
        return as_json({"access_token": token, "token_type": "Bearer", "expires_in": 3600})


def album(row: SpotifyAlbum) -> dict[str, Any]:
    """An album; pictures widest first, or none."""
    artists = [
        {
            "id": base62(22, "artist", name),
            "name": name,
            "type": "artist",
            "uri": f"spotify:artist:{base62(22, 'artist', name)}",
        }
        for name in row.artists
    ]
    images = [
        {"url": f"https://i.scdn.co/image/{spotify_name(row.id, size)}", "height": size, "width": size}
        for size in SPOTIFY_SIZES
    ]
    return {
        "album_type": row.type, "total_tracks": row.tracks, "id": row.id, "name": row.title, "artists": artists,
        "external_urls": {"spotify": f"https://open.spotify.com/album/{row.id}"}, "href": f"{API}/albums/{row.id}",
        "images": images if row.has_image else [], "release_date": row.date,
        "release_date_precision": {4: "year", 7: "month"}.get(len(row.date), "day"),
        "type": "album", "uri": f"spotify:album:{row.id}",
    }  # fmt: skip


def mistake(status: int, text: str) -> Reply:
    """An error in Spotify's envelope."""
    return as_json({"error": {"status": status, "message": text}}, status)


def _parts(question: str) -> list[tuple[str, tuple[str, ...]]]:
    """(field or "", words) of a question such as `album:Kid A artist:Radiohead`."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for piece in question.replace('"', " ").split():
        name, found, rest = piece.partition(":")
        if found and name in ("album", "artist"):
            parts.append((name, [rest]))
        elif not (found and name in ("year", "upc", "tag")):
            parts[-1][1].append(piece)
    return [(name, tuple(word for piece in pieces for word in cut(piece))) for name, pieces in parts]
