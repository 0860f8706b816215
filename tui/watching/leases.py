"""Who watches an org, and who reads it now: rows in the journal that run out when their process stops or hangs."""

import contextlib
import os
import platform
import sqlite3
import uuid
from datetime import UTC, datetime
from functools import cache

from msgspec import Struct

from tui.base.text import clean
from tui.watching.database import Database


@cache
def this_host() -> str:
    """This machine, with the name space in which its process numbers mean something."""
    space = ""
    with contextlib.suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - no path, but a name
    return f"{platform.node()} {space}".strip()


def process_gone(host: str, pid: int) -> bool:
    """True where this other process has certainly ended; never of another machine's, never of this one."""
    if host != this_host() or pid in (0, os.getpid()):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def this_terminal() -> str:
    """The terminal of this process, as `who` and `ps` name it; empty where it has none."""
    for stream in range(3):
        with contextlib.suppress(OSError):
            return os.ttyname(stream).removeprefix("/dev/")
    return ""


def this_process() -> str:
    """This process for programs: "jump1:4711"."""
    return process_short(this_host(), os.getpid())


def process_short(host: str, pid: int) -> str:
    return f"{host.partition(' ')[0]}:{pid}"


def process_in_words(host: str, pid: int, terminal: str = "") -> str:
    """A process for people: "process 4711 on pts/3", with its machine where that is another one."""
    on = f" on {terminal}" if terminal else ""
    name, mine = host.partition(" ")[0], this_host().partition(" ")[0]
    return f"process {pid}{on}" + (f" of {name}" if name and name != mine else "")


class LeaseLost(Exception):
    """Another process has taken the lease: what its old holder wanted to write changes nothing."""


class Lease(Struct, frozen=True):
    """The right to watch `org`; a new holder has a higher `generation`."""

    org: str
    generation: int


class Holder(Struct, frozen=True):
    """Who has a lease, until when (the holder's clock)."""

    host: str
    pid: int
    terminal: str
    generation: int
    until: datetime
    read_at: datetime | None = None
    """When its newest reading of all connections of the org began: what it did not write has not changed since."""

    def valid(self, now: datetime) -> bool:
        return now < self.until and not process_gone(self.host, self.pid)

    @property
    def words(self) -> str:
        """Who it is, for people: "process 4711 on pts/3"."""
        return process_in_words(self.host, self.pid, clean(self.terminal, 40))


class Leases:
    """The rows in `data`; `now` and `until` are the caller's clock. Every method may raise JournalProblem."""

    def __init__(self, data: Database) -> None:
        self._data = data

    async def holder(self, org: str) -> Holder | None:
        return await self._data.read(lambda sql: _holder(sql, org))

    async def take(self, org: str, now: datetime, until: datetime) -> Lease | None:
        """The lease where nobody has a valid one; None where somebody has."""

        def work(sql: sqlite3.Connection) -> Lease | None:
            known = _holder(sql, org)
            if known is not None and known.valid(now):
                return None
            generation = known.generation + 1 if known is not None else 1
            sql.execute(
                "INSERT OR REPLACE INTO leases (org, host, pid, terminal, generation, until)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (org, this_host(), os.getpid(), this_terminal(), generation, until.timestamp()),
            )
            return Lease(org, generation)

        # After a power cut there is nobody left who could hold the same one.
        return await self._data.write(work, lasting=False)

    async def renew(self, lease: Lease, until: datetime, read_at: datetime | None = None) -> bool:
        """Hold on to it until `until`; False where another process has it by now.

        `read_at`: when a reading of all connections began whose every change is in the journal.
        """

        def work(sql: sqlite3.Connection) -> bool:
            found = sql.execute(
                "UPDATE leases SET until = ?, read_at = coalesce(?, read_at) WHERE org = ? AND generation = ?",
                (
                    until.timestamp(),
                    read_at.timestamp() if read_at is not None else None,
                    lease.org,
                    lease.generation,
                ),
            )
            return found.rowcount > 0

        return await self._data.write(work, lasting=False)

    async def release(self, lease: Lease) -> None:
        """Give it back; its generation stays known, so that no number comes twice."""
        await self._data.write(
            lambda sql: sql.execute(
                "UPDATE leases SET until = 0 WHERE org = ? AND generation = ?", (lease.org, lease.generation)
            ),
            lasting=False,
        )


class Turn(Struct, frozen=True):
    """One reading of an org, known to all processes while it is under way."""

    org: str
    token: str


class Turns:
    """One reading of an org at a time. Every method may raise JournalProblem."""

    def __init__(self, data: Database) -> None:
        self._data = data

    async def begin(self, org: str, now: datetime, until: datetime) -> Turn | None:
        """The turn to read `org`; None while another process reads it, at most until that one's time is over."""
        turn = Turn(org, uuid.uuid4().hex)

        def work(sql: sqlite3.Connection) -> Turn | None:
            row = sql.execute("SELECT host, pid, began, until FROM readings WHERE org = ?", (org,)).fetchone()
            if row is not None:
                host, pid, began, ends = row
                # A beginning in the future is a clock that was set back since: it would never be over.
                if began <= now.timestamp() < ends and not process_gone(host, pid):
                    return None
            sql.execute(
                "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?)",
                (org, this_host(), os.getpid(), turn.token, now.timestamp(), until.timestamp()),
            )
            return turn

        return await self._data.write(work, lasting=False)

    async def end(self, turn: Turn) -> None:
        await self._data.write(
            lambda sql: sql.execute(
                "DELETE FROM readings WHERE org = ? AND token = ?", (turn.org, turn.token)
            ),
            lasting=False,
        )


def in_use(sql: sqlite3.Connection) -> bool:
    """Whether another process of this machine that watches or reads lives."""
    found = sql.execute("SELECT host, pid FROM leases UNION SELECT host, pid FROM readings")
    others = {pid for host, pid in found if host == this_host() and pid not in (0, os.getpid())}
    return any(not process_gone(this_host(), pid) for pid in others)


def check(sql: sqlite3.Connection, lease: Lease | None) -> None:
    """Raise LeaseLost where `lease` is another process's by now; inside the transaction that depends on it."""
    if lease is not None:
        known = _holder(sql, lease.org)
        if known is None or known.generation != lease.generation:
            raise LeaseLost


def _holder(sql: sqlite3.Connection, org: str) -> Holder | None:
    row = sql.execute(
        "SELECT host, pid, terminal, generation, until, read_at FROM leases WHERE org = ?", (org,)
    ).fetchone()
    if row is None:
        return None
    host, pid, terminal, generation, until, read_at = row
    read = datetime.fromtimestamp(read_at, UTC) if read_at is not None else None
    return Holder(host, pid, terminal, generation, datetime.fromtimestamp(until, UTC), read)
