"""What came of a run, gathered step by step: its status, and the facts that the report is made of.

Nothing is decided about music here and nothing is drawn; `publish/report/` does that from these facts and the marts.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar

from dagster_project.believe import Beliefs, NodeResult
from dagster_project.disk_errors import explained
from dagster_project.options import JOBS, Options
from ingest.asking import SourceReport
from ingest.errors import SillonError
from ingest.settings import Settings, program_version

if TYPE_CHECKING:
    from dagster_project.data_folder import DataFolder
    from dagster_project.night import Night
    from dagster_project.preparation import Place
    from dagster_project.publish.apply import Applied

Status = Literal["success", "partial", "failed"]
log = logging.getLogger("sillon")


Words = ParamSpec("Words")
Result = TypeVar("Result")


def told(step: Callable[Concatenate[Night, Words], Result]) -> Callable[Concatenate[Night, Words], Result]:
    """A step of the night whose error is in the outcome before anybody else hears of it.

    Who calls the step may keep the error to himself: Dagster does, and a run that nobody told of would end as a success.
    """

    @functools.wraps(step)
    def telling(night: Night, /, *words: Words.args, **named: Words.kwargs) -> Result:
        try:
            return step(night, *words, **named)
        except Exception as error:
            known = explained(error, night.folder.root)
            if not isinstance(known, SillonError):
                log.exception("%s stopped", step.__name__)
            night.outcome.failed(known)
            if known is error:
                raise
            raise known from error

    return telling


@dataclass
class Outcome:
    """The mutable sheet of one run. `proposed` is how many changes SQL decided, `applied` what became of them."""

    run_id: str
    started_at: datetime
    settings: Settings
    options: Options
    finished_at: datetime | None = None
    backup: Path | None = None
    sources: Mapping[str, SourceReport] = field(default_factory=dict)
    proposed: int = 0
    applied: Applied | None = None
    edited: Sequence[Any] = ()
    failures: list[str] = field(default_factory=list)
    failed_checks: tuple[NodeResult, ...] = ()
    warned_checks: tuple[NodeResult, ...] = ()
    picture_of: Callable[[str], bytes | None] | None = None
    is_stopped: bool = False
    error_status: int = 1
    is_believed: bool = False
    quality: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    page: Path | None = None
    notices: list[str] = field(default_factory=list)

    @property
    def status(self) -> Status:
        """failed: something that a person must mend; partial: a source was asked in vain or only in part."""
        if self.failures:
            return "failed"
        return (
            "partial" if any(report.status in ("down", "degraded") for report in self.sources.values()) else "success"
        )

    @property
    def exit_status(self) -> int:
        """What the command ends with: a source that was down is a warning, not a failure."""
        return self.error_status if self.failures else 0

    @property
    def is_reported(self) -> bool:
        return self.page is not None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Lines for the user that stopped nothing."""
        asked_in_vain = [
            f"{word}: {(report.reason or report.status).removeprefix(f'{word}: ')}"
            for word, report in self.sources.items()
            if report.status in ("down", "degraded")
        ]
        return (*self.settings.warnings, *asked_in_vain, *self.notices)

    def failed(self, error: BaseException) -> None:
        """Remember what stopped the run, as the line that a person reads."""
        line = error.line if isinstance(error, SillonError) else f"{type(error).__name__}: {error}".partition("\n")[0]
        if isinstance(error, SillonError) and not self.failures:
            self.error_status = error.exit_status
        if line not in self.failures:
            self.failures.append(line)
        self.is_stopped = True

    def believed(self, beliefs: Beliefs) -> None:
        """Keep what the tests said; a failed one of severity error stops the writing."""
        self.failed_checks, self.warned_checks = beliefs.errors, beliefs.warnings
        # Where a model could not be built its mart is an earlier night's: the report must not show it as tonight's.
        self.is_believed = beliefs.exception is None and all(error.resource_type == "test" for error in beliefs.errors)
        if beliefs.success:
            return
        self.is_stopped = True
        if beliefs.exception and not beliefs.errors:
            self.failures.append(f"dbt could not run: {beliefs.exception}".partition("\n")[0])
        self.failures += [
            f"{check.name}: {check.message or check.status}".partition("\n")[0]
            + ("; nothing was written" if check.resource_type == "test" else "")
            for check in beliefs.errors
        ]

    def score(self) -> dict[str, float]:
        """The quality score before and after, of 100 points; empty where nothing could be believed."""
        if "data_quality_score" not in self.quality:
            return {}
        before, after = self.quality["data_quality_score"]
        return {"score before": before, "score after": after if self.applied is not None else before}

    def run_row(self, place: Place, status: str) -> dict[str, Any]:
        """This run as a row of `sillon.runs`; `status` is started, success, partial or failed."""
        job, options = JOBS[self.options.job], self.options
        return {
            "run_id": self.run_id,
            "local_date": self.started_at.astimezone(place.time_zone).date(),
            "kind": place.kind,
            "job": job.name,
            "is_full": options.is_full,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "status": status,
            "score_before": self.score().get("score before"),
            "score_after": self.score().get("score after"),
            "version": program_version(),
            "library_path": str(place.library),
            "target": "in_place" if options.in_place else "copy",
            "output_path": str(place.library if options.in_place else place.output),
        }

    def render(self, place: Place, folder: DataFolder) -> Path:
        """Write the report of this run. Returns the HTML page of `latest`."""
        from dagster_project.publish.report import write

        self.page = write(self, place, folder)
        return self.page
