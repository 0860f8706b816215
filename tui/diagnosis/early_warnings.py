"""Early warnings: what is well today and may not be tomorrow. The status stays what it is."""

from collections import Counter
from datetime import timedelta

from tui.base.limits import APPROVALS, HOUR, SIGN_INS_PER_HOUR
from tui.causes.registry import row_of
from tui.connections.connection import Connection, Need, Requirements
from tui.connections.evidence import Evidence, Unreadable, value_of
from tui.connections.finding import PRESSES, EvidenceRow, Fact, Finding, nearly
from tui.connections.signs_of_life import names_application, succeeded
from tui.diagnosis.offers import is_service_account
from tui.rules import effective_permissions, sign_ins

_TREND_FROM = timedelta(minutes=5)
"""Below this span of sign-ins a pace means nothing."""
_TREND_LEAST = 360
"""Below a tenth of the quota a pace means nothing either."""
_SHOWN = 3


def warnings(connection: Connection, evidence: Evidence, requirements: Requirements) -> tuple[Fact, ...]:
    """Everything worth telling early, in a fixed order; of parts that could not be read, nothing."""
    if value_of(evidence.user) is None:
        return ()
    return (
        *_own_account(connection, evidence),
        *_expiring(evidence, requirements),
        *_groups(evidence),
        *_shared(connection, evidence),
        *_quota(evidence),
        *_approvals(connection, evidence),
        *_budget(evidence),
        *_only_connection(connection, evidence),
    )


def _own_account(connection: Connection, evidence: Evidence) -> tuple[Fact, ...]:
    if not is_service_account(connection, evidence):
        return ()
    text = "you are signed in as the service account: when it stops you see nothing, and you use its sign-ins"
    return (Fact(text),)


def _expiring(evidence: Evidence, requirements: Requirements) -> tuple[Fact, ...]:
    held = effective_permissions.of_account(evidence, requirements)
    if isinstance(held, Unreadable):
        return ()
    facts = []
    for each in held:
        if each.requirement.need is not Need.BLOCKS:
            continue
        last = max(each.by, key=lambda g: (g.expires is None, g.expires or evidence.org_now), default=None)
        if last is not None and last.expires is not None:
            text = f"only {last.name} gives {each.requirement.label}, and that assignment expires"
            facts.append(Fact(text, last.expires))
    return tuple(facts)


def _groups(evidence: Evidence) -> tuple[Fact, ...]:
    return tuple(
        Fact(f"{effective_permissions.why_pending(grant)}: what it gives may change")
        for grant in value_of(evidence.grants) or ()
        if effective_permissions.counts(grant, evidence) and effective_permissions.pending(grant)
    )


def _shared(connection: Connection, evidence: Evidence) -> tuple[Fact, ...]:
    facts = []
    if connection.shared:
        facts.append(
            Fact("other connections use this account too, so its sign-ins prove nothing: give each its own")
        )
    history = value_of(evidence.sign_ins)
    if connection.incydr_app is not None and history is not None:
        times: Counter[str] = Counter()
        for row in history.window:
            if names_application(row) and row.application != connection.incydr_app and succeeded(row):
                times[row.application] += row.count
        if times:
            others = ", ".join(name for name, _ in times.most_common(_SHOWN))
            facts.append(Fact(f"this account is also used by {others}: only Incydr should use it"))
    return tuple(facts)


def _quota(evidence: Evidence) -> tuple[Fact, ...]:
    """The hour's sign-ins against the quota, and when it would be used up at this pace."""
    history = value_of(evidence.sign_ins)
    rows = history.hour if history is not None else ()
    total = sum(row.count for row in rows)
    if not total or sign_ins.refusals(evidence) is not None:
        return ()
    begun = max(min(row.first for row in rows), evidence.org_now - HOUR)
    span = evidence.org_now - begun
    left = SIGN_INS_PER_HOUR - total
    reached = evidence.org_now + span * (left / total) if left > 0 else evidence.org_now
    fast = span >= _TREND_FROM and total >= _TREND_LEAST and reached < begun + HOUR
    text = f"{total:,} of {SIGN_INS_PER_HOUR:,} sign-ins of this hour are used"
    if fast:
        return (Fact(f"{text}; if this goes on, the limit is reached", reached),)
    return (Fact(text),) if _half_used(total) else ()


def quota_presses(evidence: Evidence, findings: tuple[Finding, ...]) -> bool:
    """Whether sign-ins are refused for the quota, or half of it is used."""
    history = value_of(evidence.sign_ins)
    total = sum(row.count for row in history.hour) if history is not None else 0
    refused = any(row_of(finding) is EvidenceRow.HOUR for finding in findings)
    return refused or _half_used(total)


def _half_used(total: int) -> bool:
    return total >= PRESSES * SIGN_INS_PER_HOUR


def _approvals(connection: Connection, evidence: Evidence) -> tuple[Fact, ...]:
    apps = Counter(token.app for token in value_of(evidence.tokens) or ())
    return tuple(
        Fact(f"{count} approvals of {app} for this account: above {APPROVALS}, Salesforce revokes the oldest")
        for app, count in sorted(apps.items())
        if count >= APPROVALS - 1 and connection.incydr_app in (None, app)
    )


def _budget(evidence: Evidence) -> tuple[Fact, ...]:
    used, limit = evidence.api_used, evidence.api_limit
    if not nearly(used, limit):
        return ()
    return (
        Fact(f"{used:,} of the org's {limit:,} API calls of today are used: above that nothing can be read"),
    )


def _only_connection(connection: Connection, evidence: Evidence) -> tuple[Fact, ...]:
    """Events that name another connection suspend what the operator said of those without a name."""
    events = value_of(evidence.events)
    if not connection.only_connection or events is None or not events.others:
        return ()
    names = ", ".join(events.others[:_SHOWN])
    text = f"only_connection is suspended: events of this tenant also name {names}; events without a name do not count"
    return (Fact(text),)
