"""Finds the names of a tenant's Salesforce connections: those that its file events carry."""

from datetime import timedelta

from msgspec import Struct

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Tenant
from tui.incydr import wire
from tui.incydr.reading import unnamed
from tui.incydr.searching import search
from tui.incydr.session import Resolve, Session
from tui.net import Net, NetProblem
from tui.onboarding.tenants import Detectors

BACK = timedelta(days=30)
"""How far back events are looked at for the names that they carry."""


class _Group(Struct, frozen=True):
    value: str | None = None


class _Answer(Struct, frozen=True):
    groups: list[_Group] | None = None


async def detectors(tenant: Tenant, net: Net, clock: Clock, *, resolve: Resolve) -> Detectors:
    """The names, in order; it also proves the tenant's sign-in and its right to file events. Raises Problem."""
    session = Session(tenant, net, clock, resolve)
    hidden = ""
    names: set[str] = set()
    try:
        names = await _grouped(session)
    except Problem as problem:
        if isinstance(problem, NetProblem):
            raise
        hidden = f"{problem.title}: {problem.message}"
    if len(names) > 1:
        return Detectors(_ordered(names))
    # inferred: detector_grouping - it lists no event without a name.
    found = await search(session, clock, clock.now() - BACK)
    names |= found.names
    whole = found.unread_before is None or not hidden
    return Detectors(
        _ordered(names),
        hidden="" if names else hidden,
        unnamed=whole and any(unnamed(event) for event in found.events),
    )


async def _grouped(session: Session) -> set[str]:
    """The names by which the tenant groups its events. Raises Problem."""
    order = {"groupingTerm": "event.detectorDisplayName", **wire.filters()}
    answer = await session.post("/v2/file-events/grouping", order)
    groups = wire.decode(answer.body, _Answer, "File events").groups or []
    return {group.value for group in groups if group.value}


def _ordered(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.casefold))
