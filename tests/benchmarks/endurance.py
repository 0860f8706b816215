"""A simulated day with faults, again and again: what grows? Memory, descriptors and the journal, day by day."""

import asyncio
import gc
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FunctionType, MethodType, ModuleType

from tests.clocks import run
from tests.demo_world import scene
from tui.demo.simulated_day import Day
from tui.demo.world import World

MEMORY_BOUND = 5_000_000
"""Bytes that one more day may leave in the process, without the records that the stand-in made in it."""

JOURNAL_BOUND = 2_000_000
"""Bytes that one more day may add to the journal of the tour's seven connections."""


@dataclass
class Held:
    """What the process holds at one moment."""

    memory: int
    descriptors: int
    journal: int
    stand_in: int
    """Bytes of what the stand-in's orgs and tenants remember: it lives in the same process."""

    @property
    def own(self) -> int:
        return self.memory - self.stand_in

    def __str__(self) -> str:
        own = f"{self.own / 1e6:.1f} MB beside {self.stand_in / 1e6:.1f} MB of the stand-in's records"
        return f"{own}, {self.descriptors} descriptors, journal {self.journal / 1e3:,.0f} kB"


def weight(root: object) -> int:
    """Bytes of everything that hangs on `root`, classes, modules and functions left out."""
    seen, todo, total = {id(root)}, [root], 0
    while todo:
        each = todo.pop()
        total += sys.getsizeof(each)
        for part in gc.get_referents(each):
            if id(part) not in seen and not isinstance(part, type | ModuleType | FunctionType | MethodType):
                seen.add(id(part))
                todo.append(part)
    return total


def held(folder: Path, world: World) -> Held:
    gc.collect()
    files = (folder / "state").glob("journal.db*")
    return Held(
        int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - counted, not walked
        sum(file.stat().st_size for file in files),
        sum(weight([org.tables, org.sessions, org.cursors, org.attempts]) for org in world.orgs.values())
        + sum(weight(tenant.events) for tenant in world.tenants.values()),
    )


async def _days(folder: Path, count: int, hours: float) -> list[Held]:
    found: list[Held] = []
    async with scene(folder, seed=1) as stage:
        for day in range(count):
            breaking = asyncio.create_task(Day(stage.demo.world, day + 1).run(hours))
            await stage.clock.sleep_until(stage.clock.now() + timedelta(hours=hours))
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
            found.append(held(folder, stage.demo.world))
    return found


def days(count: int, hours: float) -> list[Held]:
    """What is held after each simulated day."""
    with tempfile.TemporaryDirectory() as name:
        return run(_days(Path(name), count, hours))
