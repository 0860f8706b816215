"""One look at an org and the tenants of its connections: asks, compares, and says what to remember."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Connection, Org, Requirements, Tenant
from tui.connections.evidence import Evidence, value_of
from tui.contract import assumed, follows, org_facts, tenant_facts, unknown
from tui.contract.asking import BACK, OrgLook, TenantLook, ask_org, ask_tenant
from tui.contract.model import Fact, Follows, Report
from tui.contract.needs import field_uses, may_lack
from tui.diagnosis.diagnose import diagnose
from tui.incydr.session import Resolve
from tui.incydr.session import Session as TenantSession
from tui.net import ReadingNet
from tui.salesforce.evidence_parts import SEES_AUDIT, SEES_SIGN_INS, RightsPart, why_not_visible
from tui.salesforce.queries import Accounts
from tui.salesforce.reading import OrgReader
from tui.salesforce.remembered_facts import Learned
from tui.salesforce.session import Lacking, Session
from tui.salesforce.sign_in.way import SignInWay

T = TypeVar("T")

MOST_ACCOUNTS = 20
"""So many accounts share the question how often they sign in by day."""


@dataclass(frozen=True)
class Subject:
    """What is looked at: `connections` of one org, with their tenants by id; `neighbours` are all of that org."""

    org: Org
    connections: tuple[Connection, ...]
    neighbours: tuple[Connection, ...]
    tenants: Mapping[str, Tenant]
    requirements: Requirements

    @property
    def pinned(self) -> frozenset[str]:
        """Applications that the configuration knows as Incydr's."""
        return frozenset(each.incydr_app for each in self.neighbours if each.incydr_app)


@dataclass(frozen=True)
class Read:
    """Everything that one look has read."""

    session: Session
    org: OrgLook
    evidence: Mapping[str, Evidence]
    tenants: Mapping[str, TenantLook]


async def look(
    subject: Subject,
    net: ReadingNet,
    sign_in: SignInWay,
    clock: Clock,
    resolve: Resolve,
    asked: dict[str, TenantLook],
) -> Report:
    """Look once. Never raises for outside trouble: what could not be asked is a fact.

    `asked` are the tenants, by id, that were asked for another org; those of this one are added.
    """
    session = Session(subject.org, net, sign_in, clock)
    names = tuple(each.name for each in subject.requirements)
    uses = field_uses(names)
    accounts = Accounts(tuple(each.service_account for each in subject.connections)[:MOST_ACCOUNTS])
    org = await ask_org(session, {use.object for use in uses}, accounts)
    reader = OrgReader(subject.org, net, sign_in, clock, permissions=names, session=session)
    learned = None
    if session.versions:
        lacking = tuple(filter(may_lack, org_facts.lacking(org, uses)))
        learned = Learned(Lacking(session.versions[-1], lacking))
        reader.use(learned)
    since = session.now() - BACK
    connections = subject.connections
    evidence = await reader.read(connections, deep={each.name: since for each in connections})
    for id, tenant in subject.tenants.items():
        if id not in asked:
            asked[id] = await ask_tenant(TenantSession(tenant, net, clock, resolve), clock)
    tenants = {id: asked[id] for id in subject.tenants}
    read = Read(session, org, evidence, tenants)
    report = Report(
        org=subject.org.id,
        connections=tuple(each.name for each in connections),
        at=clock.now(),
        calls=net.sent_to(subject.org.api_url),
        tenant_requests=sum(net.sent_to(each.base_url) for each in subject.tenants.values()),
        facts=(),
        follows=tuple(_follows(subject, read)),
        subject=next((o.id for e in evidence.values() if (o := value_of(e.org))), None),
    )
    return _with_facts(report, subject, read, uses, learned)


def _with_facts(
    report: Report, subject: Subject, read: Read, uses: org_facts.Uses, learned: Learned | None
) -> Report:
    look, evidence = read.org, tuple(read.evidence.values())
    rights = evidence[0].rights
    texts = unknown.texts(look.counts["Status"], evidence)
    types = unknown.login_types(look.counts["LoginType"], evidence)
    apps = unknown.applications(look.counts["Application"], evidence, subject.pinned)
    actions = unknown.actions(look.other_actions)

    def facts() -> Iterator[Fact]:
        yield org_facts.versions(read.session)
        yield org_facts.limit_header(read.session)
        yield org_facts.clock("clock of the org", read.session.offset)
        yield from org_facts.fields(look, uses)
        yield from org_facts.rights(evidence[0])
        yield from org_facts.sign_in_texts(_seen(look.counts["Status"], rights, SEES_SIGN_INS), texts)
        yield org_facts.sign_in_types(_seen(look.counts["LoginType"], rights, SEES_SIGN_INS), types)
        applications = _seen(look.counts["Application"], rights, SEES_SIGN_INS)
        yield org_facts.applications(applications, apps, subject.pinned)
        now = read.session.now()
        yield org_facts.audit_actions(_seen(look.other_actions, rights, SEES_AUDIT), actions, now)
        yield org_facts.display_language(_seen(look.displays, rights, SEES_AUDIT))
        for id, tenant in read.tenants.items():
            mine = [each for each in subject.connections if each.tenant == id]
            yield from tenant_facts.facts(id, tenant, mine)
        offset = read.session.offset
        yield from assumed.facts(
            assumed.Seen(subject.org, look, read.evidence, read.tenants, texts, offset, read.session.calls)
        )

    if learned is not None:
        late = {id: late for id, each in read.tenants.items() if (late := tenant_facts.lateness(each))}
        learned = replace(
            learned, lateness=late, texts=texts, login_types=types, applications=apps, actions=actions
        )
    return replace(report, facts=tuple(facts()), learned=learned)


def _seen(part: T | Problem, rights: RightsPart, any_of: Sequence[str]) -> T | Problem:
    """A part as it was read; a Problem where the operator sees none of it, or his own rows alone."""
    hidden = why_not_visible(rights, any_of)
    if isinstance(part, Problem) or hidden is None:
        return part
    return Problem("Not visible to you", hidden.reason, hidden.next_step)


def _follows(subject: Subject, read: Read) -> Iterator[Follows]:
    for each in subject.connections:
        evidence = read.evidence[each.name]
        yield from follows.unseen_causes(each, diagnose(each, evidence, subject.requirements))
        tenant = read.tenants.get(each.tenant or "")
        others = [o for o in subject.neighbours if o.name != each.name and _same_account(o, each)]
        yield from follows.missing_proofs(each, evidence, tenant, others)


def _same_account(one: Connection, other: Connection) -> bool:
    return one.service_account.casefold() == other.service_account.casefold()
