"""What the command says, in the language of the configuration: the sentences of `words_en.py` and `words_fr.py`.

Here lives which language that is. The rules of both languages, and the words that report and command share, stand in
`publish/report/words.py`; what the layers below say in English is put into French beside it. Names that a person types back
(fields, rules, sources, jobs, runs) are the same in every language.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from dagster_project.commands import words_en, words_fr
from dagster_project.publish.report import words as shared
from ingest.errors import SillonError

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {**shared.SENTENCES["en"], **words_en.SENTENCES},
    "fr": {**shared.SENTENCES["fr"], **words_fr.SENTENCES},
}
DEFAULT = "fr"
FOLDER = Path("config")  # where the configuration lies unless --config names another folder


class Words(shared.Words):
    """One language and one time zone, for a terminal."""

    def __init__(self, language: str, time_zone: str = "UTC") -> None:
        super().__init__(language, time_zone, SENTENCES)

    def within(self, time_zone: str) -> Words:
        """The same language, telling moments in another time zone."""
        return Words(self.language, time_zone)

    def error(self, error: SillonError) -> str:
        """The line of an error: where, what, what was expected, what to do."""
        if self.language != "fr":
            return error.line
        where = "" if error.where is None else error.where.replace(": `", self.raw("colon") + "`") + self.raw("colon")
        expected = "" if error.expected is None else self("error.expected", what=self.told(error.expected))
        remedy = "" if error.remedy is None else self.told(error.remedy)
        line = f"{where}{self.told(error.what)}{expected}"
        return (line + (f". {remedy[:1].upper()}{remedy[1:]}" if remedy else "")).rstrip(".") + "."


def speaking(config: Path | None, environ: Mapping[str, str] = os.environ) -> Words:
    """The words in the `language` of a configuration folder.

    Nothing else of the configuration is looked at, and nothing is raised: what is wrong with it is told in these words too.
    """
    language = environ.get("SILLON_LANGUAGE") or _written(config or FOLDER)
    return Words(language if language in SENTENCES else DEFAULT)


def _written(folder: Path) -> str:
    try:
        found = json.loads((folder / "enrichment_config.json").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return ""
    return str(found.get("language")) if isinstance(found, dict) else ""
