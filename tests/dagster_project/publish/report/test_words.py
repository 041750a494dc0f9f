"""The report speaks both languages, whole sentences, dates and numbers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter

import pytest

from dagster_project.publish.report import words_en, words_fr
from dagster_project.publish.report.words import Words

REPORT = Path(words_en.__file__).parent


def _places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_sentence_of_one_language_alone() -> None:
    """Every sentence is there in both languages, and has the same places to fill (a count of one may go unsaid)."""
    assert words_en.SENTENCES.keys() == words_fr.SENTENCES.keys()
    for key, english in words_en.SENTENCES.items():
        differ = _places(english) ^ _places(words_fr.SENTENCES[key])
        assert differ <= ({"n"} if key.endswith(".one") else set()), key


def test_sentence_outside_words() -> None:
    """No template says anything by itself: between tags stand only values and signs."""
    for template in (REPORT / "templates").glob("*.html.j2"):
        written = template.read_text(encoding="utf-8")
        text = re.sub(r"<[^>]*>", " ", re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", written, flags=re.DOTALL))
        said = set(re.findall(r"[A-Za-z]{2,}", text)) - {"Sillon"}
        assert not said, f"{template.name}: {said}"


def test_key_that_is_nowhere() -> None:
    """Every key that a template or a module names is in the words, and every sentence is used."""
    sources = [
        *(REPORT / "templates").glob("*.j2"),
        *(path for path in REPORT.glob("*.py") if "words_" not in path.name),
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(re.findall(r"""(?:\bt|words|rich)\((?:words, )?["']([a-z_.]+[a-z_])["']\s*[,)]""", text))
    assert named
    assert named <= words_en.SENTENCES.keys()
    unused = [
        key
        for key in words_en.SENTENCES
        if f'"{key}"' not in text and f"'{key}'" not in text and not _is_made(key, text)
    ]
    assert not unused


def _is_made(key: str, text: str) -> bool:
    """A key that is put together: from a group and a name of the marts, or from a sentence and a count."""
    head = key.rpartition(".")[0]
    stems = {head, head.rpartition(".")[0], head.partition(".")[0]} - {""}
    return any(re.search(rf"""["']{re.escape(stem)}(\.\w*[{{"']|\.["'{{]|["'])""", text) for stem in stems)


@pytest.mark.parametrize(
    ("language", "number", "percent", "change"),
    [("fr", "12\u202f345,7", "99\u202f%", "\u22123"), ("en", "12,345.7", "99%", "\u22123")],
)
def test_numbers_of_another_country(language: str, number: str, percent: str, change: str) -> None:
    """Decimals, thousands and per cent as the language writes them; almost all is not all."""
    words = Words(language)
    assert words.number(12345.678, 1) == number
    assert words.percent(0.999) == percent
    assert words.change(-3.0) == change
    assert words.change(0.04, 1).startswith("0")


def test_moment_without_zone_is_utc() -> None:
    """The warehouse keeps UTC without a zone; the page shows local time."""
    words = Words("en", "Europe/Paris")
    assert words.time(datetime(2026, 7, 1, 0, 30)) == words.time(datetime(2026, 7, 1, 0, 30, tzinfo=UTC)) == "02:30"  # noqa: DTZ001
    assert words.moment(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "Wednesday 1 July 2026, 01:30"


def test_first_of_the_month_in_french() -> None:
    """1er janvier, and the short names that an axis shows."""
    words = Words("fr")
    assert words.day(date(2026, 1, 1)) == "jeudi 1er janvier 2026"
    assert [words.short_day(date(2026, month, 2)) for month in (1, 5, 7, 8, 12)] == [
        "2 janv.",
        "2 mai",
        "2 juil.",
        "2 août",
        "2 déc.",
    ]


def test_nothing_counted_as_many_in_french() -> None:
    """Zero is singular in French and plural in English; one is singular in both."""
    assert Words("fr").count("gained.year", 0) == "0\u00a0année"
    assert Words("en").count("gained.year", 0) == "0\u00a0years"


def test_reason_in_the_wrong_language() -> None:
    """What SQL says is put into French part by part; an unknown part stays as it is."""
    said = Words("fr").said("two candidates are equally good: title equal; a new finding; 2 tracks heard")
    assert said == "deux candidats se valent\u202f: même titre\u202f; a new finding\u202f; pistes entendues\u202f: 2"
    assert Words("fr").said("{0} {rest} %s") == "{0} {rest} %s"
    assert Words("en").said("title equal") == "title equal"


def test_language_that_nobody_speaks() -> None:
    """An unknown language reads English rather than nothing."""
    assert Words("tlh").language == "en"


def test_every_finding_of_a_match_in_french() -> None:
    """The phrases that the matching SQL writes are all known in French."""
    macro = REPORT.parents[2] / "dbt_project" / "macros" / "match_evidence.sql"
    sentence = macro.read_text(encoding="utf-8").split("macro evidence_in_words")[1]
    phrases = re.findall(r"(?:then|else) '([a-zA-Z][^']+)'", sentence)
    same = {"album", "EP", "single", "compilation", "year "}
    french = Words("fr")
    assert len(phrases) > 20
    assert [phrase for phrase in phrases if phrase not in same and french.said(phrase) == phrase] == []
