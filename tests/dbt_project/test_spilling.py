"""A library larger than memory: dbt gives its settings again for every model, also after something was spilled to disk."""

import re
from pathlib import Path

import duckdb
import yaml

PROFILE = Path(__file__).parents[2] / "dbt_project" / "profiles.yml"


def test_settings_may_be_given_again_after_spilling(tmp_path):
    """DuckDB refuses another word on its spill folder once it has used it: that must not be among what is said per model."""
    text = re.sub(r"\{\{ env_var\('(\w+)'(, '([^']*)')?\)( \| int)? \}\}", r"\3", PROFILE.read_text("utf-8"))
    output = yaml.safe_load(text)["sillon"]["outputs"]["duckdb"]
    options = {**output["config_options"], "temp_directory": str(tmp_path / "spill")}
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), config={**options, "memory_limit": "60MB"}) as connection:
        connection.execute(
            "create temp table spilled as select i, md5(cast(i as varchar)) as text from range(1500000) as r(i) order by text"
        )
        (files,) = connection.execute("select count(*) from duckdb_temporary_files()").fetchone()
        assert files, "nothing was spilled, so nothing is shown here"
        for name, value in output["settings"].items():
            connection.execute(f"set {name} = '{value}'")
        assert connection.execute("select current_setting('temp_directory')").fetchone() == (str(tmp_path / "spill"),)
