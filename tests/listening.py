"""An ear in every Python process of a run: whom it looked up, and whom it called."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

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


def listening(folder: Path) -> dict[str, str]:
    """The environment of a process that is listened to, with all that it starts; no switch of theirs is set from outside."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(LISTENER)
    kept = {name: value for name, value in os.environ.items() if not name.endswith(("TELEMETRY", "DO_NOT_TRACK"))}
    return {**kept, "PYTHONPATH": str(folder), "CALLS_FILE": str(folder / "calls")}


def heard(folder: Path) -> list[tuple[str, str]]:
    """Event and address of every call that was made, in their order."""
    lines = (folder / "calls").read_text().splitlines()
    return [(event, address) for event, _, address in (line.partition("\t") for line in lines)]


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
