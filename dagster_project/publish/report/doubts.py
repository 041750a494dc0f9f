"""The review queue as questions with their candidates, and the lines of `decisions.csv` that answer them.

Here lives the reading of the queue's candidates and the wording of answers as data; how they look is the business of
`page.py` and `markdown.py`.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from dagster_project.publish.report.display import clean, safe_link
from dagster_project.publish.report.facts import ReportFacts, Row

HEADING = "album_id,artist,field,decision,value,decided_at"
ORDER = ("match", "credit", "artist_spelling", "genre", "cover", "duplicate_album", "duplicate_scrobble")
MOST_CANDIDATES = 5
_LONGEST_ANSWER = 500  # characters of a name or value that a person can be asked to copy


@dataclass(frozen=True)
class Candidate:
    """One possible answer. `share` is from 0 to 1, `votes` a count; one of them or neither is known. `measure` is the key
    of the sentence that says what `share` is: how alike, or how sure.
    """

    title: str
    artist: str
    about: tuple[str, ...]
    evidence: str
    share: float | None
    measure: str
    votes: float | None
    link: str | None
    is_suggested: bool
    label: str | None
    line: str | None


@dataclass(frozen=True)
class Doubt:
    """One question. `answers` are (word of the answer, line of decisions.csv); `advice` is the key of a sentence or None."""

    kind: str
    album_id: int | None
    title: str
    artist: str
    reason: str
    candidates: tuple[Candidate, ...]
    answers: tuple[tuple[str, str], ...]
    advice: str | None


def doubts(facts: ReportFacts) -> dict[str, list[Doubt]]:
    """Kind of question to its questions, in the order of the mart."""
    found: dict[str, list[Doubt]] = {}
    for row in facts.queue:
        found.setdefault(row["kind"], []).append(_doubt(row))
    known = [kind for kind in ORDER if kind in found]
    return {kind: found[kind] for kind in [*known, *sorted(set(found) - set(known))]}


def _doubt(row: Row) -> Doubt:
    kind, album_id = row["kind"], row["album_id"]
    candidates = tuple(_candidate(row, one) for one in _read(row["candidates"])[:MOST_CANDIDATES])
    answers = _answers(row)
    advice = f"advice.{kind}" if kind not in ("match", "credit") else None
    if kind in ("credit", "artist_spelling") and not _is_plain(row["artist"]):
        answers, advice = (), "advice.unwritable"
    return Doubt(
        kind=kind,
        album_id=album_id,
        title=clean(row["title"]),
        artist=clean(row["artist"]),
        reason=row["reason"] or "",
        candidates=candidates,
        answers=answers,
        advice=advice,
    )


def _read(text: str | None) -> list[dict[str, Any]]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _candidate(row: Row, one: dict[str, Any]) -> Candidate:
    score = one.get("score")
    score = float(score) if isinstance(score, int | float) else None
    word, line = _answer_of(row, one)
    evidence = one.get("evidence")
    names = clean(one.get("artist")).split(" | ") if row["kind"] == "credit" else [clean(one.get("artist"))]
    return Candidate(
        title=clean(one.get("title")),
        artist=" · ".join(names),
        about=tuple(
            text for text in (clean(one.get("year"))[:4], clean(one.get("type"))) if text and text != row["kind"]
        ),
        evidence=evidence if isinstance(evidence, str) else "",
        measure="confidence" if row["kind"] == "credit" else "candidate.score",
        share=score if score is not None and score <= 1 else None,
        votes=score if score is not None and score > 1 else None,
        link=safe_link(one.get("url")),
        is_suggested=bool(row["suggestion"]) and row["suggestion"] in (one.get("id"), one.get("artist")),
        label=word,
        line=line,
    )


def _answer_of(row: Row, one: dict[str, Any]) -> tuple[str | None, str | None]:
    """The line that chooses this candidate, where a line can."""
    chosen = str(one.get("id") or "")
    if row["kind"] in ("match", "genre", "cover") and _is_plain(chosen) and chosen != "other":
        return "accept", _line(row["album_id"], None, row["field"], "accept", chosen)
    if row["kind"] != "credit" or not _is_plain(row["artist"]):
        return None, None
    if chosen == "split" and _is_plain(one.get("artist")):
        return "split", _line(None, row["artist"], "artists", "split", one["artist"])
    return (
        ("keep_whole", _line(None, row["artist"], "artists", "keep_whole", None))
        if chosen == "keep_whole"
        else (None, None)
    )


def _answers(row: Row) -> tuple[tuple[str, str], ...]:
    """The lines that answer the question without choosing a candidate."""
    album_id = row["album_id"]
    match row["kind"]:
        case "match":
            return (("refuse", _line(album_id, None, "match", "refuse", None)),)
        case "genre":
            return (("lock", _line(album_id, None, "genre", "lock", None)),)
        case "cover":
            return (("lock", _line(album_id, None, "image", "lock", None)),)
        case "artist_spelling":
            return (("apart", _line(None, row["artist"], "artists", "keep_whole", None)),)
    return ()


def _is_plain(text: Any) -> bool:
    """Whether a name survives being read from a page and written into a file by hand."""
    return isinstance(text, str) and 0 < len(text) <= _LONGEST_ANSWER and clean(text, len(text) + 1) == text


def _line(album_id: int | None, artist: str | None, field: str, decision: str, value: str | None) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow([album_id, artist, field, decision, value, None])
    return written.getvalue()
