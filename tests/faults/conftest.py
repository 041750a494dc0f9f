"""What the nights of this folder share: one memory of builds, and undisturbed nights to be compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults import remembered_beliefs
from tests.faults.scenes import Scene, untimed


class Calm(NamedTuple):
    """What undisturbed nights leave: the marts of the first and the second, the rows, the requests, the checkpoints."""

    first: dict[str, str]
    second: dict[str, str]
    rows: dict[str, list[str]]
    asked: Counter[str]
    checkpoints: list[str]
    library: Path


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the remembered builds."""
    return remembered_beliefs.shared_folder(tmp_path_factory)


@pytest.fixture
def remembered(memory: Path, monkeypatch: pytest.MonkeyPatch) -> remembered_beliefs.Remembered:
    """Nights of this test believe by the memory."""
    return remembered_beliefs.use(monkeypatch, memory)


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory, memory: Path) -> Iterator[dict[bool, Calm]]:
    """Two nights that nothing disturbed, for the copy and for the library itself."""
    with pytest.MonkeyPatch.context() as patch:
        remembered_beliefs.use(patch, memory)
        yield {in_place: undisturbed(tmp_path_factory.mktemp("calm"), in_place) for in_place in (False, True)}


def undisturbed(folder: Path, in_place: bool) -> Calm:
    passed: list[str] = []
    with Scene(folder, in_place=in_place) as scene:
        assert scene.night(checkpoint=passed.append).status == "success"
        first, rows = scene.marts(), untimed(scene.target)
        before = scene.questions()
        assert scene.night().status == "success"
        assert untimed(scene.target) == rows
        # In place the second night meets the acts of the first one's splits, and asks for them by their names.
        assert in_place or scene.questions() == before, "a second night asks nothing"
        asked = Counter(source for source, _, _ in scene.questions())
        return Calm(first, scene.marts(), rows, asked, passed, scene.library)
