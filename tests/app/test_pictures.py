"""The pictures in screenshots/ are the real app over the demo world, with the clock held still."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from random import Random

import pytest
from textual.pilot import Pilot

from tests.demo_world import ORIGIN, config_of, net_of
from tui.app.app import RemonitorApp
from tui.base.clock import ManualClock
from tui.config import Config
from tui.connections.state import Status
from tui.demo import serve
from tui.watching.journal import Journal
from tui.watching.watcher import Watcher

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
FROZEN = "Acme EMEA"


@dataclass
class Show:
    """The app on the demo world; time passes only by `wait`."""

    app: RemonitorApp
    pilot: Pilot[int]
    clock: ManualClock
    watcher: Watcher

    async def settle(self) -> None:
        """Let everybody do what can be done without time passing."""
        for _ in range(60):
            for _ in range(50):
                await asyncio.sleep(0)
            await self.pilot.pause()
            if not any(self.watcher.progress(c.name).reading for c in self.watcher.connections):
                break
        await self.app.main.draw_detail()
        self.app.main.tick()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def wait(self, minutes: float) -> None:
        """Let simulated time pass in small steps, as it would."""
        for _ in range(round(minutes * 6)):
            self.clock.advance(timedelta(seconds=10))
            await self.settle()

    def status(self) -> Status:
        state = self.watcher.state(FROZEN)
        assert state is not None
        return state.status

    async def repair(self) -> None:
        """Walk to the third step and let the program unfreeze the user."""
        await self.press("enter")
        await self.press("enter")
        await self.press("enter")
        await self.press("f")
        await self.press(*"incydr.emea@acme.example", "enter")


@contextlib.asynccontextmanager
async def show(folder: Path, size: tuple[int, int]) -> AsyncIterator[Show]:
    clock = ManualClock(ORIGIN)
    demo = serve.build("tour", clock, seed=1)
    net = net_of(demo)
    config = config_of(demo.ready(), folder)
    watcher = Watcher(
        config, clock=clock, net=net, journal=Journal(folder / "state" / "journal.db"), random=Random(1)
    )

    @contextlib.asynccontextmanager
    async def opened(_: Config) -> AsyncIterator[Watcher]:
        async with watcher:
            yield watcher

    app = RemonitorApp(config, clock=clock, open_watcher=opened, tz=UTC)
    async with demo.running(), app.run_test(size=size) as pilot:
        here = Show(app, pilot, clock, watcher)
        while not all(watcher.progress(c.name).last_try for c in watcher.connections):
            await here.settle()
        await here.settle()
        yield here
    await net.aclose()


def picture(app: RemonitorApp) -> str:
    """The screen as SVG, without the addresses of fonts on the web."""
    svg = app.export_screenshot(title="remonitor")
    return re.sub(r',\s*url\("https?://[^)]*\)\s*format\("[^"]*"\)', "", svg)


def compare(request: pytest.FixtureRequest, name: str, app: RemonitorApp) -> None:
    path, drawn = SCREENSHOTS / f"{name}.svg", picture(app)
    if request.config.getoption("--refresh-pictures"):
        path.write_text(drawn)
    assert path.exists(), f"no picture {path.name}: run with --refresh-pictures and look at it"
    assert drawn == path.read_text(), f"{path.name} differs: look, then run with --refresh-pictures"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_main_screen(size: tuple[int, int], tmp_path: Path, request: pytest.FixtureRequest) -> None:
    async with show(tmp_path, size) as here:
        compare(request, f"main-{size[0]}x{size[1]}", here.app)


SIZES = [(120, 36), (80, 24)]


def name_of(what: str, size: tuple[int, int]) -> str:
    return f"{what}-{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", SIZES)
async def test_a_step(size: tuple[int, int], tmp_path: Path, request: pytest.FixtureRequest) -> None:
    async with show(tmp_path, size) as here:
        for _ in range(3):
            await here.press("enter")
        compare(request, name_of("step", size), here.app)


async def test_the_question_before_a_change(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    async with show(tmp_path, (80, 24)) as here:
        for key in ("enter", "enter", "enter", "f"):
            await here.press(key)
        await here.press(*"incydr.emea@acme.example")
        compare(request, "question-80x24", here.app)


@pytest.mark.parametrize("size", SIZES)
async def test_waiting(size: tuple[int, int], tmp_path: Path, request: pytest.FixtureRequest) -> None:
    async with show(tmp_path, size) as here:
        await here.repair()
        await here.wait(minutes=2)
        assert here.status() is Status.RECOVERING
        compare(request, name_of("waiting", size), here.app)


@pytest.mark.parametrize("size", SIZES)
async def test_returned(size: tuple[int, int], tmp_path: Path, request: pytest.FixtureRequest) -> None:
    async with show(tmp_path, size) as here:
        await here.repair()
        while here.status() is not Status.MONITORING:
            await here.wait(minutes=1)
            assert here.clock.now() < ORIGIN + timedelta(minutes=25)
        compare(request, name_of("returned", size), here.app)
