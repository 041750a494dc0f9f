"""The report as Markdown, to read in a terminal or to keep in a notebook.

Here lives the drawing; what is shown stands in `facts.py`. Values of the library are escaped, so that a title is never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dagster_project.publish.report import sheets
from dagster_project.publish.report.display import clean, safe_link
from dagster_project.publish.report.doubts import HEADING, Doubt, doubts
from dagster_project.publish.report.facts import COUNTED, PARTS, STATE_METRICS, ReportFacts
from dagster_project.publish.report.gains import Gain, gains
from dagster_project.publish.report.headline import headline, notices
from dagster_project.publish.report.issues import issues, place_of
from dagster_project.publish.report.words import Words

MOST_GAINS = 50  # rows of a field
MOST_DOUBTS = 20
MOST_ISSUES = 10
_WIDEST = 48  # characters of a cell: a wider one does not push the columns of the others
_MARKUP = re.compile(r"([\\`*\[\]<>|]|~~|(?<!\w)_|_(?!\w)|&(?=#?\w+;))")


def markdown(facts: ReportFacts) -> str:
    """The Markdown of a report."""
    words = Words(facts.language, facts.time_zone)
    gained = gains(facts)
    sentence, more = headline(facts, gained, words)
    day = words.day(words.local(facts.started_at).date())
    parts = [
        [f"# {words('title', day=day)}", f"**{_text(sentence)}**", _text(" ".join(more))],
        [f"> {_text(notice)}" for notice in notices(facts, words)],
        _listed(words("failures"), facts.failures, words),
        _listed(words("warnings"), facts.warnings, words),
        _score(facts, words),
        _changes(facts, gained, words),
        _queue(facts, words),
        _issues(facts, words),
        _sources(facts, words),
        _files(facts, words),
    ]
    return "\n\n".join(block for part in parts for block in part if block) + "\n"


def _listed(title: str, lines: Sequence[str], words: Words) -> list[str]:
    return [f"## {title}", "\n".join(f"- {_with_code(words.told(line))}" for line in lines)] if lines else []


def _score(facts: ReportFacts, words: Words) -> list[str]:
    rows = []
    for metric, decimals in [("data_quality_score", 1), *((part, 1) for part in PARTS)]:
        label = words("index.score") if metric == "data_quality_score" else words(f"part.{metric}")
        rows.append([label, *_before_after(facts, metric, decimals, words)])
    rows += [
        [words(f"metric.{metric}"), *_before_after(facts, metric, 0, words)] for metric in (*COUNTED, *STATE_METRICS)
    ]
    rows = [row for row in rows if len(row) > 1]
    heading = [words("metric"), words("before"), words("after"), words("difference")]
    return [f"## {words('score')}", _table(heading, rows, numbers=3)] if rows else []


def _before_after(facts: ReportFacts, metric: str, decimals: int, words: Words) -> list[str]:
    before, after = facts.before(metric), facts.after(metric)
    if before is None or after is None:
        return []
    return [words.number(before, decimals), words.number(after, decimals), words.change(after - before, decimals)]


def _changes(facts: ReportFacts, gained: dict[str, list[Gain]], words: Words) -> list[str]:
    blocks = [f"## {words('changes')}"]
    if not any(gain.is_new for found in gained.values() for gain in found):
        return [*blocks, words("changes.none")]
    command = f"`sillon undo {facts.run_id}{facts.option}`"
    blocks.append(words("changes.dry") if facts.dry_run else words("changes.order", all=command))
    for field, found in gained.items():
        new = [gain for gain in found if gain.is_new]
        if not new:
            continue
        blocks.append(f"### {words.of('field', field)} ({words.number(len(new))})")
        blocks.append("\n".join(_gain(gain, words) for gain in new[:MOST_GAINS]))
        blocks.append(_more(len(new) - MOST_GAINS, sheets.CHANGES, "select * from marts.library_changes", words))
    return blocks


def _gain(gain: Gain, words: Words) -> str:
    title = clean(gain.title, 80) or words("unknown_album", id=gain.album_id)
    artist = f" · {_text(clean(gain.artist, 60))}" if gain.artist else ""
    old, new = _value(gain.old, gain, words), _value(gain.new, gain, words)
    sure = words("confidence", share=words.percent(gain.confidence)) if gain.confidence is not None else ""
    why = ", ".join(filter(None, (words.of("source", gain.source), sure, words.of("rule", gain.rule))))
    lines = [
        f"- **{_text(title)}**{artist}{words('colon')}{old} → {new}",
        f"  {_text(why)}{_link(words('evidence'), gain.url, before=', ')}",
        f"  {_code(gain.undo)}" if gain.undo else "",
    ]
    return "\n".join(filter(None, lines))


def _value(value: str | None, gain: Gain, words: Words) -> str:
    if not value:
        return words("empty")
    return (gain.field == "image" and _link(words("cover.link"), value)) or _text(clean(value, 100))


def _queue(facts: ReportFacts, words: Words) -> list[str]:
    found = doubts(facts)
    if not found:
        return [f"## {words('queue')}", words("queue.none")] if facts.quality else []
    blocks = [
        f"## {words('queue')}",
        words("queue.how", command=f"`{facts.review}`", file=f"`{facts.decisions}`"),
        f"    {HEADING}",
    ]
    for kind, questions in found.items():
        blocks.append(f"### {words.of('kind', kind)} ({words.number(len(questions))})")
        blocks += [_doubt(question, words) for question in questions[:MOST_DOUBTS]]
        query = f"select * from marts.review_queue where kind = '{kind}'"  # noqa: S608
        blocks.append(_more(len(questions) - MOST_DOUBTS, sheets.QUEUE, query, words))
    return blocks


def _doubt(doubt: Doubt, words: Words) -> str:
    name = " · ".join(_text(part) for part in (doubt.title, doubt.artist) if part)
    lines = [f"- **{name}**{words('colon')}{_text(words.said(doubt.reason))}"]
    for one in doubt.candidates:
        share = words(one.measure, share=words.percent(one.share)) if one.share is not None else ""
        facts = [one.title, one.artist, *one.about, share, words.said(one.evidence)]
        lines.append(f"  - {_text(', '.join(filter(None, facts)))}{_link(words('evidence'), one.link, before=' ')}")
        lines += [f"    {words(f'decide.{one.label}')}{words('colon')}{_code(one.line)}"] if one.line else []
    lines += [f"  - {words(f'decide.{word}')}{words('colon')}{_code(line)}" for word, line in doubt.answers]
    return "\n".join(lines)


def _issues(facts: ReportFacts, words: Words) -> list[str]:
    found = issues(facts)
    if not found:
        return [f"## {words('issues')}", words("issues.none")] if facts.quality else []
    blocks = [f"## {words('issues')}", words("issues.how")]
    heading = [words("issue.row"), words("issue.value"), words("issue.detail")]
    for group in found:
        severity = words.of("severity", group.severity)
        blocks.append(f"### {words.of('issue', group.kind)} ({words.number(len(group.rows))}, {severity})")
        rows = [
            [_text(place_of(row)), _text(clean(row["value"], 60)), _text(words.said(row["detail"]))]
            for row in group.rows[:MOST_ISSUES]
        ]
        blocks.append(_table(heading, rows))
        query = f"select * from marts.integrity_issues where kind = '{group.kind}'"  # noqa: S608
        blocks.append(_more(len(group.rows) - MOST_ISSUES, sheets.ISSUES, query, words))
    return blocks


def _sources(facts: ReportFacts, words: Words) -> list[str]:
    heading = [words(f"sources.{name}") for name in ("source", "status", "asked", "answered", "deferred", "note")]
    rows = []
    for word, source in facts.sources.items():
        closed = words("closed_until", moment=words.moment(source.closed_until)) if source.closed_until else ""
        numbers = [words.number(count) for count in (source.requests, source.answers, source.deferred)]
        note = "; ".join(filter(None, (words.told(source.reason), closed)))
        rows.append([words.of("source", word), words.of("source_status", source.status), *numbers, _text(note)])
    return [f"## {words('sources')}", _table(heading, rows)] if rows else []


def _files(facts: ReportFacts, words: Words) -> list[str]:
    paths = [
        ("library", facts.library),
        ("data", facts.data),
        ("backup", facts.backup),
        ("kept_aside", facts.kept_aside),
    ]
    if facts.target == "copy" and facts.written:
        paths.insert(1, ("output", facts.output))
    colon = words("colon")
    lines = [f"- {words(f'file.{name}')}{colon}{_code(str(path))}" for name, path in paths if path]
    off = [words.of("feature", name) for name, is_on in facts.features.items() if not is_on]
    lines.append(f"- {words('features.off', names=', '.join(off)) if off else words('features.on')}")
    if facts.skipped:
        lines.append(f"- {words.count('skipped', len(facts.skipped))}")
        lines += [
            f"  - {_text(place_of(row))} {_text(clean(row['column_name']))}{colon}{_text(words.told(row['reason']))}"
            for row in facts.skipped[:MOST_ISSUES]
        ]
    if facts.edited:
        lines.append(f"- {words.count('edited', len(facts.edited))}")
    return [f"## {words('files')}", "\n".join(lines)]


def _more(hidden: int, file: str, query: str, words: Words) -> str:
    return words("more.changes", n=hidden, file=f"`{file}`", sql=f"`{query}`") if hidden > 0 else ""


def _text(value: str) -> str:
    """A text that Markdown takes for nothing but text."""
    return _MARKUP.sub(r"\\\1", clean(value, 500))


def _with_code(line: str) -> str:
    """A line of ours that may name a key between backticks."""
    parts = clean(line, 500).split("`")
    if len(parts) % 2 == 0:
        return _text(line)
    return "".join(_code(part) if place % 2 else _MARKUP.sub(r"\\\1", part) for place, part in enumerate(parts))


def _code(value: str) -> str:
    """A text as code, between more backticks than it holds."""
    fence = "`" * (max((len(run) for run in re.findall("`+", value)), default=0) + 1)
    shown = clean(value, 2_000)
    return f"{fence} {shown} {fence}" if "`" in shown else f"{fence}{shown}{fence}"


def _link(text: str, url: str | None, before: str = "") -> str:
    link = safe_link(url)
    return f"{before}[{text}](<{link}>)" if link else ""


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """A table whose columns stand below one another in a terminal too; the last `numbers` columns to the right."""
    cells = [list(heading), *(list(row) for row in rows)]
    widths = [max(min(max(len(row[at]) for row in cells), _WIDEST), 3) for at in range(len(heading))]
    right = len(heading) - numbers

    def drawn(row: Sequence[str]) -> str:
        padded = (cell.rjust(widths[at]) if at >= right else cell.ljust(widths[at]) for at, cell in enumerate(row))
        return f"| {' | '.join(padded)} |"

    ruler = "|".join(f"-{'-' * width}{':' if at >= right else '-'}" for at, width in enumerate(widths))
    return "\n".join([drawn(cells[0]), f"|{ruler}|", *map(drawn, cells[1:])])
