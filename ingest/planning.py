"""What a run would ask, before it asks: requests, minutes and nights per source.

Nothing is asked here. Requests for what is already known to be due are counted exactly, with the same batches that asking
makes; what only an answer will make due is estimated from the shares below.
"""

import math
from dataclasses import dataclass

from ingest.asking import CHAIN, Asking, asking_worklist
from ingest.questions import AlbumItem
from ingest.settings import WEB_SOURCES
from ingest.sources import batches, listenbrainz, musicbrainz
from ingest.worklist import Worklist

# Measured on a library of 443 albums.
IDENTIFIED = 0.7  # of the albums with an identifier, those whom it leads to a release group
ALONE = 0.05  # of the albums searched for, those asked for once more
CANDIDATES = 1.5  # release groups per album that are hydrated
UNCOVERED = 0.15  # release groups per album of which ListenBrainz names no cover
UNFOUND = 0.02  # of the albums searched for, those that ListenBrainz is asked to look up, given a token
LAST_RESORT = 0.1  # of the albums, those for which nothing else has a cover


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """The share of one source: `requests`, the `minutes` they take at its pace, and in how many `nights` all is asked.

    A source that is off, or has nothing to be asked, needs no night.
    """

    source: str
    requests: int
    minutes: float
    nights: int


def plan(asking: Asking) -> list[PlannedSource]:
    """What asking would ask now, in the order of `WEB_SOURCES`."""
    with asking_worklist(asking, asking.clock.now()) as worklist:
        if asking.limit is not None:
            worklist.restrict(worklist.first_due(asking.limit, _words_on(asking)))
        wanted = _requests(worklist, asking)
    night = asking.settings.enrichment.max_minutes
    passed = dict.fromkeys(("chain", "discogs", "spotify"), 0.0)
    planned = []
    for word in WEB_SOURCES:
        access = asking.settings.source_access(word)
        requests = wanted[word] if access.status == "on" else 0
        minutes = requests * access.min_interval_s / 60
        thread = "chain" if word in CHAIN else word
        passed[thread] += minutes
        if word == "spotify":  # beside the others, and over when they are
            passed["spotify"] = max(passed.values())
        nights = max(1, math.ceil(passed[thread] / night)) if requests and night > 0 else 0
        planned.append(PlannedSource(word, requests, round(minutes, 1), nights))
    return planned


def _requests(worklist: Worklist, asking: Asking) -> dict[str, int]:
    urls, names, pairs = worklist.urls(), worklist.names(), worklist.pairs()
    waiting = {album_id for item in urls for album_id in item.album_ids}
    size = min(asking.settings.enrichment.auto_enrichment.batch_size, musicbrainz.PAIRS_A_REQUEST)
    searched = len(pairs) + (1 - IDENTIFIED) * len(waiting)
    new_albums = len(pairs) + len(waiting)
    releases = len(worklist.releases()) + IDENTIFIED * len(urls)
    hydration = len(worklist.hydration()) + CANDIDATES * new_albums
    looked_up = len(worklist.look_ups()) + (UNFOUND * searched if worklist.looks_up else 0)
    is_collected = asking.settings.secrets.discogs.username is not None
    discogs = len(worklist.discogs())
    return {
        "musicbrainz": sum(
            (
                _count(urls, lambda item: f"resource={item.value}", musicbrainz.URLS_A_REQUEST),
                math.ceil(releases / musicbrainz.PAGE),
                _pair_requests(pairs, size) + math.ceil((searched - len(pairs)) / size),
                len(worklist.alone()) + math.ceil(ALONE * searched),
                _count(names, musicbrainz.name_clause, musicbrainz.NAMES_A_REQUEST),
            )
        ),
        "listenbrainz": math.ceil(looked_up / listenbrainz.TRACKS_A_REQUEST)
        + math.ceil(hydration / listenbrainz.IDS_A_REQUEST),
        "cover_art_archive": len(worklist.covers()) + math.ceil(UNCOVERED * new_albums),
        "discogs": math.ceil(discogs / 100) if is_collected else discogs,
        "spotify": len(worklist.spotify()) + math.ceil(LAST_RESORT * new_albums),
    }


def _count(items: list, clause, size: int) -> int:  # type: ignore[type-arg, no-untyped-def]
    return sum(1 for _ in batches(items, clause, size))


def _pair_requests(pairs: list[AlbumItem], size: int) -> int:
    return _count(pairs, musicbrainz.pair_clause, size)


def _words_on(asking: Asking) -> list[str]:
    return [word for word in WEB_SOURCES if asking.settings.source_access(word).status == "on"]
