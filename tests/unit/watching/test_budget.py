"""What readings by themselves may cost an org in a day, and who is never throttled."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.unit.watching.fakes import EMEA, Scene, quiet
from tui.config import AppSettings, Config, Intervals
from tui.connections.state import Status
from tui.watching import schedule

LIMIT = 15_000


class Costly(Scene):
    """An org that counts its calls and names its limit; each reading costs what `each` says."""

    limit: int | None = LIMIT
    each = 1
    pace = Intervals()

    def config(self, *names: str) -> Config:
        return replace(super().config(*names), app=AppSettings(intervals=self.pace))

    def cost(self) -> None:
        self.world.show(api_calls=self.each, api_used=0, api_limit=self.limit)


@pytest.fixture
def scene(tmp_path: Path) -> Costly:
    made = Costly(tmp_path / "state")
    made.cost()
    return made


async def calls_in(scene: Costly, span: timedelta, pace: timedelta = timedelta(seconds=5)) -> int:
    before, end = len(scene.world.reads), scene.clock.now() + span
    while scene.clock.now() < end:
        wake = scene.clock.next_wake()
        step = max(pace, wake - scene.clock.now()) if wake is not None else pace
        await scene.after(seconds=step.total_seconds())
    return (len(scene.world.reads) - before) * scene.each


@pytest.mark.parametrize("each", [1, 3])
async def test_a_whole_day_in_error_costs_at_most_a_tenth_of_the_days_calls(scene: Costly, each: int) -> None:
    scene.each = each
    scene.cost()
    scene.world.freeze()
    async with scene.watcher() as w:
        spent = await calls_in(scene, timedelta(hours=24))
        assert 0.05 * LIMIT < spent <= 0.1 * LIMIT + 2 * each
        assert w.progress(EMEA.name).throttled


async def test_the_share_is_the_configurations(scene: Costly) -> None:
    scene.pace = Intervals(share_error=2)
    scene.world.freeze()
    async with scene.watcher():
        assert await calls_in(scene, timedelta(hours=24)) <= 0.02 * LIMIT + 2


@pytest.mark.parametrize("limit", [None, 5_000_000])
async def test_where_there_is_plenty_nothing_is_throttled(scene: Costly, limit: int | None) -> None:
    scene.limit = limit
    scene.cost()
    scene.world.freeze()
    async with scene.watcher() as w:
        assert await calls_in(scene, timedelta(hours=12)) >= 12 * 60 - 2
        assert not w.progress(EMEA.name).throttled


async def test_what_a_person_asks_for_is_never_throttled(scene: Costly) -> None:
    scene.pace = Intervals(share_error=1)
    scene.world.freeze()
    async with scene.watcher() as w:
        await calls_in(scene, timedelta(hours=20))
        assert w.progress(EMEA.name).throttled
        read = len(scene.world.reads)
        for _ in range(5):
            w.check_now(EMEA.name)
            await quiet()
            scene.clock.advance(timedelta(seconds=2))
        assert len(scene.world.reads) == read + 5


async def test_a_key_that_is_held_reads_once_in_two_seconds_and_the_last_press_counts(scene: Costly) -> None:
    async with scene.watcher() as w:
        before = len(scene.world.reads)
        for _ in range(10):
            w.check_now(EMEA.name)
            await scene.after(seconds=0.1)
        assert len(scene.world.reads) == before + 1
        await scene.after(seconds=1)
        assert len(scene.world.reads) == before + 2
        await scene.after(seconds=10)
        assert len(scene.world.reads) == before + 2


async def at_a_step(scene: Costly, span: timedelta) -> float:
    """Seconds between two readings."""
    before = len(scene.world.reads)
    await calls_in(scene, span, timedelta(seconds=1))
    return span.total_seconds() / (len(scene.world.reads) - before)


async def test_a_walkthrough_that_is_left_open_reads_less_and_less_and_a_key_brings_it_back(
    scene: Costly,
) -> None:
    scene.limit = 5_000_000
    scene.pace = Intervals(error=600)
    scene.cost()
    scene.world.freeze()
    async with scene.watcher() as w:
        await w.walk(EMEA.name)
        w.attend(EMEA.name)
        for _ in range(2):
            await w.step_done(EMEA.name)
        await quiet()
        assert await at_a_step(scene, timedelta(minutes=4)) == pytest.approx(10, abs=1)
        await calls_in(scene, timedelta(minutes=2))
        assert await at_a_step(scene, timedelta(minutes=20)) == pytest.approx(60, abs=5)
        await calls_in(scene, timedelta(minutes=6))
        assert await at_a_step(scene, timedelta(hours=2)) == pytest.approx(600, abs=60)
        w.touch()
        await quiet()
        assert await at_a_step(scene, timedelta(minutes=4)) == pytest.approx(10, abs=1)


@pytest.mark.parametrize("limit", [-1, 0, 1, 5, None])
def test_a_limit_that_makes_no_sense_stops_nothing(limit: int | None) -> None:
    wait = schedule.wait_within_share((5, 100), limit, 0.1, timedelta(hours=1))
    assert timedelta(0) <= wait <= timedelta(hours=1)


async def test_a_recovery_counts_like_an_error(scene: Costly) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        scene.world.unfreeze()
        spent = await calls_in(scene, timedelta(hours=24))
        assert w.state(EMEA.name).status is Status.RECOVERING
        assert spent <= 0.1 * LIMIT + 2
