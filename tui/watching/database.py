"""The journal's SQLite file: opened privately, set aside when it is not ours, never waited for in a thread."""

import asyncio
import contextlib
import os
import re
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from tui.base.paths import make_folder
from tui.base.problem import Problem
from tui.watching import schema

T = TypeVar("T")

BUSY_PAUSE = 0.05
BUSY_TRIES = 40
"""Two seconds in all."""
BUSY_TRIES_AGAIN = 4
"""Of whoever has waited in vain just before: a stopped program may hold the file for hours."""

FREED = 512
"""Pages that are given back to the file system in one go."""

_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class JournalProblem(Problem):
    """The journal cannot be read or written now; watching goes on without it."""


class _NotOurs(Exception):
    """The file is broken, or another program's."""


class Database:
    """One connection to the file at `path`. `pause` sleeps between two tries (seconds).

    `in_use`: whether another process that has the file open certainly lives.
    """

    def __init__(
        self,
        path: Path,
        *,
        in_use: Callable[[sqlite3.Connection], bool],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.path = path
        self._in_use = in_use
        self.set_aside: Path | None = None
        """Where a file that was not ours has gone, this time."""
        self._pause = pause
        self._sqlite: sqlite3.Connection | None = None
        self._failed: JournalProblem | None = None
        self._opened = 0
        self._wal = False
        self._waits = True
        """Whether a transaction waits for the disk."""
        self._tries = BUSY_TRIES
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
                await self._begin_anew()
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

    async def write(self, work: Callable[[sqlite3.Connection], T], *, lasting: bool = True) -> T:
        """Run `work` as one transaction: all of it is kept, or nothing. Raises JournalProblem.

        Not `lasting`: a power cut may undo it, and it is written without waiting for the disk.
        """

        # Without WAL the file itself could be damaged.
        waits = lasting or not self._wal

        def transaction(sqlite: sqlite3.Connection) -> T:
            if waits != self._waits:
                sqlite.execute(f"PRAGMA synchronous = {'FULL' if waits else 'NORMAL'}")
                self._waits = waits
            sqlite.execute("BEGIN IMMEDIATE")
            try:
                result = work(sqlite)
                sqlite.execute("COMMIT")
            except BaseException:
                if sqlite.in_transaction:
                    sqlite.execute("ROLLBACK")
                raise
            return result

        try:
            result = await self._guarded(transaction, self._tries)
        except JournalProblem:
            self._tries = BUSY_TRIES_AGAIN
            raise
        self._tries = BUSY_TRIES
        return result

    async def version(self) -> tuple[int, int]:
        """Another one once another process has written, or a new file was begun. Raises JournalProblem."""
        (found,) = await self.read(lambda sql: sql.execute("PRAGMA data_version").fetchone())
        return self._opened, found

    async def _guarded(self, work: Callable[[sqlite3.Connection], T], tries: int = BUSY_TRIES) -> T:
        sqlite = self._sqlite
        if sqlite is None:
            raise self._failed or JournalProblem("The journal is closed", f"{self.path} is not open.", "")
        try:
            async with self._turn:
                return await self._retry(lambda: work(sqlite), tries)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN:
                raise await self._broke() from error
            raise _problem(self.path, error) from error

    async def check(self) -> None:
        """Look at every page; a broken file is set aside and a new one begun. Raises JournalProblem then."""
        found = await self.read(lambda sql: sql.execute("PRAGMA quick_check(1)").fetchone())
        if found != ("ok",):
            raise await self._broke()

    async def shrink(self) -> None:
        """Give free pages back to the file system, a few at a time. Raises JournalProblem."""
        (mode,) = await self.read(lambda sql: sql.execute("PRAGMA auto_vacuum").fetchone())
        if mode != 2:
            # A file of an earlier version: rebuilt once, then it can shrink by parts.
            await self.read(
                lambda sql: sql.execute("PRAGMA auto_vacuum = INCREMENTAL") and sql.execute("VACUUM")
            )
            return
        while True:
            (free,) = await self.read(lambda sql: sql.execute("PRAGMA freelist_count").fetchone())
            if not free:
                break
            await self.read(lambda sql: sql.execute(f"PRAGMA incremental_vacuum({FREED})").fetchall())
            await asyncio.sleep(0)
        await self.read(lambda sql: sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    async def _broke(self) -> JournalProblem:
        """Set the file aside and begin a new one; what to say about it."""
        self.close()
        try:
            await self._begin_anew()
        except (OSError, sqlite3.Error, _NotOurs) as error:
            self._failed = _problem(self.path, error)
            return self._failed
        return JournalProblem(
            "The journal was damaged",
            f"It was set aside as {self.set_aside.name if self.set_aside else 'another file'}; a new one is begun.",
            "You need not do anything: remonitor reads Salesforce again.",
        )

    async def _begin_anew(self) -> None:
        self._set_aside()
        await self._retry(self._connect)

    async def _retry(self, work: Callable[[], T], tries: int = BUSY_TRIES) -> T:
        for _ in range(tries):
            try:
                return work()
            except sqlite3.OperationalError as error:
                if not _busy(error):
                    raise
            await self._pause(BUSY_PAUSE)
        return work()

    def _connect(self) -> None:
        # What SQLite leaves beside the file says that its last user did not close it, or is still there.
        unclean = any(self._beside(suffix).exists() for suffix in ("-wal", "-journal"))
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self.path.chmod(0o600)
        sqlite = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        try:
            self._prepare(sqlite, check=unclean)
        except sqlite3.OperationalError:
            sqlite.close()
            raise
        except sqlite3.DatabaseError as error:
            sqlite.close()
            raise _NotOurs(str(error)) from error
        except BaseException:
            sqlite.close()
            raise
        self._sqlite, self._waits = sqlite, True
        self._opened += 1

    def _prepare(self, sqlite: sqlite3.Connection, *, check: bool) -> None:
        (tables,) = sqlite.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = sqlite.execute("PRAGMA application_id").fetchone()
        (version,) = sqlite.execute("PRAGMA user_version").fetchone()
        if application == schema.APPLICATION_ID and version > schema.VERSION:
            raise JournalProblem(
                "The journal is a newer remonitor's",
                f"Its format is {version}, this version knows {schema.VERSION}.",
                "Use the newer version; what happens here is not recorded.",
            )
        if tables and (application != schema.APPLICATION_ID or version < 1):
            raise _NotOurs(f"application {application}, schema {version}")
        # Beside a process that is still at work there was no unclean end.
        check = bool(tables) and check and not (version == schema.VERSION and self._in_use(sqlite))
        if check and sqlite.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise _NotOurs("damaged")
        if not tables:
            sqlite.execute("PRAGMA auto_vacuum = INCREMENTAL")
        self._choose_mode(sqlite)
        schema.migrate(sqlite)

    def _choose_mode(self, sqlite: sqlite3.Connection) -> None:
        """WAL where its shared memory works: not on a network file system."""
        mode = "refused"
        if not on_network(self.path.parent):
            try:
                (mode,) = sqlite.execute("PRAGMA journal_mode=WAL").fetchone()
            except sqlite3.OperationalError as error:
                if _busy(error):
                    raise
        self._wal = mode == "wal"
        if not self._wal:
            sqlite.execute("PRAGMA journal_mode=DELETE")

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    def _set_aside(self) -> None:
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.set-aside-{number}")).exists():
            number += 1
        self.path.rename(aside)
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._beside(suffix).rename(aside.with_name(aside.name + suffix))
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


MOUNTINFO = Path("/proc/self/mountinfo")

_NETWORK = re.compile(
    r"(nfs\d*|cifs|smb\w*|ncpfs|9p|afs|ceph|lustre|gfs2?|ocfs2|beegfs|gpfs|pvfs2|orangefs|fuse\.\w*(ssh|gluster|s3|rclone|ceph|nfs|juice|moose)\w*)"
)
"""File system types whose files other machines may have open."""


def on_network(path: Path, mountinfo: Path = MOUNTINFO) -> bool:
    """Whether the file system of `path` is a network one; False where the system does not tell."""
    try:
        table = mountinfo.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    return _NETWORK.fullmatch(type_of(path.resolve(), table)) is not None


def type_of(path: Path, table: str) -> str:
    """The type of the file system that holds `path`, by the table of mounts (proc(5)); empty where unknown."""
    best, found = -1, ""
    for line in table.splitlines():
        mount, _, source = line.partition(" - ")
        fields, own = mount.split(), source.split()
        if len(fields) < 5 or not own:
            continue
        point = Path(_unescaped(fields[4]))
        # Of several mounts on one point the last one hides the others.
        if (point == path or point in path.parents) and len(point.parts) >= best:
            best, found = len(point.parts), own[0]
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), text)
