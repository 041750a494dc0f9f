"""The service file: what starts at login is what was typed, and nothing of anybody else's is touched."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
from pathlib import Path

import pytest

from dagster_project import service_unit
from dagster_project.commands.service import arguments
from dagster_project.options import Options
from ingest.errors import ConfigError

AWKWARD = 'a folder/50 % "off" $HOME'


def linux(home: Path) -> service_unit.Service:
    return service_unit.place("linux", {"HOME": str(home)})


def exec_start(unit: Path) -> str:
    [line] = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    return line.removeprefix("ExecStart=")


def test_the_unit_starts_what_was_typed(tmp_path: Path) -> None:
    """Every path is absolute, every option kept: systemd starts in no folder of the person's."""
    options = Options(library=tmp_path / "music.db", data=tmp_path / "data", config=tmp_path / "config", in_place=True)
    service = linux(tmp_path)

    service_unit.install(service, arguments(options, "127.0.0.1", 3210), tmp_path / "data", tmp_path)

    command = exec_start(service.path)
    assert f"serve --library {tmp_path}/music.db --config {tmp_path}/config --data {tmp_path}/data" in command
    assert command.endswith("--in-place --host 127.0.0.1 --port 3210")
    assert service_unit.served(service) == tmp_path / "data"
    assert "RestartPreventExitStatus=2" in service.path.read_text()


def test_nothing_in_a_path_is_expanded(tmp_path: Path) -> None:
    """Blanks, quotes, percent and dollar signs mean something to systemd: they come through as they are."""
    service = linux(tmp_path)

    service_unit.install(service, ["serve", "--library", f"/music/{AWKWARD}/music.db"], tmp_path, tmp_path)

    assert '"/music/a folder/50 %% \\"off\\" $$HOME/music.db"' in exec_start(service.path)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """systemd's own check finds nothing to complain of."""
    service = linux(tmp_path)
    service_unit.install(service, ["serve", "--library", f"/music/{AWKWARD}/music.db"], tmp_path, tmp_path)

    checked = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(service.path)],
        env={
            **os.environ,
            "XDG_RUNTIME_DIR": str(tmp_path),
        },  # without one, or in a container, it would look at nothing
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_agent_of_macos_says_the_same(tmp_path: Path) -> None:
    """A launchd agent with the same words, which needs no quoting, and a log to watch."""
    service = service_unit.place("darwin", {"HOME": str(tmp_path)})

    service_unit.install(service, ["serve", "--library", f"/music/{AWKWARD}"], tmp_path / "data", tmp_path)

    agent = plistlib.loads(service.path.read_bytes())
    assert agent["ProgramArguments"][-3:] == ["serve", "--library", f"/music/{AWKWARD}"]
    assert agent["Label"] == service.path.stem
    assert service_unit.served(service) == tmp_path / "data"


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_it_can_be_installed_again_and_removed(tmp_path: Path, platform: str) -> None:
    """A second installation of the same folder replaces the first; removing leaves nothing behind."""
    service = service_unit.place(platform, {"HOME": str(tmp_path)})
    for _ in range(2):
        service_unit.install(service, ["serve"], tmp_path / "data", tmp_path)
    wanted = service.path.parent / "default.target.wants" / "sillon.service"
    if platform == "linux":
        wanted.parent.mkdir()
        wanted.symlink_to(service.path)

    assert service_unit.uninstall(service)
    assert not service_unit.uninstall(service)
    assert [path for path in service.path.parent.rglob("*") if path.is_file() or path.is_symlink()] == []


def test_another_folders_service_is_not_replaced(tmp_path: Path) -> None:
    """One service per person: the second library is told which one is served, and what to do."""
    service = linux(tmp_path)
    service_unit.install(service, ["serve"], tmp_path / "data", tmp_path)
    before = service.path.read_bytes()

    with pytest.raises(ConfigError, match="--uninstall"):
        service_unit.install(service, ["serve"], tmp_path / "other", tmp_path)

    assert service.path.read_bytes() == before


def test_somebody_elses_file_stays(tmp_path: Path) -> None:
    """A unit of that name that Sillon did not write is neither replaced nor removed."""
    service = linux(tmp_path)
    service.path.parent.mkdir(parents=True)
    service.path.write_text("[Service]\nExecStart=/bin/true\n")

    with pytest.raises(ConfigError):
        service_unit.install(service, ["serve"], tmp_path, tmp_path)
    with pytest.raises(ConfigError):
        service_unit.uninstall(service)
    assert service.path.exists()


def test_elsewhere_it_says_what_to_do() -> None:
    """No systemd, no launchd: one line with another way."""
    with pytest.raises(ConfigError, match="scheduler"):
        service_unit.place("win32", {"HOME": "/"})
