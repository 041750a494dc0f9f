"""Works that are not the one meant: same title by others, tribute, live, single, karaoke, sequel, sampler.

Their acts are openly stand-ins, so that nobody takes them for real ones. Which album gets which follows from a hash.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.sandbox.words import number, share

STAND_INS = (
    "The Namesakes", "Homonym Quartet", "The Other Band", "Parallel Titles", "Second Row", "The Stand-Ins",
    "Coincidence Ensemble", "Double Booking",
)  # fmt: skip
TRIBUTE_BANDS = ("The Tribute Ensemble", "String Quartet Tributes", "Lullaby Stand-Ins")
KARAOKE_BANDS = ("Karaoke Stand-Ins", "Sing-Along Backing Band")
SHARES = {
    "same_title": 0.30, "tribute": 0.12, "live": 0.16, "single": 0.24, "karaoke": 0.06, "sequel": 0.08, "sampler": 0.08,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoy:
    """One wrong work. `artist` is None for the album's own credit; `later` years after the album."""

    kind: str
    title: str
    artist: str | None
    primary: str
    secondary: tuple[str, ...]
    later: int
    status: str = "Official"


def of(title: str, artist: str) -> Iterator[Decoy]:
    """The decoys of one album, in a fixed order."""
    for kind, part in SHARES.items():
        if share("decoy", kind, title, artist) < part:
            yield _make(kind, title, artist)


def _make(kind: str, title: str, artist: str) -> Decoy:
    dice = number("decoy variant", kind, title, artist)
    titles: tuple[str, ...]
    if kind == "same_title":
        types = ("Album", "Album", "Single", "EP")
        return Decoy(kind, title, STAND_INS[dice % len(STAND_INS)], types[dice % 4], (), dice % 40 - 12)
    if kind == "tribute":
        titles = (f"{title}: A Tribute to {artist}", f"A Tribute to {artist}", title)
        return Decoy(kind, titles[dice % 3], TRIBUTE_BANDS[dice % len(TRIBUTE_BANDS)], "Album", (), 5 + dice % 30)
    if kind == "live":
        titles = (f"{title}: Live", f"{title} Live in Paris", f"{title} (Live)")
        return Decoy(kind, titles[dice % 3], None, "Album", ("Live",), 1 + dice % 25)
    if kind == "single":
        return Decoy(kind, title, None, "Single", (), 0)
    if kind == "karaoke":
        titles = (f"{title} (Karaoke Version)", f"Karaoke: {title} (In the Style of {artist})")
        return Decoy(kind, titles[dice % 2], KARAOKE_BANDS[dice % 2], "Album", ("Compilation",), 10 + dice % 20)
    if kind == "sequel":
        titles = (f"{title} II", f"{title}, Vol. 2", f"{title} 2")
        return Decoy(kind, titles[dice % 3], None, "Album", (), 2 + dice % 12)
    titles = (f"{title} Sampler", f"{title}: Album Sampler", f"Selections From {title}")
    return Decoy(kind, titles[dice % 3], None, "EP", (), 0, "Promotion")
