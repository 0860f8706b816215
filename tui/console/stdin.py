"""Standard input by lines, awaited on the loop: no thread, and nobody else's settings of the terminal change."""

import asyncio
import os
from typing import Protocol

from tui.base.text import clean

LONGEST = 65_536
"""Bytes after which a line without an end counts as one."""


class LineReader(Protocol):
    """Where answers come from."""

    @property
    def terminal(self) -> bool:
        """True where a person sits at the other end."""

    async def next(self) -> str | None:
        """The next line, cleaned; None at the end."""


class Lines:
    """Reads the lines of the open file `fd`: a terminal, a pipe or a plain file."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._rest = b""
        self._ended = False

    @property
    def terminal(self) -> bool:
        return os.isatty(self._fd)

    async def next(self) -> str | None:
        while b"\n" not in self._rest and len(self._rest) < LONGEST and not self._ended:
            await self._readable()
            self._read()
        if not self._rest:
            return None
        line, _, self._rest = self._rest.partition(b"\n")
        return clean(line.decode("utf-8", "replace"))

    def _read(self) -> None:
        try:
            data = os.read(self._fd, LONGEST)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._rest += data
        self._ended = not data

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        try:
            loop.add_reader(self._fd, ready.set)
        except PermissionError:
            # A plain file never makes anybody wait.
            return
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._fd)
