"""What the journal holds, decoded: of one connection, of an org, and for the first frame.

What cannot be decoded is logged once and counted, never an error.
"""

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from tui.connections.connection import Connection
from tui.connections.evidence import Remembered, RememberedFact
from tui.connections.memory import stands_for
from tui.connections.repair import Outcome, Repair
from tui.connections.state import SCHEMA, State, Status
from tui.connections.walkthrough import Walkthrough
from tui.watching.database import Database
from tui.watching.entry import Entry
from tui.watching.leases import this_process

T = TypeVar("T")

log = logging.getLogger(__name__)

_logged: set[str] = set()
MOST_LOGGED = 100

MOST_AT_FIRST = 400
"""States that are decoded within what the first frame waits."""


def decode(data: str | bytes, kind: type[T], what: str) -> T | None:
    """`data` as `kind`; None where it cannot be read. `what` names it in the log."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        _note(what, str(error))
        return None


def decode_state(data: str | bytes, name: str) -> State | None:
    """A state of this version's schema."""
    found = decode(data, State, f"state of {name}")
    if found is not None and found.schema != SCHEMA:
        _note(f"state of {name}", f"schema {found.schema}")
        return None
    return found


def moment(text: Any) -> datetime | None:
    """A moment as the journal writes it; None where it is none. Without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def count_undecodable(sql: sqlite3.Connection) -> int:
    """How many records of the open file cannot be decoded."""
    (bad,) = sql.execute("SELECT count(*) FROM undecoded").fetchone()
    for name, data in sql.execute("SELECT connection, state FROM states"):
        bad += decode_state(data, name) is None
    for number, data in sql.execute("SELECT id, entry FROM entries"):
        bad += decode(data, Entry, f"entry {number}") is None
    for name, data, at in sql.execute("SELECT connection, walkthrough, at FROM walkthroughs"):
        bad += decode(data, Walkthrough, f"walkthrough of {name}") is None or moment(at) is None
    rows = sql.execute("SELECT id, repair, outcomes, intended_at, completed_at FROM changes")
    for number, repair, outcomes, intended, completed in rows:
        good = decode(repair, Repair, f"change {number}") is not None and moment(intended) is not None
        good = good and (
            not outcomes or decode(outcomes, tuple[Outcome, ...], f"change {number}") is not None
        )
        bad += not (good and (completed is None or moment(completed) is not None))
    return int(bad)


def _note(what: str, why: str) -> None:
    if what not in _logged and len(_logged) < MOST_LOGGED:
        _logged.add(what)
        log.warning("the journal's %s cannot be decoded, it is kept: %s", what, why)


class Stored(Struct, frozen=True):
    """State and walkthrough of a connection; `revision` grows with each write of the state."""

    revision: int = 0
    state: State | None = None
    began: datetime | None = None
    """When the reading behind the state began (the clock of the process that read)."""
    last_logged_status: Status | None = None
    """The status that the history shows last."""
    read_by: str = ""
    """The process that made that reading, such as "jump1:4711"."""
    walk: Walkthrough | None = None
    walk_at: datetime | None = None
    """When the walkthrough moved last."""
    walk_stamp: str = ""
    """The walkthrough as it is stored, to see whether somebody moved it."""


def load(sql: sqlite3.Connection, name: str, known: Stored, *, state: State | None = None) -> Stored:
    """What is stored of `name`; of what is as in `known` nothing is decoded. `state` was written just now."""
    revision, began, read_by = sql.execute(
        "SELECT revision, began, read_by FROM states WHERE connection = ?", (name,)
    ).fetchone() or (0, None, "")
    data, at = sql.execute(
        "SELECT walkthrough, at FROM walkthroughs WHERE connection = ?", (name,)
    ).fetchone() or (b"", None)
    # Whatever type a damaged row has: it is compared, not read.
    stamp = f"{data!r} {at!r}"
    same_state = known.state is not None and revision == known.revision
    if same_state and stamp == known.walk_stamp and moment(began) == known.began:
        return known
    walk, walk_at = known.walk, known.walk_at
    if stamp != known.walk_stamp:
        moved = moment(at)
        walk = decode(data, Walkthrough, f"walkthrough of {name}") if data and moved else None
        walk_at = moved if walk is not None else None
    if same_state:
        found, last_logged_status = known.state, known.last_logged_status
    else:
        found, last_logged_status = state or _state(sql, name), last_status_line(sql, name)[1]
    return Stored(revision, found, moment(began), last_logged_status, str(read_by), walk, walk_at, stamp)


def put_state(sql: sqlite3.Connection, state: State, began: datetime | None) -> None:
    name = state.connection.name
    row = sql.execute("SELECT state FROM states WHERE connection = ?", (name,)).fetchone()
    if row is not None and decode_state(row[0], name) is None:
        _set_aside(sql, "state", name, row[0])
    sql.execute(
        "INSERT INTO states (connection, state, revision, began, read_by) VALUES (?, ?, 1, ?, ?)"
        " ON CONFLICT DO UPDATE SET state = excluded.state, revision = revision + 1,"
        " began = coalesce(excluded.began, began),"
        " read_by = iif(excluded.began IS NULL, read_by, excluded.read_by)",
        (
            name,
            msgspec.json.encode(state),
            began.isoformat() if began is not None else None,
            this_process(),
        ),
    )


def put_walk(sql: sqlite3.Connection, name: str, walk: Walkthrough | None, now: datetime) -> None:
    row = sql.execute("SELECT walkthrough FROM walkthroughs WHERE connection = ?", (name,)).fetchone()
    if row is not None and decode(row[0], Walkthrough, f"walkthrough of {name}") is None:
        _set_aside(sql, "walkthrough", name, row[0])
    if walk is None:
        sql.execute("DELETE FROM walkthroughs WHERE connection = ?", (name,))
        return
    sql.execute(
        "INSERT INTO walkthroughs VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
        " SET walkthrough = excluded.walkthrough, at = excluded.at",
        (name, msgspec.json.encode(walk), now.isoformat()),
    )


def _set_aside(sql: sqlite3.Connection, source: str, name: str, data: bytes) -> None:
    """Keep what cannot be decoded where something new takes its place."""
    sql.execute(
        "INSERT OR IGNORE INTO undecoded (source, connection, data) VALUES (?, ?, ?)", (source, name, data)
    )


def add_entries(sql: sqlite3.Connection, entries: Sequence[Entry], now: datetime) -> tuple[Entry, ...]:
    new: list[Entry] = []
    for entry in entries:
        cursor = sql.execute(
            "INSERT OR IGNORE INTO entries (connection, key, entry, at, outage, noticed)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                entry.connection,
                entry.key,
                msgspec.json.encode(entry),
                int(entry.at.timestamp()),
                entry.of_outage,
                now.timestamp(),
            ),
        )
        if cursor.rowcount:
            new.append(entry)
    return tuple(new)


def _state(sql: sqlite3.Connection, name: str) -> State | None:
    row = sql.execute("SELECT state FROM states WHERE connection = ?", (name,)).fetchone()
    return decode_state(row[0], name) if row is not None else None


def last_status_line(sql: sqlite3.Connection, name: str) -> tuple[int, Status | None]:
    """The newest line that tells a status, by its number, and that status; 0 and None where there is none."""
    rows = sql.execute("SELECT id, entry FROM entries WHERE connection = ? ORDER BY id DESC", (name,))
    for number, data in rows:
        entry = decode(data, Entry, f"entry {number}")
        if entry is not None and entry.status is not None:
            return number, entry.status
    return 0, None


class Facts:
    """The slow facts of each org, apart by the org's Id as read. Both methods may raise JournalProblem."""

    def __init__(self, data: Database) -> None:
        self._data = data

    async def remembered(self, org: str, subject: str | None = None) -> Remembered | None:
        """What is known of `org` (its key in the configuration); without `subject` of the Id that was read last."""
        rows = await self._data.read(
            lambda sql: sql.execute(
                "SELECT subject, key, value, read_at FROM facts WHERE org = ? ORDER BY read_at", (org,)
            ).fetchall()
        )
        about = subject if subject is not None else (rows[-1][0] if rows else None)
        facts: dict[str, RememberedFact] = {}
        for of, key, value, read_at in rows:
            if of == about and (fact := _fact(value, read_at)) is not None:
                facts[key] = fact
            elif of == about:
                log.warning("a remembered fact of %s cannot be read: %s", org, key)
        return Remembered(about, facts) if about is not None and facts else None

    async def remember(self, org: str, known: Remembered) -> Remembered | None:
        """Keep these facts, beside others of the same subject; returns all of these."""

        def work(sql: sqlite3.Connection) -> None:
            sql.executemany(
                "INSERT INTO facts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET value = excluded.value, read_at = excluded.read_at",
                [
                    (org, known.subject, key, bytes(fact.value), fact.read_at.isoformat())
                    for key, fact in known.facts.items()
                ],
            )

        await self._data.write(work, lasting=False)
        return await self.remembered(org, known.subject)


def _fact(value: bytes, read_at: str) -> RememberedFact | None:
    try:
        msgspec.json.decode(value)
        return RememberedFact(msgspec.Raw(value), datetime.fromisoformat(read_at))
    except (msgspec.MsgspecError, ValueError):
        return None


def last_states(path: Path) -> dict[str, State]:
    """The newest states by connection, for the first frame: empty where the journal at `path` cannot be read, or where
    they are so many that the frame would not wait for them.
    """
    try:
        address = f"file:{quote(str(path))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=0)) as sql:
            rows = sql.execute(
                "SELECT connection, state FROM states LIMIT ?", (MOST_AT_FIRST + 1,)
            ).fetchall()
    except (sqlite3.Error, OSError):
        return {}
    if len(rows) > MOST_AT_FIRST:
        return {}
    found = ((name, decode_state(data, name)) for name, data in rows)
    return {name: each for name, each in found if each is not None}


def of_subject(connection: Connection, known: dict[str, State]) -> State | None:
    """What is known of this connection; a name that now stands for another account has no past."""
    found = known.get(connection.name)
    if found is None or not stands_for(found, connection):
        return None
    return msgspec.structs.replace(found, connection=connection)
