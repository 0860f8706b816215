"""What the operator does in a walkthrough, and the sentence that answers it."""

import pytest

from tests.evidence import ACCOUNT, OPERATOR, connection, evidence, org, present, rights
from tests.unit.walkthrough.moments import KEYS, frozen, repaired, times, under_way
from tui.base.problem import Problem
from tui.connections.repair import Outcome, Repair, Result
from tui.walkthrough import actions
from tui.walkthrough.actions import RepairQuestion

NOTED = "Noted, but Salesforce says: still frozen."


async def test_done_on_a_step_that_salesforce_denies_is_warned_about_until_the_next_move() -> None:
    session, _, face = await under_way(frozen())
    for _ in range(3):
        await session.act("done")
    assert face.said == [(NOTED, True)]
    assert session.notice == NOTED
    await session.act("back")
    assert session.notice == ""


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
        (True, "Noted: the console shows Monitoring. The word stays on this machine."),
        (False, "Your word does not count yet: it has to come after the repair."),
    ],
)
async def test_the_operators_word_is_his_by_name_and_answered(counts: bool, answer: str) -> None:
    session, watcher, face = await under_way(evidence(rights=rights(OPERATOR)))
    watcher.word_counts = counts
    await session.act("word")
    assert watcher.said_by == OPERATOR
    assert face.said == [(answer, False)]


async def test_pause_stops_and_goes_on() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("pause")
    assert watcher.paused
    await session.act("pause")
    assert not watcher.paused
    assert face.said == [("Paused: p goes on.", True), ("The watch goes on.", True)]


async def test_a_check_is_asked_for_this_connection_alone() -> None:
    session, watcher, _ = await under_way(frozen())
    await session.act("check_now")
    assert watcher.asked == ["Acme EMEA"]


async def test_a_repair_is_asked_about_before_anything_is_sent() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("repair")
    (question,) = face.asked
    assert "in acme.my.salesforce.com, as ops@acme.example" in question.preview
    assert "Jane Doe did this: ask first." in question.preview
    assert question.restraint == "Ask Jane Doe first: it may have been meant."
    assert watcher.sent == []


async def test_what_was_agreed_to_is_sent_and_its_outcome_stays_on_the_page() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("repair")
    await session.send(face.asked[0])
    assert [repair.title for repair in watcher.sent] == ["Unfreeze"]
    assert face.said == [
        ("Sending to Salesforce: Unfreeze.", True),
        ("Unfreeze: Done, and read back.", True),
    ]
    assert (session.notice, session.busy) == ("Unfreeze: Done, and read back.", "")


async def test_after_a_refusal_the_other_way_is_named_with_its_key() -> None:
    session, watcher, face = await under_way(frozen())
    await session.act("repair")
    question = face.asked[0]
    watcher.outcomes = (Outcome(Result.REFUSED, "no access", "Ask Ada."),)
    watcher.offers = (Repair(question.repair.cause, "Unfreeze by another", ()),)
    await session.send(question)
    assert [text for text, _ in face.said[1:]] == [
        "Unfreeze: Salesforce refused: no access. Ask Ada.",
        f"Another way: Unfreeze by another. {KEYS.of('repair')} shows what it changes.",
    ]


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
    assert question(None).choice == "Type y to apply it; anything else sends nothing."
    assert question(ACCOUNT).choice == f"Type {ACCOUNT} to go on. Anything else sends nothing."
    assert question(ACCOUNT).wanted == f"Type {ACCOUNT} to go on:"
    assert question(None).wanted == "Apply it? Type y for yes:"
    assert question(ACCOUNT).name_wanted() == ("Type ", ACCOUNT, " to apply it all the same.")
    assert question(ACCOUNT).name_wanted(again=True)[0].startswith("Nothing was sent, this is another name.")


def test_where_nobody_did_it_nobody_is_asked_first() -> None:
    assert question(None).restraint == ""
