"""One source alone, from the shell: `python -m ingest musicbrainz --limit 20`.

Data flow: the library of the configuration (or `--library`) -> `library.*`; one web source -> its raw tables. Nothing is
believed and nothing is written to the library. The whole night is the command `sillon`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from ingest import warehouse
from ingest.asking import Asking, SourceReport, ask_source
from ingest.errors import LibraryError, SillonError
from ingest.settings import WEB_SOURCES, load_settings
from ingest.sources import library


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask one source; returns the exit status: 0 done, 1 failed, 2 bad input, 3 warehouse held, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except SillonError as error:
        sys.stderr.write(f"{error.line}\n")
        return error.exit_status
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    settings = load_settings(options.config or Path("config"), must_exist=options.config is not None)
    with warehouse.connect(options.data / "warehouse.duckdb") as connection:
        path = options.library or settings.enrichment.library
        if options.source == "library":
            if path is None:
                raise LibraryError("no library is named", remedy="give --library, or set `library`")
            rows = library.extract(path, connection)
            sys.stdout.write("".join(f"library.{table}: {count} rows\n" for table, count in rows.items()))
            return 0
        if path is not None:
            library.extract(path, connection)
        report = ask_source(
            options.source,
            Asking(
                connection=connection,
                settings=settings,
                run_id=f"{options.source}-{uuid4().hex[:8]}",
                limit=options.limit,
                state_dir=options.state,
                progress=_show if sys.stderr.isatty() else (lambda *_: None),
            ),
        )
    sys.stdout.write(f"{summary(report)}\n")
    return 0


def summary(report: SourceReport) -> str:
    """A report as one line."""
    line = (
        f"{report.source}: {report.status}, {report.requests} requests, {report.answers} answers,"
        f" {report.deferred} still due"
    )
    return f"{line} ({report.reason})" if report.reason else line


def _show(source: str, done: int, total: int) -> None:
    sys.stderr.write(f"\r{source} {done}/{total} ")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest", description="Ask one source for what is due.")
    parser.add_argument("source", choices=("library", *WEB_SOURCES))
    parser.add_argument("--limit", type=_positive, help="at most so many albums")
    parser.add_argument("--library", type=Path, help="the app's SQLite database; read, never written")
    parser.add_argument("--config", type=Path, help="folder of the configuration (config)")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the warehouse (data)")
    parser.add_argument("--state", type=Path, help="folder in which the pace is kept (the user's state folder)")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
