"""A faithful subset of the Lucene syntax that MusicBrainz' search speaks, over an index in memory (index.py).

Fields, phrases, groups, AND OR NOT + - && || !, prefixes, ranges, `~`, boosts (read, not weighed) and escapes; the default
operator is OR. Answers are {document: weight}. Not here: which fields an entity has (musicbrainz.py says it).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.sandbox.index import Hits, Index
from ingest.sandbox.words import cut

LEXEMES = re.compile(
    r"""(?P<blank>\s+)|(?P<and>&&)|(?P<or>\|\|)|(?P<open>\()|(?P<close>\))|(?P<field>[A-Za-z_]+):(?=\S)
    |(?P<phrase>"(?:\\.|[^"\\])*")|(?P<range>[\[{][^\]}]*?\sTO\s[^\]}]*?[\]}])|(?P<after>[~^]\d*\.?\d*)
    |(?P<before>[+\-!](?=\S))|(?P<term>(?:\\.|[^\s()"\[\]{}^~:\\])+)""",
    re.X | re.S,
)


class BadQueryError(ValueError):
    """The query cannot be read; the message is what the search server would say."""


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One piece of a query."""

    kind: str
    text: str


def lex(query: str) -> list[Lexeme]:
    """Pieces of a query, blanks dropped. Raises BadQueryError where no piece begins."""
    pieces, position = [], 0
    while position < len(query):
        found = LEXEMES.match(query, position)
        if found is None:
            raise BadQueryError(f"Cannot parse '{query[:80]}': lexical error at column {position}")
        kind, text = str(found.lastgroup), found.group()
        if kind == "term" and text in {"AND", "OR", "NOT"}:
            kind = {"AND": "and", "OR": "or", "NOT": "before"}[text]
            text = "-" if kind == "before" else text
        if kind != "blank":
            pieces.append(Lexeme(kind, text[:-1] if kind == "field" else text))
        position = found.end()
    return pieces


def unescape(text: str) -> str:
    """The text without its backslashes."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.S)


def search(index: Index, query: str) -> Hits:
    """{document: weight} for a query. Raises BadQueryError for one that cannot be read."""
    return _Reader(index, lex(query)).whole()


class _Reader:
    """Recursive descent over the pieces of one query, evaluated as it is read."""

    def __init__(self, index: Index, pieces: list[Lexeme]) -> None:
        self.index, self.pieces, self.at = index, pieces, 0

    def whole(self) -> Hits:
        hits = self.any_of(None)
        if self.at < len(self.pieces):
            raise BadQueryError(f"Cannot parse: unexpected '{self.pieces[self.at].text}'")
        return hits

    def peek(self) -> str:
        return self.pieces[self.at].kind if self.at < len(self.pieces) else ""

    def take(self) -> Lexeme:
        self.at += 1
        return self.pieces[self.at - 1]

    def any_of(self, name: str | None) -> Hits:
        """Clauses joined by OR or by nothing, with + and - among them."""
        wanted: list[Hits] = []
        required: list[Hits] = []
        refused: set[int] = set()
        while self.peek() not in ("", "close"):
            if self.peek() == "or":
                self.take()
                continue
            sign, hits = self.all_of(name)
            if sign == "-":
                refused |= hits.keys()
            else:
                (required if sign == "+" else wanted).append(hits)
        found = _sum(wanted) if not required else _both([*required], _sum(wanted))
        return {document: weight for document, weight in found.items() if document not in refused}

    def all_of(self, name: str | None) -> tuple[str, Hits]:
        """Clauses joined by AND. A lone clause hands its sign upwards."""
        sign, hits = self.signed(name)
        if self.peek() != "and":
            return sign, hits
        required = [] if sign == "-" else [hits]
        refused = set(hits) if sign == "-" else set()
        while self.peek() == "and":
            self.take()
            sign, hits = self.signed(name)
            if sign == "-":
                refused |= hits.keys()
            else:
                required.append(hits)
        if self.peek() == "before" and self.pieces[self.at].text == "-":  # `a AND b NOT c`: the refusal joins the group
            refused |= self.signed(name)[1].keys()
        found = _both(required, {})
        return "", {document: weight for document, weight in found.items() if document not in refused}

    def signed(self, name: str | None) -> tuple[str, Hits]:
        sign = ""
        while self.peek() == "before":
            text = self.take().text
            sign = "+" if text == "+" else "-"
        return sign, self.clause(name)

    def clause(self, name: str | None) -> Hits:
        kind = self.peek()
        if kind == "field":
            return self.clause(self.take().text.casefold())
        if kind == "open":
            self.take()
            hits = self.any_of(name)
            if self.peek() != "close":
                raise BadQueryError("Cannot parse: a parenthesis is not closed")
            self.take()
            self.after()
            return hits
        if kind not in ("phrase", "term", "range"):
            raise BadQueryError(
                f"Cannot parse: '{self.pieces[self.at].text if kind else '<EOF>'}' where a clause was expected"
            )
        piece = self.take()
        nearly = self.after()
        names = (name,) if name else self.index.default
        return _sum([self.values(one, piece, nearly) for one in names if one in self.index.fields])

    def after(self) -> bool:
        """Reads boosts and `~`; true for the latter."""
        nearly = False
        while self.peek() == "after":
            nearly |= self.take().text.startswith("~")
        return nearly

    def values(self, name: str, piece: Lexeme, nearly: bool) -> Hits:
        if piece.kind == "range":
            low, high = (part.strip().casefold() for part in piece.text[1:-1].split(" TO "))
            return self.index.words_where(
                name, lambda word: (low == "*" or word >= low) and (high == "*" or word <= high)
            )
        if piece.kind == "phrase":
            return self.index.phrase(name, unescape(piece.text[1:-1]))
        if piece.text.endswith("*") and not piece.text.endswith("\\*"):
            start = " ".join(cut(unescape(piece.text[:-1])))
            return self.index.words_where(name, lambda word: word.startswith(start))
        text = unescape(piece.text)
        if nearly:
            return self.index.words_where(name, lambda word: _near(word, text.casefold()))
        return self.index.phrase(name, text)


def _near(left: str, right: str, limit: int = 2) -> bool:
    """Whether two words are at most two edits apart."""
    if abs(len(left) - len(right)) > limit:
        return False
    row = list(range(len(right) + 1))
    for step, sign in enumerate(left, 1):
        before, row[0] = row[0], step
        for place, other in enumerate(right, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (sign != other))
    return row[-1] <= limit


def _sum(parts: Sequence[Hits]) -> Hits:
    total: Hits = {}
    for part in parts:
        for document, weight in part.items():
            total[document] = total.get(document, 0.0) + weight
    return total


def _both(required: Sequence[Hits], extra: Hits) -> Hits:
    if not required:
        return {}
    smallest = min(required, key=len)
    return {
        document: sum(part[document] for part in required) + extra.get(document, 0.0)
        for document in smallest
        if all(document in part for part in required)
    }
