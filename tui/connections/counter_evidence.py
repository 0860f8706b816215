"""What speaks against Monitoring, and which sign of life outweighs it. Pure."""

from datetime import datetime, timedelta

from tui.base.limits import ACROSS_VENDORS, NOTICED_WITHIN, WINDOW_MOST
from tui.connections.audit_policy import newest_change, unchanged
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, Part, Unreadable, value_of
from tui.connections.finding import ANY_PROOF, Diagnosis, Doubt, ProofKind
from tui.connections.state import CounterEvidence, CounterKind, Proof, State


def outweighed(against: CounterEvidence, proofs: tuple[Proof, ...], *, late: bool = False) -> bool:
    """Whether a proof that counts is newer; `late`: a sign-in only once Incydr must have noticed.

    Incydr's own times count only beyond the difference of clocks; a console that still says Monitoring soon after
    an audit row may not have noticed yet. What an unread audit trail may hide was over when all was read as good:
    a sign-in counts once Incydr must have noticed that.
    """
    for proof in proofs:
        slack = ACROSS_VENDORS if proof.kind is ProofKind.EVENT else timedelta(0)
        if proof.kind is ProofKind.CONSOLE and against.what is CounterKind.AUDIT:
            slack = NOTICED_WITHIN
        if proof.kind is ProofKind.SIGN_IN and (late or against.what is CounterKind.AUDIT_UNREADABLE):
            slack = NOTICED_WITHIN
        if proof.kind in against.proofs and proof.at > against.at + slack:
            return True
    return False


def counter_evidence(
    previous: State | None, evidence: Evidence, diagnosis: Diagnosis, window: timedelta | None
) -> tuple[CounterEvidence, ...]:
    """All that speaks against Monitoring and is not outweighed: the newest of each sort."""
    now = evidence.org_now
    found = [
        each
        for each in (previous.counter_evidence if previous else ())
        # A trail that was read again shows what an unreadable one may have hidden.
        if each.what is not CounterKind.AUDIT_UNREADABLE or value_of(evidence.audit) is None
    ]
    if diagnosis.findings:
        proofs = tuple(k for k in ANY_PROOF if all(k in f.proofs for f in diagnosis.findings))
        found.append(CounterEvidence(now, CounterKind.READING, proofs))
    for past in diagnosis.past:
        ended = past.repaired_by.at if past.repaired_by else None
        if (moment := ended or past.finding.since or past.finding.latest) is not None:
            found.append(CounterEvidence(moment, CounterKind.AUDIT, past.finding.proofs, past.finding.cause))
    if diagnosis.refusal is not None:
        at, text = diagnosis.refusal.at, diagnosis.refusal.status
        found.append(CounterEvidence(at, CounterKind.FAILED_SIGN_IN, ANY_PROOF, text))
    found.extend(_hidden(previous, evidence, window))
    newest: dict[tuple[str, tuple[ProofKind, ...]], CounterEvidence] = {}
    for each in found:
        key = (each.what, each.proofs)
        if key not in newest or newest[key].at < each.at:
            newest[key] = each
    return tuple(sorted(newest.values(), key=lambda b: b.at))


def _hidden(
    previous: State | None, evidence: Evidence, window: timedelta | None
) -> tuple[CounterEvidence, ...]:
    """What a trail that cannot be read, or was cut short, may hide: nothing where no record moved since."""
    audit, now = evidence.audit, evidence.org_now
    if audit is None or unchanged(previous, evidence):
        return ()
    kinds = (ProofKind.CONSOLE, ProofKind.EVENT, ProofKind.SIGN_IN)
    if isinstance(audit, Unreadable):
        moved = newest_change(evidence) if previous is not None and previous.last_good is not None else now
        return (CounterEvidence(min(now, moved or now), CounterKind.AUDIT_UNREADABLE, kinds, audit.reason),)
    last = previous.last_read if previous is not None and previous.last_good is not None else None
    wanted = last or now - (window or WINDOW_MOST)
    if audit.value.since <= wanted + timedelta(minutes=1):
        return ()
    text = "more rows than can be read: the audit trail is cut short"
    return (CounterEvidence(audit.value.since, CounterKind.AUDIT_UNREADABLE, kinds, text),)


def open_doubts(
    connection: Connection,
    previous: State | None,
    evidence: Evidence,
    diagnosis: Diagnosis,
    proofs: tuple[Proof, ...],
) -> tuple[Doubt, ...]:
    """The unexplained changes that the last good reading did not show and that no sign of Incydr came after.

    After a freeze record's change any sign will do; after a grant's an event, without a tenant a sign-in once
    Incydr must have noticed.
    """
    if unchanged(previous, evidence):
        return ()
    known = _known_moments(previous)
    found = {
        doubt: CounterEvidence(
            doubt.at, CounterKind.CHANGED, ANY_PROOF if doubt.part is Part.FREEZE else _for_grants(connection)
        )
        for doubt in diagnosis.doubts
        if doubt.at not in known
    }
    return tuple(
        doubt for doubt, each in found.items() if not outweighed(each, proofs, late=doubt.part is Part.GRANTS)
    )


def _for_grants(connection: Connection) -> tuple[ProofKind, ...]:
    seen = (ProofKind.CONSOLE, ProofKind.EVENT, ProofKind.WORD)
    return seen if connection.tenant is not None else (*seen, ProofKind.SIGN_IN)


def _known_moments(previous: State | None) -> frozenset[datetime | None]:
    good = previous.last_good if previous is not None else None
    if good is None:
        return frozenset()
    freeze = (good.freeze[1],) if good.freeze is not None else ()
    return frozenset((*freeze, *(moment for grant in good.grants for moment in grant[2:])))
