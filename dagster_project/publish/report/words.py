"""What the report says, in the language of its reader: sentences, numbers, dates.

Here live the rules of both languages; the sentences stand in `words_en.py` and `words_fr.py`, key for key. What SQL and the
sources say in English is put into French by `phrases.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dagster_project.publish.report import lines_fr, phrases, words_en, words_fr
from dagster_project.publish.report.display import clean

SENTENCES: Mapping[str, Mapping[str, str]] = {"en": words_en.SENTENCES, "fr": words_fr.SENTENCES}
_CALENDARS = {"en": (words_en.DAYS, words_en.MONTHS), "fr": (words_fr.DAYS, words_fr.MONTHS)}
_SHORT_MONTHS = {"en": words_en.SHORT_MONTHS, "fr": words_fr.SHORT_MONTHS}
_THIN = "\u202f"  # the narrow blank that does not break: between thousands, before ; ! ? and % in French


class Words:
    """One language and one time zone. An unknown language reads English."""

    def __init__(
        self, language: str, time_zone: str = "UTC", sentences: Mapping[str, Mapping[str, str]] = SENTENCES
    ) -> None:
        self.language = language if language in sentences else "en"
        self._sentences = sentences[self.language]
        self._zone = ZoneInfo(time_zone)

    def __call__(self, key: str, **values: Any) -> str:
        """The sentence of a key with its values filled in; numbers are written as the language writes them."""
        shown = {
            name: self.number(value) if isinstance(value, int | float) else value for name, value in values.items()
        }
        return self._sentences[key].format(**shown)

    def raw(self, key: str) -> str:
        """The sentence of a key as it stands, its places unfilled."""
        return self._sentences[key]

    def count(self, key: str, number: int, **values: Any) -> str:
        """The sentence of a key for that many: `<key>.one` or `<key>.many`."""
        return self(f"{key}.{'one' if self.is_one(number) else 'many'}", n=number, **values)

    def is_one(self, number: int) -> bool:
        """French counts nothing as one, English as many."""
        return number in ((0, 1) if self.language == "fr" else (1,))

    def known(self, group: str, name: str) -> str:
        """The name where its group has words for it, else "other"."""
        return name if f"{group}.{name}.one" in self._sentences else "other"

    def of(self, group: str, name: Any) -> str:
        """The word for a name of the marts, such as a kind of issue; the name itself where nobody has worded it yet."""
        return self._sentences.get(f"{group}.{name}", clean(name).replace("_", " "))

    def said(self, text: Any) -> str:
        """A reason that SQL or a source gave, in this language as far as it is known."""
        shown = clean(text, 400)
        return phrases.in_french(shown) if self.language == "fr" else shown

    def told(self, line: Any) -> str:
        """An error, a warning or another line of the layers below, in this language as far as it is known."""
        shown = clean(line, 1000)
        return lines_fr.line_in_french(shown) if self.language == "fr" else shown

    def number(self, value: float | None, decimals: int = 0) -> str:
        """A number with its thousands apart; an en dash for None."""
        if value is None:
            return "\u2013"
        text = f"{value:,.{decimals}f}"
        if self.language == "fr":
            text = text.replace(",", _THIN).replace(".", ",")
        return text.replace("-", "\u2212")

    def change(self, value: float, decimals: int = 0) -> str:
        """A difference with its sign."""
        text = self.number(value, decimals)
        return f"+{text}" if round(value, decimals) > 0 else text

    def percent(self, share: float) -> str:
        """A share from 0 to 1 in per cent; never 100 for less than all."""
        text = self.number(min(round(share * 100), 99) if share < 1 else 100)
        return f"{text}{_THIN}%" if self.language == "fr" else f"{text}%"

    def local(self, moment: datetime) -> datetime:
        """A moment in the reader's time zone; without a zone it is UTC."""
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(self._zone)

    def day(self, value: date, *, with_weekday: bool = True) -> str:
        """Sunday 22 November 2026, dimanche 22 novembre 2026."""
        days, months = _CALENDARS[self.language]
        number = "1er" if self.language == "fr" and value.day == 1 else str(value.day)
        weekday = f"{days[value.weekday()]} " if with_weekday else ""
        return f"{weekday}{number} {months[value.month - 1]} {value.year}"

    def short_day(self, value: date) -> str:
        """22 Nov, 22 nov.: for the axis of a chart."""
        return f"{value.day} {_SHORT_MONTHS[self.language][value.month - 1]}"

    def time(self, moment: datetime) -> str:
        """The time of day in the reader's zone."""
        local = self.local(moment)
        return f"{local:%H}{_THIN}h{_THIN}{local:%M}" if self.language == "fr" else f"{local:%H:%M}"

    def moment(self, moment: datetime) -> str:
        """Day and time in the reader's zone."""
        return self("moment", day=self.day(self.local(moment).date()), time=self.time(moment))

    def duration(self, seconds: float) -> str:
        """Minutes and seconds, hours and minutes."""
        whole = max(0, round(seconds))
        if whole < 60:
            return self("duration.seconds", s=whole)
        if whole < 3600:
            return self("duration.minutes", m=whole // 60, s=whole % 60)
        return self("duration.hours", h=whole // 3600, m=whole % 3600 // 60)

    def listed(self, items: list[str]) -> str:
        """a, b and c."""
        return (
            items[0] if len(items) == 1 else self("list", first=", ".join(items[:-1]), last=items[-1]) if items else ""
        )
