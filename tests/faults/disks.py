"""Disks and folders that tests may fill, starve and close: small file systems of their own, mounted for one test.

Where nothing can be mounted the test is skipped, with that reason.
"""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A file system of its own, which can be filled to the last kilobyte or the last file, and emptied again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / ".ballast"
        self._crumbs = path / ".crumbs"

    def fill(self, left: int = 0) -> None:
        """Leave so many kilobytes free."""
        size = max(self._free() - left * 1024, 0)
        with self._ballast.open("wb") as file:
            if size:
                os.posix_fallocate(file.fileno(), 0, size)
        assert self._free() <= left * 1024

    def _free(self) -> int:
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_bsize

    def starve(self) -> None:
        """Let no further file be made."""
        self._crumbs.mkdir()
        for number in range(10**6):
            try:
                (self._crumbs / str(number)).touch()
            except OSError as error:
                assert error.errno == errno.ENOSPC
                return

    def relieve(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)
        for crumb in self._crumbs.glob("*"):
            crumb.unlink()


@contextmanager
def small_disk(path: Path, *, size: str = "96m", inodes: int = 2000) -> Iterator[SmallDisk]:
    """Mount a small disk at a path that is made for it."""
    path.mkdir(parents=True)
    _mount("-t", "tmpfs", "-o", f"size={size},nr_inodes={inodes}", "none", path)
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "-l", path], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder in which nothing may be written: by its permissions, or for the superuser by a mount."""
    if os.geteuid() != 0:
        mode = folder.stat().st_mode
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(mode)
        return
    _mount("--bind", folder, folder)
    try:
        _mount("-o", "remount,bind,ro", folder)
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def _mount(*words: str | Path) -> None:
    try:
        subprocess.run(["mount", *words], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("nothing can be mounted here")
