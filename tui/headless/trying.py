"""Tries sign-ins one after the other, each failure kept as a problem: for `whoami`, `config check` and `doctor`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.config import Config
from tui.config import resolve as configured_resolve
from tui.connections.connection import Org, Tenant
from tui.headless.exits import Exit
from tui.net import Net
from tui.onboarding.org_lookups import SignedIn, who_am_i
from tui.onboarding.tenants import detectors
from tui.salesforce.session import Session
from tui.salesforce.sign_in import way
from tui.wording.permissions import rights_lines


@dataclass(frozen=True)
class Tried:
    """One org or tenant: its key in the configuration, its address, and what came of the sign-in."""

    key: str
    place: str
    result: SignedIn | Problem | None
    """None: signed in to a tenant, which does not say as whom."""

    @property
    def exit_code(self) -> Exit:
        """NO: the sign-in is refused. UNKNOWN: nobody could be asked."""
        if not isinstance(self.result, Problem):
            return Exit.OK
        return Exit.UNKNOWN if self.result.no_answer else Exit.NO


async def org_sign_in(org: Org, net: Net, clock: Clock) -> Tried:
    """Sign in to one org and ask who that is."""
    try:
        result: SignedIn | Problem = await who_am_i(Session(org, net, way(org, net), clock))
    except Problem as problem:
        result = problem
    return Tried(f"orgs.{org.id}", org.my_domain, result)


async def tenant_sign_in(tenant: Tenant, net: Net, clock: Clock) -> Tried:
    """Sign in to one tenant and search its events."""
    result = None
    try:
        await detectors(tenant, net, clock, resolve=configured_resolve)
    except Problem as problem:
        result = problem
    return Tried(f"tenants.{tenant.id}", tenant.base_url, result)


async def every_org(config: Config, net: Net, clock: Clock) -> AsyncIterator[Tried]:
    for org in config.orgs.values():
        yield await org_sign_in(org, net, clock)


async def everything(config: Config, net: Net, clock: Clock) -> AsyncIterator[Tried]:
    async for tried in every_org(config, net, clock):
        yield tried
    for tenant in config.tenants.values():
        yield await tenant_sign_in(tenant, net, clock)


def line(tried: Tried) -> str:
    """The outcome in one line."""
    if isinstance(tried.result, Problem):
        return f"{tried.key}: {tried.result}"
    if tried.result is None:
        return f"{tried.key}: signed in to {tried.place}"
    return f"{tried.key}: signed in to {tried.place} as {tried.result.name}"


def identity(tried: Tried) -> str:
    """Who the operator is in an org and what that allows."""
    found = tried.result
    if not isinstance(found, SignedIn):
        return line(tried)
    kind = "sandbox" if found.org.is_sandbox else "org"
    head = f"{tried.key}: {found.name} in the {kind} {found.org.name} ({found.org.id}), {tried.place}"
    return "\n".join(
        [
            head,
            *([f"    ! {found.hidden}"] if found.hidden else []),
            *(f"    {'✓' if has else '–'} {text}" for has, text in rights_lines(found.rights)),
        ]
    )
