"""Entries of the ledger taken back inside an open transaction: each compared first, a group wholly or not at all.

Here live the order of the way back and the conditions of each step: the counterpart of `write.py`. The statements stand in
`swap.py`; which entries, and the transaction around them, are the business of `undo.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from dagster_project.publish import swap
from dagster_project.publish.book import Ledger
from dagster_project.publish.cells import Cell, to_json
from dagster_project.publish.changes import Entry
from dagster_project.publish.swap import LeftAlone
from dagster_project.publish.target import Database, Table, Target


@dataclass
class Unwriter:
    """Takes entries back in a database with an open transaction. `moment` is UTC, naive."""

    ledger: Ledger
    target: Target
    run_id: str
    moment: datetime
    undone: list[Entry] = field(default_factory=list)
    left: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._gone: set[str | None] = set()  # the entries taken back so far, and by row what took them back
        self._ways_back: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._of_row: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in self.ledger.entries():
            is_here = self.target.kind == "in_place" or entry.target_path == self.target.name
            if entry.target == self.target.kind and is_here and entry.action == "update":
                self._of_row[entry.table_name, entry.row_key].append(entry)

    def unwrite(self, library: Database, entries: Sequence[Entry]) -> None:
        """Backwards through the entries; an artist comes back before its links, and goes after them."""
        artists = [entry for entry in entries if entry.table_name == "artists"]
        groups: dict[str, list[Entry]] = defaultdict(list)
        for entry in reversed(entries):
            if entry.table_name != "artists":
                groups[entry.group_id].append(entry)
        coming = [[entry] for entry in artists if entry.action == "delete"]
        going = [[entry] for entry in artists if entry.action == "insert"]
        for group in [*coming, *groups.values(), *going]:
            self._undo_group(library, group)

    def _undo_group(self, library: Database, group: Sequence[Entry]) -> None:
        made = len(self.undone)
        entry = group[0]
        library.connection.execute("savepoint change_group")
        try:
            for entry in group:
                self._note(self._undo_one(library, entry))
        except LeftAlone as left:
            library.connection.execute("rollback to change_group")
            for undone in reversed(self.undone[made:]):
                self._gone.discard(undone.undoes)
                self._ways_back[undone.table_name, undone.row_key].pop()
            del self.undone[made:]
            for member in group:
                reason = str(left) if member is entry else f"it belongs together with a change that stays: {left}"
                self.left.append(replace(member, reason=reason))
        library.connection.execute("release change_group")

    def _note(self, undone: Entry) -> None:
        self.undone.append(undone)
        self._gone.add(undone.undoes)
        self._ways_back[undone.table_name, undone.row_key].append(undone)

    def _undo_one(self, library: Database, entry: Entry) -> Entry:
        table = swap.table_of(library, entry.table_name)
        steps = {"update": self._update, "insert": self._take_out, "delete": self._put_back}
        before, after = steps[entry.action](library, table, entry)
        return replace(
            entry,
            entry_id=self.ledger.new_id(self.run_id),
            run_id=self.run_id,
            target_path=self.target.name,
            action={"insert": "delete", "delete": "insert"}.get(entry.action, "update"),
            old_value=entry.new_value,
            old_type=entry.new_type,
            new_value=entry.old_value,
            new_type=entry.old_type,
            row_before=to_json(before) if before else None,
            row_after=to_json(after) if after else None,
            state="applied",
            reason=None,
            undoes=entry.entry_id,
            applied_at=self.moment,
        )

    def _update(self, library: Database, table: Table, entry: Entry) -> tuple[dict[str, Cell], dict[str, Cell]]:
        key, column = swap.key_of(entry.row_key), str(entry.column_name)
        kept = (column, "created_at", "updated_at")
        live = swap.one_row(library, table, key, kept)
        if live.get("created_at") != entry.after.get("created_at", live.get("created_at")):
            raise LeftAlone("another row has taken its place")
        if live.get(column) != entry.new:
            raise LeftAlone(self._who_changed(entry, live.get(column)))
        stamps = self._stamps(library, table, entry, live)
        swap.update(library, table, key, {column: entry.old, **stamps})
        after = swap.one_row(library, table, key, kept)
        if after[column] != entry.old:
            raise LeftAlone("the old value cannot be stored any more")
        return live, after

    def _who_changed(self, entry: Entry, value: Cell | None) -> str:
        for later in reversed(self._of_row[entry.table_name, entry.row_key]):
            is_newer = later.column_name == entry.column_name and later.entry_id != entry.entry_id
            if is_newer and later.state == "applied" and later.new == value:
                return f"a later run changed it ({later.run_id}): undo that one first"
        return "somebody changed it since"

    def _stamps(self, library: Database, table: Table, entry: Entry, live: dict[str, Cell]) -> dict[str, Cell]:
        """`updated_at` as it was before, where nothing that came with this change or after it is left in the row.

        Where a person touched the row since, the way back ends at the time that this gave it.
        """
        stamps = swap.times(library, table, self.moment, row=live)
        if not stamps or entry.undoes:
            return stamps
        row = self._of_row[entry.table_name, entry.row_key]
        place = row.index(entry)
        gone = {entry.entry_id} | {one.entry_id for one in row if one.entry_id in self._gone}
        since = [one for at, one in enumerate(row) if one.run_id == entry.run_id or at > place]
        if any(one.state == "applied" and not one.undoes and one.entry_id not in gone for one in since):
            return stamps
        here = self._ways_back[entry.table_name, entry.row_key]
        ways_back = [one for one in row if one.state == "undone" or one.undoes or one.entry_id in gone]
        time = live["updated_at"]
        for one in reversed([*ways_back, *here]):
            if one.after.get("updated_at") == time:
                time = one.before["updated_at"]
        return {"updated_at": time}

    def _take_out(self, library: Database, table: Table, entry: Entry) -> tuple[dict[str, Cell], dict[str, Cell]]:
        key = swap.identity(entry.table_name, entry.after)
        live = swap.one_row(library, table, key)
        if any(live.get(name) != cell for name, cell in entry.after.items() if name != "$rowid"):
            raise LeftAlone("somebody changed it since")
        if entry.table_name == "artists":
            _refuse_in_use(library, live["id"])
        swap.delete(library, table, key)
        return live, {}

    def _put_back(self, library: Database, table: Table, entry: Entry) -> tuple[dict[str, Cell], dict[str, Cell]]:
        row = {name: cell for name, cell in entry.before.items() if name == "$rowid" or table.has(name)}
        key = swap.identity(entry.table_name, row)
        if library.rows(table, key):
            raise LeftAlone("a row with its key is there already")
        swap.insert(library, table, row)
        after = swap.one_row(library, table, key)
        if any(after.get(name) != cell for name, cell in row.items() if name != "$rowid"):
            raise LeftAlone("the old row cannot be stored any more")
        return {}, after


def _refuse_in_use(library: Database, artist_id: Cell) -> None:
    for name in ("album_artist", "images"):
        table = library.table(name)
        if table is not None and table.has("artist_id") and library.rows(table, {"artist_id": artist_id}, limit=1):
            raise LeftAlone("the artist is in use")
