"""ListenBrainz: dates, credits with join phrases, tags and cover ids of release groups, 100 a request.

Data flow: plausible release groups -> `/1/metadata/release_group/` -> `listenbrainz.release_groups`.
Run it alone: `python -m ingest listenbrainz --limit 20`.

A release group that is missing from an answer is not known there yet, which does not mean that it does not exist.
"""

from collections.abc import Mapping, Sequence

from ingest.errors import GarbledAnswer
from ingest.questions import Item
from ingest.sources import Asker, Store, batches, halves

IDS_A_REQUEST = 100


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
