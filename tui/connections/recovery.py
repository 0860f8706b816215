"""advance(): the only place where a connection's status is decided."""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, Read, Unreadable, value_of
from tui.connections.finding import ANY_PROOF, Actor, Diagnosis, Finding, Kind, ProofKind
from tui.connections.signs import NOTICE, app_failed, newest_proofs, settled, usual_gap, window_of
from tui.connections.state import Bad, Proof, Recovery, Repaired, State, Why
from tui.connections.status import Status

GAP_MEMORY = timedelta(days=30)

LOOK_AGAIN = timedelta(minutes=1)
"""After this time a part that is read rarely, and shows a cause, is read again."""


class RepairApplied(Struct, frozen=True, tag="repair_applied"):
    """The program changed Salesforce and read the change back: sent at `earliest`, read at `latest`."""

    causes: tuple[str, ...]
    earliest: datetime
    latest: datetime
    by: str


class SaysMonitoring(Struct, frozen=True, tag="says_monitoring"):
    """The operator's word that the Incydr console shows Monitoring. `at` is on the org's clock."""

    by: str
    at: datetime


Act = RepairApplied | SaysMonitoring


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
    held = _with_retained(previous, diagnosis)
    proofs = newest_proofs(connection, evidence, previous.proofs if previous else ())
    bads = _bads(connection, previous, evidence, diagnosis)
    recovery = _recovery(previous, evidence, diagnosis, held, proofs, bads)
    if recovery is not None and act is not None:
        recovery, proofs = _acted(recovery, proofs, act, now)
    gap, gap_at = _gap(connection, previous, evidence, proofs)
    counted = recovery.proofs if recovery is not None and recovery.returned is None else ANY_PROOF
    life = max((p for p in proofs if p.kind in counted), key=lambda p: p.at, default=None)
    verdict = _verdict(
        connection, previous, evidence, diagnosis, held, recovery, proofs, bads, window or window_of(gap)
    )
    status, why, recovery = verdict
    undecided = status is Status.UNKNOWN and why is not None and why.code not in ("quiet", "never_seen")
    if status is Status.MONITORING:
        bads = ()
    return State(
        connection=connection,
        evidence=evidence,
        diagnosis=held,
        status=status,
        since=_since(previous, status, recovery, now),
        was=_was(previous) if undecided else None,
        why=why,
        recovery=recovery,
        life=life,
        proofs=proofs,
        bads=bads,
        longest_gap=gap,
        gap_at=gap_at,
        failures=_failures(previous, evidence) if undecided else 0,
        last_read=(previous.last_read if previous else None) if undecided else now,
    )


def deep_needed(previous: State | None, evidence: Evidence, diagnosis: Diagnosis, gap: bool = False) -> bool:
    """Whether this reading needs the audit trail too: sick, just turned clean, first, after a gap, or changed.

    `gap`: more than two intervals have passed since the reading before.
    """
    parts = (evidence.user, evidence.freeze, evidence.grants, evidence.sign_ins)
    if all(isinstance(part, Unreadable) for part in parts):
        return False
    if previous is None or gap or any(b.what == "audit_unreadable" for b in previous.bads):
        return True
    if set(diagnosis.causes) != set(previous.diagnosis.causes):
        return True
    if diagnosis.findings and value_of(previous.evidence.audit) is None:
        return True
    if any(_outdated(getattr(evidence, finding.part), evidence) for finding in diagnosis.findings):
        return True
    return _traces(evidence, previous.evidence) != _traces(previous.evidence, evidence)


def audit_since(previous: State | None, diagnosis: Diagnosis, now: datetime) -> datetime:
    """How far back to read the audit trail: all of Salesforce's 180 days in an outage, else the longest window."""
    sick = diagnosis.findings or (previous is not None and previous.recovering is not None)
    return now - (timedelta(days=180) if sick else timedelta(days=7))


def _outdated(part: object, evidence: Evidence) -> bool:
    """Whether a part that shows a cause is of an earlier reading: only a deeper one shows it mended."""
    return isinstance(part, Read) and evidence.org_now - part.at >= LOOK_AGAIN


def _traces(evidence: Evidence, other: Evidence) -> object:
    """What moves when somebody changes the account or its grants, of the parts that both readings have."""
    user, freeze, grants = value_of(evidence.user), value_of(evidence.freeze), value_of(evidence.grants)
    return (
        user and value_of(other.user) and (user.id, user.last_modified, user.profile_id),
        freeze and value_of(other.freeze) and (freeze.id, freeze.last_modified),
        value_of(other.grants) is not None
        and grants is not None
        and sorted((g.set_id, str(g.last_modified), g.active, g.revoked) for g in grants),
    )


def _with_retained(previous: State | None, diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis with the findings of earlier readings whose part could not be read now."""
    if previous is None:
        return diagnosis
    open_causes = {u.cause for u in diagnosis.undetermined}
    present = set(diagnosis.causes)
    kept = tuple(f for f in previous.diagnosis.findings if f.cause in open_causes and f.cause not in present)
    return replace(diagnosis, findings=diagnosis.findings + kept) if kept else diagnosis


def _bads(
    connection: Connection, previous: State | None, evidence: Evidence, diagnosis: Diagnosis
) -> tuple[Bad, ...]:
    """All that speaks against Monitoring and is not settled: the newest of each sort."""
    now = evidence.org_now
    audit = evidence.audit
    bads = [
        bad
        for bad in (previous.bads if previous else ())
        # A trail that was read again shows what an unreadable one may have hidden.
        if bad.what != "audit_unreadable" or value_of(audit) is None
    ]
    if diagnosis.findings:
        proofs = tuple(k for k in ANY_PROOF if all(k in f.proofs for f in diagnosis.findings))
        bads.append(Bad(now, "reading", proofs))
    for past in diagnosis.past:
        ended = past.mended.at if past.mended else None
        if (moment := ended or past.finding.since) is not None:
            bads.append(Bad(moment, "audit", past.finding.proofs, past.finding.cause))
    if (failed := app_failed(connection, evidence)) is not None:
        bads.append(Bad(failed.last, "failed_sign_in", ANY_PROOF, failed.status))
    if isinstance(audit, Unreadable):
        bads.append(Bad(now, "audit_unreadable", (ProofKind.CONSOLE, ProofKind.EVENT), audit.reason))
    newest: dict[tuple[str, tuple[ProofKind, ...]], Bad] = {}
    for bad in bads:
        key = (bad.what, bad.proofs)
        if key not in newest or newest[key].at < bad.at:
            newest[key] = bad
    return tuple(sorted(newest.values(), key=lambda b: b.at))


def _recovery(
    previous: State | None,
    evidence: Evidence,
    diagnosis: Diagnosis,
    held: Diagnosis,
    proofs: tuple[Proof, ...],
    bads: tuple[Bad, ...],
) -> Recovery | None:
    """The outage as this reading leaves it: opened, widened, or with its causes ticked off as mended."""
    now = evidence.org_now
    recovery = previous.recovery if previous else None
    is_open = recovery is not None and recovery.returned is None
    if diagnosis.findings:
        if recovery is None or not is_open:
            began = min((f.since for f in diagnosis.findings if f.since), default=now)
            last = max((p.at for p in proofs if p.at <= began), default=None)
            recovery = Recovery(began, (), last_life=last)
        return _sick(recovery, diagnosis.findings)
    if recovery is not None and is_open:
        if any(b.what == "audit" and b.at > recovery.began for b in bads):
            recovery = _with_past(recovery, diagnosis)
        return _mended(recovery, diagnosis, now)
    return recovery


def _sick(recovery: Recovery, findings: tuple[Finding, ...]) -> Recovery:
    known = {f.cause: f for f in recovery.findings} | {f.cause: f for f in findings}
    mended = {
        cause: when
        for cause, when in recovery.mended.items()
        if all(f.cause != cause or f.seen_at <= when.latest for f in findings)
    }
    return replace(
        recovery,
        findings=tuple(known.values()),
        mended=mended,
        repaired=None,
        deadline=None,
        overdue=False,
        word=None,
    )


def _with_past(recovery: Recovery, diagnosis: Diagnosis) -> Recovery:
    """Causes that came and went unseen since the outage began belong to it."""
    known = {f.cause for f in recovery.findings}
    came = tuple(
        p.finding
        for p in diagnosis.past
        if p.finding.since and p.finding.since > recovery.began and p.finding.cause not in known
    )
    return replace(recovery, findings=recovery.findings + came, repaired=None) if came else recovery


def _mended(recovery: Recovery, diagnosis: Diagnosis, now: datetime) -> Recovery:
    """Tick off the causes that this reading shows to be gone; with all of them gone the clock starts."""
    unread = {u.cause for u in diagnosis.undetermined}
    rows = {p.finding.cause: p.mended for p in diagnosis.past if p.mended and p.mended.at}
    mended = dict(recovery.mended)
    for finding in recovery.findings:
        if finding.cause in unread:
            continue
        row = rows.get(finding.cause)
        if row is not None and row.at is not None and row.at >= (finding.since or row.at):
            if finding.cause not in mended or mended[finding.cause].how == "readings":
                mended[finding.cause] = Repaired(row.at, row.at, row, "audit")
        elif finding.cause not in mended:
            mended[finding.cause] = Repaired(min(finding.seen_at, now), now, None, "readings")
    recovery = replace(recovery, mended=mended)
    if any(f.cause not in mended for f in recovery.findings):
        return recovery
    repaired = _latest(tuple(mended.values()))
    if repaired is None:
        return recovery
    return replace(recovery, repaired=repaired, deadline=deadline(recovery.findings, repaired))


def _latest(mended: tuple[Repaired, ...]) -> Repaired | None:
    """Several causes: the maximum of each bound; by whom and how, from the last of them."""
    if not mended:
        return None
    last = max(mended, key=lambda r: r.latest)
    return replace(last, earliest=max(r.earliest for r in mended), latest=last.latest)


def deadline(findings: tuple[Finding, ...], repaired: Repaired) -> datetime | None:
    """The latest moment at which Incydr should be back; None where no time is documented or assumed."""
    moments = []
    for finding in findings:
        if finding.delay is None:
            return None
        start = repaired.latest
        if finding.reset is not None:
            # A self-healing cause ends with its hour; a freeze beside it not before it was lifted.
            hour = finding.reset[1]
            start = hour if finding.kind is Kind.SELF_HEALING else max(hour, start)
        moments.append(start + finding.delay)
    return max(moments, default=repaired.latest + NOTICE)


def _acted(
    recovery: Recovery, proofs: tuple[Proof, ...], act: Act, now: datetime
) -> tuple[Recovery, tuple[Proof, ...]]:
    if recovery.returned is not None:
        return recovery, proofs
    if isinstance(act, RepairApplied):
        by = Actor(act.by, act.by, at=act.earliest)
        ours = dict.fromkeys(act.causes, Repaired(act.earliest, act.latest, by, "program"))
        known = {f.cause for f in recovery.findings}
        mended = recovery.mended | {c: r for c, r in ours.items() if c in known}
        recovery = replace(recovery, mended=mended)
        if recovery.repaired is not None:
            repaired = _latest(tuple(mended.values())) or recovery.repaired
            recovery = replace(recovery, repaired=repaired, deadline=deadline(recovery.findings, repaired))
        return recovery, proofs
    if recovery.repaired is None or act.at <= recovery.repaired.latest:
        return recovery, proofs
    word = Proof(ProofKind.WORD, act.at, act.by)
    others = tuple(p for p in proofs if p.kind is not ProofKind.WORD)
    return replace(recovery, word=word), (*others, word)


def _verdict(
    connection: Connection,
    previous: State | None,
    evidence: Evidence,
    diagnosis: Diagnosis,
    held: Diagnosis,
    recovery: Recovery | None,
    proofs: tuple[Proof, ...],
    bads: tuple[Bad, ...],
    window: timedelta,
) -> tuple[Status, Why | None, Recovery | None]:
    """The status rules, in their order; the recovery comes back where the verdict ends or opens one."""
    now = evidence.org_now
    org = value_of(evidence.org)
    if connection.org_id and org is not None and org.id[:15] != connection.org_id[:15]:
        return Status.UNKNOWN, Why("other_org", org.id, part="org"), recovery
    if diagnosis.findings:
        return Status.ERROR, None, recovery

    open_recovery = recovery if recovery is not None and recovery.returned is None else None
    console = value_of(evidence.console)
    said = console.status.casefold() if console is not None else ""
    waiting = open_recovery is not None and open_recovery.repaired is not None and not open_recovery.overdue
    if console is not None and said == "error" and not waiting:
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

    unsettled = [b for b in bads if not settled(b, proofs)]
    hidden = [b for b in unsettled if b.what == "audit_unreadable"]
    proof = _return_proof(open_recovery, proofs, evidence) if open_recovery else None
    shown = [b for b in unsettled if b.what != "audit_unreadable"]
    if (open_recovery is not None and proof is None) or shown or said == "error":
        if isinstance(evidence.events, Unreadable):
            part = evidence.events
            why = Why("events_unreadable", part.reason, part.next_step, "events")
            return Status.UNKNOWN, why, recovery
        return Status.RECOVERING, None, _waiting(open_recovery, diagnosis, shown, proofs, now)
    if hidden:
        return Status.UNKNOWN, Why("audit_unreadable", hidden[-1].text, part="audit"), recovery
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


def _return_proof(recovery: Recovery, proofs: tuple[Proof, ...], evidence: Evidence) -> Proof | None:
    """The strongest proof after the repair that every cause of the outage accepts."""
    repaired = recovery.repaired
    if repaired is None:
        return None
    began = recovery.began
    for kind in recovery.proofs:
        bound = repaired.earliest if kind is ProofKind.SIGN_IN else repaired.latest
        if kind is ProofKind.CONSOLE:
            bound = max(bound, began + NOTICE)
        for proof in proofs:
            if proof.kind is kind and settled(Bad(bound, "repaired", (kind,)), (proof,)):
                return proof
    return None


def _waiting(
    recovery: Recovery | None,
    diagnosis: Diagnosis,
    bads: list[Bad],
    proofs: tuple[Proof, ...],
    now: datetime,
) -> Recovery:
    """The open outage while waiting for Incydr; adopted from the audit trail where no reading saw it begin."""
    if recovery is None:
        recovery = _adopted(diagnosis, bads, proofs, now)
    late = recovery.deadline is not None and now > recovery.deadline
    return replace(recovery, overdue=recovery.overdue or late)


def _adopted(diagnosis: Diagnosis, bads: list[Bad], proofs: tuple[Proof, ...], now: datetime) -> Recovery:
    causes = {b.text for b in bads if b.what == "audit"}
    past = tuple(p for p in diagnosis.past if p.finding.cause in causes)
    moments = [b.at for b in bads] + [p.finding.since for p in past if p.finding.since]
    began = min(moments, default=now)
    last = max((p.at for p in proofs if p.at < began), default=None)
    recovery = Recovery(began, tuple(p.finding for p in past), last_life=last)
    if past:
        return _mended(recovery, diagnosis, now)
    newest = max(moments, default=now)
    repaired = Repaired(newest, now, None, "readings")
    return replace(recovery, repaired=repaired, deadline=deadline((), repaired))


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
    connection: Connection, previous: State | None, evidence: Evidence, proofs: tuple[Proof, ...]
) -> tuple[timedelta, datetime | None]:
    """The longest quiet time between signs of life while all was well; outages teach nothing."""
    now = evidence.org_now
    if previous is None:
        return usual_gap(connection, evidence), now
    gap, at = previous.longest_gap, previous.gap_at
    if at is not None and now - at > GAP_MEMORY:
        gap, at = timedelta(0), None
    newest = max((p.at for p in proofs), default=None)
    if previous.status is Status.MONITORING and previous.life is not None and newest is not None:
        quiet = newest - previous.life.at
        if quiet > gap:
            return quiet, now
    return gap, at
