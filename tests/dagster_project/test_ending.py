"""What is told when a run has ended: the health file in every case, the message where it was asked for."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dagster_project.night import Night
from dagster_project.options import Options
from ingest.errors import LibraryError
from ingest.sandbox import sample
from tests.nights import write_config

READ = "import sys, pathlib; pathlib.Path(sys.argv[1]).open('ab').write(sys.stdin.buffer.read() + b'\\n')"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "music.db"
    sample.build_library(path)
    return path


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Where the command of `notify` writes each message, one per line."""
    return tmp_path / "told.jsonl"


def configured(folder: Path, told: Path, when: str) -> Path:
    config = write_config(folder / "config")
    settings = json.loads((config / "enrichment_config.json").read_text())
    settings["notify"] = {"when": when, "command": f"'{sys.executable}' -c \"{READ}\" '{told}'"}
    (config / "enrichment_config.json").write_text(json.dumps(settings))
    return config


def health(data: Path) -> dict[str, Any]:
    return json.loads((data / "health.json").read_text(encoding="utf-8"))


def messages(told: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()] if told.exists() else []


def begun(library: Path, config: Path, **chosen: Any) -> Options:
    return Options(library=library, config=config, data=library.parent / "data", **chosen)


def test_a_monitor_reads_how_the_run_ended_and_when_the_next_is_due(library: Path, told: Path) -> None:
    """status, finished_at and next stand in health.json, in words a monitor can compare."""
    with Night.begin(begun(library, configured(library.parent, told, "failure"))) as night:
        night.take_backup()

    found = health(library.parent / "data")
    assert found["status"] == "success"
    assert datetime.fromisoformat(found["next"]) > datetime.fromisoformat(found["finished_at"])
    assert datetime.fromisoformat(found["next"]).hour == 2
    assert found["run_id"] == night.run_id
    assert messages(told) == []


def test_a_run_that_fails_is_told(library: Path, told: Path) -> None:
    """The message and the health file name what stopped it, whatever it was."""
    with (
        pytest.raises(LibraryError),
        Night.begin(begun(library, configured(library.parent, told, "failure"))),
    ):
        raise LibraryError("the disk is gone")

    assert health(library.parent / "data")["status"] == "failed"
    [message] = messages(told)
    assert message["status"] == "failed"
    assert "the disk is gone" in message["failures"][0]


def test_a_night_that_cannot_begin_is_told(library: Path, told: Path) -> None:
    """The library is gone at two in the morning: nobody sits at the terminal, so the message says it."""
    config = configured(library.parent, told, "failure")
    with Night.begin(begun(library, config)):
        pass
    library.unlink()

    with pytest.raises(LibraryError), Night.begin(begun(library, config)):
        pass

    assert health(library.parent / "data")["status"] == "failed"
    assert "music.db" in messages(told)[-1]["failures"][0]


def test_a_wrong_word_in_an_empty_folder_is_told_to_nobody(library: Path, told: Path) -> None:
    """Where no run has ever been there is no night to tell of."""
    config = configured(library.parent, told, "always")

    with pytest.raises(LibraryError), Night.begin(begun(library.with_name("nothing.db"), config)):
        pass

    assert not (library.parent / "data" / "health.json").exists()
    assert messages(told) == []


def test_a_notification_that_fails_is_a_warning(library: Path) -> None:
    """The run is what it was; the warning says that nobody was told."""
    config = write_config(library.parent / "config")
    (config / "enrichment_config.json").write_text('{"notify": {"when": "always", "command": "/nowhere/at/all"}}')

    with Night.begin(begun(library, config)) as night:
        night.take_backup()

    assert night.outcome.status == "success"
    assert any("notify" in line for line in night.outcome.warnings)


@pytest.mark.parametrize("chosen", [{"dry_run": True}, {"job": "audit_database"}, {"is_part": True}])
def test_what_is_no_night_is_told_to_nobody(library: Path, told: Path, chosen: dict[str, Any]) -> None:
    """A dry run, an audit and a single asset are for the person who started them."""
    with Night.begin(begun(library, configured(library.parent, told, "always"), **chosen)):
        pass

    assert messages(told) == []


def test_new_questions_are_a_doubt_and_old_ones_are_not(library: Path, told: Path) -> None:
    """`when: doubt` speaks up for what is new: the same queue every morning would soon be read by nobody."""
    from dagster_project.ending import _doubts

    with Night.begin(begun(library, configured(library.parent, told, "doubt"))) as night:
        pass

    assert _doubts(night.outcome, {"review_queue": 12}, 12) == []
    assert _doubts(night.outcome, {"review_queue": 12}, 10) == ["2 new questions wait in the review queue"]
