"""Nobody is called who was not asked for: a night opens no connection but those to its sources."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
from pathlib import Path

from tests.nights import report, write_config

SILLON = [sys.executable, "-c", "from dagster_project.cli import main; main()"]

# Loaded by every Python process of the run before anything else; an audit hook can not be taken off again.
LISTENER = """
import os, sys
_watched = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
def _listen(event, arguments, _path=os.environ["CALLS_FILE"], _open=os.open, _write=os.write, _close=os.close):
    if event in _watched:
        who = arguments[0] if event in ("socket.getaddrinfo", "socket.gethostbyname") else arguments[1]
        file = _open(_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        _write(file, f"{event}\\t{who!r}\\n".encode())
        _close(file)
sys.addaudithook(_listen)
"""


def called(folder: Path, *command: str) -> list[tuple[str, str]]:
    """Run a command under the listener; returns event and address of every call, in their order."""
    (folder / "sitecustomize.py").write_text(LISTENER)
    calls = folder / "calls"
    environment = {
        name: value for name, value in os.environ.items() if not name.endswith(("TELEMETRY", "DO_NOT_TRACK"))
    }
    environment |= {"PYTHONPATH": str(folder), "CALLS_FILE": str(calls), "SILLON_STATE_DIR": str(folder / "state")}
    done = subprocess.run(
        list(command), cwd=folder, env=environment, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [tuple(line.split("\t", 1)) for line in calls.read_text().splitlines()] if calls.exists() else []  # type: ignore[misc]


def is_local(address: str) -> bool:
    """Whether an address as the listener wrote it is this machine: `('127.0.0.1', 80)`, `'localhost'`, a socket's path."""
    value = eval(address, {"__builtins__": {}})
    host = value[0] if isinstance(value, tuple) else value
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost") or str(host).startswith(("/", "\0")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def test_the_listener_hears_a_call(tmp_path: Path) -> None:
    """A look-up and a datagram by any Python process of the run would be heard."""
    word = (
        "import socket, subprocess, sys\n"
        "try: socket.getaddrinfo('example.invalid', 443)\n"
        "except OSError: pass\n"
        "subprocess.run([sys.executable, '-c', 'import socket; socket.socket(2, 2).connect((\"192.0.2.1\", 9))'])"
    )
    heard = called(tmp_path, sys.executable, "-c", word)
    assert [is_local(address) for _, address in heard] == [False, False]
    assert all(is_local(address) for address in ("('127.0.0.1', 80)", "'localhost'", "('::1', 80, 0, 0)", "'/tmp/x'"))


def test_a_night_calls_nobody_but_its_sources(tmp_path: Path) -> None:
    """S9: `sillon run --sandbox`, with Dagster and dbt and no switch of theirs set from outside, stays on this machine."""
    config = write_config(tmp_path / "config")

    heard = called(tmp_path, *SILLON, "run", "--sandbox", "--config", str(config), "--data", str(tmp_path / "data"))

    assert report(tmp_path / "data")["sources"]["musicbrainz"]["requests"] > 0
    assert sum(event == "socket.connect" for event, _ in heard) > 5, "the sources were asked"
    assert [(event, address) for event, address in heard if not is_local(address)] == []
