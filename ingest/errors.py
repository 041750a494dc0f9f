"""Every error that Sillon raises on purpose, as one tree; `.line` is what a person reads.

No logic lives here: who raises what stands in the module that found the trouble. The file is long because the tree is
kept whole: one class per cause, each with its words.

    SillonError
    ├─ ConfigError             2  a key, a value or a file of the configuration
    ├─ LibraryError            2
    │  ├─ NotALibrary             not a database, empty, or a table or column is missing
    │  └─ LibraryLocked           the app holds it
    ├─ DataFolderMismatch      2  the data folder belongs to another library or kind
    ├─ DumpUnreadable          2  a data dump is missing, cut short or of another form
    ├─ WarehouseError          1
    │  ├─ WarehouseNewer       2  written by a newer Sillon or DuckDB
    │  └─ WarehouseBusy        3  another program holds the file
    ├─ RunActive               3  another run holds the lock
    ├─ EngineError             1  the engine that was to believe
    │  ├─ EngineMissing        2  Spark, its dbt adapter or its Java is not there
    │  └─ LakeError               the Parquet files between warehouse and Spark
    │     └─ LakeForeign       2  of a newer Sillon, or of another data folder
    ├─ PublishError            1
    │  ├─ BackupFailed
    │  ├─ ApplyRefused
    │  └─ DiskFull
    └─ SourceError             1
       ├─ Transient               another attempt could change the answer
       │  ├─ RateLimited             we were too fast
       │  ├─ LoadShed                the source sheds load, whatever our pace
       │  ├─ ServerFault             5xx, 408
       │  ├─ NetworkDown             name, route, connection, TLS
       │  │  └─ Unreached            no connection came about
       │  ├─ DeadlineExceeded        no complete answer in time
       │  └─ GarbledAnswer           not what the source speaks: HTML, cut short, not JSON
       ├─ Permanent               the same question gets the same refusal
       │  ├─ BadQuestion             400, 404 where no 404 was expected, 405, 414, 422
       │  ├─ Refused                 401 and 403: keys, agent, subscription
       │  ├─ Banned                  the address or the agent is shut out
       │  ├─ OversizedBody
       │  ├─ RedirectLoop
       │  └─ ForbiddenRedirect       another host, plain http, a file, a private address
       └─ SourceClosed            not asked: closed until a known time, or the run's time is spent

Numbers are the exit status of the command.
"""

# ruff: noqa: N818 - an error is named for its cause

from datetime import datetime
from pathlib import Path


class SillonError(Exception):
    """The root of the tree.

    Args:
        what: what happened, without a full stop.
        where: the file, table or address concerned.
        expected: what would have been right.
        remedy: what to do now, as an imperative.

    Exceptions carry no secret: whoever raises them passes addresses without user, query keys or headers.
    """

    exit_status = 1
    default_what = "Something went wrong"

    def __init__(
        self,
        what: str = "",
        *,
        where: str | Path | None = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.what = _one_line(what or self.default_what)
        self.where = None if where is None else _one_line(str(where))
        self.expected = None if expected is None else _one_line(expected)
        self.remedy = None if remedy is None else _one_line(remedy)
        super().__init__(self.what)

    @property
    def line(self) -> str:
        """One line for the user: where, what, what was expected, what to do."""
        line = f"{self.where}: {self.what}" if self.where else self.what
        if self.expected:
            line += f"; expected {self.expected}"
        if self.remedy:
            line += f". {self.remedy[:1].upper()}{self.remedy[1:]}"
        return line.rstrip(".") + "."

    def __str__(self) -> str:
        return self.line


class ConfigError(SillonError):
    """A configuration file or variable that cannot be used; `file` and `key` name the place."""

    exit_status = 2
    default_what = "The configuration cannot be used"

    def __init__(
        self,
        what: str = "",
        *,
        file: str | Path | None = None,
        key: str | None = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.file = None if file is None else str(file)
        self.key = key
        where = ": ".join(part for part in (self.file, f"`{key}`" if key else None) if part)
        super().__init__(what, where=where or None, expected=expected, remedy=remedy)


class LibraryError(SillonError):
    """The library cannot be read."""

    exit_status = 2
    default_what = "The library cannot be read"


class NotALibrary(LibraryError):
    """The file is no music library: not a database, empty, or a table or column is missing."""

    default_what = "This is not a music library"


class LibraryLocked(LibraryError):
    """The app, or another program, holds the library."""

    default_what = "The library is locked by another program"


class DataFolderMismatch(SillonError):
    """The data folder belongs to another library, or to the other kind of run."""

    exit_status = 2
    default_what = "The data folder belongs to another library"


class DumpUnreadable(SillonError):
    """A data dump of MusicBrainz is missing, cut short or of another form."""

    exit_status = 2
    default_what = "The dump cannot be read"


class WarehouseError(SillonError):
    """The warehouse file cannot be used."""

    default_what = "The warehouse cannot be used"


class WarehouseNewer(WarehouseError):
    """The warehouse was written by a newer version."""

    exit_status = 2
    default_what = "The warehouse was written by a newer version"


class WarehouseBusy(WarehouseError):
    """Another program holds the warehouse file."""

    exit_status = 3
    default_what = "Another program holds the warehouse"


class RunActive(SillonError):
    """Another run holds the lock; `holder` says who, `since` since when."""

    exit_status = 3
    default_what = "Another run is active"

    def __init__(
        self,
        what: str = "",
        *,
        holder: str | None = None,
        since: datetime | None = None,
        where: str | Path | None = None,
        expected: str | None = None,
        remedy: str | None = "wait for it to end",
    ) -> None:
        self.holder = holder
        self.since = since
        text = what or self.default_what
        if holder:
            text += f" ({holder}{f', since {since:%Y-%m-%d %H:%M:%S}' if since else ''})"
        super().__init__(text, where=where, expected=expected, remedy=remedy)


class EngineError(SillonError):
    """The engine that was to believe cannot be used."""

    default_what = "The engine cannot be used"


class EngineMissing(EngineError):
    """What the engine needs is not installed."""

    exit_status = 2
    default_what = "The engine is not installed"


class LakeError(EngineError):
    """The lake cannot be written or read."""

    default_what = "The lake cannot be used"


class LakeForeign(LakeError):
    """The lake is not this data folder's, or not of a version that is known here."""

    exit_status = 2
    default_what = "The lake belongs to somebody else"


class PublishError(SillonError):
    """Something on the way into the library failed."""

    default_what = "The changes could not be written"


class BackupFailed(PublishError):
    """No backup, therefore no change."""

    default_what = "The backup failed, so nothing was changed"


class ApplyRefused(PublishError):
    """The changes were not applied, for a reason that stands in the line."""

    default_what = "The changes were refused"


class DiskFull(PublishError):
    """No room left on the disk."""

    default_what = "The disk is full"


class SourceError(SillonError):
    """A source gave no usable answer.

    Args:
        source: the source's word.
        url: what was asked, without secrets.
        status: the HTTP status, where there was one.
        retry_after: seconds the source asked to wait, never negative.
        until: when the source may be asked again (aware, UTC).
    """

    default_what = "The source gave no usable answer"

    def __init__(
        self,
        what: str = "",
        *,
        source: str | None = None,
        url: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        until: datetime | None = None,
        remedy: str | None = None,
    ) -> None:
        self.source = source
        self.url = url
        self.status = status
        self.retry_after = retry_after
        self.until = until
        text = what or self.default_what
        if status is not None:
            text += f" (status {status})"
        super().__init__(text, where=source, remedy=remedy)


class Transient(SourceError):
    """Another attempt could change the answer."""

    default_what = "The source gave no answer this time"


class RateLimited(Transient):
    """We were too fast for the source."""

    default_what = "Too many requests"


class LoadShed(Transient):
    """The source sheds load, whatever our pace."""

    default_what = "The source is busy and sheds load"


class ServerFault(Transient):
    """The source failed on its side."""

    default_what = "The source failed"


class NetworkDown(Transient):
    """The name, the route, the connection or TLS failed."""

    default_what = "The source cannot be reached"


class Unreached(NetworkDown):
    """No connection came about, or none to trust: the source is not there, or this machine's network is not."""


class DeadlineExceeded(Transient):
    """No complete answer within the time of one request."""

    default_what = "No complete answer in time"


class GarbledAnswer(Transient):
    """The answer is not what the source speaks."""

    default_what = "The answer cannot be read"


class Permanent(SourceError):
    """The same question would get the same refusal."""

    default_what = "The source refuses this question"


class BadQuestion(Permanent):
    """The source does not understand the question."""

    default_what = "The source does not understand the question"


class Refused(Permanent):
    """Keys, agent or subscription are not accepted."""

    default_what = "The source refuses access"


class Banned(Permanent):
    """The address or the agent is shut out."""

    default_what = "The source has shut us out"


class OversizedBody(Permanent):
    """The answer is larger than the byte cap."""

    default_what = "The answer is too large"


class RedirectLoop(Permanent):
    """The source sends us in a circle."""

    default_what = "The source redirects in a circle"


class ForbiddenRedirect(Permanent):
    """The source sends us to a place where we do not go."""

    default_what = "The source redirects to a forbidden place"


class SourceClosed(SourceError):
    """The source was not asked: it is closed until `until`, or the run's time is spent (`until` is None)."""

    default_what = "The source is closed"


def _one_line(text: str) -> str:
    return " ".join(text.split())
