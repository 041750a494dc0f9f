"""The end of a run in a few lines of plain text: what changed, the score, where the report lies, what to type next.

The report in full is drawn by `publish/report/`; nothing is computed here. The words are the command's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagster_project.outcome import Outcome
from dagster_project.preparation import Place

if TYPE_CHECKING:
    from dagster_project.publish.report.words import Words


def summary(outcome: Outcome, place: Place, words: Words) -> Iterator[str]:
    """The lines that `sillon run` ends with."""
    colon = words.raw("colon")
    if score := outcome.score():
        before, after = (words.number(score[f"score {when}"], 1) for when in ("before", "after"))
        yield words("run.score", before=before, after=after)
    if outcome.applied is not None:
        counts = outcome.applied.counts
        yield words.count("run.written", sum(counts.values())) + (colon.rstrip() if counts else "")
        for name, number in sorted(counts.items()):
            yield "  " + words("run.written.of", name=name, number=number)
        if outcome.applied.skipped:
            yield "  " + words.count("run.skipped", len(outcome.applied.skipped))
        if outcome.applied.kept_aside:
            yield words("run.kept_aside", file=outcome.applied.kept_aside)
    elif outcome.options.dry_run:
        yield words.count("run.would", len(outcome.proposed))
    files = {"run.library": None, "run.report": outcome.page}
    if outcome.applied is not None:
        files["run.library"] = place.library if outcome.options.in_place else place.output
    named = {words(key) + colon.rstrip(): path for key, path in files.items() if path is not None}
    for name, path in named.items():
        yield f"{name:<{max(map(len, named))}} {path}"
    yield _next(outcome, place, words)


def _next(outcome: Outcome, place: Place, words: Words) -> str:
    if place.is_sample:
        return words("run.next.own")
    data = place.folder.root
    if outcome.applied is not None and outcome.applied.counts:
        return words("run.next.undo", command=f"sillon undo {outcome.run_id} --data {data}")
    return words("run.next.serve", command=f"sillon serve --data {data}")
