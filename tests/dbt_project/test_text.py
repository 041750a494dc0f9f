"""Folding, as dbt and the work list do it: one macro, rendered here alone."""

# ruff: noqa: RUF001 - look-alike letters are what is tested

from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

MACRO = Path(__file__).parents[2] / "dbt_project" / "macros" / "engine" / "fold_text.sql"


@pytest.fixture(scope="module")
def fold():
    """The folding expression of DuckDB as a Python function."""
    module = jinja2.Environment(autoescape=False).from_string(MACRO.read_text(encoding="utf-8")).module
    statement = f"select {module.duckdb__fold_text('$name')}"
    connection = duckdb.connect()
    yield lambda name: connection.execute(statement, {"name": name}).fetchone()[0]
    connection.close()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Sinéad O’Connor", "Sinead O'Connor"),
        ("Mötley Crüe", "MOTLEY CRUE"),
        ("Café", "Cafe\u0301"),
        ("Ｒａｄｉｏｈｅａｄ", "Radiohead"),
        ("Q‐Tip", "Q-Tip"),
        ("Simon & Garfunkel", "Simon and Garfunkel"),
        ("AC/DC", "ac dc"),
        ("Røyksopp", "Royksopp"),
        ("Sœur Sourire", "Soeur Sourire"),
        ("Guns N’ Roses", "Guns N' Roses"),
        ("Straße", "STRASSE"),
        ("  Air  ", "AIR"),
    ],
)
def test_two_spellings_of_one_name_meet(fold, left: str, right: str) -> None:
    """D1: case, accents, full width, quotes, hyphens and "&" do not tell two names apart."""
    assert fold(left) == fold(right)


@pytest.mark.parametrize("name", ["!!!", "+/-", "…", "÷", "★", "?", "(((O)))", "坂本龍一", "Кино", "♥"])
def test_a_name_without_letters_is_not_emptied(fold, name: str) -> None:
    """D1: a name of signs, or in another script, keeps a key of its own."""
    assert fold(name)


def test_names_of_signs_stay_different(fold) -> None:
    """Signs are names too: "!!!" is not "+/-", an empty key would make them one artist."""
    names = ["!!!", "+/-", "…", "÷", "=", "坂本龍一", "久石譲"]
    assert len({fold(name) for name in names}) == len(names)


def test_nothing_stays_nothing(fold) -> None:
    """Null and blank have no key, and meet no name."""
    assert fold(None) is None
    assert fold("   ") is None


@given(st.text(min_size=1, max_size=30))
def test_no_text_breaks_folding(fold, name: str) -> None:
    """D1: whatever a library holds: folding gives a key for whatever is not blank, and folding twice changes nothing."""
    folded = fold(name)
    if any(letter.isalnum() for letter in name):
        assert folded
    if folded:
        assert fold(folded) == folded or fold(fold(folded)) == fold(folded)
