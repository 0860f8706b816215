"""`wait`: when it ends, with which code."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.states import CONNECTION, START, at, finding, reading
from tui.base.clock import ManualClock
from tui.commands.wait import ends, one_line, over, until
from tui.connections.finding import Diagnosis, Finding
from tui.connections.state import Recovery, Repaired, State, Status
from tui.console import Exit

FROZEN = finding("user_frozen", 0)
RATE = finding("login_rate_exceeded", 0)


def state(status: Status, *findings: Finding, minute: float = 0) -> State:
    return State(CONNECTION, reading(minute), Diagnosis(findings), status, at(0))


RECOVERING = replace(
    state(Status.RECOVERING),
    recovery=Recovery(at(-5), (FROZEN,), repaired=Repaired(at(-1), at(-1)), deadline=at(19)),
)


async def states(*told: State) -> AsyncIterator[State]:
    for each in told:
        yield each
    await asyncio.Event().wait()


async def waited(*told: State, timeout: timedelta | None = None) -> tuple[Exit, list[Status]]:
    heard: list[Status] = []
    code, _ = await until(states(*told), ManualClock(START), timeout, lambda s: heard.append(s.status))
    return code, heard


async def test_it_ends_well_with_monitoring_and_tells_of_every_change() -> None:
    code, heard = await waited(RECOVERING, RECOVERING, state(Status.MONITORING))
    assert (code, heard) == (Exit.OK, [Status.RECOVERING, Status.MONITORING])


async def test_an_error_that_needs_a_person_ends_it() -> None:
    assert await waited(RECOVERING, state(Status.ERROR, FROZEN)) == (
        Exit.ERROR,
        [Status.RECOVERING, Status.ERROR],
    )


@pytest.mark.parametrize("between", [state(Status.UNKNOWN), state(Status.ERROR, RATE)])
async def test_what_passes_by_itself_is_waited_through(between: State) -> None:
    code, _ = await waited(between, state(Status.MONITORING))
    assert code is Exit.OK


async def test_the_clock_ends_it_with_its_own_code() -> None:
    silent = asyncio.Event()

    async def then_silence() -> AsyncIterator[State]:
        yield RECOVERING
        silent.set()
        await asyncio.Event().wait()

    clock = ManualClock(START)
    waiting = asyncio.create_task(until(then_silence(), clock, timedelta(minutes=3), lambda s: None))
    await silent.wait()
    await asyncio.sleep(0)
    clock.advance(timedelta(minutes=3))
    assert await waiting == (Exit.TIMEOUT, RECOVERING)


def test_the_end_of_the_time_is_said_with_what_is_known() -> None:
    name = CONNECTION.name
    assert over(name, RECOVERING) == f"The time is over: {name} is still Recovering."
    assert over(name, None) == f"The time is over: {name} has not been read yet."


def test_without_a_timeout_it_lasts_until_five_minutes_past_the_deadline() -> None:
    assert ends(RECOVERING, START, None) == at(24)


def test_without_a_deadline_it_lasts_25_minutes() -> None:
    assert ends(state(Status.UNKNOWN), START, None) == at(25)


def test_the_deadline_of_the_org_is_kept_on_this_machines_clock() -> None:
    skewed = replace(RECOVERING, evidence=replace(RECOVERING.evidence, org_now=at(2)))
    assert ends(skewed, START, None) == at(22)


def test_a_change_is_told_without_saying_it_twice() -> None:
    waiting = State(CONNECTION, reading(0), Diagnosis(), Status.RECOVERING, at(0))
    assert one_line(waiting).casefold().count("repaired, waiting for incydr") == 1
