"""A simulated day with faults, again and again: what grows? Memory, descriptors and the journal, day by day."""

import asyncio
import gc
import os
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.demo_world import scene
from tests.virtual_time import run
from tui.demo.day import Day

MEMORY_BOUND = 10_000_000
"""Bytes of the process that one more day may leave; what the stand-in remembers of it is among them."""

JOURNAL_BOUND = 2_000_000
"""Bytes that one more day may add to the journal of the tour's seven connections."""


@dataclass
class Held:
    """What the process holds at one moment."""

    memory: int
    descriptors: int
    journal: int

    def __str__(self) -> str:
        return f"{self.memory / 1e6:.1f} MB, {self.descriptors} descriptors, journal {self.journal / 1e3:,.0f} kB"


def held(folder: Path) -> Held:
    gc.collect()
    files = (folder / "state").glob("journal.db*")
    return Held(
        int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - counted, not walked
        sum(file.stat().st_size for file in files),
    )


async def _days(folder: Path, count: int, hours: float) -> list[Held]:
    found: list[Held] = []
    async with scene(folder, seed=1) as stage:
        for day in range(count):
            breaking = asyncio.create_task(Day(stage.demo.world, day + 1).run(hours))
            await stage.clock.sleep_until(stage.clock.now() + timedelta(hours=hours))
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
            found.append(held(folder))
    return found


def days(count: int, hours: float) -> list[Held]:
    """What is held after each simulated day; the stand-in lives in the same process and is counted too."""
    with tempfile.TemporaryDirectory() as name:
        return run(_days(Path(name), count, hours))
