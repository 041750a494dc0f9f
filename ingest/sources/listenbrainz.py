"""ListenBrainz: dates, credits with join phrases, tags and cover ids of release groups, 100 a request.

Data flow: plausible release groups -> `/1/metadata/release_group/` -> `listenbrainz.release_groups`; with a token, albums
that MusicBrainz' search did not find -> `/1/metadata/lookup/`, by one of their tracks -> `listenbrainz.recordings`.
Run it alone: `python -m ingest listenbrainz --limit 20`.

A release group that is missing from an answer is not known there yet, which does not mean that it does not exist.
"""

import json
from collections.abc import Mapping, Sequence

from ingest.errors import GarbledAnswer, Refused
from ingest.questions import Item, TrackItem
from ingest.sources import Asker, Store, batches, halves

IDS_A_REQUEST = 100
TRACKS_A_REQUEST = 50
_LONGEST = {"recording_name": 100, "artist_name": 75, "release_name": 75}  # 250 characters together, else a 400
NOBODY = "00000000-0000-4000-8000-000000000000"


def probe(client: Asker, token: str | None = None) -> str:
    """Whether ListenBrainz answers us and knows the token. Raises Refused for one that is not valid, other SourceErrors."""
    if token is None:
        client.get(
            "/1/metadata/release_group/", params=[("release_group_mbids", NOBODY), ("inc", "tag")], accept=(200, 400)
        )
        return "answers"
    answer = client.get("/1/validate-token", headers={"Authorization": f"Token {token}"}, accept=(200, 404))
    if answer.status == 404:
        return "answers; it does not say whether the token is valid"
    body = client.json(answer)
    if not isinstance(body, dict) or body.get("valid") is not True:
        raise Refused("the token is not valid", source="listenbrainz")
    return "answers, the token is valid"


def ask(client: Asker, items: Sequence[Item], store: Store, token: str | None = None) -> None:
    """Describe release groups; `token`, where there is one, raises the limit for those whom ListenBrainz knows."""
    headers = {"Authorization": f"Token {token}"} if token else {}
    for batch in batches(items, lambda item: item.value, IDS_A_REQUEST, ","):
        _ask(client, batch, store, headers)


def _ask(client: Asker, batch: list[Item], store: Store, headers: Mapping[str, str]) -> None:
    is_refused = False
    with store.deferring():
        ids = ",".join(item.value for item in batch)
        answer = client.get(
            "/1/metadata/release_group/",
            params=[("release_group_mbids", ids), ("inc", "artist tag release")],
            headers=dict(headers),
            accept=(200, 400),
        )
        if answer.status == 200 and not isinstance(client.json(answer), dict):
            raise GarbledAnswer("the answer is no object", source="listenbrainz", url=answer.url)
        is_refused = answer.status == 400 and len(batch) > 1
        if not is_refused:
            store.keep("listenbrainz.release_groups", answer, batch, answer.text if answer.status == 200 else None)
    if is_refused:
        for half in halves(batch):
            _ask(client, half, store, headers)


def look_up(client: Asker, items: Sequence[TrackItem], store: Store, token: str) -> None:
    """Which release a track is heard on, 50 tracks a request; the token is asked for since December 2025."""
    for start in range(0, len(items), TRACKS_A_REQUEST):
        _look_up(client, items[start : start + TRACKS_A_REQUEST], store, token)


def _look_up(client: Asker, batch: Sequence[TrackItem], store: Store, token: str) -> None:
    is_refused = False
    with store.deferring():
        body = json.dumps({"recordings": [_recording(item) for item in batch]}, ensure_ascii=False)
        answer = client.post(
            "/1/metadata/lookup/",
            data=body.encode(),
            headers={"Authorization": f"Token {token}", "Content-Type": "application/json"},
            accept=(200, 400),
        )
        if answer.status == 200 and not isinstance(client.json(answer), list):
            raise GarbledAnswer("the answer is no list", source="listenbrainz", url=answer.url)
        is_refused = answer.status == 400 and len(batch) > 1
        if not is_refused:
            payload = answer.text if answer.status == 200 else None
            store.keep("listenbrainz.recordings", answer, batch, payload, body)
    if is_refused:
        for half in halves(list(batch)):
            _look_up(client, half, store, token)


def _recording(item: TrackItem) -> dict[str, str]:
    names = {"recording_name": item.value, "artist_name": item.artist, "release_name": item.album}
    return {name: text[: _LONGEST[name]] for name, text in names.items()}
