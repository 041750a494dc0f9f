"""Values of a library made fit to be shown: everything in it is data, and some of it is hostile.

Here lives the cleaning; escaping is the business of whoever writes a format (`page.py`, `markdown.py`, `sheets.py`).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit
from zlib import crc32

LONGEST_TEXT = 240  # characters; a title may have five million
_LONGEST_LINK = 2_000

# Controls, what turns the direction of the text around it, invisible fillers, halves of characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"[\s\u2028\u2029]+")
_WORD = re.compile(r"\w", re.UNICODE)


def clean(value: Any, longest: int = LONGEST_TEXT) -> str:
    """A value as one line of visible text, shortened to `longest` characters; "" for None."""
    if value is None:
        return ""
    text = str(value)[: longest * 4]  # cleaning five megabytes would cost a second
    text = _BLANKS.sub(" ", _UNSEEN.sub("", text)).strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def safe_link(value: Any) -> str | None:
    """An address that may become a link: http or https, with a host, in ASCII; None for anything else."""
    if not isinstance(value, str) or len(value) > _LONGEST_LINK or _UNSEEN.search(value) or _BLANKS.search(value):
        return None
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return quote(value, safe="%/:=&?~#+!$,;@()*[]'")


def initials(title: str) -> str:
    """One or two letters for a cover that is not there."""
    words = [found.group() for word in title.split() if (found := _WORD.search(word))]
    return "".join(words[:2]).upper() or "?"


def hue(text: str) -> int:
    """A colour that follows from a text, in degrees of the circle."""
    return crc32(text.encode("utf-8", "replace")) % 360
