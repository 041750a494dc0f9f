"""The command speaks the language of the configuration: every sentence in both, and none beside the tables."""

# ruff: noqa: RUF001 - French writes its own apostrophe

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from dagster_project.commands import words_en, words_fr
from dagster_project.commands.words import Words, speaking
from dagster_project.publish.report import words as shared
from ingest import errors
from tests.dagster_project.commands.answers import Finished, Sillon

PACKAGE = Path(words_en.__file__).parents[1]
SPEAKING = [
    *(PACKAGE / "commands").glob("*.py"),
    *(PACKAGE / f"{name}.py" for name in ("cli", "summary", "progress", "ending")),
]
SPEAKING += [PACKAGE / "checkup.py", PACKAGE / "checkup_folder.py", *(PACKAGE / "defs").glob("*.py")]
SPEAKING = [path for path in SPEAKING if not path.name.startswith("words")]
SAYING = {"say", "head", "warn", "fail", "question", "echo", "prompt", "Finding"}
WORDED = {"words", "error", "of", "count", "told", "said", "raw", "get"}  # what these return comes from the tables
NAMES = re.compile(r"sillon[\w -]*|PATH|http")  # what a person types is no sentence


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def literals(node: ast.AST) -> Iterator[str]:
    """The texts in an expression, but for what is handed to the tables, and for the names of columns."""
    if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in WORDED:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in [node.value] if isinstance(node, ast.Subscript) else ast.iter_child_nodes(node):
        yield from literals(child)


def test_a_sentence_of_one_language_alone() -> None:
    """Every sentence is there in both languages, and has the same places to fill (a count of one may go unsaid)."""
    assert words_en.SENTENCES.keys() == words_fr.SENTENCES.keys()
    for key, english in words_en.SENTENCES.items():
        differ = places(english) ^ places(words_fr.SENTENCES[key])
        assert differ <= ({"n"} if key.endswith(".one") else set()), key


def test_a_sentence_that_hides_one_of_the_report() -> None:
    """The command's keys and the report's are apart: neither changes what the other says."""
    assert words_en.SENTENCES.keys() & shared.SENTENCES["en"].keys() == set()


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: path.name)
def test_a_sentence_beside_the_tables(path: Path) -> None:
    """Whatever a verb says comes from the tables: no text of its own stands where something is said."""
    said = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in SAYING:
            spoken = (
                node.args[2:] if getattr(node.func, "id", "") == "Finding" else node.args
            )  # topic and state are keys
            said += [text for argument in spoken for text in literals(argument)]
    assert [text for text in said if re.search(r"[A-Za-z]{2}", NAMES.sub("", text))] == []


def test_a_key_that_is_nowhere() -> None:
    """Every key that is named is in the tables, and every sentence of the tables is used."""
    texts, named = set(), set()
    for path in SPEAKING:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value.rstrip("."))
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", getattr(node.func, "id", "")) in {"words", "tell", "refuse", "raw"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                named.add(node.args[0].value)
    assert len(named) > 100
    assert named <= words_en.SENTENCES.keys() | shared.SENTENCES["en"].keys()
    unused = []
    for key in words_en.SENTENCES:
        head, _, tail = key.rpartition(".")
        counted = head if tail in ("one", "many") else ""
        if not {key, counted} & texts and not (head in texts and (head not in ("head", "step") or tail in texts)):
            unused.append(key)
    assert unused == []


def test_blanks_of_french() -> None:
    """Before : ; ? ! and within the quotation marks stands a blank that does not break."""
    wrong = {key: text for key, text in words_fr.SENTENCES.items() if re.search(r"(?<![\d/]) [:;?!»]|« |\w'\w", text)}

    assert wrong == {}


@pytest.mark.parametrize(
    ("written", "variable", "spoken"),
    [("en", "", "en"), ("fr", "", "fr"), ("fr", "en", "en"), ("es", "", "fr"), (None, "", "fr")],
)
def test_the_configuration_rules(tmp_path: Path, written: str | None, variable: str, spoken: str) -> None:
    """`language` of the configuration, over it the variable; what is neither is told in French, the default."""
    if written:
        (tmp_path / "enrichment_config.json").write_text(json.dumps({"language": written}))

    assert speaking(tmp_path, {"SILLON_LANGUAGE": variable}).language == spoken


def test_a_broken_configuration_is_told_in_the_default_language(
    sillon: Sillon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that names the language cannot be read: the line that says so is French, with the file's name."""
    monkeypatch.delenv("SILLON_LANGUAGE")
    (tmp_path / "config").mkdir()
    (tmp_path / "config/enrichment_config.json").write_text("{")

    result = sillon()

    assert result.status == 2
    assert result.err.startswith("Erreur\u202f: config/enrichment_config.json")
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Dernier passage\u202f:"),
        (("plan", "--max-minutes", "5"), "Rien n’est dû"),
        (("review", "--config", "elsewhere"), "1 sur "),
        (("history", "--limit", "3"), "ne sont pas montrés"),
        (("history", "--field", "genre"), "avant → après"),
        (("backup", "list"), "vérifiée"),
        (("decisions", "list"), "Rien n’a encore été décidé"),
        (("doctor",), "fuseau horaire"),
        (("undo", "last", "--dry-run"), "rien n’a été écrit"),
        (("explain", "1"), "Questions posées"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_verb_speaks_french(
    sillon: Sillon, night: Finished, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    """On a finished night each reading verb answers in French, and no English sentence is left in what it says."""
    monkeypatch.setenv("SILLON_LANGUAGE", "fr")

    result = sillon(*words, "--data", night.data, stdin="q\n")

    assert said in result.out, result.err
    english = re.findall(r"\b(?:the|was|were|of|is|nothing|which|with|your)\b", spoken_by_us(result.out, words))
    assert english == []


def spoken_by_us(out: str, words: tuple[str, ...]) -> str:
    """What the command says, without the titles and names of the library that stand in tables and questions."""
    kept = [line for line in out.splitlines() if " — " not in line and "http" not in line and "∅" not in line]
    return "\n".join(re.sub(r"\S*/\S*", "", line) for line in kept if not re.search(r"→ |^\s+\d|  \+ |  - ", line))


def test_counts_in_both_languages() -> None:
    """One is one in both; nothing is one in French and many in English."""
    assert Words("en").count("now.changes", 0) == "0 changes"
    assert Words("fr").count("now.changes", 0) == "0 changement"
    assert Words("fr").count("now.changes", 1234) == "1\u202f234 changements"


@pytest.mark.parametrize(
    ("line", "french"),
    [
        ("x: y/music.db: the file is empty; expected a SQLite database.",
         "x: y/music.db\u202f: le fichier est vide\u202f; attendu\u202f: une base SQLite."),
        ("config/a.json: `contakt`: unknown key. The nearest known key is `contact`.",
         "config/a.json\u202f: `contakt`\u202f: clé inconnue. La clé connue la plus proche est `contact`."),
        ("discogs: Too many requests (status 429)", "discogs\u202f: Trop de demandes (statut 429)"),
        ("Title: Subtitle; and more. What?", "Title: Subtitle; and more. What?"),
    ],
)  # fmt: skip
def test_an_error_is_told_in_french(line: str, french: str) -> None:
    """Errors are raised in English; their lines are told piece by piece, and what is not ours stays as it is."""
    assert Words("fr").told(line) == french
    assert Words("en").told(line) == line


def test_an_error_without_french() -> None:
    """Every text that an error of the layers below is raised with, and every remedy, is known in French."""
    unknown = {text for text in raised() if Words("fr").told(text) == text}

    assert unknown == {"7 (7)", "{ … }"}  # a path with a word, and a sign


def raised() -> Iterator[str]:
    """The texts that errors are raised with, a value standing where one is filled in."""
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    for folder in (PACKAGE, PACKAGE.parent / "ingest"):
        for path in folder.rglob("*.py"):
            if {"sandbox", "evaluation", "commands", "evaluating.py"} & set(path.parts) or path.name == "__main__.py":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds:
                    named = [word.value for word in node.keywords if word.arg in ("remedy", "expected")]
                    yield from filter(None, map(filled, [*node.args[:1], *named]))


def filled(node: ast.expr) -> str:
    """A text as written; "7" in the place of what is filled in; "" for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""
