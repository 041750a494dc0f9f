"""What must be known before a run touches anything: settings, library, data folder, output, decisions, sources.

Here lives the turning of what was asked (`options.py`) into where to work. Nothing is written but the sample library and the
folders; nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from dagster_project.data_folder import DEFAULT_CONFIG as DEFAULT_CONFIG
from dagster_project.data_folder import DataFolder, Kind
from dagster_project.decision_rows import read_decisions
from dagster_project.disk_errors import explained
from dagster_project.fleet_folder import FleetFolder
from dagster_project.options import SERVICE_SOURCES, Job, Options
from dagster_project.publish.durable import is_same_file
from ingest.clock import Clock
from ingest.errors import ConfigError, NotALibrary
from ingest.pacing import state_folder
from ingest.settings import Settings, load_settings
from ingest.shared_answers import SharedAnswers, opened
from ingest.sources import library as library_source

if TYPE_CHECKING:
    from dagster_project.spark import Spark


@dataclass(frozen=True)
class SourceDoor:
    """How the sources are reached tonight: settings, the folder of the pacing gates, and the sandbox where there is one."""

    settings: Settings
    state_dir: Path
    sandbox: Any = None

    @property
    def picture_of(self) -> Callable[[str], bytes | None] | None:
        """The sandbox's cover picture behind a URL, for the report; None for the web, from which nothing is fetched."""
        return None if self.sandbox is None else self.sandbox.catalogue.picture_for


@dataclass(frozen=True)
class Place:
    """Where one run works. `decisions` are the rows of decisions.csv, as `sillon.decisions` wants them."""

    settings: Settings
    library: Path
    folder: DataFolder
    kind: Kind
    output: Path
    is_sample: bool
    decisions: tuple[dict[str, Any], ...] = field(default=())

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.scheduler.timezone)

    @property
    def secrets(self) -> list[str]:
        """As `secrets_of` has them."""
        return secrets_of(self.settings)

    def services(self, job: Job) -> tuple[str, ...]:
        """The services that this job runs; a job that writes nothing runs none that changes anything."""
        if not job.writes or not self.settings.enrichment.auto_enrichment.enabled:
            return ()
        return job.services if job.services is not None else tuple(self.settings.scheduler.services)

    def settings_for_sql(self, job: Job, now: datetime, options: Options) -> dict[str, str]:
        """The rows of `sillon.settings`: what SQL needs to know of the configuration, as text."""
        enrichment, services = self.settings.enrichment, self.services(job)
        features = enrichment.auto_enrichment.features.model_dump()
        switches = {f"feature.{name}": on for name, on in features.items()}
        for service in ("fix_malformed_artists", "enrich_musicbrainz_images", "auto_enrichment"):
            switches[f"service.{service}"] = service in services
        return {
            **{name: "true" if on else "false" for name, on in switches.items()},
            "description_template": enrichment.description_template,
            "language": enrichment.language,
            "refresh_days.cover": str(enrichment.refresh_days.cover),
            "run_date": now.astimezone(self.time_zone).date().isoformat(),
            "target": "in_place" if options.in_place else "copy",
            "target_path": str(self.library if options.in_place else self.output),
        }

    @contextmanager
    def sources(self, snapshot: Path, job: Job, *, limits: bool = True) -> Iterator[SourceDoor]:
        """The sources as this job may ask them: the web's, or a sandbox that lives as long as the block."""
        wanted = {source for service in self.services(job) for source in SERVICE_SOURCES.get(service, ())}
        automatic = self.settings.enrichment.auto_enrichment
        chosen = tuple(source for source in automatic.sources if source in wanted)
        enrichment = self.settings.enrichment.model_copy(
            update={"auto_enrichment": automatic.model_copy(update={"sources": chosen})}
        )
        settings = self.settings.model_copy(update={"enrichment": enrichment})
        if self.kind == "web":
            yield SourceDoor(settings, state_folder())
            return
        with self._sandbox(snapshot, limits) as sandbox:
            yield SourceDoor(settings.for_sandbox(sandbox.base_urls), self.folder.sandbox_state, sandbox)

    @contextmanager
    def shared(self, clock: Clock) -> Iterator[SharedAnswers | None]:
        """What the fleet of this library knows; None for a library on its own."""
        if self.folder.fleet is None:
            yield None
            return
        with opened(FleetFolder(self.folder.fleet).answers, self.folder.root.name, clock) as answers:
            yield answers

    def _sandbox(self, snapshot: Path, limits: bool) -> Any:
        from ingest.sandbox import Catalogue, Sandbox

        if self.is_sample:
            from ingest.sandbox.sample import CATALOGUE

            return Sandbox(Catalogue.load(CATALOGUE), limits=limits)
        if self.folder.fleet is not None:
            # What one library is told the others believe too, so all of them are asked about at one and the same place.
            libraries = [member.path for member in FleetFolder(self.folder.fleet).members()]
            return Sandbox(Catalogue.of_libraries(sorted({self.library.resolve(), *libraries})), limits=limits)
        return Sandbox(Catalogue.of_library(snapshot), limits=limits)


def prepare(options: Options) -> Place:
    """Turn options into a place to work; folders and, for the demonstration, the sample library are created.

    Raises ConfigError, NotALibrary (or another LibraryError), DumpUnreadable, DataFolderMismatch and EngineError, each with one
    line that says what to do.
    """
    settings = settings_of(options)
    refuse_contradictions(options)
    if options.from_dump is not None:
        from ingest import dump_archive

        dump_archive.archives(options.from_dump)
    folder = DataFolder(options.data.absolute())
    if "?" in str(folder.root):
        raise ConfigError(
            f"--data {folder.root} has a question mark in its path",
            expected="a path without one: DuckDB would keep its log elsewhere",
            remedy="give another folder",
        )
    kind: Kind = "sandbox" if options.sandbox else "web"
    library, is_sample = _library(options, settings, folder)
    library_source.check(library)
    folder.check(library, kind)
    try:
        folder.prepare()
        folder.claim(library, kind, options.fleet)
    except OSError as error:
        raise explained(error, folder.root) from error
    if (engine := engine_of(settings, folder)) is not None:
        engine.check()
    output = (options.output or folder.exports / library.name).absolute()
    if is_same_file(output, library):
        raise ConfigError(
            f"--output {output} is the library itself",
            expected="another file",
            remedy="use --in-place to write into it",
        )
    config = options.config or DEFAULT_CONFIG
    decisions = tuple(read_decisions(folder.decisions(config)))
    return Place(settings, library, folder, kind, output, is_sample, decisions)


def settings_of(options: Options) -> Settings:
    """The configuration of a run, with the engine that it was told to take. Raises ConfigError."""
    settings = load_settings(options.config or DEFAULT_CONFIG, must_exist=options.config is not None)
    if options.engine is None:
        return settings
    chosen = settings.enrichment.model_copy(update={"engine": options.engine})
    return settings.model_copy(update={"enrichment": chosen})


def secrets_of(settings: Settings) -> list[str]:
    """Every secret of the configuration, in plain text, so that a log can leave them out."""
    notify = settings.enrichment.notify
    blocks = [*dict(settings.secrets).values(), *([notify] if notify else [])]
    found = [value for block in blocks for value in dict(block).values()]
    return [value.get_secret_value() for value in found if isinstance(value, SecretStr)]


def engine_of(settings: Settings, folder: DataFolder) -> Spark | None:
    """What believes: the engine of the configuration, None for DuckDB."""
    if settings.enrichment.engine == "duckdb":
        return None
    from dagster_project.spark import Spark

    return Spark.of(settings, folder)


def refuse_contradictions(options: Options) -> None:
    """Raise ConfigError for options that exclude each other."""
    if options.sandbox and options.in_place:
        raise ConfigError(
            "--sandbox and --in-place exclude each other: the sandbox's answers are invented",
            expected="one of them",
            remedy="leave out --in-place; the enriched copy shows what would have been written",
        )


def _library(options: Options, settings: Settings, folder: DataFolder) -> tuple[Path, bool]:
    sampled = folder.root / "sample_library.db"
    # a folder in which the sample was tried stays the sample's, also once a library is configured
    is_samples = options.sandbox and sampled.exists()
    if chosen := options.library or (None if is_samples else settings.enrichment.library):
        path = Path(chosen).expanduser().absolute()
        if not path.is_file():
            raise NotALibrary("there is no such file", where=path, remedy="give the path of the app's SQLite database")
        return path, False
    if not options.sandbox:
        raise ConfigError(
            "no library is given",
            key="library",
            file="enrichment_config.json",
            expected="the path of the app's SQLite database",
            remedy="run `sillon run --library PATH`, or try the sample with `sillon run --sandbox --data data/demo`",
        )
    from ingest.sandbox import sample

    if not sampled.exists():
        folder.root.mkdir(parents=True, exist_ok=True)
        sample.build_library(sampled)
    return sampled, True
