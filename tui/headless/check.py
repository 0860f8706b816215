"""`check`: every connection read once, as text or JSON, with the exit code of the worst."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec

from tui import wording
from tui.base.clock import Clock
from tui.config import Config
from tui.connections.repair import NoRepair, Repair
from tui.connections.state import SCHEMA, State
from tui.headless.exits import Exit
from tui.headless.session import named, only, read_by, watching
from tui.headless.verdicts import exit_of, worst
from tui.net import Net


async def read_once(
    config: Config,
    names: Sequence[str],
    clock: Clock,
    *,
    net: Net | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> list[State]:
    """A state of each connection from a reading made now, in the configuration's order.

    Of an org that another process watches, its newest states. `tell` hears what the operator should know about
    the way they were got. Raises Problem.
    """
    wanted = [c.name for c in named(config, names)]
    if not wanted:
        return []
    async with watching(only(config, wanted), clock, net=net) as watcher:
        return await read_by(watcher, wanted, tell)


def offers_of(states: Sequence[State]) -> dict[str, tuple[Repair | NoRepair, ...]]:
    """For each connection by name what this program may repair, or why not, in the order of its findings."""
    return {
        state.connection.name: tuple(offer.repair for offer in state.diagnosis.offers) for state in states
    }


def exit_code(states: Sequence[State]) -> Exit:
    return worst(exit_of(state) for state in states)


def as_json(states: Sequence[State], now: datetime, code: Exit | None = None) -> str:
    """What scripts read; `schema` changes when a field changes its meaning.

    `code`: how the process ends, by default like the worst connection.
    """
    document = {
        "schema": SCHEMA,
        "at": now,
        "exit_code": int(exit_code(states) if code is None else code),
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


def as_text(
    states: Sequence[State],
    times: wording.Times,
    *,
    offers: Mapping[str, Sequence[Repair | NoRepair]] = MappingProxyType({}),
) -> str:
    """One line a connection, and below it what was found and what to do next."""
    lines: list[str] = []
    for state in states:
        sign = wording.status_sign(state)
        lines.append(f"{sign} {state.connection.name}: {wording.status_line(state, times)}")
        offered = offers.get(state.connection.name, ())
        lines.extend(f"    {line}" for line in _details(state, times, offered))
    lines.extend(f"! {line}" for line in wording.tenant_lines(states))
    return "\n".join(lines)


def _details(state: State, times: wording.Times, offered: Sequence[Repair | NoRepair]) -> list[str]:
    offers = {offer.cause: offer for offer in offered}
    lines: list[str] = []
    for finding in state.diagnosis.findings:
        lines.append(f"{finding.title} · {wording.kind_line(finding, offers.get(finding.cause), times)}")
        lines.extend([wording.by_line(finding, times), wording.restraint(finding)])
    lines.extend(wording.why_lines(state, times))
    if not state.diagnosis.findings:
        lines.extend(wording.waiting_lines(state, times) if state.recovering else ())
        lines.extend(wording.overdue_lines(state, times))
    if state.recovering:
        lines.append(wording.lost_events(state, times))
    lines.extend(wording.undetermined_lines(state))
    lines.extend(f"! {line}" for line in wording.warning_lines(state, times))
    lines.append(wording.event_line(state, times))
    if state.life:
        lines.append(wording.life_line(state, times))
    if state.diagnosis.findings:
        name = shlex.quote(state.connection.name)
        may = any(isinstance(offer, Repair) for offer in offered)
        repair = f", or let the program repair it: remonitor fix {name}" if may else ""
        lines.append(f"next: remonitor steps {name}{repair}")
    # Several causes by one person need his name once.
    return [line for line in dict.fromkeys(lines) if line]
