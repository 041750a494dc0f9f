"""Words of documents by field, for the searches of the sandbox: phrases, and words that pass a test.

Not here: the syntax of a query (lucene.py), nor which fields an entity has.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from ingest.sandbox.words import cut

Hits = dict[int, float]
EXACT = frozenset({"arid", "reid", "rgid", "barcode", "country", "lang", "script"})


class Index:
    """Words of documents by field: word -> document -> positions."""

    def __init__(self, fields: Sequence[str], default: Sequence[str]) -> None:
        self.fields = set(fields)
        self.default = tuple(default)
        self.size = 0
        self.postings: dict[str, dict[str, dict[int, list[int]]]] = {name: defaultdict(dict) for name in fields}
        self.lengths: dict[str, dict[int, int]] = {name: {} for name in fields}

    def add(self, document: int, values: Mapping[str, Sequence[str]]) -> None:
        """Index one document; several values of a field lie a gap apart, so that no phrase crosses them."""
        self.size = max(self.size, document + 1)
        for name, texts in values.items():
            position = count = 0
            for text in texts:
                words = (text.casefold(),) if name in EXACT else cut(text)
                for word in words:
                    self.postings[name][word].setdefault(document, []).append(position)
                    position += 1
                count += len(words)
                position += 100
            self.lengths[name][document] = max(1, count)

    def phrase(self, name: str, text: str) -> Hits:
        """Documents in whose field the words stand side by side, or all documents with the exact value."""
        words = (text.casefold(),) if name in EXACT else cut(text)
        lists = [self.postings[name].get(word) for word in words]
        if not lists or any(found is None for found in lists):
            return {}
        first, rest = lists[0] or {}, lists[1:]
        matches = {}
        for document, positions in first.items():
            following = [(found or {}).get(document) for found in rest]
            if any(found is None for found in following):
                continue
            if any(all(at + 1 + step in (found or ()) for step, found in enumerate(following)) for at in positions):
                matches[document] = self.weight(name, words, document)
        return matches

    def weight(self, name: str, words: Sequence[str], document: int) -> float:
        """Rare words in short fields weigh most."""
        rarity = sum(math.log(1 + self.size / (1 + len(self.postings[name].get(word, ())))) for word in words)
        return rarity / math.sqrt(self.lengths[name].get(document, 1))

    def words_where(self, name: str, wanted: Callable[[str], bool]) -> Hits:
        """Documents with any word of the field that is wanted: for prefixes, ranges and nearly-words."""
        found: Hits = {}
        for word, documents in self.postings[name].items():
            if wanted(word):
                for document in documents:
                    found[document] = max(found.get(document, 0.0), self.weight(name, (word,), document))
        return found
