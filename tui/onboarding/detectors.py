"""Finds the names of a tenant's Salesforce connections: those that its file events carry."""

from msgspec import Struct

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Tenant
from tui.incydr import wire
from tui.incydr.session import Resolve, Session
from tui.net import Net, NetProblem
from tui.onboarding.tenants import Detectors

ORDER = {
    # That events can be grouped by this term is inferred.
    "groupingTerm": "event.detectorDisplayName",
    "groups": [
        {
            "filterClause": "AND",
            "filters": [{"term": "event.observer", "operator": "IS", "value": "Salesforce"}],
        }
    ],
    "groupClause": "AND",
}


class _Group(Struct, frozen=True):
    value: str | None = None


class _Answer(Struct, frozen=True):
    groups: list[_Group]


async def detectors(tenant: Tenant, net: Net, clock: Clock, *, resolve: Resolve) -> Detectors:
    """The names, in order; it also proves the tenant's sign-in and its right to file events. Raises Problem."""
    session = Session(tenant, net, clock, resolve)
    try:
        answer = await session.post("/v2/file-events/grouping", ORDER)
        groups = wire.decode(answer.body, _Answer, "File events").groups
    except Problem as problem:
        if isinstance(problem, NetProblem):
            raise
        # Searching is what the watch needs; where that works, the names are only a comfort.
        await session.post("/v2/file-events", wire.search(tenant.id, clock.now()))
        return Detectors(hidden=f"{problem.title}: {problem.message}")
    names = {group.value for group in groups if group.value}
    return Detectors(tuple(sorted(names, key=str.casefold)))
