"""`python -m ingest.sandbox`: the sandbox alone, until Ctrl-C, with the addresses to put under `base_urls`.

Options:
    --library PATH   make the catalogue from this library instead of the sample's
    --build PATH     also write the sample library there
    --port N         the first of six ports in a row (default: any free ones)
    --fault SCRIPT   may be repeated: source:kind[:option=value …]
    --no-limits      no pacing refusals
"""

import argparse
import json
import sys
import threading
from pathlib import Path

from ingest.sandbox import Catalogue, Sandbox
from ingest.sandbox.faults import KINDS
from ingest.sandbox.sample import CATALOGUE, build_library


def main() -> int:
    """Starts the sandbox and waits; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest.sandbox", description="A stand-in for the five web sources."
    )
    parser.add_argument("--library", type=Path, help="make the catalogue from this library instead of the sample's")
    parser.add_argument("--build", type=Path, help="also write the sample library there")
    parser.add_argument("--port", type=int, default=0, help="the first of six ports in a row (default: any free ones)")
    parser.add_argument(
        "--fault", action="append", default=[], help=f"source:kind[:option=value]; kinds: {', '.join(KINDS)}"
    )
    parser.add_argument("--no-limits", action="store_true", help="no pacing refusals")
    chosen = parser.parse_args()
    if chosen.library is not None and not chosen.library.is_file():
        parser.error(f"no such library: {chosen.library}")
    if chosen.build is not None:
        sys.stdout.write(f"sample library: {build_library(chosen.build)}\n")
    catalogue = Catalogue.of_library(chosen.library) if chosen.library else Catalogue.load(CATALOGUE)
    with Sandbox(catalogue, limits=not chosen.no_limits, faults=chosen.fault, port=chosen.port) as sandbox:
        sys.stdout.write(json.dumps(catalogue.summary(), indent=2, ensure_ascii=False) + "\n")
        sys.stdout.write(json.dumps({"base_urls": sandbox.base_urls}, indent=2) + "\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stdout.write(f"\n{sandbox.requests()} requests answered\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
