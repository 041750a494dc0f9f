"""`sillon` alone: how it stands, and what to type next."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from dagster_project.commands import whose
from dagster_project.data_folder import write_stamp
from dagster_project.nights import next_night
from dagster_project.options import Options
from dagster_project.preparation import Place, prepare
from ingest.sandbox import sample
from ingest.settings import load_settings
from tests.dagster_project.commands.answers import Sillon
from tests.nights import write_config


def test_before_the_first_run_it_says_what_to_type(sillon: Sillon) -> None:
    """A newcomer reads two commands that work."""
    result = sillon()

    assert result.status == 0
    assert "sillon run --sandbox --data data/demo " in result.out
    assert "sillon run --library" in result.out


def test_the_hint_of_another_folder_names_it(sillon: Sillon) -> None:
    """What is typed to begin in a folder begins there, and the sample never takes the folder of a library's own."""
    out = sillon("--data", "mine").out

    assert "sillon run --library ~/music.db --data mine" in out
    assert "sillon run --sandbox --data data/demo" in out
    assert "`sillon serve --library ~/music.db --data mine`" in out


def test_a_fleets_folder_is_not_offered_to_one_library(sillon: Sillon, tmp_path: Path) -> None:
    """A run of one library would be refused there, and `sillon serve` needs no library."""
    (tmp_path / "data/fleet").mkdir(parents=True)
    write_stamp(tmp_path / "data/fleet/sillon.json", {"fleet": ["*.db"], "kind": "web"})

    out = sillon("--data", "data/fleet").out

    assert "`sillon serve --data data/fleet`" in out
    assert hinted(out, "sillon run --library") == ["run", "--library", "~/music.db"]

    write_stamp(tmp_path / "data/fleet/sillon.json", {"libraries": ["*.db"], "kind": "sandbox"})
    assert "`sillon serve --data data/fleet --sandbox`" in sillon("--data", "data/fleet").out


def stamped(data: Path, library: Path, kind: str) -> Path:
    """A data folder that belongs to a library, as a run leaves it, and that library."""
    data.mkdir(parents=True, exist_ok=True)
    write_stamp(data / "sillon.json", {"library": str(library.resolve()), "kind": kind})
    if not library.exists():
        sample.build_library(library)
    return data


def hinted(out: str, beginning: str) -> list[str]:
    """The words of the command that a line of the status shows."""
    found = re.search(rf"{beginning}[^`\n]*?(?=`|   |$)", out, re.MULTILINE)
    assert found, out
    return shlex.split(found.group())[1:]


def prepared(words: list[str]) -> Place:
    """What such a command works on; raises what it would end with."""
    named = dict(pairwise(words))
    paths = {option: Path(named[f"--{option}"]) for option in ("library", "data", "config") if f"--{option}" in named}
    return prepare(Options(**paths, sandbox="--sandbox" in words))


@pytest.mark.parametrize(
    ("name", "kind"), [("data/sample_library.db", "sandbox"), ("music.db", "sandbox"), ("music.db", "web")]
)
def test_the_next_night_can_be_typed_as_it_is_shown(
    sillon: Sillon, shelf: Path, tmp_path: Path, name: str, kind: str
) -> None:
    """`sillon serve …` names library and kind where they are not found without: it serves the folder, not exit status 2."""
    stamped(shelf, tmp_path / name, kind)

    place = prepared(hinted(sillon().out, "sillon serve"))

    assert place.library == tmp_path / name
    assert place.kind == kind
    assert place.is_sample == (name == "data/sample_library.db")


def test_a_library_of_the_configuration_needs_no_option(sillon: Sillon, tmp_path: Path) -> None:
    """After `sillon init` the first night is `sillon run`, and neither it nor `sillon serve` is shown with a stranger's path."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/enrichment_config.json").write_text('{"library": "music.db"}')
    sample.build_library(tmp_path / "music.db")

    out = sillon().out

    assert "~/music.db" not in out
    assert "--sandbox" not in out
    assert prepared(hinted(out, "sillon run ")).library == tmp_path / "music.db"
    assert hinted(out, "sillon serve") == ["serve"]


@pytest.mark.parametrize("folder", ["data", "data/demo"])
def test_after_the_sandbox_ones_own_library_finds_a_folder(
    sillon: Sillon, shelf: Path, tmp_path: Path, folder: str
) -> None:
    """The folder in which the sandbox answered would refuse one's own library: another is named, and takes it."""
    data = stamped(tmp_path / folder, tmp_path / folder / "sample_library.db", "sandbox")
    with duckdb.connect(str(shelf / "marts.duckdb")) as connection:
        connection.execute("update sillon.runs set kind = 'sandbox'")
    if data != shelf:
        (shelf / "marts.duckdb").rename(data / "marts.duckdb")
    own = tmp_path / "music.db"
    sample.build_library(own)

    words = hinted(sillon("--data", folder).out, "sillon run --library ~/music.db")

    place = prepared([str(own) if word == "~/music.db" else word for word in words])
    assert place.library == own
    assert place.kind == "web"
    assert place.folder.root == tmp_path / ("data/own" if folder == "data" else "data")


def test_it_tells_night_score_queue_and_closed_sources(sillon: Sillon, shelf: Path) -> None:
    """Last run in local time, score, queue by kind, sources still closed (and only those), next run with its zone."""
    out = sillon().out

    assert "20260314-020000, Saturday 14 March 2026, 02:00" in out  # 01:00 UTC
    assert "94.8 of 100" in out
    assert "Queue:         5 (" in out
    assert "records 1" in out
    assert "spotify until" in out
    assert "discogs" not in out
    assert "(Europe/Paris)" in out
    assert "sillon review" in out


def test_the_next_command_names_the_configuration(sillon: Sillon, shelf: Path, tmp_path: Path) -> None:
    """Decisions would otherwise go into the configuration of another library."""
    write_config(tmp_path / "my settings")

    out = sillon("--config", str(tmp_path / "my settings")).out

    assert f"sillon review --config '{tmp_path / 'my settings'}'" in out


@pytest.mark.parametrize(
    ("kind", "config", "words"),
    [
        ("web", None, " --data mine"),
        ("web", "set tings", " --data mine --config 'set tings'"),
        ("sandbox", None, " --data mine --config mine/config"),
        ("sandbox", "other", " --data mine --config other"),
    ],
)
def test_what_is_shown_for_deciding_is_not_refused(
    kind: str, config: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sillon review` refuses the sandbox's folder with the configuration of one's own; nothing that is shown runs into that."""
    monkeypatch.chdir(tmp_path)
    stamped(Path("mine"), tmp_path / "m.db", kind)

    assert whose.to_decide(Path("mine"), Path(config) if config else None) == words


def test_json_holds_the_same(sillon: Sillon, shelf: Path) -> None:
    """For a monitor: the same facts as one document."""
    facts = sillon("--json").json

    assert facts["last_run"]["run_id"] == "20260314-020000"
    assert facts["last_run"]["changes"] == 1
    assert facts["score"] == 94.8
    assert sum(facts["queue"].values()) == 5
    assert [source["source"] for source in facts["closed_sources"]] == ["spotify"]


def test_a_damaged_shelf_is_one_line(sillon: Sillon, shelf: Path) -> None:
    """A file that is no database: one line, exit 1, with what to do."""
    (shelf / "marts.duckdb").write_bytes(b"not a database" * 100)

    result = sillon()

    assert result.status == 1
    assert len(result.err.splitlines()) == 1
    assert "sillon run" in result.err


def test_a_shelf_without_marts_still_tells_the_run(sillon: Sillon, shelf: Path) -> None:
    """A first run that failed before it believed anything leaves no queue."""
    with duckdb.connect(str(shelf / "marts.duckdb")) as connection:
        connection.execute("drop table review_queue")
        connection.execute("update sillon.runs set status = 'failed', score_after = null")

    result = sillon()

    assert result.status == 0
    assert "failed" in result.out
    assert "says what went wrong" in result.out


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-14T00:59:00", "2026-03-14T02:00:00+01:00"),
        ("2026-03-14T01:00:00", "2026-03-15T02:00:00+01:00"),
        ("2026-06-30T23:30:00", "2026-07-01T02:00:00+02:00"),
        ("2026-10-24T12:00:00", "2026-10-25T02:00:00+02:00"),
    ],
)
def test_the_next_night_is_local(now: str, due: str, tmp_path: Path) -> None:
    """02:00 is the clock on the wall of the configured zone, in summer, in winter and between."""
    settings = load_settings(tmp_path, {"SILLON_TIMEZONE": "Europe/Paris"})

    found = next_night(settings.scheduler, datetime.fromisoformat(now).replace(tzinfo=UTC))

    assert found is not None
    assert found.isoformat() == due
