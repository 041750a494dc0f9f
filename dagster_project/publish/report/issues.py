"""What is broken in the library, kind by kind.

Here lives the grouping of rows of `integrity_issues`; how they look is the business of `page.py` and `markdown.py`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from dagster_project.publish.report.display import clean
from dagster_project.publish.report.facts import ReportFacts, Row

_GRAVEST_FIRST = ("error", "warning", "info")


@dataclass(frozen=True)
class IssueGroup:
    """All issues of one kind and severity."""

    kind: str
    severity: str
    rows: Sequence[Row]


def issues(facts: ReportFacts) -> list[IssueGroup]:
    """The groups, the gravest first, the largest first among them."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in facts.issues:
        found.setdefault((row["severity"], row["kind"]), []).append(row)
    groups = [IssueGroup(kind, severity, rows) for (severity, kind), rows in found.items()]
    return sorted(groups, key=lambda group: (_rank(group.severity), -len(group.rows), group.kind))


def place_of(row: Row) -> str:
    """Where the broken value stands: `images 39`, `album_artist album_id 97, artist_id 3`."""
    try:
        key = json.loads(row["row_key"])
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, dict):
        return clean(f"{row['table_name']} {row['row_key']}", 80)
    parts = [str(value) if name == "id" else f"{name} {value}" for name, value in key.items()]
    return clean(f"{row['table_name']} {', '.join(parts)}", 80)


def _rank(severity: str) -> int:
    return _GRAVEST_FIRST.index(severity) if severity in _GRAVEST_FIRST else len(_GRAVEST_FIRST)
