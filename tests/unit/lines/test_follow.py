"""The walkthrough line by line: what is said, what the keys do, how it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from tests.evidence import ACCOUNT, froze, history, present, profile, signed_in, unfroze
from tests.unit.watching.fakes import EMEA, Person, Scene, another_holder, quiet
from tui.connections.connection import Experience
from tui.connections.repair import Outcome, Result
from tui.connections.state import Status
from tui.console import Exit
from tui.keys import bound
from tui.lines.follow import Follow, LineIO
from tui.rules.required_permissions import REQUIREMENTS
from tui.watching.watcher import Watcher


@dataclass
class Walk:
    """A walkthrough under way."""

    scene: Scene
    watcher: Watcher
    person: Person
    task: asyncio.Task[Exit]

    async def type(self, *lines: str | None) -> str:
        """Type these lines; what was said to it."""
        self.person.type(*lines)
        await quiet()
        return self.person.heard()

    async def after(self, **span: float) -> str:
        """Let time pass; what was said meanwhile."""
        await self.scene.after(**span)
        return self.person.heard()

    async def end(self) -> Exit:
        async with asyncio.timeout(5):
            return await self.task


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state")


@asynccontextmanager
async def walking(
    scene: Scene,
    *,
    experience: Experience | None = None,
    terminal: bool = True,
    keys: dict[str, str] | None = None,
) -> AsyncIterator[Walk]:
    person = Person(terminal)
    async with scene.watcher(standing=False) as watcher:
        io = LineIO(person.hear, person, scene.clock, UTC, REQUIREMENTS, bound(keys or {}), experience)
        task = asyncio.create_task(Follow(watcher, EMEA.name, io).run())
        await quiet()
        yield Walk(scene, watcher, person, task)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def frozen(scene: Scene) -> None:
    """Jane Doe froze the account just now."""
    scene.world.rows = (froze(scene.clock.now()),)
    scene.world.freeze()


async def test_it_says_what_is_wrong_the_first_step_and_the_keys(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        said = walk.person.heard()
    for part in (
        "Acme EMEA: Error since 14:00 UTC",
        "The service account is frozen, by Jane Doe (jane@acme.example)",
        "Step 1 of 4: Sign in, open Setup (Lightning Experience)",
        "link: https://acme.my.salesforce.com/",
        "Type a key and Enter (Enter alone = done): ",
    ):
        assert part in said


async def test_while_the_org_lets_one_wait_what_is_known_is_said_once(scene: Scene) -> None:
    frozen(scene)
    async with scene.watcher(standing=False):
        await scene.after(minutes=1)
    scene.world.blocks = asyncio.Event()
    async with walking(scene) as walk:
        assert "Known from the last reading" not in walk.person.heard()
        said = await walk.after(seconds=5)
        assert "Known from the last reading, " in said
        assert "The service account is frozen, by Jane Doe" in said
        assert await walk.after(seconds=5) == ""
        scene.world.blocks.set()
        assert "Step 1 of 4" in await walk.after(seconds=1)


async def test_an_empty_line_means_done_and_brings_the_next_step(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        walk.person.heard()
        said = await walk.type("")
    assert said.strip().startswith("Step 2 of 4: Find the user")
    assert "Acme EMEA: Error" not in said


async def test_the_other_experience_brings_other_words(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        assert "Press Setup at the upper right" in await walk.type("x")


async def test_the_experience_of_the_command_line_is_taken_from_the_start(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene, experience=Experience.CLASSIC) as walk:
        assert "(Salesforce Classic)" in walk.person.heard()


async def test_a_key_that_does_not_work_now_says_why(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        walk.person.heard()
        assert await walk.type("b") == "This is the first step."


async def test_an_unknown_key_says_which_there_are(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        walk.person.heard()
        assert (await walk.type("dance")).startswith('"dance" does nothing here. Type a key and Enter')


async def test_a_key_can_be_another_by_configuration(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene, keys={"back": "v"}) as walk:
        await walk.type("")
        assert "Step 1 of 4" in await walk.type("v")


async def test_done_on_a_step_that_salesforce_denies_has_to_be_said_twice(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        await walk.type("", "")
        held = await walk.type("")
        assert "Not done yet: Salesforce still shows the user as frozen. Press Enter again" in held
        assert "Step 4" not in held
        assert "You marked it as done. Salesforce still shows the user as frozen." in await walk.type("")


async def test_on_the_wait_enter_goes_back_to_the_step_that_is_not_done(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        assert "Step 3 is not done. Enter goes back to it." in await walk.type("", "", "", "")
        assert "Step 3 of 4: Unfreeze the user" in await walk.type("")


async def test_after_it_the_wait_says_what_is_still_there_and_stays_quiet(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        await walk.type("", "", "")
        said = await walk.type("")
        assert "Step 4 of 4: Wait for Incydr" in said
        assert "Salesforce still shows: The service account is frozen." in said
        assert "After the repair Incydr comes back" in said
        assert "not known how long" not in said
        assert await walk.after(minutes=2) == ""
        assert "Step 3 of 4" in await walk.type("b")


async def test_the_keys_are_said_again_only_when_others_work(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        walk.person.heard()
        assert "Type a key and Enter (Enter alone = done): b Back · " in await walk.type("")
        assert "Type a key" not in await walk.type("")
        assert "Type a key and Enter (Enter alone = back to the step): b Back · f Fix it" in await walk.type(
            "", ""
        )


async def test_whom_to_ask_is_said_once_at_the_step_that_undoes_it(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        said = [walk.person.heard(), await walk.type(""), await walk.type("")]
    assert ["Ask Jane Doe first" in each for each in said] == [False, False, True]


def refused(scene: Scene, minutes_ago: float = 0, count: int = 9, *, other: str = "Warehouse Sync") -> None:
    """Salesforce has refused the account since `minutes_ago`; Incydr's app has used little of the quota."""
    now = scene.clock.now()
    rows = (
        signed_in("Incydr", at=now - timedelta(minutes=30), count=40),
        signed_in(other, at=now - timedelta(minutes=9), count=3_600),
        signed_in(other, "Login rate exceeded", at=now - timedelta(minutes=minutes_ago), count=count),
    )
    scene.world.show(sign_ins=history(*rows))


async def test_counts_of_a_rate_limit_are_said_once(scene: Scene) -> None:
    refused(scene)
    async with walking(scene) as walk:
        said = walk.person.heard()
        assert said.count("Warehouse Sync: at least 3,609") == 1
        for minute in range(3):
            refused(scene, minute, count=10 + minute)
            assert await walk.after(minutes=1) == ""


async def test_another_user_of_the_quota_is_news_and_the_step_is_not_said_again(scene: Scene) -> None:
    refused(scene)
    async with walking(scene) as walk:
        walk.person.heard()
        refused(scene, other="Data Loader")
        said = await walk.after(minutes=1)
    assert "Data Loader: at least 3,609" in said
    assert "Step 1" not in said
    assert "Type a key" not in said


async def test_an_hour_that_ends_much_later_is_news(scene: Scene) -> None:
    refused(scene)
    async with walking(scene) as walk:
        walk.person.heard()
        said = ""
        for _ in range(15):
            refused(scene)
            said += await walk.after(minutes=1)
    assert said.count("the hourly limit ends") in (1, 2)


async def test_done_on_a_rate_limit_waits_and_does_not_come_back(scene: Scene) -> None:
    refused(scene)
    async with walking(scene) as walk:
        said = await walk.type("", "")
        assert "Salesforce still shows: Too many sign-ins within the hour." in said
        assert "When this has ended" in said
        assert await walk.after(minutes=2) == ""


async def test_a_cause_that_another_replaces_is_told_with_who_mended_it(scene: Scene) -> None:
    scene.world.show(grants=(profile("ApiEnabled"),))
    async with walking(scene) as walk:
        scene.world.show(grants=(profile("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents"),))
        frozen(scene)
        said = await walk.after(minutes=1)
    assert "No longer so: The service account lacks" in said
    assert "New: The service account is frozen." in said


async def test_a_tested_step_is_read_every_ten_seconds_and_says_nothing_while_nothing_changes(
    scene: Scene,
) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        await walk.type("", "")
        reads = len(scene.world.reads)
        assert await walk.after(seconds=11) == ""
        assert len(scene.world.reads) == reads + 1


async def test_a_reading_that_was_asked_for_is_said(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        walk.person.heard()
        assert await walk.type("r") == "checked at 14:00:00: Error"


async def test_what_somebody_else_repaired_is_named_and_the_wait_begins(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        await walk.type("", "")
        scene.world.rows = (unfroze(scene.clock.now() + timedelta(seconds=5)), *scene.world.rows)
        scene.clock.advance(timedelta(seconds=5))
        scene.world.unfreeze()
        said = await walk.after(seconds=6)
    assert said.count("Repaired by Jane Doe (jane@acme.example) at 14:00:05 (from the audit trail).") == 1
    assert "Step 4 of 4: Wait for Incydr" in said


async def test_f_shows_the_change_and_sends_it_once_the_username_is_typed(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        shown = await walk.type("f")
        assert "IsFrozen: true → false" in shown
        assert f"Type {ACCOUNT} to go on." in shown
        assert scene.world.sent == []
        said = await walk.type(ACCOUNT)
    assert "Unfreeze: done, and confirmed by Salesforce." in said
    assert "Step 4 of 4: Wait for Incydr" in said
    assert len(scene.world.sent) == 1


async def test_another_answer_sends_nothing(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        await walk.type("f")
        assert "Nothing was sent." in await walk.type("y")
    assert scene.world.sent == []


async def test_where_nobody_did_it_yes_is_enough(scene: Scene) -> None:
    scene.world.freeze()
    async with walking(scene) as walk:
        assert "Type y to apply it" in await walk.type("f")
        await walk.type("y")
    assert len(scene.world.sent) == 1


async def test_the_return_ends_it_with_its_proof(scene: Scene) -> None:
    scene.world.freeze()
    async with walking(scene) as walk:
        await walk.type("f", "y")
        scene.clock.advance(timedelta(minutes=3))
        scene.world.incydr_signs_in()
        said = await walk.after(minutes=1)
        assert "Incydr is back: Incydr signed in at 14:03:00." in said
        assert "remonitor report 'Acme EMEA'" in said
        assert await walk.end() is Exit.OK


async def test_the_operators_word_counts_after_the_repair(scene: Scene) -> None:
    scene.world.freeze()
    async with walking(scene) as walk:
        await walk.type("f", "y")
        await walk.after(minutes=4)
        assert "Does the Incydr console show Monitoring for Acme EMEA now?" in await walk.type("m")
        assert "Nothing was recorded." in await walk.type("")
        said = await walk.type("m", "y")
        assert await walk.end() is Exit.OK
    assert said.count("The report for the ticket: remonitor report 'Acme EMEA'") == 1
    recovery = present(present(walk.watcher.state(EMEA.name)).recovery)
    assert present(recovery.returned).by == "ops@acme.example"


async def test_a_long_wait_gives_a_sign_every_five_minutes_and_no_more(scene: Scene) -> None:
    scene.world.freeze()
    async with walking(scene) as walk:
        await walk.type("f", "y")
        said = [line for _ in range(16) if (line := await walk.after(minutes=1))]
    assert len(said) == 3
    assert all(line.startswith("checked at 14:") for line in said)


async def test_an_org_that_stops_answering_is_said_and_the_walk_stays(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        walk.person.heard()
        scene.world.hide()
        said = await walk.after(minutes=2)
        assert "Unknown since" in said
        assert "was: Error" in said
        assert not walk.task.done()


async def test_q_leaves_with_what_check_would_say_and_names_the_way_back(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        assert "remonitor resume 'Acme EMEA'" in await walk.type("q")
        assert await walk.end() is Exit.ERROR


async def test_a_signal_that_ends_it_names_the_way_back_too(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        walk.person.heard()
        walk.task.cancel()
        await asyncio.gather(walk.task, return_exceptions=True)
        assert walk.person.heard() == "The walkthrough is kept. To go on: remonitor resume 'Acme EMEA'"


async def test_the_help_tells_how_to_leave_here(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        said = await walk.type("?")
    assert "q: Leave the program (also ctrl+c)." in said
    assert "twice" not in said


async def test_the_end_of_a_terminals_input_leaves_too(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        await walk.type(None)
        assert await walk.end() is Exit.ERROR


async def test_the_end_of_a_pipe_leaves_it_watching_to_the_return(scene: Scene) -> None:
    scene.world.freeze()
    async with walking(scene, terminal=False) as walk:
        await walk.type("f", "y", None)
        assert not walk.task.done()
        scene.clock.advance(timedelta(minutes=3))
        scene.world.incydr_signs_in()
        await walk.after(minutes=1)
        assert await walk.end() is Exit.OK


async def test_with_nothing_to_fix_it_says_so_and_ends(scene: Scene) -> None:
    async with walking(scene) as walk:
        assert await walk.end() is Exit.OK
        assert "Nothing to fix: Acme EMEA is Monitoring." in walk.person.heard()


async def test_an_org_that_never_answered_ends_it_with_the_reason(scene: Scene) -> None:
    scene.world.hide()
    async with walking(scene) as walk:
        assert await walk.end() is Exit.UNKNOWN
        said = walk.person.heard()
    assert "no answer" in said
    assert said.count("Try later.") == 1


async def test_a_walkthrough_goes_on_at_the_step_where_another_process_left_it(scene: Scene) -> None:
    frozen(scene)
    async with walking(scene) as walk:
        await walk.type("")
    async with walking(scene) as walk:
        assert "Step 2 of 4" in walk.person.heard()


async def test_a_cause_that_came_before_says_so_at_its_step(scene: Scene) -> None:
    for _ in range(2):
        scene.world.freeze()
        async with walking(scene) as walk:
            said = await walk.type("", "")
            await walk.type("f", "y")
            await walk.after(minutes=3)
            scene.world.incydr_signs_in()
            await walk.after(minutes=1)
            assert present(walk.watcher.state(EMEA.name)).status is Status.MONITORING
    assert "fix the source" in said


async def test_beside_another_process_that_watches_it_reads_and_walks_by_itself(scene: Scene) -> None:
    frozen(scene)
    async with another_holder(scene), walking(scene) as walk:
        assert "Step 1 of 4" in walk.person.heard()
        assert "Step 2 of 4" in await walk.type("")


async def test_after_a_refusal_f_shows_the_other_way(scene: Scene) -> None:
    scene.world.show(grants=(profile("ApiEnabled"),))
    scene.world.outcome = Outcome(Result.REFUSED, "no", error_code="INSUFFICIENT_ACCESS_OR_READONLY")
    async with walking(scene) as walk:
        await walk.type("f")
        assert "Another way: Grant by a permission set. f shows what it changes." in await walk.type("y")
        assert "new PermissionSet: Incydr Monitoring Access" in await walk.type("f")
