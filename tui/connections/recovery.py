"""advance(): the only place where a connection's status is decided."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from tui.base.limits import WINDOW_MOST
from tui.connections.audit_policy import newest_change, records_of, unchanged
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, Unreadable, value_of
from tui.connections.finding import ANY_PROOF, Diagnosis, Doubt, ProofKind
from tui.connections.memory import recalled, subject_of
from tui.connections.outage import (
    Act,
    after_act,
    after_reading,
    return_proof,
    while_waiting,
    with_operators_word,
)
from tui.connections.signs_of_life import (
    gap_between,
    gap_by_days,
    newest_proofs,
    outweighed,
    usual_gap,
    window_of,
)
from tui.connections.state import CounterEvidence, Proof, Recovery, State, Status, Why

GAP_MEMORY = timedelta(days=30)
CUT_SHORT = "there are more events than can be read, and a newer one may be among them"


def advance(
    connection: Connection,
    previous: State | None,
    evidence: Evidence,
    diagnosis: Diagnosis,
    act: Act | None = None,
    *,
    window: timedelta | None = None,
) -> State:
    """The next state, from the state before, one reading, its diagnosis and what the operator did.

    An act alone is held against the evidence and diagnosis of the state before. `window` overrides how long a
    sign of life counts. Pure: the times come from the evidence.
    """
    now = evidence.org_now
    if diagnosis.other_org or diagnosis.other_user:
        return _set_aside(connection, previous, evidence, diagnosis)
    previous = recalled(connection, previous, evidence, diagnosis)
    recovery, diagnosis = with_operators_word(previous.recovery if previous else None, diagnosis, act)
    held = _with_retained(previous, diagnosis)
    proofs = newest_proofs(connection, evidence, previous.proofs if previous else ())
    counter_evidence = _counter_evidence(previous, evidence, diagnosis, window)
    recovery = after_reading(recovery, evidence, diagnosis, proofs, counter_evidence)
    if recovery is not None and act is not None:
        recovery, proofs = after_act(recovery, proofs, act)
    gap, gap_at = _gap(connection, previous, evidence)
    counted = recovery.proofs if recovery is not None and recovery.returned is None else ANY_PROOF
    life = max((p for p in proofs if p.kind in counted), key=lambda p: p.at, default=None)
    doubts = _open_doubts(connection, previous, evidence, diagnosis, proofs)
    verdict = _verdict(
        connection,
        previous,
        evidence,
        diagnosis,
        held,
        recovery,
        proofs,
        counter_evidence,
        doubts,
        window or window_of(gap),
    )
    status, why, recovery = verdict
    told = ("quiet", "never_seen", "changed")
    hides = status is Status.UNKNOWN and why is not None and why.code not in told
    # All that can hold a cause was read, only not what may have come and gone before: no failed reading.
    undecided = hides and why is not None and why.code != "audit_unreadable"
    good = not diagnosis.findings and not hides and not doubts
    if status is Status.MONITORING:
        counter_evidence = ()
    return State(
        connection=connection,
        evidence=evidence,
        diagnosis=held,
        status=status,
        since=_since(previous, status, recovery, now),
        was=_was(previous) if hides else None,
        why=why,
        recovery=recovery,
        life=life,
        proofs=proofs,
        counter_evidence=counter_evidence,
        longest_gap=gap,
        gap_at=gap_at,
        failures=_failures(previous, evidence) if undecided else 0,
        last_read=(previous.last_read if previous else None) if undecided else now,
        last_good=(good and records_of(evidence)) or (previous.last_good if previous else None),
        subject=subject_of(evidence) or (previous.subject if previous else None),
        outages=_outages(previous, recovery, now),
        aside=previous.aside if previous else (),
    )


def _set_aside(
    connection: Connection, previous: State | None, evidence: Evidence, diagnosis: Diagnosis
) -> State:
    """Another org or user answered: nothing that it says counts, and what is remembered waits for its own."""
    now = evidence.org_now
    if diagnosis.other_org:
        why = Why("other_org", diagnosis.other_org, part="org")
    else:
        why = Why("other_user", diagnosis.other_user, part="user")
    nothing = Unreadable("another org answered" if diagnosis.other_org else "another user answered")
    blank = Evidence(
        evidence.read_at, now, nothing, nothing, nothing, nothing, nothing, evidence.rights, evidence.org,
        events=evidence.events, console=evidence.console, api_calls=evidence.api_calls,
        api_used=evidence.api_used, api_limit=evidence.api_limit,
        grants_before=previous.evidence.grants_before if previous is not None else (),
    )  # fmt: skip
    if previous is None:
        return State(connection, blank, diagnosis, Status.UNKNOWN, now, why=why, failures=1)
    return replace(
        previous,
        connection=connection,
        evidence=blank,
        diagnosis=diagnosis,
        status=Status.UNKNOWN,
        since=_since(previous, Status.UNKNOWN, None, now),
        was=_was(previous),
        why=why,
        failures=_failures(previous, evidence),
    )


def _open_doubts(
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
    counter_evidence = {
        doubt: CounterEvidence(
            doubt.at, "changed", ANY_PROOF if doubt.part == "freeze" else _for_grants(connection)
        )
        for doubt in diagnosis.doubts
        if doubt.at not in known
    }
    return tuple(
        doubt
        for doubt, bad in counter_evidence.items()
        if not outweighed(bad, proofs, late=doubt.part == "grants")
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


def _outages(
    previous: State | None, recovery: Recovery | None, now: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """The outages of the last 30 days, an open one until now."""
    known = dict(previous.outages) if previous is not None else {}
    if recovery is not None:
        known[recovery.last_life or recovery.began] = recovery.returned.at if recovery.returned else now
    return tuple((began, ended) for began, ended in known.items() if ended > now - GAP_MEMORY)


def _with_retained(previous: State | None, diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis with the findings of earlier readings whose part could not be read now."""
    if previous is None:
        return diagnosis
    open_causes = {u.cause for u in diagnosis.undetermined}
    present = set(diagnosis.causes)
    kept = tuple(f for f in previous.diagnosis.findings if f.cause in open_causes and f.cause not in present)
    return replace(diagnosis, findings=diagnosis.findings + kept) if kept else diagnosis


def _counter_evidence(
    previous: State | None, evidence: Evidence, diagnosis: Diagnosis, window: timedelta | None
) -> tuple[CounterEvidence, ...]:
    """All that speaks against Monitoring and is not outweighed: the newest of each sort."""
    now = evidence.org_now
    counter_evidence = [
        bad
        for bad in (previous.counter_evidence if previous else ())
        # A trail that was read again shows what an unreadable one may have hidden.
        if bad.what != "audit_unreadable" or value_of(evidence.audit) is None
    ]
    if diagnosis.findings:
        proofs = tuple(k for k in ANY_PROOF if all(k in f.proofs for f in diagnosis.findings))
        counter_evidence.append(CounterEvidence(now, "reading", proofs))
    for past in diagnosis.past:
        ended = past.mended.at if past.mended else None
        if (moment := ended or past.finding.since or past.finding.latest) is not None:
            counter_evidence.append(CounterEvidence(moment, "audit", past.finding.proofs, past.finding.cause))
    if diagnosis.refusal is not None:
        counter_evidence.append(
            CounterEvidence(diagnosis.refusal.at, "failed_sign_in", ANY_PROOF, diagnosis.refusal.status)
        )
    counter_evidence.extend(_hidden(previous, evidence, window))
    newest: dict[tuple[str, tuple[ProofKind, ...]], CounterEvidence] = {}
    for bad in counter_evidence:
        key = (bad.what, bad.proofs)
        if key not in newest or newest[key].at < bad.at:
            newest[key] = bad
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
        return (CounterEvidence(min(now, moved or now), "audit_unreadable", kinds, audit.reason),)
    last = previous.last_read if previous is not None and previous.last_good is not None else None
    wanted = last or now - (window or WINDOW_MOST)
    if audit.value.since <= wanted + timedelta(minutes=1):
        return ()
    text = "more rows than can be read: the audit trail is cut short"
    return (CounterEvidence(audit.value.since, "audit_unreadable", kinds, text),)


def _verdict(
    connection: Connection,
    previous: State | None,
    evidence: Evidence,
    diagnosis: Diagnosis,
    held: Diagnosis,
    recovery: Recovery | None,
    proofs: tuple[Proof, ...],
    counter_evidence: tuple[CounterEvidence, ...],
    doubts: tuple[Doubt, ...],
    window: timedelta,
) -> tuple[Status, Why | None, Recovery | None]:
    """The status rules, in their order; the recovery comes back where the verdict ends or opens one."""
    now = evidence.org_now
    if diagnosis.findings:
        return Status.ERROR, None, recovery

    open_recovery = recovery if recovery is not None and recovery.returned is None else None
    console = value_of(evidence.console)
    said = console.status.casefold() if console is not None else ""
    expected = open_recovery is not None and open_recovery.repaired is not None and not open_recovery.overdue
    if console is not None and said == "error" and not expected:
        return Status.ERROR, Why("console_error", console.error, part="console", at=console.at), recovery

    blocking = [u for u in diagnosis.undetermined if u.blocks]
    retained = {f.cause for f in held.findings}
    blocking += [u for u in diagnosis.undetermined if u.cause in retained and u not in blocking]
    if blocking:
        first = blocking[0]
        why = Why("unreadable", first.reason, first.next_step, first.part)
        return Status.UNKNOWN, why, recovery
    if isinstance(evidence.console, Unreadable):
        part = evidence.console
        return Status.UNKNOWN, Why("console_unreadable", part.reason, part.next_step, "console"), recovery
    if console is not None:
        for status in (Status.INITIALIZING, Status.DEAUTHORIZED):
            if said == status.casefold():
                return status, None, recovery
        if said not in ("monitoring", "error"):
            return Status.UNKNOWN, Why("console_word", console.status, part="console"), recovery

    standing = [b for b in counter_evidence if not outweighed(b, proofs)]
    hidden = [b for b in standing if b.what == "audit_unreadable"]
    proof = return_proof(open_recovery, proofs) if open_recovery else None
    shown = [b for b in standing if b.what != "audit_unreadable"]
    if (open_recovery is not None and proof is None) or shown or said == "error":
        if isinstance(evidence.events, Unreadable):
            part = evidence.events
            why = Why("events_unreadable", part.reason, part.next_step, "events")
            return Status.UNKNOWN, why, recovery
        waited = while_waiting(open_recovery, diagnosis, shown, proofs, now)
        if waited.overdue and _may_be_back(evidence, waited):
            why = Why("events_unreadable", CUT_SHORT, "Reading goes on; look at the console.", "events")
            return Status.UNKNOWN, why, open_recovery or replace(waited, overdue=False)
        return Status.RECOVERING, None, waited
    if hidden:
        return Status.UNKNOWN, Why("audit_unreadable", hidden[-1].text, part="audit"), recovery
    if doubts:
        return Status.UNKNOWN, Why("changed", doubts[0].what, part=doubts[0].part, at=doubts[0].at), recovery
    life = max(proofs, key=lambda p: p.at, default=None)
    if life is None:
        return Status.UNKNOWN, Why("never_seen"), recovery
    if life.at <= now - window:
        return Status.UNKNOWN, Why("quiet", at=life.at), recovery
    if open_recovery is not None:
        if previous is not None and previous.status is Status.UNKNOWN and _was(previous) is not None:
            # After a time of not knowing, the return needs a second look.
            return Status.RECOVERING, None, open_recovery
        open_recovery = replace(open_recovery, returned=proof, returned_seen=now, overdue=False)
    return Status.MONITORING, None, open_recovery or recovery


def _may_be_back(evidence: Evidence, recovery: Recovery) -> bool:
    """Whether an event after the repair may be among those that a cut-short answer did not show."""
    events, repaired = value_of(evidence.events), recovery.repaired
    if events is None or events.unread_before is None:
        return False
    return repaired is None or events.unread_before > repaired.latest


def _since(previous: State | None, status: Status, recovery: Recovery | None, now: datetime) -> datetime:
    if status is Status.ERROR and recovery is not None and recovery.returned is None:
        return recovery.began
    if previous is not None and previous.status is status:
        return previous.since
    if status is Status.RECOVERING and recovery is not None and recovery.repaired is not None:
        return recovery.repaired.earliest
    return now


def _was(previous: State | None) -> Status | None:
    if previous is None:
        return None
    if previous.status in (Status.ERROR, Status.RECOVERING):
        return previous.status
    return previous.was


def _failures(previous: State | None, evidence: Evidence) -> int:
    if previous is None:
        return 1
    return previous.failures + (evidence.read_at != previous.evidence.read_at)


def _gap(
    connection: Connection, previous: State | None, evidence: Evidence
) -> tuple[timedelta, datetime | None]:
    """The longest quiet time between Incydr's signs, by the signs themselves; outages teach nothing."""
    now = evidence.org_now
    usual = usual_gap(connection, evidence)
    by_days = gap_by_days(connection, evidence, previous.outages if previous is not None else ())
    if by_days is not None:
        return max(by_days, usual), now
    if previous is None:
        return usual, now
    gap, at = previous.longest_gap, previous.gap_at
    if at is not None and now - at > GAP_MEMORY:
        gap, at = timedelta(0), None
    if previous.status is Status.MONITORING:
        quiet = gap_between(connection, previous.evidence, evidence)
        if quiet > gap:
            return quiet, now
    return max(gap, usual), at
