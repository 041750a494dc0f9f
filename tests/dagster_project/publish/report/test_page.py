"""The morning page: true, whole in itself, light, and never fooled by what stands in a library."""
# ruff: noqa: RUF001 (French writes its own apostrophe)

from __future__ import annotations

import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dagster_project.publish.report import charts
from dagster_project.publish.report.page import page
from tests.dagster_project.publish.report import made_facts as made

LANGUAGES = ("fr", "en")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202eevil\u202c \u2066x\u2069",
    "{{ 7*7 }} {% raw %} ${x}",
    "a | b `c` [d](javascript:alert(1))\nnew line",
    "\x00\x1b[31mred\x07",
    "'; drop table albums; --",
    "\ud800 half a character",
    "x" * 100_000,
)


class Seen(HTMLParser):
    """Every element of a page with its attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(name)) is not None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_facts_other_bytes(language: str) -> None:
    """The same facts give the same page, byte for byte."""
    assert page(made.facts(language=language)) == page(made.facts(language=language))


def test_page_that_hides_what_happened() -> None:
    """What was done, how sure, what is wanted and whether it is better stand in the first lines."""
    text = " ".join(Seen(page(made.facts())).text)
    assert "filled 5 gaps in your library: 1\u00a0cover, 2\u00a0years, 1\u00a0genre and 1\u00a0credit set apart" in text
    assert "91% for the least certain" in text
    assert "rises from 78.0 to 91.2 out of 100" in text
    assert "It has one question for you." in text
    assert "until the sources answer again" in text


def test_change_without_its_way_back() -> None:
    """Each change has its command; one that an earlier night wrote names that night."""
    rows = [
        made.change("albums", "year", 1, "1971"),
        made.change("albums", "genre", 1, "rock", run_id="20260228-020000"),
    ]
    html = page(made.facts(changes=rows, data=Path("my data")))
    commands = ["".join(re.sub("<[^>]+>", "", found)) for found in re.findall(r'<code class="do">(.*?)</code>', html)]
    assert "sillon undo 20260301-020000 --album 1 --field year --data &#39;my data&#39;" in commands
    assert "sillon undo 20260228-020000 --album 1 --field genre --data &#39;my data&#39;" in commands
    assert "Held from earlier nights: 1 change" in html


def test_commands_for_another_folder() -> None:
    """What the page shows can be typed as it stands: with the run's own configuration, and away from one's own in the sandbox."""
    away = page(replace(made.facts(), config=Path("/etc/my sillon"), decisions=Path("/etc/my sillon/decisions.csv")))
    tried = page(replace(made.facts(), kind="sandbox", data=Path("data/demo")))

    seen = re.sub(r"\s+", " ", "".join(Seen(away).text))
    assert "sillon review --config '/etc/my sillon'" in seen
    assert "/etc/my sillon/decisions.csv" in seen
    assert re.search(r"sillon undo \S+ --album \d+ --field \w+ --config '/etc/my sillon'", seen)
    assert "sillon review --data data/demo --config data/demo/config" in re.sub(r"\s+", " ", "".join(Seen(tried).text))


def test_split_shown_by_halves() -> None:
    """An act that was linked already belongs to the split as much as the one that comes."""
    html = page(made.facts())
    assert "<bdi>The Velvet Underground &amp; Nico</bdi></span> → " in html
    assert "<bdi>The Velvet Underground · Nico</bdi>" in html


@pytest.mark.parametrize("value", HOSTILE)
def test_library_that_speaks_html(value: str) -> None:
    """Titles, names, values, reasons and addresses are text wherever they stand."""
    row = made.change(
        "albums", "ai_description", 1, value, old_value=value, rule=value, evidence_url=value, runner_up=value
    )
    cover = made.change("images", "url", 1, f"javascript:{value}", action="insert")
    one = {"id": value, "title": value, "artist": value, "evidence": value, "url": f"javascript:{value}", "score": 0.5}
    kinds = ("match", "credit", "genre", "cover", "artist_spelling", value)
    html = page(
        made.facts(
            changes=[row, cover],
            albums={1: made.album(1, value, value)},
            queue=[made.doubt(kind, 1, [one], artist=value, title=value, reason=value) for kind in kinds],
            issues=[made.issue(kind=value, row_key=value, value=value, detail=value)],
            warnings=(value,),
            failures=(value,),
            skipped=[{**row, "reason": value}],
        )
    )
    html.encode("utf-8")
    seen = Seen(html)
    assert {tag for tag, _ in seen.elements}.isdisjoint({"script", "iframe", "object", "embed", "form"})
    assert not any(name.startswith("on") for _, attributes in seen.elements for name in attributes)
    assert not any(address.lower().startswith("javascript") for address in seen.values("href"))
    assert not re.search("[\x00-\x08\x0b-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]", html)
    assert len(html) < 250_000


def test_page_that_calls_home() -> None:
    """Nothing is loaded: no address but in links that a person follows, and a policy that forbids the rest."""
    html = page(made.facts(picture_of=lambda url: made.PNG))
    seen = Seen(html)
    assert all(source.startswith("data:image/png;base64,") for source in seen.values("src"))
    assert {tag for tag, found in seen.elements if (found.get("href") or "").startswith("http")} == {"a"}
    assert not re.search(r"@import|url\((?!#)", html)
    assert "default-src 'none'" in next(value for value in seen.values("content") if "default-src" in value)
    assert all(
        found.get("rel") for tag, found in seen.elements if tag == "a" and (found.get("href") or "").startswith("http")
    )


def test_two_charts_one_id() -> None:
    """No id stands twice, every chart has a name, and every colour is one of the page's."""
    html = page(made.facts())
    ids = Seen(html).values("id")
    assert len(ids) == len(set(ids))
    drawn = re.findall(r'<svg class="chart".*?</svg>', html, re.DOTALL)
    assert len(drawn) == 5
    assert all('role="img" aria-label="' in chart for chart in drawn)
    assert not any(re.search(r"#[0-9a-f]{6}", chart) for chart in drawn)
    assert all(f"#{ref}" not in html or ref in ids for ref in re.findall(r'href="#([\w-]+)"', html))


def test_label_taken_for_a_formula() -> None:
    """A dollar sign or an angle in a label is drawn as it is."""
    drawn = charts.bars("one", "A < B", [charts.Bar("$x$ & <y>", "1", 0.5)])
    assert "$x$ &amp; &lt;y&gt;" in drawn
    assert 'aria-label="A &lt; B"' in drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_empty_library(language: str) -> None:
    """No album, no change, no doubt: the page says so."""
    empty = made.facts(
        language=language,
        changes=(),
        queue=(),
        issues=(),
        albums={},
        written={},
        runs=(),
        quality=made.quality(albums=0),
    )
    html = page(empty)
    assert ("rien trouvé à ajouter" if language == "fr" else "had nothing to add") in html
    assert "nan" not in "".join(re.findall(r"<path d=.*?>", html))


@pytest.mark.parametrize("language", LANGUAGES)
def test_failed_night_without_a_page(language: str) -> None:
    """A night without marts has its page: what went wrong, and that nothing was written."""
    html = page(made.failed(language=language))
    assert "music.db: locked for 10 s." in html
    assert ("avant toute écriture" if language == "fr" else "before anything was written") in html
    assert 'role="alert"' in html
    assert not any(
        f'id="{section}"' in html or f'"#{section}"' in html for section in ("score", "covers", "queue", "issues")
    )


def test_failure_after_the_write_called_harmless() -> None:
    """A night that wrote and then failed does not claim that the library is as it was."""
    assert "before anything was written" not in page(made.facts(status="failed", failures=("disk full",)))


def test_second_night_that_boasts_of_the_first() -> None:
    """A copy made again as it was is no news: it is held, and the library itself is where it was."""
    held = [{**row, "run_id": "20260228-020000"} for row in made.facts().changes]
    html = page(made.facts(changes=held))
    assert "had nothing to add" in html
    assert "also holds 5 gaps filled on earlier nights" in html
    assert "Your library stands at 78.0 out of 100, its enriched copy at 91.2." in html
    assert "sillon undo 20260301-020000" not in html
    assert 'id="covers"' not in html


def test_dry_run_that_boasts() -> None:
    """A dry run would, and offers nothing to take back."""
    html = page(made.facts(dry_run=True, written={}))
    assert "Sillon would fill 5 gaps" in html
    assert "sillon undo" not in html


@pytest.mark.parametrize("counted", [500, 10_000])
def test_page_too_heavy_or_too_slow(counted: int) -> None:
    """At most 1.5 MB with 500 changes and their covers; 10,000 in at most 5 s; what is left out is named."""
    picture = made.PNG + bytes(6_000)
    facts = replace(made.many(counted), picture_of=lambda url: picture, language="fr")
    started = time.process_time()
    html = page(facts)
    took = time.process_time() - started
    assert took <= 5, f"{took:.1f} s"
    assert len(html.encode()) <= 1_500_000, f"{len(html.encode())} bytes"
    if counted > 1_000:
        assert "changes.csv" in html
        assert "2\u202f300 de plus" in html


def test_source_closed_in_another_zone() -> None:
    """Times stand in the reader's zone."""
    html = page(made.facts(language="fr"))
    assert "laissée en paix jusqu’au dimanche 1er mars 2026, 06\u202fh\u202f00" in html
    assert "non interrogée" in html


def test_first_night_promises_a_line() -> None:
    """One night makes no trend, and says so; two make one."""
    assert "One night so far." in page(made.facts(runs=made.facts().runs[:1]))
    assert "One night so far." not in page(made.facts())
