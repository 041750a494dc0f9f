"""The log of a night: one line a record, no secret, no control character, and never a reason to stop."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dagster_project import logs
from tests.faults.disks import small_disk

log = logging.getLogger("sillon")


def test_a_secret_in_the_log(tmp_path: Path) -> None:
    """S1: a secret that some message or traceback carries is masked."""
    with logs.written_to(tmp_path / "a.log", ["hunter2", ""]):
        log.warning("the token is %s", "hunter2")
        try:
            raise ValueError("refused: hunter2")
        except ValueError:
            log.exception("it failed")

    text = (tmp_path / "a.log").read_text()
    assert "hunter2" not in text
    assert "ValueError: refused: ***" in text


def test_a_title_that_moves_the_cursor(tmp_path: Path) -> None:
    """D1, S3: control and direction characters of a title never reach whoever reads the log on a terminal; a line break
    begins no record of its own."""
    with logs.written_to(tmp_path / "a.log"):
        log.info("%s", "a\x1b[2Jb\x00c\u202ed\r\n2026-01-01T00:00:00.000Z error sillon: forged")

    lines = (tmp_path / "a.log").read_text().splitlines()
    assert len([line for line in lines if not line.startswith("    ")]) == 1
    assert not any(sign in "".join(lines) for sign in "\x1b\x00\u202e\r")


def test_only_its_owner_reads_the_log(tmp_path: Path) -> None:
    """It tells what somebody listens to."""
    with logs.written_to(tmp_path / "a.log"):
        log.info("a night")
    assert (tmp_path / "a.log").stat().st_mode & 0o077 == 0


def test_a_log_that_finds_no_room(tmp_path: Path) -> None:
    """E1: the error that ends a night on a full disk is not covered by the log's own."""
    with (
        small_disk(tmp_path / "disk", size="1m") as disk,
        pytest.raises(ZeroDivisionError),
        logs.written_to(disk.path / "a.log"),
    ):
        disk.fill()
        log.info("a night")
        raise ZeroDivisionError


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    """E2: the night goes on without its log, and no handler stays behind."""
    before = list(log.handlers)
    (tmp_path / "file").write_text("in the way")
    with logs.written_to(tmp_path / "file" / "a.log"):
        log.info("a night")
    assert log.handlers == before
