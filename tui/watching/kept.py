"""What the journal holds of one connection, as one value."""

import sqlite3
from datetime import datetime

from msgspec import Struct

from tui.connections.state import State
from tui.connections.status import Status
from tui.connections.walkthrough import Walkthrough
from tui.watching import decoding
from tui.watching.entry import Entry


class Kept(Struct, frozen=True):
    """State and walkthrough of a connection; `revision` grows with each write of the state."""

    revision: int = 0
    state: State | None = None
    began: datetime | None = None
    """When the reading behind the state began (the clock of the process that read)."""
    last_logged_status: Status | None = None
    """The status that the history told last."""
    read_by: str = ""
    """The process that made that reading, such as "jump1:4711"."""
    walk: Walkthrough | None = None
    walk_at: datetime | None = None
    """When the walkthrough moved last."""
    walk_stamp: str = ""
    """The walkthrough as it is stored, to see whether somebody moved it."""


def load(sql: sqlite3.Connection, name: str, known: Kept, *, state: State | None = None) -> Kept:
    """What is held of `name`; of what is as in `known` nothing is decoded. `state` was written just now."""
    revision, began, read_by = sql.execute(
        "SELECT revision, began, read_by FROM states WHERE connection = ?", (name,)
    ).fetchone() or (0, None, "")
    data, at = sql.execute(
        "SELECT walkthrough, at FROM walkthroughs WHERE connection = ?", (name,)
    ).fetchone() or (b"", None)
    # Whatever type a damaged row has: it is compared, not read.
    stamp = f"{data!r} {at!r}"
    same_state = known.state is not None and revision == known.revision
    if same_state and stamp == known.walk_stamp and decoding.moment(began) == known.began:
        return known
    walk, walk_at = known.walk, known.walk_at
    if stamp != known.walk_stamp:
        moved = decoding.moment(at)
        walk = decoding.decode(data, Walkthrough, f"walkthrough of {name}") if data and moved else None
        walk_at = moved if walk is not None else None
    if same_state:
        held, last_logged_status = known.state, known.last_logged_status
    else:
        held, last_logged_status = state or _state(sql, name), logged_status(sql, name)
    return Kept(
        revision, held, decoding.moment(began), last_logged_status, str(read_by), walk, walk_at, stamp
    )


def _state(sql: sqlite3.Connection, name: str) -> State | None:
    row = sql.execute("SELECT state FROM states WHERE connection = ?", (name,)).fetchone()
    return decoding.state(row[0], name) if row is not None else None


def logged_status(sql: sqlite3.Connection, name: str) -> Status | None:
    """The status that the history tells last."""
    rows = sql.execute("SELECT id, entry FROM entries WHERE connection = ? ORDER BY id DESC", (name,))
    for number, data in rows:
        entry = decoding.decode(data, Entry, f"entry {number}")
        if entry is not None and entry.status is not None:
            return entry.status
    return None
