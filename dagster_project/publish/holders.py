"""Which other program has a database open: asked before a file is put in another one's place.

Here lives that one question. A lock for the time of a write is another matter: SQLite keeps it, `target.py` waits for it.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import apsw


def held_by_another(path: Path) -> str | None:
    """Who else has this database open, in words; None when nobody seems to.

    In WAL mode SQLite itself knows. In the older modes an idle program holds no lock, so on Linux the open files of
    other programs are looked through as well.
    """
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
            connection.set_busy_timeout(500)
            connection.execute("pragma locking_mode = exclusive")
            connection.execute("begin exclusive")
            connection.execute("rollback")
    except (apsw.BusyError, apsw.LockedError):
        return _program_with(path) or "another program"
    except apsw.Error:
        pass  # a damaged file: nobody can be asked through it
    return _program_with(path)


def _program_with(path: Path) -> str | None:
    try:
        wanted = path.resolve().stat()
    except OSError:
        return None
    own = str(os.getpid())
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == own:
            continue
        try:
            for handle in (process / "fd").iterdir():
                found = handle.stat()
                if (found.st_ino, found.st_dev) == (wanted.st_ino, wanted.st_dev):
                    return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue
    return None
