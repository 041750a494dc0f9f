"""What SQL and the sources say in English, put into French for the report.

Here live phrases, not sentences of the report itself (`words.py`). A phrase that is not known here stays as it is.
"""
# ruff: noqa: RUF001 (French writes its own apostrophe)

from __future__ import annotations

import re

_EXACT = {
    "title equal": "même titre",
    "title equal but for words of edition or film": "même titre, aux mots d’édition ou de film près",
    "title of the same words": "titre des mêmes mots",
    "subtitle equals the disambiguation": "le sous-titre est la précision",
    "title equal, the rest said by the type": "même titre, le reste dit par le type",
    "title nearly equal": "titre presque égal",
    "title equal without its subtitle": "même titre sans son sous-titre",
    "title equal without a short subtitle": "même titre sans un court sous-titre",
    "title equal to the other title in brackets": "égal à l’autre titre entre parenthèses",
    "self-titled, subtitle or year missing": "titre éponyme, sous-titre ou année manquants",
    "title equal, subtitle or number differs": "même titre, sous-titre ou numéro différent",
    "title equal, but one is another work (live, remix, volume …)": "même titre, mais autre œuvre (concert, remix, volume …)",
    "one title begins the other": "un titre commence l’autre",
    "title similar": "titre semblable",
    "title differs": "titre différent",
    "no candidate": "aucun candidat",
    "artist equal": "même artiste",
    "artist is one of several": "l’artiste est l’un de plusieurs",
    "artist inside the credit": "artiste cité dans la signature",
    "artist nearly equal": "artiste presque égal",
    "artist of some of its tracks": "artiste de quelques pistes",
    "soundtrack by another artist": "bande originale d’un autre artiste",
    "artist unknown": "artiste inconnu",
    "a tribute or karaoke act": "hommage ou karaoké",
    "artist differs": "artiste différent",
    "year unknown": "année inconnue",
    "type as said": "type annoncé",
    "single, though several tracks were heard": "single, bien que plusieurs pistes aient été entendues",
    "single, though its song is not among the tracks heard": "single, bien que sa chanson n’ait pas été entendue",
    "live, not said in the title": "concert, sans que le titre le dise",
    "another type than said": "autre type qu’annoncé",
    "another kind of release": "autre sorte de parution",
    "named by an identifier": "désigné par un identifiant",
    "an identifier names another title": "un identifiant désigne un autre titre",
    "same title": "même titre",
    "same title on Spotify, by another artist": "même titre sur Spotify, par un autre artiste",
    "same title and artist on Spotify, with fewer tracks than were heard": "même titre et même artiste sur Spotify, avec "
    "moins de pistes que celles entendues",
    "same title and artist as an earlier album": "mêmes titre et artiste qu’un album précédent",
    "same release group as an earlier album: an edition?": "mêmes parutions qu’un album précédent, une réédition\u202f?",
    "same_release_group": "même groupe de parutions",
    "same_title_and_artist": "mêmes titre et artiste",
    "two full names": "deux noms entiers",
    "three names or more": "trois noms ou plus",
    "a list of names": "une liste de noms",
    "given names alone are mostly a duo": "des prénoms seuls font souvent un duo",
    "two single words are mostly a duo": "deux mots seuls font souvent un duo",
    "two guests of one word each, who may be a duo": "deux invités d’un seul mot, peut-être un duo",
    "a list that ends with two single words, which may be a duo": "une liste qui finit par deux mots, peut-être un duo",
    "two single words joined by with": "deux mots seuls joints par « with »",
    "reads as a phrase": "se lit comme une phrase",
    "a leader and a band": "un meneur et un groupe",
    "a leader and a group": "un meneur et un groupe",
    "two given names share a surname": "deux prénoms, un seul nom de famille",
    "a list that ends with a band": "une liste qui finit par un groupe",
    "the name joins several acts": "le nom joint plusieurs artistes",
    "no artist is linked to this album": "aucun artiste n’est lié à cet album",
    "the title is empty": "le titre est vide",
    "the key of this row is no whole number": "la clé de cette ligne n’est pas un nombre entier",
    "not asked in this run": "non demandé cette fois-ci",
    "not asked tonight": "non demandé cette nuit",
    "the album itself": "l’album lui-même",
}

_PATTERNS = tuple(
    (re.compile(pattern), french)
    for pattern, french in (
        (r"two candidates are equally good: (?P<rest>.*)", "deux candidats se valent\u202f: {rest}"),
        (
            r"the best candidate is not sure enough: (?P<rest>.*)",
            "le meilleur candidat n’est pas assez sûr\u202f: {rest}",
        ),
        (r"year (\d+) = (\d+)", "année {1} = {2}"),
        (r"year (\d+), first release (\d+)", "année {1}, première parution {2}"),
        (r"(\d+) tracks? heard", "pistes entendues\u202f: {1}"),
        (r"albums: (\d+)", "albums\u202f: {1}"),
        (r'(?P<rest>.+) after "(.*)"', "{rest} après «\u202f{2}\u202f»"),
        (r"one name in (\d+) spellings", "un nom en {1} graphies"),
        (r"heard again after (\d+) s", "réentendu après {1} s"),
        (r"(\d+) s apart", "à {1} s d’écart"),
        (r"(\d+) s after scrobble (\d+)", "{1} s après l’écoute {2}"),
        (r"no such row in (\w+)", "aucune telle ligne dans {1}"),
        (r'spelled "(.*)" as artist (\d+)', "écrit «\u202f{1}\u202f» pour l’artiste {2}"),
        (r"(?P<rest>same_\w+) as album (\d+)", "{rest} que l’album {2}"),
        (r"no year between (\d+) and (\d+)", "année hors de {1} à {2}"),
        (
            r"the sources disagree: (\S+) has (\d+) % of the votes(?:, (\S+) (\d+) %)?",
            "les sources divergent\u202f: {1} a {2}\u202f% des voix, {3} {4}\u202f%",
        ),
    )
)


def in_french(text: str) -> str:
    """A reason in French, part by part between semicolons."""
    return "\u202f; ".join(_part(part) for part in text.split("; "))


def _part(part: str) -> str:
    if part in _EXACT:
        return _EXACT[part]
    for pattern, french in _PATTERNS:
        if (found := pattern.fullmatch(part)) is not None:
            parts = [group or "–" for group in found.groups()]
            rest = found.groupdict().get("rest")
            return french.format(None, *parts, rest=_part(rest) if rest else "")
    return part
