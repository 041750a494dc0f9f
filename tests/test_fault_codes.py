"""Every fault has its code in FAULTS.md, and each code a test that begins with it or a reason why there is none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LIST = TESTS / "FAULTS.md"
PLAN = TESTS.parent / "../shared/design/FAULTS.md"
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| ?(.*?) ?\|$", re.MULTILINE)
# How a test's docstring begins: "K10: …", "K1 to K9, C7: …". Codes of another letter, such as I2, are no faults.
BEGINNING = re.compile(r"\s*([A-Z]\d+(?:(?:, | to )[A-Z]\d+)*): ")
FAULTS = "KENDTCS"
MOST_REASONS = 10
NEVER_A_REASON = "KCS"


def listed(text: str) -> dict[str, str]:
    """The codes of a FAULTS.md, each with the reason why it is not tried ('' where it is)."""
    rows = ROW.findall(text)
    assert len(rows) == len({code for code, _, _ in rows}), "a code stands there twice"
    return {code: reason for code, _, reason in rows}


def named_in(docstring: str) -> set[str]:
    """The codes that a docstring begins with; "K1 to K3" are three."""
    beginning = BEGINNING.match(docstring)
    found: set[str] = set()
    for part in beginning[1].split(", ") if beginning else ():
        first, _, last = part.partition(" to ")
        numbers = range(int(first[1:]), int((last or first)[1:]) + 1)
        found |= {f"{first[0]}{number}" for number in numbers if first[0] in FAULTS}
    return found


def named_by(source: str) -> dict[str, set[str]]:
    """The tests of a module, each with the codes that it names."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return {
        one.name: named_in(ast.get_docstring(one) or "") for one in functions if one.name.startswith("test_")
    }  # fmt: skip


def problems(codes: dict[str, str], named: set[str]) -> list[str]:
    """What does not agree between the list and the tests."""
    reasons = {code for code, reason in codes.items() if reason}
    return [
        *(f"{code}: no test names it, and no reason is given" for code in sorted(codes.keys() - named - reasons)),
        *(f"{code}: a reason is given, and a test names it" for code in sorted(reasons & named)),
        *(f"{code}: a test names it, and it is not listed" for code in sorted(named - codes.keys())),
        *(f"{code}: of this kind each is tried" for code in sorted(reasons) if code[0] in NEVER_A_REASON),
        *([f"{len(reasons)} reasons, at most {MOST_REASONS}"] if len(reasons) > MOST_REASONS else []),
    ]


def test_a_fault_that_nobody_tries() -> None:
    """The list and the tests agree."""
    named: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        named |= set().union(*named_by(path.read_text(encoding="utf-8")).values())
    assert problems(listed(LIST.read_text(encoding="utf-8")), named) == []


@pytest.mark.parametrize(
    ("codes", "named", "words"),
    [
        ({"K1": ""}, set(), "no test names it"),
        ({"E1": "a reason"}, {"E1"}, "a reason is given, and a test names it"),
        ({}, {"E20"}, "not listed"),
        ({"C1": "too hard"}, set(), "each is tried"),
        ({f"E{number}": "no" for number in range(11)}, set(), "11 reasons"),
    ],
)
def test_the_comparison_can_fail(codes: dict[str, str], named: set[str], words: str) -> None:
    """Each way in which the two may disagree is seen."""
    assert len(problems(codes, named)) == 1
    assert words in problems(codes, named)[0]


def test_only_the_beginning_of_a_tests_docstring_counts() -> None:
    """A code in a comment, in the middle of a sentence or in a helper's docstring tries nothing."""
    source = '''
def test_one(): """K1 to K3, C7, I2: killed."""
def test_two(): """After K4 comes K5: never mind."""
def helper(): """K6: not a test."""
# K8: a comment
'''
    assert named_by(source) == {"test_one": {"K1", "K2", "K3", "C7"}, "test_two": set()}


@pytest.mark.skipif(not PLAN.is_file(), reason="the plan of the faults does not lie beside this checkout")
def test_a_fault_that_the_plan_has_and_the_list_has_not() -> None:
    """The list has the codes of the plan, and no other."""
    planned: set[str] = set()
    section = PLAN.read_text(encoding="utf-8").partition("## 3")[2].partition("## 4")[0]
    for first, last in re.findall(rf"\b([{FAULTS}]\d+)(?:\u2013([{FAULTS}]\d+))?", section):
        planned |= named_in(f"{first} to {last or first}: ")
    assert listed(LIST.read_text(encoding="utf-8")).keys() == planned
