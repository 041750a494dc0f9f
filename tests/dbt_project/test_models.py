"""What holds for every model of the project, and dbt's own unit tests of them."""

from pathlib import Path

from dagster_project.believe import build
from ingest import warehouse

MODELS = Path(__file__).parents[2] / "dbt_project" / "models"
LONG = 80


def test_a_long_model_says_why():
    """A model over 80 lines carries one line that begins with "-- Long", and a short one does not."""
    files = sorted(MODELS.rglob("*.sql"))
    says = {file.stem for file in files if "\n-- Long " in "\n" + file.read_text(encoding="utf-8")}
    is_long = {file.stem for file in files if len(file.read_text(encoding="utf-8").splitlines()) > LONG}
    assert says == is_long
    assert len(files) > 100


def test_every_unit_test_of_dbt_passes(tmp_path):
    """A night leaves them out, for they judge the models and not a library: so they are run here."""
    path = tmp_path / "warehouse.duckdb"
    warehouse.connect(path).close()

    beliefs = build(path, tmp_path, exclude=["resource_type:test"], unit_tests=True)

    assert beliefs.success, [(one.name, one.message) for one in beliefs.errors]
    assert sum(one.resource_type == "unit_test" for one in beliefs.results) >= 16
