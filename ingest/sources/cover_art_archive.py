"""The Cover Art Archive: whether a release group has a front cover, and where.

Data flow: plausible release groups without a cover known to ListenBrainz -> `/release-group/{mbid}/front-500`
-> `cover_art_archive.front_covers`. Run it alone: `python -m ingest cover_art_archive --limit 20`.

The redirect (307) is the answer and is never followed, so no picture is downloaded; 404 means that there is none.
"""

import json
from collections.abc import Sequence

from ingest.errors import GarbledAnswer
from ingest.questions import Item
from ingest.sources import Asker, Store

NOBODY = "00000000-0000-4000-8000-000000000000"


def probe(client: Asker) -> str:
    """Whether the Cover Art Archive answers us: a 404 for a release group that is nobody's will do. Raises SourceError."""
    client.get(f"/release-group/{NOBODY}/front-500", accept=(307, 404))
    return "answers"


def ask(client: Asker, items: Sequence[Item], store: Store) -> None:
    """Where the front cover of each release group lies."""
    for item in items:
        with store.deferring():
            answer = client.get(f"/release-group/{item.value}/front-500", accept=(307, 404, 400))
            payload = None
            if answer.status == 307:
                location = answer.headers.get("location", "")
                if not location.startswith(("https://", "http://")):
                    raise GarbledAnswer("the redirect leads nowhere", source="cover_art_archive", url=answer.url)
                payload = json.dumps({"location": location, "release_group": item.value})
            store.keep("cover_art_archive.front_covers", answer, [item], payload)
