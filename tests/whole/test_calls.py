"""What the watch costs an org, counted by the stand-in org itself."""

from pathlib import Path
from random import Random

from tests.clocks import run
from tests.demo_world import ORIGIN, Scene, config_of, net_of, scene
from tui.base.clock import LoopClock
from tui.demo import serve
from tui.watching.journal import Journal
from tui.watching.watcher import Watcher


async def calls(stage: Scene) -> int:
    """API calls of our operator in the first org since the last look."""
    counted = (await stage.ask("/calls"))["orgs"]
    operator = stage.demo.ready()["orgs"]["acme"]["operator"]
    await stage.ask("/calls/reset", now=True)
    return int(counted["acme"].get(operator, 0))


def test_a_healthy_reading_of_several_accounts_is_one_call(tmp_path: Path) -> None:
    async def story() -> list[int]:
        async with scene(tmp_path, scenario="healthy:5") as stage:
            await calls(stage)
            counted = []
            for _ in range(3):
                stage.watcher.check_now()
                await stage.passes(0.1)
                counted.append(await calls(stage))
            return counted

    assert run(story()) == [1, 1, 1]


def test_an_hour_of_monitoring_costs_a_call_a_reading_and_two_a_quarter(tmp_path: Path) -> None:
    async def story() -> int:
        async with scene(tmp_path, scenario="healthy:5") as stage:
            await calls(stage)
            await stage.passes(60)
            return await calls(stage)

    readings, slow = 60 / (5 * 0.9), 2 * 60 / 15
    assert 60 / (5 * 1.1) <= run(story()) <= readings + slow + 1


def test_a_reading_in_an_error_costs_at_most_two_calls_more(tmp_path: Path) -> None:
    async def story() -> list[int]:
        async with scene(tmp_path, scenario="healthy:5") as stage:
            await calls(stage)
            name = stage.watcher.connections[0].name
            counted = []
            for action in ("freeze", "take_permission", "unfreeze", "give_permission"):
                more = {"permission": "ApiEnabled"} if "permission" in action else {}
                await stage.admin(action, name, **more)
                await calls(stage)
                stage.watcher.check_now()
                await stage.passes(0.1)
                counted.append(await calls(stage))
            return counted

    counted = run(story())
    assert all(1 <= each <= 3 for each in counted), counted
    assert counted[0] > 1


def test_a_check_every_five_minutes_costs_one_call_and_every_fifteen_three(tmp_path: Path) -> None:
    async def story() -> list[int]:
        clock = LoopClock(ORIGIN)
        demo = serve.build("healthy:5", clock, 1)
        net = net_of(demo)
        config = config_of(demo.ready(), tmp_path)
        counted: list[int] = []
        async with demo.running():
            for _ in range(7):
                journal = Journal(tmp_path / "state" / "journal.db")
                watcher = Watcher(config, clock=clock, net=net, journal=journal, random=Random(1))
                async with watcher:
                    async for _ in watcher.states():
                        if all(watcher.progress(c.name).last_try for c in watcher.connections):
                            break
                    stage = Scene(demo, watcher, clock, net)
                    counted.append(await calls(stage))
                await stage.passes(5)
        await net.aclose()
        return counted

    first, *later = run(story())
    assert first <= 6
    assert later == [1, 1, 3, 1, 1, 3]
