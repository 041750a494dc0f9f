"""The log of a night: one plain file under `data/logs/`, named like its report.

Here lives how a line looks: a moment (UTC), a level, who speaks, and text without control characters or secrets. How many
files are kept is decided in `retention.py`.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

SPEAKERS = ("sillon", "ingest", "dagster_project")  # our own loggers; others tell addresses with keys in them
MASK = "***"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Plain(logging.Formatter):
    """`2026-03-01T02:00:03.120Z info sillon: text`; the lines of a traceback follow, indented."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = record.getMessage()
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        for more in (record.exc_text, record.stack_info):
            text += "\n" + more if more else ""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        lines = _CONTROL.sub(" ", text).splitlines() or [""]
        return f"{moment} {record.levelname.lower()} {record.name}: " + "\n    ".join(lines)


@contextmanager
def written_to(path: Path, secrets: Iterable[str] = ()) -> Iterator[None]:
    """Keep what our own code says in this file (readable by its owner alone) as long as the block runs.

    A file that cannot be written stops no night: then nothing is kept.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        handler: logging.Handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(Plain(secrets))
    handler.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk is told elsewhere
    loggers = [logging.getLogger(name) for name in SPEAKERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
        with suppress(OSError):  # what is still to be written finds no room: the error to be told of is another
            handler.close()
