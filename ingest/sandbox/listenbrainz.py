"""ListenBrainz as the sandbox speaks it: release groups with dates, credits, tags, covers; look-ups; its window of requests.

A cache of MusicBrainz: groups that it does not hold are missing from the answer, some covers too. A catalogue knows no
recordings, so a look-up is answered by artist and release, as forgiving of misspelling as the service is.
"""

import json
from functools import cached_property
from typing import Any

from ingest.sandbox.catalogue import Catalogue
from ingest.sandbox.exchange import Reply, Request, Window, as_json
from ingest.sandbox.genres import is_genre
from ingest.sandbox.model import ReleaseGroup
from ingest.sandbox.musicbrainz import UUID
from ingest.sandbox.words import key, mbid

WINDOW_S, LIMIT = 10.0, 30
MOST_RECORDINGS, MOST_CHARACTERS = 50, 250


class ListenBrainz:
    """Answers as https://api.listenbrainz.org would. With `limits`, 30 requests in 10 s."""

    def __init__(self, catalogue: Catalogue, *, limits: bool = True) -> None:
        self.catalogue, self.limits, self.window = catalogue, limits, Window(WINDOW_S)

    def answer(self, request: Request) -> Reply:
        """The reply to one request, with the headers of the window."""
        used, wait = self.window.used(request.arrived)
        headers = {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(max(0, LIMIT - used)),
            "X-RateLimit-Reset-In": str(max(1, round(wait))),
            "X-RateLimit-Reset": str(int(request.epoch + max(1, round(wait)))),
        }
        if self.limits and used > LIMIT:
            return as_json({"code": 429, "error": "Too many requests"}, 429, headers)
        if request.below("/1") == ["metadata", "lookup"]:
            return self.look_up(request, headers)
        if request.below("/1") != ["metadata", "release_group"]:
            return as_json({"code": 404, "error": "Not Found"}, 404, headers)
        if request.method != "GET":
            return as_json({"code": 405, "error": "Method not allowed"}, 405, headers)
        asked = [part for part in request.one("release_group_mbids").split(",") if part]
        if not asked:
            return _mistake("release_group_mbids argument must be present and contain a comma separated list", headers)
        if len(request.target.encode()) > 8000:
            return Reply(414, b"<html><h1>414 Request-URI Too Large</h1></html>", "text/html", headers)
        wrong = next((one for one in asked if not UUID.fullmatch(one.lower())), None)
        if wrong is not None:
            return _mistake(f"release_group mbid {wrong} is not valid.", headers)
        wanted = request.one("inc").split()
        found = {one: self.group(self.catalogue.groups[one], wanted) for one in asked if one in self.catalogue.groups}
        return as_json({one: body for one, body in found.items() if body}, headers=headers)

    def look_up(self, request: Request, headers: dict[str, str]) -> Reply:
        """`POST /1/metadata/lookup/`: each recording's names as asked, and what they were taken for."""
        if request.method != "POST":
            return as_json({"code": 405, "error": "Method not allowed"}, 405, headers)
        if not request.headers.get("authorization", "").startswith("Token "):
            return as_json({"code": 401, "error": "You need to provide an Authorization header."}, 401, headers)
        try:
            asked = json.loads(request.body)["recordings"]
            names = [[str(one.get(name) or "") for name in _NAMES] for one in asked]
        except (ValueError, KeyError, TypeError, AttributeError):
            return _mistake("recordings is invalid or not present in body", headers)
        if not names or len(names) > MOST_RECORDINGS:
            return _mistake(f"1 to {MOST_RECORDINGS} recordings are permitted.", headers)
        for number, one in enumerate(names):
            if not all(one[:2]) or len("".join(one)) > MOST_CHARACTERS:
                return _mistake(f"Recording {number} is invalid", headers)
        return as_json([self._taken_for(number, *one) for number, one in enumerate(names)], headers=headers)

    def _taken_for(self, number: int, recording: str, artist: str, album: str) -> dict[str, Any]:
        row: dict[str, Any] = {"index": number, "recording_name_arg": recording, "artist_name_arg": artist}
        row["release_name_arg"] = album or None
        alike = [
            group for group in self._by_artist.get(_blurred(artist), ()) if _blurred(group.title) == _blurred(album)
        ]
        if not alike:
            return row
        group = min(alike, key=lambda one: one.id)
        return row | {
            "artist_credit_name": group.artist_text,
            "artist_mbids": [credit.artist for credit in group.credits],
            "recording_mbid": mbid("recording", group.id, recording),
            "recording_name": recording,
            "release_mbid": group.releases[0].id,
            "release_name": group.releases[0].title,
        }

    @cached_property
    def _by_artist(self) -> dict[str, list[ReleaseGroup]]:
        found: dict[str, list[ReleaseGroup]] = {}
        for group in self.catalogue.groups.values():
            for name in {group.artist_text, *(credit.name for credit in group.credits)} if group.releases else ():
                found.setdefault(_blurred(name), []).append(group)
        return found

    def group(self, group: ReleaseGroup, wanted: list[str]) -> dict[str, Any] | None:
        """One group, or None if the cache does not hold it."""
        if not group.listed:
            return None
        about: dict[str, Any] = {
            "name": group.title,
            "date": group.date or None,
            "type": group.primary or None,
            "rels": [],
        }
        cover = group.cover_release
        if cover is not None and group.cover_listed:
            about |= {"caa_id": cover.image, "caa_release_mbid": cover.id}
        else:
            about |= {"caa_id": None, "caa_release_mbid": None}
        body: dict[str, Any] = {"release_group": about}
        if "artist" in wanted:
            body["artist"] = self.artist(group)
        if "tag" in wanted:
            body["tag"] = self.tags(group)
        if "release" in wanted:
            body["release"] = dict(about)
        return body

    def artist(self, group: ReleaseGroup) -> dict[str, Any]:
        """The credit with its join phrases."""
        rows = [
            {"artist_mbid": one.artist, "name": one.name, "join_phrase": one.join, "type": act.type, "rels": {}}
            for one in group.credits
            for act in (self.catalogue.artists[one.artist],)
        ]
        number = int(mbid("credit", group.artist_text)[:6], 16)
        return {"artist_credit_id": number, "name": group.artist_text, "artists": rows}

    def tags(self, group: ReleaseGroup) -> dict[str, Any]:
        """Tags of the group and of its acts; those that are genres carry the genre's id."""
        acts = [self.catalogue.artists[one.artist] for one in group.credits]
        return {
            "release_group": [_tag(name, votes) for name, votes in group.tags if votes > 0],
            "artist": [
                _tag(name, votes) | {"artist_mbid": act.id} for act in acts for name, votes in act.tags if votes > 0
            ],
        }


_NAMES = ("recording_name", "artist_name", "release_name")


def _blurred(text: str) -> str:
    """The consonants of a name, doubled ones once: what a misspelling usually leaves."""
    kept = [letter for letter in key(text) if letter not in "aeiouyh "]
    return "".join(letter for at, letter in enumerate(kept) if letter != (kept[at - 1] if at else "")) or key(text)


def _tag(name: str, votes: int) -> dict[str, Any]:
    row: dict[str, Any] = {"tag": name, "count": votes}
    return row | {"genre_mbid": mbid("genre", name)} if is_genre(name) else row


def _mistake(text: str, headers: dict[str, str]) -> Reply:
    return as_json({"code": 400, "error": text}, 400, headers)
