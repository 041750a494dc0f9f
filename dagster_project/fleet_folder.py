"""The folder of a fleet: what its libraries share, and below it one data folder for each of them.

    <fleet>/sillon.json      whose it is: a fleet's, of one kind, with the patterns of its libraries
    <fleet>/answers.duckdb   every answer, once for all of them
    <fleet>/fleet.log        what the newest asking for all of them said
    <fleet>/fleet.duckdb     the marts of all of them, each row with its library_id; fleet.html, the page over them
    <fleet>/<library_id>/    a data folder like any other, given to a verb with --data

Only paths, names and the stamp live here; what is done with them stands in `fleet.py`.
"""

from __future__ import annotations

import fnmatch
import glob
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagster_project.data_folder import DataFolder, Kind, read_stamp, write_stamp
from ingest.errors import ConfigError, DataFolderMismatch

LONGEST_STEM_BYTES = 60
BESIDE_A_DATABASE = ("-wal", "-shm", "-journal")  # what SQLite leaves beside one is no library of its own


@dataclass(frozen=True)
class Member:
    """One library of a fleet: its file, and the name that its rows and its folder carry."""

    library_id: str
    path: Path


@dataclass(frozen=True)
class FleetFolder:
    """The paths of one fleet. Creating one creates nothing on disk."""

    root: Path

    @property
    def answers(self) -> Path:
        return self.root / "answers.duckdb"

    @property
    def shelf(self) -> Path:
        return self.root / "fleet.duckdb"

    @property
    def page(self) -> Path:
        return self.root / "fleet.html"

    @property
    def health(self) -> Path:
        return self.root / "health.json"

    @property
    def log(self) -> Path:
        return self.root / "fleet.log"

    @property
    def stamp(self) -> Path:
        return self.root / "sillon.json"

    @property
    def is_one(self) -> bool:
        """Whether a fleet has been here."""
        owner = read_stamp(self.stamp)
        return bool(owner) and "library" not in owner

    @property
    def kind(self) -> Kind:
        """Whether the web or the sandbox answers."""
        return "sandbox" if read_stamp(self.stamp).get("kind") == "sandbox" else "web"

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns of its libraries, as they were given last; none where no fleet has been."""
        return tuple(read_stamp(self.stamp).get("libraries", ())) if self.is_one else ()

    def of(self, member: Member) -> DataFolder:
        """The data folder of one library."""
        return DataFolder(self.root / member.library_id)

    def members(self, patterns: Iterable[str] | None = None) -> list[Member]:
        """The libraries that patterns name (its own, unless some are given): as they lie there now, and those that are gone.

        One is gone that has its folder here and whose file is not there, as where its disk is not mounted: its night tells.
        What Sillon wrote is none: a file in the fleet's own folder, and an enriched copy anywhere, which has its library's name.
        """
        own = self.root.resolve()
        wanted = list(self.patterns if patterns is None else patterns)
        found = {*matching(wanted), *self._gone(wanted)}
        names = {member.library_id for member in found}
        return sorted(
            (one for one in found if not one.path.is_relative_to(own) and _copied(one.path) not in names),
            key=lambda member: member.path,
        )

    def _gone(self, patterns: Sequence[str]) -> Iterator[Member]:
        named = [_settled(pattern) for pattern in patterns]
        for stamp in self.root.glob(f"*/{self.stamp.name}"):
            try:
                path = Path(read_stamp(stamp)["library"])
            except (OSError, ValueError, KeyError):  # whose it was cannot be known, so neither that it is gone
                continue
            if not os.path.lexists(path) and any(_names(pattern.parts, path.parts) for pattern in named):
                yield Member(stamp.parent.name, path)

    def check(self, kind: Kind) -> None:
        """Refuse a folder that belongs to one library or to a fleet of the other kind. Raises DataFolderMismatch."""
        owner = read_stamp(self.stamp)
        another = {"expected": f"a fleet ({kind})", "remedy": f"take another folder: --data {self.root}-{kind}"}
        if "library" in owner:
            raise DataFolderMismatch(
                f"the data folder belongs to {owner['library']} ({owner.get('kind')})", where=self.root, **another
            )
        if owner.get("kind", kind) != kind:
            raise DataFolderMismatch(f"the data folder belongs to a fleet ({self.kind})", where=self.root, **another)

    def prepare(self) -> None:
        """Create the folder, readable by its owner alone."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def claim(self, kind: Kind, patterns: Sequence[str]) -> None:
        """Stamp the folder as a fleet's, of this kind and with these patterns. Raises what `check` raises."""
        self.check(kind)
        self.prepare()
        stamp = {"kind": kind, "libraries": list(patterns)}
        if stamp != read_stamp(self.stamp):
            write_stamp(self.stamp, stamp)


def matching(patterns: Iterable[str]) -> list[Member]:
    """The files that patterns name, each once whatever leads to it, in the order of their paths.

    A path without wildcards is kept although nothing lies there: that it is missing is told.
    """
    files: dict[object, Path] = {}
    for pattern in patterns:
        for path in _paths(pattern):
            found = _resolved(path)
            try:
                status = found.stat()
                files.setdefault((status.st_dev, status.st_ino), found)
            except OSError:
                files.setdefault(found, found)
    return [Member(library_id(path), path) for path in sorted(files.values())]


def absolute(pattern: str) -> str:
    """A pattern that means the same from anywhere. Raises ConfigError for the home of nobody."""
    try:
        return str(Path(pattern).expanduser().absolute())
    except RuntimeError as error:
        raise ConfigError(f"{pattern} begins with the home of nobody", remedy="give the whole path") from error


def _paths(pattern: str) -> Iterator[Path]:
    if os.path.lexists(pattern) or not glob.has_magic(pattern):  # a name may hold brackets of its own
        yield Path(pattern)
        return
    for name in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 - pathlib takes no absolute pattern
        if not name.endswith(BESIDE_A_DATABASE) and not Path(name).is_dir():
            yield Path(name)


def _settled(pattern: str) -> Path:
    """A pattern as the stamps of libraries have their paths: what stands before its first wildcard is resolved."""
    parts = Path(pattern).parts
    plain = next((number for number, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    return _resolved(Path(*parts[:plain])).joinpath(*parts[plain:])


def _resolved(path: Path) -> Path:
    """The path behind all links; as it is where they lead round in a circle, which its library's own night tells."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _names(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Whether a pattern names a path where nothing lies, part by part; `**` is any number of folders."""
    if not pattern or not path:
        return not pattern and not path
    if pattern[0] == "**":
        return any(_names(pattern[1:], path[skipped:]) for skipped in range(len(path)))
    return fnmatch.fnmatchcase(path[0], pattern[0]) and _names(pattern[1:], path[1:])


def _copied(path: Path) -> str:
    """The name of the library whose enriched copy this would be."""
    return path.stem.partition(".edited-")[0]


def library_id(path: Path) -> str:
    """A name that is readable, the same every night and no other library's: the file's, and a hash of its whole path."""
    stem = re.sub(r"[^\w]+", "-", path.stem).strip("-").encode("utf-8", "ignore")[:LONGEST_STEM_BYTES]
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
    return f"{stem.decode('utf-8', 'ignore') or 'library'}-{digest}"
