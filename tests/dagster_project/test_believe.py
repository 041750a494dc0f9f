"""How dbt is run: with the memory of the machine in mind, and with the engine's own words for what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import believe
from ingest import warehouse


def out_of_memory() -> believe.Beliefs:
    node = believe.NodeResult(
        unique_id="model.sillon.int_titles_parsed", name="int_titles_parsed", resource_type="model", status="error",
        severity="", failures=None, message="Out of Memory Error: could not allocate block", seconds=1.0,
    )  # fmt: skip
    return believe.Beliefs(success=False, results=(node,))


def test_models_that_do_not_fit_beside_each_other_run_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that ran out of memory is tried once more, one model at a time, by dbt itself; another failure is not."""
    asked: list[list[str]] = []
    real = believe._invoke

    def invoke(words: Sequence[str], *rest: Any) -> tuple[believe.Beliefs, list[Any]]:
        asked.append(list(words))
        return (out_of_memory(), []) if len(asked) == 1 else real(words, *rest)

    monkeypatch.setattr(believe, "_invoke", invoke)
    store = tmp_path / "warehouse.duckdb"
    warehouse.connect(store).close()

    beliefs = believe.build(store, tmp_path / "dbt", select=["resource_type:seed"], exclude=["resource_type:test"])

    assert len(asked) == 2
    assert asked[1][-2:] == ["--threads", "1"]
    assert beliefs.success
    assert not beliefs.is_short_of_memory
    assert {result.resource_type for result in beliefs.results} == {"seed"}


def test_the_engines_own_words_come_first() -> None:
    """A report shows one line of it: the name of a file of ours would tell nobody what to do."""
    said = "Runtime Error in model int_titles_parsed (models/intermediate/int_titles_parsed.sql)\n  Out of Memory Error: x\n  y"

    assert believe.reason(said) == "Out of Memory Error: x\ny"
    assert believe.reason("Got 3 results, configured to fail if != 0") == "Got 3 results, configured to fail if != 0"
    assert believe.reason("Database Error in model x (x.sql)") == "Database Error in model x (x.sql)"
    assert believe.reason(None) is None


@pytest.mark.parametrize(
    ("limit", "taken"), [("1.6 GiB", "1.00GiB"), ("18.7 GiB", "5.00GiB"), ("500.0 MiB", "0.50GiB")]
)
def test_half_of_a_small_machine_stays_its_own(limit: str, taken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB believes with half of what the machine has, and with 5 GiB at most, unless it was told otherwise."""

    class Connection:
        def __enter__(self) -> Connection:
            return self

        def __exit__(self, *_: object) -> None: ...

        def execute(self, _: str) -> Connection:
            return self

        def fetchone(self) -> tuple[str]:
            return (limit,)

    monkeypatch.setattr(duckdb, "connect", Connection)
    monkeypatch.delenv("SILLON_DBT_MEMORY", raising=False)
    believe._memory.cache_clear()
    try:
        assert believe.dbt_environment(Path("w"), Path("s"))["SILLON_DBT_MEMORY"] == taken
    finally:
        believe._memory.cache_clear()
    monkeypatch.setenv("SILLON_DBT_MEMORY", "3GB")
    assert believe.dbt_environment(Path("w"), Path("s"))["SILLON_DBT_MEMORY"] == "3GB"
