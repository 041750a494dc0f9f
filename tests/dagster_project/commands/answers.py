"""What a command answers in these tests, and the night on which they ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Sillon = Callable[..., Said]


@dataclass(frozen=True)
class Finished:
    """A night that was: its data folder, its configuration, its run."""

    data: Path
    config: Path
    run_id: str
    at: datetime
