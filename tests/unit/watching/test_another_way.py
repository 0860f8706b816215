"""What is offered after the org refused a repair."""

from pathlib import Path

import pytest

from tests.evidence import profile
from tests.unit.watching.fakes import EMEA, Scene
from tui.connections.repair import Outcome, Repair, Result
from tui.watching.watcher import Watcher

NO = "INSUFFICIENT_ACCESS_OR_READONLY"
FIRST, SECOND = "Grant on Incydr Integration", "Grant by a permission set"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """An account whose profile lost permissions."""
    scene = Scene(tmp_path / "state")
    scene.world.show(grants=(profile("ApiEnabled"),))
    return scene


def offered(watcher: Watcher) -> Repair:
    (offer,) = watcher.repair_offers(EMEA.name)
    assert isinstance(offer, Repair)
    return offer


async def after(scene: Scene, outcome: Outcome) -> str:
    """What is offered once the first repair ended so."""
    scene.world.outcome = outcome
    async with scene.watcher() as watcher:
        assert offered(watcher).title == FIRST
        await watcher.repair(EMEA.name, offered(watcher))
        return offered(watcher).title


async def test_after_a_refusal_the_other_way_is_offered(scene: Scene) -> None:
    assert await after(scene, Outcome(Result.REFUSED, "no", error_code=NO)) == SECOND


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(Result.REFUSED, "no answer"),
        Outcome(Result.REFUSED, "busy", error_code="UNABLE_TO_LOCK_ROW"),
        Outcome(Result.CHANGED_BEFORE),
        Outcome(Result.UNKNOWN),
    ],
)
async def test_what_may_succeed_the_next_time_stays_offered(scene: Scene, outcome: Outcome) -> None:
    assert await after(scene, outcome) == FIRST


async def test_once_the_cause_was_gone_the_first_way_counts_again(scene: Scene) -> None:
    scene.world.outcome = Outcome(Result.REFUSED, "no", error_code=NO)
    async with scene.watcher() as watcher:
        await watcher.repair(EMEA.name, offered(watcher))
        scene.world.show(grants=(profile(),))
        await scene.after(minutes=5)
        assert watcher.repair_offers(EMEA.name) == ()
        scene.world.show(grants=(profile("ApiEnabled"),))
        await scene.after(minutes=5)
        assert offered(watcher).title == FIRST
