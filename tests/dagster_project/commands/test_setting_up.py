"""init and doctor: four answers make a configuration that a run takes, and what is wrong is found before two in the morning."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from pathlib import Path

import duckdb
import pytest

from ingest.sandbox import sample
from ingest.settings import load_settings
from tests.dagster_project.commands.answers import Finished, Sillon


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "music.db"
    sample.build_library(path)
    return path


def states(answer: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {finding["topic"]: finding["state"] for finding in answer["findings"]}


def test_four_answers_from_a_pipe_are_a_configuration(sillon: Sillon, library: Path, tmp_path: Path) -> None:
    """Library, contact, tokens, time zone, one a line: the files are there, and a run would take them."""
    said = sillon("init", stdin=f"{library}\nme@example.org\ndiscogs.token=abc spotify.client_id=d\nEurope/Berlin\n")

    settings = load_settings(tmp_path / "config", {})
    assert said.status == 0, said.err
    assert "65 albums" in said.out
    assert "abc" not in said.out
    assert settings.enrichment.library == library
    assert settings.enrichment.contact == "me@example.org"
    assert settings.secrets.discogs.token.get_secret_value() == "abc"
    assert settings.scheduler.timezone == "Europe/Berlin"
    assert "spotify.client_secret" in said.err
    assert settings.warnings == ()


def test_the_shipped_configuration_is_where_everybody_begins(sillon: Sillon, library: Path, tmp_path: Path) -> None:
    """In a fresh clone the files lie there already, with nothing in them: the four answers are laid over them."""
    shipped = Path(__file__).parents[3] / "config"
    (tmp_path / "config").mkdir()
    for name in ("enrichment_config.json", "scheduler_config.json"):
        (tmp_path / "config" / name).write_bytes((shipped / name).read_bytes())

    said = sillon("init", stdin=f"{library}\nme@example.org\n\nEurope/Berlin\n")

    settings = load_settings(tmp_path / "config", {})
    assert said.status == 0, said.err
    assert settings.enrichment.library == library
    assert settings.scheduler.timezone == "Europe/Berlin"


def test_secrets_are_for_their_owner_alone(sillon: Sillon, tmp_path: Path) -> None:
    """0600 from the first byte on, also where an older file was open to others."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/secrets.json").write_text("{}")
    os.chmod(tmp_path / "config/secrets.json", 0o644)

    sillon("init", "--token", "abc", stdin="\n\n\n")

    assert stat.S_IMODE((tmp_path / "config/secrets.json").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "config/secrets.json").read_text())["discogs"]["token"] == "abc"


def test_what_is_there_is_kept(sillon: Sillon, library: Path, tmp_path: Path) -> None:
    """Enter keeps every value, and what was never asked about stays too; a second time nothing is written."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/enrichment_config.json").write_text(
        json.dumps({"contact": "me@example.org", "language": "en", "retention": {"backups": 3}})
    )
    (tmp_path / "config/scheduler_config.json").write_text('{"timezone": "Asia/Tokyo"}')

    first = sillon("init", "--library", library, stdin="\n\n\n")
    again = sillon("init", stdin="")

    settings = load_settings(tmp_path / "config", {})
    assert first.status == again.status == 0
    assert settings.enrichment.contact == "me@example.org"
    assert (settings.enrichment.language, settings.enrichment.retention.backups) == ("en", 3)
    assert settings.enrichment.library == library
    assert settings.scheduler.timezone == "Asia/Tokyo"
    assert "Written" not in again.out


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        pytest.param("/nowhere/music.db\n", "no such file", id="library"),
        pytest.param("\nnot an address\n", "contact", id="contact"),
        pytest.param("\n\ndiscogs.tokn=abc\n", "discogs.token", id="token"),
        pytest.param("\n\n\nEurope/Atlantis\n", "timezone", id="time zone"),
    ],
)
def test_a_wrong_answer_writes_nothing(sillon: Sillon, tmp_path: Path, answers: str, named: str) -> None:
    """One line that names what was wrong, exit 2, and no half of a configuration."""
    said = sillon("init", stdin=answers)

    assert said.status == 2
    assert named in said.err
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "config").exists()


def test_a_file_that_cannot_be_used_is_not_written_over(sillon: Sillon, tmp_path: Path) -> None:
    """A typing error in a file of the person's is told, not repaired away."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/enrichment_config.json").write_text('{"contakt": "me@example.org"}')

    said = sillon("init", stdin="")

    assert said.status == 2
    assert "contakt" in said.err
    assert (tmp_path / "config/enrichment_config.json").read_text() == '{"contakt": "me@example.org"}'


def test_doctor_finds_a_sound_place_sound(sillon: Sillon, night: Finished) -> None:
    """After a night that went well there is nothing to mend: exit 0, every topic looked at."""
    said = sillon("doctor", "--data", night.data, "--config", night.config, "--json")

    assert said.status == 0, said.out
    assert said.json["sound"] is True
    looked_at = {"versions", "configuration", "library", "time zone", "free space", "run lock", "pacing", "warehouse"}
    assert looked_at | {"marts", "last night"} <= set(states(said.json))


def test_doctor_says_what_to_mend(sillon: Sillon, tmp_path: Path) -> None:
    """No library and no contact: exit 1, each with its remedy, also in words."""
    said = sillon("doctor", "--json")
    words = sillon("doctor")

    found = states(said.json)
    assert said.status == words.status == 1
    assert found["library"] == found["musicbrainz"] == "mend"
    assert "sillon init" in words.out
    assert "to mend" in words.out


def test_doctor_quiet_says_only_what_to_mend(sillon: Sillon, library: Path) -> None:
    """For a monitor's mail: nothing on standard output, the trouble on standard error."""
    said = sillon("doctor", "--quiet", "--library", library)

    assert said.status == 1
    assert said.out == ""
    assert "contact" in said.err
    assert "library" not in said.err.replace("musicbrainz", "")


def test_doctor_finds_a_warehouse_that_another_program_damaged(sillon: Sillon, library: Path, tmp_path: Path) -> None:
    """A file that is no database is found in daylight, with the remedy."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "warehouse.duckdb").write_bytes(b"not a database" * 400)
    duckdb.connect(str(data / "marts.duckdb")).close()

    said = sillon("doctor", "--library", library, "--json")

    assert states(said.json)["warehouse"] == "mend"


def test_doctor_tells_of_a_failed_night(sillon: Sillon, library: Path, tmp_path: Path) -> None:
    """What stopped the last run stands there until a run has gone well."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/health.json").write_text(
        json.dumps({"status": "failed", "finished_at": "2026-03-14T01:00:00+00:00", "failures": ["the disk is gone"]})
    )

    said = sillon("doctor", "--library", library, "--json")

    [last] = [one for one in said.json["findings"] if one["topic"] == "last night"]
    assert last["state"] == "mend"
    assert "the disk is gone" in last["words"]


def test_doctor_asks_nobody_unless_told_to(sillon: Sillon, library: Path, tmp_path: Path) -> None:
    """--probe asks each source one question; without it no connection is made."""
    config = tmp_path / "config"
    config.mkdir()
    nowhere = dict.fromkeys(("musicbrainz", "listenbrainz", "cover_art_archive", "discogs"), "http://127.0.0.1:9")
    settings = {"contact": "me@example.org", "base_urls": nowhere, "auto_enrichment": {"sources": ["discogs"]}}
    (config / "enrichment_config.json").write_text(json.dumps(settings))

    plain = states(sillon("doctor", "--library", library, "--json").json)
    asked = states(sillon("doctor", "--library", library, "--json", "--probe").json)

    assert [topic for topic in plain if topic.startswith("ask ")] == []
    assert asked["ask discogs"] == "warn"
    assert asked["ask spotify"] == asked["ask musicbrainz"] == "note"


def test_install_says_how_to_start_watch_and_remove(
    sillon: Sillon, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is written where the system looks for it, with every command around it; removing it says how to stop."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    installed = sillon("serve", "--library", library, "--install")
    removed = sillon("serve", "--uninstall")
    again = sillon("serve", "--uninstall")

    assert installed.status == removed.status == again.status == 0, installed.err
    for word in ("start", "watch", "remove"):
        assert f"To {word} it" in installed.out
    assert "health.json" in installed.out
    assert "Removed" in removed.out
    assert "nothing to remove" in again.out
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
def test_at_a_terminal_a_wrong_answer_is_asked_again_and_keys_are_not_shown(library: Path, tmp_path: Path) -> None:
    """A typing error costs one line; what is typed as a key never stands on the screen."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.execv(sys.executable, [sys.executable, "-c", "from dagster_project.cli import main; main()", "init"])
    seen = ""
    for question, answer in (
        ("1. ", "nothing.db"),
        ("1. ", str(library)),
        ("2. ", "me@example.org"),
        ("3. ", "discogs.token=very-secret"),
        ("4. ", "Europe/Paris"),
        ("Next: ", ""),
    ):
        part = ""
        while not (question in part and part.rstrip(" ").endswith((":", "takes"))):
            try:
                part += os.read(terminal, 4096).decode()
            except OSError:  # the other side has ended
                break
        seen += part
        time.sleep(0.3)  # the echo is turned off after the question is written
        if answer:
            os.write(terminal, f"{answer}\n".encode())
    _, status = os.waitpid(child, 0)
    os.close(terminal)

    assert os.waitstatus_to_exitcode(status) == 0, seen
    assert "no such file" in seen
    assert "very-secret" not in seen
    assert load_settings(tmp_path / "config", {}).secrets.discogs.token.get_secret_value() == "very-secret"
