"""One at a time: a lock with an owner, a start and a heartbeat, for runs, undo, restore and the daemon.

Here live the lock of a data folder and that of a library written in place, which two data folders could otherwise write
at once. What is done under them lives elsewhere.

Two witnesses say whether an owner lives. On the same machine the kernel does: it drops the owner's hold on the file at
its death, whatever became of its process number. From other machines, and where the file system knows no such hold, the
age of the heartbeat does, and whether another one comes. Both stand here (hence the length): apart, each would be wrong.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import os
import socket
import threading
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.clock import Clock
from ingest.errors import PublishError, RunActive
from ingest.pacing import state_folder

try:
    import fcntl
except ImportError:  # Windows: the heartbeat alone
    fcntl = None  # type: ignore[assignment]

FILE_NAME = "run.lock"
BEAT_SECONDS = 5.0
BEATS_WATCHED = 3
STALE_SECONDS = 120.0  # 24 missed beats: longer than a disk that spins up or a machine that swaps


@dataclass(frozen=True)
class Owner:
    """Who holds a lock. Times are ISO, UTC."""

    token: str
    pid: int
    host: str
    user: str
    what: str
    started_at: str
    heartbeat_at: str

    @property
    def words(self) -> str:
        return f"{self.what} of {self.user} on {self.host}, process {self.pid}"


class RunLock:
    """Holds a data folder, and a library that is written in place, as long as the block runs.

    Args:
        folder: the data folder.
        clock: for the heartbeat's time.
        what: what is going on, for the message that the second one gets.
        library: the library that is written in place; None for a copy.
        state_dir: where locks of libraries lie, for all data folders of this user; SILLON_STATE_DIR by default.

    Entering raises RunActive (who, since when) or PublishError (the folder cannot be written to).
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        what: str = "run",
        library: Path | None = None,
        state_dir: Path | None = None,
        beat_s: float = BEAT_SECONDS,
        stale_s: float = STALE_SECONDS,
    ) -> None:
        paths = [folder / FILE_NAME]
        if library is not None:
            name = hashlib.sha256(str(library.resolve()).encode()).hexdigest()[:16]
            paths.append((state_dir or state_folder()) / "libraries" / f"{name}.lock")
        self._holds = [_Hold(path, clock, what, stale_s) for path in paths]
        self._beat_s = beat_s
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> RunLock:
        taken: list[_Hold] = []
        try:
            for hold in self._holds:
                hold.take()
                taken.append(hold)
        except BaseException:
            for hold in taken:
                hold.release()
            raise
        self._ended.clear()
        self._thread = threading.Thread(target=self._beat, name="run-lock", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()
        for hold in reversed(self._holds):
            hold.release()

    def check(self) -> None:
        """Raise RunActive when somebody took the lock over: the machine slept for longer than a heartbeat may miss."""
        for hold in self._holds:
            hold.check()

    def _beat(self) -> None:
        while not self._ended.wait(self._beat_s):
            for hold in self._holds:
                with contextlib.suppress(OSError):  # a full disk must not end the run from here
                    hold.beat()


def holder(folder: Path) -> Owner | None:
    """Who holds a data folder, as far as its lock file says; None when nobody does."""
    return _read(folder / FILE_NAME)


class _Hold:
    """One lock file."""

    def __init__(self, path: Path, clock: Clock, what: str, stale_s: float) -> None:
        self.path, self._clock, self._what, self._stale_s = path, clock, what, stale_s
        self._handle = -1
        self._owner: Owner | None = None

    def take(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            while not self._take_once():
                continue  # the file was released between opening and holding it
        except OSError as error:
            raise PublishError(
                f"the run lock cannot be written: {error.strerror}", where=self.path, remedy="check the permissions"
            ) from error

    def _take_once(self) -> bool:
        try:
            handle, is_new = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), True
        except FileExistsError:
            try:
                handle, is_new = os.open(self.path, os.O_RDWR), False
            except FileNotFoundError:
                return False
        try:
            held = _hold(handle)
            known = _read(self.path)
            if held is False or not (is_new or self._is_dead(known, handle, kernel_says_free=held is True)):
                raise RunActive(
                    holder=known.words if known else "another process",
                    since=datetime.fromisoformat(known.started_at) if known else None,
                    where=self.path.parent,
                )
            if not _is_the_file(handle, self.path):
                os.close(handle)
                return False
        except BaseException:
            with contextlib.suppress(OSError):
                os.close(handle)
            raise
        self._handle = handle
        now = self._now()
        self._owner = Owner(
            uuid.uuid4().hex, os.getpid(), socket.gethostname(), _user(), self._what, started_at=now, heartbeat_at=now
        )
        try:
            self._write()
        except OSError:  # a full disk: an empty lock file would keep out whoever comes next
            self.path.unlink()
            os.close(handle)
            self._handle, self._owner = -1, None
            raise
        return True

    def _is_dead(self, owner: Owner | None, handle: int, *, kernel_says_free: bool) -> bool:
        if owner is None:  # it died before it had written its name; where the kernel cannot tell, give it time to
            return kernel_says_free or self._clock.now().timestamp() - os.fstat(handle).st_mtime > self._stale_s
        if kernel_says_free and owner.host == socket.gethostname():
            return True
        age = (self._clock.now() - datetime.fromisoformat(owner.heartbeat_at)).total_seconds()
        return abs(age) > self._stale_s and self._stays_silent(owner)

    def _stays_silent(self, owner: Owner) -> bool:
        """Whether no heartbeat comes while we look: an old one, or one from the future, may be another machine's wrong clock."""
        for _ in range(BEATS_WATCHED):
            self._clock.sleep(BEAT_SECONDS)
            if _read(self.path) != owner:
                return False
        return True

    def beat(self) -> None:
        if self._is_ours() and self._owner:
            self._owner = Owner(**{**asdict(self._owner), "heartbeat_at": self._now()})
            self._write()

    def check(self) -> None:
        if not self._is_ours():
            other = _read(self.path)
            raise RunActive(
                "the run lock was taken over", holder=other.words if other else None, where=self.path.parent
            )

    def release(self) -> None:
        if self._handle < 0:
            return
        with contextlib.suppress(OSError):
            if self._is_ours():
                self.path.unlink()
        os.close(self._handle)
        self._handle, self._owner = -1, None

    def _is_ours(self) -> bool:
        found = _read(self.path)
        return bool(found and self._owner and found.token == self._owner.token)

    def _write(self) -> None:
        text = json.dumps(asdict(self._owner), ensure_ascii=False).encode() if self._owner else b""
        os.pwrite(self._handle, text.ljust(1024), 0)  # one write of one length: a reader sees the old or the new
        os.ftruncate(self._handle, max(1024, len(text)))

    def _now(self) -> str:
        return self._clock.now().astimezone(UTC).isoformat()


def _hold(handle: int) -> bool | None:
    """Ask the kernel for the file: True we hold it, False another does, None where there is no such hold."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_the_file(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _read(path: Path) -> Owner | None:
    try:
        return Owner(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
