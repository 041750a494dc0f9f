"""`sillon run --from-dump`: a whole night whose release groups come out of an archive, not out of searches."""

import duckdb
from typer.testing import CliRunner

from dagster_project import night
from dagster_project.cli import app
from dagster_project.options import Options
from ingest.sandbox import Catalogue, sample
from tests.ingest.sources.dumps import covers_of, tables_of, write_archive
from tests.nights import write_config


def test_a_night_from_a_dump_asks_musicbrainz_little(tmp_path):
    """What the dump holds is not searched for; the questions left are those about albums that nobody knows."""
    catalogue = Catalogue.load(sample.CATALOGUE)
    dump = tmp_path / "dump"
    dump.mkdir()
    write_archive(dump / "mbdump.tar.bz2", tables_of(catalogue))
    write_archive(dump / "mbdump-cover-art-archive.tar.bz2", covers_of(catalogue))
    options = Options(
        config=write_config(tmp_path / "config"),
        data=tmp_path / "data",
        sandbox=True,
        sandbox_limits=False,
        from_dump=dump,
    )
    told = []
    with night.Night.begin(options) as tonight:
        tonight.take_backup()
        tonight.extract()
        reports = tonight.ask(lambda source, done, total: told.append(source))
    assert told[0] == "musicbrainz_dump"
    # without the dump: one request for addresses, two for releases and pairs, three for names, and a dozen for single albums
    assert reports["musicbrainz"].requests < 12
    with duckdb.connect(str(tmp_path / "data" / "warehouse.duckdb"), read_only=True) as connection:
        (searched,) = connection.execute(
            "select count(*) from musicbrainz.release_groups where request_key not like '%dump=%'"
        ).fetchone()
        (answered,) = connection.execute(
            "select count(*) from musicbrainz.release_groups where request_key like '%dump=%'"
        ).fetchone()
    assert searched < 12
    assert answered > 0
    assert not (tmp_path / "data" / "dump").exists()


def test_wrong_path_is_named_before_anything_happens(tmp_path):
    """A path without a dump ends the command with status 2 and one line; no data folder is made."""
    result = CliRunner().invoke(
        app, ["run", "--sandbox", "--from-dump", str(tmp_path / "nothing"), "--data", str(tmp_path / "data")]
    )
    assert result.exit_code == 2
    assert "no dump here" in result.output
    assert not (tmp_path / "data").exists()
