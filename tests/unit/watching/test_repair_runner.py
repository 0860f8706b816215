"""Repairs: written down before they are sent, read back, and what is offered after the org refused one."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import present, profile
from tests.unit.watching.fakes import EMEA, UNFREEZE, Scene
from tui.base.problem import Problem
from tui.connections.repair import Outcome, Repair, Result
from tui.connections.state import Status
from tui.watching.entry import EntryKind
from tui.watching.watcher import Watcher

NO = "INSUFFICIENT_ACCESS_OR_READONLY"
FIRST, SECOND = "Grant on Incydr Integration", "Grant by a permission set"


@pytest.fixture
def without_permissions(tmp_path: Path) -> Scene:
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


async def test_after_a_refusal_the_other_way_is_offered(without_permissions: Scene) -> None:
    assert await after(without_permissions, Outcome(Result.REFUSED, "no", error_code=NO)) == SECOND


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(Result.REFUSED, "no answer"),
        Outcome(Result.REFUSED, "busy", error_code="UNABLE_TO_LOCK_ROW"),
        Outcome(Result.CHANGED_BEFORE),
        Outcome(Result.UNKNOWN),
    ],
)
async def test_what_may_succeed_the_next_time_stays_offered(
    without_permissions: Scene, outcome: Outcome
) -> None:
    assert await after(without_permissions, outcome) == FIRST


async def test_once_the_cause_was_gone_the_first_way_counts_again(without_permissions: Scene) -> None:
    without_permissions.world.outcome = Outcome(Result.REFUSED, "no", error_code=NO)
    async with without_permissions.watcher() as watcher:
        await watcher.repair(EMEA.name, offered(watcher))
        without_permissions.world.show(grants=(profile(),))
        await without_permissions.after(minutes=5)
        assert watcher.repair_offers(EMEA.name) == ()
        without_permissions.world.show(grants=(profile("ApiEnabled"),))
        await without_permissions.after(minutes=5)
        assert offered(watcher).title == FIRST


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state")


class TestRepair:
    async def test_it_is_sent_journalled_and_read_back_into_recovering(self, scene: Scene) -> None:
        scene.world.freeze()
        async with scene.watcher() as w:
            await scene.after(minutes=1)
            (outcome,) = await w.repair(EMEA.name, UNFREEZE)
            assert outcome.result == Result.APPLIED
            state = w.state(EMEA.name)
            assert state.status is Status.RECOVERING
            assert state.recovery.repaired.how == "program"
            changes = [e for e in await w.history(EMEA.name) if e.kind is EntryKind.CHANGE]
            assert [(e.by, e.result) for e in changes] == [("ops@acme.example", "applied")]

    async def test_a_refused_one_leaves_the_error(self, scene: Scene) -> None:
        scene.world.freeze()
        scene.world.outcome = Outcome(Result.REFUSED, "No.")
        async with scene.watcher() as w:
            await w.repair(EMEA.name, UNFREEZE)
            assert present(w.state(EMEA.name)).status is Status.ERROR

    @pytest.mark.parametrize("fault", [KeyError("surprise"), Problem("No answer", "Cut off.", "Look.")])
    async def test_one_that_falls_through_has_an_unknown_outcome(
        self, scene: Scene, fault: Exception
    ) -> None:
        scene.world.freeze()
        scene.world.mending_fault = fault
        async with scene.watcher() as w:
            (outcome,) = await w.repair(EMEA.name, UNFREEZE)
            assert outcome.result == Result.UNKNOWN
            assert present(w.state(EMEA.name)).status is Status.ERROR

    async def test_it_is_offered_where_the_operator_may(self, scene: Scene) -> None:
        scene.world.freeze()
        async with scene.watcher() as w:
            (offer,) = w.repair_offers(EMEA.name)
            assert offer.cause == "user_frozen"

    async def test_an_intent_without_outcome_is_read_back_and_never_sent_again(self, scene: Scene) -> None:
        scene.world.freeze()
        async with scene.watcher():
            await scene.after(minutes=1)
        journal = scene.journal
        await journal.open()
        await journal.intend(EMEA.name, UNFREEZE, "ops@acme.example", scene.clock.now())
        await journal.close()
        scene.clock.advance(timedelta(seconds=20))
        scene.world.unfreeze()
        async with scene.watcher() as w:
            assert scene.world.asked_back == [UNFREEZE]
            assert scene.world.sent == []
            assert w.state(EMEA.name).recovery.repaired.how == "program"
        journal = scene.journal
        await journal.open()
        assert await journal.open_intents() == ()
        await journal.close()

    async def test_an_intent_that_is_not_in_force_is_closed_as_not_applied(self, scene: Scene) -> None:
        scene.world.freeze()
        scene.world.in_force = False
        journal = scene.journal
        await journal.open()
        await journal.intend(EMEA.name, UNFREEZE, "ops@acme.example", scene.clock.now())
        await journal.close()
        async with scene.watcher() as w:
            results = [e.result for e in await w.history(EMEA.name) if e.kind is EntryKind.CHANGE]
            assert results == ["not_applied"]
            assert present(w.state(EMEA.name)).status is Status.ERROR

    async def test_an_intent_that_nobody_can_read_back_stays_open_until_the_org_answers(
        self, scene: Scene
    ) -> None:
        scene.world.hide()
        scene.world.in_force = None
        journal = scene.journal
        await journal.open()
        await journal.intend(EMEA.name, UNFREEZE, "ops@acme.example", scene.clock.now())
        await journal.close()
        async with scene.watcher() as w:
            assert await w.history(EMEA.name) == ()
            scene.world.answer()
            scene.world.freeze()
            scene.world.in_force = False
            await scene.after(minutes=5)
            changes = [e.result for e in await w.history(EMEA.name) if e.kind is EntryKind.CHANGE]
            assert changes == ["not_applied"]
