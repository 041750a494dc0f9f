"""One step of the night alone, as the control room offers it: it works from a backup that others left."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from dagster_project.night import Night
from dagster_project.options import Options
from dagster_project.publish.apply import apply
from dagster_project.publish.target import Target
from ingest.sandbox import sample
from tests.dagster_project.publish.libraries import update
from tests.nights import write_config


def test_reading_an_older_backup_decides_nothing(tmp_path: Path) -> None:
    """A backup is older than what its night wrote: that it lacks a value of ours does not mean that a person took it out."""
    library = tmp_path / "music.db"
    sample.build_library(library)
    with closing(sqlite3.connect(library)) as app:
        album = app.execute("select min(id) from albums where genre is null").fetchone()[0]
    options = Options(library=library, config=write_config(tmp_path / "config"), data=tmp_path / "data", in_place=True)
    with Night.begin(options) as night:
        night.take_backup()
        target = Target("in_place", library)
        changes = [update(album, "genre", "jazz")]
        assert apply(changes, night.snapshot, target, night.folder.ledger, night.run_id, night.clock).applied

    with Night.begin(options.model_copy(update={"is_part": True})) as part:
        part.extract()
    assert part.outcome.edited == ()

    with closing(sqlite3.connect(library)) as app:
        app.execute("update albums set genre = null where id = ?", [album])
        app.commit()
    with Night.begin(options) as night:
        night.take_backup()
        night.extract()
    assert [edit["album_id"] for edit in night.outcome.edited] == [album]
