"""Time in tests: an event loop that jumps to its next timer, and a machine in a zone whose clock changes."""

import asyncio
import selectors
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


class NothingToWaitFor(RuntimeError):
    """Every task waits for something that no timer will ever bring."""


class _JumpingSelector(selectors.DefaultSelector):
    """Never sleeps: adds the time it was to sleep to `time`."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise NothingToWaitFor("no task is ready and no timer is set")
        self.time += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Starts at time 0, and jumps to its next timer when nothing is ready.

    Only for work that stays inside the process (ASGI apps called directly, `LoopClock`): a loop that waits
    for a real socket has no next timer, and says so instead of hanging.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.time


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)


POSIX = {
    "Europe/Berlin": "CET-1CEST,M3.5.0,M10.5.0/3",
    "America/New_York": "EST5EDT,M3.2.0,M11.1.0",
    "Australia/Lord_Howe": "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
}
"""The rules of these zones as a TZ variable can spell them, for machines without a zone database."""


@contextmanager
def machine_in(tz: str) -> Iterator[None]:
    """The machine's own zone, by the TZ variable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", tz)
        time.tzset()
        yield
    time.tzset()
