"""Sillon as a service of the person who installs it: a systemd user unit, or a launchd agent on macOS.

Here live the text of that file and its place. It is written and removed, never started: what a person runs all day, the person
starts. No rights of an administrator are needed.
"""

from __future__ import annotations

import os
import plistlib
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagster_project.data_folder import DataFolder
from dagster_project.publish import durable
from ingest.errors import ConfigError

UNIT = "sillon.service"
AGENT = "org.sillon.serve"
MARK = "# Sillon's own, for the data folder "

_UNIT_TEXT = """\
{mark}{data}
[Unit]
Description=Sillon: every night over the music library

[Service]
WorkingDirectory={folder}
ExecStart={command}
Environment=PYTHONUNBUFFERED=1
Nice=10
Restart=on-failure
RestartSec=60
# 2: bad input or configuration. Starting again would not mend it.
RestartPreventExitStatus=2
TimeoutStopSec=30

[Install]
WantedBy=default.target
"""


@dataclass(frozen=True)
class Service:
    """Where the service file lies and the commands around it, each with what it is for (start, watch, linger, stop, remove)."""

    path: Path
    commands: Sequence[tuple[str, str]]


def place(platform: str = sys.platform, environ: Mapping[str, str] = os.environ) -> Service:
    """The service file of this platform. Raises ConfigError where there is neither systemd nor launchd."""
    home = Path(environ.get("HOME") or Path.home())
    if platform == "darwin":
        path = home / "Library" / "LaunchAgents" / f"{AGENT}.plist"
        return Service(
            path,
            (
                ("start", f"launchctl bootstrap gui/$(id -u) {shlex.quote(str(path))}"),
                ("watch", f"launchctl print gui/$(id -u)/{AGENT}"),
                ("stop", f"launchctl bootout gui/$(id -u)/{AGENT}"),
                ("remove", "sillon serve --uninstall"),
            ),
        )
    if platform.startswith("linux"):
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        return Service(
            config / "systemd" / "user" / UNIT,
            (
                ("start", "systemctl --user daemon-reload && systemctl --user enable --now sillon"),
                ("watch", "systemctl --user status sillon; journalctl --user -u sillon -f"),
                ("linger", "loginctl enable-linger"),
                ("stop", "systemctl --user disable --now sillon"),
                ("remove", "sillon serve --uninstall"),
            ),
        )
    raise ConfigError(
        f"a service cannot be installed on {platform}",
        expected="Linux with systemd, or macOS",
        remedy="let the system's own scheduler start `sillon serve` when you log in",
    )


def install(service: Service, arguments: Sequence[str], data: Path, folder: Path) -> None:
    """Write the service file; an older one of the same data folder is replaced.

    Args:
        arguments: the words after `sillon`, every path absolute.
        data: the data folder.
        folder: where the command starts, as a person would from a shell.

    Raises ConfigError where the file is somebody else's, or serves another data folder.
    """
    _refuse_strangers(service.path, data)
    command = [*_program(), *arguments]
    if service.path.suffix == ".plist":
        content = _plist(command, data, folder)
    else:
        words = " ".join(_systemd_word(word) for word in command)
        content = _UNIT_TEXT.format(mark=MARK, data=data, folder=_systemd_path(folder), command=words).encode()
    try:
        service.path.parent.mkdir(parents=True, exist_ok=True)
        aside = service.path.with_name(service.path.name + ".new")
        aside.write_bytes(content)
        durable.rename(aside, service.path)
    except OSError as error:
        raise ConfigError(f"the file cannot be written: {error.strerror}", file=service.path) from error


def uninstall(service: Service) -> bool:
    """Remove the service file and the link that starts it at login. Returns whether there was one.

    Raises ConfigError where the file is somebody else's.
    """
    _refuse_strangers(service.path, None)
    was_there = service.path.exists()
    service.path.unlink(missing_ok=True)
    if service.path.suffix != ".plist":
        (service.path.parent / "default.target.wants" / UNIT).unlink(missing_ok=True)
    return was_there


def served(service: Service) -> Path | None:
    """The data folder that the installed service is for; None where none is installed, or it is not ours."""
    try:
        content = service.path.read_bytes()
    except OSError:
        return None
    if service.path.suffix == ".plist":
        try:
            return Path(plistlib.loads(content)["SillonData"])
        except (plistlib.InvalidFileException, KeyError, ValueError):
            return None
    first = content.decode("utf-8", "replace").partition("\n")[0]
    return Path(first.removeprefix(MARK)) if first.startswith(MARK) else None


def _refuse_strangers(path: Path, data: Path | None) -> None:
    if not path.exists():
        return
    owner = served(Service(path, ()))
    if owner is None:
        raise ConfigError("this file was not written by Sillon", file=path, remedy="move it away first")
    if data is not None and owner != data:
        raise ConfigError(
            f"the service is already there for the data folder {owner}",
            file=path,
            remedy="run `sillon serve --uninstall` first",
        )


def _program() -> list[str]:
    """The installed command beside this Python; without it the interpreter itself."""
    script = Path(sys.executable).with_name("sillon")
    if script.is_file():
        return [str(script)]
    return [sys.executable, "-c", "from dagster_project.cli import main; main()"]


def _plist(command: Sequence[str], data: Path, folder: Path) -> bytes:
    log = str(DataFolder(data).logs / "serve.log")
    return plistlib.dumps(
        {
            "Label": AGENT,
            "ProgramArguments": list(command),
            "WorkingDirectory": str(folder),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": 60,
            "Nice": 10,
            "StandardOutPath": log,
            "StandardErrorPath": log,
            "SillonData": str(data),
        }
    )


def _systemd_word(word: str) -> str:
    """A word as ExecStart wants it: quoted, and with what systemd would expand doubled."""
    doubled = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{doubled}"' if not word or any(sign in word for sign in " \t'\";\\") else doubled


def _systemd_path(path: Path) -> str:
    return str(path).replace("%", "%%")
