"""One outage from its first cause to the proof of return: what was wrong, when it was repaired, what is due."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from tui.base.limits import NOTICED_WITHIN
from tui.connections.counter_evidence import outweighed
from tui.connections.evidence import Evidence
from tui.connections.finding import Actor, Diagnosis, Finding, Kind, ProofKind
from tui.connections.state import CounterEvidence, CounterKind, Proof, Recovery, Repaired, ShownBy


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


class WithdrawsMonitoring(Struct, frozen=True, tag="withdraws_monitoring"):
    """The operator takes back that the Incydr console shows Monitoring."""

    by: str
    at: datetime


class SaysRepaired(Struct, frozen=True, tag="says_mended"):
    """The operator's word that he repaired a cause which nothing in Salesforce shows to be gone."""

    cause: str
    by: str
    at: datetime


Act = RepairApplied | SaysMonitoring | WithdrawsMonitoring | SaysRepaired


def with_operators_word(
    recovery: Recovery | None, diagnosis: Diagnosis, act: Act | None
) -> tuple[Recovery | None, Diagnosis]:
    """The outage and the diagnosis with the operator's word taken: a cause that only an older row shows is gone."""
    if recovery is None or recovery.returned is not None:
        return recovery, diagnosis
    if isinstance(act, SaysRepaired) and any(f.cause == act.cause and f.shown_at for f in diagnosis.findings):
        word = Repaired(act.at, act.at, Actor(act.by, act.by, at=act.at), ShownBy.OPERATOR)
        recovery = replace(recovery, repairs=recovery.repairs | {act.cause: word})
    words = {cause: when.latest for cause, when in recovery.repairs.items() if when.how is ShownBy.OPERATOR}
    findings = tuple(
        f
        for f in diagnosis.findings
        if f.shown_at is None or f.cause not in words or f.shown_at >= words[f.cause]
    )
    return recovery, replace(diagnosis, findings=findings)


def after_reading(
    recovery: Recovery | None,
    evidence: Evidence,
    diagnosis: Diagnosis,
    proofs: tuple[Proof, ...],
    counter_evidence: tuple[CounterEvidence, ...],
) -> Recovery | None:
    """The outage as this reading leaves it: opened, widened, or with its causes ticked off as repaired."""
    now = evidence.org_now
    is_open = recovery is not None and recovery.returned is None
    if diagnosis.findings:
        if recovery is None or not is_open:
            began = min((m for f in diagnosis.findings if (m := f.since or f.latest)), default=now)
            last = max((p.at for p in proofs if p.at <= began), default=None)
            recovery = Recovery(began, (), last_life=last)
        return _with_findings(recovery, diagnosis.findings)
    if recovery is not None and is_open:
        if any(b.what is CounterKind.AUDIT and b.at > recovery.began for b in counter_evidence):
            recovery = _with_past(recovery, diagnosis)
        return _with_repairs(recovery, diagnosis, now)
    return recovery


def _with_findings(recovery: Recovery, findings: tuple[Finding, ...]) -> Recovery:
    known = {f.cause: f for f in recovery.findings} | {f.cause: f for f in findings}
    repairs = {
        cause: when
        for cause, when in recovery.repairs.items()
        if all(f.cause != cause or f.seen_at <= when.latest for f in findings)
    }
    return replace(
        recovery,
        findings=tuple(known.values()),
        repairs=repairs,
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


def _with_repairs(recovery: Recovery, diagnosis: Diagnosis, now: datetime) -> Recovery:
    """Tick off the causes that this reading shows to be gone; with all of them gone the clock starts."""
    unread = {u.cause for u in diagnosis.undetermined}
    rows = {p.finding.cause: p.repaired_by for p in diagnosis.past if p.repaired_by and p.repaired_by.at}
    repairs = dict(recovery.repairs)
    for finding in recovery.findings:
        if finding.cause in unread:
            continue
        row = rows.get(finding.cause)
        if row is not None and row.at is not None and row.at >= (finding.since or row.at):
            if finding.cause not in repairs or repairs[finding.cause].how is ShownBy.READINGS:
                repairs[finding.cause] = Repaired(row.at, row.at, row, ShownBy.AUDIT)
        elif finding.cause not in repairs:
            repairs[finding.cause] = Repaired(min(finding.seen_at, now), now, None, ShownBy.READINGS)
    recovery = replace(recovery, repairs=repairs)
    if any(f.cause not in repairs for f in recovery.findings):
        return recovery
    repaired = _latest(tuple(repairs.values()))
    if repaired is None:
        return recovery
    return replace(recovery, repaired=repaired, deadline=deadline(recovery.findings, repaired))


def _latest(repairs: tuple[Repaired, ...]) -> Repaired | None:
    """Several causes: the maximum of each bound; by whom and how, from the last of them."""
    if not repairs:
        return None
    last = max(repairs, key=lambda r: r.latest)
    return replace(last, earliest=max(r.earliest for r in repairs), latest=last.latest)


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
    return max(moments, default=repaired.latest + NOTICED_WITHIN)


def after_act(recovery: Recovery, proofs: tuple[Proof, ...], act: Act) -> tuple[Recovery, tuple[Proof, ...]]:
    """The outage and the proofs after what the operator did; a word that does not count changes nothing."""
    if isinstance(act, WithdrawsMonitoring):
        return _without_word(recovery), tuple(p for p in proofs if p.kind is not ProofKind.WORD)
    if recovery.returned is not None:
        return recovery, proofs
    if isinstance(act, RepairApplied):
        by = Actor(act.by, act.by, at=act.earliest)
        ours = dict.fromkeys(act.causes, Repaired(act.earliest, act.latest, by, ShownBy.PROGRAM))
        known = {f.cause for f in recovery.findings}
        repairs = recovery.repairs | {c: r for c, r in ours.items() if c in known}
        recovery = replace(recovery, repairs=repairs)
        if recovery.repaired is not None:
            repaired = _latest(tuple(repairs.values())) or recovery.repaired
            recovery = replace(recovery, repaired=repaired, deadline=deadline(recovery.findings, repaired))
        return recovery, proofs
    if isinstance(act, SaysRepaired) or recovery.repaired is None or act.at <= recovery.repaired.latest:
        return recovery, proofs
    word = Proof(ProofKind.WORD, act.at, act.by)
    others = tuple(p for p in proofs if p.kind is not ProofKind.WORD)
    return replace(recovery, word=word), (*others, word)


def _without_word(recovery: Recovery) -> Recovery:
    """The outage without the operator's word: open again where nothing else ended it."""
    if recovery.returned is not None and recovery.returned.kind is ProofKind.WORD:
        recovery = replace(recovery, returned=None, returned_seen=None)
    return replace(recovery, word=None)


def return_proof(recovery: Recovery, proofs: tuple[Proof, ...]) -> Proof | None:
    """The strongest proof after the repair that every cause of the outage accepts."""
    repaired = recovery.repaired
    if repaired is None:
        return None
    began = recovery.began
    for kind in recovery.proofs:
        bound = repaired.earliest if kind is ProofKind.SIGN_IN else repaired.latest
        if kind is ProofKind.CONSOLE:
            bound = max(bound, began + NOTICED_WITHIN)
        for proof in proofs:
            if proof.kind is kind and outweighed(
                CounterEvidence(bound, CounterKind.REPAIRED, (kind,)), (proof,)
            ):
                return proof
    return None


def while_waiting(
    recovery: Recovery | None,
    diagnosis: Diagnosis,
    counter_evidence: list[CounterEvidence],
    proofs: tuple[Proof, ...],
    now: datetime,
) -> Recovery:
    """The open outage while waiting for Incydr; adopted from the audit trail where no reading saw it begin."""
    if recovery is None:
        recovery = _adopted(diagnosis, counter_evidence, proofs, now)
    late = recovery.deadline is not None and now > recovery.deadline
    return replace(recovery, overdue=late)


def _adopted(
    diagnosis: Diagnosis, counter_evidence: list[CounterEvidence], proofs: tuple[Proof, ...], now: datetime
) -> Recovery:
    causes = {b.text for b in counter_evidence if b.what is CounterKind.AUDIT}
    past = tuple(p for p in diagnosis.past if p.finding.cause in causes)
    moments = [b.at for b in counter_evidence] + [p.finding.since for p in past if p.finding.since]
    began = min(moments, default=now)
    last = max((p.at for p in proofs if p.at < began), default=None)
    recovery = Recovery(began, tuple(p.finding for p in past), last_life=last)
    if past:
        return _with_repairs(recovery, diagnosis, now)
    newest = max(moments, default=now)
    repaired = Repaired(newest, now, None, ShownBy.READINGS)
    return replace(recovery, repaired=repaired, deadline=deadline((), repaired))
