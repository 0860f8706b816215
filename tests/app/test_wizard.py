"""The walkthrough on screen: steps, repair, waiting, return."""

from datetime import timedelta

import pytest

from tests.app.stage import FROZEN_AT, Stage, frozen, named, stage, state_of
from tests.evidence import (
    ACCOUNT,
    JANE,
    NOW,
    OPERATOR,
    PROFILE,
    PROFILE_ID,
    evidence,
    froze,
    history,
    login,
    profile,
    rights,
    signed_in,
    trail,
    unfroze,
    unreadable,
)
from tui.causes.user_frozen import CAUSE
from tui.config import Intervals
from tui.connections import walkthrough as walks
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence, Reach
from tui.connections.walkthrough import Walkthrough
from tui.rules.required_permissions import REQUIREMENTS
from tui.watching import walking

EMEA = "Acme EMEA"
HALF_WAY = walks.done(
    walks.plan([("user_frozen", step) for step in CAUSE.steps], Experience.LIGHTNING, NOW), NOW
)
SOON = NOW + timedelta(minutes=5)


def by_me() -> Evidence:
    """Frozen by the operator himself: nothing has to be typed."""
    me = ("Alex Kim", OPERATOR)
    return evidence(freeze=login(frozen=True, modified=FROZEN_AT), audit=trail(froze(FROZEN_AT, me)))


def repaired(by: tuple[str, str] = JANE) -> Evidence:
    """Unfrozen by `by` two minutes later; Incydr has not signed in yet."""
    now = NOW + timedelta(minutes=3)
    return evidence(
        now=now,
        sign_ins=history(signed_in(at=FROZEN_AT - timedelta(minutes=10), count=12)),
        freeze=login(modified=NOW + timedelta(minutes=2)),
        audit=trail(unfroze(NOW + timedelta(minutes=2), by), froze(FROZEN_AT)),
    )


def returned() -> Evidence:
    """Incydr's app has signed in after the repair."""
    return evidence(now=SOON, sign_ins=history(signed_in(at=SOON, count=13)), audit=trail(froze(FROZEN_AT)))


def without_permissions(users: int) -> Evidence:
    """Two permissions are missing; the account's profile has so many users."""
    may = rights(OPERATOR, "ManageProfilesPermissionsets")
    return evidence(grants=(profile("ApiEnabled"),), reach=Reach(PROFILE_ID, users), rights=may)


async def to_the_tested_step(s: Stage) -> None:
    await s.press("enter", "enter", "enter")


async def to_the_wait(s: Stage) -> None:
    """Open the wizard, then somebody else unfreezes."""
    await s.press("enter")
    s.clock.advance(timedelta(minutes=3))
    await s.reads(EMEA, repaired())


async def test_enter_opens_the_walkthrough_at_its_first_step() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter")
        assert "1 of 4 · Sign in, open Setup" in s.text()
        assert "▸ 1 Sign in, open Setup" in s.text()


async def test_connection_status_and_cause_stay_visible_on_every_step() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        for _ in range(3):
            await s.press("enter")
            head = "Acme EMEA · Error · The service account is frozen by Jane Doe at 13:42"
            assert head in s.text()


@pytest.mark.parametrize(
    ("width", "head"),
    [
        (
            100,
            "Acme EMEA · Error · frozen by Jane Doe at 13:42                   Lightning Experience   x Classic",
        ),
        (80, "Acme EMEA · Error · frozen by Jane Doe at 13:42                      x Classic"),
        (50, "Acme EMEA · Error · frozen by Jane Doe at 13:42"),
        (40, "Acme EMEA · Error · frozen by Jane Do…"),
    ],
)
async def test_where_there_is_less_room_the_head_keeps_the_cause(width: int, head: str) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, size=(width, 24)) as s:
        await s.app.main.commands.open_wizard(EMEA)
        await s.settle()
        assert s.text().splitlines()[1].strip() == head


def attended(s: Stage) -> bool:
    """Whether the watcher knows that somebody waits at an open step: it reads for him sooner."""
    next_at = s.watcher.progress(EMEA).next_at
    assert next_at is not None
    return next_at - NOW == timedelta(seconds=10)


async def test_the_walkthrough_is_attended_while_it_is_open() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, intervals=Intervals()) as s:
        await to_the_tested_step(s)
        assert attended(s)
        await s.press("escape")
        assert not attended(s)


async def test_enter_on_a_step_that_salesforce_denies_holds_the_cursor_once() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_tested_step(s)
        await s.press("enter")
        assert "Not done yet: Salesforce still shows the user as frozen." in s.text()
        assert "3 of 4 · Unfreeze the user" in s.text()
        await s.press("enter")
        assert "You marked it as done. Salesforce still shows the user as frozen." in s.text()
        assert "4 of 4 · Wait for Incydr" in s.text()
        assert "! 3 Unfreeze the user" in s.text()
        assert "• 1 Sign in, open Setup" in s.text()


async def test_the_marks_outlive_the_program_and_help_explains_them() -> None:
    said = walks.plan([("user_frozen", step) for step in CAUSE.steps], Experience.LIGHTNING, NOW)
    for _ in range(3):
        said = walks.done(said, NOW)
    async with stage(EMEA, readings={EMEA: frozen()}, left=[(EMEA, said, NOW)], size=(120, 90)) as s:
        await s.press("c")
        assert "! 3 Unfreeze the user" in s.text()
        assert "Step 3 is not done. Enter goes back to it." in s.text()
        await s.press("enter")
        assert "3 of 4 · Unfreeze the user" in s.text()
        await s.press("question_mark")
        assert "You said so, but Salesforce shows that it is not done." in s.text()


async def test_after_it_the_wait_says_what_is_still_there_and_stays_over_the_next_reading() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_tested_step(s)
        await s.press("enter", "enter")
        await s.reads(EMEA, frozen(now=NOW + timedelta(minutes=1)))
        text = s.text()
        assert "4 of 4 · Wait for Incydr" in text
        assert "Salesforce still shows: The service account is frozen." in text
        assert "After the repair Incydr comes back" in text
        assert "f Fix it for me" in text
        assert "Console: Monitoring" not in text
        await s.press("b")
        assert "3 of 4 · Unfreeze the user" in s.text()


async def test_x_changes_words_breadcrumb_and_link() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_tested_step(s)
        lightning = s.app.main.wizard.link
        assert "Setup › Administration › Users › Users" in s.text()
        await s.press("x")
        assert "Setup › Administer › Manage Users › Users" in s.text()
        assert "Salesforce Classic   x Lightning" in s.text()
        assert s.app.main.wizard.link != lightning


async def test_b_goes_back_and_s_skips() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter", "s")
        assert "– 1 Sign in, open Setup" in s.text()
        await s.press("b")
        assert "1 of 4" in s.text()


async def test_leaving_keeps_the_walkthrough() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_tested_step(s)
        await s.press("escape", "enter")
        assert "3 of 4 · Unfreeze the user" in s.text()


async def test_f_shows_what_will_change_before_it_asks() -> None:
    async with stage(EMEA, readings={EMEA: by_me()}) as s:
        await s.press("enter", "f")
        text = s.text()
        assert "UserLogin" in text
        assert "IsFrozen: true → false" in text
        assert f"in acme.my.salesforce.com, as {OPERATOR}" in text
        assert s.answers.sent == []


async def test_y_sends_the_repair_and_the_wizard_waits() -> None:
    async with stage(EMEA, readings={EMEA: by_me()}) as s:
        s.answers.after_repair = {EMEA: repaired(("Alex Kim", OPERATOR))}
        await s.press("enter", "f", "y")
        assert [repair.cause for repair in s.answers.sent] == ["user_frozen"]
        assert "Unfreeze: done, and confirmed by Salesforce." in s.text()
        assert "4 of 4 · Wait for Incydr" in s.text()


async def test_after_a_repair_that_changed_nothing_another_one_can_be_sent() -> None:
    async with stage(EMEA, readings={EMEA: by_me()}) as s:
        await s.press("enter", "f", "y")
        await s.press("f", "y")
        assert s.toasts() == []
        assert [repair.cause for repair in s.answers.sent] == ["user_frozen", "user_frozen"]


@pytest.mark.parametrize("key", ["escape", "n"])
async def test_a_refused_question_sends_nothing(key: str) -> None:
    async with stage(EMEA, readings={EMEA: by_me()}) as s:
        await s.press("enter", "f", key)
        assert s.answers.sent == []
        assert "1 of 4" in s.text()


async def test_where_another_person_did_it_the_username_has_to_be_typed() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter", "f", *"yes", "enter")
        assert "Ask Jane Doe first" in s.text()
        assert s.answers.sent == []
        await s.press("backspace", "backspace", "backspace", *ACCOUNT, "enter")
        assert len(s.answers.sent) == 1


async def test_a_profile_that_others_have_too_wants_its_name_typed_and_says_whom_it_reaches() -> None:
    async with stage(EMEA, readings={EMEA: without_permissions(312)}, size=(120, 40)) as s:
        await s.press("enter", "f", *ACCOUNT, "enter")
        assert "312 users get these permissions" in s.text()
        assert "Customize Application (PermissionsCustomizeApplication): false → true" in s.text()
        assert s.answers.sent == []
        await s.press("ctrl+u", *PROFILE, "enter")
        assert [repair.confirm for repair in s.answers.sent] == [PROFILE]


@pytest.mark.parametrize(
    ("reading", "line"),
    [
        (frozen(), "IsFrozen: true → false"),
        (by_me(), "IsFrozen: true → false"),
        (
            without_permissions(312),
            "Customize Application (PermissionsCustomizeApplication): false → true (1 of 5)",
        ),
        (
            without_permissions(1),
            "Customize Application (PermissionsCustomizeApplication): false → true (1 of 5)",
        ),
    ],
)
@pytest.mark.parametrize("size", [(40, 12), (60, 14), (120, 17)])
async def test_what_changes_is_in_sight_however_little_room_there_is(
    reading: Evidence, line: str, size: tuple[int, int]
) -> None:
    async with stage(EMEA, readings={EMEA: reading}, size=size) as s:
        await s.app.main.commands.open_wizard(EMEA)
        await s.settle()
        await s.press("f")
        for keys in ((), ("down",) * 20):
            await s.press(*keys)
            seen = " ".join(row.strip("│ ▁▂▃▄▅▆▇█") for row in s.text().splitlines())
            assert line in seen
        assert "esc Cancel" in " ".join(seen.split())


async def test_f_says_why_it_does_not_work() -> None:
    from tests.app.stage import config

    async with stage(setting=config(allow_repairs=False), readings={EMEA: frozen()}) as s:
        await s.press("enter", "f")
        assert any("allow_repairs" in toast for toast in s.toasts())
        assert s.answers.sent == []


async def test_somebody_elses_repair_is_named_and_leads_to_the_wait() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_wait(s)
        assert "Repaired by Jane Doe (jane@acme.example) at 14:02:00" in s.text()
        assert "4 of 4 · Wait for Incydr" in s.text()


async def test_the_wait_counts_down() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_wait(s)
        s.clock.advance(timedelta(seconds=30))
        s.app.main.tick()
        await s.pilot.pause()
        assert "18:30 left" in s.text()
        assert "checked 14:03:00: Recovering" in s.text()


async def test_enter_does_nothing_in_the_wait_and_says_so() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_wait(s)
        await s.press("enter")
        assert "Nothing to do here: Incydr comes back by itself." in s.toasts()


async def test_what_cannot_be_checked_while_waiting_is_said_in_other_words() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_wait(s)
        down = unreadable("acme does not answer")
        await s.reads(EMEA, evidence(now=SOON, user=down, freeze=down, grants=down, sign_ins=down))
        assert "Acme EMEA · Unknown" in s.text()
        assert "remonitor keeps waiting" in s.text()


async def test_enter_closes_the_walkthrough_after_the_return() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_wait(s)
        await s.reads(EMEA, returned())
        await s.press("enter")
        assert s.app.main.panes.current == "browse"


async def test_the_operators_word_ends_the_wait() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_wait(s)
        await s.press("m")
        assert "Does the Incydr console show Monitoring for Acme EMEA now?" in s.text()
        await s.press("n")
        assert "4 of 4 · Wait for Incydr" in s.text()
        await s.press("m", "y")
        assert "Monitoring is back" in s.text()


async def test_whose_word_monitoring_is_stands_in_list_and_headline_until_it_is_withdrawn() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await to_the_wait(s)
        await s.press("m", "y")
        assert "Acme EMEA · Monitoring (you said so, 14:03)" in s.text()
        await s.press("escape")
        assert "Monitoring (you said so, 14:03)" in s.text()
        assert "• Monitoring" in s.text()
        await s.press("W", "y")
        assert "you said so" not in s.text()
        assert "Recovering since 14:02" in s.text()
        await s.press("W")
        assert "You have not said that the console shows Monitoring." in s.toasts()


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (40, "• Monitoring    0s"),
        (60, "Monitoring (you said so, 14:03)"),
        (80, "• Monitoring    0s"),
        (200, "Monitoring (you said so, 14:03)"),
    ],
)
async def test_the_list_says_whose_word_it_is_by_a_mark_where_it_is_narrow(width: int, said: str) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, size=(width, 24)) as s:
        await s.app.main.commands.open_wizard(EMEA)
        s.clock.advance(timedelta(minutes=3))
        await s.reads(EMEA, repaired())
        await s.press("m", "y", "escape")
        (line,) = [line for line in s.text().splitlines() if "● Acme EMEA" in line]
        assert said in line


async def test_a_walkthrough_that_is_closed_is_offered_no_more() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, left=[(EMEA, HALF_WAY, NOW)]) as s:
        assert "C closes it for good" in s.text()
        await s.press("C", "y")
        assert "Resume" not in s.text()
        assert s.watcher.walkthrough(EMEA) is None


async def test_closing_the_open_walkthrough_leads_back_to_the_list() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter", "C", "n")
        assert "1 of 4" in s.text()
        await s.press("C", "y")
        assert s.app.main.panes.current == "browse"
        assert "Acme EMEA: the walkthrough is closed." in s.toasts()
        await s.press("C")
        assert "There is no open walkthrough." in s.toasts()


async def test_the_operators_word_does_not_count_before_the_repair() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter", "m")
        assert any("This counts only after the repair." in toast for toast in s.toasts())


async def test_p_pauses_and_goes_on() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter", "p")
        assert s.watcher.progress(EMEA).paused
        assert "Paused. p goes on." in s.text()
        await s.press("p")
        assert not s.watcher.progress(EMEA).paused


async def test_r_asks_again_now() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter", "r")
        assert s.answers.asked == [(EMEA,)]


async def test_a_walkthrough_that_was_left_is_offered_and_resumed() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as first:
        begun = walking.begin(first.watcher.state(EMEA), Experience.CLASSIC, NOW, REQUIREMENTS)
    assert isinstance(begun, Walkthrough)
    walk = walks.done(walks.done(begun, NOW), NOW)
    left = ((EMEA, walk, NOW - timedelta(minutes=12)),)
    async with stage(EMEA, readings={EMEA: frozen()}, left=left) as s:
        assert 'c Resume "Acme EMEA" at step 3, left 12 min ago' in s.text()
        s.clock.advance(timedelta(minutes=1))
        s.app.main.tick()
        await s.settle()
        assert "left 13 min ago" in s.text()
        await s.press("c")
        assert "3 of 4 · Unfreeze the user" in s.text()
        assert "Resume" not in s.text()


async def test_of_several_walkthroughs_that_were_left_the_next_one_is_offered_afterwards() -> None:
    us = "Acme US"
    readings = {EMEA: frozen(), us: frozen()}
    async with stage(EMEA, us, readings=readings) as first:
        walk = walking.begin(first.watcher.state(EMEA), Experience.CLASSIC, NOW, REQUIREMENTS)
    assert isinstance(walk, Walkthrough)
    left = (us, walk, NOW - timedelta(minutes=2)), (EMEA, walk, NOW - timedelta(hours=3))
    async with stage(EMEA, us, readings=readings, left=left, size=(40, 12)) as s:
        assert 'c Resume "Acme US"' in s.text()
        await s.press("c", "escape")
        assert 'c Resume "Acme EMEA"' in s.text()


async def test_a_walkthrough_that_is_open_elsewhere_is_not_offered() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as first:
        walk = walking.begin(first.watcher.state(EMEA), Experience.CLASSIC, NOW, REQUIREMENTS)
    assert isinstance(walk, Walkthrough)
    async with stage(EMEA, readings={EMEA: frozen()}, left=((EMEA, walk, NOW),), elsewhere=True) as s:
        assert "Resume" not in s.text()


async def test_the_command_resume_alone_opens_the_one_that_was_left_last() -> None:
    us = "Acme US"
    left = (us, HALF_WAY, NOW - timedelta(minutes=2)), (EMEA, HALF_WAY, NOW - timedelta(hours=3))
    async with stage(EMEA, us, readings={EMEA: frozen(), us: frozen()}, left=left, resume_last=True) as s:
        assert "Acme US · Error" in s.text()
        assert "2 of 4" in s.text()
    async with stage(EMEA, readings={EMEA: frozen()}, resume_last=True) as s:
        assert "No walkthrough was left." in s.toasts()
        assert s.app.main.panes.current == "browse"


async def test_a_second_terminal_shows_the_steps_and_who_has_the_org_open() -> None:
    known, left = [state_of(named(EMEA), frozen())], ((EMEA, HALF_WAY, NOW),)
    async with stage(EMEA, readings={EMEA: frozen()}, states=known, left=left, elsewhere=True) as s:
        await s.press("enter")
        assert "2 of 4 · Find the user" in s.text()
        assert "has this org open too: what is done there" in s.text()


async def test_while_the_org_lets_one_wait_what_is_known_is_shown_and_no_dead_key() -> None:
    async with stage(EMEA, states=[state_of(named(EMEA), frozen())]) as s:
        await s.press("enter")
        text = s.text()
        assert "Reading the org" in text
        assert "Known from the last reading" in text
        assert "The service account is frozen, by Jane Doe" in text
        keys = text.splitlines()[-1]
        assert "esc Leave" in keys
        assert not any(label in keys for label in ("Done, next", "Back", "Fix it for me", "Lightning"))


async def test_where_there_is_nothing_to_do_the_status_is_shown_and_no_dead_key() -> None:
    async with stage(EMEA, readings={EMEA: evidence()}) as s:
        await s.app.main.commands.open_wizard(EMEA)
        await s.settle()
        text = s.text()
        assert "Nothing to do" in text
        assert "Monitoring since" in text
        keys = text.splitlines()[-1]
        assert not any(label in keys for label in ("Done, next", "Back", "Fix it for me", "Lightning"))


async def test_the_command_resume_opens_the_walkthrough_at_the_start() -> None:
    async with stage(EMEA, "Acme US", readings={EMEA: frozen(), "Acme US": evidence()}, resume=EMEA) as s:
        assert "1 of 4 · Sign in, open Setup" in s.text()
        await s.press("ctrl+q")
        assert s.app.left_open() == [EMEA]


async def test_a_healthy_connection_has_nothing_to_fix_and_says_so() -> None:
    async with stage(EMEA, readings={EMEA: evidence()}) as s:
        await s.press("enter")
        assert s.toasts() == ["Nothing to fix: Acme EMEA is Monitoring."]
