"""MusicBrainz /ws/2 as the sandbox speaks it: searches, look-ups, browsing, addresses, its limiter and its refusals.

Not here: the query syntax (lucene.py), the JSON of an entity (musicbrainz_bodies.py), what exists (catalogue.py).
"""

import re
from functools import cached_property
from typing import Any

from ingest.sandbox import musicbrainz_bodies as bodies
from ingest.sandbox import musicbrainz_words as words
from ingest.sandbox.catalogue import Catalogue
from ingest.sandbox.exchange import EvenPace, Reply, Request, as_json
from ingest.sandbox.index import Index
from ingest.sandbox.lucene import BadQueryError, search
from ingest.sandbox.words import number

GAP_S = 0.95  # one request a second, less what a sleeping client may come early
LONGEST_TARGET = 8000  # bytes; beyond, the front end answers 414
HELP = "For usage, please see: https://musicbrainz.org/development/mmd"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
AGENT = re.compile(r"\S+/\S+ \(.*\)")
ENTITIES = {"release-group": "release-groups", "release": "releases", "artist": "artists"}
GROUP_FIELDS = (
    "alias", "arid", "artist", "artistname", "comment", "creditname", "firstreleasedate", "primarytype", "reid",
    "release", "releasegroup", "releasegroupaccent", "releases", "rgid", "secondarytype", "status", "tag", "type",
)  # fmt: skip
RELEASE_FIELDS = (
    "arid", "artist", "artistname", "comment", "creditname", "date", "primarytype", "reid", "release",
    "releaseaccent", "rgid", "secondarytype", "status", "tag", "tracks", "type", "barcode", "country", "lang",
    "script",
)  # fmt: skip
ARTIST_FIELDS = (
    "alias", "arid", "artist", "artistaccent", "comment", "sortname", "tag", "type",
)  # fmt: skip


class MusicBrainz:
    """Answers as https://musicbrainz.org/ws/2/ would, from a catalogue. With `limits`, one request a second."""

    def __init__(self, catalogue: Catalogue, *, limits: bool = True) -> None:
        self.catalogue = catalogue
        self.pace = EvenPace(GAP_S if limits else 0.0)

    def answer(self, request: Request) -> Reply:
        """The reply to one request; refusals of the front end come first."""
        in_time = self.pace.allows(request.arrived)
        agent = request.headers.get("user-agent", "")
        if not AGENT.fullmatch(agent):
            return refusal("ua-missing", request)
        if not in_time:
            return refusal("ws ip", request)
        if len(request.target.encode()) > LONGEST_TARGET:
            return Reply(414, b"<html><h1>414 Request-URI Too Large</h1></html>", "text/html", {"Server": "openresty"})
        if request.method != "GET":
            return mistake(405, f"{request.method} is not allowed.")
        if request.one("fmt") != "json" and "application/json" not in request.headers.get("accept", ""):
            return Reply(200, b'<?xml version="1.0" encoding="UTF-8"?><metadata/>', "application/xml; charset=utf-8")
        return self.entity(request)

    def entity(self, request: Request) -> Reply:
        """Look-up, search or browse by the path."""
        kind, *rest = request.below("/ws/2") or [""]
        if kind == "url" and not rest:
            return self.addresses(request)
        if kind not in ENTITIES or len(rest) > 1:
            return mistake(404, "Not Found")
        if rest:
            return self.look_up(kind, rest[0].lower(), request)
        if any(name == "query" for name, _ in request.query):
            return self.found(kind, request)
        if kind == "release-group" and request.one("artist"):
            return self.browse(request)
        return mistake(400, "Must specify either a query or a linked entity.")

    def addresses(self, request: Request) -> Reply:
        """/url?resource=…: one object for one address, a list for several; unknown ones are missing or 404."""
        asked = [value for name, value in request.query if name == "resource"][:100]
        if not asked:
            return mistake(400, "Must specify a resource.")
        wanted = request.one("inc").replace("+", " ").split()
        if any(name not in bodies.RELATIONS for name in wanted):
            return mistake(400, f"{wanted[0]} is not a valid inc parameter for the url resource.")
        known = [
            bodies.address(self.catalogue, url, wanted) for url in dict.fromkeys(asked) if url in self.catalogue.links
        ]
        if len(asked) == 1:
            return answer(known[0]) if known else mistake(404, "Not Found")
        return answer({"url-count": len(known), "url-offset": 0, "urls": known})

    def look_up(self, kind: str, mbid: str, request: Request) -> Reply:
        """One entity by its id, with what `inc` asks for."""
        if not UUID.fullmatch(mbid):
            return mistake(400, "Invalid mbid.")
        wanted = request.one("inc").replace("+", " ").split()
        unknown = [name for name in wanted if name not in bodies.INCLUDES[kind] and not name.endswith("-rels")]
        if unknown:
            return mistake(400, f"{unknown[0]} is not a valid inc parameter for the {kind} resource.")
        if kind == "artist" and mbid in self.catalogue.artists:
            return answer(bodies.artist(self.catalogue.artists[mbid], wanted))
        if kind == "release" and mbid in self.catalogue.releases:
            return answer(bodies.release(self.catalogue, mbid, wanted))
        if kind == "release-group" and mbid in self.catalogue.groups:
            return answer(bodies.release_group(self.catalogue, self.catalogue.groups[mbid], wanted))
        return mistake(404, "Not Found")

    def browse(self, request: Request) -> Reply:
        """Release groups of an artist, sorted by id; the limit is clamped to 100 here."""
        limit, offset = request.one("limit", "25"), request.one("offset", "0")
        if not (limit.isdigit() and offset.isdigit()):
            return mistake(400, "limit and offset must be numbers.")
        artist = request.one("artist")
        groups = [g for _, g in sorted(self.catalogue.groups.items()) if any(c.artist == artist for c in g.credits)]
        page = groups[int(offset) : int(offset) + min(int(limit) or 25, 100)]
        wanted = request.one("inc").replace("+", " ").split()
        shown = [bodies.release_group(self.catalogue, group, wanted) for group in page]
        return answer(
            {"release-groups": shown, "release-group-count": len(groups), "release-group-offset": int(offset)}
        )

    def found(self, kind: str, request: Request) -> Reply:
        """A search: relative scores, an exact count, one page."""
        queries = [value for name, value in request.query if name == "query"]
        if len(queries) > 1 or not queries[0].strip(' "'):
            return mistake(400, "The given parameters do not match any available query type for the query resource.")
        index, ids = self.indexes[kind]
        try:
            hits = search(index, queries[0])
        except BadQueryError as error:
            return as_json({"error": {"code": 400, "message": str(error)}}, 400)
        ranked = sorted(hits, key=lambda document: (-hits[document], ids[document]))
        limit, offset = _page(request.one("limit", "25"), 25), _page(request.one("offset", "0"), 0, 10**9)
        best = hits[ranked[0]] if ranked else 1.0
        shown = [
            bodies.hit(self.catalogue, kind, ids[document], int(hits[document] / best * 100))
            for document in ranked[offset : offset + limit]
        ]
        envelope = {
            "created": bodies.stamp(request.epoch),
            "count": len(ranked),
            "offset": offset,
            ENTITIES[kind]: shown,
        }
        return answer(envelope, zone_limit=360)

    @cached_property
    def indexes(self) -> dict[str, "_Indexed"]:
        """Index and ids of each entity, built when first searched."""
        return _Indexes(self.catalogue)


class _Indexes(dict[str, "_Indexed"]):
    """The three indexes, each made at its first use."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.catalogue = catalogue

    def __missing__(self, kind: str) -> "_Indexed":
        if kind == "artist":
            rows = {one.id: words.artist_words(one) for one in self.catalogue.artists.values()}
            index = Index(ARTIST_FIELDS, ("artist", "alias", "sortname"))
        elif kind == "release":
            rows = {mbid: words.release_words(self.catalogue, mbid) for mbid in self.catalogue.releases}
            index = Index(RELEASE_FIELDS, ("release", "artist", "artistname", "creditname", "comment", "tag"))
        else:
            rows = {g.id: words.group_words(self.catalogue, g) for g in self.catalogue.groups.values()}
            index = Index(
                GROUP_FIELDS, ("releasegroup", "artist", "artistname", "creditname", "comment", "alias", "tag")
            )
        ids = list(rows)
        for document, mbid in enumerate(ids):
            index.add(document, rows[mbid])
        self[kind] = (index, ids)
        return self[kind]


_Indexed = tuple[Index, list[str]]


def answer(body: Any, zone_limit: int = 1200) -> Reply:
    """A good answer with the headers of the shared limiter, whose remainder says nothing about us."""
    remaining = number("remaining", str(body)[:200]) % zone_limit
    return as_json(body, headers={"X-RateLimit-Limit": str(zone_limit), "X-RateLimit-Remaining": str(remaining)})


def mistake(status: int, text: str) -> Reply:
    """An error of the application."""
    return as_json({"error": text, "help": HELP}, status)


def refusal(who: str, request: Request) -> Reply:
    """A refusal of the front end: our own excess, load shed, or no proper agent."""
    texts = {
        "ws ip": "Your requests are exceeding the allowable rate limit. Please see http://wiki.musicbrainz.org/XMLWebService "
        "for more information.",
        "ua-missing": "Your application has not identified itself. Please see http://wiki.musicbrainz.org/XMLWebService for "
        "more information.",
        "global": "The MusicBrainz web server is currently busy. Please try again later.",
    }
    headers = {"Server": "openresty", "X-RateLimit-Reset": str(int(request.epoch) + 1), "Retry-After": "0"}
    if who == "ws ip":
        headers |= {"X-RateLimit-Zone": "ws ip=127.0.0.1", "X-RateLimit-Limit": "22", "X-RateLimit-Remaining": "0"}
        headers |= {"Retry-After": "1", "X-RateLimit-Reset-In": "1"}
    elif who == "global":
        zone = "search-global" if request.one("query") else "global"
        headers |= {"X-RateLimit-Zone": zone, "X-RateLimit-Limit": "15", "X-RateLimit-Remaining": "11"}
        headers |= {"X-RateLimit-Who": "search-shed" if request.one("query") else "global"}
    else:
        headers |= {"X-RateLimit-Who": "ua-missing", "X-RateLimit-Limit": "15", "X-RateLimit-Remaining": "9"}
    return as_json({"error": texts[who]}, 403 if who == "ua-missing" else 503, headers)


def _page(text: str, default: int, most: int = 100) -> int:
    """A limit outside 1 to 100 silently becomes 25, as the server has it; offsets only need to be numbers."""
    value = int(text) if text.isdigit() else default
    return value if (value >= 1 or default == 0) and value <= most else default
