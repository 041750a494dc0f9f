"""The verb evaluate: what Sillon believes, measured on labelled data, beside the figures of the last release.

The measuring stands in `evaluation/`, which runs the very dbt models; here lives the table and the comparison.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.commands.choices import ENGINES, Config, Engine, Json, Quiet
from dagster_project.commands.voice import Voice, spoken

if TYPE_CHECKING:
    from ingest.settings_models import Spark as SparkSettings

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of the labelled files (CSV).", show_default=False)
]
Against = Annotated[
    Path | None,
    typer.Option(
        "--against",
        help="A Markdown file whose tables hold released figures; exit status 1 when one of them is not reached.",
        show_default=False,
    ),
]
FILES = (
    "artist_credits.csv",
    "album_matches.csv",
    "album_candidates.csv",
    "album_traps.csv",
    "genre_albums.csv",
)
LOWER_IS_BETTER = ("wrong", "traps taken")
JUDGED_BY_NOTHING = ("abstained",)  # what is not right is wrong or abstained: those two are compared
ROUNDING = 0.0006  # released figures have one decimal of a percent: half of it, and a little for binary fractions


def register(app: typer.Typer) -> None:
    """Add this verb to the command."""
    app.command(short_help="Measure the beliefs on labelled files.")(evaluate)


def evaluate(
    folder: Folder,
    against: Against = None,
    config: Config = None,
    engine: Engine = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Measure artist credits, album matches and genres on labelled files.

    \b
    Examples:
      sillon evaluate ../labelled
      sillon evaluate ../labelled --json
      sillon evaluate ../labelled --against README.md
      sillon evaluate ../labelled --engine spark
    """
    voice = Voice(config, quiet=quiet, as_json=as_json)
    if engine is not None and engine not in ENGINES:
        voice.refuse("unknown_value", option="--engine", value=engine, known=", ".join(ENGINES))
    for file in FILES:
        if not (folder / file).is_file():
            key = "evaluate.no_file" if folder.is_dir() else "evaluate.no_folder"
            what = voice.words(key, folder=folder, file=file)
            voice.refuse("evaluate.expected", what=what, files=", ".join(FILES))

    def start() -> int:
        released = released_figures(against) if against is not None else None
        measured = measure(folder, _spark(config, engine))
        voice.data(measured)
        _say(voice, measured, released)
        lost = [] if released is None else drops(dict(figures(measured)), released)
        for (topic, name), was, now in lost:
            shown = {"now": percent(voice, now), "was": percent(voice, was)}
            voice.fail(voice.words("evaluate.drop", topic=topic, name=name, **shown))
        return 1 if lost else 0

    spoken(voice, start)


def _spark(config: Path | None, engine: str | None) -> SparkSettings | None:
    """How Spark is started where it is to believe; the lake is these measurements' own."""
    from dagster_project.commands import whose

    settings = whose.settings(config).enrichment
    return settings.spark if (engine or settings.engine) == "spark" else None


def measure(folder: Path, spark: SparkSettings | None = None) -> dict[str, Any]:
    """Every figure, shares from 0 to 1: DuckDB believes, or Spark where its settings are given.

    Raises ConfigError for files that cannot be read, WarehouseError when dbt failed, EngineError what Spark lacks.
    """
    from dagster_project.evaluation import albums, credits, genres
    from ingest.errors import ConfigError, WarehouseError

    with tempfile.TemporaryDirectory(prefix="sillon-evaluate-") as name:
        scratch = Path(name)
        engine = None
        if spark is not None:
            from dagster_project.spark import Spark

            engine = Spark(lake=str(scratch / "lake"), settings=spark, keep=(*credits.READ, *genres.READ))
            engine.check()
        try:
            return {
                "artist_credits": credits.measure(folder, scratch, engine),
                "album_matches": albums.measure(folder, scratch, engine),
                "genres": genres.measure(folder, scratch, engine),
            }
        except (KeyError, ValueError) as error:
            raise ConfigError(
                f"a labelled file cannot be read: {error!r}", file=folder, expected=f"the columns of {', '.join(FILES)}"
            ) from error
        except RuntimeError as error:
            raise WarehouseError(str(error).partition("\n")[0], where=folder) from error


def figures(measured: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], float | None]]:
    """(topic, name) and its share, in the order of the table."""
    for topic, found in measured.items():
        for name, value in found.items():
            if not isinstance(value, Mapping) and name != "traps":
                yield (topic.replace("_", " "), name.replace("_", " ")), value
    for genre, found in measured["genres"]["per_category"].items():
        for name in ("precision", "coverage"):
            yield (f"genre {genre}", name), found[name]


def released_figures(path: Path) -> dict[tuple[str, str], float]:
    """The figures of a Markdown file: rows of tables whose first three cells are topic, name and a percentage.

    Raises ConfigError where the file is not there or holds none.
    """
    from ingest.errors import ConfigError

    if not path.is_file():
        raise ConfigError("there is no such file", file=path, expected="a Markdown file with the released figures")
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("*") for cell in line.strip().strip("|").split("|")]
        if line.lstrip().startswith("|") and len(cells) >= 3 and cells[2].endswith("%"):
            try:
                found[cells[0].lower(), cells[1].lower()] = float(cells[2].rstrip("% \u00a0").replace(",", ".")) / 100
            except ValueError:
                continue
    if not found:
        raise ConfigError(
            "holds no released figures", file=path, expected="table rows such as | artist credits | exact | 90.1 % |"
        )
    return found


def drops(
    now: Mapping[tuple[str, str], float | None], released: Mapping[tuple[str, str], float]
) -> list[tuple[tuple[str, str], float, float | None]]:
    """The figures that are worse than released, beyond rounding: (which, released, now)."""
    lost = []
    for which, was in released.items():
        if which not in now or which[1] in JUDGED_BY_NOTHING:
            continue
        value = now[which]
        sign = -1 if which[1] in LOWER_IS_BETTER else 1
        if value is None or sign * (value - was) < -ROUNDING:
            lost.append((which, was, value))
    return lost


def _say(voice: Voice, measured: Mapping[str, Any], released: Mapping[tuple[str, str], float] | None) -> None:
    heads = ("what", "figure", "now") if released is None else ("what", "figure", "now", "released")
    rows = []
    for which, value in figures(measured):
        row = [*which, percent(voice, value)]
        if released is not None:
            row.append(percent(voice, released.get(which)))
        rows.append(row)
    voice.table(heads, rows, right=range(2, len(heads)))
    voice.tell("evaluate.traps", number=measured["album_matches"]["traps"])


def percent(voice: Voice, share: float | None) -> str:
    """A share from 0 to 1 as people read it, to a tenth of a per cent."""
    return "-" if share is None else f"{voice.words.number(100 * share, 1)}\u00a0%"
