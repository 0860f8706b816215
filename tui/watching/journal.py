"""The local record: the latest state of each connection, its history, walkthroughs and every change sent."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tui.connections.repair import Outcome, Repair
from tui.connections.state import SCHEMA, State
from tui.connections.walkthrough import Walkthrough
from tui.watching.database import Database, JournalProblem
from tui.watching.entry import Entry

__all__ = ["Intent", "Journal", "JournalProblem", "Sent"]

T = TypeVar("T")

PRUNED = 500
"""Lines of the history that are looked at in one go."""


class Intent(msgspec.Struct, frozen=True):
    """A change that was written down before it was sent and whose outcome is not known."""

    id: int
    connection: str
    repair: Repair
    operator: str
    at: datetime
    """This machine's clock."""


class Sent(msgspec.Struct, frozen=True):
    """A repair that this program sent: by whom, when (this machine's clock), and what became of each change."""

    repair: Repair
    operator: str
    at: datetime
    completed: datetime | None = None
    outcomes: tuple[Outcome, ...] = ()


class Journal:
    """The record in one SQLite file. Every method but `close` may raise JournalProblem.

    What a file holds that this version cannot read (another schema number) is left out, never an error.
    """

    def __init__(self, path: Path, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.path = path
        self._data = Database(path, pause=pause)
        self._seen = -1

    @property
    def set_aside(self) -> Path | None:
        """Where a broken or foreign file at `path` was moved when this journal was opened, or None."""
        return self._data.set_aside

    async def open(self) -> None:
        await self._data.open()

    async def close(self) -> None:
        self._data.close()

    async def changed(self) -> bool:
        """True where another process has written since the last call (and at the first)."""
        before = self._seen
        (self._seen,) = await self._data.read(lambda sql: sql.execute("PRAGMA data_version").fetchone())
        return self._seen != before

    async def states(self) -> dict[str, State]:
        """The latest state of each connection, by name."""
        rows = await self._rows("SELECT connection, state FROM states")
        found = {name: _decode(state, State) for name, state in rows}
        return {name: s for name, s in found.items() if s is not None and s.schema == SCHEMA}

    async def store(self, state: State, *, entries: Sequence[Entry] = ()) -> tuple[Entry, ...]:
        """Keep the state and what happened; returns the entries that nobody had written yet."""

        def work(sql: sqlite3.Connection) -> tuple[Entry, ...]:
            sql.execute(
                "INSERT INTO states VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state",
                (state.connection.name, msgspec.json.encode(state)),
            )
            return _add(sql, entries)

        return await self._data.write(work)

    async def history(self, name: str, limit: int = 50) -> tuple[Entry, ...]:
        """What happened to a connection, newest first."""
        rows = await self._rows(
            "SELECT entry FROM entries WHERE connection = ? ORDER BY id DESC LIMIT ?", name, limit
        )
        found = (_decode(entry, Entry) for (entry,) in rows)
        return tuple(entry for entry in found if entry is not None)

    async def intend(self, connection: str, repair: Repair, operator: str, at: datetime) -> int:
        """Write down a change before it is sent; returns the number that `complete` wants."""

        def work(sql: sqlite3.Connection) -> int:
            cursor = sql.execute(
                "INSERT INTO changes (connection, repair, operator, intended_at) VALUES (?, ?, ?, ?)",
                (connection, msgspec.json.encode(repair), operator, at.isoformat()),
            )
            return cursor.lastrowid or 0

        return await self._data.write(work)

    async def complete(
        self, number: int, outcomes: Sequence[Outcome], at: datetime, *, entries: Sequence[Entry] = ()
    ) -> tuple[Entry, ...]:
        """Write down what became of a change; returns the entries that are new."""

        def work(sql: sqlite3.Connection) -> tuple[Entry, ...]:
            sql.execute(
                "UPDATE changes SET completed_at = ?, outcomes = ? WHERE id = ?",
                (at.isoformat(), msgspec.json.encode(list(outcomes)), number),
            )
            return _add(sql, entries)

        return await self._data.write(work)

    async def sent(self, name: str, limit: int = 50) -> tuple[Sent, ...]:
        """What this program changed for a connection, newest first."""
        rows = await self._rows(
            "SELECT repair, operator, intended_at, completed_at, outcomes FROM changes"
            " WHERE connection = ? ORDER BY id DESC LIMIT ?",
            name,
            limit,
        )
        found: list[Sent] = []
        for repair, operator, at, completed, outcomes in rows:
            decoded = _decode(repair, Repair)
            if decoded is not None:
                done = datetime.fromisoformat(completed) if completed else None
                told = _decode(outcomes, tuple[Outcome, ...]) if outcomes else ()
                found.append(Sent(decoded, operator, datetime.fromisoformat(at), done, told or ()))
        return tuple(found)

    async def prune(self, before: datetime) -> None:
        """Forget lines of the history and completed changes older than `before`; what is open stays.

        The lines were written in the order of time: the first young one ends the search.
        """
        while await self._data.write(lambda sql: _prune(sql, before)) == PRUNED:
            pass

    async def open_intents(self) -> tuple[Intent, ...]:
        """Changes without an outcome, oldest first: sent or not, only the org knows."""
        rows = await self._rows(
            "SELECT id, connection, repair, operator, intended_at FROM changes"
            " WHERE completed_at IS NULL ORDER BY id"
        )
        found: list[Intent] = []
        for number, connection, repair, operator, at in rows:
            decoded = _decode(repair, Repair)
            if decoded is not None:
                found.append(Intent(number, connection, decoded, operator, datetime.fromisoformat(at)))
        return tuple(found)

    async def walkthroughs(self) -> dict[str, tuple[Walkthrough, datetime]]:
        """The walkthroughs that are open, with the time of their last step (this machine's clock)."""
        rows = await self._rows("SELECT connection, walkthrough, at FROM walkthroughs")
        found = {name: (_decode(walk, Walkthrough), datetime.fromisoformat(at)) for name, walk, at in rows}
        return {name: (walk, at) for name, (walk, at) in found.items() if walk is not None}

    async def walkthrough(self, name: str) -> Walkthrough | None:
        """The open walkthrough of a connection."""
        walk, _ = (await self.walkthroughs()).get(name, (None, None))
        return walk

    async def keep_walkthrough(
        self, name: str, walk: Walkthrough | None, at: datetime, *, entries: Sequence[Entry] = ()
    ) -> tuple[Entry, ...]:
        """Keep where the operator is; None closes the walkthrough. Returns the entries that are new."""

        def work(sql: sqlite3.Connection) -> tuple[Entry, ...]:
            if walk is None:
                sql.execute("DELETE FROM walkthroughs WHERE connection = ?", (name,))
            else:
                sql.execute(
                    "INSERT INTO walkthroughs VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET walkthrough = excluded.walkthrough, at = excluded.at",
                    (name, msgspec.json.encode(walk), at.isoformat()),
                )
            return _add(sql, entries)

        return await self._data.write(work)

    async def settings(self) -> dict[str, str]:
        """Small choices that are remembered, such as the experience of an org."""
        return dict(await self._rows("SELECT name, value FROM settings"))

    async def keep_setting(self, name: str, value: str) -> None:
        await self._data.write(
            lambda sql: sql.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (name, value),
            )
        )

    async def _rows(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        return await self._data.read(lambda sql: sql.execute(query, values).fetchall())


def _add(sql: sqlite3.Connection, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    new: list[Entry] = []
    for entry in entries:
        cursor = sql.execute(
            "INSERT OR IGNORE INTO entries (connection, key, entry) VALUES (?, ?, ?)",
            (entry.connection, entry.key, msgspec.json.encode(entry)),
        )
        if cursor.rowcount:
            new.append(entry)
    return tuple(new)


def _prune(sql: sqlite3.Connection, before: datetime) -> int:
    """Delete the oldest lines, at most `PRUNED`; returns how many."""
    rows = sql.execute("SELECT id, entry FROM entries ORDER BY id LIMIT ?", (PRUNED,)).fetchall()
    last = gone = 0
    for number, data in rows:
        entry = _decode(data, Entry)
        if entry is not None and entry.at >= before:
            break
        last, gone = number, gone + 1
    sql.execute("DELETE FROM entries WHERE id <= ?", (last,))
    sql.execute("DELETE FROM changes WHERE completed_at < ?", (before.isoformat(),))
    return gone


def _decode(data: str | bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError):
        return None
