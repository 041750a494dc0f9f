"""Facts of a report made by hand: a small night with one of everything, which a test changes where it wants."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dagster_project.publish.report.facts import COUNTED, PARTS, STATE_METRICS, ReportFacts, SourceFacts

RUN = "20260301-020000"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


def change(table: str, column: str | None, album_id: int | None, new: str | None, **others: Any) -> dict[str, Any]:
    """A row of `library_changes` with its run."""
    change_id = f"{table}-{column}-{album_id}-{new}"
    return {
        "change_id": change_id,
        "group_id": change_id,
        "action": "update",
        "table_name": table,
        "row_key": json.dumps({"id": album_id}),
        "column_name": column,
        "old_value": None,
        "new_value": new,
        "album_id": album_id,
        "feature": "fill_years",
        "service": "auto_enrichment",
        "source": "musicbrainz",
        "evidence_url": "https://musicbrainz.org/release-group/1",
        "fetched_at": datetime(2026, 3, 1, 1, 5, tzinfo=UTC).replace(tzinfo=None),
        "confidence": 0.98,
        "runner_up": None,
        "rule": "first_release_year",
        "run_id": RUN,
        **others,
    }


def doubt(kind: str, album_id: int, candidates: list[dict[str, Any]], **others: Any) -> dict[str, Any]:
    """A row of `review_queue`."""
    row = {"queue_id": f"{kind}-{album_id}", "kind": kind, "album_id": album_id, "artist": "Weezer", "title": "Weezer"}
    row |= {"field": kind, "reason": "two candidates are equally good: title equal; artist equal", "confidence": 0.9}
    return {**row, "candidates": json.dumps(candidates), "suggestion": None, **others}


def issue(kind: str = "broken_reference", severity: str = "error", **others: Any) -> dict[str, Any]:
    """A row of `integrity_issues`."""
    row = {"issue_id": kind, "kind": kind, "severity": severity, "table_name": "images", "row_key": '{"id":39}'}
    return {**row, "column_name": "album_id", "value": "89", "detail": "no such row in albums", **others}


def album(album_id: int, title: str = "Hunky Dory", artist: str = "David Bowie") -> dict[str, Any]:
    """A row of `albums`, as far as the report reads it."""
    return {"album_id": album_id, "title": title, "artist": artist}


def night(run_id: str, day: date, before: float, after: float) -> dict[str, Any]:
    """A row of `sillon.runs`."""
    moment = datetime(day.year, day.month, day.day, 1, tzinfo=UTC).replace(tzinfo=None)
    row = {"run_id": run_id, "local_date": day, "kind": "web", "job": "improvement_pipeline", "is_full": True}
    return {**row, "started_at": moment, "status": "success", "score_before": before, "score_after": after}


def facts(**others: Any) -> ReportFacts:
    """A night that found a cover, two years, a genre and a split, with a doubt, an issue and a source that was down."""
    cover = "https://coverartarchive.org/release/1/2-500.jpg"
    split = {"group_id": "split", "feature": "fix_artist_formatting", "rule": "credit_decided"}
    gone, come = '{"album_id":3,"artist_id":30}', '{"album_id":3,"artist_name":"Nico"}'
    made = ReportFacts(
        run_id=RUN,
        version="0.1.0",
        job="improvement_pipeline",
        kind="web",
        language="en",
        time_zone="Europe/Paris",
        started_at=datetime(2026, 3, 1, 1, 0, tzinfo=UTC),
        finished_at=datetime(2026, 3, 1, 1, 2, 5, tzinfo=UTC),
        status="partial",
        target="copy",
        dry_run=False,
        library=Path("music.db"),
        output=Path("data/exports/music.db"),
        data=Path("data"),
        config=None,
        decisions=Path("config/decisions.csv"),
        features={"fill_years": True, "detect_genres": False},
        sources={
            "musicbrainz": SourceFacts("ok", 10, 10),
            "discogs": SourceFacts("down", 6, 0, 12, "503 six times", datetime(2026, 3, 1, 5, 0, tzinfo=UTC)),
            "spotify": SourceFacts("off", reason="no credentials"),
        },
        warnings=("discogs: 503 six times",),
        backup=Path("data/backups/music.db.backup"),
        written={"albums.year": 2},
        changes=[
            change("albums", "year", 1, "1971"),
            change("albums", "year", 2, "1969", confidence=0.91),
            change("albums", "genre", 1, "rock", source="listenbrainz", rule="genre_votes"),
            change("albums", "image_url", 1, cover, source="cover_art_archive", rule="cover_of_release_group"),
            change(
                "images", "url", 1, cover, action="insert", source="cover_art_archive", rule="cover_of_release_group"
            ),
            change("album_artist", "artist_id", 3, None, action="delete", row_key=gone, old_value="30", **split),
            change("album_artist", "artist_id", 3, "Nico", action="insert", row_key=come, **split),
            change("artists", "name", None, "Nico", action="insert", row_key='{"name":"Nico"}'),
        ],
        quality=quality(),
        queue=[
            doubt("match", 4, [{"id": "a-1", "title": "Weezer", "artist": "Weezer", "year": "1994", "score": 0.98}])
        ],
        issues=[issue()],
        albums={
            1: album(1),
            2: album(2, "Abbey Road", "The Beatles"),
            3: album(3, "The Velvet Underground & Nico", "The Velvet Underground, Nico"),
        },
        artist_names={30: "The Velvet Underground & Nico"},
        runs=[night("20260228-020000", date(2026, 2, 28), 70, 78), night(RUN, date(2026, 3, 1), 78, 91.25)],
    )
    return replace(made, **others)


def quality(*, albums: int = 60, before: float = 78.0, after: float = 91.25) -> dict[str, dict[str, Any]]:
    """The rows of the mart `quality`, by metric."""
    rows = {"data_quality_score": (before, after), **{part: (before / 4, after / 4) for part in PARTS}}
    rows |= {metric: (min(20, albums), min(5, albums)) for metric in COUNTED}
    rows |= {metric: (albums, albums) for metric in STATE_METRICS}
    return {
        metric: {"metric": metric, "before": float(old), "after": float(new)} for metric, (old, new) in rows.items()
    }


def failed(**others: Any) -> ReportFacts:
    """A night that ended before anything could be believed."""
    nothing: dict[str, Any] = {"written": {}, "changes": (), "quality": {}, "queue": (), "issues": (), "albums": {}}
    return facts(status="failed", failures=("music.db: locked for 10 s.",), backup=None, runs=(), **(nothing | others))


def many(count: int) -> ReportFacts:
    """A night with that many changes, each of another album, spread over the fields."""
    columns = ("year", "genre", "ai_description", "image_url")
    values = (
        "1971",
        "rock",
        "Hunky Dory par David Bowie (1971), et une phrase de plus",
        "https://coverartarchive.org/r/{}/1-500.jpg",
    )
    rows = [
        change(
            "albums", columns[at % 4], at, values[at % 4].format(at), old_value=None, runner_up="another record, 0.71"
        )
        for at in range(count)
    ]
    albums = {
        at: album(at, f"The Rise and Fall of Ziggy Stardust, part {at}", f"David Bowie {at}") for at in range(count)
    }
    return facts(changes=rows, albums=albums, written={"albums.year": count}, quality=quality(albums=count))
