"""Time, as a value that is handed in: nobody in this program asks the machine for the time elsewhere."""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. Times are aware and in UTC."""

    def now(self) -> datetime: ...

    async def sleep_until(self, when: datetime) -> None:
        """Return at `when`, at once if it has passed. The wait itself runs on the monotonic clock."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, when: datetime) -> None:
        await asyncio.sleep(max(0.0, (when - self.now()).total_seconds()))


class ScaledClock:
    """A clock that runs `speed` times as fast, from one origin that several processes can share.

    `origin` is the simulated time at the real time `epoch` (seconds since 1970, as `time.time()`).
    """

    def __init__(self, origin: datetime, epoch: float, speed: float) -> None:
        self.origin = origin.astimezone(UTC)
        self.epoch = epoch
        self.speed = speed
        # Read the wall clock once: the rest runs on the monotonic clock and cannot jump.
        self._shift = time.time() - time.monotonic() - epoch

    def now(self) -> datetime:
        return self.origin + timedelta(seconds=(time.monotonic() + self._shift) * self.speed)

    async def sleep_until(self, when: datetime) -> None:
        await asyncio.sleep(max(0.0, (when - self.now()).total_seconds()) / self.speed)


class LoopClock:
    """A clock that follows the running event loop's time: under a loop with virtual time it is simulated."""

    def __init__(self, origin: datetime) -> None:
        self.origin = origin.astimezone(UTC)
        self._start: float | None = None

    def now(self) -> datetime:
        loop_time = asyncio.get_running_loop().time()
        if self._start is None:
            self._start = loop_time
        return self.origin + timedelta(seconds=loop_time - self._start)

    async def sleep_until(self, when: datetime) -> None:
        await asyncio.sleep(max(0.0, (when - self.now()).total_seconds()))


class ManualClock:
    """A clock that stands still until `advance` moves it; sleepers wake in the order of their times."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, when: datetime) -> None:
        if when <= self._now:
            await asyncio.sleep(0)
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (when, next(self._order), waiting))
        await waiting

    def advance(self, by: timedelta) -> None:
        """Move the clock and wake everybody whose time has come."""
        self._now += by
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, waiting = heapq.heappop(self._sleepers)
            if not waiting.done():
                waiting.set_result(None)

    def next_wake(self) -> datetime | None:
        """When the first sleeper wants to wake, or None."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None


async def sleep_until_event(clock: Clock, moment: datetime, event: asyncio.Event) -> None:
    """Return at `moment`, or earlier once `event` is set."""
    tasks = [asyncio.ensure_future(clock.sleep_until(moment)), asyncio.ensure_future(event.wait())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        # A cancellation that arrives here is meant for the loop: it must not be swallowed.
        await asyncio.gather(*tasks, return_exceptions=True)
