"""A simulated day is the same for the same seed, and breaks and repairs through the administrator."""

from datetime import UTC, datetime
from random import Random

from tests.virtual_time import run
from tui.base.clock import LoopClock
from tui.demo import serve
from tui.demo.day import Day, draw_habits


def live(seed, hours=24.0):
    async def day():
        demo = serve.build("healthy:3", LoopClock(datetime(2026, 11, 22, tzinfo=UTC)), seed)
        draw_habits(demo.world, Random(seed))
        driver = Day(demo.world, seed)
        async with demo.running():
            await driver.run(hours)
        consoles = {name: each.console.history for name, each in demo.world.connections.items()}
        return driver.deeds, consoles

    return run(day())


def test_the_same_seed_lives_the_same_day():
    assert live(7, hours=10) == live(7, hours=10)


def test_another_seed_lives_another_day():
    assert live(7, hours=8)[0] != live(8, hours=8)[0]


def test_a_day_has_errors_and_returns():
    deeds, consoles = live(3)
    shown = {status for history in consoles.values() for _, status, _ in history}
    assert shown == {"Error", "Monitoring"}
    assert len({deed.action for deed in deeds}) >= 4
