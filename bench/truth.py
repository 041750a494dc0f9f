"""How often a night is right: a library against a sandbox whose catalogue was made from it, with decoys.

    python -m bench.truth LIBRARY [--data DIR]

Prints, of what was applied without asking, the share that is right, and of what could be found, the share that was. The
catalogue reads titles and names by its own rules (`ingest/sandbox`), so it judges; titles in it come from the library, so
recall is flattered. Nothing of the night is changed here.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from dagster_project import night
from dagster_project.options import Options
from ingest.sandbox import Catalogue

FAST = dict.fromkeys(
    (f"{word}_per_minute" for word in ("musicbrainz", "listenbrainz", "cover_art_archive", "discogs")), 60_000
)


def measure(library: Path, data: Path) -> dict[str, Any]:
    """One cold night of `library` in the empty folder `data`, held against the catalogue's truth. Shares are from 0 to 1."""
    config = data.parent / f"{data.name}-config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "enrichment_config.json").write_text(json.dumps({"auto_enrichment": {"rate_limits": FAST}}))
    night.run(Options(config=config, data=data, library=library, sandbox=True, sandbox_limits=False))
    catalogue = Catalogue.of_library(library)
    before, after = _open(library), _open(data / "exports" / library.name)
    return {
        "covers": _covers(catalogue, before, after),
        "years": _years(catalogue, before, after),
        "splits": _splits(catalogue, before, after),
        "genres": _genres(catalogue, before, after),
        "catalogue": catalogue.summary(),
    }


def _covers(catalogue: Catalogue, before: sqlite3.Connection, after: sqlite3.Connection) -> dict[str, Any]:
    missing = _ids(
        before, "select id from albums where id not in (select album_id from images where album_id is not null)"
    )
    query = "select album_id, url from images where image_type = 'album' and album_id is not null order by id"
    given = {album: url for album, url in after.execute(query) if album in missing}
    known = {album: truth for album, truth in catalogue.truth.items() if album in missing and not truth.ambiguous}
    right, wrong = [], []
    for album, url in given.items():
        if album in known:
            titles = before.execute(
                "select a.title, group_concat(r.name, ', ') from albums a left join album_artist l on l.album_id = a.id"
                " left join artists r on r.id = l.artist_id where a.id = ?",
                [album],
            ).fetchone()
            is_right = _is_its_cover(catalogue, known[album], url) or _is_its_issue(catalogue, titles, url)
            (right if is_right else wrong).append(album)
    findable = {album for album, truth in known.items() if truth.cover}
    return _figures(right, wrong, findable)


def _is_its_cover(catalogue: Catalogue, truth: Any, url: str) -> bool:
    """Whether the picture behind `url` is the one of the right album: the same drawing, whichever source gave it."""
    group = catalogue.groups.get(truth.release_group or "")
    return group is not None and catalogue.picture_for(url) == catalogue.cover_bytes(group.id)


def _is_its_issue(catalogue: Catalogue, album: tuple[str, str], url: str) -> bool:
    """Whether a picture of Discogs or Spotify belongs to an issue with the very title and one of the very artists."""
    issue = catalogue.issue_of(url)
    return (
        issue is not None and issue[0].casefold() == album[0].casefold() and issue[1].casefold() in album[1].casefold()
    )


def _years(catalogue: Catalogue, before: sqlite3.Connection, after: sqlite3.Connection) -> dict[str, Any]:
    empty = _ids(before, "select id from albums where year is null")
    given = {
        album: year
        for album, year in after.execute("select id, year from albums")
        if album in empty and year is not None
    }
    known = {a: t for a, t in catalogue.truth.items() if a in empty and t.release_group and t.year and not t.ambiguous}
    right = [album for album, year in given.items() if album in known and known[album].year == year]
    wrong = [album for album in given if album not in known or known[album].year != given[album]]
    return _figures(right, wrong, set(known))


def _genres(catalogue: Catalogue, before: sqlite3.Connection, after: sqlite3.Connection) -> dict[str, Any]:
    empty = _ids(before, "select id from albums where genre is null or genre = ''")
    given = {album: genre for album, genre in after.execute("select id, genre from albums") if album in empty and genre}
    known = {album: truth for album, truth in catalogue.truth.items() if album in empty and truth.genre}
    right = [album for album, genre in given.items() if album in known and known[album].genre == genre]
    wrong = [album for album in given if album in known and known[album].genre != given[album]]
    return _figures(right, wrong, set(known))


def _splits(catalogue: Catalogue, before: sqlite3.Connection, after: sqlite3.Connection) -> dict[str, Any]:
    """A joined name that left an album, held against the acts that came instead."""
    first, then = _links(before), _links(after)
    right, wrong = [], []
    for album, names in first.items():
        for gone in sorted(names - then[album]):
            acts = set(catalogue.credits.get(gone, (gone,)))
            (right if len(acts) > 1 and acts <= then[album] else wrong).append((album, gone))
    findable = {
        (album, name) for album, names in first.items() for name in names if len(catalogue.credits.get(name, ())) > 1
    }
    return _figures(right, wrong, findable)


def _links(connection: sqlite3.Connection) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    query = (
        "select album_id, name from album_artist join artists on artists.id = artist_id"
        " where album_id in (select id from albums)"
    )
    for album, name in connection.execute(query):
        found[album].add(name)
    return found


def _figures(right: list[Any], wrong: list[Any], findable: set[Any]) -> dict[str, Any]:
    applied = len(right) + len(wrong)
    found = len(findable & set(right))
    return {
        "applied": applied,
        "right": len(right),
        "wrong": sorted(wrong)[:20],
        "precision": round(len(right) / applied, 4) if applied else None,
        "findable": len(findable),
        "found": round(found / len(findable), 4) if findable else None,
    }


def _ids(connection: sqlite3.Connection, query: str) -> set[int]:
    return {row[0] for row in connection.execute(query)}


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def main() -> None:
    """Measure one library and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--data", type=Path, help="an empty folder to keep; otherwise a temporary one")
    words = parser.parse_args()
    folder = words.data or Path(tempfile.mkdtemp(prefix="sillon-truth-")) / "data"
    figures = measure(words.library.absolute(), folder.absolute())
    if words.data is None:
        shutil.rmtree(folder.parent)
    decoys = Counter(figures["catalogue"]["decoys"])
    print(
        f"{figures['catalogue']['albums']} albums, {figures['catalogue']['left_out']} left out, {decoys.total()} decoys"
    )
    print(f"{'':10}{'applied':>9}{'right':>9}{'findable':>10}{'found':>9}")
    for name in ("covers", "years", "splits", "genres"):
        row = figures[name]
        print(f"{name:10}{row['applied']:9}{row['precision'] or 0:9.2%}{row['findable']:10}{row['found'] or 0:9.2%}")
        if row["wrong"]:
            print(f"{'':10}wrong: {row['wrong']}")


if __name__ == "__main__":
    main()
