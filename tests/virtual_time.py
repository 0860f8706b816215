"""An event loop whose time jumps to the next timer when nothing is ready: a simulated day in seconds.

Only for work that stays inside the process (ASGI apps called directly, `LoopClock`): a loop that waits
for a real socket has no next timer, and says so instead of hanging.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

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
    """Starts at time 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.time


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)
