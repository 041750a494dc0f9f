"""The control room as somebody opens it: `sillon serve`, a browser, the asset graph, one click."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.screenshots import CHROMIUM, browser, serving
from tests.nights import write_config

pytestmark = [
    pytest.mark.control_room,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt install chromium)"),
]

Page = Callable[..., dict[str, Any]]
RUNS = "{ runsOrError { ... on Runs { results { runId status tags { key value } } } } }"
GROUPS = [
    "library",
    "musicbrainz",
    "listenbrainz",
    "cover_art_archive",
    "discogs",
    "spotify",
    "staging",
    "marts",
    "publish",
]
DRAWN = """(() => { const names = [...document.querySelectorAll("foreignObject")].map((node) => node.textContent);
    return %s.every((group) => names.some((name) => name.includes(group))); })()"""
CLICK = """(() => { const one = [...document.querySelectorAll("button")].find((button) =>
    button.innerText.trim().startsWith(%s) && !button.disabled); one?.click(); return Boolean(one); })()"""


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """`sillon serve --sandbox` in a folder of its own."""
    write_config(tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    with serving(tmp_path) as address:
        yield address


def until(page: Page, expression: str, *, patience_s: float = 90) -> None:
    """Wait until an expression holds in the page."""
    deadline = time.monotonic() + patience_s
    while not page("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value"):
        assert time.monotonic() < deadline, expression
        time.sleep(0.5)


def runs(address: str) -> list[dict[str, Any]]:
    """The runs that Dagster knows of, newest first."""
    request = urllib.request.Request(
        f"{address}/graphql", json.dumps({"query": RUNS}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return list(json.load(answer)["data"]["runsOrError"]["results"])


def test_the_graph_is_drawn_and_a_click_materialises(address: str, tmp_path: Path) -> None:
    """The graph shows every group from library to publish; Materialize on the snapshot ends in success, a backup taken."""
    with browser(tmp_path / "profile", 1600, 900) as page:
        page("Page.navigate", url=f"{address}/asset-groups")
        until(page, DRAWN % json.dumps(GROUPS))
        page("Page.navigate", url=f"{address}/assets/library/snapshot")
        until(page, CLICK % json.dumps("Materialize"))
        deadline = time.monotonic() + 120
        while not (found := runs(address)) or found[0]["status"] not in ("SUCCESS", "FAILURE", "CANCELED"):
            assert time.monotonic() < deadline, found
            time.sleep(1)

    assert found[0]["status"] == "SUCCESS"
    assert list((tmp_path / "data" / "backups").iterdir())
