"""Where this program keeps its files, and how it reads and writes them: folders 0700, files 0600, never half."""

import contextlib
import errno
import os
import select
import stat
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from tui.base import permissions
from tui.base.problem import ConfigProblem

PIPE_SECONDS = 5.0
"""Real seconds within which a pipe has to give what it holds."""
PIPE_BYTES = 1_048_576
"""Bytes that are read of a pipe."""


def config_file() -> Path:
    """`REMONITOR_CONFIG`, else `config.toml` in the user's configuration folder. Raises ConfigProblem."""
    if named := os.environ.get("REMONITOR_CONFIG"):
        return expanded(named)
    import platformdirs

    return _at_home(platformdirs.user_config_path) / "config.toml"


def state_folder() -> Path:
    """`REMONITOR_STATE`, else the user's state folder: the journal, the log, the lock. Raises ConfigProblem.

    Its links are resolved once: what stands there is looked at by `own_state_folder`, and used.
    """
    if named := os.environ.get("REMONITOR_STATE"):
        return _resolved(str(expanded(named)))
    import platformdirs

    return _resolved(str(_at_home(platformdirs.user_state_path)))


def log_file() -> Path:
    """Where the log is. Raises ConfigProblem."""
    return state_folder() / "remonitor.log"


def own_state_folder() -> Path:
    """The same, made where it is missing; a folder in which others could put links is refused (ConfigProblem)."""
    folder = state_folder()
    try:
        make_folder(folder)
        refused = permissions.of_state(permissions.entry(folder, folder.stat()), permissions.me())
    except OSError as error:
        raise ConfigProblem(
            "State folder",
            f"{folder}: cannot be used: {error.strerror}.",
            "Name one that can be made: REMONITOR_STATE=FOLDER remonitor …",
        ) from None
    if refused is None:
        return folder
    raise ConfigProblem(
        "State folder",
        f"{refused.why}: what is kept there could be led elsewhere.",
        f"Run: {refused.command} – or name a folder that is made for you: "
        f"REMONITOR_STATE={folder / 'remonitor'} remonitor …",
    )


def expanded(text: str) -> Path:
    """A path with its ~ replaced by the home folder. Raises ConfigProblem where there is none."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise _homeless(text) from None


def make_folder(folder: Path) -> Path:
    """Create `folder`, and what is missing above it, for its owner alone. Raises OSError."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_private(path: Path, data: str | bytes) -> None:
    """Replace `path` in one step with a file of mode 0600. Raises OSError."""
    make_folder(path.parent)
    _replace(path, data, 0o600)


def write_shared(path: Path, data: str) -> None:
    """Replace `path` in one step with a file that everybody may read (0644); its folder must be there.

    What is no regular file (a device, a pipe) is written to. Raises OSError.
    """
    if path.exists() and not path.is_file():
        path.write_text(data, encoding="utf-8")
    else:
        _replace(path, data, 0o644)


def _replace(path: Path, data: str | bytes, mode: int) -> None:
    # Hidden, and without the ending of `path`: a collector that looks for it finds whole files alone.
    import tempfile

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def open_input(path: Path) -> tuple[int, os.stat_result]:
    """Open a file or pipe without waiting, and what `stat` tells of it. Raises OSError, also for a device."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    facts = os.fstat(handle)
    if stat.S_ISREG(facts.st_mode) or stat.S_ISFIFO(facts.st_mode):
        return handle, facts
    os.close(handle)
    kind = "a folder" if stat.S_ISDIR(facts.st_mode) else "a device"
    raise OSError(errno.EINVAL, f"it is {kind}, expected a file")


def read_input(handle: int, most: int, seconds: float = PIPE_SECONDS) -> bytes:
    """All that an open file or pipe gives. Raises OSError past `most` bytes, or where a pipe is silent too long."""
    deadline = time.monotonic() + seconds
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    data = b""
    # A pipe that nobody has opened for writing yet reads as empty: only after something came is that its end.
    pipe = stat.S_ISFIFO(os.fstat(handle).st_mode)
    waiting = pipe
    while len(data) <= most:
        left = deadline - time.monotonic()
        if waiting and (left <= 0 or not poll.poll(left * 1000)):
            raise TimeoutError(errno.ETIMEDOUT, f"it did not end within {seconds:g} s")
        try:
            chunk = os.read(handle, 65_536)
        except BlockingIOError:
            waiting = True
            continue
        if not chunk:
            return data
        data, waiting = data + chunk, False
    raise OSError(errno.EFBIG, f"it holds more than {most:,} bytes")


@lru_cache(maxsize=8)
def _resolved(folder: str) -> Path:
    try:
        return Path(folder).resolve()
    except (OSError, RuntimeError):
        raise ConfigProblem(
            "State folder", f"{folder}: its links lead nowhere.", "Name another: REMONITOR_STATE=FOLDER"
        ) from None


def _at_home(place: Callable[[str], Path]) -> Path:
    try:
        folder = place("remonitor")
    except RuntimeError:
        folder = Path("~")
    if str(folder).startswith("~"):
        raise _homeless("The usual folder")
    return folder


def _homeless(what: str) -> ConfigProblem:
    return ConfigProblem(
        "No home folder",
        f"{what} is in the home folder, HOME is not set, and this machine knows no user number {os.geteuid()}.",
        "Set HOME, or name both: --config FILE, and REMONITOR_STATE=FOLDER in the environment.",
    )


T = TypeVar("T")

PATIENCE = 0.05
"""Real seconds for which the first frame waits."""


class BackgroundRead(Generic[T]):
    """Reads from a folder that may hang: `work` runs in a thread that is left behind where it does not end.

    It must not raise.
    """

    def __init__(self, work: Callable[[], T], otherwise: T) -> None:
        self._result = otherwise
        self._work = work
        self._otherwise = otherwise
        self._thread = threading.Thread(target=self._run, name="background-read", daemon=True)
        self._thread.start()

    def result(self, patience: float = PATIENCE) -> T:
        """What the work gave, or `otherwise` where it has not ended within `patience` real seconds from now."""
        self._thread.join(patience)
        return self._otherwise if self._thread.is_alive() else self._result

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._result = self._work()
