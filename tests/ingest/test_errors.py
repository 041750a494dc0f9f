"""The tree of errors: one line for the user, and an exit status for the command."""

import inspect
import pickle
from datetime import UTC, datetime

import pytest

from ingest import errors

TREE = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.SillonError)]


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_error_has_one_line_and_a_status(kind: type[errors.SillonError]) -> None:
    """Any error can be shown as one line, even one raised without words."""
    line = kind("first line\n  second").line

    assert line.startswith("first line second")
    assert "\n" not in kind().line
    assert kind.exit_status in (1, 2, 3)


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_the_drawn_tree_names_every_error(kind: type[errors.SillonError]) -> None:
    """The drawing at the top of the module leaves nobody out."""
    assert errors.__doc__ is not None
    assert kind.__name__ in errors.__doc__


def test_a_line_says_where_what_expected_and_remedy() -> None:
    """A configuration error names file, key, what was expected and what to do."""
    error = errors.ConfigError("unknown key", file="a.json", key="b.c", expected="`d`", remedy="rename it.")

    assert error.line == "a.json: `b.c`: unknown key; expected `d`. Rename it."
    assert error.exit_status == 2


def test_who_holds_the_run_is_said() -> None:
    """Another run is named with its start."""
    since = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    assert "(process 12, since 2026-11-22 02:00:00)" in errors.RunActive(holder="process 12", since=since).line


def test_errors_cross_process_borders() -> None:
    """An error that travels to another process keeps its fields."""
    error = pickle.loads(pickle.dumps(errors.RateLimited(source="discogs", status=429, retry_after=3.0)))

    assert (type(error), error.source, error.retry_after) == (errors.RateLimited, "discogs", 3.0)
    assert error.line == "discogs: Too many requests (status 429)."
