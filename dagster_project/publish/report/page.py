"""The morning page: the facts of a run as one HTML file that loads nothing from anywhere.

Here lives what each section is given; the sections stand in `templates/`. Nothing is computed about music here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from dagster_project.publish.report import charts, sheets
from dagster_project.publish.report.covers import tiles
from dagster_project.publish.report.display import clean, safe_link
from dagster_project.publish.report.doubts import HEADING, doubts
from dagster_project.publish.report.facts import COUNTED, PARTS, STATE_METRICS, ReportFacts
from dagster_project.publish.report.gains import Gain, gains, new_artists
from dagster_project.publish.report.headline import headline, notices
from dagster_project.publish.report.issues import issues, place_of
from dagster_project.publish.report.words import Words

SHOWN_AT_ONCE = 8  # rows of a group before the rest folds away
TILES_AT_ONCE = 24
MOST_ROWS = 200  # rows of a group on the page at all; the CSV beside it has every one
MOST_DOUBTS = 60


def page(facts: ReportFacts) -> str:
    """The HTML of a report, whole in itself."""
    words = Words(facts.language, facts.time_zone)
    gained = gains(facts)
    sentence, more = headline(facts, gained, words)
    return draw(
        "report.html.j2",
        words,
        facts=facts,
        headline=sentence,
        sentences=more,
        notices=notices(facts, words),
        pictures=_charts(facts, gained, words),
        parts=PARTS,
        metrics=[*COUNTED, *STATE_METRICS],
        gained=gained,
        has_news=any(gain.is_new for found in gained.values() for gain in found),
        new_artists=[clean(name, 80) for name in new_artists(facts)],
        undo_all=f"sillon undo {facts.run_id}{facts.option}",
        tiles=tiles(facts, [gain for gain in gained.get("image", ()) if gain.is_new]),
        doubts=doubts(facts),
        heading=HEADING,
        review=facts.review,
        decisions=str(facts.decisions),
        issues=issues(facts),
        sheets=sheets,
        seconds=(facts.finished_at - facts.started_at).total_seconds(),
        limits={"shown": SHOWN_AT_ONCE, "tiles": TILES_AT_ONCE, "rows": MOST_ROWS, "doubts": MOST_DOUBTS},
    )


def draw(template: str, words: Words, **values: Any) -> str:
    """A template with the words of a language; everything is escaped unless it was made here."""
    found = _environment().get_template(template)
    return found.render(t=words, rich=partial(_rich, words), **values).strip() + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = clean
    environment.filters["link"] = safe_link
    environment.filters["with_code"] = _with_code
    environment.filters["kept_together"] = _kept_together
    environment.globals["place_of"] = place_of
    return environment


def _kept_together(command: str) -> Markup:
    """A command that breaks before its options and not inside them."""
    head, *options = command.split(" --")
    return Markup(" ").join([escape(head), *(Markup("<span>--{}</span>").format(option) for option in options)])


def _with_code(text: str) -> Markup:
    """A line with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    shown = (Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts))
    return Markup("").join(shown)


def _rich(words: Words, key: str, **values: str) -> Markup:
    """A sentence of ours whose values stand out as code, except for the number `n`; the values are escaped."""
    shown = {
        name: value if name == "n" else Markup("<code>{}</code>").format(_kept_together(value))
        for name, value in values.items()
    }
    return Markup(words.raw(key)).format(**shown)  # noqa: S704


def _charts(facts: ReportFacts, gained: Mapping[str, Sequence[Gain]], words: Words) -> dict[str, Markup]:
    """Name of a chart to its SVG; those without anything to show are left out."""
    new = [gain for found in gained.values() for gain in found if gain.is_new]
    drawn = {
        "parts": _parts(facts, words),
        "gaps": _gaps(facts, words),
        "trend": trend(facts, words),
        "sources": _sources(new, words),
        "sure": _sure(new, words),
    }
    return {name: Markup(svg) for name, svg in drawn.items() if svg}  # noqa: S704


def _parts(facts: ReportFacts, words: Words) -> str:
    rows = []
    for part in PARTS:
        before, after = facts.before(part), facts.after(part)
        if before is not None and after is not None:
            value = f"{words.number(before, 1)} → {words.number(after, 1)}"
            rows.append(charts.Bar(words(f"part.{part}"), value, after / 25, before / 25))
    return charts.bars("parts", words("chart.parts"), rows)


def _gaps(facts: ReportFacts, words: Words) -> str:
    """Albums without this or that, as shares of all albums."""
    albums = facts.before("albums") or 0
    rows = []
    for metric in COUNTED[:4]:
        before, after = facts.before(metric), facts.after(metric)
        if before is not None and after is not None and albums:
            value = f"{words.number(before)} → {words.number(after)}"
            rows.append(charts.Bar(words(f"metric.{metric}"), value, after / albums, before / albums))
    return charts.bars("gaps", words("chart.gaps"), rows)


def trend(facts: ReportFacts, words: Words) -> str:
    """The last score of each local date of this kind of run."""
    scores = {row["local_date"]: row["score_after"] for row in facts.runs if row["score_after"] is not None}
    labels = [words.short_day(day) for day in scores]
    return charts.line(
        "trend", words("chart.trend"), labels, list(scores.values()), lambda score: words.number(score, 1)
    )


def _sources(new: Sequence[Gain], words: Words) -> str:
    counts: dict[str, int] = {}
    for gain in new:
        counts[gain.source] = counts.get(gain.source, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [charts.Bar(words.of("source", name), words.number(count), count / ordered[0][1]) for name, count in ordered]
    return charts.bars("sources", words("chart.sources"), rows)


def _sure(new: Sequence[Gain], words: Words) -> str:
    """How many changes at each level of confidence: below 90, then per cent by per cent in pairs."""
    floors = (0.0, 0.90, 0.92, 0.94, 0.96, 0.98, 1.0)
    labels = [f"<{words.number(90)}", *(words.number(floor * 100) for floor in floors[1:])]
    counts = [0] * len(floors)
    for gain in new:
        if gain.confidence is not None:
            counts[max(place for place, floor in enumerate(floors) if round(gain.confidence, 4) >= floor)] += 1
    return charts.columns("sure", words("chart.sure"), labels, counts, words.number)
