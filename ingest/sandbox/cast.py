"""The acts of a made-up catalogue: one entry per act, with aliases, namesakes and tags."""

import re
from dataclasses import dataclass, field

from ingest.sandbox import genres
from ingest.sandbox.acts import Act
from ingest.sandbox.model import VARIOUS_ARTISTS, Artist
from ingest.sandbox.words import key, mbid, share

COMBO = re.compile(r" (?:trio|quartet|quintet|sextet)$", re.I)
GROUP_WORDS = ("the ", " band", " trio", " quartet", " quintet", " orchestra", " & ", " and ", "ensemble", " brothers")


@dataclass
class _Entry:
    name: str
    aliases: list[str] = field(default_factory=list)
    family: str = ""


class Cast:
    """Collects acts by name; the first spelling met is the canonical one."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def enter(self, name: str, credited: str = "") -> str:
        """The identifier of an act, entered if it is new; a name credited otherwise becomes an alias."""
        if name == "Various Artists":
            self._entries.setdefault("various artists", _Entry(name))
            return VARIOUS_ARTISTS
        entry = self._entries.setdefault(key(name), _Entry(_with_article(name)))
        for other in (name, credited):
            if other and other != entry.name and other not in entry.aliases:
                entry.aliases.append(other)
        return mbid("artist", key(name))

    def spelling(self, name: str) -> str:
        """The canonical spelling of an act that was entered."""
        return self._entries[key(name)].name

    def enter_all(self, acts: tuple[Act, ...]) -> None:
        """Enters every act of a credit, but for the few that MusicBrainz does not know."""
        for name, credited, _ in acts:
            if share("unknown act", key(name)) >= 0.03:
                self.enter(name, credited)

    def tag(self, name: str, family: str) -> None:
        """Notes what family an act belongs to."""
        if key(name) in self._entries and family != "score":
            self._entries[key(name)].family = family

    def rows(self) -> list[Artist]:
        """All acts, and a namesake for a few."""
        rows = []
        for ident, entry in self._entries.items():
            if ident == "various artists":
                comment = "add compilations to this artist"
                rows.append(Artist(VARIOUS_ARTISTS, entry.name, entry.name, "Other", comment, ("Various", "VA")))
                continue
            rows.append(_artist(ident, entry))
            if share("namesake", ident) < 0.05:
                rows.append(
                    Artist(mbid("namesake", ident), entry.name, entry.name, "Person", "another act of this name")
                )
        return rows


def _with_article(name: str) -> str:
    """Every second trio or quartet has an article in MusicBrainz that the library lacks."""
    lacks = COMBO.search(name) and not name.startswith("The ") and share("article", key(name)) < 0.5
    return f"The {name}" if lacks else name


def _artist(ident: str, entry: _Entry) -> Artist:
    plain = entry.name.casefold()
    is_group = any(word in f"{plain} " for word in GROUP_WORDS) or len(plain.split()) != 2
    words = entry.name.split()
    person_sort = f"{words[-1]}, {' '.join(words[:-1])}" if not is_group else entry.name
    article = entry.name.startswith("The ") and len(words) > 1
    sort_name = f"{entry.name[4:]}, The" if article else person_sort
    family = entry.family or genres.family_of(entry.name)
    tags = () if share("act untagged", ident) < 0.1 else genres.tags_of(family, ident)
    kind = "Orchestra" if "orchestra" in plain or "philharmonic" in plain else "Group" if is_group else "Person"
    return Artist(mbid("artist", ident), entry.name, sort_name, kind, "", tuple(entry.aliases), tags)
