"""How the catalogue-maker reads an album title: the work's own title, and what kind of work it is.

A second, independent reading: Sillon's rules for titles stand in SQL and are judged against this one.
"""

import re
from dataclasses import dataclass

from ingest.sandbox.words import number

LANGUAGES = "italian|english|spanish|french|german|japanese"
EDITION = re.compile(
    r"remaster|deluxe|edition|anniversary|expanded|bonus|\bmono\b|\bstereo\b|hi-?res|version\b|reissue|\bdemos?\b"
    r"|digitally|digital master|\b\d+ ?cd\b|\b(?:19|20)\d\d mix|mix - (?:19|20)\d\d|^aka\b|^feat\.|live & bonus|rudy van gelder"
    rf"|^(?:{LANGUAGES})$",
    re.I,
)
NOT_EDITION = re.compile(
    r"remix|commentary|taylor.s version|\bdub\b|instrumental|karaoke|soundtrack|motion picture", re.I
)
SOUNDTRACK = re.compile(
    r"sound ?track|motion picture|original score|\bost\b|banda sonora|musiques? (?:originale|inspir)|bande originale"
    r"|colonna sonora|film score|television series",
    re.I,
)
LIVE_PLACE = re.compile(r"^live (?:at|in|from|on)\b", re.I)
OTHER_SPELLINGS = {
    " & ": " and ",
    " and ": " & ",
    "vol. ": "Volume ",
    "pt. ": "Part ",
    "pts. ": "Parts ",
    " no. ": " Nº ",
}
SPELT = re.compile("|".join(re.escape(word) for word in OTHER_SPELLINGS), re.I)
LAST_BRACKET = re.compile(r"^(?P<before>.+?)\s*[(\[](?P<inside>[^()\[\]]*)[)\]]\s*$")
LAST_DASH = re.compile(r"^(?P<before>.+?)\s+[-–—]\s+(?P<inside>[^-–—]+)$")  # noqa: RUF001 - dashes as they occur
KINDS = {
    "Live": re.compile(
        r"\blive (?:at|in|from|on)\b|\(live\)|\blive!?$|\bau bataclan\b|\bunplugged\b|\ben public\b", re.I
    ),
    "Compilation": re.compile(
        r"greatest hits|best of|\bcollection\b|anthology|\bhits\b|\bessential\b|\bultimate\b|rarities|masters? \d+|the very best",
        re.I,
    ),
    "Remix": re.compile(r"\bremix(?:es|ed)\b", re.I),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A title read: the work's own title, the words that name the edition, the kinds of work."""

    main: str
    edition: str
    secondary: tuple[str, ...]
    is_soundtrack: bool
    is_mix: bool
    is_single: bool


def read(title: str) -> Reading:
    """Reads one album title."""
    main, editions, soundtrack, mix = title, [], False, False
    while True:
        cut = _cut(main)
        if cut is None:
            break
        main, inside = cut
        soundtrack |= bool(SOUNDTRACK.search(inside))
        mix |= inside.casefold() == "dj mix"
        editions.append(inside)
    soundtrack |= bool(SOUNDTRACK.search(main))
    kinds = [kind for kind, words in KINDS.items() if words.search(title)]
    single = bool(re.search(r"[(\[](?:feat\.|[^)\]]*\bremix\b)", title, re.I))
    secondary = (["Soundtrack"] if soundtrack else []) + (["DJ-mix"] if mix else []) + kinds
    return Reading(main, "; ".join(reversed(editions)), tuple(dict.fromkeys(secondary)), soundtrack, mix, single)


def _cut(title: str) -> tuple[str, str] | None:
    """The title without its last edition words, and those words; None when there are none left."""
    bracket = LAST_BRACKET.match(title)
    if bracket and _is_edition(bracket["inside"]):
        return bracket["before"].rstrip(" -/:"), bracket["inside"]
    dash = LAST_DASH.match(title)
    if dash and EDITION.search(dash["inside"]) and not NOT_EDITION.search(dash["inside"]):
        return dash["before"], dash["inside"]
    if title.endswith("/ OST"):
        return title.removesuffix("/ OST").rstrip(), "OST"
    return None


def _is_edition(inside: str) -> bool:
    if SOUNDTRACK.search(inside) and not re.search(r"commentary|from [^a-z0-9 ]", inside, re.I):
        return True
    if LIVE_PLACE.search(inside) or inside.casefold() == "dj mix":
        return True
    return bool(EDITION.search(inside)) and not NOT_EDITION.search(inside)


def as_catalogued(reading: Reading) -> str:
    """The title as MusicBrainz' editors may write it: soundtrack words in three forms, "and" for "&", typographic signs."""
    title = reading.main
    if number("spelling", title) % 2:
        title = SPELT.sub(lambda found: OTHER_SPELLINGS[found[0].casefold()], title, count=1)
    dice = number("title", title) % 100
    if reading.is_soundtrack and not SOUNDTRACK.search(title) and dice >= 30:
        title += ": Original Motion Picture Soundtrack" if dice < 75 else " (Original Motion Picture Soundtrack)"
    if number("signs", title) % 2:
        title = title.replace("...", "…").replace("'", "’")  # noqa: RUF001 - the typographic apostrophe is meant
    return title
