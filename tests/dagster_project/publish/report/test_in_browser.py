"""The page in a real browser: no request leaves it, nothing sticks out on a phone, and both themes can be read.

Screenshots are kept in the folder that SILLON_TEST_SCREENSHOTS names, otherwise with the test's other files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dagster_project.publish.report.facts import ReportFacts
from dagster_project.publish.report.index import index
from dagster_project.publish.report.page import page
from tests.dagster_project.publish.report import made_facts as made
from tests.dagster_project.publish.report.browser import DARK, LIGHT, asked, chromium, needs_chromium

STYLE = Path(page.__code__.co_filename).parent / "templates" / "style.css.j2"
SCREENSHOTS = os.environ.get("SILLON_TEST_SCREENSHOTS")  # read before the fixture that hides such variables

# How wide the page is, and what sticks out of the window.
MEASURE = """
addEventListener("load", () => {
  const out = [...document.querySelectorAll("main *, header .inner *, footer *")].filter((one) =>
    one.getBoundingClientRect().right > innerWidth + 1 && !one.ownerSVGElement && !one.closest("table.stack thead"));
  found({ page: document.documentElement.scrollWidth, window: innerWidth,
    out: out.slice(0, 5).map((one) => one.outerHTML.slice(0, 200)) });
});
"""


def _wide_night(language: str) -> ReportFacts:
    """Long words, long commands, many rows: what a phone has no room for."""
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
    night = made.many(40)
    albums = {at: made.album(at, word, word) for at in night.albums}
    one = {
        "id": "a" * 36,
        "title": word,
        "artist": word,
        "year": "1994",
        "score": 0.9,
        "evidence": word,
        "url": "https://a.b/c",
    }
    return made.facts(
        language=language,
        changes=night.changes,
        albums=albums,
        data=Path("/somewhere/with a very long name/" + "x" * 80),
        queue=[made.doubt("match", 1, [one, one, one], title=word), made.doubt("credit", 2, [one | {"id": "split"}])],
        issues=[made.issue(value=word, detail=word, row_key='{"album_id":123456789,"artist_id":987654321}')],
        failures=(word,),
        skipped=[night.changes[0] | {"reason": word}],
    )


@needs_chromium
@pytest.mark.parametrize(("language", "width"), [("fr", 400), ("en", 400), ("fr", 320), ("en", 1100)])
def test_page_wider_than_the_phone(tmp_path: Path, language: str, width: int) -> None:
    """At 400 pixels nothing sticks out to the right, with everything unfolded; nor at 320, nor on a desk."""
    found = asked(tmp_path, page(_wide_night(language)), MEASURE, width=width)
    assert found["window"] == width
    assert found["out"] == []
    assert found["page"] <= width


HOSTILE = {
    1: made.album(1, "<script>alert(1)</script>", "\u202eevil"),
    2: made.album(2, "شيء ما \u200f أغنية", "<img src=x>"),
}
NIGHTS = {
    "hostile titles": lambda: made.facts(albums=HOSTILE, queue=[made.doubt("match", 1, [], title="<b>")]),
    "no albums": lambda: made.facts(
        language="fr", albums={}, changes=(), written={}, quality=made.quality(albums=0), queue=(), issues=(), runs=()
    ),
    "10,000 changes": lambda: made.many(10_000),
}


@needs_chromium
@pytest.mark.parametrize("night", NIGHTS)
def test_request_that_leaves_the_page(tmp_path: Path, night: str) -> None:
    """Opening the page asks no other machine for anything, the console stays silent, and a phone has room for it."""
    log = tmp_path / "net.json"
    html = page(NIGHTS[night]())
    done = chromium(tmp_path, html, f"--log-net-log={log}", "--enable-logging=stderr", "--dump-dom")
    requests = set(re.findall(r'"url":"((?:https?|wss?)://[^"]+)"', log.read_text(encoding="utf-8")))
    assert not {url for url in requests if re.search(r"coverartarchive|musicbrainz|spotify|discogs|listenbrainz", url)}
    assert "CONSOLE" not in done.stderr
    assert "<script" not in done.stdout
    found = asked(tmp_path, html, MEASURE, width=400)
    assert (found["out"], found["page"] <= 400) == ([], True)


@needs_chromium
@pytest.mark.parametrize(
    ("name", "language", "options"),
    [
        ("light", "en", ("--window-size=1100,2400", LIGHT)),
        ("dark", "fr", ("--window-size=1100,2400", DARK)),
        ("phone", "fr", ("--window-size=400,2400",)),
    ],
)
def test_picture_of_nothing(tmp_path: Path, name: str, language: str, options: tuple[str, ...]) -> None:
    """The page shows: more than one colour in light and dark, and the two differ in their ground."""
    from matplotlib.image import imread

    kept = Path(SCREENSHOTS or tmp_path)
    kept.mkdir(parents=True, exist_ok=True)
    file = kept / f"report-{name}.png"
    chromium(tmp_path, page(made.facts(language=language)), f"--screenshot={file}", *options)
    picture = imread(file)[..., :3]
    assert picture.std() > 0.05
    ground = float(picture[-1, 5].mean())
    assert ground < 0.2 if name == "dark" else ground > 0.9


@needs_chromium
def test_index_in_a_browser(tmp_path: Path) -> None:
    """The page over all runs opens without a word in the console."""
    done = chromium(tmp_path, index(made.facts(), {made.RUN}), "--enable-logging=stderr", "--dump-dom")
    assert "CONSOLE" not in done.stderr
    assert f'href="{made.RUN}/report.html"' in done.stdout


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", ["paper", "sleeve"])
def test_text_too_pale(theme: str, ground: str) -> None:
    """Every colour of text has a contrast of 4.5 to 1 with both grounds, in both themes and on paper (WCAG AA)."""
    colours = _colours(theme)
    pale = {
        name: round(_contrast(colours[name], colours[ground]), 2)
        for name in ("ink", "muted", "accent", "good", "bad")
        if _contrast(colours[name], colours[ground]) < 4.5
    }
    assert pale == {}


def test_initials_too_pale() -> None:
    """White initials can be read on a disc of every hue."""
    from colorsys import hls_to_rgb

    share = re.search(r"hsl\(var\(--h\) (\d+)% (\d+)%\)", STYLE.read_text(encoding="utf-8"))
    assert share is not None
    saturation, lightness = int(share[1]) / 100, int(share[2]) / 100
    worst = min(_contrast_of(hls_to_rgb(hue / 360, lightness, saturation), (1, 1, 1)) for hue in range(360))
    assert worst >= 4.5


def _colours(theme: str) -> dict[str, str]:
    light, dark, printed = re.findall(r":root \{(.*?)\}", STYLE.read_text(encoding="utf-8"), re.DOTALL)
    named = {"light": light, "dark": light + dark, "print": light + printed}[theme]
    return dict(re.findall(r"--([a-z]+): (#[0-9a-f]{3,6});?", named))


def _contrast(one: str, other: str) -> float:
    return _contrast_of(_parts(one), _parts(other))


def _parts(colour: str) -> tuple[float, ...]:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    return tuple(int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))


def _contrast_of(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(parts: tuple[float, ...]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
