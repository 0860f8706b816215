"""`undo`: what it asks, what it sends, with which code it ends."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import ACCOUNT
from tests.unit.watching.fakes import EMEA, UNFREEZE, Person, Scene
from tui.commands.fix import FixOptions
from tui.commands.undo import Undo
from tui.connections.repair import Outcome, Repair, Result
from tui.connections.state import Status
from tui.console import Exit


@pytest.fixture
async def scene(tmp_path: Path) -> Scene:
    """An account that was unfrozen by this program a minute ago."""
    scene = Scene(tmp_path / "state")
    scene.world.freeze()
    async with scene.watcher(standing=False) as watcher:
        await watcher.repair(EMEA.name, UNFREEZE)
    scene.world.sent.clear()
    scene.clock.advance(timedelta(minutes=1))
    return scene


async def undone(
    scene: Scene, options: FixOptions, *answers: str | None, word: bool = False
) -> tuple[Exit, str, str]:
    """Run it with these answers; its code, what it shows, what it tells."""
    person, told = Person(), list[str]()
    person.type(*answers, None)
    async with scene.watcher(standing=False) as watcher, asyncio.timeout(5):
        undo = Undo(watcher, EMEA.name, options, scene.clock, person, person.hear, told.append)
        code = await (undo.withdrawn() if word else undo.run())
    return code, person.heard(), "\n".join(told)


async def test_with_the_name_typed_it_is_set_back_and_said(scene: Scene) -> None:
    code, shown, told = await undone(scene, FixOptions(), ACCOUNT)
    assert code is Exit.OK
    assert 'Undo "Unfreeze": Acme EMEA' in shown
    assert "IsFrozen: false → true" in shown
    assert "This stops monitoring. It brings back: The service account is frozen." in shown
    assert "confirmed by Salesforce" in shown
    assert "Acme EMEA: Error since" in told
    (sent,) = scene.world.sent
    assert sent.takes_back


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (FixOptions(), "y"),
        (FixOptions(), None),
        (FixOptions(yes=True), None),
        (FixOptions(confirm="somebody@acme.example"), ACCOUNT),
    ],
)
async def test_without_the_name_nothing_is_sent(
    scene: Scene, options: FixOptions, answer: str | None
) -> None:
    code, _, told = await undone(scene, options, answer)
    assert (code, scene.world.sent) == (Exit.NO, [])
    assert f"--confirm {ACCOUNT}" in told


async def test_the_name_may_be_given_on_the_command_line(scene: Scene) -> None:
    code, _, _ = await undone(scene, FixOptions(confirm=ACCOUNT))
    assert (code, len(scene.world.sent)) == (Exit.OK, 1)


async def test_a_dry_run_shows_and_sends_nothing(scene: Scene) -> None:
    code, shown, _ = await undone(scene, FixOptions(dry_run=True))
    assert (code, scene.world.sent) == (Exit.OK, [])
    assert "IsFrozen: false → true" in shown


async def test_it_is_taken_back_once(scene: Scene) -> None:
    await undone(scene, FixOptions(confirm=ACCOUNT))
    code, _, told = await undone(scene, FixOptions(confirm=ACCOUNT))
    assert (code, len(scene.world.sent)) == (Exit.NO, 1)
    assert told == "The last repair is already undone."


async def test_after_a_day_it_is_too_late(scene: Scene) -> None:
    scene.clock.advance(timedelta(hours=24))
    code, _, told = await undone(scene, FixOptions(confirm=ACCOUNT))
    assert (code, scene.world.sent) == (Exit.NO, [])
    assert "older than 24 hours" in told


@pytest.mark.parametrize("result", [Result.REFUSED, Result.CHANGED_BEFORE, Result.UNKNOWN])
async def test_what_does_not_apply_is_no_and_offers_no_other_way(scene: Scene, result: Result) -> None:
    scene.world.outcome = Outcome(result, "Why it is so.", "What to do.")
    code, shown, told = await undone(scene, FixOptions(confirm=ACCOUNT))
    assert code is Exit.NO
    assert "Why it is so. What to do." in shown
    assert "Another way" not in told


async def test_an_org_that_does_not_answer_is_unknown(scene: Scene) -> None:
    scene.world.hide()
    code, _, told = await undone(scene, FixOptions(confirm=ACCOUNT))
    assert (code, scene.world.sent) == (Exit.UNKNOWN, [])
    assert told


async def test_the_word_is_taken_back_after_a_yes(scene: Scene) -> None:
    async with scene.watcher(standing=False) as watcher:
        assert await watcher.say_monitoring(EMEA.name, "ops")
        assert watcher.state(EMEA.name).status is Status.MONITORING
    code, _, told = await undone(scene, FixOptions(), "n", word=True)
    assert code is Exit.NO
    assert "Nothing was changed." in told
    code, shown, told = await undone(scene, FixOptions(), "y", word=True)
    assert code is Exit.OK
    assert "Withdraw this?" in shown
    assert "Recovering" in told
    code, _, told = await undone(scene, FixOptions(yes=True), word=True)
    assert (code, told) == (Exit.NO, "You have not said that the console shows Monitoring.")
    assert scene.world.sent == []


def test_what_is_typed_is_part_of_what_is_kept() -> None:
    assert Repair("x", "X", ()).takes_back is False
