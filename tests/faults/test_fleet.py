"""Two libraries that know half of each other, alone and as a fleet: sharing changes what is asked, not what is believed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_project import fleet, night
from dagster_project.fleet_folder import FleetFolder
from dagster_project.options import Options
from ingest.sandbox import Catalogue, Sandbox
from tests.ingest.test_asking import ALBUMS, fill
from tests.nights import write_config

OTHER = [*ALBUMS[4:], ("OK Computer", "Radiohead"), ("Kid A", "Radiohead"), ("Zxqv Unheard Of", "Nobody Qwxz")]
DECIDED = "select table_name, row_key, column_name, new_value, source, rule from library_changes order by all"


@pytest.mark.faults
def test_a_fleet_believes_what_each_library_would_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every change is the same, from the same source by the same rule, with fewer requests to every source that batches."""
    monkeypatch.setenv("SILLON_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "music").mkdir()
    libraries = [fill(tmp_path / "music" / "one.db"), fill(tmp_path / "music" / "other.db", OTHER)]
    with Sandbox(Catalogue.of_libraries(libraries), limits=False) as sandbox:
        for name, url in sandbox.base_urls.items():
            monkeypatch.setenv(f"SILLON_BASE_URLS__{name.upper()}", url)
        monkeypatch.setenv("SILLON_CONTACT", "me@example.org")
        options = Options(config=write_config(tmp_path / "config"), data=tmp_path / "alone")
        alone = []
        for path in libraries:
            data = options.data / path.stem
            assert not night.run(options.model_copy(update={"library": path, "data": data})).failures
            alone.append(decided(data / "marts.duckdb"))
        requests = sandbox.requests("musicbrainz")
        folder = FleetFolder(tmp_path / "fleet")
        lines = list(fleet.enrich(options.model_copy(update={"data": folder.root}), [str(tmp_path / "music" / "*.db")]))
        together = sandbox.requests("musicbrainz") - requests

    assert [line.status for line in lines] == ["success", "success"], lines
    assert [decided(folder.root / line.library_id / "marts.duckdb") for line in lines] == alone
    assert all(alone)
    assert together < requests


def decided(marts: Path) -> list[tuple[str, ...]]:
    with duckdb.connect(str(marts), read_only=True) as connection:
        return connection.execute(DECIDED).fetchall()
