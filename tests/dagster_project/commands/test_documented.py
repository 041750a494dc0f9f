"""What is promised on paper is there: every verb has its place in the pages, every query runs, every column is described."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.main import get_command

from dagster_project.cli import app
from tests.dagster_project.commands.answers import Finished

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "docs").glob("*.md"))
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "README.md", *PAGES))
QUERIES = re.findall(
    r"^```sql\n(.*?)^```", (ROOT / "docs" / "warehouse.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
VERBS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_documented(verb: str) -> None:
    """Who knows a verb's name finds it in the README or in docs/."""
    assert f"sillon {verb}" in TEXT


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_examples(verb: str) -> None:
    """`sillon VERB --help` shows how it is typed."""
    assert "Examples:" in (get_command(app).commands[verb].help or "")  # type: ignore[attr-defined]


def test_no_page_names_a_verb_that_is_not_there() -> None:
    """What a reader copies from a page works."""
    typed = set(re.findall(r"^(?:\.venv/bin/)?sillon ([a-z]+)", TEXT, re.MULTILINE))

    assert typed - set(VERBS) == set()


def test_there_are_ten_questions() -> None:
    """The page that promises ten queries holds ten."""
    assert len(QUERIES) == 10


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_every_query_of_the_page_runs(number: int, night: Finished) -> None:
    """On the marts of a night, as a reader would paste it, each query answers with rows."""
    with duckdb.connect(str(night.data / "marts.duckdb"), read_only=True) as marts:
        assert marts.execute(QUERIES[number]).fetchall(), QUERIES[number]


def test_an_undo_is_not_the_last_run(night: Finished, tmp_path: Path) -> None:
    """ "What did the last run change" answers with the run's own rows, also when something was taken back after it."""
    [query] = [query for query in QUERIES if "sillon.applied_changes" in query]
    shutil.copyfile(night.data / "marts.duckdb", tmp_path / "marts.duckdb")
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as marts:
        before = marts.execute(query).fetchall()
        marts.execute(
            "insert into sillon.applied_changes by name select * replace ('undo-20990101-020000' as run_id)"
            " from sillon.applied_changes where state = 'applied' limit 1"
        )

        assert marts.execute(query).fetchall() == before


def test_what_is_typed_finds_its_python() -> None:
    """No page lets a reader type `python -m …` with whatever Python the system has: Sillon's is in `.venv/bin`."""
    assert re.findall(r"^.*(?<!/)\bpython -m.*$", TEXT, re.MULTILINE) == []


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *PAGES], ids=lambda page: page.name
)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    """A page or picture that a page names is there."""
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_every_mart_column_is_described(night: Finished) -> None:
    """Somebody who opens a mart reads what each column means; a mart without a contract is none."""
    described = {}
    for file in (ROOT / "dbt_project/models/marts").glob("*.yml"):
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", ()):
            described[model["name"]] = {column["name"]: column.get("description") for column in model["columns"]}
            assert model.get("description"), model["name"]
    with duckdb.connect(str(night.data / "marts.duckdb"), read_only=True) as marts:
        columns = marts.execute(
            "select table_name, column_name from duckdb_columns()"
            " where schema_name = 'main' and not internal order by all"
        ).fetchall()

    assert [column for table, column in columns if not described.get(table, {}).get(column)] == []
    assert {table for table, _ in columns} == set(described)


def test_no_picture_weighs_down_the_readme() -> None:
    """A picture is a PNG of at most 300 kB."""
    pictures = sorted((ROOT / "docs" / "images").iterdir())

    assert [picture.name for picture in pictures if picture.suffix != ".png" or picture.stat().st_size > 300_000] == []
