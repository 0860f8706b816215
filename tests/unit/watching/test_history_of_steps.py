"""What the history tells of steps and repairs: what was done, by whose word, and nothing that did not happen."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import unreadable
from tests.unit.watching.fakes import EMEA, UNFREEZE, Scene, quiet
from tui import wording
from tui.watching.entry import Entry, EntryKind
from tui.watching.watcher import Watcher

OPERATOR = "ops@acme.example"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path / "state")
    made.world.freeze()
    return made


async def steps(watcher: Watcher) -> list[Entry]:
    """What the history tells of the walkthrough since it was begun, oldest first."""
    entries = reversed(await watcher.history(EMEA.name))
    return [entry for entry in entries if entry.kind is EntryKind.STEP][1:]


async def told(watcher: Watcher) -> list[str]:
    return [wording.entry_text(entry) for entry in await steps(watcher)]


async def test_a_step_without_a_test_is_done_by_the_operators_word(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        await watcher.step_done(EMEA.name)
        assert await told(watcher) == [f'step "Sign in, open Setup": done, says {OPERATOR}']


async def test_who_began_the_walkthrough_is_told(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        begun = (await watcher.history(EMEA.name))[0]
        assert wording.entry_text(begun) == f"walkthrough begun by {OPERATOR}"


async def test_a_word_that_salesforce_contradicts_is_told_with_the_contradiction(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        for _ in range(3):
            await watcher.step_done(EMEA.name)
        await quiet()
        said = await told(watcher)
        assert said[2] == f'step "Unfreeze the user": done, says {OPERATOR}; Salesforce did not show it'
        assert not any("confirmed" in line or "Wait" in line for line in said)


async def test_a_step_whose_test_is_met_is_confirmed_by_salesforce(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        scene.world.unfreeze()
        await scene.after(minutes=1)
        assert await told(watcher) == ['step "Unfreeze the user": done, confirmed by Salesforce']


async def test_a_tick_that_salesforce_takes_back_is_no_step_done(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        scene.world.unfreeze()
        await scene.after(minutes=1)
        scene.world.freeze()
        await scene.after(minutes=1)
        assert (await told(watcher))[-1] == (
            'step "Unfreeze the user": opened again, Salesforce shows that it is not done'
        )


async def test_going_back_opens_the_step_again(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        await watcher.step_skip(EMEA.name)
        await watcher.step_back(EMEA.name)
        assert await told(watcher) == [
            f'step "Sign in, open Setup": skipped by {OPERATOR}',
            f'step "Sign in, open Setup": opened again by {OPERATOR}',
        ]


async def test_another_experience_is_no_step(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        await watcher.switch_experience(EMEA.name)
        assert await told(watcher) == []


async def test_an_operator_whose_name_cannot_be_read_is_the_operator(scene: Scene) -> None:
    scene.world.show(rights=unreadable())
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        await watcher.step_done(EMEA.name)
        assert await told(watcher) == ['step "Sign in, open Setup": done, says the operator']


async def test_a_step_is_dated_by_the_clock_of_the_org(scene: Scene) -> None:
    ahead = timedelta(minutes=3)
    scene.world.show(read_at=scene.clock.now() - ahead)
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        await watcher.step_done(EMEA.name)
        (entry,) = await steps(watcher)
        assert entry.at == scene.clock.now() + ahead


async def test_a_sent_change_is_dated_by_the_clock_of_the_org_too(scene: Scene) -> None:
    ahead = timedelta(minutes=3)
    scene.world.show(read_at=scene.clock.now() - ahead)
    async with scene.watcher() as watcher:
        await watcher.repair(EMEA.name, UNFREEZE)
        (entry,) = [e for e in await watcher.history(EMEA.name) if e.kind is EntryKind.CHANGE]
        assert entry.at == scene.clock.now() + ahead
