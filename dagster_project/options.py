"""What was asked for: the options of one run, and the jobs by the names their users know.

Here live the words of the command line in a form that travels to Dagster's own processes (as JSON in SILLON_OPTIONS).
Settings that a person keeps in files live in `ingest/settings.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

VARIABLE = "SILLON_OPTIONS"


class Job(BaseModel):
    """One job: which services it runs (None: those that the scheduler's configuration lists) and what it may do."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    services: tuple[str, ...] | None = ()
    asks: bool = True
    writes: bool = True


JOBS = {
    job.name: job
    for job in (
        Job(
            name="improvement_pipeline",
            description="The whole night: back up, audit, ask, believe, validate, write, report.",
            services=None,
        ),
        Job(
            name="fix_malformed_artists",
            description='Splits artist names that hold several acts, such as "Tony Bennett & Lady Gaga".',
            services=("fix_malformed_artists",),
        ),
        Job(
            name="enrich_musicbrainz_images",
            description="Finds the front covers that are missing.",
            services=("enrich_musicbrainz_images",),
        ),
        Job(
            name="auto_enrichment",
            description="Fills years, genres and descriptions that are missing.",
            services=("auto_enrichment",),
        ),
        Job(
            name="audit_database",
            description="Reads the library and lists what is missing or broken. Asks nobody, changes nothing.",
            asks=False,
            writes=False,
        ),
        Job(
            name="validate_data",
            description="Runs the integrity checks. Asks nobody, changes nothing.",
            asks=False,
            writes=False,
        ),
        Job(
            name="generate_audit_report",
            description="Writes the report anew from what is known. Asks nobody, changes nothing.",
            asks=False,
            writes=False,
        ),
    )
}

# Which of the configuration's sources a service has a use for ("musicbrainz" brings ListenBrainz and the Cover Art Archive).
SERVICE_SOURCES = {
    "audit_database": (),
    "fix_malformed_artists": ("musicbrainz", "discogs"),
    "enrich_musicbrainz_images": ("musicbrainz", "discogs", "spotify"),
    "auto_enrichment": ("musicbrainz", "discogs"),
}


class Options(BaseModel):
    """The options of one run, as given; a path that was not given is None and found by `preparation.prepare`.

    `is_part` marks single assets materialised from the UI; `sandbox_limits` lets tests ask the sandbox without its pacing;
    `fleet` is the folder of the fleet that the library belongs to.
    """

    model_config = ConfigDict(frozen=True)

    config: Path | None = None
    data: Path = Path("data")
    library: Path | None = None
    fleet: Path | None = None
    output: Path | None = None
    in_place: bool = False
    sandbox: bool = False
    dry_run: bool = False
    is_part: bool = False
    sandbox_limits: bool = True
    job: str = "improvement_pipeline"
    limit: int | None = None
    from_dump: Path | None = None
    max_minutes: float | None = None
    engine: Literal["duckdb", "spark"] | None = None

    @property
    def is_full(self) -> bool:
        """Whether this is a whole night, which a local date has once."""
        return JOBS[self.job].services is None and self.limit is None and not (self.dry_run or self.is_part)

    def to_environment(self) -> dict[str, str]:
        """The variable that carries these options into Dagster's processes, with every path made absolute."""
        absolute = {
            name: str(path.absolute())
            for name in ("config", "data", "library", "fleet", "output", "from_dump")
            if (path := getattr(self, name)) is not None
        }
        return {VARIABLE: json.dumps(self.model_dump(mode="json") | absolute, sort_keys=True)}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Options:
        """The options of the process that started this one; the defaults where there was none."""
        return cls.model_validate_json(environ.get(VARIABLE, "{}"))
