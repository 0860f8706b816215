"""When the next reading is due, and what readings by themselves may cost an org in a day."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.evidence import NOW, connection, evidence
from tests.unit.watching.fakes import EMEA, Middle, Scene, quiet
from tui.config import AppSettings, Config, Intervals
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


LIMIT = 15_000


class Costly(Scene):
    """An org that counts its calls and names its limit; each reading costs what `each` says."""

    limit: int | None = LIMIT
    each = 1
    pace = Intervals()

    def config(self, *names: str) -> Config:
        return replace(super().config(*names), app=AppSettings(intervals=self.pace))

    def cost(self) -> None:
        self.world.show(api_calls=self.each, api_used=0, api_limit=self.limit)


@pytest.fixture
def scene(tmp_path: Path) -> Costly:
    made = Costly(tmp_path / "state")
    made.cost()
    return made


async def calls_in(scene: Costly, span: timedelta, pace: timedelta = timedelta(seconds=5)) -> int:
    before, end = len(scene.world.reads), scene.clock.now() + span
    while scene.clock.now() < end:
        wake = scene.clock.next_wake()
        step = max(pace, wake - scene.clock.now()) if wake is not None else pace
        await scene.after(seconds=step.total_seconds())
    return (len(scene.world.reads) - before) * scene.each


@pytest.mark.parametrize("each", [1, 3])
async def test_a_whole_day_in_error_costs_at_most_a_tenth_of_the_days_calls(scene: Costly, each: int) -> None:
    scene.each = each
    scene.cost()
    scene.world.freeze()
    async with scene.watcher() as w:
        spent = await calls_in(scene, timedelta(hours=24))
        assert 0.05 * LIMIT < spent <= 0.1 * LIMIT + 2 * each
        assert w.progress(EMEA.name).throttled


async def test_the_share_is_the_configurations(scene: Costly) -> None:
    scene.pace = Intervals(share_error=2)
    scene.world.freeze()
    async with scene.watcher():
        assert await calls_in(scene, timedelta(hours=24)) <= 0.02 * LIMIT + 2


@pytest.mark.parametrize("limit", [None, 5_000_000])
async def test_where_there_is_plenty_nothing_is_throttled(scene: Costly, limit: int | None) -> None:
    scene.limit = limit
    scene.cost()
    scene.world.freeze()
    async with scene.watcher() as w:
        assert await calls_in(scene, timedelta(hours=12)) >= 12 * 60 - 2
        assert not w.progress(EMEA.name).throttled


async def test_what_a_person_asks_for_is_never_throttled(scene: Costly) -> None:
    scene.pace = Intervals(share_error=1)
    scene.world.freeze()
    async with scene.watcher() as w:
        await calls_in(scene, timedelta(hours=20))
        assert w.progress(EMEA.name).throttled
        read = len(scene.world.reads)
        for _ in range(5):
            w.check_now(EMEA.name)
            await quiet()
            scene.clock.advance(timedelta(seconds=2))
        assert len(scene.world.reads) == read + 5


async def test_a_key_that_is_held_reads_once_in_two_seconds_and_the_last_press_counts(scene: Costly) -> None:
    async with scene.watcher() as w:
        before = len(scene.world.reads)
        for _ in range(10):
            w.check_now(EMEA.name)
            await scene.after(seconds=0.1)
        assert len(scene.world.reads) == before + 1
        await scene.after(seconds=1)
        assert len(scene.world.reads) == before + 2
        await scene.after(seconds=10)
        assert len(scene.world.reads) == before + 2


async def at_a_step(scene: Costly, span: timedelta) -> float:
    """Seconds between two readings."""
    before = len(scene.world.reads)
    await calls_in(scene, span, timedelta(seconds=1))
    return span.total_seconds() / (len(scene.world.reads) - before)


async def test_a_walkthrough_that_is_left_open_reads_less_and_less_and_a_key_brings_it_back(
    scene: Costly,
) -> None:
    scene.limit = 5_000_000
    scene.pace = Intervals(error=600)
    scene.cost()
    scene.world.freeze()
    async with scene.watcher() as w:
        await w.walk(EMEA.name)
        w.attend(EMEA.name)
        for _ in range(2):
            await w.step_done(EMEA.name)
        await quiet()
        assert await at_a_step(scene, timedelta(minutes=4)) == pytest.approx(10, abs=1)
        await calls_in(scene, timedelta(minutes=2))
        assert await at_a_step(scene, timedelta(minutes=20)) == pytest.approx(60, abs=5)
        await calls_in(scene, timedelta(minutes=6))
        assert await at_a_step(scene, timedelta(hours=2)) == pytest.approx(600, abs=60)
        w.touch()
        await quiet()
        assert await at_a_step(scene, timedelta(minutes=4)) == pytest.approx(10, abs=1)


@pytest.mark.parametrize("limit", [-1, 0, 1, 5, None])
def test_a_limit_that_makes_no_sense_stops_nothing(limit: int | None) -> None:
    wait = schedule.wait_within_share((5, 100), limit, 0.1, timedelta(hours=1))
    assert timedelta(0) <= wait <= timedelta(hours=1)


async def test_a_recovery_counts_like_an_error(scene: Costly) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        scene.world.unfreeze()
        spent = await calls_in(scene, timedelta(hours=24))
        assert w.state(EMEA.name).status is Status.RECOVERING
        assert spent <= 0.1 * LIMIT + 2
