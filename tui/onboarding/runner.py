"""Walks the flow with a prompter: asks, fetches what has to be learned outside, goes back after a failure."""

from collections.abc import Coroutine
from typing import Any, Protocol

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.limits import WINDOW_MOST
from tui.base.problem import Problem
from tui.config import resolve as configured_resolve
from tui.connections.connection import Org
from tui.connections.state import State
from tui.diagnosis.diagnose import first_state
from tui.incydr.reading import TenantReader
from tui.net import Net, NetProblem
from tui.onboarding import org_lookups
from tui.onboarding.flow import Flow
from tui.onboarding.needs import Lookup, Question
from tui.onboarding.org_lookups import who_am_i
from tui.onboarding.orgs import KnownOrgs
from tui.onboarding.tenants import detectors
from tui.rules.required_permissions import REQUIREMENTS
from tui.salesforce.reading import OrgReader
from tui.salesforce.session import Session
from tui.salesforce.sign_in import Resolve, SignInWay, way
from tui.salesforce.sign_in.sf_cli import KnownOrg, list_orgs
from tui.salesforce.sign_in.web import Web

FIRST_READING = WINDOW_MOST
"""How far back the audit trail is read: the widest window of a status."""

SF_SECONDS = 15.0
"""Real seconds that the sf CLI may take to list its orgs: a comfort, not worth a long wait."""


class Back(Exception):
    """The operator wants the question before."""


class Cancelled(Exception):
    """The operator gave up; nothing was written."""


class Prompter(Protocol):
    """Whoever asks the operator."""

    async def ask(self, question: Question) -> str:
        """An answer, not checked yet. Raises Back."""

    async def during(self, lookup: Lookup, work: Coroutine[Any, Any, object]) -> object:
        """What `work` brings; it takes a moment. Raises Back."""

    def report(self, problem: Problem) -> None:
        """An answer or lookup failed. Raises it again where nobody could answer anew."""

    def show(self, line: str) -> None:
        """A line of a browser sign-in."""

    async def pasted(self) -> str:
        """A line that the operator pastes during a browser sign-in."""


async def run_flow(flow: Flow, lookups: "LookupRunner", prompter: Prompter) -> Flow:
    """Until all is known and agreed. Raises Cancelled, and what `prompter` raises to give up."""
    while True:
        need = None
        try:
            need = flow.next()
            if need is None:
                return flow
            if isinstance(need, Lookup):
                flow = flow.learned(need, await prompter.during(need, lookups.run(need, flow, prompter)))
            else:
                flow = flow.answer(need, await prompter.ask(need))
        except Back:
            if flow.unanswered:
                raise Cancelled from None
            flow = flow.back()
        except Problem as problem:
            prompter.report(problem)
            if isinstance(need, Question):
                continue
            if flow.unanswered:
                raise Cancelled from None
            flow = flow.back()


class LookupRunner:
    """What the flow learns of orgs and tenants. One sign-in an org, kept from lookup to lookup."""

    def __init__(
        self,
        net: Net,
        clock: Clock,
        *,
        resolve: Resolve = configured_resolve,
    ) -> None:
        self._net = net
        self._clock = clock
        self._resolve = resolve
        self._signed_in: tuple[Org, SignInWay, Session] | None = None

    async def run(self, lookup: Lookup, flow: Flow, prompter: Prompter) -> object:
        """The fact that this lookup brings. Raises Problem."""
        match lookup:
            case Lookup.ORGS:
                return await self._known_orgs()
            case Lookup.SIGN_IN:
                return await self._sign_in(flow.org, prompter)
            case Lookup.SUGGEST:
                return await org_lookups.suggest(self._session(flow.org)[1])
            case Lookup.ACCOUNT:
                return await org_lookups.look_up(self._session(flow.org)[1], flow.given("account"))
            case Lookup.DETECTORS:
                tenant = flow.tenant
                assert tenant is not None  # noqa: S101 - this lookup is only for one
                return await detectors(tenant, self._net, self._clock, resolve=self._resolve)
            case Lookup.READING:
                return await self._first_reading(flow)

    async def _known_orgs(self) -> KnownOrgs:
        try:
            orgs: tuple[KnownOrg, ...] = await list_orgs(timeout=SF_SECONDS)
        except Problem as problem:
            return KnownOrgs(problem=f"{problem.title}: {problem.message}")
        return KnownOrgs(orgs)

    async def _sign_in(self, org: Org, prompter: Prompter) -> object:
        self._signed_in = None
        sign_in, session = self._session(org)
        if isinstance(sign_in, Web):
            try:
                await sign_in.token()
            except NetProblem:
                raise
            except Problem:
                # Nothing is kept yet, or it has ended: a person has to sign in.
                await sign_in.sign_in(prompter.show, prompter.pasted)
        return await who_am_i(session)

    async def _first_reading(self, flow: Flow) -> State:
        connection, org, tenant = flow.connection, flow.org, flow.tenant
        sign_in, session = self._session(org)
        required = flow.config.required(REQUIREMENTS)
        reader = OrgReader(
            org, self._net, sign_in, self._clock, permissions=[requirement.name for requirement in required]
        )
        since = session.now() - FIRST_READING
        evidence = (await reader.read([connection], deep={connection.name: since}))[connection.name]
        if tenant is not None:
            events = TenantReader(tenant, self._net, self._clock, resolve=self._resolve)
            evidence = replace(evidence, events=await events.read(connection, since))
        return first_state(connection, evidence, required)

    def _session(self, org: Org) -> tuple[SignInWay, Session]:
        # What else the flow learns of the org does not change who is signed in.
        known = self._signed_in[0] if self._signed_in else None
        if known is None or (known.api_url, known.sign_in) != (org.api_url, org.sign_in):
            sign_in = way(org, self._net, resolve=self._resolve)
            self._signed_in = (org, sign_in, Session(org, self._net, sign_in, self._clock))
        assert self._signed_in is not None  # noqa: S101 - set above
        return self._signed_in[1:]
