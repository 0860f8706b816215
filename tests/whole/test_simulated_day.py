"""Over a simulated day of breakages and repairs the derived status is held against the stand-in's console."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.clocks import run
from tests.demo_world import Scene, scene
from tui.connections.state import Status
from tui.demo import administrator
from tui.demo.simulated_day import Day, draw_habits
from tui.demo.world import World

LOOK = timedelta(seconds=30)
"""How often truth and status are compared."""

INTERVAL = timedelta(minutes=5 * 1.1)
"""The reading interval while Monitoring, with its jitter."""

SLOW = timedelta(minutes=15)
"""Streaming is a slow fact: it may be this old."""

NOTICED = timedelta(minutes=20)
"""How long Incydr may take to notice what happened."""

BROUGHT = {action: cause for cause, (action, _) in administrator.BREAKS.items()} | {
    "add_login_range": "sign_in_blocked",
    "block_app": "sign_in_blocked",
    "change_expiration": "permissions_missing",
    "remove_group_component": "permissions_missing",
    "restrict_app": "sign_in_blocked",
}
"""The cause that each deed of the day can bring about."""

OF_THE_ORG = ("block_app", "disable_streaming", "restrict_app", "suspend_org")
"""Deeds that every connection of the org feels."""


@dataclass
class Comparison:
    """What a day of comparing brought."""

    lies: list[str] = field(default_factory=list)
    looks: Counter[tuple[str, str]] = field(default_factory=Counter)
    since: dict[str, datetime] = field(default_factory=dict)
    invented: set[tuple[str, str]] = field(default_factory=set)
    """Causes that were told of a connection to which nobody did such a thing."""

    def look(self, now: datetime, name: str, shown: str, console: str, message: str | None) -> None:
        self.looks[shown, console] += 1
        if shown != Status.MONITORING or console != "Error":
            self.since.pop(name, None)
            return
        began = self.since.setdefault(name, now)
        # The console has no documented sentence for streaming: an error without one is that slow fact.
        slow = timedelta(0) if message else SLOW + NOTICED
        if now - began > INTERVAL + LOOK + slow:
            self.lies.append(f"{name} at {now:%H:%M:%S}, since {began:%H:%M:%S}, console: {message!r}")


async def a_day(stage: Scene, seed: int, hours: float) -> Comparison:
    clock, comparison, the_day = stage.clock, Comparison(), Day(stage.demo.world, seed)
    breaking = asyncio.create_task(the_day.run(hours))
    names = stage.demo.world.connections
    possible = {(name, cause) for name in names for cause in stage.state(name).diagnosis.causes}
    end, seen = clock.now() + timedelta(hours=hours), 0
    while clock.now() < end:
        await clock.sleep_until(clock.now() + LOOK)
        truth = await stage.ask("/truth")
        for deed in the_day.deeds[seen:]:
            org = names[deed.connection].org
            hit = {n for n in names if deed.action in OF_THE_ORG and names[n].org == org} | {deed.connection}
            possible |= {(name, BROUGHT.get(deed.action, "")) for name in hit}
        seen = len(the_day.deeds)
        for name, said in truth["connections"].items():
            state = stage.state(name)
            comparison.look(clock.now(), name, state.status, said["status"], said["message"])
            comparison.invented |= {(name, cause) for cause in state.diagnosis.causes} - possible
    breaking.cancel()
    return comparison


@pytest.mark.parametrize(("seed", "hours"), [(1, 24.0), (2, 8.0)])
def test_monitoring_is_never_claimed_while_the_console_shows_error(
    seed: int, hours: float, tmp_path: Path
) -> None:
    async def day() -> Comparison:
        def habits(world: World) -> None:
            draw_habits(world, Random(f"habits:{seed}"))

        async with scene(tmp_path, seed=seed, prepare=habits) as stage:
            return await a_day(stage, seed, hours)

    comparison = run(day())
    looks = comparison.looks
    assert comparison.lies == []
    assert comparison.invented == set()
    # The day was eventful, and the status followed it: most looks agree.
    assert looks["Error", "Error"] > 40 * hours
    assert looks["Monitoring", "Monitoring"] > 40 * hours
    wrong = looks["Monitoring", "Error"] + looks["Recovering", "Monitoring"] + looks["Error", "Monitoring"]
    assert wrong < 0.15 * looks.total()
