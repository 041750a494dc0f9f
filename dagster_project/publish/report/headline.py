"""The first lines of the report: what Sillon did, how sure it is, what it wants, whether the library gets better.

Here lives the choice of the sentences; the sentences stand in `words_*.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

from dagster_project.publish.report.facts import ReportFacts
from dagster_project.publish.report.gains import ORDER, Gain
from dagster_project.publish.report.words import Words


def headline(facts: ReportFacts, gained: Mapping[str, Sequence[Gain]], words: Words) -> tuple[str, list[str]]:
    """The one sentence, and the few that follow it."""
    new = {field: [gain for gain in found if gain.is_new] for field, found in gained.items()}
    total = sum(map(len, new.values()))
    rest = [
        _held(sum(map(len, gained.values())) - total, words),
        _sure([gain.confidence for found in new.values() for gain in found if gain.confidence is not None], words),
        _better(facts, total, words),
        _wants(facts, words),
        _nights(facts, words),
    ]
    return _did(facts, new, total, words), [sentence for sentence in rest if sentence]


def notices(facts: ReportFacts, words: Words) -> list[str]:
    """What the reader must know before believing a line of the page."""
    asked = (
        ("notice.sandbox", facts.kind == "sandbox"),
        ("notice.dry_run", facts.dry_run),
        ("notice.no_marts", not facts.quality),
    )
    return [words(key) for key, holds in asked if holds]


def _did(facts: ReportFacts, new: Mapping[str, Sequence[Gain]], total: int, words: Words) -> str:
    if facts.status == "failed":
        return words("did.failed_late" if facts.written else "did.failed")
    if total == 0:
        return words("did.nothing" if facts.written or facts.backup else "did.audit")
    known = [words.count(f"gained.{field}", len(new[field])) for field in ORDER if new.get(field)]
    others = sum(len(found) for field, found in new.items() if field not in ORDER)
    what = words.listed([*known, *([words.count("gained.other", others)] if others else [])])
    return words.count("would" if facts.dry_run else "did", total, what=what, colon=words("colon"))


def _held(earlier: int, words: Words) -> str:
    return words.count("held", earlier) if earlier else ""


def _sure(confidences: Sequence[float], words: Words) -> str:
    if not confidences:
        return ""
    return words("sure", median=words.percent(median(confidences)), least=words.percent(min(confidences)))


def _better(facts: ReportFacts, total: int, words: Words) -> str:
    before, after = facts.before("data_quality_score"), facts.after("data_quality_score")
    if before is None or after is None:
        return ""
    is_held = total == 0 and facts.target == "copy" and bool(facts.written)
    if round(after - before, 1) == 0:
        key = "same"
    else:
        key = "would" if facts.dry_run else "held" if is_held else "up" if after > before else "down"
    return words(f"better.{key}", before=words.number(before, 1), after=words.number(after, 1))


def _wants(facts: ReportFacts, words: Words) -> str:
    if not facts.quality:
        return ""
    return words.count("wants", len(facts.queue)) if facts.queue else words("wants.nothing")


def _nights(facts: ReportFacts, words: Words) -> str:
    """At most: one answer often settles two dozen questions, so that tonight's answers undersell the pace."""
    asked = [source for source in facts.sources.values() if source.status != "off"]
    due = [source for source in asked if source.deferred]
    if not asked:
        return ""
    if not due:
        return words("nights.none")
    if any(source.answers == 0 for source in due):
        return words("nights.unknown")
    return words.count("nights", max(math.ceil(source.deferred / source.answers) for source in due))
