"""Virtual time jumps to the next timer, in order, and never hangs."""

import asyncio

import pytest

from tests.virtual_time import NothingToWaitFor, run


def test_a_day_of_sleep_takes_no_time_and_wakes_in_order() -> None:
    async def sleepers() -> list[tuple[float, float]]:
        order: list[tuple[float, float]] = []

        async def sleeper(seconds: float) -> None:
            await asyncio.sleep(seconds)
            order.append((seconds, asyncio.get_running_loop().time()))

        await asyncio.gather(sleeper(86_400), sleeper(60), sleeper(3_600))
        return order

    woken = run(sleepers())
    assert [seconds for seconds, _ in woken] == [60, 3_600, 86_400]
    assert all(at == pytest.approx(seconds, abs=0.001) for seconds, at in woken)


def test_waiting_for_what_never_comes_is_an_error() -> None:
    with pytest.raises(NothingToWaitFor):
        run(asyncio.Event().wait())


def test_a_time_out_runs_in_virtual_time() -> None:
    async def waits() -> None:
        async with asyncio.timeout(600):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run(waits())
