"""The verb explain: everything that Sillon knows about one album, and why it believes it.

Only reading, from the marts: what was asked (`album_questions`), what each candidate scored (`match_candidates`), what
was chosen (`album_matches`), where every value comes from (`albums`, `library_changes`, the ledger).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.commands import whose
from dagster_project.commands.choices import DEFAULT_DATA, Config, Data, Json, Quiet
from dagster_project.commands.voice import Voice, spoken
from dagster_project.data_folder import folder_words

if TYPE_CHECKING:
    from dagster_project.commands.shelf import Shelf
    from dagster_project.commands.words import Words

AlbumId = Annotated[int, typer.Argument(metavar="ALBUM_ID", help="The album's id in the library.", show_default=False)]
FIELDS = ("year", "genre", "description", "image_url")

# An artist that joins the album as a whole is told by the links; the rows of artists are about no album.
_QUERIES = {
    "album": "select * from albums where album_id = ?",
    "asked": "select source, question, status, answered_at, answers from album_questions where album_id = ?"
    " order by answered_at, source, question",
    "match": "select * from album_matches where album_id = ?",
    "candidates": "select * exclude (candidate_id, album_id) from match_candidates where album_id = ?"
    " order by verdict in ('chosen', 'waiting') desc, score desc, release_group_musicbrainz_id",
    "changes": "select * exclude (service, change_id) from library_changes where album_id = ?"
    " order by table_name, column_name, change_id",
    "written": "select run_id, target, action, table_name, column_name, row_key, old_value, new_value, source, rule,"
    " confidence, evidence_url, state, reason, applied_at from sillon.applied_changes where album_id = ?"
    " order by applied_at, entry_id",
    "images": "select url, image_type, image_source, is_new from album_images where album_id = ? order by url",
    "queue": "select kind, field, reason, suggestion from review_queue where album_id = ? order by kind, queue_id",
    "decisions": "select field, decision, value, decided_at, origin from sillon.decisions where album_id = ?"
    " order by decided_at, field",
}


def register(app: typer.Typer) -> None:
    """Add this verb to the command."""
    app.command(short_help="Why an album is as it is.")(explain)


def explain(
    album_id: AlbumId,
    config: Config = None,
    data: Data = DEFAULT_DATA,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Why an album is as it is: what was asked, what each candidate scored and why, every value's source.

    \b
    Examples:
      sillon explain 12
      sillon explain 12 --json
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)

    def start() -> None:
        from dagster_project.commands.shelf import opened
        from ingest.errors import ConfigError

        with opened(data) as shelf:
            facts = known(shelf, album_id)
        if facts["album"] is None:
            raise ConfigError(
                voice.words("explain.unknown", id=str(album_id)), remedy=voice.words("explain.unknown.remedy")
            )
        voice.data(facts)
        _say(voice, facts, data, config)

    spoken(voice, start)


def known(shelf: Shelf, album_id: int) -> dict[str, Any]:
    """Everything about one album, as `--json` prints it; `album` is None where the library has no such album."""
    facts: dict[str, Any] = {name: shelf.rows(query, [album_id]) for name, query in _QUERIES.items()}
    for name in ("album", "match"):
        facts[name] = facts[name][0] if facts[name] else None
    return facts


def _say(voice: Voice, facts: Mapping[str, Any], data: Path, config: Path | None) -> None:
    album, match, words = facts["album"], facts["match"], voice.words
    number = str(album["album_id"])
    name = f"{album['artist'] or '?'} — {album['title'] or '?'}"
    voice.head(words("explain.album", id=number, name=name))
    voice.say("  " + words.count("explain.heard", album["scrobble_count"], tracks=album["track_count"]))
    _section(voice, words("explain.asked"))
    _asked(voice, facts["asked"])
    _section(voice, words("explain.candidates", number=len(facts["candidates"])))
    _candidates(voice, facts["candidates"])
    if match is not None and match["method"] != "none":
        verdict, method = words.of("verdict", match["verdict"]), words.of("method", match["method"])
        evidence = words.said(match["evidence"])
        voice.tell("explain.verdict", indent=2, verdict=verdict, method=method, evidence=evidence)
        if match["gap"] is not None:
            score, gap = words.number(match["score"], 2), words.number(match["gap"], 2)
            voice.tell("explain.gap", indent=2, score=score, gap=gap)
    _section(voice, words("explain.values"))
    voice.table(("field", "value", "source", "rule", "sure", "page"), _values(facts), right=(4,), indent=2)
    for key, rows in (("explain.decided", _decided(words, facts)), ("explain.waiting", _waiting(words, facts))):
        if rows:
            _section(voice, words(key))
            for line in rows:
                voice.say(f"  {line}")
    voice.say()
    if facts["queue"]:
        voice.tell("explain.decide", command=f"sillon review --album {number}{whose.to_decide(data, config)}")
    voice.tell("explain.history", command=f"sillon history --album {number}{folder_words(data, config)}")


def _section(voice: Voice, words: str) -> None:
    voice.say()
    voice.head(words)


def _asked(voice: Voice, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        voice.tell("explain.nobody", indent=2)
        return
    lines = [
        (
            row["source"],
            *row["question"].split(":", 1),
            f"{row['answered_at']:%Y-%m-%d %H:%M}",
            voice.words("explain.has_none" if row["status"] == 404 else "explain.answered"),
        )
        for row in rows
    ]
    voice.table(("source", "kind", "question", "when", "nothing"), lines, indent=2)


def _candidates(voice: Voice, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        voice.tell("explain.no_candidate", indent=2)
    for row in rows:
        what = ", ".join(part for part in (row["first_release_date"], row["type"]) if part)
        score, verdict = voice.words.number(row["score"], 2), voice.words.of("candidate", row["verdict"])
        voice.say(f"  {score}  {verdict:<9}  {row['artist']} — {row['title']} ({what})")
        voice.say(f"        {voice.words.said(row['evidence'])}")
        voice.say(f"        {row['url']}")


def _values(facts: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """One line per field: its value, and the change (tonight's, else the ledger's) that says why."""
    album = facts["album"]
    why = _reasons(facts)
    rows: list[tuple[object, ...]] = []
    for field in FIELDS:
        source = album["image_source" if field == "image_url" else f"{field}_source"]
        value = album[field]
        rows.append(_value_row(field, value, source, _reason_of(value, why.get(field))))
    rows += [
        _value_row("image", one["url"], one["image_source"], _reason_of(one["url"], why.get("image")))
        for one in facts["images"]
    ]
    split = why.get("artists")
    rows.append(_value_row("artists", album["artist"], split["source"] if split else "library", split or {}))
    return rows


def _reason_of(value: object, change: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The change that made a value; nothing for a value that was there before."""
    return change if change is not None and change["new_value"] == str(value) else {}


def _reasons(facts: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    from dagster_project.commands.changes import field_of

    names = {"albums.image_url": "image_url"}
    found: dict[str, Mapping[str, Any]] = {}
    for row in (*facts["changes"], *reversed([one for one in facts["written"] if one["state"] == "applied"])):
        field = names.get(f"{row['table_name']}.{row['column_name']}") or field_of(row)
        found.setdefault(field, row)
    return found


def _value_row(field: str, value: object, source: object, reason: Mapping[str, Any]) -> tuple[object, ...]:
    sure = reason.get("confidence")
    return (
        field,
        "∅" if value is None else value,
        "" if value is None else source,
        reason.get("rule"),
        "" if sure is None else f"{sure:.2f}",
        reason.get("evidence_url"),
    )


def _decided(words: Words, facts: Mapping[str, Any]) -> list[str]:
    return [
        words(
            "explain.decision",
            field=row["field"],
            decision=row["decision"],
            value=row["value"] or "",
            origin=row["origin"],
            when=row["decided_at"] or words("explain.no_date"),
        )
        for row in facts["decisions"]
    ]


def _waiting(words: Words, facts: Mapping[str, Any]) -> list[str]:
    return [words("explain.doubt", kind=row["kind"], reason=words.said(row["reason"])) for row in facts["queue"]]
