"""A session whose Java dies in the middle: what is told, and what the next library of a fleet meets in the same process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.spark

# In a process of its own, for pyspark keeps one Java for all of it.
TWO_SESSIONS = """
import sys
from pathlib import Path
from pyspark import SparkContext
from dagster_project import spark
from ingest.errors import EngineError
from ingest.settings_models import Spark

def ask(scratch, dies):
    settings = Spark(master="local[1]", memory="1g")
    with spark._told(settings.master), spark.session(settings, str(scratch / "warehouse"), scratch) as found:
        if dies:
            SparkContext._gateway.proc.kill()
            SparkContext._gateway.proc.wait()
        return found.sql("select 7 as seven").collect()[0][0]

for dies in (True, False):
    try:
        print(ask(Path(sys.argv[1]), dies))
    except EngineError as error:
        print(error.line)
"""


@pytest.mark.usefixtures("on_spark")
def test_a_java_that_died_ends_one_library_alone(tmp_path: Path) -> None:
    """It is told as Spark's failure, not the disk's; the next session has a Java of its own."""
    script = [sys.executable, "-c", TWO_SESSIONS, str(tmp_path)]
    said = subprocess.run(script, capture_output=True, text=True, check=False, timeout=300)

    first, second = said.stdout.splitlines()
    assert first.startswith("local[1]: Spark failed: ")
    assert second == "7"
    assert said.returncode == 0
