"""Where the operator stands in an outage: one answer for keys, screens, lines and words."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.states import at, finding, reading, sick
from tests.unit.watching.fakes import EMEA
from tui.connections.connection import Experience
from tui.connections.finding import Diagnosis, ProofKind
from tui.connections.recovery import advance
from tui.connections.state import Proof, State
from tui.connections.step import Step, StepText
from tui.connections.walkthrough import Phase, Walkthrough, done, phase_of, plan
from tui.keys.command import Context, Pane

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
