"""What can be asked: one question and the albums it is for, and the acts that a name may hold.

Which questions are due stands in `worklist.py`, how a source is asked in `sources/`.
"""

import re
from dataclasses import dataclass

# Separators between acts, the surest first; a name is also cut at each level alone, so that "Earth, Wind & Fire" is
# asked for whole and "A, B & C" as "B & C" too.
_SEPARATORS = (
    r"\s+(?:feat\.?|ft\.?|featuring|with|vs\.?)\s+|[;|]",
    r"\s*,\s*|\s*/\s*|\s+\+\s+",
    r"\s*&\s*|\s+(?:and|et|und|y|x|e)\s+",
)
_OPEN_PARENTHESIS = re.compile(r"[()\[\]]")


@dataclass(frozen=True, slots=True)
class Item:
    """One question and the albums it is asked for; `value` is what the source needs: an id, a name, an address."""

    question: str
    value: str
    album_ids: tuple[str, ...] = ()

    @property
    def asked(self) -> list[dict[str, str]]:
        """As the raw tables keep it."""
        if not self.album_ids:
            return [{"question": self.question}]
        return [{"question": self.question, "album_id": album_id} for album_id in self.album_ids]


@dataclass(frozen=True, slots=True)
class AlbumItem(Item):
    """A question for an album by its names: `value` is the title without edition words."""

    artists: tuple[str, ...] = ()
    first_artist: str = ""
    title_words: tuple[str, ...] = ()
    is_collective: bool = False
    is_soundtrack: bool = False


@dataclass(frozen=True, slots=True)
class TrackItem(Item):
    """A question for an album through one of its tracks: `value` is the track's title."""

    artist: str = ""
    album: str = ""


def parts_of(name: str) -> list[str]:
    """A name and the acts it may be made of, each once: every separator alone, then all together.

    >>> parts_of("A feat. B & C")
    ['A feat. B & C', 'A', 'B & C', 'A feat. B', 'C', 'B']
    """
    parts = [name.strip()]
    surest = "|".join(_SEPARATORS[:2])
    for pattern in (*_SEPARATORS, surest, "|".join(_SEPARATORS)):
        pieces = re.split(pattern, name, flags=re.IGNORECASE)
        if len(pieces) > 1:
            parts.extend(_OPEN_PARENTHESIS.sub(" ", piece).strip(" ,;/&+|-") for piece in pieces)
    return [part for part in dict.fromkeys(parts) if re.search(r"\w", part)]
