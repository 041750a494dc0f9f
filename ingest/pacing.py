"""The pace of one source, shared by every thread and process of the machine that uses the same state folder.

One table per source in one SQLite file, behind a file lock (pyrate-limiter's `SQLiteBucket`). Only spacing lives here:
what a refusal means stands in `refusals.py`, what closes a source in `breaker.py`.

The bucket is asked directly rather than through pyrate-limiter's `Limiter`, which stamps a request with the time it
meant to wake up (a late wake-up then shortens the next gap) and sleeps where no test and no Ctrl-C can reach it.
"""

import math
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import filelock
from pyrate_limiter import Rate, RateItem, SQLiteBucket
from pyrate_limiter.abstracts.algorithm import Decision

from ingest.clock import Clock
from ingest.errors import ConfigError, SourceClosed

# What may pass between our sending a request and the source counting it: scheduling, a slow link. 5 % of a second is
# 50 ms, so 60 requests a minute take 63 s and no two of them are counted less than a second apart.
MARGIN = 0.05

# MusicBrainz counts single seconds, the others windows of ten and more, in which a late arrival evens out. It counts a
# request somewhere between our sending it and its answer's first byte; where these lie far apart (a slow link, a loaded
# machine) the turn counts from up to half an interval after it was sent. Measured on two cores with twelve processes
# waiting for them: requests met the server up to 0.4 s late, and the next one 0.6 s after them.
LATEST_ARRIVAL = {"musicbrainz": 0.5}

# A healthy holder of the file lock needs milliseconds; one that is stopped must not stop everybody.
LOCK_TIMEOUT_S = 30.0

LONGEST_PAUSE_S = 120.0

_FILE_NAME = "pacing.sqlite"


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where pacing is kept for all data folders of this user: SILLON_STATE_DIR, else the platform's state folder."""
    given = environ.get("SILLON_STATE_DIR", "").strip()
    if given:
        return Path(given).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "sillon"
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "sillon"
    return Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "sillon"


class Gate:
    """The gate of one source: `wait()` returns when the next request may start.

    Args:
        source: the source's word; also the table's name.
        interval_s: smallest time between two requests, in seconds.
        state_dir: folder of the pacing file; the sandbox has its own.
        clock: its monotonic time stamps requests (it is one for all processes of a machine, and no step of the wall
            clock touches it); after a restart of the machine it begins anew, so stamps from the future count as "now".
    """

    def __init__(self, source: str, interval_s: float, state_dir: Path, clock: Clock) -> None:
        self.source = source
        self._clock = clock
        self._thread_lock = threading.Lock()
        self._turn = threading.local()
        self._paused_until = -math.inf
        self._interval_s = interval_s
        self._bucket = _open_bucket(source, self._rate(interval_s), state_dir)
        self._file_lock = cast(filelock.FileLock, self._bucket.lock)

    @property
    def interval_s(self) -> float:
        """The spacing now in force, without the margin."""
        return self._interval_s

    def wait(self, until: float | None = None) -> None:
        """Wait for our turn and take it.

        Args:
            until: monotonic second by which the turn must come.

        Raises:
            SourceClosed: the turn would come too late.
        """
        while True:
            seconds = self._try_turn()
            if seconds <= 0:
                return
            if until is not None and self._clock.monotonic() + seconds > until:
                raise SourceClosed("the time for asking is spent", source=self.source)
            self._clock.sleep(seconds)

    def sent(self) -> None:
        """Say that the request has just left: its turn counts from now, not from before a slow connect."""
        with self._thread_lock:
            granted_ms = getattr(self._turn, "granted_ms", None)
            if granted_ms is not None:
                self._turn.granted_ms, self._turn.sent_ms = None, self._now_ms()
                self._restamp(granted_ms, self._turn.sent_ms)

    def answered(self) -> None:
        """Say that the answer has begun: by now the source has counted the request, and its turn counts from there."""
        with self._thread_lock:
            sent_ms = getattr(self._turn, "sent_ms", None)
            if sent_ms is not None and self.source in LATEST_ARRIVAL:
                self._turn.sent_ms = None
                latest = sent_ms + int(self._interval_s * LATEST_ARRIVAL[self.source] * 1000)
                self._restamp(sent_ms, min(self._now_ms(), latest))

    def _restamp(self, old_ms: int, new_ms: int) -> None:
        with self._locked():
            self._bucket.conn.execute(
                f"update '{self.source}' set item_timestamp = ? where item_timestamp = ?",  # noqa: S608 - our word
                (new_ms, old_ms),
            )
            self._bucket.conn.commit()

    def slow_down(self, interval_s: float) -> None:
        """Space requests at least this far apart from now on; a shorter interval than the one in force is ignored."""
        with self._thread_lock:
            if interval_s > self._interval_s:
                self._interval_s = interval_s
                self._bucket.rates = [self._rate(interval_s)]

    def pause(self, seconds: float) -> None:
        """Let no request of this process start for so many seconds."""
        with self._thread_lock:
            self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def close(self) -> None:
        """Close the pacing file."""
        self._bucket.conn.close()

    def _try_turn(self) -> float:
        """Take the turn and return 0, or return the seconds to wait before the next try."""
        with self._thread_lock:
            pause = self._paused_until - self._clock.monotonic()
            if pause > 0:
                return pause
            with self._locked():
                now = self._now_ms()
                self._forget_future(now)
                decision = cast(Decision, self._bucket.put_decision(RateItem(self.source, now)))
                if decision.allowed:
                    self._bucket.leak(now)
                    self._turn.granted_ms, self._turn.sent_ms = now, None
                    return 0.0
            return max(decision.retry_after_ms or 1, 1) / 1000

    def _forget_future(self, now: int) -> None:
        """A stamp from the future (the machine was restarted) counts as a request made just now."""
        self._bucket.conn.execute(
            f"update '{self.source}' set item_timestamp = ? where item_timestamp > ?",  # noqa: S608 - our word
            (now, now),
        )
        self._bucket.conn.commit()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with self._file_lock.acquire(timeout=LOCK_TIMEOUT_S):
                yield
        except filelock.Timeout:
            raise SourceClosed("another process holds the pacing file", source=self.source) from None

    def _now_ms(self) -> int:
        return int(self._clock.monotonic() * 1000)

    @staticmethod
    def _rate(interval_s: float) -> Rate:
        return Rate(1, max(1, math.ceil(interval_s * (1 + MARGIN) * 1000)))


def heed_headers(gate: Gate, headers: Mapping[str, str]) -> None:
    """Slow down where the source's own headers (in lower case) allow less than we take; never faster than configured.

    MusicBrainz counts everybody's requests in its headers, which says nothing about ours: they are not read.
    """
    if gate.source == "discogs":
        limit, remaining = _number(headers, "x-discogs-ratelimit"), _number(headers, "x-discogs-ratelimit-remaining")
        if limit is not None and limit > 0:
            gate.slow_down(60.0 / limit)
        if remaining == 0:
            gate.pause(10.0)  # somebody else at this address spends it too; the window of 60 s moves on by itself
    elif gate.source == "listenbrainz":
        remaining, reset = _number(headers, "x-ratelimit-remaining"), _number(headers, "x-ratelimit-reset-in")
        if remaining is not None and reset is not None and reset > 0:
            spread = reset / remaining if remaining >= 1 else reset
            if spread > gate.interval_s:
                gate.pause(min(spread, LONGEST_PAUSE_S))


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        number = float(headers.get(name, ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _open_bucket(source: str, rate: Rate, state_dir: Path) -> SQLiteBucket:
    path = state_dir / _FILE_NAME
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        try:
            return _bucket(source, rate, path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            # Nothing is lost with it but the moment of the last request, so a damaged file is simply put aside.
            path.replace(path.with_name(_FILE_NAME + ".damaged"))
            for ending in ("-wal", "-shm"):
                path.with_name(_FILE_NAME + ending).unlink(missing_ok=True)
            return _bucket(source, rate, path)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(
            f"the state folder cannot be written: {error}",
            file=state_dir,
            remedy="give another one in SILLON_STATE_DIR",
        ) from error


def _bucket(source: str, rate: Rate, path: Path) -> SQLiteBucket:
    return SQLiteBucket.init_from_file([rate], table=source, db_path=str(path), use_file_lock=True)
