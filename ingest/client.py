"""One HTTP client for every source: user agent, pacing, deadline, byte cap, status into error.

The only importer of httpx. What would differ between two APIs (paths, parameters, keys) lives in `sources/`; what a
status means in `refusals.py`, how bytes become text in `answers.py`,
what is tried again in `retries.py`. The file is over 250 lines because one
question's whole way, from the gate to the verdict, reads from top to bottom here.
"""

import contextlib
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, NoReturn

import httpx

from ingest import refusals
from ingest.answers import Answer, parse_json, read_body, text_of
from ingest.breaker import CLOSED_FOR_THE_NIGHT, LONGEST_CLOSING, SourceStates
from ingest.clock import Clock
from ingest.deadline import DeadlineBackend
from ingest.errors import (
    BadQuestion,
    Banned,
    DeadlineExceeded,
    ForbiddenRedirect,
    GarbledAnswer,
    NetworkDown,
    RedirectLoop,
    SourceClosed,
    SourceError,
    Transient,
    Unreached,
)
from ingest.pacing import Gate, heed_headers
from ingest.retries import LONGEST_WAIT_S, with_retries
from ingest.settings import SourceAccess

Params = Mapping[str, Any] | Sequence[tuple[str, Any]] | None

_CONNECT_TIMEOUT_S = 5.0
_MOST_REDIRECTS = 5


class Client:
    """Asks one source.

    Args:
        access: the source's address, agent and time without a byte.
        gate: its pace.
        clock: deadlines run on its monotonic time, waits through its sleep.
        states: which sources are left alone; told of every question that failed or was answered.
        run_deadline: monotonic second after which nothing more is asked.
        transport: stands in for the network.
        max_bytes: cap on the decoded body.
        request_deadline_s: cap on one request, connection and all; twice the time without a byte by default.
        jitter: a number in [0, 1), so that several clients do not come back in step.
        expects_json: whether an answer of 2xx must be JSON; what a webhook says in return is nobody's business.

    Attributes:
        requests: requests sent, tries and redirects included.
        answers: answers received.
    """

    def __init__(
        self,
        access: SourceAccess,
        *,
        gate: Gate,
        clock: Clock,
        states: SourceStates,
        run_deadline: float | None = None,
        transport: httpx.BaseTransport | None = None,
        max_bytes: int = 16 * 1024 * 1024,
        request_deadline_s: float | None = None,
        jitter: Callable[[], float] = random.random,
        expects_json: bool = True,
    ) -> None:
        self.access = access
        self.requests = 0
        self.answers = 0
        self._gate, self._clock, self._states = gate, clock, states
        self._run_deadline = run_deadline
        self._max_bytes = max_bytes
        self._request_deadline_s = request_deadline_s or 2 * access.timeout_s
        self._jitter = jitter
        self._expects_json = expects_json
        self._counting = threading.Lock()
        self._current = threading.local()
        self._http = httpx.Client(
            transport=transport,
            follow_redirects=False,
            # Only what `answers.py` decodes under a cap.
            headers={"User-Agent": access.user_agent, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        _watch_sockets(self._http, self._remaining, lambda: clock.sleep(0))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.access.word!r}, requests={self.requests}, answers={self.answers})"

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(
        self,
        path_or_url: str,
        params: Params = None,
        headers: Mapping[str, str] | None = None,
        accept: Sequence[int] = (200, 404),
    ) -> Answer:
        """Ask with GET.

        Args:
            path_or_url: a path under the source's address, or a whole address.
            params: the query; pairs keep their order and may repeat.
            headers: further headers; keys go here and nowhere else.
            accept: the statuses that are an answer. With 307 among them, a redirect is itself the answer.

        Raises:
            SourceError: after all tries; the tree stands in `errors.py`.
        """
        return self._ask("GET", path_or_url, params, None, headers, accept)

    def post(
        self,
        path_or_url: str,
        data: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Sequence[int] = (200,),
    ) -> Answer:
        """Ask with POST: a form, or bytes with a Content-Type among the headers. Otherwise as `get`."""
        return self._ask("POST", path_or_url, None, data, headers, accept)

    def json(self, answer: Answer) -> Any:
        """The JSON value of an answer. Raises GarbledAnswer."""
        return answer.parsed if answer.is_parsed else parse_json(answer.text)

    def _ask(
        self,
        method: str,
        path_or_url: str,
        params: Params,
        data: Mapping[str, str] | bytes | None,
        headers: Mapping[str, str] | None,
        accept: Sequence[int],
    ) -> Answer:
        word = self.access.word
        self._states.check(word)
        request = self._build(method, path_or_url, params, data, headers)
        is_cut_short = False

        def has_time_for(seconds: float) -> bool:
            nonlocal is_cut_short
            is_cut_short = not self._has_time_for(seconds)
            return not is_cut_short

        try:
            answer = with_retries(
                lambda: self._follow(request, accept),
                clock=self._clock,
                jitter=self._jitter,
                has_time_for=has_time_for,
            )
        except SourceClosed:
            raise
        except BadQuestion:
            self._states.succeeded(word)  # whoever refuses a question is there
            raise
        except Banned as error:
            self._states.close_until(word, self._clock.now() + CLOSED_FOR_THE_NIGHT, error.what)
            raise
        except SourceError as error:
            if isinstance(error, DeadlineExceeded) and not self._has_time_for(0):
                self._time_is_spent()  # cut off by our own night's end, which says nothing of the source
            if not is_cut_short:  # nor does a question that had no time left for its other tries
                self._states.failed(word, error.what, is_unreached=isinstance(error, Unreached))
            raise
        self._states.succeeded(word)
        with self._counting:
            self.answers += 1
        return answer

    def _follow(self, request: httpx.Request, accept: Sequence[int]) -> Answer:
        """One try: the request, and the redirects within its own host."""
        seen = {str(request.url)}
        while True:
            answer = self._send(request, accept)
            if answer.status in accept or not 300 <= answer.status < 400 or answer.status == 304:
                return self._judged(answer, request, accept)
            location = answer.headers.get("location", "")
            target = refusals.redirect_target(self.access.word, str(request.url), location)
            if request.method != "GET":
                raise ForbiddenRedirect("the source redirects a POST", source=self.access.word, url=answer.url)
            if target in seen or len(seen) > _MOST_REDIRECTS:
                raise RedirectLoop(source=self.access.word, url=answer.url)
            seen.add(target)
            kept = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            request = self._http.build_request("GET", target, headers=kept)

    def _send(self, request: httpx.Request, accept: Sequence[int]) -> Answer:
        self._clock.sleep(0)  # a run that was told to stop sends nothing more
        if not self._has_time_for(0):
            self._time_is_spent()
        self._gate.wait(self._run_deadline)
        self._states.check(self.access.word)  # another thread may have met a closed door while we waited
        deadline = self._clock.monotonic() + self._request_deadline_s
        self._current.deadline = deadline if self._run_deadline is None else min(deadline, self._run_deadline)
        with self._counting:
            self.requests += 1
        failure: SourceError
        try:
            return self._exchange(request, accept)
        except httpx.HTTPError as error:
            failure = self._connection_failure(error, request)
        except httpx.InvalidURL:
            failure = BadQuestion("the address is none", source=self.access.word)
        except SourceError as error:
            error.source = error.source or self.access.word
            error.where = error.where or self.access.word
            error.url = error.url or refusals.without_secrets(str(request.url))
            failure = error
        finally:
            self._current.deadline = None
        # Raised out here so that the HTTP library's own error, which holds the request's headers, is no part of it.
        raise failure

    def _exchange(self, request: httpx.Request, accept: Sequence[int]) -> Answer:
        request.extensions = {**request.extensions, "timeout": self._timeouts(), "trace": self._trace}
        response = self._http.send(request, stream=True)
        self._gate.answered()
        with contextlib.closing(response):
            # A transport that stands in for the network may bring a body that is already read, and decoded.
            is_read = response.is_stream_consumed
            chunks = iter([response.content]) if is_read else response.iter_raw()
            encoding = "" if is_read else response.headers.get("content-encoding", "")
            body, received = read_body(chunks, encoding, self._max_bytes, self._check_deadline)
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and received < int(announced):
            raise GarbledAnswer("the answer is cut short")
        headers = {name.lower(): value for name, value in response.headers.items() if name.lower() != "set-cookie"}
        heed_headers(self._gate, headers)
        if 200 <= response.status_code < 300 and self._expects_json:
            text = text_of(body, response.charset_encoding)
            parsed = {"parsed": parse_json(text)}
        else:
            text = body.decode("utf-8", "replace")
            parsed = {}
        return Answer(
            url=refusals.without_secrets(str(request.url)),
            status=response.status_code,
            headers=headers,
            text=text,
            fetched_at=self._clock.now(),
            **parsed,
        )

    def _judged(self, answer: Answer, request: httpx.Request, accept: Sequence[int]) -> Answer:
        """The answer, or the error that it is; a long Retry-After closes the source."""
        word = self.access.word
        if answer.status in accept:
            if 300 <= answer.status < 400:
                refusals.check_location(word, str(request.url), answer.headers.get("location", ""))
            return answer
        now = self._clock.now()
        error = refusals.refusal(
            source=word, url=answer.url, status=answer.status, headers=answer.headers, text=answer.text, now=now
        )
        if isinstance(error, Transient) and (error.retry_after or 0.0) > LONGEST_WAIT_S:
            seconds = min(error.retry_after or 0.0, LONGEST_CLOSING.total_seconds())
            self._states.close_until(word, now + timedelta(seconds=seconds), "it asks to be left alone that long")
            self._states.check(word)
        raise error

    def _build(
        self,
        method: str,
        path_or_url: str,
        params: Params,
        data: Mapping[str, str] | bytes | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Request:
        url = path_or_url
        if "://" not in path_or_url.partition("?")[0]:
            url = f"{self.access.base_url.rstrip('/')}/{path_or_url.lstrip('/')}"
        failure: BadQuestion
        try:
            body: dict[str, Any] = {"content": data} if isinstance(data, bytes) else {"data": data}
            pairs = None if params is None else list(params.items() if isinstance(params, Mapping) else params)
            return self._http.build_request(method, url, params=pairs, headers=headers, **body)
        except (httpx.InvalidURL, UnicodeError, ValueError, TypeError):
            failure = BadQuestion("the question cannot be put into a request", source=self.access.word)
        raise failure

    def _connection_failure(self, error: httpx.HTTPError, request: httpx.Request) -> SourceError:
        names = [kind.__name__ for kind in type(error).__mro__]
        kind, what = refusals.connection_failure(names, str(error))
        if issubclass(kind, NetworkDown) and self._remaining_of_request() <= 0:
            kind, what = DeadlineExceeded, "no complete answer in time"
        return kind(what, source=self.access.word, url=refusals.without_secrets(str(request.url)))

    def _timeouts(self) -> dict[str, float]:
        read = self.access.timeout_s
        return {"connect": min(_CONNECT_TIMEOUT_S, read), "read": read, "write": read, "pool": read}

    def _trace(self, event: str, _: Mapping[str, Any]) -> None:
        if event.endswith("send_request_body.complete"):
            self._gate.sent()

    def _remaining(self) -> float | None:
        deadline = getattr(self._current, "deadline", None)
        return None if deadline is None else deadline - self._clock.monotonic()

    def _remaining_of_request(self) -> float:
        remaining = self._remaining()
        return 1.0 if remaining is None else remaining

    def _check_deadline(self) -> None:
        if self._remaining_of_request() <= 0:
            raise DeadlineExceeded(source=self.access.word)

    def _has_time_for(self, seconds: float) -> bool:
        return self._run_deadline is None or self._clock.monotonic() + seconds < self._run_deadline

    def _time_is_spent(self) -> NoReturn:
        raise SourceClosed("the time for asking is spent", source=self.access.word)


def _watch_sockets(http: httpx.Client, remaining: Callable[[], float | None], look: Callable[[], None]) -> None:
    """Put the total deadline under every connection, those of a proxy from the environment included."""
    for pool in _pools(http):
        pool._network_backend = DeadlineBackend(pool._network_backend, remaining, look)


def _pools(http: httpx.Client) -> Iterator[Any]:
    # httpx 0.28 offers no way to hand a network backend to its transports; the pin in pyproject.toml holds this line.
    for transport in (http._transport, *http._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            yield transport._pool
