"""What asking costs: requests, gaps and minutes, at the real pace, against a sandbox made from the library.

`make bench-requests LIBRARY=path`, or the sample library. Every figure is counted at the sandbox's servers, not by the
client that it judges. Sections: a cold night and the one after it, two processes at once, a night in which 30 % of all
answers are shed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from dagster_project import night
from dagster_project.options import Options
from dagster_project.outcome import Outcome
from ingest.clock import SystemClock
from ingest.sandbox import Catalogue, Sandbox, sample
from ingest.settings import WEB_SOURCES

SHED = 0.3
ALBUMS_EACH = 200  # of each of two processes at once
KEYS = {"discogs": {"token": "bench"}, "spotify": {"client_id": "bench", "client_secret": "bench"}}


class NextNight(SystemClock):
    """The machine's clock on the following day: what was closed for the night is open again."""

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() + timedelta(hours=24)


@dataclass(frozen=True)
class Bench:
    """One library, the catalogue made from it, and a scratch folder."""

    library: Path
    catalogue: Catalogue
    scratch: Path
    username: str | None
    keys: dict[str, dict[str, str]]

    def config(self, name: str, base_urls: dict[str, str]) -> Path:
        """A configuration of the web kind at the default pace, whose addresses are a sandbox's."""
        folder = self.scratch / name / "config"
        folder.mkdir(parents=True, exist_ok=True)
        settings = {"contact": "bench@example.org", "base_urls": base_urls}
        keys = {
            **self.keys,
            "discogs": {**self.keys["discogs"], **({"username": self.username} if self.username else {})},
        }
        (folder / "enrichment_config.json").write_text(json.dumps(settings))
        (folder / "secrets.json").write_text(json.dumps(keys))
        (folder / "secrets.json").chmod(0o600)
        return folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0, or 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m bench.requests", description=__doc__.partition("\n")[0])
    parser.add_argument("--library", type=Path, help="a music app's database (the sample library)")
    parser.add_argument("--without-spotify", action="store_true", help="as for whoever has no keys of Spotify")
    parser.add_argument("--username", help="the owner's Discogs name: the collection is asked for in pages")
    chosen = parser.parse_args(arguments)
    if chosen.library is not None and not chosen.library.is_file():
        say(f"{chosen.library}: no such file, nothing is measured.")
        return 0
    with tempfile.TemporaryDirectory(prefix="sillon-bench-") as scratch:
        keys = {word: given for word, given in KEYS.items() if word != "spotify" or not chosen.without_spotify}
        bench = library_and_catalogue(chosen.library, Path(scratch), chosen.username, keys)
        is_calm_kept, found = _nights(bench)
        kept = [is_calm_kept, _two_at_once(bench), _shed(bench, found)]
    say("")
    say("Every promise is kept." if all(kept) else "A promise is not kept: see the lines with a cross.")
    return 0 if all(kept) else 1


def library_and_catalogue(
    library: Path | None, scratch: Path, username: str | None, keys: dict[str, dict[str, str]] = KEYS
) -> Bench:
    """A copy of the library, or the sample library, with the catalogue that answers about it."""
    copy = scratch / "library.db"
    if library is None:
        sample.build_library(copy)
        return Bench(copy, Catalogue.load(sample.CATALOGUE), scratch, username, keys)
    for ending in ("", "-wal", "-shm"):
        beside = library.with_name(library.name + ending)
        if beside.exists():
            shutil.copyfile(beside, copy.with_name(copy.name + ending))
    return Bench(copy, Catalogue.of_library(copy), scratch, username, keys)


# ---------------------------------------------------------------- a cold night, and the next


def _nights(bench: Bench) -> tuple[bool, set[str]]:
    os.environ["SILLON_STATE_DIR"] = str(bench.scratch / "calm" / "state")
    with Sandbox(bench.catalogue) as sandbox:
        options = Options(
            config=bench.config("calm", sandbox.base_urls), data=bench.scratch / "calm" / "data", library=bench.library
        )
        steps = Steps()
        cold = night.run(options, checkpoint=steps)
        calm = list(sandbox.ledger)
        found = _changes(options.data)
        second = night.run(options, clock=NextNight())
        asked = Counter(entry.source for entry in calm)
        again = Counter(entry.source for entry in sandbox.ledger[len(calm) :])
        # A token is no question: it lives for an hour, so each night fetches one.
        questions = Counter((e.source, e.path, e.body) for e in sandbox.ledger if e.source != "spotify_token")
        repeated = questions.total() - len(questions)
        refused = sum(entry.status in (429, 503) for entry in sandbox.ledger)
        gap = sandbox.smallest_gap("musicbrainz")
    albums = _count(bench.library, "albums")
    say(f"{bench.library.name}: {albums} albums; {cold.status} and {second.status}")
    say(f"{'':24}{'cold':>10}{'second':>10}")
    for source in (*WEB_SOURCES, "spotify_token"):
        say(f"{source:24}{asked[source]:>10}{again[source]:>10}")
    slots = _slots(cold, asked)
    slowest = max(slots, key=lambda word: slots[word])
    build = steps.seconds("believe")
    wall = steps.total
    ideal = slots[slowest] + build
    each = asked["musicbrainz"] / albums
    asking = steps.seconds("ask")
    kept = [
        said("MusicBrainz requests per album, cold", f"{each:.3f}", each <= 0.25),
        said("MusicBrainz requests, second night", str(again["musicbrainz"]), again["musicbrainz"] == 0),
        said("requests asked twice, both nights", str(repeated), repeated == 0),
        said("refusals for speed", str(refused), refused == 0),
        said("smallest gap, one process", f"{gap:.3f} s", gap >= 1.0),
        said("wall time", f"{wall:.1f} s, {wall / ideal:.2f} x", wall <= 1.2 * ideal),
    ]
    say(
        f"  1 x = {ideal:.1f} s: the {asked[slowest]} slots of {slowest} {slots[slowest]:.1f} s, the dbt build {build:.1f} s"
    )
    say(f"  asking {asking:.1f} s, all other steps {wall - asking - build:.1f} s")
    return all(kept), found


class Steps:
    """A checkpoint that notes when each step of a night began and ended."""

    def __init__(self) -> None:
        self._moments: dict[str, float] = {}
        self._started = time.monotonic()

    def __call__(self, name: str) -> None:
        self._moments[name] = time.monotonic()

    def seconds(self, step: str) -> float:
        """How long a step took."""
        return self._moments[f"{step}:after"] - self._moments[f"{step}:before"]

    @property
    def total(self) -> float:
        """From the start to the end of the report."""
        return self._moments["report:after"] - self._started


def _slots(cold: Outcome, asked: Counter[str]) -> dict[str, float]:
    """Seconds that the requests of each source take at its configured pace."""
    return {word: asked[word] * cold.settings.source_access(word).min_interval_s for word in WEB_SOURCES}


# ---------------------------------------------------------------- two processes at once


def _two_at_once(bench: Bench) -> bool:
    """Two data folders, one state folder, one sandbox: `python -m ingest musicbrainz`, twice at the same time."""
    folder = bench.scratch / "two"
    environment = {**os.environ, "SILLON_STATE_DIR": str(folder / "state")}
    with Sandbox(bench.catalogue) as sandbox:
        config = bench.config("two", sandbox.base_urls)
        running = [
            subprocess.Popen(  # noqa: S603 - our own words
                [
                    sys.executable, "-m", "ingest", "musicbrainz", "--limit", str(ALBUMS_EACH), "--config", str(config),
                    "--library", str(bench.library), "--data", str(folder / f"data-{number}"),
                ],
                env=environment,
                stdout=subprocess.DEVNULL,
            )
            for number in (1, 2)
        ]  # fmt: skip
        ended = [process.wait() for process in running]
        gap, requests = sandbox.smallest_gap("musicbrainz"), sandbox.requests("musicbrainz")
        refused = sum(entry.status == 503 for entry in sandbox.ledger)
    say("")
    return all(
        [
            said("smallest gap, two processes at once", f"{gap:.3f} s over {requests} requests", gap >= 1.0),
            said("refusals for speed, two processes", str(refused), refused == 0 and ended == [0, 0]),
        ]
    )


# ---------------------------------------------------------------- a third of the answers shed


def _shed(bench: Bench, calm: set[str]) -> bool:
    """One night in which every source sheds load; of the changes that the calm night decided, the share decided too."""
    folder = bench.scratch / "shed"
    os.environ["SILLON_STATE_DIR"] = str(folder / "state")
    with Sandbox(bench.catalogue, faults=[f"*:shed:share={SHED}"]) as sandbox:
        config = bench.config("shed", sandbox.base_urls)
        steps = Steps()
        ended = night.run(Options(config=config, data=folder / "data", library=bench.library), checkpoint=steps)
        shed = sum(bool(entry.fault) for entry in sandbox.ledger)
        asked = len(sandbox.ledger)
    share = len(calm & _changes(folder / "data")) / max(1, len(calm))
    deferred = sum(report.deferred for report in ended.sources.values())
    say("")
    say(
        f"{shed} of {asked} answers shed: {steps.seconds('ask'):.0f} s of asking, {deferred} items deferred, {ended.status}"
    )
    return said("found with 30 % shed, same night", f"{share:.2%} of {len(calm)} changes", share >= 0.99)


def _changes(data: Path) -> set[str]:
    """The ids of all changes that a night decided: the same id is the same value for the same cell."""
    with duckdb.connect(str(data / "marts.duckdb"), read_only=True) as connection:
        return {row[0] for row in connection.execute("select change_id from library_changes").fetchall()}


def _count(library: Path, table: str) -> int:
    import sqlite3

    with sqlite3.connect(f"file:{library}?mode=ro", uri=True) as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608


def said(what: str, value: str, is_kept: bool) -> bool:
    """Print one figure and whether it keeps its promise; returns that."""
    say(f"{'+' if is_kept else 'x'} {what:38} {value}")
    return is_kept


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
