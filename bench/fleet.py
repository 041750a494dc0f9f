"""What a fleet saves: the requests of fifty libraries that share their answers, against those of the same fifty one by one.

`python -m bench.fleet`. The libraries are cut out of one of `libraries.py`: half of the albums of each stand in all of them,
the other half in it alone. Both sides are really asked, against a stand-in that answers for all of them and without waiting;
requests are counted at its servers. A first night's asking depends on no belief, so dbt is left out; `--whole` runs whole
nights on both sides (a dbt build each, half an hour in all on two cores).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from bench import libraries
from bench.figures import keep, say
from dagster_project import fleet, night
from dagster_project.fleet_asking import ask_together
from dagster_project.options import Options
from ingest.clock import SystemClock
from ingest.sandbox import Catalogue, Sandbox
from ingest.settings import WEB_SOURCES

TARGET = 0.60
WITHOUT_WAITING = {f"{word}_per_minute": 60_000 for word in WEB_SOURCES}
OF_ALBUMS = ("album_artist", "tracks", "images", "metadata")  # the app's tables with an album_id


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0, or 1 where the promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__.partition("\n")[0])
    parser.add_argument("--libraries", type=int, default=50)
    parser.add_argument("--albums", type=int, default=30, help="of each library")
    parser.add_argument("--whole", action="store_true", help="whole nights, dbt included")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sillon-bench-") as scratch:
        folder = Path(scratch)
        os.environ["SILLON_STATE_DIR"] = str(folder / "state")
        source, made = make(folder, chosen.libraries, chosen.albums)
        alone = _asked(source, folder, "alone", lambda options: _one_by_one(options, made, whole=chosen.whole))
        together = _asked(source, folder, "fleet", lambda options: _together(options, made, whole=chosen.whole))
        known = [_groups(folder, side, made) for side in ("alone", "fleet")]
    lacking = [one.name for one in made if not known[0][one.name] <= known[1][one.name]]
    say(f"{chosen.libraries} libraries of {chosen.albums} albums, half of them in all: requests")
    say(f"{'':20}{'one by one':>12}{'fleet':>12}{'share':>9}")
    for word in WEB_SOURCES:
        if alone[word]:
            say(f"{word:20}{alone[word]:>12}{together[word]:>12}{together[word] / alone[word]:>9.1%}")
    say(f"{'seconds':20}{alone['seconds']:>12}{together['seconds']:>12}")
    share = together["musicbrainz"] / alone["musicbrainz"]
    kept = share <= TARGET and not lacking
    say(
        f"{'+' if share <= TARGET else 'x'} MusicBrainz, share of what they need one by one: {share:.1%} (target ≤ {TARGET:.0%})"
    )
    say(f"{'x' if lacking else '+'} libraries of the fleet that know less than alone: {len(lacking)}")
    sizes = {"libraries": chosen.libraries, "albums": chosen.albums, "is_whole": chosen.whole}
    keep("fleet", {**sizes, "alone": alone, "fleet": together, "musicbrainz_share": round(share, 4)})
    return 0 if kept else 1


def make(folder: Path, count: int, albums: int) -> tuple[Path, list[Path]]:
    """The library that all are cut out of, and `count` libraries of `albums` albums, half of them the same in each."""
    common = albums // 2
    own = albums - common
    source, _ = libraries.make(folder / "source", common + count * own)
    target = folder / "libraries"
    target.mkdir()
    return source, [_cut(source, target, number, common, own) for number in range(count)]


def _cut(source: Path, target: Path, number: int, common: int, own: int) -> Path:
    path = target / f"library_{number:02}.db"
    first = 1 + common + number * own
    with closing(sqlite3.connect(source)) as whole, closing(sqlite3.connect(path, isolation_level=None)) as cut:
        whole.backup(cut)
        gone = f"not (album_id <= {common} or album_id between {first} and {first + own - 1})"
        cut.execute(f"delete from albums where {gone.replace('album_id', 'id')}")  # noqa: S608 - our own numbers
        for table in OF_ALBUMS:
            cut.execute(f"delete from {table} where {gone}")  # noqa: S608
        cut.execute("delete from listening_history where track_id not in (select id from tracks)")
        cut.execute("delete from artists where id not in (select artist_id from album_artist)")
        cut.execute("vacuum")
    return path


def _asked(source: Path, folder: Path, side: str, ask: Callable[[Options], None]) -> Counter[str]:
    """Requests by source, as the servers of a stand-in of its own count them; `seconds` is what it took."""
    with Sandbox(Catalogue.of_library(source), limits=False) as sandbox:
        config = folder / side / "config"
        config.mkdir(parents=True)
        settings = {
            "contact": "bench@example.org",
            "base_urls": sandbox.base_urls,
            "auto_enrichment": {"rate_limits": WITHOUT_WAITING, "sources": ["musicbrainz"]},
        }
        (config / "enrichment_config.json").write_text(json.dumps(settings))
        started = time.monotonic()
        ask(Options(config=config, data=folder / side / "data"))
        found = Counter(entry.source for entry in sandbox.ledger)
        found["seconds"] = round(time.monotonic() - started)
    return found


def _one_by_one(options: Options, made: Sequence[Path], *, whole: bool) -> None:
    for path in made:
        _night(options.model_copy(update={"library": path, "data": options.data / path.stem}), whole=whole)


def _together(options: Options, made: Sequence[Path], *, whole: bool) -> None:
    patterns = [str(made[0].parent / "*.db")]
    if whole:
        failed = [line.reason for line in fleet.enrich(options, patterns) if line.status == "failed"]
        if failed:
            raise RuntimeError(failed[0])
        return
    folder, members, wanted = fleet.begin(options, patterns)
    folder.claim("web", wanted)
    own = [fleet.options_of(folder, member, options) for member in members]
    clock = SystemClock()
    ask_together(folder, own, clock, deadline=clock.monotonic() + 3600)
    for each in own:
        _night(each, whole=False)


def _night(options: Options, *, whole: bool) -> None:
    if whole:
        night.run(options)
        return
    with night.Night.begin(options) as begun:
        begun.take_backup()
        begun.extract()
        begun.ask()


def _groups(folder: Path, side: str, made: Sequence[Path]) -> dict[str, set[str]]:
    """The release groups that each library knows at the end."""
    found = {}
    for path in made:
        for data in (folder / side / "data").glob(f"{path.stem}*"):
            shutil.rmtree(data / "reports", ignore_errors=True)
            with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as warehouse:
                found[path.name] = set(_hits(warehouse))
    return found


def _hits(warehouse: duckdb.DuckDBPyConnection) -> Iterator[str]:
    query = "select payload from musicbrainz.release_groups where status = 200"
    for (payload,) in warehouse.execute(query).fetchall():
        answer = json.loads(payload)
        yield from (hit["id"] for hit in answer.get("release-groups", [answer]))


if __name__ == "__main__":
    sys.exit(main())
