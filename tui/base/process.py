"""Child processes: argv, never a shell, with a time-out, without the terminal."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence

from msgspec import Struct

MAX_OUTPUT = 1_000_000
"""Bytes of a helper's output that are read."""


class Finished(Struct, frozen=True):
    """What a child process left: its exit code and its raw output."""

    code: int
    stdout: bytes
    stderr: bytes


async def run(argv: Sequence[str], timeout: float, data: bytes | None = None) -> Finished:
    """Run `argv` to its end. `timeout` is in real seconds; past it the whole process group is killed.

    `data` goes to its standard input, which is empty without.

    Raises TimeoutError, and OSError where the program cannot be started.
    """
    child = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL if data is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout):
            stdout, stderr = await child.communicate(data)
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    return Finished(child.returncode or 0, stdout[:MAX_OUTPUT], stderr[:MAX_OUTPUT])
