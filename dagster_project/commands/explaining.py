"""The verb explain: everything that Sillon knows about one album, and why it believes it.

Only reading, from the marts: what was asked (`album_questions`), what each candidate scored (`match_candidates`), what
was chosen (`album_matches`), where every value comes from (`albums`, `library_changes`, the ledger).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.commands.choices import DEFAULT_DATA, Data, Json, Quiet
from dagster_project.commands.voice import Voice, data_option, spoken

if TYPE_CHECKING:
    from dagster_project.commands.shelf import Shelf

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
_NOT_ANSWERED = "the source has none"


def register(app: typer.Typer) -> None:
    """Add this verb to the command."""
    app.command(short_help="Why an album is as it is.")(explain)


def explain(album_id: AlbumId, data: Data = DEFAULT_DATA, quiet: Quiet = False, as_json: Json = False) -> None:
    """Why an album is as it is: what was asked, what each candidate scored and why, every value's source.

    \b
    Examples:
      sillon explain 12
      sillon explain 12 --json
    """

    def start() -> None:
        from dagster_project.commands.shelf import opened
        from ingest.errors import ConfigError

        voice = Voice(quiet=quiet, as_json=as_json)
        with opened(data) as shelf:
            facts = known(shelf, album_id)
        if facts["album"] is None:
            raise ConfigError(
                f"there is no album {album_id} in the library, as the last run read it",
                remedy="run `sillon run` after adding one; `sillon history` and the report name albums by their ids",
            )
        voice.data(facts)
        _say(voice, facts, data)

    spoken(start)


def known(shelf: Shelf, album_id: int) -> dict[str, Any]:
    """Everything about one album, as `--json` prints it; `album` is None where the library has no such album."""
    facts: dict[str, Any] = {name: shelf.rows(query, [album_id]) for name, query in _QUERIES.items()}
    for name in ("album", "match"):
        facts[name] = facts[name][0] if facts[name] else None
    return facts


def _say(voice: Voice, facts: Mapping[str, Any], data: Path) -> None:
    album, match = facts["album"], facts["match"]
    voice.head(f"Album {album['album_id']}: {album['artist'] or '?'} — {album['title'] or '?'}")
    voice.say(f"  {album['track_count']} tracks, heard {album['scrobble_count']} times")
    _section(voice, "Asked")
    _asked(voice, facts["asked"])
    _section(voice, f"Candidates ({len(facts['candidates'])})")
    _candidates(voice, facts["candidates"])
    if match is not None:
        voice.say(f"  Verdict: {match['verdict']} (by {match['method']}): {match['evidence']}")
        if match["gap"] is not None:
            voice.say(f"  Score {match['score']:.2f}, {match['gap']:.2f} ahead of the next one")
    _section(voice, "Values")
    voice.table(("  field", "value", "source", "rule", "sure", "page"), _values(facts), right=(4,))
    for words, rows in (("Decided", _decided(facts["decisions"])), ("Waiting", _waiting(facts["queue"]))):
        if rows:
            _section(voice, words)
            for line in rows:
                voice.say(f"  {line}")
    voice.say()
    option = data_option(data)
    if facts["queue"]:
        voice.say(f"To decide:      sillon review --album {album['album_id']}{option}")
    voice.say(f"What was done:  sillon history --album {album['album_id']}{option}")


def _section(voice: Voice, words: str) -> None:
    voice.say()
    voice.head(words)


def _asked(voice: Voice, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        voice.say("  Nobody was asked: nothing was missing, or no source may be asked (see the report).")
        return
    lines = [
        (
            f"  {row['source']}",
            *row["question"].split(":", 1),
            f"{row['answered_at']:%Y-%m-%d %H:%M}",
            _NOT_ANSWERED if row["status"] == 404 else "answered",
        )
        for row in rows
    ]
    voice.table(("  source", "kind", "question", "when (UTC)", ""), lines)


def _candidates(voice: Voice, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        voice.say("  None: no source named a release group that resembles it.")
    for row in rows:
        what = ", ".join(part for part in (row["first_release_date"], row["type"]) if part)
        voice.say(f"  {row['score']:.2f}  {row['verdict']:<9}  {row['artist']} — {row['title']} ({what})")
        voice.say(f"        {row['evidence']}")
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
        f"  {field}",
        "∅" if value is None else value,
        "" if value is None else source,
        reason.get("rule"),
        "" if sure is None else f"{sure:.2f}",
        reason.get("evidence_url"),
    )


def _decided(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"{row['field']}: {row['decision']} {row['value'] or ''} ({row['origin']}, {row['decided_at'] or 'no date'})"
        for row in rows
    ]


def _waiting(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{row['kind']}: {row['reason']}" for row in rows]
