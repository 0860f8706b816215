"""The journal's SQLite file: opened privately, set aside when it is not ours, never waited for in a thread."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from tui.base.paths import make_folder
from tui.base.problem import Problem

T = TypeVar("T")

SCHEMA = 1
APPLICATION_ID = 0x52454D4F
"""Marks the file as this program's ("REMO")."""

BUSY_PAUSE = 0.05
BUSY_TRIES = 40
"""Two seconds in all."""

_TABLES = """
CREATE TABLE states (connection TEXT PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, connection TEXT NOT NULL, key TEXT NOT NULL UNIQUE, entry BLOB NOT NULL
);
CREATE INDEX entries_of_connection ON entries (connection, id);
CREATE TABLE walkthroughs (connection TEXT PRIMARY KEY, walkthrough BLOB NOT NULL, at TEXT NOT NULL);
CREATE TABLE changes (
    id INTEGER PRIMARY KEY, connection TEXT NOT NULL, repair BLOB NOT NULL, operator TEXT NOT NULL,
    intended_at TEXT NOT NULL, completed_at TEXT, outcomes BLOB
);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class JournalProblem(Problem):
    """The journal cannot be read or written now; watching goes on without it."""


class _NotOurs(Exception):
    """The file is broken, or another program's."""


class Database:
    """One connection to the file at `path`. `pause` sleeps between two tries (seconds)."""

    def __init__(self, path: Path, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.path = path
        self.set_aside: Path | None = None
        """Where a file that was not ours has gone, this time."""
        self._pause = pause
        self._sqlite: sqlite3.Connection | None = None
        self._failed: JournalProblem | None = None
        # A write that waits for another program must not be overtaken by a newer one.
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Open or create the file; nothing where it is open. Raises JournalProblem."""
        if self._sqlite is not None:
            return
        try:
            make_folder(self.path.parent)
            try:
                await self._retry(self._connect)
            except _NotOurs:
                self._set_aside()
                await self._retry(self._connect)
        except JournalProblem as problem:
            self._failed = problem
            raise
        except (OSError, sqlite3.Error, _NotOurs) as error:
            self.close()
            self._failed = _problem(self.path, error)
            raise self._failed from error

    def close(self) -> None:
        if self._sqlite is not None:
            with contextlib.suppress(sqlite3.Error):
                self._sqlite.close()
            self._sqlite = None

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work`, which only reads. Raises JournalProblem."""
        return await self._guarded(work)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` as one transaction: all of it is kept, or nothing. Raises JournalProblem."""

        def transaction(sqlite: sqlite3.Connection) -> T:
            sqlite.execute("BEGIN IMMEDIATE")
            try:
                result = work(sqlite)
                sqlite.execute("COMMIT")
            except BaseException:
                if sqlite.in_transaction:
                    sqlite.execute("ROLLBACK")
                raise
            return result

        return await self._guarded(transaction)

    async def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        sqlite = self._sqlite
        if sqlite is None:
            raise self._failed or JournalProblem("The journal is closed", f"{self.path} is not open.", "")
        try:
            async with self._turn:
                return await self._retry(lambda: work(sqlite))
        except sqlite3.Error as error:
            raise _problem(self.path, error) from error

    async def _retry(self, work: Callable[[], T]) -> T:
        for _ in range(BUSY_TRIES):
            try:
                return work()
            except sqlite3.OperationalError as error:
                if not _busy(error):
                    raise
            await self._pause(BUSY_PAUSE)
        return work()

    def _connect(self) -> None:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self.path.chmod(0o600)
        sqlite = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        try:
            self._prepare(sqlite)
        except sqlite3.OperationalError:
            sqlite.close()
            raise
        except sqlite3.DatabaseError as error:
            sqlite.close()
            raise _NotOurs(str(error)) from error
        except BaseException:
            sqlite.close()
            raise
        self._sqlite = sqlite

    @staticmethod
    def _prepare(sqlite: sqlite3.Connection) -> None:
        (tables,) = sqlite.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = sqlite.execute("PRAGMA application_id").fetchone()
        (schema,) = sqlite.execute("PRAGMA user_version").fetchone()
        if application == APPLICATION_ID and schema > SCHEMA:
            raise JournalProblem(
                "The journal is a newer remonitor's",
                f"Its format is {schema}, this version knows {SCHEMA}.",
                "Use the newer version; what happens here is not recorded.",
            )
        if tables and (application != APPLICATION_ID or schema != SCHEMA):
            raise _NotOurs(f"application {application}, schema {schema}")
        if tables and sqlite.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise _NotOurs("damaged")
        try:
            (mode,) = sqlite.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite3.OperationalError as error:
            if _busy(error):
                raise
            mode = "refused"
        if mode != "wal":
            sqlite.execute("PRAGMA journal_mode=DELETE")
        if not tables:
            sqlite.executescript(
                f"BEGIN EXCLUSIVE; {_TABLES}"
                f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={SCHEMA}; COMMIT;"
            )

    def _set_aside(self) -> None:
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.set-aside-{number}")).exists():
            number += 1
        self.path.rename(aside)
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                self.path.with_name(self.path.name + suffix).rename(aside.with_name(aside.name + suffix))
        self.set_aside = aside


def _busy(error: sqlite3.OperationalError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _problem(path: Path, error: Exception) -> JournalProblem:
    if isinstance(error, sqlite3.OperationalError) and _busy(error):
        return JournalProblem(
            "The journal is busy",
            f"Another program kept {path} locked for two seconds.",
            "Close the program that holds it; what happens meanwhile is not recorded.",
        )
    return JournalProblem(
        "The journal cannot be used",
        f"{path}: {error}.",
        "Check that the folder is yours and has space; what happens meanwhile is not recorded.",
    )
