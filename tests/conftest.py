"""What holds for every test: no setting leaks in from outside, and pacing is kept in a folder of the test's own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def clean_session() -> Iterator[None]:
    """No SILLON_ variable of the person who runs the tests, and no proxy. The command speaks English to them.

    For the whole session: what fixtures of a wider scope make is compared with what a single test makes.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("SILLON_") or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
                patch.delenv(name)
        patch.setenv("SILLON_LANGUAGE", "en")
        yield


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test sees no variable that another one left, and keeps its pace in a folder of its own."""
    for name in list(os.environ):
        if name.startswith("SILLON_") and name != "SILLON_LANGUAGE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SILLON_STATE_DIR", str(tmp_path / "state"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """`make faults` ends with how many faults were tried, and after how many something was lost."""
    if config.getoption("markexpr") != "faults":
        return
    lost = len(terminalreporter.stats.get("failed", [])) + len(terminalreporter.stats.get("error", []))
    tried = len(terminalreporter.stats.get("passed", [])) + lost
    terminalreporter.write_line(f"faults tried {tried}, lost {lost}")
