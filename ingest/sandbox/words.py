"""How the sandbox cuts names into words, as MusicBrainz' search server does, and what it derives from a hash.

Here: word cutting, comparison keys, deterministic shares and identifiers. Not here: Sillon's own folding rules, because the
sandbox judges those and must not share them.
"""

import hashlib
import re
import unicodedata
import uuid
from functools import lru_cache

NAMESPACE = uuid.UUID("5c7f2d1e-3b0a-5a55-9a1b-0d6f7a0c51e1")
LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"}
)
# Han and kana characters are one word each, as the search server's tokenizer has them.
WORD = re.compile(r"[぀-ヿ㐀-䶿一-鿿]|[^\W_぀-ヿ㐀-䶿一-鿿]+")
NUMBER_GROUPS = re.compile(r"(?<=\d)[.,](?=\d)")


@lru_cache(maxsize=65536)
def cut(text: str) -> tuple[str, ...]:
    """Words of a name: case and accents folded, katakana as hiragana, every other sign a boundary.

    A name of punctuation alone ("!!!") is one word, itself.
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(sign for sign in folded if not unicodedata.combining(sign))
    folded = folded.translate(LETTERS_WITHOUT_DECOMPOSITION)
    folded = "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in folded)
    words = tuple(WORD.findall(NUMBER_GROUPS.sub("", folded)))
    return words or ((folded.strip(),) if folded.strip() else ())


def key(text: str) -> str:
    """One comparable string of a name."""
    return " ".join(cut(text))


def number(*parts: object) -> int:
    """A number between 0 and 2**64 that follows from the parts alone."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def share(*parts: object) -> float:
    """A number in [0, 1) that follows from the parts alone: the sandbox' only dice."""
    return number(*parts) / 2**64


def mbid(kind: str, *parts: object) -> str:
    """A made-up MusicBrainz identifier (UUID version 5)."""
    text = "\x1f".join([kind, *(str(part) for part in parts)])
    return str(uuid.uuid5(NAMESPACE, text.encode("utf-8", "replace").decode()))


def base62(length: int, *parts: object) -> str:
    """A made-up identifier in the alphabet of Spotify's."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    text = "\x1f".join(str(part) for part in parts)
    value = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).digest(), "big")
    signs = []
    for _ in range(length):
        value, rest = divmod(value, 62)
        signs.append(alphabet[rest])
    return "".join(signs)
