"""The night as one plain object of its steps; `defs/` wraps the same steps for Dagster, `cli.py` starts them.

Here lives what happens in which order, and what one step leaves for the next. Nothing here knows Dagster, asks a source
itself, judges a candidate or writes to a library: each step calls the module that does.

    with Night.begin(options) as night:
        night.take_backup() -> night.extract() -> night.ask() -> night.believe() -> night.apply() -> night.report()

Checkpoints, in order: lock, backup, extract, ask, believe, marts, apply, report, each as `<name>:before` and `:after`;
the modules below add their own. The file is long because the order of a night is read from top to bottom.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from dagster_project import abandoned, believe, ending, interruption, logs, network_disk, retention
from dagster_project.data_folder import DataFolder, Kind
from dagster_project.disk_errors import explained
from dagster_project.options import JOBS, Job, Options
from dagster_project.outcome import Outcome, told
from dagster_project.preparation import Place, SourceDoor, engine_of, prepare
from dagster_project.publish import backup, durable, ledger, marts
from dagster_project.publish.apply import Applied, apply
from dagster_project.publish.lock import RunLock
from dagster_project.publish.target import Target
from ingest import asking, warehouse
from ingest.clock import Clock, SystemClock
from ingest.errors import SillonError
from ingest.settings import Settings
from ingest.sources import library as library_source

Checkpoint = Callable[[str], None]
log = logging.getLogger("sillon")

LAST_MOMENTS = ("apply:begin", "commit:before", "rename:before")  # after these the library or the copy is another
SIGNAL_LOOK_S = 0.2  # how often the main thread looks for Ctrl-C while others ask: a run ends within 2 s


def no_checkpoint(name: str) -> None:
    """What a checkpoint does outside tests: nothing."""


class Night:
    """One run: what it works on, the steps it takes, and in `outcome` what came of them."""

    def __init__(
        self, options: Options, place: Place, run_id: str, clock: Clock, checkpoint: Checkpoint, lock: RunLock
    ) -> None:
        self.options = options
        self.place = place
        self.run_id = run_id
        self.clock = clock
        self.checkpoint = checkpoint
        self._lock = lock
        self.outcome = Outcome(run_id=run_id, started_at=clock.now(), settings=place.settings, options=options)
        self._snapshot: Path | None = None
        self._is_verified = False

    @property
    def settings(self) -> Settings:
        return self.place.settings

    @property
    def folder(self) -> DataFolder:
        return self.place.folder

    @property
    def kind(self) -> Kind:
        return self.place.kind

    @property
    def job(self) -> Job:
        return JOBS[self.options.job]

    @property
    def may_write(self) -> bool:
        """Whether this run changes anything at all: the job, the switch and `--dry-run` must agree."""
        return self.job.writes and self.settings.enrichment.auto_enrichment.enabled and not self.options.dry_run

    @property
    def may_ask(self) -> bool:
        """Whether this run asks sources: the job and the switch must agree."""
        return self.job.asks and self.settings.enrichment.auto_enrichment.enabled

    @property
    def snapshot(self) -> Path:
        """The file that the run works from; the newest backup when a step is run alone."""
        if self._snapshot is None:
            self._snapshot = backup.newest(self.folder.backups).path
        return self._snapshot

    @classmethod
    @contextmanager
    def begin(
        cls, options: Options, *, clock: Clock | None = None, checkpoint: Checkpoint = no_checkpoint
    ) -> Iterator[Night]:
        """Check what is needed, take the lock, and leave a report whatever happens in between.

        Raises ConfigError, LibraryError, DataFolderMismatch or RunActive before anything was touched.
        """
        clock = clock or SystemClock()
        try:
            place = prepare(options)
        except SillonError as error:
            ending.never_began(options, error, clock)
            raise
        checkpoint("lock:before")
        in_place = place.library if options.in_place else None
        night = None
        try:
            with RunLock(place.folder.root, clock, what=f"run ({options.job})", library=in_place) as lock:
                checkpoint("lock:after")
                run_id = _new_run_id(clock.now(), place)
                night = cls(options, place, run_id, clock, checkpoint, lock)
                with logs.written_to(place.folder.logs / f"{run_id}.log", place.secrets):
                    try:
                        night._open()
                        yield night
                    except BaseException as error:
                        known = explained(error, place.folder.root)
                        night.outcome.failed(known)
                        if known is error:
                            raise
                        raise known from error
                    finally:
                        night._close()
        finally:
            if night is not None:  # told without the lock: a slow command must not keep the next run waiting
                ending.tell(night.outcome, place, clock)

    # ---------------------------------------------------------------- the steps
    @told
    def take_backup(self) -> dict[str, int]:
        """A verified backup before a run that writes, a plain snapshot before one that does not. Rows per table."""
        self.checkpoint("backup:before")
        if self.may_write:
            taken = backup.take(self.place.library, self.folder.backups, self.clock, self.checkpoint)
            retention = self.settings.enrichment.retention
            backup.prune(
                self.folder.backups,
                self.clock,
                keep=retention.backups,
                compress_days=retention.compress_backups_after_days,
                taken=taken,
            )
            self.outcome.backup = taken.path
            self._snapshot = taken.path
            rows = dict(taken.rows)
        else:
            self._snapshot = self.folder.snapshots / f"{durable.short(self.place.library.name)}.snapshot"
            rows = backup.snapshot(self.place.library, self._snapshot, self.clock)
        self.checkpoint("backup:after")
        return rows

    @told
    def extract(self) -> dict[str, int]:
        """The snapshot into the raw tables of `library`, and what Sillon remembers beside it. Rows per table."""
        self.checkpoint("extract:before")
        is_of_this_run = self._snapshot is not None
        with self._warehouse() as connection:
            rows = library_source.extract(self.snapshot, connection)
            book = ledger.Ledger(self.folder.ledger)
            ledger.settle_pending(book)
            if is_of_this_run:  # what an older backup does not hold yet would look as if a person had taken it out
                self.outcome.edited = ledger.remember_edits(book, self.snapshot, self.place.library, self.clock)
            ledger.load(connection, book)
            decided = [*self.place.decisions, *ledger.decisions(book)]
            warehouse.replace_decisions(connection, decided)
            warehouse.replace_settings(
                connection, self.place.settings_for_sql(self.job, self.clock.now(), self.options)
            )
        self.checkpoint("extract:after")
        return rows

    @told
    def ask(self, progress: asking.Progress | None = None) -> dict[str, asking.SourceReport]:
        """What is due, asked of every source that may be asked; what is not answered stays due."""
        self.checkpoint("ask:before")
        minutes = self.options.max_minutes or self.settings.enrichment.max_minutes
        with self._warehouse() as connection, self.place.shared(self.clock) as shared, self._door() as access:
            self.outcome.picture_of = access.picture_of
            if self.options.from_dump is not None:
                self._read_dump(connection, self.options.from_dump, access.settings, progress or asking.silent)
            reports = ask_watched(
                asking.Asking(
                    connection=connection,
                    settings=access.settings,
                    run_id=self.run_id,
                    clock=self.clock,
                    progress=progress or asking.silent,
                    limit=self.options.limit,
                    deadline=self.clock.monotonic() + minutes * 60,
                    state_dir=access.state_dir,
                    checkpoint=self.checkpoint,
                    shared=shared,
                )
            )
            if shared is not None:
                shared.tell_states(connection)
        self.outcome.sources = reports
        for word, one in reports.items():
            log.info(
                "%s: %s, %d requests, %d deferred %s", word, one.status, one.requests, one.deferred, one.reason or ""
            )
        self.checkpoint("ask:after")
        return reports

    @told
    def believe(self, on_node: Callable[[str, str], None] | None = None) -> believe.Beliefs:
        """Every model and every test, once; then the marts as a file of their own for whoever reads."""
        self.checkpoint("believe:before")
        engine = engine_of(self.settings, self.folder)
        beliefs = believe.build(self.folder.warehouse, self.folder.dbt, on_node=on_node, engine=engine)
        self.outcome.believed(beliefs)
        self.checkpoint("believe:after")
        self.share_marts()
        self.outcome.quality = marts.scores(self.folder.marts)
        return beliefs

    def share_marts(self) -> None:
        """Replace `marts.duckdb` by rename."""
        self.checkpoint("marts:before")
        marts.share(self.folder.warehouse, self.folder.marts)
        self.checkpoint("marts:after")

    @told
    def apply(self) -> Applied | None:
        """Write what was decided; None where this run writes nothing or a check stopped it."""
        self.checkpoint("apply:before")
        if self.outcome.is_stopped:
            return None
        changes = ledger.read_changes(self.folder.marts)
        self.outcome.proposed = len(changes)
        if not self.may_write:
            return None
        target = Target(
            kind="in_place" if self.options.in_place else "copy",
            path=self.place.library if self.options.in_place else self.place.output,
        )
        book = ledger.Ledger(self.folder.ledger)
        applied = apply(
            changes,
            self.snapshot,
            target,
            book,
            self.run_id,
            self.clock,
            self._still_ours,
            library=self.place.library,
        )
        with self._warehouse() as connection:
            ledger.load(connection, book)
        self.outcome.applied = applied
        log.info("%d changes in %s, %d skipped", len(applied.applied), target.path, len(applied.skipped))
        self.checkpoint("apply:after")
        return applied

    def _still_ours(self, name: str) -> None:
        """A checkpoint of the writing: a machine that slept for hours must not write over the run that took its place."""
        if name in LAST_MOMENTS:
            self._lock.check()
        self.checkpoint(name)

    @told
    def report(self) -> Path:
        """The report of this run as a folder, and `latest` beside it. Returns the HTML file."""
        self.checkpoint("report:before")
        self.outcome.finished_at = self.clock.now()
        self._record(status=self.outcome.status)
        self.share_marts()
        retention.prune(self.folder, self.settings.enrichment.retention, self.run_id)
        page = self.outcome.render(self.place, self.folder)
        self.checkpoint("report:after")
        return page

    # ---------------------------------------------------------------- around them
    @contextmanager
    def _warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = warehouse.connect(self.folder.warehouse, verify=not self._is_verified)
        self._is_verified = True
        try:
            yield connection
        finally:
            connection.close()

    def _door(self) -> AbstractContextManager[SourceDoor]:
        return self.place.sources(self.snapshot, self.job, limits=self.options.sandbox_limits)

    def _read_dump(
        self, connection: duckdb.DuckDBPyConnection, path: Path, settings: Settings, progress: asking.Progress
    ) -> None:
        """What a data dump says about what is due, before anything is asked."""
        from ingest.sources import musicbrainz_dump

        new = musicbrainz_dump.load(
            path,
            connection,
            settings,
            now=self.clock.now(),
            run_id=self.run_id,
            scratch=self.folder.dump,
            progress=lambda done, total: progress("musicbrainz_dump", done // 1_000_000, total // 1_000_000),
        )
        log.info(
            "Data dump %s: %s", path, ", ".join(f"{table} {rows}" for table, rows in new.items()) or "nothing is due"
        )

    def _open(self) -> None:
        """Write down that this run began; runs that never ended were cut off, for the lock is ours."""
        log.info("Run %s: %s, %s", self.run_id, self.options.job, self.place.library)
        if remark := network_disk.warning(self.place.library):
            self.outcome.notices.append(remark)
            log.warning("%s", remark)
        with self._warehouse() as connection:
            for run_id in abandoned.close_runs(connection):
                log.warning("Run %s ended without a word", run_id)
            warehouse.record_run(connection, self.outcome.run_row(self.place, "started"))

    def _record(self, *, status: str) -> None:
        with self._warehouse() as connection:
            warehouse.record_run(connection, self.outcome.run_row(self.place, status))

    def _close(self) -> None:
        """A report in every case but one: a run that was told to stop has no time for it."""
        try:
            if interruption.is_interrupted():
                self.outcome.failed(KeyboardInterrupt("told to stop"))
                self._record(status="failed")
            elif not self.outcome.is_reported:
                self.report()
        except (SillonError, duckdb.Error, OSError) as error:
            log.error("The report could not be written: %s", error)
        for line in self.outcome.failures:
            log.error("%s", line)
        log.info("Run %s: %s", self.run_id, self.outcome.status)


def run(
    options: Options,
    *,
    clock: Clock | None = None,
    checkpoint: Checkpoint = no_checkpoint,
    progress: asking.Progress | None = None,
) -> Outcome:
    """The whole night without Dagster, for fleets, tests and benchmarks. Returns its outcome; raises what `begin` raises."""
    with Night.begin(options, clock=clock, checkpoint=checkpoint) as night:
        night.take_backup()
        night.extract()
        if night.may_ask:
            night.ask(progress)
        night.believe()
        night.apply()
        night.report()
        return night.outcome


def ask_watched(question: asking.Asking) -> dict[str, asking.SourceReport]:
    """Ask in a thread of its own: a signal reaches the main thread alone, which then stops the clock for all others."""
    with ThreadPoolExecutor(1, thread_name_prefix="asking") as executor:
        future = executor.submit(asking.ask_all, question)
        try:
            while not future.done():
                wait([future], timeout=SIGNAL_LOOK_S)
        except BaseException:
            question.clock.stop()
            raise
        return future.result()


def _new_run_id(now: datetime, place: Place) -> str:
    """The local time of the start, with a letter where two runs share a second."""
    name = now.astimezone(place.time_zone).strftime("%Y%m%d-%H%M%S")
    taken = {folder.name for folder in place.folder.reports.iterdir()}
    return next(
        candidate
        for candidate in [name, *(f"{name}{letter}" for letter in "bcdefghijklmnopq")]
        if candidate not in taken
    )
