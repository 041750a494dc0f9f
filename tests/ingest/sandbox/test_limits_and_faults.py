"""Pacing refusals and faults by script: each looks as it does in life, and the ledger knows of it."""

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from ingest.sandbox import Catalogue, Fault, Sandbox
from ingest.sandbox.faults import KINDS, read
from ingest.sandbox.sample import CATALOGUE

AGENT = {"User-Agent": "Sillon/0.1 ( somebody@example.org )"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(CATALOGUE)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers=AGENT, timeout=1) as made:
        yield made


def look_up(sandbox: Sandbox, client: httpx.Client) -> httpx.Response:
    ident = next(iter(sandbox.catalogue.groups))
    return client.get(f"{sandbox.base_urls['musicbrainz']}/ws/2/release-group/{ident}?fmt=json")


def metadata(sandbox: Sandbox, client: httpx.Client) -> httpx.Response:
    ident = next(iter(sandbox.catalogue.groups))
    url = f"{sandbox.base_urls['listenbrainz']}/1/metadata/release_group/"
    return client.get(url, params={"release_group_mbids": ident, "inc": "artist tag release"})


def test_asking_too_fast_is_refused_in_musicbrainz_words(catalogue: Catalogue, client: httpx.Client) -> None:
    """Two look-ups within a second: the second is a 503 that names our own address; a second later all is well."""
    with Sandbox(catalogue) as sandbox:
        assert look_up(sandbox, client).status_code == 200
        refused = look_up(sandbox, client)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.headers["x-ratelimit-zone"].startswith("ws ip=")
        assert "exceeding the allowable rate limit" in refused.json()["error"]
        time.sleep(1.0)
        assert look_up(sandbox, client).status_code == 200
        assert sandbox.smallest_gap("musicbrainz") < 0.5
        assert [entry.status for entry in sandbox.ledger] == [200, 503, 200]


def test_discogs_minute_is_shorter_without_a_token(catalogue: Catalogue, client: httpx.Client) -> None:
    """The 26th request of a minute is refused without a credential."""
    with Sandbox(catalogue) as sandbox:
        statuses = [client.get(f"{sandbox.base_urls['discogs']}/releases/1").status_code for _ in range(26)]
    assert statuses == [404] * 25 + [429]


def test_listenbrainz_window_closes_with_its_headers(catalogue: Catalogue, client: httpx.Client) -> None:
    """The 31st request of ten seconds is a 429 that says when the window opens."""
    with Sandbox(catalogue) as sandbox:
        answers = [metadata(sandbox, client) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert 1 <= int(answers[-1].headers["X-RateLimit-Reset-In"]) <= 10


STATUSES = {"shed": 503, "excess": 429, "html": 200, "ban": 403, "error": 500, "long_retry_after": 429}


@pytest.mark.parametrize("kind", STATUSES)
def test_a_wrong_answer_looks_like_one(catalogue: Catalogue, client: httpx.Client, kind: str) -> None:
    """Faults that answer do so with the status of real ones, and the ledger names them."""
    with Sandbox(catalogue, limits=False, faults=[f"listenbrainz:{kind}"]) as sandbox:
        answer = metadata(sandbox, client)
        assert answer.status_code == STATUSES[kind]
        assert look_up(sandbox, client).status_code == 200, "the other sources are well"
        assert [entry.fault for entry in sandbox.ledger] == [kind, ""]
    if kind == "long_retry_after":
        assert int(answer.headers["retry-after"]) > 7200
    if kind == "shed":
        assert answer.headers["retry-after"] == "0"


BROKEN = {
    "refuse": httpx.ConnectError, "truncate": httpx.RemoteProtocolError, "hang": httpx.ReadTimeout,
    "reset": (httpx.ReadError, httpx.RemoteProtocolError), "loop": httpx.TooManyRedirects,
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_connection_is_broken(catalogue: Catalogue, client: httpx.Client, kind: str) -> None:
    """Faults of the connection raise in the client what real ones raise."""
    client.follow_redirects = True
    with Sandbox(catalogue, limits=False, faults=[Fault("*", kind)]) as sandbox, pytest.raises(BROKEN[kind]):
        metadata(sandbox, client)


def test_an_honest_half_is_no_json(catalogue: Catalogue, client: httpx.Client) -> None:
    """Every second truncated answer has an honest length: only its JSON is broken."""
    with Sandbox(catalogue, limits=False, faults=["listenbrainz:truncate"]) as sandbox:
        with pytest.raises(httpx.RemoteProtocolError):
            metadata(sandbox, client)
        half = metadata(sandbox, client)
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        half.json()


def test_dripping_never_trips_a_read_timeout(catalogue: Catalogue, client: httpx.Client) -> None:
    """A byte every half second: after more than a second less than a handful of bytes has come, and no timeout."""
    with Sandbox(catalogue, limits=False, faults=["listenbrainz:drip"]) as sandbox:
        url = f"{sandbox.base_urls['listenbrainz']}/1/metadata/release_group/?release_group_mbids="
        started, bytes_read = time.monotonic(), 0
        with client.stream("GET", url + next(iter(catalogue.groups))) as answer:
            for chunk in answer.iter_raw(1):
                bytes_read += len(chunk)
                if time.monotonic() - started > 1.2:
                    break
    assert 0 < bytes_read < 6


def test_a_huge_answer_goes_on(catalogue: Catalogue, client: httpx.Client) -> None:
    """More bytes come than any answer has; leaving early harms nobody."""
    with Sandbox(catalogue, limits=False, faults=["listenbrainz:huge"]) as sandbox:
        with client.stream("GET", f"{sandbox.base_urls['listenbrainz']}/1/metadata/release_group/") as answer:
            total = 0
            for chunk in answer.iter_raw():
                total += len(chunk)
                if total > 20 * 2**20:
                    break
        assert total > 20 * 2**20


def test_faults_keep_to_their_calls_and_their_share(catalogue: Catalogue, client: httpx.Client) -> None:
    """`calls=2-3` strikes the second and third call; a share of 0.3 strikes about that part, the same each time."""
    with Sandbox(catalogue, limits=False, faults=["musicbrainz:error:calls=2-3"]) as sandbox:
        assert [look_up(sandbox, client).status_code for _ in range(4)] == [200, 500, 500, 200]
    runs = []
    for _ in range(2):
        with Sandbox(catalogue, limits=False, faults=["musicbrainz:shed:share=0.3"]) as sandbox:
            runs.append([look_up(sandbox, client).status_code for _ in range(100)])
    assert runs[0] == runs[1]
    assert 18 <= runs[0].count(503) <= 42


def test_scripts_are_read_or_refused_by_name() -> None:
    """A script line says source, kind and range; what is not known is named."""
    (fault,) = read(["spotify:long_retry_after:seconds=12471:as_date"])
    assert (fault.seconds, fault.as_date) == (12471.0, True)
    assert len(KINDS) >= 11
    for wrong in ("nowhere:shed", "spotify:nonsense", "spotify:shed:colour=blue"):
        with pytest.raises(ValueError, match=r"nowhere|nonsense|colour"):
            read([wrong])


def test_fixed_ports_lie_in_a_row(catalogue: Catalogue) -> None:
    """With a port, the six sources take six ports from there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        first = probe.getsockname()[1]
    if first > 65000:
        pytest.skip("the free port that was found lies too high for six in a row")
    with Sandbox(catalogue, port=first) as sandbox:
        assert [int(url.rsplit(":", 1)[1]) for url in sandbox.base_urls.values()] == list(range(first, first + 6))
