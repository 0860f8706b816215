"""Child processes: argv, never a shell, with a time-out, without the terminal and without others' secrets."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

MAX_OUTPUT = 1_000_000
"""Bytes of a helper's output that are read; one that says more is ended."""

_OF_THE_SERVICE = frozenset({"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"})
"""What systemd tells this process alone: a child that used it would speak for it."""

UNLIMITED = 1_000_000
"""Descriptors that are counted on where nothing limits them."""

_withheld: set[str] = set()


class Finished(Struct, frozen=True):
    """What a child process left: its exit code and its raw output."""

    code: int
    stdout: bytes
    stderr: bytes


class TooMuch(OSError):
    """A child that was ended because it did not stop talking."""

    def __init__(self) -> None:
        super().__init__(None, f"it was ended because it says more than {MAX_OUTPUT:,} bytes")


def raise_descriptor_limit() -> None:
    """Let this process open as many files as the system allows: a watch of many orgs needs more than shells give."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Where "unlimited" is more than the kernel takes, what was there stays.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def descriptor_limit() -> int:
    """How many files this process may have open."""
    try:
        import resource
    except ImportError:
        return UNLIMITED
    now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return now if 0 <= now < UNLIMITED else UNLIMITED


def withhold(names: Iterable[str]) -> None:
    """From now on no child inherits these environment variables: secrets are in them."""
    _withheld.update(names)


def environment() -> dict[str, str]:
    """What a child process inherits."""
    hidden = _withheld | _OF_THE_SERVICE
    return {name: value for name, value in os.environ.items() if name not in hidden}


async def run(
    argv: Sequence[str],
    timeout: float,
    data: bytes | None = None,
    variables: Mapping[str, str] | None = None,
) -> Finished:
    """Run `argv` to its end. `timeout` is in real seconds; past it the whole process group is killed.

    `data` goes to its standard input, which is empty without; `variables`: what its environment has beside ours.

    Raises TimeoutError, and OSError where the program cannot be started or says more than MAX_OUTPUT bytes.
    """
    try:
        child = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL if data is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env={**environment(), **(variables or {})},
        )
    except ValueError as error:
        # No program can have such an argument: half a character, or a zero byte.
        raise OSError(None, str(error)) from None
    try:
        async with asyncio.timeout(timeout):
            _, stdout, stderr = await asyncio.gather(
                _fed(child.stdin, data), _bounded(child.stdout), _bounded(child.stderr)
            )
            await child.wait()
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await _ended(child)
    return Finished(child.returncode or 0, stdout, stderr)


def in_front(argv: Sequence[str], data: bytes | None = None) -> bool:
    """Give the terminal to a program until it ends, such as a pager; False where it cannot be started, or fails.

    `data` goes to its standard input, which is this process's own without. Ctrl+C is for that program alone.
    """
    import subprocess

    try:
        child = subprocess.Popen(  # noqa: S603 - argv, and no shell
            argv, stdin=None if data is None else subprocess.PIPE, env=environment()
        )
    except (OSError, ValueError):
        return False
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child.communicate(data)
    finally:
        signal.signal(signal.SIGINT, before)
    return child.returncode == 0


async def launch(argv: Sequence[str], seconds: float) -> bool:
    """Start a program that lives on by itself; False where it cannot be started or fails within `seconds` (real)."""
    nowhere = asyncio.subprocess.DEVNULL
    try:
        child = await asyncio.create_subprocess_exec(
            *argv, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True, env=environment()
        )
        async with asyncio.timeout(seconds):
            return await child.wait() == 0
    except TimeoutError:
        return True
    except (OSError, ValueError):
        return False


async def _fed(stdin: asyncio.StreamWriter | None, data: bytes | None) -> None:
    if stdin is None or data is None:
        return
    # A child that does not listen ends as it likes.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(data)
        await stdin.drain()
    stdin.close()


async def _bounded(stream: asyncio.StreamReader | None) -> bytes:
    found = bytearray()
    while stream is not None and (chunk := await stream.read(65_536)):
        found += chunk
        if len(found) > MAX_OUTPUT:
            raise TooMuch
    return bytes(found)


async def _ended(child: asyncio.subprocess.Process) -> None:
    """Wait for the end of a child that was killed, its open pipes taken away: nobody reads on."""
    whole = child._transport  # type: ignore[attr-defined] # asyncio shows no other way to close the pipes
    for number in (1, 2):
        if (pipe := whole.get_pipe_transport(number)) is not None:
            pipe.close()
    await child.wait()
