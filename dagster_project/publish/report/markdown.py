"""The report as Markdown, to read in a terminal or to keep in a notebook.

Here lives the drawing; what is shown stands in `facts.py`. Nothing is computed about music here.
"""

from __future__ import annotations

from dagster_project.publish.report.facts import ReportFacts


def markdown(facts: ReportFacts) -> str:
    """The Markdown of a report."""
    before, after = facts.before("data_quality_score"), facts.after("data_quality_score")
    score = "" if before is None or after is None else f"{before:.1f} → {after:.1f} / 100"
    lines = [f"# Sillon, {facts.run_id}: {facts.status}", "", score, ""]
    lines += [f"- {name}: {count}" for name, count in facts.written.items()]
    return "\n".join([*lines, ""])
