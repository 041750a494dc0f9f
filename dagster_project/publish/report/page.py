"""The morning page: the facts of a run as one HTML file that loads nothing from anywhere.

Here lives the drawing; what is shown stands in `facts.py`. Nothing is computed about music here.
"""

from __future__ import annotations

from html import escape

from dagster_project.publish.report.facts import ReportFacts
from dagster_project.publish.report.markdown import markdown


def page(facts: ReportFacts) -> str:
    """The HTML of a report, whole in itself."""
    return (
        f'<!doctype html><html lang="{escape(facts.language)}"><head><meta charset="utf-8"><title>Sillon</title></head>'
        f'<body><pre style="white-space:pre-wrap">{escape(markdown(facts))}</pre></body></html>\n'
    )
