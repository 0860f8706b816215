"""`check`: every connection read once, as text or JSON, with the exit code of the worst."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

import msgspec

from tui import wording
from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.config import Config
from tui.connections.state import SCHEMA, State
from tui.headless.exits import Exit
from tui.headless.session import only, watching
from tui.headless.verdicts import exit_of, worst
from tui.net import Net
from tui.watching.watcher import Watcher


async def read_once(
    config: Config,
    names: Sequence[str],
    clock: Clock,
    *,
    net: Net | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> list[State]:
    """A state of each connection from a reading made now, in the configuration's order.

    Where another process watches this state folder, its newest states. `tell` hears what the operator should
    know about the way they were got. Raises Problem.
    """
    chosen = only(config, names)
    if not chosen.connections:
        return []
    wanted = [c.name for c in chosen.connections]
    async with watching(chosen, clock, net=net) as watcher:
        if watcher.following is None:
            async for _ in watcher.states():
                if all(_tried(watcher, name) for name in wanted):
                    break
        else:
            tell(f"The process {watcher.following} watches these connections; this is what it read last.")
        for problem in dict.fromkeys(watcher.ahead(name).journal_problem for name in wanted):
            tell(problem)
        states = [watcher.state(name) for name in wanted]
        if None in states:
            raise Problem(
                "Not read",
                f"{wanted[states.index(None)]} is watched by the process {watcher.following}, not read by it yet.",
                "Try again in a minute, or set REMONITOR_STATE to another folder.",
            )
        return [state for state in states if state is not None]


def _tried(watcher: Watcher, name: str) -> bool:
    """What the journal remembers comes first: only a state after this process's own reading counts."""
    ahead = watcher.ahead(name)
    return watcher.state(name) is not None and ahead.last_try is not None and not ahead.reading


def exit_code(states: Sequence[State]) -> Exit:
    return worst(exit_of(state) for state in states)


def as_json(states: Sequence[State], now: datetime) -> str:
    """What scripts read; `schema` changes when a field changes its meaning."""
    document = {
        "schema": SCHEMA,
        "at": now,
        "exit_code": int(exit_code(states)),
        "connections": [
            {
                "name": state.connection.name,
                "status": state.status,
                "overdue": state.overdue,
                "exit_code": int(exit_of(state)),
                "causes": list(state.diagnosis.causes),
                "state": state,
            }
            for state in states
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def as_text(states: Sequence[State], tz: tzinfo, now: datetime, *, plain: bool = False) -> str:
    """One line a connection, and below it what was found and what to do next."""
    lines: list[str] = []
    for state in states:
        sign = wording.status_sign(state, plain=plain)
        lines.append(f"{sign} {state.connection.name}: {wording.status_line(state, tz, now)}")
        lines.extend(f"    {line}" for line in _details(state, tz, now))
    return "\n".join(lines)


def _details(state: State, tz: tzinfo, now: datetime) -> list[str]:
    lines: list[str] = []
    for finding in state.diagnosis.findings:
        lines.append(f"{finding.title} · {wording.kind_line(finding, None, tz, now)}")
        lines.extend([wording.by_line(finding, tz, now), wording.restraint(finding, state)])
    lines.extend(wording.why_lines(state, tz, now))
    if not state.diagnosis.findings:
        lines.extend(wording.waiting_lines(state, tz, now) if state.recovering else ())
        lines.extend(wording.overdue_lines(state, tz, now))
    if state.recovering:
        lines.append(wording.lost_events(state, tz, now))
    lines.extend(wording.undetermined_lines(state))
    if state.life:
        lines.append(wording.life_line(state, tz, now))
    if state.diagnosis.findings:
        lines.append(f'next: remonitor steps "{state.connection.name}"')
    # Several causes by one person need his name once.
    return [line for line in dict.fromkeys(lines) if line]
