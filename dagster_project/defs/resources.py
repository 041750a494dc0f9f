"""The one resource: the night that the steps of a run share. It takes the lock and leaves the report in every case."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import ClassVar

import dagster as dg
from pydantic import PrivateAttr

from dagster_project import interruption
from dagster_project.control_room import clear_history
from dagster_project.night import Night
from dagster_project.nights import NIGHT_TAG, had_its_night
from dagster_project.options import JOBS, Options
from dagster_project.outcome import Outcome
from ingest.errors import SillonError


class NightResource(dg.ConfigurableResource):
    """One `Night` per run (the in-process executor makes a resource once a run and closes it at the run's end)."""

    # What the command prints at the end: Dagster's own result knows events, not what they meant.
    last_outcome: ClassVar[Outcome | None] = None
    last_error: ClassVar[BaseException | None] = None

    _night: Night | None = PrivateAttr(default=None)

    @property
    def tonight(self) -> Night:
        """The running night. Raises RuntimeError outside a run."""
        if self._night is None:
            raise RuntimeError("the night has not begun")
        return self._night

    @property
    def is_over(self) -> bool:
        """Whether this run has nothing to do: a scheduled one whose date had its night while it waited in the queue."""
        return self._night is None

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["NightResource"]:
        options = Options.from_environment()
        name = context.run.job_name if context.run else options.job
        # Single assets, materialised from the UI, are a part of the night and never the night.
        update: dict[str, object] = {"job": name} if name in JOBS else {"is_part": True}
        options = options.model_copy(update=update)
        night_of = context.run.tags.get(NIGHT_TAG) if context.run else None
        if night_of and had_its_night(options.data, date.fromisoformat(night_of)):
            yield self
            return
        try:
            with Night.begin(options) as night:
                self._night = night
                NightResource.last_outcome = night.outcome
                yield self
                self._look_back(context, is_whole=not options.is_part)
            if context.instance is not None:
                clear_history(context.instance, night.settings.enrichment.retention.dagster_runs)
        except BaseException as error:
            NightResource.last_error = error
            raise

    def _look_back(self, context: dg.InitResourceContext, *, is_whole: bool) -> None:
        """Dagster keeps what a step raised to itself: a run that did not come to its report failed, whatever the night knows."""
        outcome = self.tonight.outcome
        if not is_whole or outcome.is_reported or outcome.failures or interruption.is_interrupted():
            return
        reason = "; ".join(_reasons(context)) or "Dagster does not say why"
        outcome.failed(SillonError(f"a step stopped: {reason}", remedy="look at the run with `sillon serve`"))


def _reasons(context: dg.InitResourceContext) -> Iterator[str]:
    """What stopped the steps of this run, as Dagster keeps it."""
    if context.instance is None or context.run is None:
        return
    logs = context.instance.all_logs(context.run.run_id, dg.DagsterEventType.STEP_FAILURE)
    for entry in logs:
        event = entry.dagster_event
        if event is not None and (error := event.step_failure_data.error) is not None:
            raised = error.cause or error  # Dagster's own words stand around it
            yield f"{event.step_key}: {raised.message}".strip()


@dg.definitions
def resources() -> dg.Definitions:
    return dg.Definitions(resources={"night": NightResource()})
