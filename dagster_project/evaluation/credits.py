"""Measures the splitting of artist credits by rules and seeds alone, on labelled real credits.

Here lives how labelled credits become a library and how the answers are compared. No rule about credits lives here: the
very dbt models of the night judge, over a library that no source was asked about.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from dagster_project.believe import build
from ingest import warehouse

if TYPE_CHECKING:
    from dagster_project.spark import Spark

LABELLED_FILE = "artist_credits.csv"
READ = ("int_artist_credits_split", "int_artist_credits_judged")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the models say of one credit: its acts in order (the credit alone where it is kept), and what decided."""

    acts: tuple[str, ...]
    is_applied: bool
    rule: str


def measure(folder: Path, scratch: Path, engine: Spark | None = None) -> dict[str, Any]:
    """Let the rules judge the labelled credits of `folder`.

    Args:
        folder: holds artist_credits.csv (credit, artists_json, kind positive|negative, separator).
        scratch: an empty folder for the warehouse and dbt's files.
        engine: what believes, DuckDB where none is given.

    Returns:
        Shares from 0 to 1. `exact`: the acts are the labelled ones, in order, whether applied or put to the person
        (compared after trimming, NFC and case folding); `positive`, `negative`: the same among credits of several acts
        and of one; `applied_precision`: of the credits that would be split without asking, those with the right acts;
        `applied_coverage`: of the credits of several acts, those split rightly without asking; `per_separator` and
        `per_rule`: `exact` and `credits` (a count) of each. A share of nothing is None.

    Raises:
        FileNotFoundError: the labelled credits are not in `folder`.
        RuntimeError: dbt failed.
    """
    with (folder / LABELLED_FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return compared(rows, judge([row["credit"] for row in rows], scratch, engine))


def judge(credits: Sequence[str], scratch: Path, engine: Spark | None = None) -> list[Judged]:
    """What the credit models say of each name, in their order. RuntimeError where dbt failed."""
    scratch.mkdir(parents=True, exist_ok=True)
    path = scratch / "credits.duckdb"
    path.unlink(missing_ok=True)
    connection = warehouse.connect(path)
    try:
        numbers = [str(number) for number in range(1, len(credits) + 1)]
        artists = {"id": pa.array(numbers, pa.string()), "name": pa.array(credits, pa.string())}
        warehouse.replace_library_table(connection, "library.artists", pa.table(artists))
    finally:
        connection.close()
    beliefs = build(
        path,
        scratch,
        select=["+int_artist_credits_split"],
        exclude=["resource_type:test", "resource_type:unit_test"],
        engine=engine,
    )
    if not beliefs.success:
        raise RuntimeError(f"dbt failed: {beliefs.exception or [node.message for node in beliefs.errors]}")
    return _read(path, credits)


def compared(rows: Sequence[Mapping[str, str]], judged: Sequence[Judged]) -> dict[str, Any]:
    """The labelled rows beside what was judged of them; see `measure`."""
    verdicts = [
        (row, answer, _folded(answer.acts) == _folded(json.loads(row["artists_json"])))
        for row, answer in zip(rows, judged, strict=True)
    ]
    positive = [(answer, right) for row, answer, right in verdicts if row["kind"] == "positive"]
    by_separator: dict[str, list[bool]] = defaultdict(list)
    by_rule: dict[str, list[bool]] = defaultdict(list)
    for row, answer, right in verdicts:
        by_separator[row["separator"]].append(right)
        by_rule[answer.rule].append(right)
    return {
        "exact": _share(right for *_, right in verdicts),
        "positive": _share(right for _, right in positive),
        "negative": _share(right for row, _, right in verdicts if row["kind"] == "negative"),
        "applied_precision": _share(right for _, answer, right in verdicts if answer.is_applied),
        "applied_coverage": _share(answer.is_applied and right for answer, right in positive),
        "per_separator": _counted(by_separator),
        "per_rule": _counted(by_rule),
    }


def _read(path: Path, credits: Sequence[str]) -> list[Judged]:
    connection = duckdb.connect(str(path))
    try:
        acts: dict[int, list[str]] = defaultdict(list)
        for artist_id, act in connection.execute(
            "select artist_id, act_name from intermediate.int_artist_credits_split order by artist_id, act_position"
        ).fetchall():
            acts[artist_id].append(act)
        verdicts = connection.execute(
            "select artist_id, is_applied, rule from intermediate.int_artist_credits_judged"
        ).fetchall()
    finally:
        connection.close()
    decided = {artist_id: (is_applied, rule) for artist_id, is_applied, rule in verdicts}
    return [
        Judged(acts=tuple(acts.get(number) or [credit]), is_applied=decided[number][0], rule=decided[number][1])
        for number, credit in enumerate(credits, start=1)
    ]


def _folded(acts: Iterable[str]) -> list[str]:
    return [unicodedata.normalize("NFC", act).strip().casefold() for act in acts]


def _share(answers: Iterable[bool]) -> float | None:
    listed = list(answers)
    return round(sum(listed) / len(listed), 4) if listed else None


def _counted(groups: Mapping[str, Sequence[bool]]) -> dict[str, dict[str, Any]]:
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {name: {"exact": _share(answers), "credits": len(answers)} for name, answers in ordered}
