"""The walk through the steps: what is current, what is ticked and by whose word."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from msgspec.structs import replace as changed

from tests.states import at, finding, reading, sick
from tests.unit.watching.fakes import EMEA
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence, UserLogin, value_of
from tui.connections.finding import Diagnosis, ProofKind
from tui.connections.recovery import advance
from tui.connections.state import Proof, State
from tui.connections.step import WAIT, Step, StepText
from tui.connections.walkthrough import Mark, Phase, Walkthrough, back, done, phase_of, plan, refresh, skip
from tui.keys.command import Context, Pane


def not_frozen(evidence: Evidence) -> bool | None:
    login = value_of(evidence.freeze)
    return None if login is None else not login.is_frozen


def step(name: str) -> Step:
    return Step(name, name, lambda subject, experience: StepText((name,)))


SETUP, FIND, UNFREEZE = step("setup"), step("find_user"), changed(step("unfreeze"), test=not_frozen)
GRANT = step("grant")
STEPS = [("user_frozen", SETUP), ("user_frozen", FIND), ("user_frozen", UNFREEZE)]
BOTH = [*STEPS, ("permissions_missing", SETUP), ("permissions_missing", GRANT)]
FROZEN = {"user_frozen": True}
FREE = {"user_frozen": False}


def login(frozen: bool) -> UserLogin:
    return UserLogin("0Yw000000000001AAA", "005000000000001AAA", frozen)


def fresh() -> Walkthrough:
    return plan(STEPS, Experience.LIGHTNING, at(0))


def test_a_walk_begins_at_its_first_step_and_ends_with_the_wait() -> None:
    walk = fresh()
    assert [item.step for item in walk.items] == ["setup", "find_user", "unfreeze", WAIT]
    assert walk.current == 0


def test_a_step_that_two_causes_share_is_walked_once() -> None:
    steps = [item.step for item in plan(BOTH, Experience.CLASSIC, at(0)).items]
    assert steps == ["setup", "find_user", "unfreeze", "grant", WAIT]


def test_done_ticks_the_step_by_the_operators_word_and_goes_on() -> None:
    walk = done(fresh(), at(1))
    assert (walk.items[0].mark, walk.items[0].at, walk.current) == (Mark.OPERATOR, at(1), 1)


def test_skip_is_remembered_as_skipped() -> None:
    assert skip(fresh(), at(1)).items[0].mark is Mark.SKIPPED


def test_back_opens_the_step_before_again() -> None:
    walk = back(done(fresh(), at(1)))
    assert (walk.current, walk.items[0].mark) == (0, None)


def test_back_from_the_first_step_stays_there() -> None:
    assert back(fresh()) == fresh()


def test_the_wait_is_never_done_by_a_key() -> None:
    walk = fresh()
    for _ in range(6):
        walk = done(walk, at(1))
    assert walk.waiting
    assert walk.item.mark is None


def test_salesforces_answer_ticks_a_step_whoever_did_it() -> None:
    walk = done(done(fresh(), at(1)), at(1))
    walk = refresh(walk, STEPS, reading(2, freeze=login(False)), FREE, at(2))
    assert walk.items[2].mark is Mark.SALESFORCE
    assert walk.waiting


def test_a_cause_that_is_gone_ticks_all_its_steps_and_jumps_to_the_wait() -> None:
    walk = refresh(fresh(), STEPS, reading(2, freeze=login(False)), FREE, at(2))
    assert walk.waiting
    assert all(item.mark is Mark.SALESFORCE for item in walk.items[:-1])


def test_a_reading_that_says_still_frozen_leaves_the_walk_where_it_is() -> None:
    walk = done(fresh(), at(1))
    assert refresh(walk, STEPS, reading(2, freeze=login(True)), FROZEN, at(2)) == walk


def told_done() -> Walkthrough:
    """The operator said done on every step."""
    walk = fresh()
    for _ in range(3):
        walk = done(walk, at(1))
    return walk


def test_the_operators_word_on_a_tested_step_stays_also_while_salesforce_denies_it() -> None:
    walk = told_done()
    assert walk.waiting
    assert refresh(walk, STEPS, reading(2, freeze=login(True)), FROZEN, at(2)) == walk


def test_a_cause_that_was_mended_after_the_operators_word_leads_back_when_it_comes_again() -> None:
    walk = refresh(told_done(), STEPS, reading(2, freeze=login(False)), FREE, at(2))
    again = refresh(walk, STEPS, reading(3, freeze=login(True)), FROZEN, at(3))
    assert (again.item.step, again.item.mark) == ("unfreeze", None)


def test_a_tick_by_salesforce_goes_when_it_is_no_longer_true() -> None:
    walk = refresh(fresh(), STEPS, reading(2, freeze=login(False)), FREE, at(2))
    again = refresh(walk, STEPS, reading(3, freeze=login(True)), FROZEN, at(3))
    assert (again.item.step, again.item.mark) == ("unfreeze", None)


def test_a_new_cause_brings_its_steps_before_the_wait() -> None:
    walk = refresh(fresh(), STEPS, reading(2, freeze=login(False)), FREE, at(2))
    present = {"user_frozen": False, "permissions_missing": True}
    again = refresh(walk, BOTH, reading(3, freeze=login(False)), present, at(3))
    assert [item.step for item in again.items] == ["setup", "find_user", "unfreeze", "grant", WAIT]
    assert again.item.step == "grant"


def test_a_skipped_step_is_not_forced_on_the_operator_again() -> None:
    walk = skip(done(done(fresh(), at(1)), at(1)), at(1))
    assert refresh(walk, STEPS, reading(2, freeze=login(True)), FROZEN, at(2)).waiting


def test_an_unreadable_cause_changes_nothing() -> None:
    walk = done(fresh(), at(1))
    assert refresh(walk, STEPS, reading(2, freeze=None), {}, at(2)) == walk


KEYS = st.lists(st.sampled_from(["done", "skip", "back", "frozen", "free", "blind"]), max_size=30)


@given(KEYS)
def test_whatever_is_pressed_the_walk_stays_whole(keys: list[str]) -> None:
    walk = fresh()
    for minute, key in enumerate(keys):
        now = at(0) + timedelta(minutes=minute)
        if key == "done":
            walk = done(walk, now)
        elif key == "skip":
            walk = skip(walk, now)
        elif key == "back":
            walk = back(walk)
        elif key == "blind":
            walk = refresh(walk, STEPS, reading(minute, freeze=None), {}, now)
        else:
            frozen = key == "frozen"
            walk = refresh(walk, STEPS, reading(minute, freeze=login(frozen)), {"user_frozen": frozen}, now)
            if not frozen:
                assert walk.waiting
            unfreeze = walk.items[2]
            assert unfreeze.mark is not Mark.SALESFORCE or not frozen
            if frozen and unfreeze.mark is None:
                assert not walk.waiting
        assert 0 <= walk.current < len(walk.items)
        assert walk.items[-1].step == WAIT
        assert walk.items[-1].mark is None


CONNECTION = EMEA
STEP = Step("unfreeze", "Unfreeze", lambda subject, experience: StepText(()))
WALK = plan([("user_frozen", STEP)], Experience.LIGHTNING, at(0))
WAITS = done(WALK, at(1))
TUI = Path(__file__).parents[3] / "tui"


def broken() -> State:
    return advance(CONNECTION, None, reading(0), sick(finding("user_frozen", 0)))


def repaired(minute: float) -> State:
    state = advance(CONNECTION, broken(), reading(5), Diagnosis())
    return advance(CONNECTION, state, reading(minute), Diagnosis())


def returned() -> State:
    state = repaired(6)
    assert state.recovery is not None
    return replace(state, recovery=replace(state.recovery, returned=Proof(ProofKind.SIGN_IN, at(6))))


@pytest.mark.parametrize(
    ("state", "walk", "phase"),
    [
        (None, None, Phase.NOTHING),
        (broken(), None, Phase.NOTHING),
        (broken(), WALK, Phase.STEP),
        (repaired(6), WALK, Phase.STEP),
        (broken(), WAITS, Phase.WAITING),
        (repaired(6), WAITS, Phase.WAITING),
        (repaired(60), WAITS, Phase.OVERDUE),
        (repaired(60), WALK, Phase.STEP),
        (returned(), WAITS, Phase.RETURNED),
        (returned(), WALK, Phase.RETURNED),
        (returned(), None, Phase.RETURNED),
    ],
)
def test_the_phase_of_a_state_and_its_walk(
    state: State | None, walk: Walkthrough | None, phase: Phase
) -> None:
    assert phase_of(state, walk) is phase
    assert Context(Pane.WIZARD, state, walk).phase is phase


def test_a_walk_that_is_asked_for_and_not_there_yet_is_opening() -> None:
    assert phase_of(broken(), None, opening=True) is Phase.OPENING
    assert phase_of(broken(), WALK, opening=True) is Phase.STEP
    assert phase_of(returned(), None, opening=True) is Phase.RETURNED


def test_waiting_and_overdue_await_incydr_and_nothing_else_does() -> None:
    assert [phase for phase in Phase if phase.awaits] == [Phase.WAITING, Phase.OVERDUE]


def test_an_overdue_outage_that_cannot_be_read_is_not_called_late() -> None:
    late = repaired(60)
    assert (late.overdue, late.late) == (True, True)
    unread = replace(late, status=advance(CONNECTION, None, reading(0), Diagnosis()).status)
    assert (unread.overdue, unread.late) == (True, False)
    assert not repaired(6).overdue and not returned().overdue


def test_only_the_phase_says_what_waiting_overdue_and_returned_mean() -> None:
    again = re.compile(
        r"def (waiting|returned|overdue)\b|recovery\.overdue|state\.recovery\.returned"
        r"|overdue and [\w.]*status|status is Status\.RECOVERING and [\w.]*overdue"
    )
    # The rules themselves, and a row of a check, which may have no state.
    rules = {
        "connections/state.py",
        "connections/recovery.py",
        "connections/outage.py",
        "connections/walkthrough.py",
        "reports/checked.py",
    }
    found = [
        f"{path.relative_to(TUI)}: {line.strip()}"
        for path in TUI.rglob("*.py")
        if str(path.relative_to(TUI)) not in rules and not path.is_relative_to(TUI / "demo")
        for line in path.read_text().splitlines()
        if again.search(line)
    ]
    assert found == []
