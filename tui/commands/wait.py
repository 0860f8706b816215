"""`wait`: stays until a connection is back to Monitoring, needs a person, or the time is over."""

import argparse
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui.console import (
    Arguments,
    Exit,
    ascii_if_asked,
    exit_of,
    load_config,
    narrate,
    on_loop,
    say,
    start_log,
    system_clock,
)
from tui.console.command import CONFIG, ENDED, UNKNOWN, USAGE, Command, Page, add_look_options, duration

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.connections.state import State

GRACE = timedelta(minutes=5)
"""Beyond the recovery's deadline."""
WITHOUT_DEADLINE = timedelta(minutes=25)

PAGE = Page(
    "wait until a connection is back to Monitoring",
    """\
Watches one connection. Ends when it is back to Monitoring, when a person must
act, or when the time is over. Prints changes on stderr.""",
    (
        (
            "remonitor wait 'Acme EMEA' && echo | mail -s 'Incydr is back' ops@acme.example",
            "tell somebody",
        ),
        ("remonitor wait 'Acme EMEA' --timeout 40m", "at most 40 minutes"),
    ),
    (
        ("0", "Monitoring"),
        ("2", "Error that needs a person, overdue, Deauthorized"),
        UNKNOWN,
        USAGE,
        CONFIG,
        ("124", "the time is over"),
        ENDED,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_look_options(parser)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument(
        "--timeout", type=duration, metavar="SPAN", help="such as 25m (default: the deadline + 5 min)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(arguments: Arguments) -> int:
    from tui.console.watcher import only, open_watcher, states_of

    config = only(load_config(arguments), [arguments.name])
    start_log(arguments)
    clock = system_clock()
    tell = ascii_if_asked(arguments, narrate)

    async def follow() -> tuple[Exit, "State | None"]:
        async with open_watcher(config, clock) as watcher:
            return await until(
                states_of(watcher, arguments.name),
                clock,
                arguments.timeout,
                lambda state: tell(one_line(state)),
            )

    code, state = on_loop(follow())
    if code is Exit.TIMEOUT:
        tell(over(arguments.name, state))
    _answer(arguments, [state] if state else [], code)
    return code


def _answer(arguments: Arguments, states: "list[State]", code: Exit) -> None:
    from tui.console.watcher import rows_of
    from tui.reports import documents, text
    from tui.wording import Times

    times, rows = Times(None, system_clock().now()), rows_of(states)
    if arguments.format == "json":
        say(documents.written(documents.whole(rows, times.now, code)))
    else:
        ascii_if_asked(arguments, say)(text.as_text(rows, times, offers=text.offers_of(states)))


def one_line(state: "State") -> str:
    from tui import wording

    times = wording.Times(None, system_clock().now())
    line, headline = (tell(state, times) for tell in (wording.status_line, wording.headline))
    more = "" if headline.casefold() in line.casefold() else f" · {headline}"
    return f"{state.connection.name}: {line}{more}"


def verdict(state: "State") -> Exit | None:
    """How the wait ends with this state; None: it goes on."""
    from tui.connections.state import Status

    if state.status is Status.MONITORING:
        return Exit.OK
    return Exit.ERROR if exit_of(state) is Exit.ERROR else None


def ends(state: "State", started: datetime, timeout: timedelta | None) -> datetime:
    """When the wait is over, on this machine's clock."""
    if timeout is not None:
        return started + timeout
    deadline = state.recovery.deadline if state.recovering and state.recovery else None
    if deadline is None:
        return started + WITHOUT_DEADLINE
    return deadline - (state.evidence.org_now - state.evidence.read_at) + GRACE


async def until(
    states: "AsyncIterator[State]",
    clock: "Clock",
    timeout: timedelta | None,
    tell: "Callable[[State], None]",
) -> tuple[Exit, "State | None"]:
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


def over(name: str, state: "State | None") -> str:
    """That the time is over, and what `name` is by then; no `state`: it was not read."""
    known = f"{name} is still {state.status}" if state is not None else f"{name} has not been read yet"
    return f"The time is over: {known}."


async def _before(coming: "Awaitable[State]", clock: "Clock", end: datetime) -> "State | None":
    """The next state, or None when the clock reaches `end` first."""
    import asyncio

    reading = asyncio.ensure_future(coming)
    over = asyncio.ensure_future(clock.sleep_until(end))
    try:
        await asyncio.wait({reading, over}, return_when=asyncio.FIRST_COMPLETED)
        return reading.result() if reading.done() else None
    finally:
        reading.cancel()
        over.cancel()
        await asyncio.gather(reading, over, return_exceptions=True)


COMMAND = Command("wait", PAGE, run, add_arguments)
