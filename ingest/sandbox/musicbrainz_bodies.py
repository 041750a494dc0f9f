"""The JSON of MusicBrainz' entities, and the words by which its search finds them.

Keys, absent keys and empty strings follow the real service: a search leaves out what is unknown, a look-up writes "" or null.
"""

from datetime import UTC, datetime
from typing import Any

from ingest.sandbox.catalogue import Catalogue
from ingest.sandbox.genres import is_genre
from ingest.sandbox.model import Artist, Credit, ReleaseGroup
from ingest.sandbox.words import mbid

TYPE_IDS = {
    "Album": "f529b476-6e62-324f-b0aa-1f3e33d313fc",
    "EP": "6d0c5bf6-7a33-3420-a519-44fc63eedebf",
    "Single": "d6038452-8ee0-3f68-affc-2de9a1ede0b9",
    "Compilation": "dd2a21e1-0c00-3729-a7a0-de60b84eb5d1",
    "Soundtrack": "22a628ad-c082-3c4f-b1b6-d41665107b88",
    "Live": "6fd474e2-6b58-3102-9d17-d6f7eb7da0a0",
    "Official": "4e304316-386d-3409-af2e-78857eec5cfe",
}
RELATIONS = frozenset(
    {"release-rels", "release-group-rels", "artist-rels", "label-rels", "recording-rels", "work-rels"}
)
_ALWAYS = frozenset({"aliases", "annotation", "tags", "genres", "ratings"})
INCLUDES = {
    "artist": _ALWAYS | {"recordings", "releases", "release-groups", "works"},
    "release": _ALWAYS
    | {"artists", "labels", "recordings", "release-groups", "collections", "artist-credits", "discids", "media"},
    "release-group": _ALWAYS | {"artists", "releases", "artist-credits"},
}


def type_id(name: str) -> str:
    """The id of a type or status."""
    return TYPE_IDS.get(name) or mbid("type", name)


def stamp(epoch: float) -> str:
    """A moment as searches write it."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def credit(catalogue: Catalogue, credits: tuple[Credit, ...], *, in_search: bool) -> list[dict[str, Any]]:
    """An artist credit; in a search the join phrase is absent when empty."""
    rows = []
    for one in credits:
        act = catalogue.artists[one.artist]
        inner: dict[str, Any] = {"id": act.id, "name": act.name, "sort-name": act.sort_name or act.name}
        if act.disambiguation or not in_search:
            inner["disambiguation"] = act.disambiguation
        if in_search and act.aliases:
            inner["aliases"] = [{"sort-name": name, "name": name, "locale": None, "type": None} for name in act.aliases]
        row: dict[str, Any] = {"name": one.name, "artist": inner}
        if one.join or not in_search:
            row["joinphrase"] = one.join
        rows.append(row)
    return rows


def hit(catalogue: Catalogue, kind: str, ident: str, score: int) -> dict[str, Any]:
    """One row of a search answer."""
    if kind == "artist":
        return artist_hit(catalogue.artists[ident], score)
    return release_hit(catalogue, ident, score) if kind == "release" else group_hit(catalogue, ident, score)


def artist_hit(act: Artist, score: int) -> dict[str, Any]:
    """An artist as a search shows it."""
    row: dict[str, Any] = {
        "id": act.id,
        "type": act.type,
        "type-id": type_id(act.type),
        "score": score,
        "name": act.name,
    }
    row["sort-name"] = act.sort_name or act.name
    if act.disambiguation:
        row["disambiguation"] = act.disambiguation
    if act.aliases:
        row["aliases"] = [
            {
                "sort-name": name,
                "name": name,
                "locale": None,
                "type": None,
                "primary": None,
                "begin-date": None,
                "end-date": None,
            }
            for name in act.aliases
        ]
    if act.tags:
        row["tags"] = [{"count": votes, "name": name} for name, votes in act.tags]
    row["life-span"] = {"ended": None}
    return row


def group_hit(catalogue: Catalogue, ident: str, score: int) -> dict[str, Any]:
    """A release group as a search shows it: no genres, no cover flag, no relations."""
    group = catalogue.groups[ident]
    row: dict[str, Any] = {"id": group.id, "score": score, "count": len(group.releases), "title": group.title}
    if group.primary:
        row |= {
            "type-id": type_id(group.primary),
            "primary-type": group.primary,
            "primary-type-id": type_id(group.primary),
        }
    if group.secondary:
        row["secondary-types"] = list(group.secondary)
        row["secondary-type-ids"] = [type_id(name) for name in group.secondary]
    if group.date:
        row["first-release-date"] = group.date
    if group.disambiguation:
        row["disambiguation"] = group.disambiguation
    row["artist-credit"] = credit(catalogue, group.credits, in_search=True)
    row["artist-credit-id"] = mbid("credit", group.artist_text)
    row["releases"] = [
        {"id": one.id, "status-id": type_id(one.status), "title": one.title, "status": one.status}
        for one in group.releases
    ]
    if group.tags:
        row["tags"] = [{"count": votes, "name": name} for name, votes in group.tags]
    return row


def release_hit(catalogue: Catalogue, ident: str, score: int) -> dict[str, Any]:
    """A release as a search shows it; the date of its group is not there."""
    one, group = catalogue.releases[ident]
    about: dict[str, Any] = {"id": group.id, "title": group.title}
    if group.primary:
        about |= {"type-id": type_id(group.primary), "primary-type-id": type_id(group.primary)}
        about["primary-type"] = group.primary
    if group.secondary:
        about["secondary-types"] = list(group.secondary)
    return {
        "id": one.id, "score": score, "status-id": type_id(one.status), "count": 1, "title": one.title,
        "status": one.status, "text-representation": {"language": "eng", "script": "Latn"},
        "artist-credit": credit(catalogue, group.credits, in_search=True), "release-group": about,
        "date": one.date, "country": "XW", "track-count": one.tracks,
        "media": [{"format": "CD", "disc-count": 1, "track-count": one.tracks}],
    }  # fmt: skip


def artist(act: Artist, wanted: list[str]) -> dict[str, Any]:
    """An artist as a look-up shows it."""
    row: dict[str, Any] = {"id": act.id, "name": act.name, "sort-name": act.sort_name or act.name, "type": act.type}
    row |= {"type-id": type_id(act.type), "disambiguation": act.disambiguation}
    if "aliases" in wanted:
        row["aliases"] = [{"name": name, "sort-name": name, "locale": None, "type": None} for name in act.aliases]
    return row | _tags(act.tags, wanted)


def release_group(catalogue: Catalogue, group: ReleaseGroup, wanted: list[str]) -> dict[str, Any]:
    """A release group as a look-up shows it: at most 25 releases."""
    row: dict[str, Any] = {
        "id": group.id, "title": group.title, "disambiguation": group.disambiguation,
        "primary-type": group.primary or None, "primary-type-id": type_id(group.primary) if group.primary else None,
        "secondary-types": list(group.secondary), "secondary-type-ids": [type_id(name) for name in group.secondary],
        "first-release-date": group.date,
    }  # fmt: skip
    if {"artists", "artist-credits"} & set(wanted):
        row["artist-credit"] = credit(catalogue, group.credits, in_search=False)
    if "releases" in wanted:
        row["releases"] = [_plain_release(catalogue, one.id) for one in group.releases[:25]]
    if "url-rels" in wanted:
        url = f"https://www.discogs.com/master/{group.master}"
        row["relations"] = [_relation("discogs", "url", "forward", "url", {"id": mbid("url", url), "resource": url})]
        row["relations"] = row["relations"] if group.master else []
    return row | _tags(group.tags, wanted)


def release(catalogue: Catalogue, ident: str, wanted: list[str]) -> dict[str, Any]:
    """A release as a look-up shows it."""
    one, group = catalogue.releases[ident]
    art = {"artwork": bool(one.image), "count": int(bool(one.image)), "front": bool(one.image), "back": False}
    row = _plain_release(catalogue, ident) | {"cover-art-archive": art | {"darkened": False}}
    if {"artists", "artist-credits"} & set(wanted):
        row["artist-credit"] = credit(catalogue, group.credits, in_search=False)
    if "release-groups" in wanted:
        row["release-group"] = release_group(catalogue, group, wanted)
    return row


def address(catalogue: Catalogue, url: str, wanted: list[str]) -> dict[str, Any]:
    """A foreign address with the releases or release groups it belongs to."""
    row: dict[str, Any] = {"id": mbid("url", url), "resource": url}
    if wanted:
        row["relations"] = [
            _relation(
                "discogs" if "discogs" in url else "free streaming",
                kind,
                "backward",
                kind,
                _target(catalogue, kind, mbid_),
            )
            for kind, mbid_ in catalogue.links[url]
            if kind.replace("_", "-") + "-rels" in wanted
        ]
    return row


def _target(catalogue: Catalogue, kind: str, ident: str) -> dict[str, Any]:
    if kind == "release":
        return _plain_release(catalogue, ident)
    return release_group(catalogue, catalogue.groups[ident], [])


def _relation(kind: str, target_type: str, direction: str, name: str, target: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": kind, "type-id": mbid("relation", kind), "target-type": target_type, "direction": direction, name: target,
        "attributes": [], "attribute-values": {}, "begin": None, "end": None, "ended": False,
        "source-credit": "", "target-credit": "",
    }  # fmt: skip


def _plain_release(catalogue: Catalogue, ident: str) -> dict[str, Any]:
    one, _ = catalogue.releases[ident]
    return {
        "id": one.id, "title": one.title, "status": one.status, "status-id": type_id(one.status), "disambiguation": "",
        "date": one.date, "country": "XW", "barcode": None, "quality": "normal", "packaging": None, "packaging-id": None,
        "text-representation": {"language": "eng", "script": "Latn"},
    }  # fmt: skip


def _tags(tags: tuple[tuple[str, int], ...], wanted: list[str]) -> dict[str, Any]:
    shown = sorted((name, votes) for name, votes in tags if votes > 0)
    row: dict[str, Any] = {}
    if "tags" in wanted:
        row["tags"] = [{"count": votes, "name": name} for name, votes in shown]
    if "genres" in wanted:
        row["genres"] = [
            {"id": mbid("genre", name), "name": name, "count": votes, "disambiguation": ""}
            for name, votes in shown
            if is_genre(name)
        ]
    return row
