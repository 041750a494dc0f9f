"""What the disk says in the middle of a night, as one line with what to do: no room, read-only, no permission.

Here lives the wording alone; what becomes of the night is decided where the error is met.
"""

from __future__ import annotations

import errno
from pathlib import Path

import duckdb

from ingest.errors import DiskFull, PublishError
from ingest.rescue import is_full


def explained(error: BaseException, folder: Path) -> BaseException:
    """The error to tell of: one of Sillon's own for a full or unwritable disk, else the very same."""
    text = str(error).partition("\n")[0]
    if isinstance(error, OSError) and error.errno is not None:
        has_no_room, is_refused = error.errno in (errno.ENOSPC, errno.EDQUOT), True
        text = error.strerror or text
    elif isinstance(error, duckdb.Error):
        has_no_room = is_full(error)
        is_refused = isinstance(error, duckdb.IOException)
    else:
        return error
    if has_no_room:
        return DiskFull("no room left", where=folder, remedy="free some space and run again")
    if is_refused:
        return PublishError(
            f"the data folder cannot be used: {text}", where=folder, remedy="check its disk and permissions"
        )
    return error
