"""A night for many libraries: first the questions of all of them (`fleet_asking.py`), then one library after the other.

All in one process, so that the sources meet one paced client. Here lives which of them have their night, and in which order;
what came of each is a line (`fleet_lines.py`). A night is that of `night.py`, in the library's own data folder; that it looks
into the shared answers first follows from the folder's stamp. One library that fails stops none of the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from dagster_project import logs, night
from dagster_project.data_folder import Kind
from dagster_project.disk_errors import explained
from dagster_project.fleet_asking import ask_together
from dagster_project.fleet_folder import FleetFolder, Member, absolute
from dagster_project.fleet_lines import Line, known_line, unnamed
from dagster_project.night import Checkpoint, no_checkpoint
from dagster_project.nights import had_its_night
from dagster_project.options import JOBS, Options
from dagster_project.preparation import refuse_contradictions, secrets_of, settings_of
from dagster_project.publish.lock import RunLock
from ingest import asking, shared_answers
from ingest.clock import Clock, SystemClock
from ingest.errors import ConfigError, SillonError
from ingest.settings import Settings

Watch = Callable[[Member, int, int], asking.Progress]  # library, its number, how many there are
Hear = Callable[[Mapping[str, asking.SourceReport]], None]
SHORTEST_MINUTES = 1e-6  # where the time for asking is spent, a library is still believed from what is known
log = logging.getLogger("sillon")


def unheard(reports: Mapping[str, asking.SourceReport]) -> None:
    """Where nobody wants to know how the asking for all went."""


def unwarned(line: str) -> None:
    """Where nobody wants to know why it did not go at all."""


def unwatched(member: Member, number: int, count: int) -> asking.Progress:
    """Progress where nobody looks."""
    return asking.silent


def begin(options: Options, patterns: Sequence[str] = ()) -> tuple[FleetFolder, list[Member], list[str]]:
    """The fleet in `options.data`, its libraries and the patterns that name them; without any those that it was given last.

    Remembers nothing, for another fleet may be at work there. Raises ConfigError where there is no library at all,
    DataFolderMismatch where the folder is another's.
    """
    fleet = FleetFolder(options.data.absolute())
    if options.output is not None and options.output.is_file():
        raise ConfigError(
            f"--output {options.output} is a file", expected="a folder, for each library has a copy of its own"
        )
    refuse_contradictions(options)
    wanted = [absolute(pattern) for pattern in patterns] or list(fleet.patterns)
    if not wanted:
        raise ConfigError("no libraries are given", remedy="name them: sillon fleet --libraries 'DIR/*.db'")
    members = fleet.members(wanted)
    if not members:  # before the folder remembers a pattern that was mistyped
        raise ConfigError(f"no file is named by {', '.join(wanted)}", remedy="check the pattern, and quote it")
    try:
        fleet.check(_kind(options))
        fleet.prepare()
    except OSError as error:
        raise explained(error, fleet.root) from error
    return fleet, members, wanted


def _kind(options: Options) -> Kind:
    return "sandbox" if options.sandbox else "web"


def enrich(
    options: Options,
    patterns: Sequence[str] = (),
    *,
    again: bool = False,
    clock: Clock | None = None,
    checkpoint: Checkpoint = no_checkpoint,
    watch: Watch = unwatched,
    progress: asking.Progress = asking.silent,
    hear: Hear = unheard,
    warn: Callable[[str], None] = unwarned,
) -> Generator[Line, None, None]:
    """Ask for all libraries together, then give each its night; a line as each of them ends.

    Args:
        options: those of one run, for all of them; `data` is the fleet's folder, `output` a folder, `max_minutes` for all.
        patterns: which libraries; without any those that the fleet was given last.
        again: those too that had their night on this local date, as for anything less than a whole night.
        clock, checkpoint: as a night takes them.
        watch: gives the progress of one library.
        progress: told of the sources while all are asked about together, which a `limit` of albums leaves out.
        hear: told how that went with each source.
        warn: told in one line why it did not go at all.

    Raises what stops all of them before anything began: ConfigError, DataFolderMismatch, EngineError, RunActive, WarehouseError.
    """
    clock = clock or SystemClock()
    settings = settings_of(options)
    fleet, members, wanted = begin(options, patterns)
    if settings.enrichment.engine == "spark":  # what this machine lacks, it lacks for all; a lake is each library's own
        from dagster_project import spark

        spark.check_installed()
    minutes = options.max_minutes or settings.enrichment.max_minutes
    deadline = clock.monotonic() + minutes * 60
    with RunLock(fleet.root, clock, what="fleet"):
        try:
            fleet.claim(_kind(options), wanted)
        except OSError as error:
            raise explained(error, fleet.root) from error
        yield from (unnamed(pattern) for pattern in wanted if not fleet.members([pattern]))
        shared_answers.waited_for(fleet.answers, clock, verify=True).close()
        may_rest = options.is_full and not again
        done = {one for one in members if may_rest and is_done(fleet, one, settings, clock.now())}
        is_asked = JOBS[options.job].asks and settings.enrichment.auto_enrichment.enabled and options.limit is None
        if is_asked and len(members) > len(done):
            own = [options_of(fleet, member, options) for member in members if member not in done]
            fleet.log.unlink(missing_ok=True)
            with logs.written_to(fleet.log, secrets_of(settings)):
                try:
                    hear(ask_together(fleet, own, clock, deadline=deadline, progress=progress, checkpoint=checkpoint))
                except Exception as error:  # whatever it is, each night asks for what is still due
                    log.exception("The libraries could not be asked about together")
                    reason = error.line if isinstance(error, SillonError) else f"{type(error).__name__}: {error}"
                    warn(f"the libraries could not be asked about together: {reason.partition(chr(10))[0]}")
        for number, member in enumerate(members, start=1):
            if member in done:
                yield known_line(fleet, member)
                continue
            left = max((deadline - clock.monotonic()) / 60, SHORTEST_MINUTES)
            yield one(
                fleet,
                member,
                options.model_copy(update={"max_minutes": left}),
                clock=clock,
                checkpoint=checkpoint,
                progress=watch(member, number, len(members)),
            )


def one(
    fleet: FleetFolder,
    member: Member,
    options: Options,
    *,
    clock: Clock | None = None,
    checkpoint: Checkpoint = no_checkpoint,
    progress: asking.Progress | None = None,
) -> Line:
    """The night of one library. Whatever stops it is in the line; only being told to stop is raised."""
    own = options_of(fleet, member, options)
    failed = Line(library_id=member.library_id, library=str(member.path), status="failed")
    try:
        if own.output is not None:
            own.output.parent.mkdir(parents=True, exist_ok=True)
        outcome = night.run(own, clock=clock, checkpoint=checkpoint, progress=progress)
    except SillonError as error:
        return Line(**{**asdict(failed), "reason": error.line})
    except Exception as error:  # whatever it is, the other libraries have their night
        log.exception("The night of %s ended unforeseen", member.path)
        return Line(**{**asdict(failed), "reason": f"{type(error).__name__}: {error}".partition("\n")[0]})
    told = {**asdict(known_line(fleet, member)), "is_earlier": False, "status": outcome.status}
    said_of_all = outcome.settings.warnings
    reasons = outcome.failures or [line for line in outcome.warnings if line not in said_of_all]
    changes = outcome.proposed if options.dry_run else told["changes"]
    return Line(**{**told, "reason": "; ".join(reasons) or None, "changes": changes})


def options_of(fleet: FleetFolder, member: Member, options: Options) -> Options:
    """The options of one library's run: its file, its data folder, its place in the folder of the enriched copies."""
    output = options.output / f"{member.library_id}{member.path.suffix}" if options.output is not None else None
    return options.model_copy(
        update={"library": member.path, "data": fleet.of(member).root, "fleet": fleet.root, "output": output}
    )


def is_done(fleet: FleetFolder, member: Member, settings: Settings, now: datetime) -> bool:
    """Whether a library has had its night on this local date. One that cannot be read has not, and says so itself."""
    today = now.astimezone(ZoneInfo(settings.scheduler.timezone)).date()
    try:
        return had_its_night(fleet.of(member).root, today, fleet.kind)
    except Exception:  # a damaged shelf: the night makes it anew
        return False
