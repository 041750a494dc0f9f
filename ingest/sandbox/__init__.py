"""The sandbox: a stand-in on loopback for the five web sources, for trying out, for demonstrations and for tests.

It shares no rule with the rest of Sillon: what it knows of names, titles and genres is written a second time here, so that it
can judge. `python -m ingest.sandbox` starts it alone.
"""

from ingest.sandbox.catalogue import Catalogue
from ingest.sandbox.faults import Fault
from ingest.sandbox.server import Entry, Sandbox

__all__ = ["Catalogue", "Entry", "Fault", "Sandbox"]
