"""The clocks: who sleeps wakes at his time, in the order of the times."""

import asyncio
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.clocks import run
from tui.base.clock import Clock, LoopClock, ManualClock, ScaledClock, SystemClock

START = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def test_sleepers_wake_in_the_order_of_their_times() -> None:
    async def story() -> list[int]:
        clock, woken = ManualClock(START), []

        async def sleep(minutes: int) -> None:
            await clock.sleep_until(START + timedelta(minutes=minutes))
            woken.append(minutes)

        tasks = [asyncio.create_task(sleep(m)) for m in (3, 1, 2)]
        await asyncio.sleep(0)
        assert clock.next_wake() == START + timedelta(minutes=1)
        clock.advance(timedelta(minutes=2))
        await asyncio.sleep(0)
        assert woken == [1, 2]
        clock.advance(timedelta(minutes=1))
        await asyncio.gather(*tasks)
        assert clock.next_wake() is None
        return woken

    assert asyncio.run(story()) == [1, 2, 3]


def test_a_cancelled_sleeper_is_forgotten() -> None:
    async def story() -> None:
        clock = ManualClock(START)
        task = asyncio.create_task(clock.sleep_until(START + timedelta(minutes=1)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert clock.next_wake() is None
        clock.advance(timedelta(minutes=2))

    asyncio.run(story())


def test_the_past_is_never_waited_for() -> None:
    async def story() -> None:
        clocks: tuple[Clock, ...] = (SystemClock(), ManualClock(START), ScaledClock(START, time.time(), 60))
        for clock in clocks:
            await clock.sleep_until(clock.now() - timedelta(hours=1))

    asyncio.run(story())


def test_two_scaled_clocks_of_one_origin_agree() -> None:
    epoch = time.time() - 10
    one, other = ScaledClock(START, epoch, 60), ScaledClock(START, epoch, 60)
    assert abs(one.now() - other.now()) < timedelta(seconds=60)
    assert one.now() >= START + timedelta(minutes=10)


def test_the_loops_clock_follows_virtual_time() -> None:
    async def story() -> datetime:
        clock = LoopClock(START)
        clock.now()
        await clock.sleep_until(START + timedelta(days=1))
        return clock.now()

    assert run(story()) >= START + timedelta(days=1)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=2), "CEST")])
def test_all_times_are_aware_and_in_utc_wherever_the_start_was_told(zone: timezone) -> None:
    start = START.astimezone(zone)

    async def story() -> None:
        for clock in (
            SystemClock(),
            ManualClock(start),
            ScaledClock(start, time.time(), 2),
            LoopClock(start),
        ):
            assert clock.now().utcoffset() == timedelta(0)
        assert ManualClock(start).now() == START
        assert ManualClock(start).now().isoformat() == START.isoformat()

    asyncio.run(story())
