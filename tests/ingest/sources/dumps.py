"""A MusicBrainz data dump as published, written from a catalogue of the sandbox: tables in COPY text inside an archive."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from ingest.sandbox import Catalogue

STAMP = "2026-11-21 00:17:22.123456+00"
TYPES = {"Album": 1, "Single": 2, "EP": 3, "Compilation": 1, "Soundtrack": 2, "Live": 6, "Remix": 7}


def copy_text(value) -> str:
    """One value as PostgreSQL's COPY writes it."""
    if value is None:
        return "\\N"
    text = str(value).replace("\\", "\\\\")
    for sign, escape in (("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(sign, escape)
    return text


def write_archive(path: Path, tables: dict[str, list[tuple]], *, stamp: str | None = STAMP) -> Path:
    """The tables in one archive, packed as the ending of its name says."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:bz2" if path.name.endswith(".bz2") else "w") as tar:
        members = {"TIMESTAMP": f"{stamp}\n"} if stamp else {}
        members["COPYING"] = "CC0"
        for table, rows in tables.items():
            members[f"mbdump/{table}"] = "".join("\t".join(map(copy_text, row)) + "\n" for row in rows)
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            data = text.encode()
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    data = packed.getvalue()
    if path.name.endswith(".zst"):
        import zstandard

        data = zstandard.ZstdCompressor().compress(data)
    path.write_bytes(data)
    return path


def tables_of(catalogue: Catalogue) -> dict[str, list[tuple]]:
    """Every table that Sillon reads, column by column as in MusicBrainz' CreateTables.sql."""
    artists = {ident: number for number, ident in enumerate(catalogue.artists, 1)}
    tables: dict[str, list[tuple]] = {name: [] for name in (
        "artist", "artist_alias", "artist_credit_name", "release_group", "release_group_meta", "release", "url",
        "release_group_secondary_type_join", "l_release_url", "tag", "release_group_tag", "release_country",
    )}  # fmt: skip
    tables["artist_type"] = [(1, "Person"), (2, "Group")]
    tables["release_status"] = [(1, "Official")]
    tables["release_group_primary_type"] = [(1, "Album"), (2, "Single"), (3, "EP")]
    tables["release_group_secondary_type"] = [(1, "Compilation"), (2, "Soundtrack"), (6, "Live"), (7, "Remix")]
    for ident, number in artists.items():
        act = catalogue.artists[ident]
        dates, kind = (None,) * 6, 1 if act.type == "Person" else 2
        tables["artist"].append(
            (
                number,
                act.id,
                act.name,
                act.sort_name or act.name,
                *dates,
                kind,
                None,
                None,
                act.disambiguation,
                0,
                STAMP,
                "f",
            )
        )
        tables["artist_alias"] += [
            (len(tables["artist_alias"]) + at, number, name, None) for at, name in enumerate(act.aliases, 1)
        ]
    tags: dict[str, int] = {}
    for number, group in enumerate(catalogue.groups.values(), 1):
        _add_group(tables, catalogue, artists, tags, number, group)
    tables["tag"] = [(number, name, 1) for name, number in tags.items()]
    return tables


def _add_group(tables, catalogue, artists, tags, number, group) -> None:
    tables["artist_credit_name"] += [
        (number, at, artists[credit.artist], credit.name, credit.join) for at, credit in enumerate(group.credits)
    ]
    tables["release_group"].append(
        (number, group.id, group.title, number, TYPES.get(group.primary), group.disambiguation, 0, STAMP)
    )
    date = [int(part) for part in group.date.split("-") if part]
    tables["release_group_meta"].append((number, len(group.releases), *(date + [None] * 3)[:3], None, None))
    tables["release_group_secondary_type_join"] += [
        (number, TYPES[name], STAMP) for name in group.secondary if name in TYPES
    ]
    for name, votes in group.tags:
        tables["release_group_tag"].append((number, tags.setdefault(name, len(tags) + 1), votes, STAMP))
    for one in group.releases:
        release = len(tables["release"]) + 1
        tables["release"].append(
            (release, one.id, one.title, number, number, 1, None, None, None, None, "", 0, -1, STAMP)
        )
        parts = [int(part) for part in one.date.split("-") if part]
        tables["release_country"].append((release, 240, *(parts + [None] * 3)[:3]))
        for url in one.urls:
            tables["url"].append((len(tables["url"]) + 1, f"url-{len(tables['url'])}", url, 0, STAMP))
            tables["l_release_url"].append((len(tables["url"]), 5, release, len(tables["url"]), 0, STAMP, 0, "", ""))


def covers_of(catalogue: Catalogue) -> dict[str, list[tuple]]:
    """The tables of the Cover Art Archive's own dump."""
    tables: dict[str, list[tuple]] = {"cover_art_archive.art_type": [(1, "Front"), (2, "Back")]}
    for name in ("cover_art", "cover_art_type", "release_group_cover_art"):
        tables[f"cover_art_archive.{name}"] = []
    release = 0
    for number, group in enumerate(catalogue.groups.values(), 1):
        for one in group.releases:
            release += 1
            if one.image:
                tables["cover_art_archive.cover_art"].append((one.image, release, "", 1, 1, STAMP, 0, "image/jpeg"))
                tables["cover_art_archive.cover_art_type"].append((one.image, 1))
                if one.id == group.cover:
                    tables["cover_art_archive.release_group_cover_art"].append((number, release))
    return tables
