"""The end of a run in a few lines of plain text: what changed, the score, where the report lies, what to type next.

The report in full is drawn by `publish/report/`; nothing is computed here.
"""

from __future__ import annotations

from dagster_project.outcome import Outcome
from dagster_project.preparation import Place


def summary(outcome: Outcome, place: Place) -> str:
    """The lines that `sillon run` ends with."""
    lines = []
    score = outcome.score()
    if score:
        lines.append(f"Quality score {score['score before']:.1f} -> {score['score after']:.1f} of 100")
    if outcome.applied is not None:
        counts = outcome.applied.counts
        lines.append(f"{sum(counts.values())} changes written" + (":" if counts else ""))
        lines += [f"  {name}: {count}" for name, count in sorted(counts.items())]
        if outcome.applied.skipped:
            lines.append(f"  {len(outcome.applied.skipped)} skipped: the app had written there meanwhile")
        if outcome.applied.kept_aside:
            lines.append(f"Somebody had edited the old copy; it is kept as {outcome.applied.kept_aside}")
        lines.append(f"Library: {place.library if outcome.options.in_place else place.output}")
    elif outcome.options.dry_run:
        lines.append(f"{len(outcome.proposed)} changes would be made; nothing was written (--dry-run)")
    if outcome.page is not None:
        lines.append(f"Report:  {outcome.page}")
    lines.append(_next(outcome, place))
    return "\n".join(lines)


def _next(outcome: Outcome, place: Place) -> str:
    if place.is_sample:
        return "For your own library: sillon init, then sillon run"
    if outcome.applied is not None and outcome.applied.counts:
        return f"To take this run back: sillon undo {outcome.run_id} --data {place.folder.root}"
    return f"To look around: sillon serve --data {place.folder.root}"
