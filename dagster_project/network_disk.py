"""Whether a file lies on a disk of another machine, where SQLite's locks may not be told to the others.

Here lives that one question, which Linux alone answers (`/proc/self/mounts`). Nothing is refused for it: an app and Sillon
on one machine see each other's locks there too.
"""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
KINDS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "9p", "davfs", "fuse.sshfs", "fuse.rclone", "glusterfs"}
WORDS = "{path} lies on a network disk ({kind}), where two machines may write at once without seeing each other's locks"
REMEDY = "let no other machine use it at night, or work on a local file"


def kind_of(path: Path, mounts: str | None = None) -> str | None:
    """The kind of network disk on which a path lies; None for a local one, and where nobody can tell."""
    try:
        listed = MOUNTS.read_text(encoding="utf-8", errors="replace") if mounts is None else mounts
    except OSError:
        return None
    best, kind = Path(), None
    for line in listed.splitlines():
        _, point, found, *_ = [*line.split(" "), "", "", ""]
        # Spaces and the like stand there as \040; of two mounts at one place the later one is seen.
        place = Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), point))
        if path.resolve().is_relative_to(place) and len(place.parts) >= len(best.parts):
            best, kind = place, found
    return kind if kind in KINDS else None


def warning(path: Path) -> str | None:
    """One line about a file on a network disk; None for a local one."""
    kind = kind_of(path)
    return f"{WORDS.format(path=path, kind=kind)}: {REMEDY}" if kind else None
