"""The command as its users type it: exit status and one line for what goes wrong."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.sandbox import sample
from tests.nights import write_config

SILLON = [sys.executable, "-c", "from dagster_project.cli import main; main()"]


def sillon(*words: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder of its own, with its pacing state there too."""
    environment = {**os.environ, "SILLON_STATE_DIR": str(cwd / "state"), **variables}
    return subprocess.run(
        [*SILLON, *map(str, words)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """What the user reads when something is wrong: one line, never a traceback."""
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert "Traceback" not in result.stderr
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "music.db"
    sample.build_library(path)
    return path


def without(library: Path, statement: str) -> None:
    with sqlite3.connect(library) as connection:
        connection.execute("pragma legacy_alter_table = on")
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"not a database, only text" * 50, "SQLite database", id="text"),
        pytest.param(b"", "empty", id="empty file"),
        pytest.param(b"SQLite format 3\x00" + bytes(3000), "", id="header alone"),
    ],
)
def test_a_file_that_is_no_library_is_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    """No database, an empty file or a torn one: exit 2, one line that names the file, the bytes untouched."""
    path = tmp_path / "broken.db"
    path.write_bytes(content)

    result = sillon("audit", "--library", path, cwd=tmp_path)

    assert result.returncode == 2
    assert "broken.db" in one_line(result)
    assert words in one_line(result)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("statement", "named"),
    [("drop table metadata", "metadata"), ("alter table albums rename column genre to style", "genre")],
)
def test_a_missing_table_or_column_is_named(library: Path, statement: str, named: str) -> None:
    """Schema drift is told by name."""
    without(library, statement)

    result = sillon("run", "--library", library, cwd=library.parent)

    assert result.returncode == 2
    assert named in one_line(result)


def test_a_path_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """A wrong path says which, and what is expected."""
    result = sillon("run", "--library", tmp_path / "nothing.db", cwd=tmp_path)

    assert result.returncode == 2
    assert "nothing.db" in one_line(result)


def test_no_library_says_what_to_type(tmp_path: Path) -> None:
    """Without any library the line names the option and the demonstration."""
    result = sillon("run", cwd=tmp_path)

    assert result.returncode == 2
    assert "--library" in one_line(result)


def test_sandbox_never_writes_in_place(library: Path) -> None:
    """Invented answers never reach the library itself."""
    before = library.read_bytes()

    result = sillon("run", "--library", library, "--sandbox", "--in-place", cwd=library.parent)

    assert result.returncode == 2
    assert "--in-place" in one_line(result)
    assert library.read_bytes() == before


def test_an_unknown_job_lists_the_known_ones(tmp_path: Path) -> None:
    """A typing error in --job is answered with the names."""
    result = sillon("run", "--sandbox", "--job", "enrich", cwd=tmp_path)

    assert result.returncode == 2
    assert "auto_enrichment" in one_line(result)


def test_a_mistyped_key_is_named_with_the_nearest(tmp_path: Path) -> None:
    """An unknown configuration key is an error that names it and the nearest known one."""
    config = write_config(tmp_path / "config")
    (config / "enrichment_config.json").write_text(json.dumps({"contakt": "me@example.org"}))

    result = sillon("run", "--sandbox", "--config", config, cwd=tmp_path)

    assert result.returncode == 2
    assert "contakt" in one_line(result)
    assert "contact" in one_line(result).replace("contakt", "")


def test_a_data_folder_belongs_to_one_library(library: Path) -> None:
    """Another library, or the other kind, on the same data folder: exit 2 with the option to take."""
    config = write_config(library.parent / "config")
    first = sillon("audit", "--library", library, "--config", config, cwd=library.parent)
    other = library.with_name("other.db")
    sample.build_library(other)

    result = sillon("audit", "--library", other, "--config", config, cwd=library.parent)

    assert first.returncode == 0, first.stderr
    assert result.returncode == 2
    assert "--data" in one_line(result)


def test_without_contact_every_web_source_is_off(library: Path) -> None:
    """No contact: nobody is asked, the reason says where to set it, and all that needs no source is done."""
    config = write_config(library.parent / "config")

    result = sillon("run", "--library", library, "--config", config, cwd=library.parent)

    facts = json.loads((library.parent / "data/reports/latest/report.json").read_text())
    assert result.returncode == 0, result.stderr
    assert {source["status"] for source in facts["sources"].values()} == {"off"}
    assert "contact" in facts["sources"]["musicbrainz"]["reason"]
    assert facts["status"] == "success"
    assert facts["changes"].get("albums.ai_description", 0) > 0


def test_a_network_that_is_down_is_a_warning(library: Path) -> None:
    """N18: with a contact and no network: status partial, exit 0, the sources that were asked named as down."""
    config = write_config(library.parent / "config")
    settings = json.loads((config / "enrichment_config.json").read_text())
    nowhere = "http://127.0.0.1:9"  # the discard port: nothing listens
    settings |= {
        "contact": "me@example.org",
        "base_urls": dict.fromkeys(("musicbrainz", "listenbrainz", "discogs"), nowhere),
    }
    (config / "enrichment_config.json").write_text(json.dumps(settings))

    result = sillon("run", "--library", library, "--config", config, "--max-minutes", "0.2", cwd=library.parent)

    facts = json.loads((library.parent / "data/reports/latest/report.json").read_text())
    assert result.returncode == 0, result.stderr
    assert facts["status"] == "partial"
    assert facts["sources"]["musicbrainz"]["status"] == "down"
    assert facts["sources"]["discogs"]["status"] == "down"
    assert "musicbrainz" in result.stderr
    assert facts["changes"].get("albums.ai_description", 0) > 0
