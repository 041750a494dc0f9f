"""The one client: what the network and the sources can do to us, and what we make of it."""

import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from ingest import errors
from ingest.breaker import FAILURES_TO_CLOSE, SourceStates
from ingest.client import Client
from ingest.clock import SystemClock
from ingest.pacing import Gate
from ingest.retries import LONGEST_WAIT_S
from ingest.settings import SourceAccess
from tests.ingest.conftest import FakeClock

BASE = "https://example.org"
Handler = Callable[[httpx.Request], httpx.Response]
AskedClient = Callable[..., Client]


@pytest.fixture
def client_of(connection: duckdb.DuckDBPyConnection, clock: FakeClock, tmp_path: Path) -> AskedClient:
    """Makes a client whose network is a function."""

    def make(handler: Handler, word: str = "musicbrainz", **options: Any) -> Client:
        access = SourceAccess(
            word=word, base_url=options.pop("base_url", BASE), user_agent="Sillon/0 ( a@b.org )", min_interval_s=0.001
        )
        gate = Gate(word, 0.001, tmp_path / "pace", options.get("clock", clock))
        states = SourceStates(connection, options.get("clock", clock))
        return Client(
            access,
            gate=gate,
            states=states,
            transport=httpx.MockTransport(handler),
            **{"clock": clock, "jitter": lambda: 0.5} | options,
        )

    return make


def always(*args: Any, **kwargs: Any) -> Handler:
    return lambda _: httpx.Response(*args, **kwargs)


def in_turn(*responses: httpx.Response) -> Handler:
    left = list(responses)
    return lambda _: left.pop(0)


def test_an_answer_is_told_as_received(client_of: AskedClient) -> None:
    """The question goes out as asked, with our agent; the answer comes back with its text, status and address."""
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, text='{"a": [1, "é"]}', headers={"X-One": "two", "Set-Cookie": "a=b"})

    client = client_of(handler, base_url=f"{BASE}/mirror/")
    answer = client.get("/ws/2/url", [("resource", "u 1"), ("resource", "u&2")], {"X-Mine": "3"})

    assert str(asked[0].url) == f"{BASE}/mirror/ws/2/url?resource=u+1&resource=u%262" == answer.url
    assert asked[0].headers["user-agent"] == "Sillon/0 ( a@b.org )"
    assert asked[0].headers["x-mine"] == "3"
    assert (answer.status, answer.headers["x-one"], answer.text) == (200, "two", '{"a": [1, "é"]}')
    assert answer.fetched_at.tzinfo is UTC
    assert client.json(answer) == {"a": [1, "é"]}
    assert (client.requests, client.answers) == (1, 1)
    client.get("/again")
    assert "cookie" not in asked[1].headers


def test_a_404_is_an_answer(client_of: AskedClient) -> None:
    """N10: "There is none" is an answer, asked once; where it is not expected it is a bad question, asked once too."""
    client = client_of(always(404, text="<html>not found</html>"))
    assert client.get("/a").status == 404
    with pytest.raises(errors.BadQuestion):
        client.get("/a", accept=(200,))
    assert client.requests == 2


BUSY = {"error": "The MusicBrainz web server is currently busy. Please try again later."}
EXCESS = {"error": "Your requests are exceeding the allowable rate limit. Please see the documentation."}
NO_AGENT = {"error": "Your request has not identified itself."}


@pytest.mark.parametrize(
    ("response", "kind", "requests"),
    [
        (httpx.Response(503, json=EXCESS, headers={"x-ratelimit-zone": "ws ip=1", "retry-after": "1"}), "RateLimited", 6),
        (httpx.Response(503, json=BUSY, headers={"x-ratelimit-zone": "global", "retry-after": "0"}), "LoadShed", 6),
        (httpx.Response(503, json={}, headers={"x-ratelimit-zone": "search-global"}), "LoadShed", 6),
        (httpx.Response(503, text="<html/>", headers={"retry-after": "0"}), "LoadShed", 6),
        (httpx.Response(503, text="down for maintenance"), "ServerFault", 6),
        (httpx.Response(500, text="oops"), "ServerFault", 6),
        (httpx.Response(408), "ServerFault", 6),
        (httpx.Response(429, json={"message": "slow down"}), "RateLimited", 6),
        (httpx.Response(200, text="<!doctype html><html>Welcome to the hotel</html>"), "GarbledAnswer", 3),
        (httpx.Response(200, text=""), "GarbledAnswer", 3),
        (httpx.Response(200, text='{"a": 1'), "GarbledAnswer", 3),
        (httpx.Response(200, text='{"a": 1,}'), "GarbledAnswer", 3),
        (httpx.Response(200, text='{"a": NaN}'), "GarbledAnswer", 3),
        (httpx.Response(200, text='{"a": -Infinity}'), "GarbledAnswer", 3),
        (httpx.Response(200, text="[" * 10_000 + "]" * 10_000), "GarbledAnswer", 3),
        (httpx.Response(200, text='{"a": ' + "9" * 10_000 + "}"), "GarbledAnswer", 3),
        (httpx.Response(200, content=b"\xff\xfe\xff\xff\xff", headers={"content-type": "text/plain"}), "GarbledAnswer", 3),
        (httpx.Response(200, content=b"{}", headers={"content-length": "1000"}), "GarbledAnswer", 3),
        (httpx.Response(304), "GarbledAnswer", 3),
        (httpx.Response(302), "GarbledAnswer", 3),
        (httpx.Response(400, json={"error": "bad"}), "BadQuestion", 1),
        (httpx.Response(410), "BadQuestion", 1),
        (httpx.Response(414), "BadQuestion", 1),
        (httpx.Response(401, json={"message": "You must authenticate"}), "Refused", 1),
        (httpx.Response(403, json=NO_AGENT, headers={"x-ratelimit-who": "ua-missing"}), "Refused", 1),
        (httpx.Response(403, text="Active premium subscription required for the owner of the app."), "Refused", 1),
        (httpx.Response(403, json={"error": "Your access has been blocked."}), "Banned", 1),
        (httpx.Response(451), "Banned", 1),
        (httpx.Response(302, headers={"location": "https://elsewhere.org/"}), "ForbiddenRedirect", 1),
        (httpx.Response(302, headers={"location": "http://example.org/"}), "ForbiddenRedirect", 1),
        (httpx.Response(302, headers={"location": "https://example.org:8443/"}), "ForbiddenRedirect", 1),
        (httpx.Response(301, headers={"location": "http://169.254.169.254/latest"}), "ForbiddenRedirect", 1),
        (httpx.Response(301, headers={"location": "file:///etc/passwd"}), "ForbiddenRedirect", 1),
        (httpx.Response(301, headers={"location": "https://me:canary@example.org/"}), "ForbiddenRedirect", 1),
        (httpx.Response(301, headers={"location": f"{BASE}/a"}), "RedirectLoop", 1),
    ],
)  # fmt: skip
def test_each_failure_is_told_apart(client_of: AskedClient, response: httpx.Response, kind: str, requests: int) -> None:
    """N7, N8, N9, N10, N11, N12: every wrong answer has its own name, and is tried again only where that can change it."""
    client = client_of(
        lambda _: httpx.Response(response.status_code, headers=response.headers, content=response.content)
    )
    with pytest.raises(errors.SourceError) as caught:
        client.get("/a")

    assert type(caught.value).__name__ == kind
    assert caught.value.source == "musicbrainz"
    assert "\n" not in caught.value.line
    assert client.requests == requests
    assert client.answers == 0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("[Errno -2] Name or service not known"), errors.Unreached),
        (httpx.ConnectTimeout(""), errors.Unreached),
        (httpx.ReadError(""), errors.NetworkDown),
        (httpx.ProxyError("407"), errors.Unreached),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), errors.NetworkDown),
        (httpx.RemoteProtocolError("peer closed connection without sending complete message body"), errors.GarbledAnswer),
        (httpx.RemoteProtocolError("illegal status line"), errors.GarbledAnswer),
        (httpx.ReadTimeout(""), errors.DeadlineExceeded),
        (httpx.LocalProtocolError("Illegal header value b'canary'"), errors.BadQuestion),
    ],
)  # fmt: skip
def test_each_broken_connection_is_told_apart(
    client_of: AskedClient, error: httpx.HTTPError, kind: type[errors.SourceError]
) -> None:
    """N1, N4, N18: what the connection does has our names, and nothing of the HTTP library's error sticks to it."""

    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(kind) as caught:
        client_of(handler).get("/a")
    assert caught.value.__context__ is None
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff[1]".encode(),
        "[1]".encode("utf-16"),
        '["é"]'.encode(),
        '["é"]'.encode("latin-1"),
    ],
    ids=["byte order mark", "utf-16", "utf-8 declared latin-1", "latin-1"],
)
def test_charset_is_what_the_bytes_say(client_of: AskedClient, content: bytes) -> None:
    """N12: odd encodings and wrong declarations are read all the same."""
    client = client_of(always(200, content=content, headers={"content-type": "application/json; charset=iso-8859-1"}))

    assert client.json(client.get("/a")) in ([1], ["é"])


def test_thirty_percent_shed_costs_waits_not_answers(client_of: AskedClient, clock: FakeClock) -> None:
    """N7: a shed request is asked again after growing waits, never at once, whatever `Retry-After: 0` says."""
    shed = httpx.Response(503, json=BUSY, headers={"retry-after": "0"})
    client = client_of(in_turn(shed, shed, shed, httpx.Response(200, json={})))

    assert client.get("/a").status == 200
    waits = [seconds for seconds in clock.slept if seconds >= 1]
    assert waits == [2.0, 4.0, 8.0]


def test_waits_of_two_clients_differ(client_of: AskedClient, clock: FakeClock) -> None:
    """Jitter keeps clients from coming back in step."""
    client = client_of(always(500), jitter=lambda: 0.0)
    with pytest.raises(errors.ServerFault):
        client.get("/a")
    waits = [seconds for seconds in clock.slept if seconds >= 1]

    assert waits == [1.5, 3.0, 6.0, 12.0, 22.5]


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [
        ("7", 7, 7),
        ("119.5", 119.5, 119.5),
        (format_datetime(datetime(2026, 11, 22, 2, 0, 30, tzinfo=UTC)), 25, 30),
        (format_datetime(datetime(2020, 1, 1, tzinfo=UTC)), 2, 2),
        ("-5", 2, 2),
        ("soon", 30, 30),
        ("nan", 30, 30),
        ("0", 2, 2),
        ("", 30, 30),
    ],
)
def test_retry_after_is_heeded(client_of: AskedClient, clock: FakeClock, given: str, least: float, most: float) -> None:
    """N8: seconds and dates are waited for; the past means our own wait, nonsense and nothing half a minute."""
    client = client_of(in_turn(httpx.Response(429, headers={"retry-after": given}), httpx.Response(200, json=[])))
    client.get("/a")
    (wait,) = [seconds for seconds in clock.slept if seconds >= 1]

    assert least <= wait <= most


@pytest.mark.parametrize("given", ["79892", format_datetime(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)), "1e15"])
def test_nobody_sleeps_through_a_long_retry_after(
    client_of: AskedClient, clock: FakeClock, connection: duckdb.DuckDBPyConnection, given: str
) -> None:
    """N8: above two minutes the source is closed until then; the next question, of this run or the next, is not sent."""
    client = client_of(always(429, headers={"retry-after": given}), word="spotify")
    for _ in range(2):
        with pytest.raises(errors.SourceClosed) as caught:
            client.get("/a")
    with pytest.raises(errors.SourceClosed):
        SourceStates(connection, clock).check("spotify")

    assert client.requests == 1
    assert sum(clock.slept) < LONGEST_WAIT_S
    assert caught.value.until is not None
    assert clock.now() < caught.value.until <= clock.now() + timedelta(days=7)


def test_five_failed_questions_leave_the_source_alone(client_of: AskedClient) -> None:
    """After five questions without an answer nothing more is sent."""
    client = client_of(always(500))
    for _ in range(5):
        with pytest.raises(errors.ServerFault):
            client.get("/a")
    sent = client.requests
    with pytest.raises(errors.SourceClosed):
        client.get("/a")

    assert client.requests == sent


def test_refused_questions_do_not_close_a_healthy_source(client_of: AskedClient) -> None:
    """A source that answers 400 is there: bad questions of ours never close it."""
    client = client_of(always(400, json={}))
    for _ in range(10):
        with pytest.raises(errors.BadQuestion):
            client.get("/a")


def test_a_ban_is_met_once(client_of: AskedClient) -> None:
    """N9: whoever shuts us out is not asked again tonight."""
    client = client_of(always(403, text="You have been banned."))
    with pytest.raises(errors.Banned):
        client.get("/a")
    with pytest.raises(errors.SourceClosed):
        client.get("/a")
    assert client.requests == 1


def test_own_host_is_followed_and_paced(client_of: AskedClient) -> None:
    """N10: a redirect within the host is followed, with our headers; the answer tells where it came from."""
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.path == "/old":
            return httpx.Response(301, headers={"location": "/new?x=1"})
        return httpx.Response(200, json={})

    answer = client_of(handler).get("/old", headers={"Authorization": "Discogs token=t"})

    assert answer.url == f"{BASE}/new?x=1"
    assert asked[1].headers["authorization"] == "Discogs token=t"
    assert asked[1].headers["host"] == "example.org"


def test_long_chains_end(client_of: AskedClient) -> None:
    """N11: a chain of ever new addresses is a loop too."""
    steps = iter(range(1000))
    client = client_of(lambda _: httpx.Response(302, headers={"location": f"/{next(steps)}"}))
    with pytest.raises(errors.RedirectLoop):
        client.get("/a")
    assert client.requests < 10


def test_accepted_redirect_is_the_answer(client_of: AskedClient) -> None:
    """The Cover Art Archive's 307 is kept, not followed; one that leads to a private place is no answer."""
    location = "https://archive.org/download/mbid-1/1-500.jpg"
    client = client_of(always(307, headers={"location": location}), word="cover_art_archive")
    answer = client.get("/release-group/1/front-500", accept=(307, 404))

    assert (answer.status, answer.headers["location"], client.requests) == (307, location, 1)
    for place in ("http://169.254.169.254/latest", "http://localhost/x", "http://10.0.0.1/", "file:///etc/passwd"):
        private = client_of(always(307, headers={"location": place}), word="cover_art_archive")
        with pytest.raises(errors.ForbiddenRedirect):
            private.get("/release-group/1/front-500", accept=(307, 404))


def test_credentials_stay_at_home(client_of: AskedClient) -> None:
    """N11: no redirect takes a key to another host, and a POST is never sent on."""
    hosts: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://evil.example.com/"})

    client = client_of(handler, word="discogs")
    with pytest.raises(errors.ForbiddenRedirect):
        client.get("/a", headers={"Authorization": "Discogs token=canary"})
    with pytest.raises(errors.ForbiddenRedirect):
        client.post("/a", {"client_secret": "canary"})
    assert hosts == ["example.org", "example.org"]


def test_secrets_are_in_headers_only(client_of: AskedClient, caplog: pytest.LogCaptureFixture) -> None:
    """S1: no key shows in an answer, an error, a log line or what is printed of the client."""
    caplog.set_level(logging.DEBUG, logger="ingest")
    texts: list[str] = []
    for handler in (always(200, json={}), always(401), always(500), always(302, headers={"location": "http://x.org/"})):
        client = client_of(handler, word="discogs")
        for ask in (
            lambda client: client.get("/a", {"token": "canary", "q": "x"}, {"Authorization": "Discogs token=canary"}),
            lambda client: client.get("https://me:canary@example.org/a"),
            lambda client: client.post("/a", {"client_secret": "canary"}, {"Authorization": "Basic canary"}),
            lambda client: client.get("/a", headers={"Authorization": "canary\r\nX: y"}),
        ):
            try:
                answer = ask(client)
                texts += [repr(answer), answer.url]
            except errors.SourceError as error:
                texts += [repr(error), str(error), repr(error.__dict__), repr(error.__cause__), repr(error.__context__)]
        texts.append(repr(client))

    assert "canary" not in "".join(texts) + caplog.text
    assert "token=***&q=x" in "".join(texts)


def test_big_answer_is_left(client_of: AskedClient) -> None:
    """More than the cap is not read, and not asked for again."""
    client = client_of(always(200, content=b"[" + b" " * 2000), max_bytes=1000)
    with pytest.raises(errors.OversizedBody):
        client.get("/a")
    assert client.requests == 1


def test_small_archive_of_a_huge_text_stops_at_the_cap(client_of: AskedClient) -> None:
    """N6: the cap holds for what comes out of the archive, not for what goes in."""
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    client = client_of(always(200, content=bomb, headers={"content-encoding": "gzip"}), max_bytes=1_000_000)
    with pytest.raises(errors.OversizedBody):
        client.get("/a")


@pytest.mark.parametrize(
    ("content", "encoding", "is_fine"),
    [
        (gzip.compress(b'{"a": 1}'), "gzip", True),
        (gzip.compress(b'{"a": 1}')[:-9], "gzip", False),
        (b"not compressed", "gzip", False),
        (b"{}", "zstd", False),
    ],
    ids=["whole", "cut short", "broken", "never asked for"],
)
def test_compressed_answers(client_of: AskedClient, content: bytes, encoding: str, is_fine: bool) -> None:
    """A compressed answer is read, a broken one is garbled."""
    # A stream: httpx would otherwise decode it while the response is made.
    client = client_of(
        lambda _: httpx.Response(200, stream=httpx.ByteStream(content), headers={"content-encoding": encoding})
    )
    if is_fine:
        assert client.json(client.get("/a")) == {"a": 1}
    else:
        with pytest.raises(errors.GarbledAnswer):
            client.get("/a")


def test_run_deadline_is_never_passed(client_of: AskedClient, clock: FakeClock) -> None:
    """Waits that would end after the run's time are not begun, and nothing is asked after it."""
    end = clock.monotonic() + 10.0
    client = client_of(always(503, json=BUSY), run_deadline=end)
    with pytest.raises(errors.LoadShed):
        client.get("/a")
    assert clock.monotonic() <= end
    sent = client.requests
    clock.seconds = end
    with pytest.raises(errors.SourceClosed, match="time for asking is spent"):
        client.get("/a")
    assert client.requests == sent


def test_end_of_the_night_is_no_failure_of_the_source(client_of: AskedClient, clock: FakeClock) -> None:
    """A request that the run's own deadline cuts off is not counted against the source."""

    def handler(_: httpx.Request) -> httpx.Response:
        clock.seconds += 60
        raise httpx.ReadTimeout("")

    client = client_of(handler, run_deadline=clock.monotonic() + 30)
    with pytest.raises(errors.SourceClosed, match="time for asking is spent"):
        client.get("/a")
    assert client._states.state("musicbrainz").failures_in_a_row == 0


def test_question_that_is_no_address(client_of: AskedClient) -> None:
    """A question that cannot be put into an address is ours to mend, and is not sent."""
    client = client_of(always(200, json={}))
    for path in ("/a\x00b", "https://example.org:port/", "https://xn--.org/"):
        with pytest.raises(errors.BadQuestion):
            client.get(path)


class Hasty(SystemClock):
    """The machine's clock, except that nobody waits long."""

    def sleep(self, seconds: float) -> None:
        super().sleep(min(seconds, 0.01))


@contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on the loopback that reads a request and then does as it likes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with connection:
            try:
                while connection.recv(65536):
                    behave(connection)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    with listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def real_client(url: str, connection: duckdb.DuckDBPyConnection, folder: Path, **options: Any) -> Client:
    clock = Hasty()
    access = SourceAccess(word="discogs", base_url=url, user_agent="Sillon/0", min_interval_s=0.001, timeout_s=0.4)
    states = SourceStates(connection, clock)
    return Client(access, gate=Gate("discogs", 0.001, folder, clock), clock=clock, states=states, **options)


def drip(head: bytes, tail: bytes) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        connection.sendall(head)
        for number in range(len(tail)):
            connection.sendall(tail[number : number + 1])
            time.sleep(0.1)

    return behave


@pytest.mark.parametrize(
    "behave",
    [
        lambda connection: time.sleep(3),
        drip(b"", b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"a" * 100),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 20),
    ],
    ids=["no byte", "headers byte by byte", "body byte by byte", "chunks without end"],
)
def test_slow_server_meets_the_total_deadline(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, behave: Callable[[socket.socket], None]
) -> None:
    """N2, N3: a byte now and then never trips a read timeout; the whole request has a deadline, headers and body."""
    with server(behave) as url, real_client(url, connection, tmp_path, request_deadline_s=0.6) as client:
        start = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            client.get("/a")

        assert time.monotonic() - start < 2 * 0.6 + 1.0
        assert client.requests == 2


def test_stop_ends_a_hung_request_soon(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Ctrl-C does not wait for a silent server."""
    clock = SystemClock()
    with server(lambda _: time.sleep(20)) as url:
        access = SourceAccess(word="discogs", base_url=url, user_agent="Sillon/0", min_interval_s=0.001)
        gate, states = Gate("discogs", 0.001, tmp_path, clock), SourceStates(connection, clock)
        with Client(access, gate=gate, clock=clock, states=states) as client:
            threading.Timer(0.2, clock.stop).start()
            start = time.monotonic()
            with pytest.raises(KeyboardInterrupt):
                client.get("/a")

    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", errors.GarbledAnswer),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", errors.GarbledAnswer),
        (b"220 mail.example.org ESMTP\r\n\r\n", errors.GarbledAnswer),
        (b"", errors.NetworkDown),
    ],
    ids=["body cut short", "chunks cut short", "another protocol", "hung up"],
)
def test_broken_off_answers(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, reply: bytes, kind: type[errors.SourceError]
) -> None:
    """N4, N5: a connection that ends too soon gives no answer."""

    def behave(talking: socket.socket) -> None:
        talking.sendall(reply)
        talking.shutdown(socket.SHUT_RDWR)

    with server(behave) as url, real_client(url, connection, tmp_path) as client, pytest.raises(kind):
        client.get("/a")


def test_endless_body_is_left_at_the_cap(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """N6: a body without end costs the cap, not the memory."""

    def behave(talking: socket.socket) -> None:
        talking.sendall(b"HTTP/1.1 200 OK\r\n\r\n[")
        while True:
            talking.sendall(b"1," * 50_000)

    with server(behave) as url, real_client(url, connection, tmp_path, max_bytes=1_000_000) as client:
        with pytest.raises(errors.OversizedBody):
            client.get("/a")
        assert client.requests == 1


def test_nobody_there(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """N1: a refused connection is a dead network, tried a few times."""
    with server(lambda _: None) as url:
        pass
    with real_client(url, connection, tmp_path) as client, pytest.raises(errors.Unreached, match="cannot be reached"):
        client.get("/a")


@pytest.mark.parametrize(
    ("error", "is_over"), [(httpx.ConnectError("Name or service not known"), True), (httpx.ReadError(""), False)]
)
def test_a_cable_that_was_pulled(
    client_of: AskedClient, clock: FakeClock, error: httpx.HTTPError, is_over: bool
) -> None:
    """N1: five questions without a connection, three tries each, close for minutes; a source that hangs up, for hours."""
    broken = [error] * (3 * FAILURES_TO_CLOSE)

    def handler(_: httpx.Request) -> httpx.Response:
        if broken:
            raise broken.pop()
        return httpx.Response(200, json=[1])

    client = client_of(handler)
    for _ in range(FAILURES_TO_CLOSE):
        with pytest.raises(errors.NetworkDown):
            client.get("/a")
    assert not broken
    with pytest.raises(errors.SourceClosed):
        client.get("/a")

    clock.sleep(16 * 60)

    if is_over:
        assert client.json(client.get("/a")) == [1]
    else:
        with pytest.raises(errors.SourceClosed):
            client.get("/a")


def test_keep_alive_is_used_and_paced(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Requests share a connection, and the source counts them at the pace it was promised."""
    times: list[float] = []

    def behave(talking: socket.socket) -> None:
        times.append(time.monotonic())
        talking.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    clock = SystemClock()
    with server(behave) as url:
        access = SourceAccess(word="musicbrainz", base_url=url, user_agent="Sillon/0", min_interval_s=0.2)
        gate = Gate("musicbrainz", 0.2, tmp_path, clock)
        with Client(access, gate=gate, clock=clock, states=SourceStates(connection, clock)) as client:
            for _ in range(4):
                client.get("/a")

    assert min(later - earlier for earlier, later in zip(times, times[1:], strict=False)) >= 0.2  # noqa: RUF007


RECORDED = Path(__file__).parents[2] / "../shared/contracts/recorded"


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers beside this checkout")
def test_recorded_answers_are_read(client_of: AskedClient) -> None:
    """Every answer that was once received from a source is one that the client takes."""
    found = sorted(RECORDED.glob("*/*.json"))
    assert found
    for path in found:
        content = path.read_bytes()
        client = client_of(lambda _, content=content: httpx.Response(200, content=content))
        assert client.json(client.get("/a")) == json.loads(content)
