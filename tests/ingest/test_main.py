"""One source alone, from the shell."""

import json

import pytest

from ingest.__main__ import main
from ingest.sandbox import Catalogue, Sandbox

from .sources.test_library import make
from .test_asking import fill


def test_one_source_runs_alone(tmp_path, capsys):
    """`python -m ingest musicbrainz --limit 2` reads the library, asks that source for two albums, and says so."""
    path = fill(tmp_path / "library.db")
    config = tmp_path / "config"
    config.mkdir()
    options = ["--config", str(config), "--data", str(tmp_path / "data"), "--state", str(tmp_path / "state")]
    with Sandbox(Catalogue.of_library(path), limits=False) as sandbox:
        limits = {"musicbrainz_per_minute": 60_000}
        (config / "enrichment_config.json").write_text(
            json.dumps(
                {
                    "library": str(path),
                    "contact": "me@example.org",
                    "base_urls": sandbox.base_urls,
                    "auto_enrichment": {"rate_limits": limits},
                }
            )
        )
        assert main(["musicbrainz", "--limit", "2", *options]) == 0
        assert {entry.source for entry in sandbox.ledger} == {"musicbrainz"}
    assert "musicbrainz: ok" in capsys.readouterr().out


def test_a_bad_library_is_one_line(tmp_path, capsys):
    """An error is one line on the error stream, and exit status 2."""
    path = make(tmp_path / "library.db", "drop table tracks")
    assert main(["library", "--library", str(path), "--data", str(tmp_path / "data")]) == 2
    line = capsys.readouterr().err
    assert "`tracks`" in line
    assert line.count("\n") == 1


def test_a_source_that_is_off_says_why(tmp_path, capsys):
    """Without a contact nothing is asked; the line says where to set it."""
    (tmp_path / "config").mkdir()
    assert main(["spotify", "--config", str(tmp_path / "config"), "--data", str(tmp_path / "data")]) == 0
    assert "contact" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["nowhere"], ["musicbrainz", "--limit", "0"], []])
def test_bad_arguments_exit_with_two(arguments):
    """A source that does not exist, a limit of nothing: usage, and status 2."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
