"""The options that several verbs share, with their words.

Only words: what an option means is known to the verb that takes it. The job names are written out here because the table
that owns them (`options.JOBS`) brings pydantic along; a test holds the two together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dagster_project.data_folder import DEFAULT_DATA as DEFAULT_DATA

JOB_NAMES = (
    "improvement_pipeline",
    "fix_malformed_artists",
    "enrich_musicbrainz_images",
    "auto_enrichment",
    "audit_database",
    "validate_data",
    "generate_audit_report",
)
ENGINES = ("duckdb", "spark")

Library = Annotated[Path | None, typer.Option("--library", help="The app's SQLite database.", show_default=False)]
Config = Annotated[
    Path | None, typer.Option("--config", help="The folder of the configuration files.", show_default="config")
]
Data = Annotated[Path, typer.Option("--data", help="The folder for everything of Sillon's own.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", help="Where the enriched copy goes.", show_default="<data>/exports/<library name>"),
]
InPlace = Annotated[bool, typer.Option("--in-place", help="Write into the library itself, after a verified backup.")]
Sandbox = Annotated[bool, typer.Option("--sandbox", help="Ask a stand-in on this machine instead of the web.")]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, help="Ask for at most this many albums.", show_default=False)
]
FromDump = Annotated[
    Path | None,
    typer.Option(
        "--from-dump",
        help="A MusicBrainz data dump, or its folder: the web is asked only for what it lacks.",
        show_default=False,
    ),
]
MaxMinutes = Annotated[
    float | None,
    typer.Option(
        "--max-minutes",
        min=0.01,  # 0 would be taken for "not given", and means nothing: `audit` asks nobody
        help="Asking ends after so many minutes, 0.5 too.",
        show_default="`max_minutes` of the configuration",
    ),
]
Job = Annotated[str, typer.Option("--job", help=f"One of: {', '.join(JOB_NAMES)}.")]
Engine = Annotated[
    str | None,
    typer.Option("--engine", help="What believes: duckdb or spark.", show_default="`engine` of the configuration"),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON, for other programs.")]
Album = Annotated[
    int | None, typer.Option("--album", help="Only this album, by its id in the library.", show_default=False)
]
Field = Annotated[
    str | None,
    typer.Option("--field", help="Only this field: year, genre, description, image or artists.", show_default=False),
]
