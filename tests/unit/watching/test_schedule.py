"""When the next reading is due."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence import NOW, connection, evidence
from tests.unit.watching.fakes import Middle
from tui.config import Intervals
from tui.connections.finding import Diagnosis
from tui.connections.state import Recovery, State, Status
from tui.watching import schedule
from tui.watching.schedule import Attention

PACE = Intervals()


def state(status: Status, *, used: int = 0, limit: int | None = 1_000_000, **changes: Any) -> State:
    reading = evidence(api_used=used, api_limit=limit)
    return State(connection(), reading, Diagnosis(), status, NOW, **changes)


def seconds(state: State | None, attended: Attention = Attention.NONE) -> float:
    return schedule.interval(state, PACE, attended=attended).total_seconds()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.MONITORING, 300),
        (Status.ERROR, 60),
        (Status.RECOVERING, 30),
        (Status.INITIALIZING, 300),
        (Status.DEAUTHORIZED, 300),
        (Status.UNKNOWN, 300),
    ],
)
def test_each_status_has_its_interval(status: Status, expected: int) -> None:
    assert seconds(state(status)) == expected


def test_an_open_step_in_error_is_read_every_ten_seconds() -> None:
    assert seconds(state(Status.ERROR), attended=Attention.FULL) == 10


def test_attention_changes_nothing_while_all_is_well() -> None:
    assert seconds(state(Status.MONITORING), attended=Attention.FULL) == 300


def test_an_overdue_recovery_is_read_like_an_error() -> None:
    late = state(Status.RECOVERING, recovery=Recovery(NOW, (), overdue=True))
    assert seconds(late) == 60


@pytest.mark.parametrize(("failures", "minutes"), [(1, 5), (2, 10), (3, 15), (9, 15)])
def test_failures_in_a_row_back_off_to_a_quarter_of_an_hour(failures: int, minutes: int) -> None:
    assert seconds(state(Status.UNKNOWN, failures=failures)) == minutes * 60


def test_the_first_failure_in_an_outage_is_tried_again_soon() -> None:
    assert seconds(state(Status.UNKNOWN, failures=1, was=Status.ERROR)) == 60
    assert seconds(state(Status.UNKNOWN, failures=1, was=Status.RECOVERING)) == 30
    assert seconds(state(Status.UNKNOWN, failures=2, was=Status.RECOVERING)) == 600


@pytest.mark.parametrize("status", [Status.ERROR, Status.MONITORING, Status.RECOVERING])
def test_below_a_tenth_of_the_daily_calls_everything_slows_down(status: Status) -> None:
    scarce = state(status, used=13_501, limit=15_000)
    assert schedule.saving(scarce)
    assert seconds(scarce, attended=Attention.FULL) == 900


def test_a_tenth_of_the_daily_calls_is_still_enough() -> None:
    assert not schedule.saving(state(Status.ERROR, used=13_500, limit=15_000))


def test_an_org_that_names_no_limit_is_not_saved() -> None:
    assert not schedule.saving(state(Status.ERROR, limit=None))


@settings(deadline=None, derandomize=True)
@given(st.integers(min_value=1_000, max_value=5_000_000))
def test_a_standing_watch_uses_at_most_two_percent_of_the_daily_calls(limit: int) -> None:
    wait = schedule.interval(state(Status.MONITORING, limit=limit), PACE)
    day = timedelta(days=1)
    calls = day / wait + 2 * (day / max(wait, timedelta(minutes=15)))
    assert calls <= limit * 0.02 + 1e-6


@settings(deadline=None, derandomize=True)
@given(st.integers(), st.sampled_from([s for s in Status if s is not Status.MONITORING]))
def test_chance_moves_a_reading_by_at_most_a_tenth(seed: int, status: Status) -> None:
    known = state(status)
    wait = (schedule.next_reading(NOW, known, PACE, Random(seed)) - NOW).total_seconds()
    assert 0.9 * seconds(known) <= wait <= 1.1 * seconds(known)


@settings(deadline=None, derandomize=True)
@given(st.integers())
def test_chance_never_takes_a_standing_watch_below_a_minute(seed: int) -> None:
    fast = Intervals(monitoring=60)
    due = schedule.next_reading(NOW, state(Status.MONITORING), fast, Random(seed))
    assert due - NOW >= timedelta(seconds=60)


def test_the_orgs_wish_delays_but_never_hastens() -> None:
    known = state(Status.MONITORING)
    later, sooner = NOW + timedelta(hours=1), NOW + timedelta(seconds=1)
    assert schedule.next_reading(NOW, known, PACE, Middle(), retry_at=later) == later
    assert schedule.next_reading(NOW, known, PACE, Middle(), retry_at=sooner) == NOW + timedelta(minutes=5)


def test_more_than_two_intervals_are_a_gap() -> None:
    known = state(Status.MONITORING)
    assert not schedule.gap(known, NOW + timedelta(minutes=10), PACE)
    assert schedule.gap(known, NOW + timedelta(minutes=12), PACE)
    assert schedule.gap(None, NOW, PACE)


def test_after_failed_readings_something_may_have_come_and_gone() -> None:
    assert schedule.gap(state(Status.UNKNOWN, failures=1), NOW + timedelta(minutes=1), PACE)


@pytest.mark.parametrize(
    ("status", "minutes", "due"),
    [
        (Status.MONITORING, 5, False),
        (Status.MONITORING, 15, True),
        (Status.ERROR, 0.2, False),
        (Status.ERROR, 1, True),
        (Status.RECOVERING, 0.5, True),
        (Status.UNKNOWN, 5, True),
    ],
)
def test_tenant_and_console_are_asked_as_often_as_their_word_matters(
    status: Status, minutes: float, due: bool
) -> None:
    now = NOW + timedelta(minutes=minutes)
    assert schedule.extras_due(state(status), NOW, now) is due


def test_tenant_and_console_are_asked_when_nothing_is_known() -> None:
    assert schedule.extras_due(None, None, NOW)
    assert schedule.extras_due(state(Status.MONITORING), None, NOW)
