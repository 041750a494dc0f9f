"""The charts of the report: matplotlib figures as SVG to stand inside the page, in the page's own colours.

Here lives the drawing. A figure is drawn in stand-in colours, each of which becomes a variable of the page's style, so that one
picture serves light and dark. The same facts give the same bytes: no date, a fixed salt, text as text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

WIDTH = 380  # units of the picture; a phone shows them at about their own size, so 12 reads as 12 pixels
TEXT = 12.5
_POINTS_PER_INCH = 72

# Stand-in colour of the drawing -> variable of the style.
INK, MUTED, RULE, ACCENT, BEFORE, PAPER = "#010203", "#020304", "#030405", "#040506", "#050607", "#060708"
_VARIABLES = {INK: "ink", MUTED: "muted", RULE: "rule", ACCENT: "accent", BEFORE: "before", PAPER: "paper"}

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sillon",
    "font.family": "DejaVu Sans",  # comes with matplotlib; only its measures count, the page shows its own letters
    "font.size": TEXT,
    "text.parse_math": False,
    "lines.solid_capstyle": "butt",
}
_FONT = re.compile(r"font-family: [^;\"]*; ?| transform=\"rotate\(-0 [^\"]*\"")
_KEPT_ID = re.compile(r"#([\w-]+)")


@dataclass(frozen=True)
class Bar:
    """A line of a bar chart. `before` and `after` are shares of the track, from 0 to 1; without `before` no mark."""

    label: str
    value: str
    after: float
    before: float | None = None


def bars(name: str, title: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars with a mark where each stood before. Returns SVG; "" without rows."""
    if not rows:
        return ""

    def draw(axes: Axes, height: float) -> None:
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        for place, row in enumerate(rows):
            top = place * 46
            axes.text(0, top + 13, row.label, color=INK, ha="left", va="baseline")
            axes.text(WIDTH, top + 13, row.value, color=INK, ha="right", va="baseline")
            _groove(axes, top + 26, 0, 1, RULE, 7)
            _groove(axes, top + 26, 0, row.after, ACCENT, 7)
            if row.before is not None:
                x = _along(row.before)
                axes.plot([x, x], [top + 19.5, top + 32.5], color=INK, linewidth=2, solid_capstyle="butt")

    return _svg(name, title, len(rows) * 46 - 6, draw)


def line(name: str, title: str, labels: Sequence[str], values: Sequence[float], shown: Callable[[float], str]) -> str:
    """A line over nights with its ends labelled. Returns SVG; "" for fewer than two nights."""
    if len(values) < 2:
        return ""
    height, left, right, bottom, top = 190, 6, WIDTH - 6, 150, 30
    low, high = min(values), max(values)
    spread = max(high - low, 1.0)
    across = [left + (right - left) * place / (len(values) - 1) for place in range(len(values))]
    down = [bottom - (bottom - top) * (value - low) / spread for value in values]

    def draw(axes: Axes, height: float) -> None:
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        axes.plot([left, right], [bottom + 14, bottom + 14], color=RULE, linewidth=1)
        axes.plot(across, down, color=ACCENT, linewidth=2.2, solid_joinstyle="round")
        marked = range(len(values)) if len(values) <= 31 else (0, len(values) - 1)
        axes.plot([across[at] for at in marked], [down[at] for at in marked], "o", color=ACCENT, markersize=5.5)
        axes.text(left - 4, down[0] - 12, shown(values[0]), color=MUTED, ha="left", va="baseline")
        axes.text(right + 4, down[-1] - 12, shown(values[-1]), color=INK, ha="right", va="baseline", fontsize=TEXT + 2)
        axes.text(0, bottom + 32, labels[0], color=MUTED, ha="left", va="baseline")
        axes.text(WIDTH, bottom + 32, labels[-1], color=MUTED, ha="right", va="baseline")

    return _svg(name, title, height, draw)


def columns(name: str, title: str, labels: Sequence[str], counts: Sequence[int], shown: Callable[[float], str]) -> str:
    """Upright bars, each with its count. Returns SVG; "" where there is nothing to count."""
    if not any(counts):
        return ""
    height, top, bottom, most = 170, 22, 138, max(counts)
    wide = WIDTH / len(counts)

    def draw(axes: Axes, height: float) -> None:
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        axes.plot([0, WIDTH], [bottom, bottom], color=RULE, linewidth=1)
        for place, (label, count) in enumerate(zip(labels, counts, strict=True)):
            centre = wide * (place + 0.5)
            axes.text(centre, bottom + 19, label, color=MUTED, ha="center", va="baseline")
            if count:
                tip = bottom - max((bottom - top) * count / most, 2)
                axes.fill_between([centre - wide * 0.32, centre + wide * 0.32], tip, bottom, color=ACCENT, linewidth=0)
                axes.text(centre, tip - 6, shown(count), color=INK, ha="center", va="baseline")

    return _svg(name, title, height, draw)


def _along(share: float) -> float:
    return 4 + (WIDTH - 8) * min(max(share, 0.0), 1.0)


def _groove(axes: Axes, down: float, start: float, end: float, colour: str, wide: float) -> None:
    if end > start:
        across = [_along(start), _along(end)]
        axes.plot(across, [down, down], color=colour, linewidth=wide, solid_capstyle="round")


def _svg(name: str, title: str, height: float, draw: Callable[[Axes, float], None]) -> str:
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(WIDTH / _POINTS_PER_INCH, height / _POINTS_PER_INCH), dpi=_POINTS_PER_INCH)
        figure.patch.set_visible(False)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        draw(axes, height)
        for artist in axes.get_children():
            artist.set_clip_on(False)  # a round end or a long number may stand out a little
        written = io.StringIO()
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        FigureCanvasSVG(figure).print_svg(written, metadata=metadata)  # type: ignore[no-untyped-call]
    return _made_our_own(written.getvalue(), name, title)


def _made_our_own(drawing: str, name: str, title: str) -> str:
    """The `<svg>` alone: our colours, the page's letters, ids that no other picture has, a name for who cannot see it."""
    text = drawing[drawing.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<style type=.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    view = re.search(r'viewBox="([^"]+)"', text)
    body = text[text.index(">") + 1 : text.rindex("</svg>")].replace("xlink:href", "href")
    used = set(_KEPT_ID.findall(body))
    body = re.sub(r'\sid="([^"]+)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", body)
    body = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", body)
    for colour, variable in _VARIABLES.items():
        body = body.replace(colour, f"var(--{variable})")
    body = re.sub(r"font: (\d+(?:\.\d+)?px) [^;\"]*", r"font-size: \1", body)
    body = _FONT.sub("", body)
    body = re.sub(r"<defs>\s*</defs>", "", re.sub(r"\s*\n\s*", "\n", body)).strip()
    label = escape(title)
    return f'<svg class="chart" viewBox="{view[1] if view else ""}" role="img" aria-label="{label}">{body}</svg>'
