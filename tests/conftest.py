"""What holds for every test: no setting leaks in from outside, and pacing is kept in a folder of the test's own."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests see no SILLON_ variable of the person who runs them, and no proxy. The command speaks English to them."""
    for name in list(os.environ):
        if name.startswith("SILLON_") or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SILLON_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SILLON_LANGUAGE", "en")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """`make faults` ends with how many faults were tried, and after how many something was lost."""
    if config.getoption("markexpr") != "faults":
        return
    lost = len(terminalreporter.stats.get("failed", [])) + len(terminalreporter.stats.get("error", []))
    tried = len(terminalreporter.stats.get("passed", [])) + lost
    terminalreporter.write_line(f"faults tried {tried}, lost {lost}")
