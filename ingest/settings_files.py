"""How the configuration is read: JSON files, the environment over them, and errors that name file, key and nearest key.

What the keys mean stands in `settings_models.py`. No default lives here.
"""

import difflib
import json
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ingest.errors import ConfigError
from ingest.settings_models import EnrichmentConfig, SchedulerConfig, Secrets

FILES: dict[str, type[BaseModel]] = {
    "enrichment_config.json": EnrichmentConfig,
    "scheduler_config.json": SchedulerConfig,
    "secrets.json": Secrets,
}

# Variables that are ours and no setting: folders, hooks of tests, what dbt reads.
RESERVED = re.compile(r"SILLON_(STATE_DIR|OPTIONS|WAREHOUSE|DBT_.*|CHECKPOINT.*|TEST.*)")


def read_file(path: Path) -> dict[str, Any]:
    """The JSON object in a file, {} where there is none. Raises ConfigError naming line and column."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"the file cannot be read: {reason}", file=path) from None
    try:
        found = json.loads(text, object_pairs_hook=_without_twins, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigError(f"this is not JSON: {error.msg} at {place}", file=path) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"this is not JSON as it should be: {error}", file=path) from None
    if not isinstance(found, dict):
        raise ConfigError("the file holds no object", file=path, expected="{ … }")
    return found


def overlay_environment(data: dict[str, dict[str, Any]], environ: Mapping[str, str]) -> dict[str, str]:
    """Put the environment's values over those of the files; returns variable name by dotted key.

    Raises ConfigError for a `SILLON_` variable that is no key.
    """
    known = {variable_name(key): (file, key, kind) for file, key, kind in all_keys() if not _is_block(kind)}
    used: dict[str, str] = {}
    for variable, value in sorted(environ.items()):
        if not variable.startswith("SILLON_") or RESERVED.fullmatch(variable):
            continue
        if variable not in known:
            raise ConfigError("unknown variable", file="environment", key=variable, remedy=nearest(variable, known))
        file, key, kind = known[variable]
        place = data[file]
        *blocks, leaf = key.split(".")
        for block in blocks:
            inner = place.get(block)
            place[block] = dict(inner) if isinstance(inner, dict) else {}
            place = place[block]
        place[leaf] = _from_text(value, kind)
        used[key] = variable
    return used


def validated(model: type[BaseModel], data: dict[str, Any], place: Path, variables: Mapping[str, str]) -> Any:
    """The model of one file. Raises ConfigError about the first thing wrong in it; no secret is shown."""
    try:
        # By way of JSON text: strict about types, yet lists become tuples and texts become paths and secrets.
        return model.model_validate_json(json.dumps(data))
    except ValidationError as invalid:
        error = invalid.errors(include_url=False)[0]
        raise _explained(error, place, variables) from None


def _explained(error: Any, place: Path, variables: Mapping[str, str]) -> ConfigError:
    names = [str(part) for part in error["loc"] if isinstance(part, str) and not part.startswith("function-")]
    key = ".".join(names)
    if error["type"] == "extra_forbidden":
        homes = {known: file for file, known, _ in all_keys()}
        remedy = f"it belongs into {homes[key]}" if key in homes else nearest(key, homes)
        return ConfigError("unknown key", file=place, key=key, remedy=remedy)
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        expected = str(context["error"])
    else:
        expected = str(
            context.get("expected") or error["msg"].removeprefix("Input should be ").removeprefix("a valid ")
        )
    found = error.get("input")
    # An address may hold a password, and so may Spark's own settings.
    may_hold_secret = (
        place.name == "secrets.json" or key == "notify.webhook" or key.startswith(("base_urls.", "spark.settings"))
    )
    is_plain = isinstance(found, str | int | float) and not may_hold_secret
    where: str | Path = place
    if key in variables:
        where, key = "environment", variables[key]
    what = f"{json.dumps(found, ensure_ascii=False)[:80]} cannot be used" if is_plain else "this value cannot be used"
    return ConfigError(what, file=where, key=key or None, expected=expected)


def nearest(key: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest known key, by the whole path or by its last part."""
    known = list(known)
    by_leaf = {name.rpartition(".")[2]: name for name in known}
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    leaf = difflib.get_close_matches(key.rpartition(".")[2], by_leaf, n=1, cutoff=0.6)
    found = close[0] if close else by_leaf[leaf[0]] if leaf else None
    return f"the nearest known key is `{found}`" if found else "take it out, or see the table in the README"


def all_keys() -> Iterator[tuple[str, str, Any]]:
    """Every key: file, dotted path, type. Blocks come too."""
    for file, model in FILES.items():
        yield from ((file, key, kind) for key, kind in _keys(model, ""))


def _keys(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        yield prefix + name, field.annotation
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _keys(kind, f"{prefix}{name}.")


def variable_name(key: str) -> str:
    """The environment variable of a dotted key."""
    return "SILLON_" + key.upper().replace(".", "__")


def _is_block(kind: Any) -> bool:
    return any(isinstance(part, type) and issubclass(part, BaseModel) for part in (kind, *get_args(kind)))


def _from_text(text: str, kind: Any) -> Any:
    """A variable's text as the JSON value that its key takes; what does not fit stays text and fails validation."""
    parts = set(get_args(kind)) if get_origin(kind) in (Union, types.UnionType) else {kind}
    if type(None) in parts and not text.strip():
        return None
    if bool in parts:
        words = {
            "true": True,
            "1": True,
            "yes": True,
            "on": True,
            "false": False,
            "0": False,
            "no": False,
            "off": False,
        }
        return words.get(text.strip().lower(), text)
    if parts & {int, float}:
        for number in (int, float):
            try:
                return number(text)
            except ValueError:
                continue
        return text
    if any(get_origin(part) is dict for part in parts):
        try:
            return json.loads(text)
        except ValueError:
            return text
    if any(get_origin(part) is tuple for part in parts):
        try:
            return json.loads(text)
        except ValueError:
            return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key `{key}` stands there twice")
        found[key] = value
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
