"""A simulated day is the same for the same seed, and breaks and repairs through the administrator."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.clocks import run
from tui.base.clock import LoopClock
from tui.demo import serve
from tui.demo.administrator import act
from tui.demo.simulated_day import BREAKS, DISTURBS, Day, Deed, draw_habits

Lived = tuple[list[Deed], dict[str, list[tuple[datetime, str, str | None]]]]


def live(seed: int, hours: float = 24.0, scenario: str = "healthy:3") -> Lived:
    async def day() -> Lived:
        demo = serve.build(scenario, LoopClock(datetime(2026, 11, 22, tzinfo=UTC)), seed)
        draw_habits(demo.world, Random(seed))
        driver = Day(demo.world, seed)
        async with demo.running():
            await driver.run(hours)
        consoles = {name: each.console.history for name, each in demo.world.connections.items()}
        return driver.deeds, consoles

    return run(day())


def test_the_same_seed_lives_the_same_day() -> None:
    assert live(7, hours=10) == live(7, hours=10)


def test_another_seed_lives_another_day() -> None:
    assert live(7, hours=8)[0] != live(8, hours=8)[0]


def test_a_day_has_errors_and_returns() -> None:
    deeds, consoles = live(3)
    shown = {status for history in consoles.values() for _, status, _ in history}
    assert shown == {"Error", "Monitoring"}
    assert len({deed.action for deed in deeds}) >= 4


@pytest.mark.parametrize("seed", [2, 4, 9])
def test_a_day_of_the_tour_breaks_groups_and_apps_too_and_ends(seed: int) -> None:
    deeds, consoles = live(seed, scenario="tour")
    done = {deed.action for deed in deeds}
    assert {"spray_passwords", "foreign_assignments", "take_permission", "freeze"} <= done
    assert {"Error", "Monitoring"} == {status for history in consoles.values() for _, status, _ in history}


def test_days_break_in_every_way_and_disturb_in_every_way() -> None:
    done = {deed.action for seed in (1, 2, 3, 4, 5, 6) for deed in live(seed, scenario="tour")[0]}
    assert set(BREAKS) | set(DISTURBS) <= done


def test_what_happens_beside_stops_nothing() -> None:
    async def day() -> list[object]:
        demo = serve.build("healthy:3", LoopClock(datetime(2026, 11, 22, tzinfo=UTC)), 1)
        async with demo.running():
            for action in DISTURBS:
                for name in demo.world.connections:
                    act(demo.world, {"action": action, "connection": name})
            await demo.world.clock.sleep_until(demo.world.clock.now() + timedelta(hours=2))
        return [each.console.history for each in demo.world.connections.values()]

    assert run(day()) == [[], [], []]
