"""The message at a night's end: sent when it was asked for, never through a shell, and never the night's failure."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

from dagster_project import notify
from dagster_project.notify import NotDelivered
from ingest.settings_models import Notify
from tests.clocks import LaterClock

READ = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"


class Listener(ThreadingHTTPServer):
    """A webhook on loopback that keeps what it was sent, and answers with `status`."""

    def __init__(self, status: int) -> None:
        self.status, self.got = status, []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook/very-secret"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Listener)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.got.append((self.headers["Content-Type"], self.headers["User-Agent"], body))
        self.send_response(server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    server = Listener(getattr(request, "param", 200))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def by_command(command: str) -> Notify:
    return Notify(when="always", command=command)


@pytest.mark.parametrize(
    ("when", "status", "doubts", "wanted"),
    [
        ("failure", "success", [], False),
        ("failure", "partial", ["discogs: down"], False),
        ("failure", "failed", [], True),
        ("doubt", "success", [], False),
        ("doubt", "partial", ["discogs: down"], True),
        ("doubt", "failed", [], True),
        ("always", "success", [], True),
    ],
)
def test_it_is_sent_when_it_was_asked_for(when: str, status: str, doubts: list[str], wanted: bool) -> None:
    """failure < doubt < always, each including the one before."""
    chosen = Notify.model_validate({"when": when, "command": "true"})

    assert notify.is_wanted(chosen, status, doubts) is wanted
    assert not notify.is_wanted(None, status, doubts)


def test_the_command_reads_the_summary(tmp_path: Path) -> None:
    """The summary comes as JSON on standard input, with every character whole."""
    target = tmp_path / "a file with blanks.json"
    message = {"status": "partial", "report": "Café Ünïcode 音楽"}

    notify.send(by_command(f"'{sys.executable}' -c '{READ}' '{target}'"), message, LaterClock())

    assert json.loads(target.read_text(encoding="utf-8")) == message


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    """What a shell would run, redirect or expand is a word like any other."""
    trace = tmp_path / "trace"

    notify.send(by_command(f"echo $(touch {trace}) ; touch {trace} > {trace}"), {}, LaterClock())

    assert not trace.exists()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("/nowhere/at/all", id="is not there"),
        pytest.param("false", id="fails"),
        pytest.param("'unbalanced", id="is no command line"),
        pytest.param("   ", id="is blank"),
    ],
)
def test_a_command_that_fails_is_told(command: str) -> None:
    """Why the message did not go out, in one line."""
    with pytest.raises(NotDelivered) as failure:
        notify.send(by_command(command), {}, LaterClock())

    assert "notify" in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_webhook_is_posted_once(listener: Listener, tmp_path: Path) -> None:
    """JSON, with who we are; a webhook that answers something else than JSON has the message all the same."""
    chosen = Notify(when="always", webhook=SecretStr(listener.address))

    notify.send(chosen, {"status": "success"}, LaterClock(), contact="me@example.org", state_dir=tmp_path)

    [(kind, agent, body)] = listener.got
    assert kind == "application/json"
    assert agent.startswith("Sillon/")
    assert "me@example.org" in agent
    assert json.loads(body) == {"status": "success"}


@pytest.mark.parametrize("listener", [400, 403, 500], indirect=True)
def test_a_webhook_that_refuses_is_told_without_its_address(listener: Listener, tmp_path: Path) -> None:
    """The address of a webhook is often its key: it stands in no message."""
    chosen = Notify(when="always", webhook=SecretStr(listener.address))

    with pytest.raises(NotDelivered) as failure:
        notify.send(chosen, {}, LaterClock(), state_dir=tmp_path)

    assert "127.0.0.1" in str(failure.value)
    assert "very-secret" not in str(failure.value)


def test_nobody_there_is_told(tmp_path: Path) -> None:
    """A webhook that does not exist costs the night seconds, not its success."""
    chosen = Notify(when="always", webhook=SecretStr("http://127.0.0.1:9/hook"))

    with pytest.raises(NotDelivered):
        notify.send(chosen, {}, LaterClock(), state_dir=tmp_path)
