"""What holds for every model of the project, read as text."""

from pathlib import Path

MODELS = Path(__file__).parents[2] / "dbt_project" / "models"
LONG = 80


def test_a_long_model_says_why():
    """A model over 80 lines carries one line that begins with "-- Long", and a short one does not."""
    files = sorted(MODELS.rglob("*.sql"))
    says = {file.stem for file in files if "\n-- Long " in "\n" + file.read_text(encoding="utf-8")}
    is_long = {file.stem for file in files if len(file.read_text(encoding="utf-8").splitlines()) > LONG}
    assert says == is_long
    assert len(files) > 100
