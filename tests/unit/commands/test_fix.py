"""`fix`: what it asks, what it sends, with which code it ends."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.evidence import ACCOUNT, OPERATOR, PROFILE, PROFILE_ID, froze, profile, rights
from tests.unit.watching.fakes import EMEA, UNFREEZE, Person, Scene, another_holder
from tui.base.problem import Problem
from tui.commands.fix import Fix, FixOptions
from tui.connections.evidence import Reach
from tui.connections.repair import Outcome, Result
from tui.connections.state import Status
from tui.console import Exit


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state")


async def fixed(scene: Scene, options: FixOptions, *answers: str | None) -> tuple[Exit, str, str]:
    """Run it with these answers; its code, what it shows, what it tells."""
    person, told = Person(), list[str]()
    person.type(*answers, None)
    async with scene.watcher(standing=False) as watcher, asyncio.timeout(5):
        fix = Fix(watcher, EMEA.name, options, scene.clock, person, person.hear, told.append)
        code = await fix.run()
    return code, person.heard(), "\n".join(told)


def frozen_by_jane(scene: Scene) -> None:
    scene.world.rows = (froze(scene.clock.now()),)
    scene.world.freeze()


async def test_yes_sends_the_repair_and_says_what_became_of_it(scene: Scene) -> None:
    scene.world.freeze()
    code, shown, told = await fixed(scene, FixOptions(), "y")
    assert code is Exit.OK
    assert "IsFrozen: true → false" in shown
    assert "Unfreeze: done, and confirmed by Salesforce." in shown
    assert "remonitor wait 'Acme EMEA'" in told
    assert len(scene.world.sent) == 1


@pytest.mark.parametrize("answer", ["", "n", None])
async def test_any_other_answer_sends_nothing(scene: Scene, answer: str | None) -> None:
    scene.world.freeze()
    code, _, told = await fixed(scene, FixOptions(), answer)
    assert (code, scene.world.sent) == (Exit.NO, [])
    assert "Nothing was sent" in told
    assert "--yes" in told


async def test_with_yes_on_the_command_line_nobody_is_asked(scene: Scene) -> None:
    scene.world.freeze()
    code, _, _ = await fixed(scene, FixOptions(yes=True))
    assert (code, len(scene.world.sent)) == (Exit.OK, 1)


async def test_a_dry_run_shows_and_sends_nothing(scene: Scene) -> None:
    scene.world.freeze()
    code, shown, _ = await fixed(scene, FixOptions(dry_run=True, yes=True))
    assert (code, scene.world.sent) == (Exit.OK, [])
    assert "IsFrozen: true → false" in shown


async def test_what_another_person_did_is_not_undone_by_yes_alone(scene: Scene) -> None:
    frozen_by_jane(scene)
    code, shown, told = await fixed(scene, FixOptions(yes=True))
    assert (code, scene.world.sent) == (Exit.NO, [])
    assert "Ask Jane Doe first: is there a security incident?" in shown
    assert f"--confirm {ACCOUNT}" in told


async def test_the_username_on_the_command_line_confirms_it(scene: Scene) -> None:
    frozen_by_jane(scene)
    code, _, _ = await fixed(scene, FixOptions(confirm=ACCOUNT))
    assert (code, len(scene.world.sent)) == (Exit.OK, 1)


async def test_another_username_does_not(scene: Scene) -> None:
    frozen_by_jane(scene)
    code, _, _ = await fixed(scene, FixOptions(yes=True, confirm="someone@acme.example"), ACCOUNT)
    assert (code, scene.world.sent) == (Exit.NO, [])


@pytest.mark.parametrize(("typed", "sent"), [(ACCOUNT, 1), ("y", 0), ("", 0)])
async def test_the_username_can_be_typed(scene: Scene, typed: str, sent: int) -> None:
    frozen_by_jane(scene)
    await fixed(scene, FixOptions(), typed)
    assert len(scene.world.sent) == sent


@pytest.mark.parametrize("result", [Result.REFUSED, Result.CHANGED_BEFORE, Result.UNKNOWN])
async def test_a_repair_that_does_not_apply_is_no(scene: Scene, result: Result) -> None:
    scene.world.freeze()
    scene.world.outcome = Outcome(result, "Why it is so.", "What to do.")
    code, shown, _ = await fixed(scene, FixOptions(yes=True))
    assert code is Exit.NO
    assert "Why it is so. What to do." in shown


async def test_after_a_refusal_the_other_way_is_shown_and_asked_about(scene: Scene) -> None:
    scene.world.show(grants=(profile("ApiEnabled"),))
    scene.world.outcome = Outcome(Result.REFUSED, "no", error_code="INSUFFICIENT_ACCESS_OR_READONLY")
    code, shown, told = await fixed(scene, FixOptions(), "y", "n")
    assert (code, len(scene.world.sent)) == (Exit.NO, 1)
    assert "Another way: Grant by a permission set." in told
    assert "new PermissionSet: Incydr Monitoring Access" in shown


async def test_where_the_other_way_is_refused_too_it_ends(scene: Scene) -> None:
    scene.world.show(grants=(profile("ApiEnabled"),))
    scene.world.outcome = Outcome(Result.REFUSED, "no", error_code="INSUFFICIENT_ACCESS_OR_READONLY")
    code, _, _ = await fixed(scene, FixOptions(yes=True))
    assert code is Exit.NO
    assert [r.title for r in scene.world.sent] == ["Grant on Incydr Integration", "Grant by a permission set"]


async def test_a_cause_that_is_there_again_after_its_repair_is_no_and_is_not_sent_twice(scene: Scene) -> None:
    scene.world.freeze()
    scene.world.unfreeze = lambda name="": None  # type: ignore[method-assign]
    code, _, told = await fixed(scene, FixOptions(yes=True))
    assert (code, len(scene.world.sent)) == (Exit.NO, 1)
    assert "the cause is there again" in told


async def test_where_repairs_are_off_the_reason_is_said(scene: Scene) -> None:
    config = scene.config()
    orgs = {name: replace(org, allow_repairs=False) for name, org in config.orgs.items()}
    scene.config = lambda *_: replace(config, orgs=orgs)  # type: ignore[method-assign]
    scene.world.freeze()
    code, _, told = await fixed(scene, FixOptions(yes=True))
    assert (code, scene.world.sent) == (Exit.NO, [])
    assert "allow_repairs = true" in told


async def test_with_nothing_to_repair_all_is_well(scene: Scene) -> None:
    code, _, told = await fixed(scene, FixOptions(yes=True))
    assert code is Exit.OK
    assert "There is nothing to repair." in told


async def test_what_cannot_be_read_is_not_repaired(scene: Scene) -> None:
    scene.world.hide()
    code, _, told = await fixed(scene, FixOptions(yes=True))
    assert (code, scene.world.sent) == (Exit.UNKNOWN, [])
    assert "no answer" in told


async def test_an_org_that_no_longer_answers_could_not_be_asked(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as watcher:
        assert watcher.state(EMEA.name).status is Status.ERROR
    scene.clock.advance(timedelta(minutes=2))
    scene.world.hide()
    code, _, told = await fixed(scene, FixOptions())
    assert (code, scene.world.sent) == (Exit.UNKNOWN, [])
    assert "no answer" in told


async def test_the_username_is_asked_for_where_it_can_be_typed_and_beside_the_data(scene: Scene) -> None:
    frozen_by_jane(scene)
    question = f"Type {ACCOUNT} to go on:"
    _, shown, told = await fixed(scene, FixOptions(dry_run=True))
    assert question not in shown + told
    _, shown, told = await fixed(scene, FixOptions(), "")
    assert (question in shown, question in told) == (False, True)


async def test_without_a_journal_the_reason_is_told_once_and_that_nothing_was_sent(scene: Scene) -> None:
    scene.world.freeze()
    (scene.folder.parent / "file").write_text("in the way")
    scene.folder = scene.folder.parent / "file" / "state"
    code, _, told = await fixed(scene, FixOptions(yes=True))
    assert (code, scene.world.sent) == (Exit.NO, [])
    assert told.splitlines()[-1] == "Nothing was sent: the journal must have a change first."


async def test_beside_another_process_that_watches_it_repairs_all_the_same(scene: Scene) -> None:
    scene.world.freeze()
    async with another_holder(scene):
        code, _, _ = await fixed(scene, FixOptions(yes=True))
    assert (code, len(scene.world.sent)) == (Exit.OK, 1)


async def test_while_another_change_of_the_record_is_under_way_nothing_is_sent(scene: Scene) -> None:
    scene.world.freeze()
    journal = scene.journal
    await journal.open()
    await journal.intend(EMEA.name, UNFREEZE, "jane@acme.example", scene.clock.now())
    await journal.close()
    # By a process that lives: pid 1 is never this one.
    with sqlite3.connect(journal.path) as raw:
        raw.execute("UPDATE changes SET pid = 1")
    with pytest.raises(Problem, match="A change is under way"):
        await fixed(scene, FixOptions(yes=True))
    assert scene.world.sent == []


def shared_profile(scene: Scene) -> None:
    """The only right that is there changes profiles; the profile has 312 users."""
    scene.world.show(
        grants=(profile("ApiEnabled"),),
        reach=Reach(PROFILE_ID, 312),
        rights=rights(OPERATOR, "ManageProfilesPermissionsets"),
    )


@pytest.mark.parametrize(
    ("options", "typed", "sent"),
    [
        (FixOptions(yes=True), None, 0),
        (FixOptions(), "y", 0),
        (FixOptions(), ACCOUNT, 0),
        (FixOptions(), PROFILE, 1),
        (FixOptions(confirm=ACCOUNT), None, 0),
        (FixOptions(yes=True, confirm=PROFILE), None, 1),
    ],
)
async def test_a_profile_that_others_have_too_is_changed_only_by_its_typed_name(
    scene: Scene, options: FixOptions, typed: str | None, sent: int
) -> None:
    shared_profile(scene)
    code, shown, told = await fixed(scene, options, typed)
    assert f"Profile {PROFILE}: 312 users get these permissions." in shown
    assert len(scene.world.sent) == sent
    if not sent:
        assert code is Exit.NO
        assert f"--confirm '{PROFILE}'" in told
