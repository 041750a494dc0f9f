"""The report as Markdown: the same truth, readable in a terminal, and no title is ever markup."""

from __future__ import annotations

import re

import pytest

from dagster_project.publish.report.markdown import markdown
from tests.dagster_project.publish.report import made_facts as made


@pytest.mark.parametrize("language", ["fr", "en"])
def test_same_facts_other_text(language: str) -> None:
    """The same facts give the same text."""
    assert markdown(made.facts(language=language)) == markdown(made.facts(language=language))


def test_section_left_out() -> None:
    """Score, changes with their undo, doubts with their answers, issues, sources and files are all there."""
    text = markdown(made.facts())
    for expected in (
        "| Albums without image       |     20 |     5 |",
        "- **Hunky Dory** · David Bowie: empty → 1971",
        "`sillon undo 20260301-020000 --album 1 --field year`",
        "It is this one: `4,,match,accept,a-1,`",
        "no such row in albums",
        "503 six times",
        "`data/backups/music.db.backup`",
        "Switched off: genres.",
    ):
        assert expected in text, expected


def test_title_that_is_markup() -> None:
    """Pipes, backticks, brackets, tags and line ends of a title neither make a link nor break a table."""
    value = "a | b `c` [d](javascript:x) <b> \n# h\n- * _e_ &lt; \u202e"
    row = made.issue(value=value, detail=value, row_key='{"id":1}')
    facts = made.facts(
        changes=[made.change("albums", "ai_description", 1, value, evidence_url="javascript:x")],
        albums={1: made.album(1, value, value)},
        issues=[row],
        queue=[
            made.doubt("match", 1, [{"id": "x`y", "title": value, "url": "javascript:x"}], title=value, reason=value)
        ],
    )
    text = markdown(facts)
    assert not re.search(r"(?<!\\)\]\(<?javascript", text)
    assert not re.search(r"(?<!\\)<b>", text)
    assert "\u202e" not in text
    table = next(line for line in text.splitlines() if line.startswith("| images 1"))
    assert len(re.findall(r"(?<!\\)\|", table)) == 4
    assert "\n# h" not in text
    assert "``" in text


def test_failed_night_in_words() -> None:
    """A night without marts says what went wrong and claims nothing about the library."""
    text = markdown(made.failed())
    assert "music.db: locked for 10 s." in text
    assert "Nothing broken was found" not in text
    assert "out of 100" not in text


def test_notebook_of_ten_thousand_lines() -> None:
    """Long lists are cut, and the cut is named with the file and the query that have the rest."""
    text = markdown(made.many(10_000))
    assert len(text.splitlines()) < 1_000
    assert "and 2,450 more, in `changes.csv`" in text
