"""A headless Chromium for tests: what it says of a page, without any request that leaves the machine."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt install chromium)")
LIGHT, DARK = "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"


def chromium(folder: Path, page: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page from a file of `folder`."""
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    return subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", f"--user-data-dir={folder / 'profile'}",
            *options, file.as_uri(),
        ],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip


def asked(folder: Path, page: str, script: str, *options: str, width: int = 1100) -> Any:
    """What a script finds in a page that is `width` pixels wide, everything in it unfolded.

    The script calls `found(value)` once. The page forbids scripts, so that rule is taken out; it stands in a frame, because a
    window may be held wider by the browser than was asked for.
    """
    begin = (
        'addEventListener("load", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));'
    )
    tell = "const found = (value) => { parent.document.body.dataset.found = JSON.stringify(value); };"
    inner = re.sub(r"<meta http-equiv[^>]*>", "", page)
    inner = inner.replace("</head>", f"<script>{begin}{tell}</script></head>")
    inner = inner.replace("</body>", f"<script>{script}</script></body>")
    (folder / "inner.html").write_text(inner, encoding="utf-8")
    frame = f'<iframe style="border:0" width="{width}" height="900" src="inner.html"></iframe>'
    told = ("--allow-file-access-from-files", "--dump-dom", "--virtual-time-budget=20000", *options)
    dom = chromium(folder, frame, *told).stdout
    answer = re.search(r'data-found="([^"]*)"', dom)
    assert answer is not None, "the script did not end"
    return json.loads(html.unescape(answer[1]))
