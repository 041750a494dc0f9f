"""Which library a run works on, before it begins."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from dagster_project.options import Options
from dagster_project.preparation import prepare
from tests.nights import write_config


def test_the_sample_stays_where_it_was_tried(tmp_path: Path) -> None:
    """`make run` goes on with the sample in its folder, also once `sillon init` wrote down a library of one's own."""
    config = write_config(tmp_path / "config")
    tried = Options(config=config, data=tmp_path / "demo", sandbox=True)
    assert prepare(tried).is_sample
    own = tmp_path / "music.db"
    shutil.copyfile(tmp_path / "demo" / "sample_library.db", own)
    (config / "enrichment_config.json").write_text(json.dumps({"library": str(own)}))

    assert prepare(tried).is_sample
    assert prepare(tried.model_copy(update={"data": tmp_path / "own"})).library == own
    assert prepare(tried.model_copy(update={"data": tmp_path / "third", "library": own})).library == own
