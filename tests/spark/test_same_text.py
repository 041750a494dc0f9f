"""What decides about a text, a number or an answer is the same on both engines, letter by letter and for hostile input."""

# ruff: noqa: RUF001 - look-alike letters are what is tested

import unicodedata

import pytest

pytestmark = pytest.mark.spark

# Every character of Unicode; 0 is left out of every text before (json_text).
LETTERS = [chr(point) for point in range(1, 0x110000) if unicodedata.category(chr(point)) not in ("Cn", "Co", "Cs")]
NAMES = [
    None,
    "",
    " ",
    "\u3000\u00a0\u2003",
    "AC/DC",
    "Sigur Rós",
    "Mötley Crüe",
    "Beyoncé",
    "Cafe\u0301 Tacvba",
    "BJÖRK",
    "İstanbul ΣΊΣΥΦΟΣ",
    "Ｒａｄｉｏｈｅａｄ　＆　Ｆｒｉｅｎｄｓ",
    "Ægir ŒUVRE Straße Þór",
    "坂本龍一",
    "久石譲 ガンダム",
    "Кино́ Й",
    "فيروز",
    "한국 가요",
    unicodedata.normalize("NFD", "한국 가요 붉은 노을 Live"),
    "Guns N’ Roses",
    "!!!",
    "+/-",
    "Ⓐ ☮",
    "a\tb\x0bc\nd\r\u2028e\x85f",
    "tail\n",
    " lead and tail \u00a0",
    "back\\slash 'quote' \"double\" $1 \\1",
    "(feat. B) [Live] {x} « y »",
    "x" * 3000,
    "😀 emoji 👩‍👩‍👧",
    "1971",
    "ſuper KELVIN \u212a",
]


def differing(found: dict, keys: list) -> list[tuple]:
    return [
        (key, one, other)
        for key, one, other in zip(keys, found["duckdb"], found["spark"], strict=True)
        if repr(one) != repr(other)
    ]


def test_every_letter_of_unicode_folds_alike(both):
    """Alone, and under an accent between letters: what folds to what, what vanishes, is decided by no engine's own Unicode.

    But for a name that is one mark alone which its normal form takes apart (twelve of Tibetan, the forking, notes of music).
    """
    rows = [(letter, f"ab{letter}\u0301ba") for letter in LETTERS]
    found = both(rows, *(lambda macros, name=name: macros.fold_text(name) for name in ("a", "b")))
    assert len(found["spark"]) == len(LETTERS) > 100_000
    wrong = differing(found, LETTERS)
    whole = [
        letter for letter, one, other in wrong if one[1] == other[1] and len(unicodedata.normalize("NFC", letter)) > 1
    ]
    assert [ascii(row) for row in wrong if row[0] not in whole] == []
    assert len(whole) < 40


def test_names_fold_alike(both):
    """D1: names of many scripts, of signs, with every kind of blank and quote."""
    rows = [(name,) for name in NAMES]
    assert differing(both(rows, lambda macros: macros.fold_text("a")), NAMES) == []


def test_blanks_are_the_same_blanks(both):
    """What is trimmed, what counts as blank."""
    rows = [(f"{letter}x{letter}",) for letter in LETTERS[:0x3100]] + [(name,) for name in NAMES]
    found = both(rows, lambda macros: macros.trimmed("a"), lambda macros: macros.is_blank("a"))
    assert differing(found, rows) == []


# Patterns as the models have them, with how many groups each holds.
PATTERNS = {
    r"^\s*([0-9]{4})([^0-9]|$)": 2,
    r"\s*\([0-9]+\)\s*$": 0,
    r"[\s\p{Z}]+": 0,
    r"^(.*[^\s].*)(\s[-–—/]\s|:\s)\s*([^\s].*)$": 3,
    r"[(\[{（［【]([^()\[\]{}（）［］【】]*)[)\]}）］】]": 1,
    r"[\x00-\x1f\x7f\s]+": 0,
    r"^(?i:super|kelvin) ?(.)": 1,
    r"([(\[]|^)\s*[-,;:/|·–—]+\s*": 1,
    r"^[0-9]+$": 0,
    r"ail$": 0,
    r"^the (.)": 1,
    r"(.)[)\]]$": 1,
    r"[()\[\]]+": 0,
}


@pytest.mark.parametrize(("pattern", "groups"), PATTERNS.items())
def test_a_pattern_means_the_same(both, pattern: str, groups: int):
    """RE2 and Java: line ends, blanks, classes, case; matching, cutting out and replacing."""
    pieces = [
        f"{one}{other}"
        for one in ("", "tail", "the x)", "1971", "a - b", "ſuper!")
        for other in ("", "\n", "\r\n", "\x0b", "\u2028", " (12)")
    ]
    rows = [(text,) for text in [*NAMES, *pieces]]
    found = both(
        rows,
        lambda macros: macros.matches_pattern("a", pattern),
        lambda macros: macros.replace_pattern("a", pattern, "<>"),
        lambda macros: macros.extract_all("a", pattern, 0),
        *(lambda macros, group=group: macros.extract_pattern("a", pattern, group) for group in range(groups + 1)),
    )
    assert differing(found, rows) == []


ANSWERS = [
    None,
    "",
    "null",
    "x",
    '{"a": 1',
    '{"a": 1} x',
    "1, 2",
    "[]",
    "{}",
    '"[1]"',
    '{"t": "[unknown]"}',
    '{"t": "{}", "n": 12, "b": true, "f": 1.5, "z": null}',
    '{"t": {"x": 1}, "n": [1, 2]}',
    '{"t": "a\\u0000b\\u00e9\\"/\\\\", "n": "1971"}',
    '{"t": ["a", 1, null, "b"], "rows": [{"t": "x", "type": "primary", "uri": "u1"}, {"t": null, "uri": "u2"}, 3]}',
    '{"rows": {"t": "alone"}, "a-b": {"t": "hyphen"}}',
    '{"a-b": [{"t": "one"}, {"t": "two"}], "images": [{"type": "secondary", "uri": "u3"}]}',
    '{"images": [{"type": "secondary", "uri": "u3"}, {"type": "primary", "uri": "u4"}]}',
    '[{"name": "A", "joinphrase": " & "}, {"artist": {"name": "B"}}]',
    "[" * 600 + "]" * 600,
]


def test_an_answer_is_read_alike(both):
    """B7: malformed, of another shape, with a text that looks like a list: the same null, the same rows, and no error."""
    rows = [(answer,) for answer in ANSWERS]

    def read(macros, form: str, *arguments: str) -> str:
        return getattr(macros, form)("answer", *arguments)

    paths = ("$.t", "$.n", "$.b", "$.z", "$.rows", '$."a-b".t', "$[0].name")
    found = both(
        rows,
        lambda _: "answer is null",
        *(lambda macros, path=path: read(macros, "json_text", path) for path in paths),
        *(lambda macros, path=path: read(macros, "json_is_list", path) for path in paths),
        *(lambda macros, path=path: read(macros, "json_is_object", path) for path in paths),
        *(lambda macros, path=path: macros.list_size(read(macros, "json_rows", path)) for path in paths),
        *(lambda macros, path=path: macros.list_size(read(macros, "json_rows_or_self", path)) for path in paths),
        *(lambda macros, path=path: read(macros, "json_texts", path) for path in paths),
        lambda macros: macros.json_joined(read(macros, "json_rows", "$.rows"), "$.t"),
        lambda macros: macros.json_first(read(macros, "json_rows", '$."a-b"'), "$.t"),
        lambda macros: f"coalesce({macros.list_size(read(macros, 'json_entries'))}, 0)",
        lambda macros: macros.credit_text(read(macros, "json_rows", "$")),
        lambda macros: read(macros, "primary_image"),
        read=lambda macros: macros.json_or_null("a"),
    )
    assert differing(found, rows) == []


def test_a_text_is_quoted_alike(both):
    """Candidates of the review queue are JSON made by SQL."""
    rows = [(letter,) for letter in LETTERS[:0x2100]] + [(name,) for name in NAMES]
    assert differing(both(rows, lambda macros: macros.json_quote("a")), rows) == []


NUMBERS = [
    "1971",
    " 1971 ",
    "1971.0",
    "+5",
    "-3",
    "1e3",
    "0x10",
    "1d",
    "nan",
    "inf",
    "-Infinity",
    "9" * 30,
    "",
    "1,5",
    "\u00a07\u3000",
    ".5",
    "5.",
    "-1.5e-3",
    None,
]


def test_numbers_are_read_and_rounded_alike(both):
    """What is no number is null; the half, which no double is, goes the same way; four places are written alike.

    Rounded are shares and penalties: nothing below zero, where Spark knows no "-0.0".
    """
    rows = [(number,) for number in NUMBERS] + [(f"{place / 2000:.4f}",) for place in range(4001)]
    found = both(
        rows,
        lambda macros: macros.try_integer("a"),
        lambda macros: macros.try_integer("a", "bigint"),
        lambda macros: macros.try_number("a"),
        lambda macros: macros.year_of("a"),
        *(
            lambda macros, places=places: macros.rounded(f"abs({macros.try_number('a')})", places)
            for places in (0, 2, 3, 4)
        ),
        lambda macros: macros.number_text(macros.rounded(f"least(abs({macros.try_number('a')}), 9)", 4)),
        lambda macros: macros.number_text(macros.rounded(f"abs(1 - least({macros.try_number('a')}, 9) * 0.7)", 2)),
    )
    assert differing(found, rows) == []


def test_words_and_similarities_are_alike(both):
    """Levenshtein by bytes, shares of words, runs of words from any position."""
    rows = [(one, other) for one in NAMES for other in NAMES]
    found = both(
        rows,
        lambda macros: macros.edit_distance("left(a, 200)", "left(b, 200)"),
        lambda macros: macros.similarity("left(a, 200)", "left(b, 200)"),
        lambda macros: macros.token_overlap(macros.split_words("a"), macros.split_words("b")),
        lambda macros: macros.same_words(macros.split_words("a"), macros.split_words("b")),
        lambda macros: macros.shared_word_count("a", "b"),
        lambda macros: macros.same_letters("a", "b"),
        lambda macros: macros.contains_word("a", "b"),
        lambda macros: macros.split_words("a"),
        lambda macros: macros.split_pieces("a", "|"),
        lambda macros: macros.count_words("a"),
        lambda macros: macros.word_beginnings(macros.split_words("a")),
        lambda macros: macros.word_run(macros.split_words("a"), "2", "3"),
        lambda macros: macros.first_item(macros.split_words("a")),
        lambda macros: macros.hash_text("a"),
    )
    assert differing(found, rows) == []
