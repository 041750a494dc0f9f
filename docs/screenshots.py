"""The pictures of the README, made anew: `make screenshots`.

One sample night runs in a terminal (tmux) in a folder of its own; then the report and the asset graph are drawn by a headless
Chromium. Needs tmux and chromium (Debian: apt install tmux chromium). Nothing is asked of the web: the night is the sandbox's.
"""

# ruff: noqa: S603, T201 - our own commands are started, and what was made is printed

from __future__ import annotations

import argparse
import base64
import contextlib
import html
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).resolve().parent / "images"
SILLON = Path(sys.executable).with_name("sillon")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
# Dagster's own navigation takes a seventh of the width that the graph could have.
FOLD = """[...document.querySelectorAll("a, button, div[role=button]")]
    .find((one) => one.innerText === "Hide navigation")?.click()"""
# The room that the nodes of the graph take, with a margin; the buttons that lie over its right end are hidden.
GRAPH = """(() => {
    const nodes = [...document.querySelectorAll("foreignObject")].map((node) => node.getBoundingClientRect());
    const left = Math.min(...nodes.map((one) => one.left)) - 20, top = Math.min(...nodes.map((one) => one.top)) - 40;
    const right = Math.max(...nodes.map((one) => one.right)) + 20, bottom = Math.max(...nodes.map((one) => one.bottom)) + 40;
    document.querySelectorAll("div, button").forEach((one) => { if (one.getBoundingClientRect().left > right - 40)
        one.style.visibility = "hidden"; });
    return {x: left, y: top, width: right - left, height: bottom - top}; })()"""
SESSION = ["tmux", "-L", "sillon-screenshots"]  # a server of its own: nobody else's windows are touched
NIGHT = "sillon run --sandbox --data data/demo"
NIGHT_S = 900.0
LARGEST = 300_000  # bytes: a README with five pictures stays light


def main() -> None:
    """Make every picture; the folder of the night is removed at the end unless --keep."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "sillon", help="where the night runs"
    )
    parser.add_argument("--keep", action="store_true", help="keep that folder, and take a night that is there")
    chosen = parser.parse_args()
    if CHROMIUM is None or shutil.which("tmux") is None:
        sys.exit("chromium and tmux must be installed (Debian: apt install chromium tmux)")
    folder = chosen.folder
    page = folder / "data" / "demo" / "reports" / "latest" / "report.html"
    if folder.exists() and not chosen.keep:
        sys.exit(f"{folder} is there already: remove it, or say --keep to take the night in it")
    IMAGES.mkdir(exist_ok=True)
    os.environ.update(
        {"SILLON_LANGUAGE": "en", "SILLON_TIMEZONE": "Europe/Paris", "SILLON_STATE_DIR": str(folder / "state")}
    )
    if not page.exists():
        folder.mkdir(parents=True, exist_ok=True)
        terminal(folder)
    report(page)
    with serving(folder) as address:
        asset_graph(address)
    if not chosen.keep:
        shutil.rmtree(folder)
    for picture in sorted(IMAGES.glob("*.png")):
        size = picture.stat().st_size
        print(
            f"{picture.relative_to(IMAGES.parent.parent)}: {size // 1000} kB" + (" TOO LARGE" if size > LARGEST else "")
        )


def terminal(folder: Path) -> None:
    """The whole night as somebody sees it who typed it."""
    from rich.console import Console
    from rich.text import Text

    done = folder / "done"
    words = f"PATH={SILLON.parent}:$PATH PS1='$ ' ; clear; echo '$ {NIGHT}'; {NIGHT}; touch {done}"
    with contextlib.suppress(subprocess.CalledProcessError):
        subprocess.run([*SESSION, "kill-server"], check=True, capture_output=True)
    subprocess.run(
        [*SESSION, "new-session", "-d", "-x", "104", "-y", "34", "-c", str(folder), f'bash -c "{words}; sleep 60"'],
        check=True,
        env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
    )
    deadline = time.monotonic() + NIGHT_S
    while not done.exists() and time.monotonic() < deadline:
        time.sleep(1)
    time.sleep(1)
    seen = subprocess.run(
        [*SESSION, "capture-pane", "-p", "-e", "-J"], check=True, capture_output=True, text=True
    ).stdout
    subprocess.run([*SESSION, "kill-server"], check=False)
    done.unlink()
    console = Console(record=True, width=104, file=open(os.devnull, "w"), force_terminal=True, color_system="truecolor")  # noqa: SIM115, PTH123
    lines = [line.rstrip() for line in seen.rstrip().splitlines()]
    console.print(Text.from_ansi("\n".join([*lines, ""])))
    svg = console.export_svg(title=NIGHT)
    wrapped = folder / "terminal.html"
    wrapped.write_text(f"<!doctype html><body style='margin:0'>{svg}</body>", encoding="utf-8")
    width, height = _size(svg)
    shoot(wrapped.as_uri(), IMAGES / "terminal.png", width, height)


def report(page: Path) -> None:
    """The morning page: light, dark, and as a phone shows it (a frame of 400 px: Chromium's own window is never narrower
    than 500)."""
    shoot(page.as_uri(), IMAGES / "report.png", 1280, 1500)
    shoot(page.as_uri(), IMAGES / "report_dark.png", 1280, 1500, "--blink-settings=preferredColorScheme=0")
    frame = page.with_name("phone.html")
    inside = html.escape(page.name)
    frame.write_text(
        f"<!doctype html><body style='margin:0;background:#888'><iframe src='{inside}' "
        "style='border:0;width:400px;height:1400px;display:block'></iframe></body>",
        encoding="utf-8",
    )
    shoot(frame.as_uri(), IMAGES / "report_phone.png", 400, 1400)
    frame.unlink()


def asset_graph(address: str) -> None:
    """The control room: every group from the library to the report. The graph alone, so that its names can be read."""
    picture = IMAGES / "asset_graph.png"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, browser(Path(profile), 1800, 720) as page:
        page("Page.navigate", url=f"{address}/asset-groups")
        time.sleep(25)
        page("Runtime.evaluate", expression=FOLD)
        time.sleep(1)
        page("Page.reload")  # the graph fits itself into the room that it has when it is drawn
        time.sleep(25)
        told = page("Runtime.evaluate", expression=GRAPH, returnByValue=True)["result"]["value"]
        shot = page("Page.captureScreenshot", format="png", clip={**told, "scale": 1.4})
        picture.write_bytes(base64.b64decode(shot["data"]))
    lighten(picture)


@contextlib.contextmanager
def browser(profile: Path, width: int, height: int) -> Iterator[Callable[..., dict[str, Any]]]:
    """A headless Chromium that can be clicked in, through its own debugging protocol."""
    from websockets.sync.client import connect

    options = [*CHROMIUM_OPTIONS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
    child = subprocess.Popen(
        [str(CHROMIUM), *options, "--remote-debugging-port=0", "about:blank"], stderr=subprocess.DEVNULL
    )
    try:
        told = profile / "DevToolsActivePort"
        while not told.exists() or not told.read_text().strip():
            time.sleep(0.2)
        port = told.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10) as listed:
            address = next(tab["webSocketDebuggerUrl"] for tab in json.load(listed) if tab["type"] == "page")
        with connect(address, max_size=None) as socket_to_page:
            numbers = itertools.count(1)

            def page(method: str, **parameters: Any) -> dict[str, Any]:
                number = next(numbers)
                socket_to_page.send(json.dumps({"id": number, "method": method, "params": parameters}))
                while (answer := json.loads(socket_to_page.recv(timeout=60))).get("id") != number:
                    continue
                return dict(answer.get("result", {}))

            page("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
            yield page
    finally:
        child.terminate()
        child.wait(30)


def shoot(address: str, picture: Path, width: int, height: int, *more: str, budget_ms: int = 15_000) -> None:
    """One page as a PNG; nothing but the page itself is asked for."""
    with tempfile.TemporaryDirectory() as profile:
        options = [*CHROMIUM_OPTIONS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
        timing = [f"--virtual-time-budget={budget_ms}", f"--screenshot={picture}"]
        words = [str(CHROMIUM), *options, *timing, *more, address]
        subprocess.run(words, check=True, capture_output=True, timeout=240)
    lighten(picture)


def lighten(picture: Path) -> None:
    """The same picture in fewer bytes; in 256 colours only where it would still be too large."""
    from PIL import Image

    with Image.open(picture) as loaded:
        full = loaded.convert("RGB")
    full.save(picture, optimize=True)
    if picture.stat().st_size > LARGEST:
        full.quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """`sillon serve` on a free port, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [SILLON, "serve", "--sandbox", "--data", "data/demo", "--quiet", "--port", str(port)], cwd=folder
    )
    try:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(f"{address}/server_info", timeout=5).status == 200:  # noqa: S310 - loopback
                    break
            time.sleep(1)
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def _size(svg: str) -> tuple[int, int]:
    """Width and height of an SVG from its viewBox, in whole pixels."""
    box = svg.partition('viewBox="')[2].partition('"')[0].split()
    return int(float(box[2])) + 1, int(float(box[3])) + 1


if __name__ == "__main__":
    main()
