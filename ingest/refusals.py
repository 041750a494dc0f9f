"""What a status, its headers and its body mean where they are no answer: the one place that names the cause.

Only words, numbers and headers come in; nothing is asked and nobody waits here.
"""

import ipaddress
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from ingest.errors import (
    BadQuestion,
    Banned,
    DeadlineExceeded,
    ForbiddenRedirect,
    GarbledAnswer,
    LoadShed,
    NetworkDown,
    RateLimited,
    Refused,
    ServerFault,
    SourceError,
    Unreached,
)
from ingest.settings import is_loopback

_SECRET_NAMES = frozenset({"token", "key", "secret", "access_token", "api_key", "apikey", "client_secret", "password"})
# Who says that we ask too much but not for how long (Discogs, sometimes Spotify) counts half a minute, or a whole one.
UNSAID_WAIT_S = 30.0
_BAN_WORDS = ("banned", "blocked", "blacklisted", "blocklisted", "abuse")


def refusal(*, source: str, url: str, status: int, headers: Mapping[str, str], text: str, now: datetime) -> SourceError:
    """The error for an answer that is none; headers in lower case, `now` aware."""
    wait = seconds_to_wait(headers, now)
    if status == 429 and wait is None:
        wait = UNSAID_WAIT_S
    low = text[:4000].lower()
    kind: type[SourceError]
    if status == 429:
        kind = RateLimited
    elif status == 503:
        kind = _unavailable(headers, low, wait)
    elif status == 451 or (status == 403 and any(word in low for word in _BAN_WORDS)):
        kind = Banned
    elif status in (401, 403):
        kind = Refused
    elif status >= 500 or status in (408, 425):
        kind = ServerFault
    elif status >= 400:
        kind = BadQuestion
    else:
        kind = GarbledAnswer
    what = ""
    if status == 403 and (headers.get("x-ratelimit-who") == "ua-missing" or "not identified itself" in low):
        what = "The source wants to know who asks"
    return kind(what, source=source, url=url, status=status, retry_after=wait)


def _unavailable(headers: Mapping[str, str], low: str, wait: float | None) -> type[SourceError]:
    """503 has three causes: our excess, load that the source sheds at any pace, a fault.

    MusicBrainz names the zone of its limiter: `ws ip=…` is our own, `global` and `search-global` are everybody's.
    """
    zone = headers.get("x-ratelimit-zone", "").lower()
    if "exceeding the allowable rate" in low or zone.startswith("ws"):
        return RateLimited
    if "busy" in low or "global" in zone or wait == 0:
        return LoadShed
    return ServerFault


def connection_failure(names: Sequence[str], text: str) -> tuple[type[SourceError], str]:
    """Our kind and words for an error of the connection, given the names of its classes, narrowest first.

    Of its text only what the system says of a failed connection is kept: other texts may quote a header, and keys
    stand in headers.
    """
    name = names[0]
    if name in ("ReadTimeout", "WriteTimeout", "PoolTimeout"):
        return DeadlineExceeded, "no complete answer in time"
    if name == "RemoteProtocolError":
        if "without sending complete" in text or "incomplete" in text:
            return GarbledAnswer, "the answer is cut short"
        if "without sending a response" in text or "disconnected" in text:
            return NetworkDown, "the source hung up"
        return GarbledAnswer, "the answer is not HTTP"
    if name in ("LocalProtocolError", "UnsupportedProtocol"):
        return BadQuestion, "the question cannot be put into a request"
    if name == "ConnectTimeout":
        return Unreached, "no connection in time"
    if name == "ConnectError":
        return Unreached, f"the source cannot be reached: {text[:120]}" if text else "the source cannot be reached"
    if "ProxyError" in names:
        return Unreached, "the proxy refuses"
    return NetworkDown, "the connection broke"


def seconds_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Retry-After in seconds, whether given as a number or as a date; None where it is absent or nonsense.

    A negative number and a date in the past are 0. A 0 does not say "at once", only that nothing is known.
    """
    given = headers.get("retry-after", "").strip() or headers.get("x-ratelimit-reset-in", "").strip()
    if not given:
        return None
    seconds: float
    try:
        seconds = float(given)
    except ValueError:
        try:
            moment = parsedate_to_datetime(given)
        except (ValueError, TypeError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def redirect_target(source: str, asked: str, location: str) -> str:
    """Where a redirect leads, if we follow it: the same host, by https or as before. Raises ForbiddenRedirect."""
    target = _joined(source, asked, location)
    here, there = urlsplit(asked), urlsplit(target)
    is_upgrade = (here.scheme, there.scheme) == ("http", "https") and here.port is None and there.port is None
    is_same_place = (here.scheme, here.port) == (there.scheme, there.port)
    if here.hostname != there.hostname or not (is_same_place or is_upgrade):
        raise ForbiddenRedirect(f"the source redirects to {_place(target)}", source=source, url=without_secrets(asked))
    return target


def check_location(source: str, asked: str, location: str) -> None:
    """Raise ForbiddenRedirect where the redirect that is itself an answer names no place on the public web.

    Nobody follows it here, but it is kept, and some day a person or a program will.
    """
    target = _joined(source, asked, location)
    there = urlsplit(target)
    if there.scheme not in ("http", "https") or (is_private(target) and not is_loopback(asked)):
        raise ForbiddenRedirect(f"the source redirects to {_place(target)}", source=source, url=without_secrets(asked))


def _joined(source: str, asked: str, location: str) -> str:
    if not location.strip():
        raise GarbledAnswer("a redirect to nowhere", source=source, url=without_secrets(asked))
    try:
        target = urljoin(asked, location.strip())
        parts = urlsplit(target)
        _ = parts.port
    except ValueError:
        raise ForbiddenRedirect("the source redirects to no address", source=source) from None
    if parts.username or parts.password or (parts.scheme in ("http", "https") and not parts.hostname):
        raise ForbiddenRedirect("the source redirects to no plain address", source=source)
    return target


def is_private(url: str) -> bool:
    """Whether an address names a machine that is not on the public internet, as far as the text shows."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}"[:100]


def without_secrets(url: str) -> str:
    """The address without user and password, and with the values of parameters that hold keys replaced."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if not any(name.lower() in _SECRET_NAMES for name, _ in pairs):
        return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
    kept = [(name, "***" if name.lower() in _SECRET_NAMES else value) for name, value in pairs]
    return urlunsplit((parts.scheme, netloc, parts.path, urlencode(kept, safe="*"), ""))
