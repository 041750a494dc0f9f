"""The configuration files as `sillon init` writes them: what is there is kept, what was answered is put in its place.

Here lives the writing. What a key means and whether a value can be used is known to `ingest/settings_models.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dagster_project.publish import durable
from ingest.errors import ConfigError
from ingest.settings_files import FILES, read_file, validated

SECRET_KEYS = (
    "discogs.token",
    "discogs.username",
    "spotify.client_id",
    "spotify.client_secret",
    "listenbrainz.token",
)


def merged(folder: Path, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every file's content: the defaults, over them what the folder's files say, over that the answers (dotted keys).

    Raises ConfigError for a file or an answer that cannot be used; nothing is written.
    """
    contents = {}
    for name, model in FILES.items():
        content = _defaults(model)
        own = read_file(folder / name)
        validated(model, _told(own), folder / name, {})
        _lay_over(content, own)
        for key, value in answers.get(name, {}).items():
            _put(content, key, value)
        validated(model, _told(content), folder / name, {})
        contents[name] = content
    return contents


def _told(content: Mapping[str, Any]) -> dict[str, Any]:
    """A file's content without an open time zone: the shipped file says null, which means the machine's."""
    return {key: value for key, value in content.items() if key != "timezone" or value is not None}


def write(folder: Path, contents: Mapping[str, Mapping[str, Any]]) -> list[Path]:
    """Write the files that differ from what is there, secrets readable by their owner alone. Returns those written."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            path = folder / name
            is_secret = name == "secrets.json"
            text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
            if path.exists() and path.read_text(encoding="utf-8-sig") == text:
                if is_secret:
                    path.chmod(0o600)
                continue
            _replace(path, text, 0o600 if is_secret else 0o644)
            written.append(path)
    except OSError as error:
        raise ConfigError(f"the file cannot be written: {error.strerror}", file=error.filename or folder) from error
    return written


def _replace(path: Path, text: str, mode: int) -> None:
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)  # never open to others, not even for a moment
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    durable.rename(aside, path)


def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    """The defaults as JSON values. The time zone stays open: it is the machine's."""
    found = model().model_dump(mode="json")
    if "timezone" in found:
        found["timezone"] = None
    return found


def _lay_over(content: dict[str, Any], own: Mapping[str, Any]) -> None:
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(content.get(key), dict):
            _lay_over(content[key], value)
        else:
            content[key] = value


def _put(content: dict[str, Any], key: str, value: Any) -> None:
    *blocks, leaf = key.split(".")
    for block in blocks:
        content = content.setdefault(block, {})
    content[leaf] = value
