"""The end of a run in a few lines of plain text: what changed, the score, where the report lies, what to type next.

The report in full is drawn by `publish/report/`; nothing is computed here. The words are the command's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dagster_project.data_folder import folder_words
from dagster_project.outcome import Outcome
from dagster_project.preparation import Place

if TYPE_CHECKING:
    from dagster_project.publish.report.words import Words


def summary(outcome: Outcome, place: Place, words: Words) -> Iterator[str]:
    """The lines that `sillon run` ends with."""
    facts, applied = reported(outcome), outcome.applied
    if score := outcome.score():
        before, after = (words.number(score[f"score {when}"], 1) for when in ("before", "after"))
        yield words("run.score", before=before, after=after)
    if gained := {field: count for field, count in facts.get("gained", {}).items() if count and applied is not None}:
        what = words.listed([words.count(f"gained.{words.known('gained', field)}", n) for field, n in gained.items()])
        yield words.count("run.filled", sum(gained.values()), what=what)
    if applied is not None:
        yield words.count("run.written", sum(applied.counts.values()))
        if applied.skipped:
            yield words.count("run.skipped", len(applied.skipped))
        if applied.kept_aside:
            yield words("run.kept_aside", file=applied.kept_aside)
    elif outcome.options.dry_run:
        yield words.count("run.would", outcome.proposed)
    files = {"run.library": None, "run.report": outcome.page}
    if applied is not None:
        files["run.library"] = place.library if outcome.options.in_place else place.output
    named = {words(key) + words.raw("colon").rstrip(): path for key, path in files.items() if path is not None}
    for name, path in named.items():
        yield f"{name:<{max(map(len, named))}} {path}"
    yield _next(outcome, place, words, facts)


def reported(outcome: Outcome) -> Mapping[str, Any]:
    """The facts of report.json; none where no report could be written."""
    if outcome.page is None:
        return {}
    return dict(json.loads(outcome.page.with_name("report.json").read_text(encoding="utf-8")))


def _next(outcome: Outcome, place: Place, words: Words, facts: Mapping[str, Any]) -> str:
    from dagster_project.commands import whose

    data, config = outcome.options.data, outcome.options.config
    if place.kind == "sandbox":
        return words("run.next.own", command=f"sillon run{folder_words(whose.for_a_library())}")
    if waiting := facts.get("review_queue"):
        return words.count("run.next.review", waiting, command=f"sillon review{whose.to_decide(data, config)}")
    if outcome.applied is not None and outcome.applied.counts:
        return words("run.next.undo", command=f"sillon undo {outcome.run_id}{folder_words(data, config)}")
    again = whose.again(data, place.settings, config)
    return words("run.next.serve", command=f"sillon serve{again}")
