"""The sandbox itself: six HTTP servers on loopback, one per base address of the configuration, and a ledger.

Each source has a port of its own, so that addresses can be joined in any way. Sockets, threads and the ledger live here; what
a source answers stands in its own module, how a fault misbehaves in misbehaviour.py.
"""

import itertools
import socket
import threading
import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple

from ingest.sandbox import misbehaviour
from ingest.sandbox.catalogue import Catalogue
from ingest.sandbox.cover_art_archive import CoverArtArchive
from ingest.sandbox.discogs import Discogs
from ingest.sandbox.exchange import Reply, Request, Source
from ingest.sandbox.faults import SOURCES, Fault, read
from ingest.sandbox.listenbrainz import ListenBrainz
from ingest.sandbox.musicbrainz import MusicBrainz
from ingest.sandbox.spotify import Spotify, SpotifyToken


class Entry(NamedTuple):
    """One request as the ledger keeps it. `time` is monotonic seconds at arrival;
    `status` 0: no answer began; `fault` is "" when none struck; `body` is what came with a POST."""

    time: float
    source: str
    method: str
    path: str
    status: int
    fault: str
    body: str = ""


class Sandbox:
    """A stand-in for the five web sources, as a context manager.

    Args:
        catalogue: what there is to be found.
        limits: whether pacing refusals are given, as the real services do.
        faults: Fault objects or script lines (faults.py).
        port: 0 for any six free ports, else the first of six in a row.
    """

    def __init__(
        self, catalogue: Catalogue, *, limits: bool = True, faults: Iterable[Fault | str] = (), port: int = 0
    ) -> None:
        self.catalogue = catalogue
        self.faults = read(faults)
        self.ledger: list[Entry] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._calls = dict.fromkeys(SOURCES, 0)
        self._port = port
        self._servers: dict[str, _Server] = {}
        self._started = 0.0
        spotify = Spotify(catalogue, limits=limits)
        self._sources: dict[str, Source] = {
            "musicbrainz": MusicBrainz(catalogue, limits=limits),
            "listenbrainz": ListenBrainz(catalogue, limits=limits),
            "cover_art_archive": CoverArtArchive(catalogue, limits=limits),
            "discogs": Discogs(catalogue, limits=limits),
            "spotify": spotify,
            "spotify_token": SpotifyToken(spotify),
        }

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Opens the ports. Raises OSError if a fixed port is taken."""
        self._started = time.monotonic()
        for place, source in enumerate(SOURCES):
            deaf = any(f.kind == "refuse" and f.is_total and f.source in (source, "*") for f in self.faults)
            server = _Server(self, source, self._port + place if self._port else 0, deaf=deaf)
            self._servers[source] = server
            if not deaf:
                threading.Thread(
                    target=server.serve_forever, args=(0.02,), daemon=True, name=f"sandbox-{source}"
                ).start()

    def stop(self) -> None:
        """Closes the ports and ends whatever hangs."""
        self.stopping.set()
        for server in self._servers.values():
            if not server.deaf:
                server.shutdown()
            server.server_close()

    @property
    def base_urls(self) -> dict[str, str]:
        """Addresses for the six `base_urls` keys of the configuration, without a slash at the end."""
        return {source: f"http://127.0.0.1:{server.server_address[1]}" for source, server in self._servers.items()}

    def requests(self, source: str | None = None) -> int:
        """How many requests came, to one source or to all."""
        return sum(1 for entry in self.ledger if source in (None, entry.source))

    def smallest_gap(self, source: str) -> float:
        """The shortest time between two requests to a source, in seconds; infinite for fewer than two."""
        times = sorted(entry.time for entry in self.ledger if entry.source == source)
        return min((later - sooner for sooner, later in itertools.pairwise(times)), default=float("inf"))

    def cover_bytes(self, release_group_id: str) -> bytes:
        """The drawn front cover of a release group, a PNG."""
        return self.catalogue.cover_bytes(release_group_id)

    def _struck(self, source: str, request: Request) -> tuple[Fault | None, int]:
        with self._lock:
            self._calls[source] += 1
            call = self._calls[source]
        since = request.arrived - self._started
        return next((fault for fault in self.faults if fault.strikes(source, call, since, request.path)), None), call

    def _note(self, request: Request, source: str, status: int, fault: Fault | None) -> None:
        with self._lock:
            kind, body = fault.kind if fault else "", request.body.decode("utf-8", "replace")
            self.ledger.append(Entry(request.arrived, source, request.method, request.target, status, kind, body))

    def serve(self, source: str, request: Request, handler: "_Handler") -> None:
        """Answers one request, or misbehaves as the script says."""
        fault, call = self._struck(source, request)
        base_url = self.base_urls[source]
        reply = misbehaviour.circle(request.path, base_url)
        if reply is None and fault is not None:
            reply = misbehaviour.wrong_reply(fault, source, request, base_url)
        if reply is None and not (fault and fault.kind in ("refuse", "hang", "huge")):
            reply = self._sources[source].answer(request)
        status = reply.status if reply else 200 if fault and fault.kind == "huge" else 0
        self._note(request, source, status, fault)
        if fault is None or (reply is not None and fault.kind not in ("truncate", "drip", "reset")):
            handler.say(reply or Reply(500))
        else:
            self._misbehave(fault, call, reply, handler)

    def _misbehave(self, fault: Fault, call: int, reply: Reply | None, handler: "_Handler") -> None:
        if fault.kind == "hang":
            misbehaviour.hang(fault, self.stopping)
        elif fault.kind == "huge":
            handler.head(Reply(200), None)
            misbehaviour.huge(handler, self.stopping)
        elif fault.kind == "drip" and reply is not None:
            handler.head(reply, len(reply.body))
            misbehaviour.drip(handler, reply, self.stopping)
        elif fault.kind == "truncate" and reply is not None:
            half, length = misbehaviour.truncated(reply, call)
            handler.say(half, length)
        elif fault.kind == "reset" and reply is not None:
            handler.say(misbehaviour.truncated(reply, 1)[0], len(reply.body) + 1)
            handler.wfile.flush()
            misbehaviour.reset(handler)
        else:
            misbehaviour.reset(handler)
        handler.close_connection = True


class _Server(ThreadingHTTPServer):
    """One source's port. A deaf one is bound but does not listen: connections are refused, and nobody else gets the port."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, sandbox: Sandbox, source: str, port: int, *, deaf: bool) -> None:
        self.sandbox, self.source, self.deaf = sandbox, source, deaf
        super().__init__(("127.0.0.1", port), _Handler)

    def server_activate(self) -> None:
        if not self.deaf:
            super().server_activate()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no error of the sandbox; nothing is printed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and body in one packet: separate ones wait 40 ms for each other
    server: _Server

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length) if length else b""
        request = Request(self.command, self.path, headers, self.arrived, time.time(), body)
        self.server.sandbox.serve(self.server.source, request, self)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the names that http.server looks for

    def parse_request(self) -> bool:
        self.arrived = time.monotonic()
        return super().parse_request()

    def setup(self) -> None:
        self.arrived = time.monotonic()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def head(self, reply: Reply, length: int | None) -> None:
        """Status line and headers; without a length the end of the connection ends the body."""
        phrase = HTTPStatus(reply.status).phrase if reply.status in HTTPStatus._value2member_map_ else ""
        self.send_response_only(reply.status, phrase)
        headers = {"Date": formatdate(usegmt=True), "Server": "nginx", "Content-Type": reply.content_type} | dict(
            reply.headers
        )
        headers |= {"Connection": "close"} if length is None else {"Content-Length": str(length)}
        for name, value in headers.items():
            self.send_header(name, value)
        self.close_connection = self.close_connection or length is None
        self.end_headers()

    def say(self, reply: Reply, length: int | None = None) -> None:
        """A whole reply, claiming `length` bytes if given."""
        self.head(reply, len(reply.body) if length is None else length)
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the ledger has it all."""
