"""The changes of one night, made inside an open transaction: each compared first, a group wholly or not at all.

Here live the order of the changes and the conditions of each. The statements stand in `swap.py`; opening, committing and
the ledger are the business of `apply.py`. The file is long by the list of an entry's fields.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dagster_project.publish import swap
from dagster_project.publish.cells import NULL, Cell, to_json
from dagster_project.publish.changes import Change, Entry, canonical
from dagster_project.publish.guard import changed_albums
from dagster_project.publish.swap import LeftAlone
from dagster_project.publish.target import Database, Table, Target

# What `images.source` says for each of our sources: the app knows the Cover Art Archive as MusicBrainz.
IMAGE_SOURCES = {"cover_art_archive": "musicbrainz", "listenbrainz": "musicbrainz"}


@dataclass(frozen=True, slots=True)
class Done:
    """What one change did: the rows as the ledger keeps them, and the value before and after."""

    row_before: Mapping[str, Cell]
    row_after: Mapping[str, Cell]
    old: Cell = NULL
    new: Cell = NULL


@dataclass
class Writer:
    """Makes changes in `live`, which has an open transaction, as far as it still is what `snapshot` was.

    `owned` is the ledger's word on which values are ours; `moment_of` the time to write for a change (UTC, naive).
    """

    run_id: str
    target: Target
    live: Database
    snapshot: Database
    owned: Mapping[tuple[str, str, str], tuple[Cell, Cell | None]]
    moment_of: Callable[[Change], datetime]
    new_id: Callable[[], str]
    applied: list[Entry] = field(default_factory=list)
    skipped: list[Entry] = field(default_factory=list)

    def write(self, changes: Sequence[Change]) -> None:
        """Make the changes, group by group in the order of their ids. What was made and what was left is in the lists."""
        self._stamped: dict[tuple[str, str], tuple[Cell, Cell]] = {}
        # a copy begins as the snapshot itself: nobody can have changed an album of it meanwhile
        self._moved = {} if self.target.kind == "copy" else changed_albums(self.live, self.snapshot, changes)
        self._waiting: dict[str | None, list[Change]] = defaultdict(list)  # by name: thousands of links look here
        for change in changes:
            if change.table_name == "artists":
                self._waiting[change.new_value].append(change)
        groups: dict[str, list[Change]] = defaultdict(list)
        for change in sorted(changes, key=lambda change: change.change_id):
            groups[change.group_id].append(change)
        for group in groups.values():
            self._write_group(group)
        made = {entry.change_id for entry in self.applied}
        self.skipped[:] = [entry for entry in self.skipped if entry.change_id not in made]
        left = {entry.change_id for entry in self.skipped}
        waiting = {change.change_id for named in self._waiting.values() for change in named}
        for change in changes:
            if change.change_id in waiting and change.change_id not in left:
                self.skipped.append(self._entry(change, Done({}, {}), "skipped", "no link needs this artist"))

    def _write_group(self, group: Sequence[Change]) -> None:
        connection, made = self.live.connection, len(self.applied)
        self._taken: list[Change] = []
        change = group[0]
        connection.execute("savepoint change_group")
        try:
            for change in group:
                if change.table_name != "artists":  # artists are made when the first link needs them
                    self._write_change(change, group)
        except LeftAlone as left:
            connection.execute("rollback to change_group")
            for artist in reversed(self._taken):
                self._waiting[artist.new_value].insert(0, artist)
            del self.applied[made:]
            for member in group:
                reason = str(left) if member is change else f"it belongs together with a change that was left: {left}"
                self.skipped.append(self._entry(member, Done({}, {}), "skipped", reason))
        connection.execute("release change_group")

    def _write_change(self, change: Change, group: Sequence[Change]) -> None:
        if change.album_id in self._moved:
            raise LeftAlone(self._moved[change.album_id])
        table = swap.table_of(self.live, change.table_name)
        steps = {
            ("update", "albums"): self._update,
            ("update", "images"): self._update,
            ("insert", "images"): self._insert_image,
            ("insert", "album_artist"): self._insert_link,
            ("delete", "images"): self._delete_image,
            ("delete", "album_artist"): self._delete_link,
        }
        done = steps[change.action, change.table_name](change, table, group)
        if done is not None:
            self.applied.append(self._entry(change, done, "applied", None))

    def _update(self, change: Change, table: Table, group: Sequence[Change]) -> Done:
        key, column = swap.key_of(change.row_key), str(change.column_name)
        kept = (column, "created_at", "updated_at")  # reading whole rows was a third of a large apply
        live = swap.one_row(self.live, table, key, kept)
        seen = swap.one_row(self.snapshot, swap.table_of(self.snapshot, table.name), key, (column,))
        if column not in live:
            raise LeftAlone(f"{table.name} has no column {column}")
        new = _value(column, change.new_value)
        if live[column] == new:
            raise LeftAlone("the value is there already")
        if live[column] != seen.get(column):
            raise LeftAlone("the value changed meanwhile")
        place = table.name, to_json(key)
        self._refuse_a_persons(place, column, live)
        before, stamps = self._stamps(change, table, place, live)
        swap.update(self.live, table, key, {column: new, **stamps})
        after = swap.one_row(self.live, table, key, kept)
        if stamps:
            self._stamped[place] = (before["updated_at"], after["updated_at"])
        return Done(before, after, live[column], after[column])

    def _refuse_a_persons(self, place: tuple[str, str], column: str, live: Mapping[str, Cell]) -> None:
        # The rules ask for nothing else; this is the second lock on the same door, and the only one that sees a row
        # which took the id, and by chance has the value, of one that was deleted.
        value, birth = self.owned.get((*place, column), (NULL, None))
        is_ours = value == live[column] and (birth is None or birth == live.get("created_at", birth))
        if not live[column].is_blank and not is_ours:
            raise LeftAlone("the value is not Sillon's")

    def _stamps(
        self, change: Change, table: Table, place: tuple[str, str], live: Mapping[str, Cell]
    ) -> tuple[dict[str, Cell], dict[str, Cell]]:
        """The row before this night, and the time to write: a second change must not take our time for the app's."""
        stamps = swap.times(self.live, table, self.moment_of(change), row=live)
        first, ours = self._stamped.get(place, (NULL, NULL))
        if not stamps or ours == NULL or live["updated_at"] != ours:
            return dict(live), stamps
        latest = max(stamps["updated_at"], ours, key=lambda cell: str(cell.raw))
        return {**live, "updated_at": first}, {"updated_at": latest}

    def _insert_image(self, change: Change, table: Table, group: Sequence[Change]) -> Done:
        key = swap.key_of(change.row_key)
        swap.one_row(self.live, swap.table_of(self.live, "albums"), {"id": key["album_id"]})
        if self.live.rows(table, key):
            raise LeftAlone("an image is there already")
        source = IMAGE_SOURCES.get(change.source or "", change.source)
        return self._insert(change, table, {**key, "url": Cell.of(change.new_value), "source": Cell.of(source)}, "url")

    def _insert_link(self, change: Change, table: Table, group: Sequence[Change]) -> Done | None:
        key = swap.key_of(change.row_key)
        swap.one_row(self.live, swap.table_of(self.live, "albums"), {"id": key["album_id"]})
        link = {"album_id": key["album_id"], "artist_id": self._artist(str(change.new_value))}
        if self.live.rows(table, link):
            return None
        return self._insert(change, table, link, "artist_id")

    def _artist(self, name: str) -> Cell:
        """The id of the artist of exactly this name: one that is there, or that tonight makes for whoever needs it first."""
        table = swap.table_of(self.live, "artists")
        found = self.live.rows(table, {"name": Cell.of(name)}, limit=1)
        waiting = self._waiting.get(name)
        change = waiting.pop(0) if waiting else None
        if change is not None:
            self._taken.append(change)
        if found:
            return found[0]["id"]
        if change is None:
            raise LeftAlone(f"there is no artist {name}")
        done = self._insert(change, table, {"name": Cell.of(name)}, "name")
        self.applied.append(self._entry(change, done, "applied", None))
        return done.row_after["id"]

    def _insert(self, change: Change, table: Table, values: dict[str, Cell], column: str) -> Done:
        row = {**values, **swap.times(self.live, table, self.moment_of(change))}
        if table.has("id") and table.name != "album_artist":
            row["id"] = swap.next_id(self.live, table)
        row = {name: cell for name, cell in row.items() if table.has(name)}
        swap.insert(self.live, table, row)
        after = swap.one_row(self.live, table, {"id": row["id"]} if "id" in row else values)
        return Done({}, after, NULL, after[column])

    def _delete_image(self, change: Change, table: Table, group: Sequence[Change]) -> Done:
        key = swap.key_of(change.row_key)
        live = self._unchanged(table, key)
        self._refuse_a_persons((table.name, to_json(key)), "url", live)
        swap.delete(self.live, table, key)
        return Done(live, {}, live["url"], NULL)

    def _delete_link(self, change: Change, table: Table, group: Sequence[Change]) -> Done:
        acts = {other.new_value for other in group if (other.action, other.table_name) == ("insert", "album_artist")}
        if not acts:
            raise LeftAlone("a link is only ever replaced, and nothing replaces this one")
        key = swap.key_of(change.row_key)
        live = self._unchanged(table, key)
        joined = self.live.rows(swap.table_of(self.live, "artists"), {"id": key["artist_id"]})
        if not joined:
            raise LeftAlone("the link leads nowhere")  # taken out, it could not be put back
        if joined[0]["name"].raw in acts:
            raise LeftAlone("the link would be replaced by itself")
        swap.delete(self.live, table, key)
        return Done(live, {}, live["artist_id"], NULL)

    def _unchanged(self, table: Table, key: Mapping[str, Cell]) -> dict[str, Cell]:
        live = swap.one_row(self.live, table, key)
        seen = swap.one_row(self.snapshot, swap.table_of(self.snapshot, table.name), key)
        if {**live, "$rowid": NULL} != {**seen, "$rowid": NULL}:
            raise LeftAlone("the row changed meanwhile")
        return live

    def _entry(self, change: Change, done: Done, state: str, reason: str | None) -> Entry:
        return Entry(
            entry_id=self.new_id(),
            run_id=self.run_id,
            change_id=change.change_id,
            group_id=change.group_id,
            target=self.target.kind,
            target_path=self.target.name,
            action=change.action,
            table_name=change.table_name,
            row_key=canonical(change.row_key),
            column_name=change.column_name,
            old_value=done.old.text if state == "applied" else change.old_value,
            old_type=done.old.kind if state == "applied" else None,
            new_value=done.new.text if state == "applied" else change.new_value,
            new_type=done.new.kind if state == "applied" else None,
            row_before=to_json(done.row_before) if done.row_before else None,
            row_after=to_json(done.row_after) if done.row_after else None,
            album_id=change.album_id,
            feature=change.feature,
            source=change.source,
            rule=change.rule,
            confidence=change.confidence,
            evidence_url=change.evidence_url,
            fetched_at=change.fetched_at,
            state=state,
            reason=reason,
            undoes=None,
            applied_at=self.moment_of(change),
        )


def _value(column: str, text: str | None) -> Cell:
    """A value as it is handed over; the column's own affinity then says how it is stored."""
    if column == "year" and text is not None:
        try:
            return Cell("integer", int(text))
        except ValueError as error:
            raise LeftAlone(f"{text} is no year") from error
    return Cell.of(text)
