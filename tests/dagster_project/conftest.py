"""What Dagster loads, loaded once for all tests that look at it: parsing the dbt project takes most of their time."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import pytest

from dagster_project.options import Options
from tests.nights import write_config

ZONE = "Europe/Berlin"


class ControlRoom(NamedTuple):
    """The definitions as a process of Dagster's loads them, and the folders that they were loaded for."""

    definitions: dg.Definitions
    options: Options


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlRoom]:
    """The definitions with a zone and an empty data folder of their own, as on a fresh clone: nothing of dbt's lies there yet.

    They are loaded in an empty context: Dagster keeps the storage of the last instance in a context variable, and the instance
    of an earlier test is gone.
    """
    folder = tmp_path_factory.mktemp("control_room")
    options = Options(config=write_config(folder / "config"), data=folder / "data")
    (folder / "config" / "scheduler_config.json").write_text(f'{{"timezone": "{ZONE}"}}')
    options.data.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        forget_definitions(patch)
        for name, value in options.to_environment().items():
            patch.setenv(name, value)
        yield ControlRoom(contextvars.Context().run(load), options)


def forget_definitions(patch: pytest.MonkeyPatch) -> None:
    """Other tests may have loaded the definitions for folders of theirs; what they hold comes back at the end."""
    for module in [
        name for name in sys.modules if name.startswith(("dagster_project.defs", "dagster_project.definitions"))
    ]:
        patch.delitem(sys.modules, module)


def load() -> dg.Definitions:
    from dagster_project.definitions import defs

    return defs()


@pytest.fixture
def definitions(loaded: ControlRoom, monkeypatch: pytest.MonkeyPatch) -> dg.Definitions:
    """The definitions, with the variable by which a process of Dagster's knows its data folder also while a tick is evaluated."""
    for name, value in loaded.options.to_environment().items():
        monkeypatch.setenv(name, value)
    return loaded.definitions


@pytest.fixture
def data(loaded: ControlRoom) -> Iterator[Path]:
    """The data folder of the definitions, without what an earlier test left of its nights."""
    yield loaded.options.data
    (loaded.options.data / "marts.duckdb").unlink(missing_ok=True)
