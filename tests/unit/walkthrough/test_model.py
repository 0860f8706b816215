"""What a walkthrough shows at each moment, whichever face shows it."""

from datetime import timedelta

import pytest

from tests.evidence import NOW, evidence, history, profile, rate_exceeded, signed_in, unreadable
from tests.unit.walkthrough.moments import (
    BY_KEYS,
    BY_LINES,
    FakeWatcher,
    frozen,
    repaired,
    returned,
    times,
    under_way,
)
from tui.connections.evidence import Evidence
from tui.connections.repair import NoRepair, Repair
from tui.connections.step import WAIT
from tui.connections.walkthrough import Phase
from tui.walkthrough.face import Session
from tui.walkthrough.marks import LEGEND, SIGNS, StepMark
from tui.walkthrough.model import Page, Role, offered, repair_of
from tui.walkthrough.terms import Terms
from tui.wording.symbols import in_ascii


async def page(*readings: Evidence, acts: tuple[str, ...] = (), terms: Terms = BY_KEYS) -> Page:
    """The page after these acts on the first reading, and then the other readings."""
    session, watcher, _ = await under_way(readings[0], terms)
    for act in acts:
        await session.act(act)
    for reading in readings[1:]:
        session.on_state(*watcher.reads(reading), times(watcher))
    return shown(session, watcher)


def shown(session: Session, watcher: FakeWatcher) -> Page:
    assert watcher.known is not None
    return session.page(watcher.known, times(watcher))


def quota_used_up() -> Evidence:
    return evidence(
        sign_ins=history(
            rate_exceeded(NOW - timedelta(minutes=5), first=NOW - timedelta(minutes=20)),
            signed_in("Data Loader", at=NOW - timedelta(minutes=6), count=3_600),
        )
    )


async def test_a_step_says_what_to_do_where_and_for_whom() -> None:
    it = await page(frozen(), acts=("done", "done"))
    assert (it.phase, it.title, it.step) == (
        Phase.STEP,
        "3 of 4 · Unfreeze the user",
        "3 of 4: Unfreeze the user",
    )
    assert it.headlines == (
        "The service account is frozen by Jane Doe at 13:42",
        "frozen by Jane Doe at 13:42",
    )
    assert it.texts(Role.TEXT)
    assert it.texts(Role.WHERE) == ("Setup › Administration › Users › Users",)
    assert it.texts(Role.LINK) == (it.link,)
    assert it.texts(Role.USER) == ("incydr.svc@acme.example",)
    assert "Ask Jane Doe first" in it.texts(Role.CAUTION)[0]
    assert (it.experience, it.switch) == ("Lightning Experience", "x Classic")


async def test_a_tested_step_says_what_salesforce_answers_and_when_it_is_asked_again() -> None:
    it = await page(frozen(), acts=("done", "done"))
    assert it.testable
    assert it.verdict == "Salesforce says: still frozen"
    assert it.pulse == "Salesforce says: still frozen · checked just now · next in 1 min"


async def test_a_step_without_a_test_says_how_it_is_called_done() -> None:
    for terms, key in ((BY_KEYS, "enter"), (BY_LINES, "Enter")):
        it = await page(frozen(), terms=terms)
        assert not it.testable
        assert it.verdict == f"remonitor cannot see this step. Press {key} when you have done it."


async def test_the_steps_are_marked_by_whose_word_they_are_done() -> None:
    it = await page(frozen(), acts=("done", "skip"))
    assert [mark for mark, _ in it.steps] == [
        StepMark.OPERATOR,
        StepMark.SKIPPED,
        StepMark.HERE,
        StepMark.OPEN,
    ]
    assert it.current == 2


async def test_a_step_that_salesforce_denies_has_a_mark_of_its_own_until_salesforce_shows_it() -> None:
    said = ("done",) * 4
    denied = await page(frozen(), acts=said)
    assert [mark for mark, _ in denied.steps] == [
        StepMark.OPERATOR,
        StepMark.OPERATOR,
        StepMark.DENIED,
        StepMark.HERE,
    ]
    unread = await page(frozen(), frozen(freeze=unreadable("no answer")), acts=said)
    assert unread.steps[2][0] is StepMark.OPERATOR
    shown = await page(frozen(), repaired(3), acts=said)
    assert shown.steps[2][0] is StepMark.SALESFORCE


async def test_a_cause_that_clears_by_itself_leaves_no_step_to_go_back_to() -> None:
    it = await page(quota_used_up(), acts=("done", "done"))
    assert it.phase is Phase.WAITING
    assert not any("not done" in line for line in it.texts(Role.TEXT))


def test_every_mark_has_a_sign_of_its_own_in_ascii_too() -> None:
    signs = [in_ascii(SIGNS[mark]) for mark in LEGEND]
    assert len(set(signs)) == len(signs)
    assert all(sign.isascii() for sign in signs)


async def test_what_somebody_else_repaired_is_told_and_awaited() -> None:
    it = await page(frozen(), repaired(3))
    told = it.texts(Role.TEXT)
    assert (it.phase, it.title) == (Phase.WAITING, "4 of 4 · Wait for Incydr")
    assert told[0].startswith("Repaired by Jane Doe (jane@acme.example) at 14:02:00")
    assert "14:22: back at the latest." in it.texts(Role.TIMELINE)
    assert it.progress == pytest.approx(1 / 20)
    assert it.left == "19:00 left"
    assert it.texts(Role.NOTICE) == ()
    assert [mark for mark, _ in it.steps][:3] == [StepMark.SALESFORCE] * 3
    assert it.link is None


async def test_while_incydr_is_awaited_the_operators_word_is_asked_for() -> None:
    it = await page(frozen(), repaired(3))
    (line,) = [line for paragraph in it.body for line in paragraph if line.role is Role.WORD]
    assert (line.key, line.text) == ("m", "when you see Monitoring in the Incydr console.")


async def test_past_the_deadline_it_says_what_to_do_in_the_faces_own_terms() -> None:
    for terms, explain in ((BY_KEYS, "e (Explain)"), (BY_LINES, "remonitor explain")):
        it = await page(frozen(), repaired(3), repaired(33), terms=terms)
        assert (it.phase, it.title) == (Phase.OVERDUE, "Repaired, Incydr not back")
        assert any(f"{explain} tells which cause it means" in line for line in it.texts(Role.TEXT))
        assert it.progress == 1.0
        assert it.left == "11 min late"


async def test_the_return_says_its_proof_and_what_can_be_done_then() -> None:
    for terms, after in (
        (
            BY_KEYS,
            "w writes the report for the ticket, enter or esc goes back to the list.",
        ),
        (BY_LINES, "The report for the ticket: remonitor report 'Acme EMEA'"),
    ):
        it = await page(frozen(), repaired(3), returned(), terms=terms)
        assert (it.phase, it.title) == (Phase.RETURNED, "Monitoring is back")
        assert it.texts(Role.PROOF) == ("Incydr is back: Incydr signed in at 14:05:00.",)
        assert it.texts(Role.AFTER) == (after,)
        assert (it.pulse, it.progress, it.experience) == ("", None, "")
        assert it.steps == () or it.steps[-1][0] is StepMark.OVER


async def test_the_steps_stay_after_the_watcher_has_closed_the_walkthrough() -> None:
    session, watcher, _ = await under_way(frozen())
    for reading in (repaired(3), returned()):
        session.on_state(*watcher.reads(reading), times(watcher))
        it = shown(session, watcher)
    assert watcher.walked is None
    assert it.steps[-1] == (StepMark.OVER, "Wait for Incydr")


async def test_two_causes_make_one_list_of_steps() -> None:
    both = frozen(grants=(profile("ApiEnabled", "ViewDataLeakageEvents"),))
    titles = [title for _, title in (await page(both)).steps]
    assert titles[0] == "Sign in, open Setup"
    assert titles[-1] == "Wait for Incydr"
    assert "Unfreeze the user" in titles
    assert any("permission" in title.lower() for title in titles)
    assert len(set(titles)) == len(titles)


async def test_what_cannot_be_read_in_the_wait_is_said_in_other_words() -> None:
    down = unreadable("acme does not answer")
    blind = evidence(
        now=NOW + timedelta(minutes=5), user=down, freeze=down, grants=down, sign_ins=down, audit=down
    )
    it = await page(frozen(), repaired(3), blind)
    assert it.phase is Phase.WAITING
    assert it.texts(Role.TEXT)[0].startswith("The status is not known now (was: Recovering)")
    assert any("acme does not answer" in line for line in it.texts(Role.WHY))


async def test_what_is_still_there_in_the_wait_stays_in_the_head_and_the_word_is_not_asked_for() -> None:
    it = await page(frozen(), acts=("done",) * 4)
    assert it.phase is Phase.WAITING
    assert it.headlines[1] == "frozen by Jane Doe at 13:42"
    assert it.texts(Role.TEXT)[0] == "Salesforce still shows: The service account is frozen."
    assert it.texts(Role.TEXT)[-1] == "Step 3 is not done. Enter goes back to it."
    assert it.texts(Role.WORD) == ()


async def test_what_nothing_could_be_found_out_about_is_told_with_its_reason() -> None:
    down = unreadable("acme does not answer")
    blind = await page(frozen(), evidence(user=down, freeze=down, grants=down, sign_ins=down, audit=down))
    assert any("acme does not answer" in line for line in blind.found[1:])
    partly = await page(frozen(grants=unreadable("you lack View Setup")))
    assert partly.found[1].startswith("The service account is frozen")
    assert any("you lack View Setup" in line for line in partly.found[2:])


async def test_before_the_org_is_read_again_it_says_so() -> None:
    session, watcher, _ = await under_way(frozen())
    watcher.walked = None
    session.open()
    it = shown(session, watcher)
    assert (it.phase, it.title) == (Phase.OPENING, "Reading the org")
    assert it.texts(Role.TEXT) == ("remonitor reads the org again first, then shows the steps.",)
    await session.begin()
    assert shown(session, watcher).title == "1 of 4 · Sign in, open Setup"


async def test_a_pause_says_how_to_go_on() -> None:
    assert (await page(frozen(), acts=("pause",))).pulse == "Paused. p goes on."


async def test_what_is_being_sent_stands_in_the_line_that_ticks() -> None:
    session, watcher, _ = await under_way(frozen())
    session.busy = "Unfreeze"
    assert shown(session, watcher).pulse == "Sending to Salesforce: Unfreeze …"


async def test_what_clears_by_itself_says_when_and_who_used_the_quota_also_in_the_wait() -> None:
    for acts in ((), ("done",)):
        it = await page(quota_used_up(), acts=acts)
        assert it.healing is not None
        assert len(it.texts(Role.RESET)) == 1
        assert any("Data Loader: at least 3,6" in line for line in it.texts(Role.QUOTA))
        assert it.until_reset == "40:00 to 55:00 until the hourly limit ends (estimate)"
        assert it.texts(Role.CAUTION) == ()


async def test_a_new_cause_in_the_wait_is_news_and_brings_its_steps() -> None:
    lacking = evidence(
        now=NOW + timedelta(minutes=5), grants=(profile("ApiEnabled", "ViewDataLeakageEvents"),)
    )
    it = await page(frozen(), repaired(3), lacking)
    assert it.phase is Phase.STEP
    assert it.texts(Role.NOTICE)[0].startswith("New: ")
    assert "The wait starts again" in it.texts(Role.NOTICE)[0]


async def test_the_found_causes_are_told_with_who_did_it() -> None:
    it = await page(frozen())
    assert it.found[0].startswith("Acme EMEA: Error since ")
    assert it.found[1].startswith("The service account is frozen, by Jane Doe (jane@acme.example)")


async def test_the_commands_that_work_follow_the_phase() -> None:
    session, watcher, _ = await under_way(frozen())
    first = [c.id for c in offered(session.context())]
    everywhere = ["close_walk", "experience", "check_now", "pause"]
    assert first == ["done", "skip", "repair", "undo", *everywhere]
    watcher.reads(repaired(3))
    assert [c.id for c in offered(session.context())] == ["back", "undo", "word", *everywhere]
    watcher.reads(returned())
    assert [c.id for c in offered(session.context())] == ["undo", "check_now", "pause"]


async def test_the_repair_of_the_current_step_comes_before_the_first() -> None:
    one, other = Repair("permissions_missing", "Grant", ()), Repair("user_frozen", "Unfreeze", ())
    _, watcher, _ = await under_way(frozen())
    assert watcher.walked is not None
    assert watcher.walked.item.step != WAIT
    assert repair_of(watcher.walked, (one, other)) is other
    assert repair_of(watcher.walked, (NoRepair("user_frozen", "No."), one)) is one
    assert repair_of(None, (NoRepair("user_frozen", "No."),)) is None
