"""Taking back: column by column, never over a person's later value, and for good until it is lifted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import apsw
import pytest

from dagster_project.publish import ledger
from dagster_project.publish import undo as undoing
from dagster_project.publish.book import Ledger
from dagster_project.publish.changes import Change
from dagster_project.publish.lock import RunLock
from dagster_project.publish.undo import Undone, undo
from ingest.errors import ApplyRefused, LibraryLocked, RunActive
from tests.dagster_project.publish.libraries import (
    Crash,
    all_changes,
    contents,
    cover,
    query,
    run_sql,
    snapshot_of,
    split,
    stop_at,
    update,
)
from tests.dagster_project.publish.test_apply import Scene, scene

__all__ = ["scene"]

DECIDED = 8  # fields of albums that `all_changes` concerns


def take_back(scene: Scene, of_run: str = "r1", run_id: str = "undo-1", **options: Any) -> Undone:
    return undo(of_run, scene.ledger, run_id, scene.clock, **options)


def fields(scene: Scene) -> set[tuple[int, str, str]]:
    return {(one["album_id"], one["field"], one["origin"]) for one in ledger.decisions(scene.ledger)}


def test_undo_brings_back_every_row(scene: Scene) -> None:
    """Types, bytes and `updated_at` included: the library is what it was before the run."""
    before = contents(scene.library)
    scene.in_place(all_changes())
    done = take_back(scene)
    assert contents(scene.library) == before
    assert (len(done.undone), done.left) == (len(all_changes()), ())
    assert query(scene.library, "pragma integrity_check") == [("ok",)]


def test_undo_brings_back_row_numbers(scene: Scene) -> None:
    """A link that comes back has the place in its table that it had: the app may list by it."""
    before = query(scene.library, "select rowid, album_id, artist_id from album_artist")
    scene.in_place(all_changes())
    take_back(scene)
    assert query(scene.library, "select rowid, album_id, artist_id from album_artist") == before


def test_what_a_person_changed_since_stays(scene: Scene) -> None:
    """Theirs stays and is listed with its reason, the rest goes back."""
    scene.in_place(all_changes())
    run_sql(scene.library, "update albums set genre = 'Vocal jazz' where id = 1")
    done = take_back(scene)
    assert [(entry.change_id, entry.reason) for entry in done.left] == [("u-1-genre-jazz", "somebody changed it since")]
    assert query(scene.library, "select year, genre, ai_description from albums where id = 1") == [
        (None, "Vocal jazz", None)
    ]


def test_a_row_that_a_person_touched_keeps_their_time(scene: Scene) -> None:
    """All of ours goes back, and `updated_at` stays what the person's own change had made it."""
    scene.in_place(all_changes())
    run_sql(scene.library, "update albums set support = 'LP', updated_at = '2026-05-05 05:05:05' where id = 2")
    take_back(scene)
    assert query(scene.library, "select year, support, updated_at from albums where id = 2") == [
        (None, "LP", "2026-05-05 05:05:05")
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"album": 2}, {"u-2-year-1959", "i-2"}),
        ({"field": "genre"}, {"u-1-genre-jazz", "u-3-genre-pop"}),
        ({"field": "image"}, {"i-1", "i-2"}),
        ({"source": "discogs"}, {"u-3-genre-pop"}),
        ({"rule": "template"}, {"u-1-ai_description-Cheek to Cheek par Tony Bennett et Lady Gaga (2014)"}),
        ({"album": 1, "field": "artists"}, {"a-Tony Bennett", "l-1-Tony Bennett", "l-1-Lady Gaga", "d-1-1"}),
    ],
)
def test_only_what_was_asked_for(scene: Scene, options: dict[str, Any], expected: set[str]) -> None:
    """Album, field, source and rule choose."""
    scene.in_place(all_changes())
    done = take_back(scene, **options)
    assert {entry.change_id for entry in done.undone} == expected


def test_a_dry_run_writes_nothing(scene: Scene) -> None:
    """It lists what would be taken back; neither the library nor the ledger notices."""
    scene.in_place(all_changes())
    before, lines = contents(scene.library), len(Ledger(scene.ledger).entries())
    assert len(take_back(scene, dry_run=True).undone) == len(all_changes())
    assert contents(scene.library) == before
    assert len(Ledger(scene.ledger).entries()) == lines
    assert fields(scene) == set()


def test_undo_can_be_undone(scene: Scene) -> None:
    """What was taken back comes again, and its decisions are lifted; then a third undo takes it back for good."""
    before = contents(scene.library, without=("updated_at",))
    scene.in_place(all_changes())
    after = contents(scene.library, without=("updated_at",))
    take_back(scene)
    take_back(scene, "undo-1", "undo-2")
    assert contents(scene.library, without=("updated_at",)) == after
    assert fields(scene) == set()
    take_back(scene, "undo-2", "undo-3")
    assert contents(scene.library, without=("updated_at",)) == before
    assert len(fields(scene)) == DECIDED


def test_undo_lasts(scene: Scene) -> None:
    """A field that was taken back is a decision, kept with the ledger, until it is lifted."""
    scene.in_place([update(1, "year", "2014"), update(1, "genre", "jazz")])
    take_back(scene, field="year")
    assert fields(scene) == {(1, "year", "undo")}
    assert ledger.lift(scene.ledger, 1, "year", scene.clock)
    assert fields(scene) == set()
    assert not ledger.lift(scene.ledger, 1, "year", scene.clock)
    scene.in_place([update(1, "year", "2014")], "r2")
    take_back(scene, "r2", "undo-2")
    assert fields(scene) == {(1, "year", "undo")}


def test_later_runs_are_undone_first(scene: Scene) -> None:
    """Two runs wrote one value: the older one says which to undo first, and in that order all is as before."""
    before = contents(scene.library)
    scene.in_place([update(1, "genre", "jazz")])
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    scene.in_place([update(1, "genre", "pop", "jazz"), update(1, "year", "2014")], "r2")
    with_first = contents(scene.snapshot)
    assert take_back(scene).left[0].reason == "a later run changed it (r2): undo that one first"
    take_back(scene, "r2", "undo-2")
    assert contents(scene.library) == with_first
    take_back(scene, "r1", "undo-3")
    assert contents(scene.library) == before


def test_a_value_taken_back_in_part_tells_the_app(scene: Scene) -> None:
    """While something of the run is left in the row, `updated_at` is the moment of the undo; then it is the old one."""
    before = contents(scene.library)
    scene.in_place(all_changes())
    take_back(scene, field="genre")
    times = query(scene.library, "select updated_at from albums where id = 1")
    assert times[0][0] > "2026-02-01 01:00:01"
    take_back(scene, run_id="undo-2")
    assert contents(scene.library) == before


def test_an_artist_in_use_stays(scene: Scene) -> None:
    """A person linked our new artist to an album of theirs: the artist stays, the split goes back."""
    scene.in_place(all_changes())
    run_sql(scene.library, "insert into album_artist (album_id, artist_id) select 2, id from artists where id > 3")
    done = take_back(scene)
    assert [(entry.change_id, entry.reason) for entry in done.left] == [("a-Tony Bennett", "the artist is in use")]
    assert query(scene.library, "select artist_id from album_artist where album_id = 1") == [(1,)]


def test_an_artist_goes_and_comes_with_the_links_of_an_album(scene: Scene) -> None:
    """As SQL hands it over a new artist belongs to no album: taking back one album leaves no artist that nobody needs."""
    before = contents(scene.library)
    changes = split(1, 1, "Tony Bennett", "Lady Gaga", new=("Tony Bennett",))
    changes[0] = replace(changes[0], album_id=None, group_id=changes[0].change_id)
    scene.in_place(changes)
    after = contents(scene.library)
    take_back(scene, album=1)
    assert contents(scene.library) == before
    take_back(scene, "undo-1", "undo-2", album=1)
    assert contents(scene.library) == after


def test_a_row_of_ours_that_a_person_completed_stays(scene: Scene) -> None:
    """An image whose row was altered is no longer only ours."""
    scene.in_place(all_changes())
    run_sql(scene.library, "update images set url = 'https://example.org/better.jpg' where album_id = 1")
    done = take_back(scene, field="image")
    assert [entry.change_id for entry in done.left] == ["i-1"]


def test_an_id_that_another_album_took_is_seen(scene: Scene) -> None:
    """The album is gone and another has its id and, by chance, our value: it stays."""
    scene.in_place([update(3, "genre", "pop")])
    run_sql(
        scene.library,
        "delete from albums where id = 3",
        "insert into albums (id, title, genre) values (3, 'Other', 'pop')",
    )
    assert [entry.reason for entry in take_back(scene).left] == ["another row has taken its place"]


def test_a_copy_is_taken_back_too(scene: Scene) -> None:
    """The copy is written aside and renamed; the next night does not keep it aside, and the decision is there."""
    scene.to_copy(all_changes())
    take_back(scene)
    assert contents(scene.output) == contents(scene.library)
    assert sorted(path.name for path in scene.output.parent.iterdir()) == ["music.db"]
    assert len(fields(scene)) == DECIDED
    assert scene.to_copy([], "r2").kept_aside is None


def test_an_edited_copy_keeps_its_edits_through_undo(scene: Scene) -> None:
    """The edit stays in the copy, and the next night keeps that copy aside."""
    scene.to_copy(all_changes())
    run_sql(scene.output, "update albums set title = 'Mine' where id = 2")
    take_back(scene, field="year")
    assert query(scene.output, "select title, year from albums where id = 2") == [("Mine", None)]
    assert scene.to_copy([], "r2").kept_aside is not None


def test_a_redone_copy_is_stable(scene: Scene) -> None:
    """Undone and redone, the copy of the next night holds the same rows, and the ledger each change once."""
    scene.to_copy(all_changes())
    take_back(scene)
    take_back(scene, "undo-1", "undo-2")
    scene.to_copy(all_changes(), "r2")
    rows = contents(scene.output)
    scene.to_copy(all_changes(), "r3")
    assert contents(scene.output) == rows
    held = [entry for entry in Ledger(scene.ledger).entries() if entry.state == "applied"]
    assert sorted(entry.change_id for entry in held) == sorted(change.change_id for change in all_changes())


def test_a_run_that_wrote_nothing_says_so(scene: Scene) -> None:
    """Unknown runs, runs already taken back, and a file that is gone: one line each."""
    with pytest.raises(ApplyRefused, match="wrote nothing"):
        take_back(scene, "r9")
    scene.in_place([update(1, "year", "2014")])
    take_back(scene)
    with pytest.raises(ApplyRefused, match="nothing of the run r1 is left"):
        take_back(scene, run_id="undo-2")
    scene.to_copy([update(1, "year", "2014")], "r2")
    scene.output.unlink()
    with pytest.raises(ApplyRefused, match="not there any more"):
        take_back(scene, "r2", "undo-3")


def test_undo_waits_for_nobody_elses_run(scene: Scene) -> None:
    """C9: while a run is active, undo says who holds the lock; a locked library is said too, and nothing is pending."""
    scene.in_place([update(1, "year", "2014")])
    with RunLock(scene.ledger.parent, scene.clock), pytest.raises(RunActive):
        take_back(scene)
    with closing(apsw.Connection(str(scene.library))) as app:
        app.execute("begin immediate")
        with pytest.raises(LibraryLocked):
            take_back(scene, timeout_s=0.1)
    assert Ledger(scene.ledger).pending() == []


@pytest.mark.parametrize("name", ["apply:written", "ledger:written", "commit:before", "commit:after", "settle:after"])
def test_an_undo_that_stops_anywhere_is_whole_or_nothing(scene: Scene, name: str) -> None:
    """After a crash the ledger knows which, and the rest can be asked for again."""
    before = contents(scene.library)
    scene.in_place(all_changes())
    with pytest.raises(Crash):
        take_back(scene, checkpoint=stop_at(name))
    ledger.settle_pending(scene.ledger)
    if contents(scene.library) != before:
        take_back(scene, run_id="undo-2")
    assert contents(scene.library) == before
    assert len(fields(scene)) == DECIDED


def test_a_run_that_ends_while_undo_looks(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written between the first look and the lock is known to the undo, which takes it back."""
    scene.in_place([update(1, "year", "2014")], "r1")

    @contextmanager
    def lock(*_: Any, **__: Any) -> Iterator[None]:
        scene.snapshot = snapshot_of(scene.library, scene.folder)
        scene.in_place([update(2, "year", "1959")], "r2")
        yield

    monkeypatch.setattr(undoing, "RunLock", lock)

    assert [entry.column_name for entry in take_back(scene, "r2").undone] == ["year"]
    assert [entry.state for entry in Ledger(scene.ledger).entries()] == ["applied", "undone", "applied"]


def test_an_edited_value_is_a_decision(scene: Scene) -> None:
    """Altered, emptied, removed: found once, named with its field, and not found again after it was lifted."""
    scene.in_place(all_changes())
    run_sql(
        scene.library,
        "update albums set genre = 'Vocal' where id = 1",
        "update albums set year = null where id = 2",
        "delete from images where album_id = 2",
        "delete from album_artist where album_id = 1 and artist_id = 3",
    )
    found = _look(scene)
    assert {(edit["album_id"], edit["field"], edit["now"]) for edit in found} == {
        (1, "genre", "Vocal"),
        (2, "year", None),
        (2, "image", None),
        (1, "artists", None),
    }
    assert fields(scene) == {
        (1, "genre", "edited"),
        (2, "year", "edited"),
        (2, "image", "edited"),
        (1, "artists", "edited"),
    }
    assert _look(scene) == []
    ledger.lift(scene.ledger, 2, "year", scene.clock)
    assert _look(scene) == []
    assert (2, "year", "edited") not in fields(scene)


def test_an_album_that_is_gone_is_no_edit(scene: Scene) -> None:
    """Deleting an album decides nothing about the album that gets its id."""
    scene.in_place(all_changes())
    run_sql(
        scene.library,
        "delete from images where album_id = 3",
        "delete from albums where id = 3",
        "insert into albums (id, title) values (3, 'Other')",
    )
    assert _look(scene) == []


def test_taking_back_is_no_edit(scene: Scene) -> None:
    """What undo did is not mistaken for a person's hand."""
    scene.in_place(all_changes())
    take_back(scene)
    assert _look(scene) == []


def test_a_split_that_is_split_further_is_no_edit(scene: Scene) -> None:
    """A link of ours that a later night replaced, or an image that it withdrew, was taken out by no person."""
    scene.in_place([*split(1, 1, "Tony Bennett", "Lady Gaga & Co", new=("Tony Bennett", "Lady Gaga & Co")), cover(1)])
    scene.snapshot = snapshot_of(scene.library, scene.folder)
    joined = query(scene.library, "select id from artists where name = 'Lady Gaga & Co'")[0][0]
    withdrawn = Change("d7", "d7", "delete", "images", '{"id":7}', None, None, None, 1)
    scene.in_place([*split(1, joined, "Lady Gaga", "Co", new=("Co",)), withdrawn], "r2")
    assert [entry.state for entry in Ledger(scene.ledger).entries()] == ["applied"] * 11
    assert _look(scene) == []
    assert fields(scene) == set()


def _look(scene: Scene) -> list[dict[str, Any]]:
    return ledger.remember_edits(scene.ledger, snapshot_of(scene.library, scene.folder), scene.library, scene.clock)


def test_history_shows_every_step(scene: Scene) -> None:
    """Written, taken back, written again: three entries, with the state that holds now."""
    scene.in_place([update(1, "year", "2014"), update(2, "year", "1959")])
    take_back(scene, album=1)
    take_back(scene, "undo-1", "undo-2")
    steps = [(entry.run_id, entry.new_value, entry.state) for entry in ledger.history(scene.ledger, 1)]
    assert steps == [("r1", "2014", "undone"), ("undo-1", None, "undone"), ("undo-2", "2014", "applied")]
