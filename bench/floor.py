"""The night against its floor, and beside its peers.

The floor is the seconds that its MusicBrainz requests must take, a request a second; what no night can do without either is the
dbt build, so the target holds against both together.

    python -m bench.floor [--library PATH] [--peer-albums 20]

At true pacing, against a sandbox made from the library (or the sample library with its catalogue), every figure counted at
the sandbox's servers. The peers (`peers.py`) ask the same sandbox, in the same run, about the first albums of the same list:
their cost an album does not change with their number. The figures become `build/bench/floor.json`.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from bench import peers
from bench.figures import keep, say
from bench.requests import Bench, NextNight, Steps, library_and_catalogue
from dagster_project import night
from dagster_project.options import Options
from ingest.sandbox import Catalogue, Sandbox

MOST_TIMES_THE_FLOOR = 1.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0, or 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.floor", description=__doc__.partition("\n")[0])
    parser.add_argument("--library", type=Path, help="a music app's database (the sample library)")
    parser.add_argument("--peer-albums", type=int, default=20, help="how many albums the peers are asked for")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sillon-bench-") as scratch:
        bench = library_and_catalogue(chosen.library, Path(scratch), None)
        figures: dict[str, Any] = {
            "library": bench.library.name,
            "albums": len(_albums(bench.library)),
            **_nights(bench),
        }
        figures["peers"] = {
            name: _peer(bench, name, way, chosen.peer_albums)
            for name, way in (("look-ups", peers.look_ups), ("unpaced", peers.unpaced))
        }
    keep("floor", figures)
    _tell(figures)
    return (
        0
        if figures["cold"]["times_floor_and_build"] <= MOST_TIMES_THE_FLOOR and not figures["second"]["musicbrainz"]
        else 1
    )


def _nights(bench: Bench) -> dict[str, Any]:
    os.environ["SILLON_STATE_DIR"] = str(bench.scratch / "state")
    with Sandbox(bench.catalogue) as sandbox:
        data = bench.scratch / "night" / "data"
        options = Options(config=bench.config("night", sandbox.base_urls), data=data, library=bench.library)
        cold = Steps()
        night.run(options, checkpoint=cold)
        asked = list(sandbox.ledger)
        second = Steps()
        night.run(options, clock=NextNight(), checkpoint=second)
        again = sandbox.ledger[len(asked) :]
    with duckdb.connect(str(data / "marts.duckdb"), read_only=True) as marts:
        matched = dict(
            marts.execute(
                "select album_id, release_group_musicbrainz_id from album_matches where verdict = 'certain'"
            ).fetchall()
        )
    requests = Counter(entry.source for entry in asked)
    floor = requests["musicbrainz"] * 1.0
    figures = _judged(matched, bench.catalogue, len(asked), cold.total, _albums(bench.library))
    return {
        "cold": {
            **figures,
            "requests_by_source": dict(requests),
            "musicbrainz_an_album": round(requests["musicbrainz"] / figures["albums"], 3),
            "refusals": sum(entry.status in (429, 503) for entry in asked),
            "seconds": round(cold.total, 1),
            "asking_seconds": round(cold.seconds("ask"), 1),
            "floor_seconds": floor,
            "build_seconds": round(cold.seconds("believe"), 1),
            "times_floor": round(cold.total / floor, 2),
            "times_floor_and_build": round(cold.total / (floor + cold.seconds("believe")), 2),
        },
        "second": {
            "seconds": round(second.total, 1),
            "requests": len(again),
            "musicbrainz": sum(entry.source == "musicbrainz" for entry in again),
        },
    }


def _peer(bench: Bench, name: str, way: Callable[..., peers.Found], count: int) -> dict[str, Any]:
    albums = _albums(bench.library)[:count]
    with Sandbox(bench.catalogue) as sandbox:
        found = way(albums, sandbox.base_urls)
        requests = len(sandbox.ledger)
        refusals = sum(entry.status in (429, 503) for entry in sandbox.ledger)
    figures = _judged(found.groups, bench.catalogue, requests, found.seconds, albums)
    return {**figures, "refusals": refusals, "seconds": round(found.seconds, 1)}


def _judged(
    matched: dict[int, str], catalogue: Catalogue, requests: int, seconds: float, albums: Sequence[peers.Album]
) -> dict[str, Any]:
    """How many albums are resolved rightly: by the catalogue's truth, albums without one left out."""
    asked = {album.album_id for album in albums}
    known = {
        album: truth.release_group
        for album, truth in catalogue.truth.items()
        if album in asked and truth.release_group and not truth.ambiguous
    }
    right = sum(known[album] == group for album, group in matched.items() if album in known)
    wrong = sum(known[album] != group for album, group in matched.items() if album in known)
    return {
        "albums": len(asked),
        "right": right,
        "wrong": wrong,
        "requests": requests,
        "requests_an_album": round(requests / len(asked), 3),
        "right_per_100_requests": round(100 * right / requests, 1) if requests else None,
        "right_per_minute": round(60 * right / seconds, 1),
    }


def _albums(library: Path) -> list[peers.Album]:
    query = (
        "select a.id, a.title, coalesce(group_concat(r.name, ', '), '') from albums a"
        " left join album_artist l on l.album_id = a.id left join artists r on r.id = l.artist_id group by a.id order by a.id"
    )
    with closing(sqlite3.connect(f"file:{library}?mode=ro", uri=True)) as connection:
        return [peers.Album(*row) for row in connection.execute(query)]


def _tell(figures: dict[str, Any]) -> None:
    cold, second = figures["cold"], figures["second"]
    say(f"{figures['library']}: {figures['albums']} albums")
    say(
        f"  cold night {cold['seconds']} s, {cold['times_floor']} x its floor of {cold['floor_seconds']:.0f} s,"
        f" {cold['times_floor_and_build']} x floor and dbt build together (target {MOST_TIMES_THE_FLOOR});"
        f" second night {second['seconds']} s, {second['requests']} requests"
    )
    heads = ("albums", "right", "wrong", "requests", "refusals", "right_per_100_requests", "right_per_minute")
    say("  " + " " * 12 + "".join(f"{head.replace('right_', '').replace('_', ' '):>18}" for head in heads))
    for name, row in (("sillon", cold), *figures["peers"].items()):
        say(f"  {name:12}" + "".join(f"{row[head]!s:>18}" for head in heads))


if __name__ == "__main__":
    sys.exit(main())
