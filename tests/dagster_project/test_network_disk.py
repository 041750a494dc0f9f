"""A library on a disk of another machine is named, whatever way leads to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project import network_disk
from dagster_project.checkup import examine
from dagster_project.commands.words import Words
from dagster_project.network_disk import kind_of
from dagster_project.night import Night
from dagster_project.options import Options
from ingest.clock import SystemClock
from ingest.sandbox import sample
from tests.nights import write_config

MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
nas:/music {root}/share nfs4 rw,vers=4.2 0 0
//nas/more {root}/my\\040music cifs rw 0 0
/dev/sdb1 {root}/share/local ext4 rw 0 0
proc /proc proc rw 0 0
cut off
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("share/a/music.db", "nfs4"),
        ("my music/music.db", "cifs"),
        ("share/local/music.db", None),
        ("shared/music.db", None),
        ("music.db", None),
        ("link/music.db", "nfs4"),
    ],
)
def test_a_disk_of_another_machine(tmp_path: Path, place: str, kind: str | None) -> None:
    """E6: the innermost mount decides, names with spaces and links included."""
    (tmp_path / "share").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "share")
    assert kind_of(tmp_path / place, MOUNTS.format(root=tmp_path)) == kind


def test_this_machine_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E6: a folder of this machine lies on no network disk, and where nobody can tell nothing is said."""
    monkeypatch.setattr(network_disk, "MOUNTS", tmp_path / "nowhere")
    assert network_disk.warning(tmp_path) is None


def test_the_person_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E6: the check-up and the run say it in a line; the night goes on."""
    library = tmp_path / "share" / "music.db"
    library.parent.mkdir()
    sample.build_library(library)
    listed = tmp_path / "mounts"
    listed.write_text(MOUNTS.format(root=tmp_path))
    monkeypatch.setattr(network_disk, "MOUNTS", listed)
    config = write_config(tmp_path / "config")

    found = {one.topic: one for one in examine(tmp_path / "data", config, library, SystemClock(), Words("en"))}
    options = Options(config=config, data=tmp_path / "data", library=library, job="audit_database")
    with Night.begin(options) as night:
        warnings = night.outcome.warnings

    assert found["library"].state == "warn"
    assert "nfs4" in found["library"].words
    assert [line for line in warnings if "nfs4" in line]
    assert night.outcome.exit_status == 0
