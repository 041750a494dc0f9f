"""One project for two engines, read as text: what differs stands in macros/engine/, once for each, and is little."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "dbt_project"
ENGINE = PROJECT / "macros" / "engine"
# A macro of one engine, and what dbt itself lets one engine do in a way of its own.
OWN = re.compile(
    r"{% macro (duckdb|spark)__(\w+)\(.*?{%-? endmacro %}"
    r"|{% materialization \w+, adapter='(duckdb|spark)'.*?{% endmaterialization %}",
    re.DOTALL,
)
DISPATCHED = re.compile(r"adapter\.dispatch\('(\w+)', 'sillon'\)")
# Tables of letters, which are rows, as those of a seed are.
DATA = {"letters", "newer_letters", "newer_marks"}
# Words of one engine that a model must leave to a macro: functions, types and signs that only one of the two has.
ONLY_ONE_HAS = re.compile(
    r"\b(varchar|strpos|string_agg|listagg|levenshtein|json_\w*extract\w*|get_json_object|variant|list_\w+|array_\w+|unnest|explode"
    r"|regexp_\w+|rlike|nfc_normalize|strip_accents|round|trim|epoch|strftime|date_diff|datediff)\s*\(|::|\w\[\d"
)


def lines(text: str) -> int:
    """Lines that say something to an engine: no blank ones, and not those of Jinja alone, which open and close a macro."""
    said = re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)
    return sum(1 for line in said.splitlines() if line.strip() and not re.fullmatch(r"\s*{%-?\s.*%}\s*", line))


def own_lines() -> dict[str, int]:
    """What only one of the two engines reads, with what only a materialization of one of them calls."""
    texts = {file.name: file.read_text(encoding="utf-8") for file in ENGINE.glob("*.sql")}
    kept = lines(texts.pop("keyed.sql"))  # rows kept from night to night: DuckDB's, to the last line
    blocks = [block for text in texts.values() for block in OWN.finditer(text) if block[2] not in DATA]
    found = {
        engine: sum(lines(block[0]) for block in blocks if engine in (block[1], block[3]))
        for engine in ("duckdb", "spark")
    }
    return found | {"duckdb": found["duckdb"] + kept}


def test_what_one_engine_says_the_other_says_too():
    """Every macro that is dispatched has a form for DuckDB and one for Spark, and none is written for nobody."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(ENGINE.glob("*.sql")))
    forms: dict[str, set[str]] = {"duckdb": set(), "spark": set()}
    for block in OWN.finditer(text):
        if block[1]:
            forms[block[1]].add(block[2])
    dispatched = set(DISPATCHED.findall(text))
    assert len(dispatched) > 25
    assert dispatched <= forms["duckdb"]
    assert dispatched <= forms["spark"]
    helpers = {name for names in forms.values() for name in names} - dispatched
    unread = {name for name in helpers if not re.search(rf"(?<!macro )(?:duckdb|spark)__{name}\(", text)}
    # what dbt itself dispatches is called by dbt
    assert unread <= {"create_csv_table", "load_csv_rows", "safe_cast"}


def test_an_engine_is_named_in_its_room_alone():
    """Outside macros/engine no SQL names an engine, nor calls what only one of them knows."""
    named = []
    for file in sorted(PROJECT.rglob("*.sql")):
        if ENGINE in file.parents:
            continue
        text = file.read_text(encoding="utf-8")
        bare = re.sub(r"{#.*?#}|{{.*?}}|{%.*?%}|'[^'\n]*'|--[^\n]*", " ", text, flags=re.DOTALL)
        named += [f"{file.name}: {found[0]}" for found in ONLY_ONE_HAS.finditer(bare)]
        named += [f"{file.name}: {found}" for found in re.findall(r"\b(?:duckdb|spark)__\w+|target\.type", text)]
    assert named == []


def test_nothing_is_written_twice_for_an_engine():
    """One model, seed or test of a name, and no two files of the same rule: a second copy would drift."""
    files = [file for folder in ("models", "tests", "seeds") for file in (PROJECT / folder).rglob("*.*")]
    names = [file.name for file in files if file.suffix in (".sql", ".csv", ".yml")]
    assert len(names) == len(set(names)) > 150
    assert [name for name in names if re.search("duckdb|spark", name)] == []
    rules = [re.sub(r"\s+", " ", file.read_text(encoding="utf-8")) for file in files if file.suffix == ".sql"]
    # one line each: the questions of a source are the same macro called with its name
    assert len(rules) == len(set(rules))


def test_little_of_the_sql_knows_its_engine():
    """Less than a twentieth of the SQL is for one engine alone, both engines' own lines together; the rest runs on both."""
    own = own_lines()
    whole = sum(lines(file.read_text(encoding="utf-8")) for file in PROJECT.rglob("*.sql"))
    assert min(own.values()) > 50, "the count found nothing"
    assert sum(own.values()) / whole < 0.05, f"{own} of {whole} lines"
