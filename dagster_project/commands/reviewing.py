"""The verb review: walks through the queue on the terminal and keeps each answer in decisions.csv.

Here live the questions and what an answer means as a decision. What a decision does to the beliefs is SQL; the file is
written by `decision_file.py`. Answers are lines of standard input, so a pipe can give them too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dagster_project.commands.choices import DEFAULT_DATA, Album, Config, Data, Json, Quiet
from dagster_project.commands.voice import Voice, spoken

Kind = Annotated[
    str | None,
    typer.Option("--kind", help="Only this kind: match, credit, artist_spelling, genre or cover.", show_default=False),
]
Row = Mapping[str, Any]
Decision = dict[str, Any]

# The kinds that can be answered here. A duplicate is for the app to merge: nothing of it can be decided here.
ASKED = ("match", "credit", "artist_spelling", "genre", "cover")
BY_HAND = ("artist_spelling", "genre", "cover")
_QUEUE = "select * from review_queue order by kind = 'match' desc, kind, confidence desc nulls last, queue_id"
_LAST_RUN = "select max(finished_at) as finished_at from sillon.runs where status in ('success', 'partial')"


def register(app: typer.Typer) -> None:
    """Add this verb to the command."""
    app.command(short_help="Decide what Sillon was not sure of.")(review)


def review(
    config: Config = None,
    data: Data = DEFAULT_DATA,
    album: Album = None,
    kind: Kind = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Walk through what Sillon was not sure of: accept, refuse or skip. Answers go to config/decisions.csv.

    Each answer is kept at once; the next run acts on it. With --json the queue is printed and nothing is asked.

    \b
    Examples:
      sillon review
      sillon review --kind match
      sillon review --album 12
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> None:
        from dagster_project.commands.decision_file import append, path_in
        from dagster_project.commands.shelf import opened
        from dagster_project.decision_rows import read_decisions

        path = path_in(config, data)
        with opened(data) as shelf:
            rows, finished = shelf.rows(_QUEUE), shelf.rows(_LAST_RUN)[0]["finished_at"]
        rows = [row for row in rows if album in (None, row["album_id"]) and kind in (None, row["kind"])]
        waiting = undecided(rows, list(read_decisions(path)), finished)
        if as_json:
            voice.data([{**row, "candidates": _candidates(row)} for row in waiting])
            return
        if config is None:
            _refuse_invented(voice, data)
        asked = [row for row in waiting if row["kind"] in ASKED]
        made = walk(voice, asked, sys.stdin.readline, lambda decision: append(path, decision))
        _say_end(voice, made, asked, waiting, path)

    spoken(voice, start)


def walk(
    voice: Voice,
    rows: Sequence[Row],
    read: Callable[[], str],
    keep: Callable[[Decision], None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Ask about every row and keep each answer at once.

    Args:
        voice: what is said through.
        rows: rows of review_queue whose kind is in `ASKED`.
        read: gives the next line of the answer, "" at the end of the input.
        keep: takes each decision, a row of decisions.csv.
        now: the moment of a decision.

    Returns how many decisions were kept. An answer that means nothing is asked again; the end of the input ends the walk.
    """
    made = 0
    for number, row in enumerate(rows, start=1):
        _ask(voice, row, number, len(rows))
        while True:
            voice.question(f"{voice.words.of('review.hint', row['kind'])} · {voice.words('review.always')} >")
            line = read()
            if not line or line.strip().lower() in ("q", "quit"):
                if not line:
                    typer.echo()
                return made
            if line.strip().lower() in ("", "s", "skip"):
                break
            decision = decided(row, line.strip())
            if decision is not None:
                keep({**decision, "decided_at": f"{now().astimezone(UTC):%Y-%m-%d %H:%M:%S}"})
                made += 1
                break
            voice.question(voice.words("review.no_answer", answer=line.strip()[:20]), nl=True)
    return made


def decided(row: Row, answer: str) -> Decision | None:
    """The decision that an answer means, as a row of decisions.csv; None where it means nothing for this kind."""
    word, _, rest = answer.partition(" ")
    candidates = _candidates(row)
    chosen = _number(word, candidates)
    refused = word.lower() in ("r", "refuse")
    match row["kind"]:
        case "genre" if chosen is not None and candidates[chosen]["id"] == "other":
            return _of_album(row, "genre", "lock", None)  # none of the seven genres: it stays empty
        case "match" | "genre" | "cover" if chosen is not None:
            return _of_album(row, row["field"], "accept", candidates[chosen]["id"])
        case "match" if refused and not rest:
            return _of_album(row, "match", "refuse", None)
        case "match" if refused and (other := _number(rest, candidates)) is not None:
            return _of_album(row, "match", "refuse", candidates[other]["id"])
        case "credit" if answer.startswith("="):
            acts = [act.strip() for act in answer[1:].split("|") if act.strip()]
            return _of_artist(row, "split", " | ".join(acts)) if len(acts) > 1 else None
        case "credit" if chosen is not None and candidates[chosen]["id"] == "split":
            return _of_artist(row, "split", candidates[chosen]["artist"])
        case "credit" if chosen is not None or (refused and not rest):
            return _of_artist(row, "keep_whole", None)
        case "artist_spelling" if refused and not rest:
            return _of_artist(row, "keep_whole", None)
        case "genre" | "cover" if refused and not rest:
            return _of_album(row, row["field"], "lock", None)
    return None


def undecided(rows: Iterable[Row], decisions: Sequence[Row], finished: datetime | None) -> list[Row]:
    """The rows of the queue about which the file says nothing yet.

    A match that is still in the queue after a run that knew the decision is asked about again: one candidate was refused
    and others are left. `finished` is the end of the last run, UTC without a zone.
    """
    since = f"{finished:%Y-%m-%d %H:%M:%S}" if finished else ""
    albums = {
        (one["album_id"], one["field"])
        for one in decisions
        if one["field"] != "match" or (one["decided_at"] or "9") >= since
    }
    artists = {str(one["artist"]).casefold() for one in decisions if one["decision"] in ("keep_whole", "split")}
    return [
        row
        for row in rows
        if (row["album_id"], row["field"]) not in albums
        and not (row["field"] == "artists" and str(row["artist"]).casefold() in artists)
    ]


def _of_album(row: Row, field: str, decision: str, value: str | None) -> Decision:
    return {"album_id": row["album_id"], "artist": None, "field": field, "decision": decision, "value": value}


def _of_artist(row: Row, decision: str, value: str | None) -> Decision:
    return {"album_id": None, "artist": row["artist"], "field": "artists", "decision": decision, "value": value}


def _candidates(row: Row) -> list[dict[str, Any]]:
    return list(json.loads(row["candidates"] or "[]"))


def _number(word: str, candidates: Sequence[object]) -> int | None:
    return int(word) - 1 if word.isascii() and word.isdigit() and 1 <= int(word) <= len(candidates) else None


def _ask(voice: Voice, row: Row, number: int, total: int) -> None:
    words = voice.words
    voice.say()
    place = words("review.place", number=number, total=total, kind=words.of("kind", row["kind"]))
    voice.head(place + ("" if row["album_id"] is None else f" ({words('review.album', id=str(row['album_id']))})"))
    voice.say(" — ".join(str(part) for part in (row["artist"], row["title"]) if part))
    voice.say(words.said(row["reason"]))
    for number, one in enumerate(_candidates(row), start=1):
        name = " — ".join(str(one[part]) for part in ("artist", "title") if one.get(part))
        what = ", ".join(str(one[part]) for part in ("year", "type") if one.get(part))
        score = f"  {words.number(one['score'], 2)}" if isinstance(one.get("score"), float | int) else ""
        label = words.of("review.candidate", one["id"]) + words.raw("colon") if row["kind"] == "credit" else ""
        voice.say(f"  {number}  {label}{name}{f' ({what})' if what else ''}{score}")
        for detail in (one.get("evidence"), one.get("url")):
            if detail:
                voice.say(f"     {words.said(detail)}")
    if row["kind"] in BY_HAND:
        voice.say(words.of("review.by_hand", row["kind"]))


def _say_end(voice: Voice, made: int, asked: Sequence[Row], waiting: Sequence[Row], path: Path) -> None:
    voice.say()
    if not waiting:
        voice.tell("review.nothing")
    elif made:
        voice.count("review.kept", made, path=path)
    elif asked:
        voice.tell("review.undecided")
    if others := len(waiting) - len(asked):
        voice.count("review.others", others)


def _refuse_invented(voice: Voice, data: Path) -> None:
    """Decisions on the sandbox's answers do not belong beside one's own: its albums and ids are others."""
    from dagster_project.commands import whose
    from ingest.errors import ConfigError

    known = whose.stamp(data)
    if known is not None and known.is_sandbox:
        raise ConfigError(
            voice.words("review.invented"),
            file=data,
            remedy=voice.words("review.invented.remedy", folder=data / "config"),
        )
