"""Over a simulated day of breakages and repairs the derived status is held against the stand-in's console."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.demo_world import Scene, scene
from tests.virtual_time import run
from tui.connections.status import Status
from tui.demo.day import Day, draw_habits

STEP = timedelta(seconds=20)
"""How often truth and status are compared."""

INTERVAL = timedelta(minutes=5 * 1.1) + STEP
"""The reading interval while Monitoring, with its jitter and the coarseness of the comparison."""


async def watch_a_day(stage: Scene, hours: float) -> tuple[list[str], Counter[tuple[str, str]]]:
    """Lies (Monitoring shown for longer than an interval while the console shows Error), and time by pair."""
    clock = stage.clock
    lies: list[str] = []
    lying_since = {}
    minutes: Counter[tuple[str, str]] = Counter()
    end = clock.now() + timedelta(hours=hours)
    while clock.now() < end:
        await clock.sleep_until(clock.now() + STEP)
        now = clock.now()
        for name, shown in (await stage.truth()).items():
            state = stage.state(name)
            minutes[state.status, shown] += 1
            if state.status is Status.MONITORING and shown == "Error":
                since = lying_since.setdefault(name, now)
                if now - since > INTERVAL:
                    lies.append(f"{name} at {now:%H:%M:%S}, since {since:%H:%M:%S}: {state.life}")
            else:
                lying_since.pop(name, None)
    return lies, minutes


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_monitoring_is_never_claimed_while_the_console_shows_error(seed: int, tmp_path: Path) -> None:
    async def day() -> tuple[list[str], Counter[tuple[str, str]]]:
        async with scene(
            tmp_path, seed=seed, prepare=lambda world: draw_habits(world, Random(f"habits:{seed}"))
        ) as stage:
            import asyncio

            breaking = asyncio.create_task(Day(stage.demo.world, seed).run(24))
            try:
                return await watch_a_day(stage, 24)
            finally:
                breaking.cancel()

    lies, minutes = run(day())
    print(minutes)
    assert lies == []
