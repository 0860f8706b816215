"""The local record: the latest state of each connection, its history, walkthroughs and every change sent."""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from tui.base.problem import Problem
from tui.connections.repair import Outcome, Repair
from tui.connections.state import State
from tui.connections.walkthrough import Walkthrough
from tui.watching import hours, journal_records, leases, mutes
from tui.watching.database import Database, JournalProblem
from tui.watching.entry import Entry
from tui.watching.hours import Hour, Span
from tui.watching.journal_records import Facts, Stored, load
from tui.watching.leases import Lease, Leases, Turns
from tui.watching.mutes import Mute, Mutes
from tui.watching.receipts import Receipts

__all__ = ["Intent", "Journal", "JournalProblem", "Sent", "Stored", "Transition"]

PRUNED = 500
"""Lines of the history that are forgotten in one go."""

CHECKED = "integrity_checked"
CHECK_EVERY = timedelta(days=1)


class Intent(msgspec.Struct, frozen=True):
    """A change that was written down before it was sent and whose outcome is not known."""

    id: int
    connection: str
    repair: Repair
    operator: str
    at: datetime
    """This machine's clock."""
    host: str = ""
    pid: int = 0
    """The process that sends it."""

    def under_way(self, now: datetime) -> bool:
        """Whether another process may still be sending it."""
        if self.pid == os.getpid() and self.host == leases.this_host():
            return False
        elsewhere = self.host not in ("", leases.this_host())
        return (
            now - self.at < ELSEWHERE
            if elsewhere
            else self.pid != 0 and not leases.process_gone(self.host, self.pid)
        )


ELSEWHERE = timedelta(minutes=10)
"""Whether a process of another machine still lives cannot be seen: no sending takes longer."""


class Sent(msgspec.Struct, frozen=True):
    """A repair that this program sent: by whom, when (this machine's clock), and what became of each change."""

    repair: Repair
    operator: str
    at: datetime
    completed: datetime | None = None
    outcomes: tuple[Outcome, ...] = ()


class Transition(msgspec.Struct, frozen=True):
    """What one transaction writes about a connection."""

    state: State | None = None
    """None: the state stays."""
    began: datetime | None = None
    """When the reading behind it began (this machine's clock); None: as before."""
    entries: tuple[Entry, ...] = ()
    walk: Walkthrough | msgspec.UnsetType | None = msgspec.UNSET
    """None closes the walkthrough; unset: it stays."""
    spans: tuple[Span, ...] = ()


class Journal:
    """The record in one SQLite file. Every method but `close` may raise JournalProblem.

    What a file holds that this version cannot decode is kept, logged and left out, never an error.
    """

    def __init__(self, path: Path, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.path = path
        self._data = Database(path, pause=pause, in_use=leases.in_use)
        self._seen = (0, 0)
        self.leases = Leases(self._data)
        self.turns = Turns(self._data)
        self.facts = Facts(self._data)
        self.receipts = Receipts(self._data)
        self.mutes = Mutes(self._data)

    @property
    def set_aside(self) -> Path | None:
        """Where a broken or foreign file at `path` was moved since this journal was opened, or None."""
        return self._data.set_aside

    async def open(self) -> None:
        await self._data.open()

    async def close(self) -> None:
        self._data.close()

    async def changed(self) -> bool:
        """True where another process has written since the last call (and at the first)."""
        before, self._seen = self._seen, await self.version()
        return self._seen != before

    async def version(self) -> tuple[int, int]:
        """The same for as long as no other process writes: what this one knows of the journal still stands."""
        return await self._data.version()

    # States

    async def stored(self, name: str, known: Stored) -> Stored:
        """What is stored of a connection; `known` itself where nobody has written since."""
        return await self._data.read(lambda sql: load(sql, name, known))

    async def transition(
        self,
        name: str,
        decide: Callable[[Stored], Transition],
        known: Stored,
        now: datetime,
        *,
        lease: Lease | None = None,
        lasting: bool = True,
    ) -> tuple[Stored, tuple[Entry, ...]]:
        """Load what is stored, let `decide` say what follows, and write it: one transaction.

        `decide` may be called again after a busy moment. Returns what is stored then, and the entries that nobody
        had written yet. Not `lasting`: a power cut may undo it. Raises LeaseLost where `lease` is another process's.
        """

        def work(sql: sqlite3.Connection) -> tuple[Stored, tuple[Entry, ...]]:
            leases.check(sql, lease)
            stored = load(sql, name, known)
            made = decide(stored)
            if made.state is not None:
                journal_records.put_state(sql, made.state, made.began)
            if not isinstance(made.walk, msgspec.UnsetType):
                journal_records.put_walk(sql, name, made.walk, now)
            new = journal_records.add_entries(sql, made.entries, now)
            _count(sql, name, made.spans, now)
            return (load(sql, name, stored, state=made.state) if made != Transition() else stored), new

        return await self._data.write(work, lasting=lasting)

    # History

    async def history(self, name: str, limit: int = 50) -> tuple[Entry, ...]:
        """What happened to a connection, newest first."""
        rows = await self._rows(
            "SELECT id, entry FROM entries WHERE connection = ? ORDER BY id DESC LIMIT ?", name, limit
        )
        found = (journal_records.decode(entry, Entry, f"entry {number}") for number, entry in rows)
        return tuple(entry for entry in found if entry is not None)

    async def count(self, seen: Mapping[str, Sequence[Span]], now: datetime) -> None:
        """Add what was seen of these connections to the roll-up."""

        def work(sql: sqlite3.Connection) -> None:
            for name, spans in seen.items():
                _count(sql, name, spans, now)

        await self._data.write(work)

    async def hours(self, names: Sequence[str], since: datetime) -> dict[str, tuple[Hour, ...]]:
        """How long what was seen of each, by the hour, oldest first; hours without a reading are left out."""
        # The names stand in the key of the table: without them all of its years would be gone through.
        rows = await self._rows(
            "SELECT connection, hour, well, error, recovering, unknown FROM hours"  # noqa: S608 - marks alone
            f" WHERE connection IN ({', '.join('?' * len(names))}) AND hour >= ? ORDER BY connection, hour",
            *names,
            int(since.timestamp()) - hours.HOUR + 1,
        )
        return {
            name: tuple(hours.hour_of(row[1:]) for row in own)
            for name, own in groupby(rows, key=lambda row: str(row[0]))
        }

    # Changes

    async def intend(self, connection: str, repair: Repair, operator: str, at: datetime) -> int:
        """Write down a change before it is sent; returns the number that `complete` wants.

        Raises Problem where a change of the same record is open: what became of that one is not known yet.
        """

        def work(sql: sqlite3.Connection) -> int:
            for other in _intents(sql):
                if _collide(other, connection, repair):
                    process = leases.process_in_words(other.host, other.pid)
                    raise Problem(
                        "A change is under way",
                        f"{other.repair.title} by {process}: how it ended is not known.",
                        "Read again in a minute, then repeat it if it is still needed.",
                    )
            cursor = sql.execute(
                "INSERT INTO changes (connection, repair, operator, intended_at, host, pid)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    connection,
                    msgspec.json.encode(repair),
                    operator,
                    at.isoformat(),
                    leases.this_host(),
                    os.getpid(),
                ),
            )
            return cursor.lastrowid or 0

        return await self._data.write(work)

    async def complete(
        self, number: int, outcomes: Sequence[Outcome], at: datetime, *, entries: Sequence[Entry] = ()
    ) -> tuple[Entry, ...] | None:
        """Write down what became of a change; returns the entries that are new, None where it was written before."""

        def work(sql: sqlite3.Connection) -> tuple[Entry, ...] | None:
            found = sql.execute(
                "UPDATE changes SET completed_at = ?, outcomes = ? WHERE id = ? AND completed_at IS NULL",
                (at.isoformat(), msgspec.json.encode(list(outcomes)), number),
            )
            return journal_records.add_entries(sql, entries, at) if found.rowcount else None

        return await self._data.write(work)

    async def sent(self, name: str, limit: int = 50) -> tuple[Sent, ...]:
        """What this program changed for a connection, newest first."""
        rows = await self._rows(
            "SELECT id, repair, operator, intended_at, completed_at, outcomes FROM changes"
            " WHERE connection = ? ORDER BY id DESC LIMIT ?",
            name,
            limit,
        )
        found = (_sent(*row) for row in rows)
        return tuple(sent for sent in found if sent is not None)

    async def open_intents(self) -> tuple[Intent, ...]:
        """Changes without an outcome, oldest first: sent or not, only the org knows."""
        return await self._data.read(_intents)

    # Mutes

    async def mute(self, name: str, mute: Mute, line: Entry) -> tuple[Entry, ...]:
        """Write down a mute with its line in the history; returns the line where it is new."""

        def work(sql: sqlite3.Connection) -> tuple[Entry, ...]:
            mutes.put(sql, name, mute)
            return journal_records.add_entries(sql, (line,), mute.at)

        return await self._data.write(work)

    async def note(self, line: Entry) -> tuple[Entry, ...]:
        """Write down what the operator saw; returns the line where it is new."""
        return await self._data.write(lambda sql: journal_records.add_entries(sql, (line,), line.at))

    # Choices

    async def settings(self) -> dict[str, str]:
        """Small choices that are remembered, such as the experience of an org."""
        return dict(await self._rows("SELECT name, value FROM settings"))

    async def keep_setting(self, name: str, value: str) -> None:
        await self._data.write(lambda sql: _put_setting(sql, name, value))

    # Upkeep

    async def prune(self, before: datetime) -> None:
        """Forget what is older than `before`, a few lines at a time; the file gives the room back.

        Lines of outages, the hourly roll-up and what is open or cannot be decoded stay.
        """
        gone = PRUNED
        while gone == PRUNED:
            gone = await self._data.write(lambda sql: _prune(sql, before))
            # The loop has other things to do between two lots.
            await asyncio.sleep(0)
        await self._data.shrink()

    async def check(self, now: datetime) -> None:
        """Once a day, look at the whole file; a damaged one is set aside. Raises JournalProblem then."""
        last = journal_records.moment((await self.settings()).get(CHECKED, ""))
        if last is None or not timedelta(0) <= now - last < CHECK_EVERY:
            await self._data.check()
            await self.keep_setting(CHECKED, now.isoformat())

    async def undecodable(self) -> int:
        """How many records this version cannot decode; they are kept."""
        return await self._data.read(journal_records.count_undecodable)

    async def _rows(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        return await self._data.read(lambda sql: sql.execute(query, values).fetchall())


def _put_setting(sql: sqlite3.Connection, name: str, value: str) -> None:
    sql.execute(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
    )


def _count(sql: sqlite3.Connection, name: str, spans: Sequence[Span], now: datetime) -> None:
    """Add what was seen to the roll-up; what another process has counted already is left out."""
    if not spans:
        return
    row = sql.execute("SELECT counted FROM states WHERE connection = ?", (name,)).fetchone()
    counted = row[0] if row is not None and row[0] is not None else 0
    if counted > now.timestamp() + 60:
        # It was counted by a clock that was set back since.
        counted = 0
    for span in spans:
        for hour, seconds in hours.by_hour(span, counted):
            # The column's name is one of four words of ours.
            sql.execute(
                f"INSERT INTO hours (connection, hour, {span.kind}) VALUES (?, ?, ?) ON CONFLICT DO UPDATE"  # noqa: S608
                f" SET {span.kind} = {span.kind} + excluded.{span.kind}",
                (name, hour, seconds),
            )
        counted = max(counted, int(span.end.timestamp()))
    sql.execute("UPDATE states SET counted = ? WHERE connection = ?", (counted, name))


def _intents(sql: sqlite3.Connection) -> tuple[Intent, ...]:
    rows = sql.execute(
        "SELECT id, connection, repair, operator, intended_at, host, pid FROM changes"
        " WHERE completed_at IS NULL ORDER BY id"
    )
    found: list[Intent] = []
    for number, connection, repair, operator, at, host, pid in rows:
        decoded, moment = (
            journal_records.decode(repair, Repair, f"change {number}"),
            journal_records.moment(at),
        )
        if decoded is not None and moment is not None:
            found.append(Intent(number, connection, decoded, operator, moment, host, pid))
    return tuple(found)


def _collide(other: Intent, connection: str, repair: Repair) -> bool:
    """Whether two repairs touch one record, or make the same one twice."""
    if (other.connection, other.repair.cause) == (connection, repair.cause):
        return True
    one, two = (
        {getattr(change, "id", None) for change in r.changes} - {None} for r in (other.repair, repair)
    )
    return bool(one & two)


def _sent(
    number: int, repair: bytes, operator: str, at: str, completed: str | None, outcomes: bytes | None
) -> Sent | None:
    decoded, moment = journal_records.decode(repair, Repair, f"change {number}"), journal_records.moment(at)
    if decoded is None or moment is None:
        return None
    found = journal_records.decode(outcomes, tuple[Outcome, ...], f"change {number}") if outcomes else ()
    return Sent(decoded, operator, moment, journal_records.moment(completed or ""), found or ())


def _prune(sql: sqlite3.Connection, before: datetime) -> int:
    """Forget at most `PRUNED` lines; returns how many."""
    found = sql.execute(
        "DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE outage = 0 AND at < ? ORDER BY at LIMIT ?)",
        (int(before.timestamp()), PRUNED),
    )
    sql.execute("DELETE FROM changes WHERE completed_at < ?", (before.astimezone(UTC).isoformat(),))
    return found.rowcount
