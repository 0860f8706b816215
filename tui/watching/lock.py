"""One watcher an org in a state folder: a lock file that names the process that holds it."""

import contextlib
import fcntl
import os
import zlib
from pathlib import Path

from tui.base.paths import make_folder
from tui.base.text import clean


def lock_path(folder: Path, org: str) -> Path:
    """The lock file of an org; two orgs never share one by their letters alone."""
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in org)[:40]
    return folder / f"watcher-{letters}-{zlib.crc32(org.encode()):08x}.lock"


class WatcherLock:
    """Held by the process that reads and writes; everybody else only looks at the journal.

    The lock belongs to the open file: it ends with its process, however that ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    @property
    def held(self) -> bool:
        return self._file is not None

    def take(self) -> bool:
        """Take the lock without waiting; False where another process has it. Raises OSError."""
        if self._file is not None:
            return True
        make_folder(self.path.parent)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except OSError:
            os.close(file)
            raise
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()} {_terminal()}\n".encode(), 0)
        self._file = file
        return True

    def holder(self) -> str:
        """Who has it, in words: "process 4711 on pts/3"; the terminal where there is one."""
        try:
            pid, terminal = self.path.read_text(encoding="ascii").rstrip("\n").split(" ", 1)
            return f"process {int(pid)}" + (f" on {clean(terminal, 40)}" if terminal else "")
        except (OSError, ValueError):
            return "another process"

    def release(self) -> None:
        """Give the lock back; the file stays, so that no two processes ever lock different files."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _terminal() -> str:
    """The terminal of this process, as `who` and `ps` name it; empty where it has none."""
    for stream in range(3):
        with contextlib.suppress(OSError):
            return os.ttyname(stream).removeprefix("/dev/")
    return ""
