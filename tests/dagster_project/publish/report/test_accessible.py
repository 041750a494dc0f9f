"""The page for everybody: axe-core, the rules that browsers' own checkers use, finds nothing to complain of."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from dagster_project.publish.report.index import index
from dagster_project.publish.report.page import page
from tests.dagster_project.publish.report import made_facts as made
from tests.dagster_project.publish.report.browser import DARK, LIGHT, asked, needs_chromium

AXE = find_spec("axe_core_python")
needs_axe = pytest.mark.skipif(AXE is None, reason="axe-core is not installed (pip install axe-core-python)")
RULES = """
addEventListener("load", () => axe.run(document, {resultTypes: ["violations"]}).then((told) => found(told.violations.map((one) =>
  `${one.id}: ${one.help} (${one.nodes.length}): ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`))));
"""


def axe() -> str:
    """The script of the rules, from the package that carries it."""
    assert AXE is not None
    assert AXE.origin is not None
    return Path(AXE.origin).with_name("axe.min.js").read_text(encoding="utf-8").replace("</script", "<\\/script")


@needs_chromium
@needs_axe
@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("en", LIGHT, 1100), ("fr", DARK, 1100), ("fr", LIGHT, 400), ("en", DARK, 400)],
    ids=["light", "dark", "phone", "dark phone"],
)
def test_page_that_somebody_cannot_use(tmp_path: Path, language: str, theme: str, width: int) -> None:
    """Contrast, names, order, roles: no violation in light and dark, on a desk and a phone, in both languages."""
    facts = made.facts(
        language=language, skipped=[made.change("albums", "year", 2, "1969", reason="somebody changed it since")]
    )

    assert asked(tmp_path, page(facts), axe() + RULES, theme, width=width) == []


@needs_chromium
@needs_axe
def test_page_of_a_failed_night_that_somebody_cannot_use(tmp_path: Path) -> None:
    """The page that brings bad news is held to the same rules."""
    assert asked(tmp_path, page(made.failed(language="fr")), axe() + RULES, DARK) == []


@needs_chromium
@needs_axe
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_index_that_somebody_cannot_use(tmp_path: Path, theme: str) -> None:
    """The page over all runs, too."""
    assert asked(tmp_path, index(made.facts(), {made.RUN}), axe() + RULES, theme) == []


@needs_chromium
@needs_axe
def test_rules_that_find_nothing(tmp_path: Path) -> None:
    """The rules do look: pale text and a picture without words are found."""
    pale = '<!doctype html><html lang="en"><head><title>x</title></head><body><main><h1>x</h1>'
    pale += '<p style="color:#bbb;background:#fff">pale</p><img src="data:,"></main></body></html>'

    told = asked(tmp_path, pale, axe() + RULES)

    assert {"color-contrast", "image-alt"} <= {line.partition(":")[0] for line in told}
