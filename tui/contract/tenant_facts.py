"""What a tenant's newest Salesforce events carry, held against what the program looks for. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from statistics import median

from tui.base.limits import ACROSS_VENDORS, EVENT_LATENESS
from tui.base.problem import Problem
from tui.base.text import counted
from tui.connections.connection import Connection
from tui.connections.evidence import Lateness
from tui.contract.asking import TenantLook
from tui.contract.model import Fact, Group, Verdict, compared
from tui.contract.org_facts import clock, listed, unread
from tui.incydr.reading import unnamed
from tui.incydr.wire import OBSERVER


def lateness(look: TenantLook) -> Lateness | None:
    """How late the newest events were stored; None where no event says it."""
    if isinstance(look.found, Problem):
        return None
    late = [max(e.inserted - e.happened, timedelta(0)) for e in look.found.events if e.inserted is not None]
    if not late:
        return None
    middle = timedelta(seconds=round(median(each.total_seconds() for each in late)))
    return Lateness(len(late), middle, timedelta(seconds=round(max(late).total_seconds())))


def facts(tenant: str, look: TenantLook, connections: Sequence[Connection]) -> Iterator[Fact]:
    """`connections` are those of this tenant."""
    if look.offset is not None:
        yield clock(f"clock of tenant {tenant}", look.offset)
    name = f"tenant {tenant}: events"
    expected = f"some of observer {OBSERVER}"
    effect = "No file event can prove that Incydr is back."
    if isinstance(look.found, Problem):
        yield unread(Group.EVENTS, name, expected, look.found, effect)
        return
    if not look.has_events:
        yield compared(Group.EVENTS, name, expected, f"none; {_observers(look)}", False, effect)
        return
    yield compared(Group.EVENTS, name, expected, f"{counted(look.found.total, 'event')} of {OBSERVER}", True)
    yield from _names(tenant, look, connections)
    yield _late(tenant, look)


def _observers(look: TenantLook) -> str:
    if isinstance(look.groups, Problem):
        return f"which observers there are could not be read ({look.groups.title})"
    return (
        f"observers that sent some: {listed(list(look.groups))}"
        if look.groups
        else "nor of any other observer"
    )


def names(look: TenantLook) -> Mapping[str, int]:
    """The detectors that the events name, and how often; from the newest page where the tenant does not group."""
    if not look.has_events or isinstance(look.found, Problem):
        return {}
    found: dict[str, int] = {}
    for event in look.found.events:
        if event.name:
            found[event.name] = found.get(event.name, 0) + 1
    return {**found, **look.groups} if not isinstance(look.groups, Problem) else found


def nameless(look: TenantLook) -> int:
    """How many of the newest events name nobody."""
    return 0 if isinstance(look.found, Problem) else sum(map(unnamed, look.found.events))


def _names(tenant: str, look: TenantLook, connections: Sequence[Connection]) -> Iterator[Fact]:
    seen = names(look)
    for each in connections:
        yield compared(
            Group.EVENTS,
            f"tenant {tenant}: detector of {each.name}",
            f"“{each.detector_name}”",
            f"{counted(seen[each.detector_name], 'event')}" if each.detector_name in seen else _others(seen),
            each.detector_name in seen or (each.only_connection and not seen),
            "remonitor does not recognise its events: compare detector_name with these names.",
        )
    count = nameless(look)
    events = 0 if isinstance(look.found, Problem) else len(look.found.events)
    counts = bool(connections) and all(each.only_connection for each in connections)
    effect = "They count for no connection. If there is only one, set only_connection = true."
    found = f"{count} of the newest {events}"
    yield compared(
        Group.EVENTS, f"tenant {tenant}: events without a name", "none", found, not count or counts, effect
    )


def _others(seen: Mapping[str, int]) -> str:
    return f"not there; there are {listed(list(seen))}" if seen else "no event names a detector"


def _late(tenant: str, look: TenantLook) -> Fact:
    name, expected = f"tenant {tenant}: lateness", f"at most {EVENT_LATENESS.total_seconds() / 60:.0f} min"
    measured = lateness(look)
    if measured is None:
        return Fact(Group.EVENTS, name, expected, "no event says when it was stored", Verdict.UNREAD)
    found = (
        f"median {_minutes(measured.median)}, largest {_minutes(measured.largest)}, "
        f"over {counted(measured.events, 'event')}"
    )
    effect = "remonitor sees a return that much later."
    return compared(
        Group.EVENTS, name, expected, found, measured.largest <= EVENT_LATENESS + ACROSS_VENDORS, effect
    )


def _minutes(span: timedelta) -> str:
    minutes = span.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes >= 10 else f"{minutes:.1f} min"
