"""What the operator does in a walkthrough, and the sentence that answers it."""

import pytest

from tests.evidence import ACCOUNT, NOW, OPERATOR, connection, evidence, org, present, rights, unreadable
from tests.unit.walkthrough.moments import KEYS, FakeFace, FakeWatcher, frozen, repaired, times, under_way
from tui.base.problem import Problem
from tui.causes.cause import Cause
from tui.causes.registry import CAUSES, steps_for
from tui.causes.user_frozen import CAUSE
from tui.connections import walkthrough as walks
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence
from tui.connections.repair import Outcome, Repair, Result
from tui.connections.step import WAIT
from tui.rules.required_permissions import REQUIREMENTS
from tui.walkthrough import actions
from tui.walkthrough.face import Session
from tui.walkthrough.questions import RepairQuestion

NOT_YET = (
    "Not done yet: Salesforce still shows the user as frozen. "
    "Press enter again to go on anyway, f to let the program fix it, b to go back."
)
NOTED = "You marked it as done. Salesforce still shows the user as frozen."


async def to_the_tested_step(reading: Evidence) -> tuple[Session, FakeWatcher, FakeFace]:
    session, watcher, face = await under_way(reading)
    await session.act("done")
    await session.act("done")
    return session, watcher, face


def step_now(watcher: FakeWatcher) -> str:
    assert watcher.walked is not None
    return watcher.walked.item.step


async def test_a_step_that_salesforce_denies_holds_the_cursor_and_is_asked_about_at_once() -> None:
    session, watcher, face = await to_the_tested_step(frozen())
    await session.act("done")
    assert step_now(watcher) == "unfreeze"
    assert face.said == [(NOT_YET, True)]
    assert watcher.asked == ["Acme EMEA"]


async def test_said_twice_it_is_done_and_the_warning_stays_until_the_next_move() -> None:
    session, watcher, face = await to_the_tested_step(frozen())
    await session.act("done")
    await session.act("done")
    assert step_now(watcher) == WAIT
    assert face.said == [(NOT_YET, True), (NOTED, True)]
    assert session.notice == NOTED
    await session.act("back")
    assert session.notice == ""


async def test_after_another_move_it_is_asked_about_again() -> None:
    session, watcher, _ = await to_the_tested_step(frozen())
    for act in ("done", "back", "done", "done"):
        await session.act(act)
    assert step_now(watcher) == "unfreeze"


async def test_once_salesforce_confirms_the_step_the_answer_is_gone_and_the_wait_is_not_called_done() -> None:
    session, watcher, _ = await to_the_tested_step(frozen())
    await session.act("done")
    session.on_state(*watcher.reads(repaired(3)), times(watcher))
    assert step_now(watcher) == WAIT
    assert "Not done yet" not in session.notice


async def test_where_salesforce_cannot_tell_the_step_is_done_by_the_operators_word() -> None:
    session, watcher, face = await to_the_tested_step(frozen(freeze=unreadable("no answer")))
    watcher.walked = walks.plan([("user_frozen", step) for step in CAUSE.steps], Experience.LIGHTNING, NOW)
    for _ in range(3):
        await session.act("done")
    assert step_now(watcher) == WAIT
    assert face.said[-1] == ("You marked it as done. remonitor could not ask Salesforce about it.", True)


async def test_from_the_wait_one_goes_back_to_the_step_that_is_not_done() -> None:
    session, watcher, _ = await to_the_tested_step(frozen())
    await session.act("done")
    await session.act("done")
    assert session.context().unfinished == 2
    await session.act("unfinished")
    assert step_now(watcher) == "unfreeze"
    assert session.context().unfinished is None


async def test_after_the_repair_there_is_no_step_to_go_back_to() -> None:
    session, watcher, _ = await under_way(frozen())
    watcher.reads(repaired(3))
    assert step_now(watcher) == WAIT
    assert session.context().unfinished is None


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_every_step_that_salesforce_can_deny_says_how(cause: Cause) -> None:
    steps = steps_for((cause.id,), REQUIREMENTS)
    said = [step.denied for _, step in steps if step.test is not None]
    assert all(sentence.startswith("Salesforce still shows ") for sentence in said)


async def test_done_back_and_skip_move_the_walkthrough_without_a_word() -> None:
    session, watcher, face = await under_way(frozen())
    at = []
    for act in ("done", "skip", "back", "experience"):
        await session.act(act)
        assert watcher.walked is not None
        at.append(watcher.walked.current)
    assert at == [1, 2, 1, 1]
    assert watcher.walked is not None
    assert watcher.walked.experience == "classic"
    assert face.said == []


@pytest.mark.parametrize(
    ("counts", "answer"),
    [
        (True, "Recorded on this computer only: the console shows Monitoring."),
        (False, "Not recorded: it counts only after the repair."),
    ],
)
async def test_the_operators_word_is_his_by_name_and_answered(counts: bool, answer: str) -> None:
    session, watcher, face = await under_way(evidence(rights=rights(OPERATOR)))
    watcher.word_counts = counts
    await session.act("word")
    assert (face.said, watcher.said_by) == ([], "")
    await session.agreed(face.choices[0])
    assert watcher.said_by == OPERATOR
    assert face.said == [(answer, False)]


async def test_pause_stops_and_goes_on() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("pause")
    assert watcher.paused
    await session.act("pause")
    assert not watcher.paused
    assert face.said == [("Paused. p goes on.", True), ("remonitor is watching again.", True)]


async def test_a_check_is_asked_for_this_connection_alone() -> None:
    session, watcher, _ = await under_way(frozen())
    await session.act("check_now")
    assert watcher.asked == ["Acme EMEA"]


async def test_a_repair_is_asked_about_before_anything_is_sent() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("repair")
    (question,) = face.asked
    assert "in acme.my.salesforce.com, as ops@acme.example" in question.preview
    assert not any("Jane Doe" in line for line in question.preview)
    assert question.restraint == "Ask Jane Doe first: is there a security incident?"
    assert watcher.sent == []


async def test_what_was_agreed_to_is_sent_and_its_outcome_stays_on_the_page() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("repair")
    await session.send(face.asked[0])
    assert [repair.title for repair in watcher.sent] == ["Unfreeze"]
    assert face.said == [
        ("Sending to Salesforce: Unfreeze.", True),
        ("Unfreeze: done, and confirmed by Salesforce.", True),
    ]
    assert (session.notice, session.busy) == ("Unfreeze: done, and confirmed by Salesforce.", "")


async def test_after_a_refusal_the_other_way_is_named_with_its_key() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("repair")
    question = face.asked[0]
    watcher.outcomes = (Outcome(Result.REFUSED, "no access", "Ask Ada."),)
    watcher.offers = (Repair(question.repair.cause, "Unfreeze by another", ()),)
    await session.send(question)
    assert [text for text, _ in face.said[1:]] == [
        "Unfreeze: Salesforce refused it: no access. Ask Ada.",
        f"Another way: Unfreeze by another. {KEYS.of('repair')} shows what it changes.",
    ]


async def test_the_last_repair_is_taken_back_by_the_same_question_and_what_it_brings_back_is_no_news() -> (
    None
):
    session, watcher, face = await under_way(frozen())
    watcher.reads(repaired(3))
    await session.act("undo")
    assert face.said == [("Nothing was repaired.", False)]
    watcher.undo = Repair("user_frozen", 'Undo "Unfreeze"', (), confirm=ACCOUNT, takes_back=True)
    await session.act("undo")
    (question,) = face.asked
    assert (question.repair, question.restraint) == (watcher.undo, "")
    await session.agreed(question)
    session.on_state(*watcher.reads(frozen(now=watcher.now)), times(watcher))
    assert session.notice.startswith('Undo "Unfreeze": ')
    assert watcher.sent == [watcher.undo]


@pytest.mark.parametrize(
    ("results", "applied"),
    [
        ((Result.APPLIED, Result.APPLIED), True),
        ((Result.APPLIED, Result.REFUSED), False),
        ((Result.UNKNOWN,), False),
    ],
)
async def test_a_repair_is_applied_when_all_its_changes_are(
    results: tuple[Result, ...], applied: bool
) -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("repair")
    watcher.outcomes = tuple(Outcome(result) for result in results)
    answer = await actions.repair(watcher, session.name, face.asked[0].repair)
    assert answer.applied is applied
    assert answer.other_way == ""


async def test_the_first_reading_is_no_news() -> None:
    session, watcher, face = await under_way(frozen())
    session.on_state(None, present(watcher.known), times(watcher))
    assert face.said == []
    assert session.notice == ""


async def test_what_kept_a_repair_from_being_sent_is_told_and_it_is_busy_no_more() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("repair")

    async def full(name: str, repair: Repair) -> tuple[Outcome, ...]:
        raise Problem("Journal", "The journal cannot be written.", "Free some space.")

    watcher.repair = full  # type: ignore[method-assign]  # a disk that is full
    await session.send(face.asked[0])
    assert "The journal cannot be written." in session.notice
    assert session.busy == ""


async def test_an_internal_fault_of_a_repair_goes_up_and_it_is_busy_no_more() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("repair")

    async def broken(name: str, repair: Repair) -> tuple[Outcome, ...]:
        raise RuntimeError("broken")

    watcher.repair = broken  # type: ignore[method-assign]  # a fault of the program itself
    with pytest.raises(RuntimeError):
        await session.send(face.asked[0])
    assert session.busy == ""


async def test_news_are_told_once_unless_the_page_begins_with_them() -> None:
    session, watcher, face = await under_way(frozen())
    session.on_state(*watcher.reads(repaired(3)), times(watcher))
    assert face.said == []
    session.on_state(*watcher.reads(frozen(now=watcher.now)), times(watcher))
    assert len(face.said) == 1
    assert face.said[0][0].startswith("New: The service account is frozen.")
    session.on_state(present(watcher.known), present(watcher.known), times(watcher))
    assert len(face.said) == 1


def question(confirm: str | None) -> RepairQuestion:
    return RepairQuestion(connection(), org(), Repair("user_frozen", "Unfreeze", (), confirm=confirm), "")


@pytest.mark.parametrize("answer", ["y", "Y", "yes", " yes "])
def test_yes_is_enough_where_no_name_is_wanted(answer: str) -> None:
    assert question(None).agrees(answer)
    assert not question(ACCOUNT).agrees(answer)


@pytest.mark.parametrize("answer", ["", "n", "yess", None])
def test_any_other_answer_is_no(answer: str | None) -> None:
    assert not question(None).agrees(answer)
    assert not question(ACCOUNT).agrees(answer)


def test_the_name_that_is_wanted_has_to_be_typed_whole() -> None:
    assert question(ACCOUNT).agrees(f" {ACCOUNT} ")
    assert not question(ACCOUNT).agrees(ACCOUNT[:-1])
    assert not question(ACCOUNT).agrees(ACCOUNT.upper())


def test_the_question_says_what_answers_it() -> None:
    assert question(None).choice == "Type y to apply it. Anything else sends nothing."
    assert question(ACCOUNT).choice == f"Type {ACCOUNT} to go on. Anything else sends nothing."
    assert question(ACCOUNT).wanted == f"Type {ACCOUNT} to go on:"
    assert question(None).wanted == "Apply it? Type y for yes:"
    assert question(ACCOUNT).name_wanted() == ("To go on, type the username: ", ACCOUNT)
    assert (
        question(ACCOUNT)
        .name_wanted(again=True)[0]
        .startswith("That is not the username. Nothing was changed.")
    )


def test_where_nobody_did_it_nobody_is_asked_first() -> None:
    assert question(None).restraint == ""
