"""What the watch costs an org, counted by the stand-in org itself."""

from datetime import timedelta
from pathlib import Path

from tests.demo_world import Scene, scene
from tests.virtual_time import run


async def calls(stage: Scene) -> int:
    """API calls of our operator in the first org since the last look."""
    counted = (await stage.ask("/calls"))["orgs"]
    operator = stage.demo.ready()["orgs"]["acme"]["operator"]
    await stage.ask("/calls/reset", now=True)
    return int(counted["acme"].get(operator, 0))


async def passes(stage: Scene, minutes: float) -> None:
    await stage.clock.sleep_until(stage.clock.now() + timedelta(minutes=minutes))


def test_a_healthy_reading_of_several_accounts_is_one_call(tmp_path: Path) -> None:
    async def story() -> list[int]:
        async with scene(tmp_path, scenario="healthy:5") as stage:
            await calls(stage)
            counted = []
            for _ in range(3):
                stage.watcher.check_now()
                await passes(stage, 0.1)
                counted.append(await calls(stage))
            return counted

    assert run(story()) == [1, 1, 1]


def test_an_hour_of_monitoring_costs_a_call_a_reading_and_two_a_quarter(tmp_path: Path) -> None:
    async def story() -> int:
        async with scene(tmp_path, scenario="healthy:5") as stage:
            await calls(stage)
            await passes(stage, 60)
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
                await passes(stage, 0.1)
                counted.append(await calls(stage))
            return counted

    counted = run(story())
    assert all(1 <= each <= 3 for each in counted), counted
    assert counted[0] > 1
