"""The page over all runs, `reports/index.html`: one line a night, and the score over them all.

Here lives what that page is given; it stands beside the folders of the runs and links into them.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from markupsafe import Markup

from dagster_project.publish.report.facts import ReportFacts
from dagster_project.publish.report.page import draw, trend
from dagster_project.publish.report.words import Words


def index(facts: ReportFacts, folders: AbstractSet[str]) -> str:
    """The HTML of the page; a run whose folder is among `folders` has a link. The newest run stands first."""
    words = Words(facts.language, facts.time_zone)
    nights = [{**row, "has_page": row["run_id"] in folders} for row in reversed(facts.runs)]
    return draw("index.html.j2", words, facts=facts, nights=nights, trend=Markup(trend(facts, words)))  # noqa: S704
