"""What changed in Salesforce between two readings, as lines of the history."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import JANE, froze, permission_set, profile, unreadable
from tests.unit.watching.fakes import EMEA, Scene
from tui import wording
from tui.watching.entry import EntryKind, rings
from tui.watching.watcher import Watcher


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state")


async def told(watcher: Watcher) -> list[str]:
    """The differences that the history tells, oldest first."""
    entries = reversed(await watcher.history(EMEA.name))
    return [wording.entry_text(entry) for entry in entries if entry.kind is EntryKind.DIFFERENCE]


def freeze(scene: Scene) -> None:
    scene.world.rows = (froze(scene.clock.now(), JANE),)
    scene.world.freeze()


async def test_who_changed_what_is_told_once(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await scene.after(minutes=4)
        freeze(scene)
        for _ in range(5):
            await scene.after(minutes=2)
        assert await told(watcher) == ["Jane Doe froze the user"]


async def test_it_is_dated_by_the_row_that_tells_it(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await scene.after(minutes=4)
        freeze(scene)
        at = scene.clock.now()
        await scene.after(minutes=2)
        (entry,) = [e for e in await watcher.history(EMEA.name) if e.kind is EntryKind.DIFFERENCE]
        assert entry.at == at
        assert not rings(entry)


async def test_the_first_reading_has_nothing_to_compare_with(scene: Scene) -> None:
    freeze(scene)
    async with scene.watcher() as watcher:
        assert await told(watcher) == []


async def test_what_changed_between_two_processes_is_told_too(scene: Scene) -> None:
    async with scene.watcher():
        pass
    scene.clock.advance(timedelta(minutes=30))
    freeze(scene)
    async with scene.watcher() as watcher:
        assert await told(watcher) == ["Jane Doe froze the user"]


async def test_what_is_no_cause_is_told_as_well(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        scene.world.show(grants=(profile(), permission_set()))
        await scene.after(minutes=6)
        assert await told(watcher) == ["the permission set Incydr Access was assigned"]


async def test_a_part_that_comes_and_goes_is_no_change(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        scene.world.show(freeze=unreadable())
        await scene.after(minutes=6)
        scene.world.unfreeze()
        await scene.after(minutes=6)
        assert await told(watcher) == []
