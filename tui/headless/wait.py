"""`wait`: stays until a connection is back to Monitoring, needs a person, or the time is over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

from tui.base.clock import Clock
from tui.connections.state import State, Status
from tui.headless.exits import Exit
from tui.headless.verdicts import exit_of

GRACE = timedelta(minutes=5)
"""Beyond the recovery's deadline."""
WITHOUT_DEADLINE = timedelta(minutes=25)


def verdict(state: State) -> Exit | None:
    """How the wait ends with this state; None: it goes on."""
    if state.status is Status.MONITORING:
        return Exit.OK
    return Exit.ERROR if exit_of(state) is Exit.ERROR else None


def ends(state: State, started: datetime, timeout: timedelta | None) -> datetime:
    """When the wait is over, on this machine's clock."""
    if timeout is not None:
        return started + timeout
    deadline = state.recovery.deadline if state.recovering and state.recovery else None
    if deadline is None:
        return started + WITHOUT_DEADLINE
    return deadline - (state.evidence.org_now - state.evidence.read_at) + GRACE


async def until(
    states: AsyncIterator[State],
    clock: Clock,
    timeout: timedelta | None,
    tell: Callable[[State], None],
) -> tuple[Exit, State | None]:
    """Follow the states of one connection; `tell` hears of every change. `timeout` is on the given clock."""
    started = clock.now()
    end = started + (timeout or WITHOUT_DEADLINE)
    last: State | None = None
    while True:
        state = await _before(anext(states), clock, end)
        if state is None:
            return Exit.TIMEOUT, last
        if last is None or (last.status, last.diagnosis.causes) != (state.status, state.diagnosis.causes):
            tell(state)
        last = state
        end = ends(state, started, timeout)
        result = verdict(state)
        if result is not None:
            return result, state


def over(name: str, state: State | None) -> str:
    """That the time is over, and what `name` is by then; no `state`: it was not read."""
    known = f"{name} is still {state.status}" if state is not None else f"{name} has not been read yet"
    return f"The time is over: {known}."


async def _before(coming: Awaitable[State], clock: Clock, end: datetime) -> State | None:
    """The next state, or None when the clock reaches `end` first."""
    reading = asyncio.ensure_future(coming)
    over = asyncio.ensure_future(clock.sleep_until(end))
    try:
        await asyncio.wait({reading, over}, return_when=asyncio.FIRST_COMPLETED)
        return reading.result() if reading.done() else None
    finally:
        reading.cancel()
        over.cancel()
        await asyncio.gather(reading, over, return_exceptions=True)
