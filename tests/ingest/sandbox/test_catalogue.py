"""A catalogue made from any library: the same each time, with what is right, what is wrong and what is missing."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from ingest.sandbox import Catalogue, acts, titles
from ingest.sandbox.sample import build_library
from ingest.sandbox.words import cut

REAL = Path(__file__).parents[3] / "../shared/library/musique_dev.db"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_library(tmp_path_factory.mktemp("sample") / "library.db")


@pytest.fixture(scope="module")
def catalogue(library: Path) -> Catalogue:
    return Catalogue.of_library(library)


def test_the_same_library_gives_the_same_catalogue(library: Path, catalogue: Catalogue) -> None:
    """No clock and no dice: two catalogues of one library are equal, pictures too."""
    again = Catalogue.of_library(library)
    assert (again.groups, again.truth, again.discogs, again.spotify) == (
        catalogue.groups, catalogue.truth, catalogue.discogs, catalogue.spotify,
    )  # fmt: skip
    some = next(iter(catalogue.groups))
    assert again.cover_bytes(some) == catalogue.cover_bytes(some)


def test_editions_share_one_release_group(library: Path, catalogue: Catalogue) -> None:
    """ "Hunky Dory" and its remaster are one work; a new recording is another."""
    with closing(sqlite3.connect(library)) as connection:
        ids = dict(connection.execute("select title, id from albums").fetchall())
    one, other = (catalogue.truth[ids[title]] for title in ("Hunky Dory", "Hunky Dory (2015 Remaster)"))
    assert one.release_group == other.release_group is not None
    assert one.year == 1971
    assert catalogue.truth[ids["Greatest Hits"]].ambiguous
    assert catalogue.credits["Simon & Garfunkel"] == ("Simon & Garfunkel",)
    assert catalogue.credits["Tony Bennett & Lady Gaga"] == ("Tony Bennett", "Lady Gaga")


def test_a_large_library_is_made_quickly_with_decoys_and_gaps() -> None:
    """443 albums in two seconds: some left out, most with a cover, every kind of decoy."""
    if not REAL.exists():
        pytest.skip("no real library beside this checkout")
    started = time.monotonic()
    catalogue = Catalogue.of_library(REAL)
    assert time.monotonic() - started < 2
    summary = catalogue.summary()
    assert summary["albums"] == 443
    assert 0.03 < summary["left_out"] / 443 < 0.10
    assert 0.75 < summary["with_cover"] / (443 - summary["left_out"]) < 0.92
    assert set(summary["decoys"]) == {"karaoke", "live", "same_title", "sampler", "sequel", "single", "tribute"}


def test_a_broken_library_does_not_break_the_catalogue(tmp_path: Path) -> None:
    """Text in number columns, blobs, huge and empty titles, an album without artists: read or passed over."""
    library = build_library(tmp_path / "library.db")
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("update albums set year = 'soon', discogs_id = 'none', spotify_url = 'spotify' where id = 1")
        connection.execute("update albums set title = ? where id = 2", ("x" * 5_000_000,))
        connection.execute("update albums set title = cast(x'ff00fe' as text) where id = 3")
        connection.execute("update albums set title = '' where id = 4")
        connection.execute("update artists set name = x'00ff' where id = 5")
        connection.execute("delete from album_artist where album_id = 6")
        connection.execute("update albums set title = '((((' where id = 9")
        connection.commit()
    catalogue = Catalogue.of_library(library)
    assert len(catalogue.truth) == 64
    assert all(len(group.title) < 500 for group in catalogue.groups.values())


@pytest.mark.parametrize(
    ("title", "main"),
    [
        ("Rumours (2001 Remaster)", "Rumours"),
        ("Giant Steps (60th Anniversary Super Deluxe Edition; 2020 Remaster)", "Giant Steps"),
        ("Mad Max: Fury Road (Original Motion Picture Soundtrack) [Deluxe Version]", "Mad Max: Fury Road"),
        ("Sunday At The Village Vanguard (Live At The Village Vanguard / 1961)", "Sunday At The Village Vanguard"),
        ("1989 (Taylor's Version)", "1989 (Taylor's Version)"),
        ("Psycho Killer (The Cube Guys Remix)", "Psycho Killer (The Cube Guys Remix)"),
        ("The Beatles 1967 - 1970 (Remastered)", "The Beatles 1967 - 1970"),
        ("Live Through This", "Live Through This"),
        ("( )", "( )"),
    ],
)
def test_titles_lose_their_edition_and_nothing_else(title: str, main: str) -> None:
    """Edition words go, the names of works stay."""
    assert titles.read(title).main == main


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Emerson, Lake & Palmer", ("Emerson, Lake & Palmer",)),
        ("Tommy James & The Shondells", ("Tommy James & The Shondells",)),
        ("Freddy Martin & His Orchestra", ("Freddy Martin & His Orchestra",)),
        ("The Cleveland Orchestra & George Szell", ("The Cleveland Orchestra", "George Szell")),
        (
            "Tony Bennett & Diana Krall with The Bill Charlap Trio",
            ("Tony Bennett", "Diana Krall", "The Bill Charlap Trio"),
        ),
        ("John & Yoko / Plastic Ono Band", ("John Lennon", "Yoko Ono", "Plastic Ono Band")),
        ("HEALTH + Nine Inch Nails", ("HEALTH", "Nine Inch Nails")),
        ("Cream (2)", ("Cream",)),
        ("AC/DC", ("AC/DC",)),
        ("Iron and Wine", ("Iron and Wine",)),
        ("/A\\", ("/A\\",)),
    ],
)
def test_names_are_split_where_acts_end(name: str, expected: tuple[str, ...]) -> None:
    """Several acts are told apart, one act whose name holds a separator is kept whole."""
    assert acts.names(name) == expected


def test_words_fold_as_the_search_server_folds() -> None:
    """Case, accents and signs fold; kana and Han are words of one sign; a name of signs is a word."""
    assert cut("Björk’s “Jóga”") == ("bjork", "s", "joga")  # noqa: RUF001
    assert cut("千のナイフ") == ("千", "の", "な", "い", "ふ")
    assert cut("10,000 Maniacs") == ("10000", "maniacs")
    assert cut("!!!") == ("!!!",)
