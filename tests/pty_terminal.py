"""A real pseudo-terminal with a screen behind it: what a person at a terminal would see and press."""

import contextlib
import os
import re
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pexpect
import pyte

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "down": "\x1b[B",
    "up": "\x1b[A",
    "tab": "\t",
    "ctrl+p": "\x10",
    "ctrl+c": "\x03",
}


class Terminal:
    """Runs one command under a pty of `columns` x `rows` and keeps its screen.

    Waiting is waiting for output: each `wait_*` returns as soon as the screen shows what is asked, and raises
    AssertionError with the whole screen when `timeout` real seconds have passed without it.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        columns: int = 120,
        rows: int = 36,
        cwd: Path | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = 0
        self.raw = bytearray()
        self.started = time.perf_counter()
        self.child = pexpect.spawn(
            argv[0], list(argv[1:]), env=dict(env), dimensions=(rows, columns), cwd=cwd, timeout=30
        )
        self.child.delaybeforesend = None
        self._ended = False

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *exc: object) -> None:
        if not self._ended:
            with contextlib.suppress(ProcessLookupError):
                self.kill()
            self._reap(30)

    def hang_up(self, timeout: float = 30) -> int:
        """Take the terminal away, as a dropped link does, and wait for the program's end; its exit code."""
        return self._reap(timeout)

    def _reap(self, timeout: float) -> int:
        """Close our side of the pty and wait for the end, by event and not by looking again and again."""
        self._ended = True
        process = self.child.ptyproc
        process.fileobj.close()
        if process.isalive():
            watch = os.pidfd_open(self.child.pid)
            try:
                if not select.select([watch], [], [], timeout)[0]:
                    self.kill()
                    raise AssertionError(f"still running\n{self.text}")
            finally:
                os.close(watch)
            process.wait()
        # pexpect must not look for the process again.
        process.closed = self.child.closed = True
        return 128 + int(process.signalstatus) if process.signalstatus else int(process.exitstatus or 0)

    @property
    def text(self) -> str:
        """The screen as it stands, trailing blanks cut."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def line_with(self, part: str) -> str:
        """The first line of the screen that contains `part`, or an empty one."""
        return next((line for line in self.screen.display if part in line), "")

    def press(self, *keys: str) -> None:
        """Send keys by name (`enter`, `down`, …) or as typed text."""
        for key in keys:
            self.child.send(KEYS.get(key, key))

    def pump(self, timeout: float) -> bool:
        """Take what the program has written; wait up to `timeout` for the first byte. False at its end."""
        try:
            data = self.child.read_nonblocking(65536, timeout)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.bytes += len(data)
        self.raw += data
        self._stream.feed(_without_queries(data))
        return True

    def wait_until(self, seen: Callable[["Terminal"], bool], timeout: float = 30, what: str = "") -> None:
        deadline = time.monotonic() + timeout
        while not seen(self):
            left = deadline - time.monotonic()
            alive = self.pump(min(left, 0.5)) if left > 0 else True
            if (left <= 0 or not alive) and not seen(self):
                ended = "" if alive else " (the program ended)"
                raise AssertionError(f"not seen{ended}: {what or seen}\n{self.text}")

    def wait_for(self, *parts: str, timeout: float = 30) -> None:
        """Until every part, a plain text, is on the screen."""
        self.wait_until(lambda t: all(part in t.text for part in parts), timeout, " + ".join(parts))

    def wait_match(self, pattern: str, timeout: float = 30) -> None:
        """Until the regular expression matches the screen."""
        self.wait_until(lambda t: re.search(pattern, t.text) is not None, timeout, pattern)

    def wait_end(self, timeout: float = 30) -> int:
        """Until the program ends; its exit code (128 + n after a signal n)."""
        deadline = time.monotonic() + timeout
        while self.pump(0.5):
            if time.monotonic() > deadline:
                raise AssertionError(f"still running\n{self.text}")
        return self._reap(timeout)

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.child.pid, number)


def _without_queries(data: bytes) -> bytes:
    """pyte prints a few sequences that terminals swallow: key protocols and private modes with parameters."""
    return re.sub(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]*[up]|\x1bP[^\x1b]*\x1b\\", b"", data)
