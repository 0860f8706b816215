"""Folders that live as long as their process: one that was killed leaves them, and the next start finds them."""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

LOCK = ".in-use"
"""The file that the process of such a folder holds; the kernel lets go of it at the process's end."""


@contextlib.contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Hold a folder of one's own. Raises OSError."""
    # Held before it bears its name: who clears up never meets one that is not held yet.
    new = folder / f"{LOCK}.new"
    handle = os.open(new, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        new.rename(folder / LOCK)
        yield
    finally:
        os.close(handle)


def ended(folders: Iterable[Path]) -> Iterator[Path]:
    """Those of the operator's own folders whose process has ended; held while they are looked at."""
    for folder in folders:
        with contextlib.suppress(OSError):
            facts = folder.lstat()
            if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
                continue
            handle = os.open(folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield folder
            finally:
                os.close(handle)
