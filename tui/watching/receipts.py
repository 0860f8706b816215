"""What a receiver of changes has acknowledged: a row a connection, so that a restart neither loses nor repeats."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from tui.connections.state import Status
from tui.watching import journal_records, leases
from tui.watching.database import Database
from tui.watching.entry import Entry
from tui.watching.journal_records import last_status_line
from tui.watching.leases import Lease


class Receipt(Struct, frozen=True):
    """How far one receiver is with one connection. Times are this machine's clock."""

    acknowledged: int = 0
    """Number of the newest history line that is done: acknowledged, given up, or not worth a call."""
    status: Status | None = None
    """The status that the receiver heard last."""
    outage: str = ""
    """Key of the outage that the receiver knows to be open; empty: none."""
    tries: int = 0
    """Of the change that is on its way now."""
    tried_at: datetime | None = None
    trying: int = 0
    """Number of the newest line in that change."""
    given_up: int = 0
    """Changes that were never acknowledged, in all."""
    trouble: str = ""
    """Why the last try failed; empty after a good one."""


class Line(Struct, frozen=True):
    """A line of the history with its number, and when it was noticed (this machine's clock)."""

    number: int
    noticed: datetime
    entry: Entry


class Receipts:
    """The rows in `data`. Every method may raise JournalProblem."""

    def __init__(self, data: Database) -> None:
        self._data = data

    async def begin(self, receiver: str, names: Iterable[str]) -> int:
        """For connections that `receiver` never heard of: of the history only a status that is not well is news.

        Returns the number of the newest line.
        """

        def work(sql: sqlite3.Connection) -> int:
            (newest,) = sql.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()
            for name in names:
                if _receipt(sql, receiver, name) is None:
                    number, status = last_status_line(sql, name)
                    well = status in (None, Status.MONITORING)
                    _put(sql, receiver, name, Receipt(newest, status) if well else Receipt(number - 1))
            return int(newest)

        return await self._data.write(work)

    async def lines_after(self, number: int) -> tuple[int, set[str]]:
        """Which connections have newer lines than the one of this number, and the number of the newest now."""
        rows = await self._data.read(
            lambda sql: sql.execute("SELECT id, connection FROM entries WHERE id > ?", (number,)).fetchall()
        )
        return max((row[0] for row in rows), default=number), {row[1] for row in rows}

    async def open(self, receiver: str, name: str) -> tuple[Receipt, tuple[Line, ...]]:
        """How far `receiver` is with a connection, and the lines after that, oldest first."""

        def work(sql: sqlite3.Connection) -> tuple[Receipt, tuple[Line, ...]]:
            receipt = _receipt(sql, receiver, name) or Receipt()
            rows = sql.execute(
                "SELECT id, coalesce(noticed, at, 0), entry FROM entries WHERE connection = ? AND id > ? ORDER BY id",
                (name, receipt.acknowledged),
            )
            found: list[Line] = []
            for number, noticed, data in rows:
                entry = journal_records.decode(data, Entry, f"entry {number}")
                if entry is not None:
                    found.append(Line(number, datetime.fromtimestamp(noticed, UTC), entry))
            return receipt, tuple(found)

        return await self._data.read(work)

    async def keep(self, receiver: str, name: str, receipt: Receipt, lease: Lease | None) -> None:
        """Write how far `receiver` is. Raises LeaseLost where `lease` is another process's by now."""

        def work(sql: sqlite3.Connection) -> None:
            leases.check(sql, lease)
            _put(sql, receiver, name, receipt)

        await self._data.write(work)

    async def all(self) -> tuple[Receipt, ...]:
        """Of every receiver that was ever named, and every connection."""
        rows = await self._data.read(
            lambda sql: sql.execute("SELECT connection, receipt FROM receipts ORDER BY connection").fetchall()
        )
        found = (journal_records.decode(data, Receipt, f"receipt of {name}") for name, data in rows)
        return tuple(receipt for receipt in found if receipt is not None)

    async def of(self, receiver: str) -> dict[str, Receipt]:
        """How far `receiver` is, by connection."""
        rows = await self._data.read(
            lambda sql: sql.execute(
                "SELECT connection, receipt FROM receipts WHERE receiver = ?", (receiver,)
            ).fetchall()
        )
        found = {name: journal_records.decode(data, Receipt, f"receipt of {name}") for name, data in rows}
        return {name: receipt for name, receipt in found.items() if receipt is not None}


def _receipt(sql: sqlite3.Connection, receiver: str, name: str) -> Receipt | None:
    row = sql.execute(
        "SELECT receipt FROM receipts WHERE receiver = ? AND connection = ?", (receiver, name)
    ).fetchone()
    return journal_records.decode(row[0], Receipt, f"receipt of {name}") if row is not None else None


def _put(sql: sqlite3.Connection, receiver: str, name: str, receipt: Receipt) -> None:
    sql.execute(
        "INSERT OR REPLACE INTO receipts (receiver, connection, receipt) VALUES (?, ?, ?)",
        (receiver, name, msgspec.json.encode(receipt)),
    )
