"""Connections whose hook and bell are kept still for a while: never their status. Rows of the journal."""

import sqlite3
from datetime import UTC, datetime

from msgspec import Struct

from tui.watching.database import Database
from tui.watching.entry import Entry, EntryKind


class Mute(Struct, frozen=True):
    """From `at` until `until` (this machine's clock) nobody is called; the row stays after its end."""

    at: datetime
    until: datetime
    reason: str = ""
    by: str = ""
    """Who asked for it, as this machine names him."""

    def holds(self, now: datetime) -> bool:
        return self.at <= now < self.until


def line_of(name: str, mute: Mute) -> Entry:
    """What the history says of it."""
    seconds = round((mute.until - mute.at).total_seconds())
    return Entry(
        mute.at,
        name,
        EntryKind.MUTE,
        f"{name}|mute|{mute.at.isoformat()}",
        by=mute.by,
        text=mute.reason,
        result=str(seconds) if seconds > 0 else "",
    )


class Mutes:
    """The rows in `data`. Every method may raise JournalProblem."""

    def __init__(self, data: Database) -> None:
        self._data = data

    async def all(self) -> dict[str, Mute]:
        """The newest mute of each connection, also one that has ended."""
        rows = await self._data.read(
            lambda sql: sql.execute("SELECT connection, at, until, reason, by FROM mutes").fetchall()
        )
        return {
            name: Mute(datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(until, UTC), reason, by)
            for name, at, until, reason, by in rows
        }


def put(sql: sqlite3.Connection, name: str, mute: Mute) -> None:
    """Write the mute of a connection, in place of an older one."""
    sql.execute(
        "INSERT OR REPLACE INTO mutes (connection, at, until, reason, by) VALUES (?, ?, ?, ?, ?)",
        (name, mute.at.timestamp(), mute.until.timestamp(), mute.reason, mute.by),
    )
