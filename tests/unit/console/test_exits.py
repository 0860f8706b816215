"""Which exit code a state means, and which of several is the worst."""

import pytest
from msgspec.structs import replace

from tests.stories import CONNECTION, at, finding, reading
from tui.connections.finding import Diagnosis, Finding
from tui.connections.state import Recovery, State, Status
from tui.console.exits import Exit, exit_of, worst

FROZEN = finding("user_frozen", 0)
RATE = finding("login_rate_exceeded", 0)


def state(status: Status, *findings: Finding) -> State:
    return State(CONNECTION, reading(0), Diagnosis(findings), status, at(0))


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (state(Status.MONITORING), 0),
        (state(Status.RECOVERING), 1),
        (state(Status.INITIALIZING), 1),
        (state(Status.ERROR, RATE), 1),
        (state(Status.ERROR, FROZEN), 2),
        (state(Status.ERROR, RATE, FROZEN), 2),
        (state(Status.ERROR), 2),
        (state(Status.DEAUTHORIZED), 2),
        (state(Status.UNKNOWN), 3),
    ],
)
def test_a_status_has_an_exit_code(shown: State, code: int) -> None:
    assert exit_of(shown) == code


def test_an_overdue_recovery_exits_like_an_error() -> None:
    overdue = replace(state(Status.RECOVERING), recovery=Recovery(at(0), (FROZEN,), overdue=True))
    assert exit_of(overdue) is Exit.ERROR


@pytest.mark.parametrize(
    ("codes", "result"),
    [
        ([Exit.OK, Exit.NO], Exit.NO),
        ([Exit.NO, Exit.UNKNOWN], Exit.UNKNOWN),
        ([Exit.UNKNOWN, Exit.ERROR, Exit.OK], Exit.ERROR),
        ([Exit.OK], Exit.OK),
        ([], Exit.UNKNOWN),
    ],
)
def test_the_worst_of_several_follows_the_order_of_monitoring_systems(
    codes: list[Exit], result: Exit
) -> None:
    assert worst(codes) is result
