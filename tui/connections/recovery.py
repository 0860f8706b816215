"""advance(): the only place where a connection's status is decided."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tui.connections.audit_policy import records_of
from tui.connections.connection import Connection
from tui.connections.counter_evidence import counter_evidence, open_doubts, outweighed
from tui.connections.evidence import Evidence, Part, Unreadable, value_of
from tui.connections.finding import ANY_PROOF, Diagnosis, Doubt, Finding
from tui.connections.memory import recalled, subject_of
from tui.connections.outage import (
    Act,
    after_act,
    after_reading,
    return_proof,
    while_waiting,
    with_operators_word,
)
from tui.connections.signs_of_life import GAP_MEMORY, longest_gap, newest_proofs, window_of
from tui.connections.state import CounterEvidence, CounterKind, Proof, Recovery, State, Status, Why, WhyCode

DECIDED = (WhyCode.QUIET, WhyCode.NEVER_SEEN, WhyCode.CHANGED)
"""Unknown although all was read: the status is what it is, nothing is hidden."""
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
    if diagnosis.other_org or diagnosis.other_user:
        return _with_another_subject(connection, previous, evidence, diagnosis)
    previous = recalled(connection, previous, evidence, diagnosis)
    recovery, diagnosis = with_operators_word(previous.recovery if previous else None, diagnosis, act)
    proofs = newest_proofs(connection, evidence, previous.proofs if previous else ())
    against = counter_evidence(previous, evidence, diagnosis, window)
    recovery = after_reading(recovery, evidence, diagnosis, proofs, against)
    if recovery is not None and act is not None:
        recovery, proofs = after_act(recovery, proofs, act)
    gap, gap_at = longest_gap(connection, previous, evidence)
    doubts = open_doubts(connection, previous, evidence, diagnosis, proofs)
    case = Case(
        connection, previous, evidence, diagnosis, recovery, proofs, against, doubts, window or window_of(gap)
    )
    return replace(_next_state(case, _verdict(case)), longest_gap=gap, gap_at=gap_at)


class Case(Struct, frozen=True, dict=True):
    """One reading, the state before and what follows from the two: all that the status rules go by."""

    connection: Connection
    previous: State | None
    evidence: Evidence
    diagnosis: Diagnosis
    recovery: Recovery | None
    """The outage after this reading, open or returned."""
    proofs: tuple[Proof, ...]
    counter_evidence: tuple[CounterEvidence, ...]
    doubts: tuple[Doubt, ...]
    window: timedelta
    """How long a sign of life counts."""

    @property
    def now(self) -> datetime:
        return self.evidence.org_now

    @property
    def open_recovery(self) -> Recovery | None:
        return self.recovery if self.recovery is not None and self.recovery.returned is None else None

    @property
    def console_word(self) -> str:
        """The console's status in small letters; empty where it was not read."""
        console = value_of(self.evidence.console)
        return console.status.casefold() if console is not None else ""

    @cached_property
    def retained(self) -> tuple[Finding, ...]:
        """Findings of the state before whose part could not be read now."""
        if self.previous is None:
            return ()
        unread, present = {u.cause for u in self.diagnosis.undetermined}, self.diagnosis.causes
        before = self.previous.diagnosis.findings
        return tuple(f for f in before if f.cause in unread and f.cause not in present)


class Verdict(NamedTuple):
    """What the rules say: the recovery is the outage where the verdict opens or ends one."""

    status: Status
    why: Why | None
    recovery: Recovery | None


def _next_state(case: Case, verdict: Verdict) -> State:
    previous, diagnosis = case.previous, case.diagnosis
    status, why, recovery = verdict
    hides = status is Status.UNKNOWN and why is not None and why.code not in DECIDED
    # All that can hold a cause was read, only not what may have come and gone before: no failed reading.
    undecided = hides and why is not None and why.code is not WhyCode.AUDIT_UNREADABLE
    good = not diagnosis.findings and not hides and not case.doubts
    counted = case.open_recovery.proofs if case.open_recovery is not None else ANY_PROOF
    return State(
        connection=case.connection,
        evidence=case.evidence,
        diagnosis=replace(diagnosis, findings=diagnosis.findings + case.retained),
        status=status,
        since=_since(previous, status, recovery, case.now),
        was=_was(previous) if hides else None,
        why=why,
        recovery=recovery,
        life=max((p for p in case.proofs if p.kind in counted), key=lambda p: p.at, default=None),
        proofs=case.proofs,
        counter_evidence=() if status is Status.MONITORING else case.counter_evidence,
        failures=_failures(previous, case.evidence) if undecided else 0,
        last_read=(previous.last_read if previous else None) if undecided else case.now,
        last_good=(good and records_of(case.evidence)) or (previous.last_good if previous else None),
        subject=subject_of(case.evidence) or (previous.subject if previous else None),
        outages=_outages(previous, recovery, case.now),
        other_memories=previous.other_memories if previous else (),
    )


def _with_another_subject(
    connection: Connection, previous: State | None, evidence: Evidence, diagnosis: Diagnosis
) -> State:
    """Another org or user answered: nothing that it says counts, and what is remembered waits for its own."""
    now = evidence.org_now
    if diagnosis.other_org:
        why = Why(WhyCode.OTHER_ORG, diagnosis.other_org, part=Part.ORG)
    else:
        why = Why(WhyCode.OTHER_USER, diagnosis.other_user, part=Part.USER)
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


def _outages(
    previous: State | None, recovery: Recovery | None, now: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """The outages of the last 30 days, an open one until now."""
    known = dict(previous.outages) if previous is not None else {}
    if recovery is not None:
        known[recovery.last_life or recovery.began] = recovery.returned.at if recovery.returned else now
    return tuple((began, ended) for began, ended in known.items() if ended > now - GAP_MEMORY)


def _verdict(case: Case) -> Verdict:
    """The status rules, in their order."""
    return _faulty(case) or _unread(case) or _returning(case) or _alive(case)


def _faulty(case: Case) -> Verdict | None:
    """A cause is there, or the console says so where it is not just behind."""
    if case.diagnosis.findings:
        return Verdict(Status.ERROR, None, case.recovery)
    console, outage = value_of(case.evidence.console), case.open_recovery
    expected = outage is not None and outage.repaired is not None and not outage.overdue
    if console is None or case.console_word != "error" or expected:
        return None
    why = Why(WhyCode.CONSOLE_ERROR, console.error, part=Part.CONSOLE, at=console.at)
    return Verdict(Status.ERROR, why, case.recovery)


def _unread(case: Case) -> Verdict | None:
    """What could not be read may hold a cause; the console's other words stand as they are."""
    retained = {f.cause for f in case.retained}
    open_questions = case.diagnosis.undetermined
    blocking = [u for u in open_questions if u.blocks]
    blocking += [u for u in open_questions if u.cause in retained and u not in blocking]
    if blocking:
        first = blocking[0]
        return _unknown(case, Why(WhyCode.UNREADABLE, first.reason, first.next_step, first.part))
    console = case.evidence.console
    if isinstance(console, Unreadable):
        return _unknown(case, Why(WhyCode.CONSOLE_UNREADABLE, console.reason, console.next_step, "console"))
    if console is None:
        return None
    for status in (Status.INITIALIZING, Status.DEAUTHORIZED):
        if case.console_word == status.casefold():
            return Verdict(status, None, case.recovery)
    if case.console_word not in ("monitoring", "error"):
        return _unknown(case, Why(WhyCode.CONSOLE_WORD, console.value.status, part=Part.CONSOLE))
    return None


def _returning(case: Case) -> Verdict | None:
    """An outage without a proof of return, or something that speaks against Monitoring: wait for Incydr."""
    outage, events = case.open_recovery, case.evidence.events
    shown = [b for b in _standing(case) if b.what is not CounterKind.AUDIT_UNREADABLE]
    awaited = outage is not None and return_proof(outage, case.proofs) is None
    if not (awaited or shown or case.console_word == "error"):
        return None
    if isinstance(events, Unreadable):
        return _unknown(case, Why(WhyCode.EVENTS_UNREADABLE, events.reason, events.next_step, "events"))
    waited = while_waiting(outage, case.diagnosis, shown, case.proofs, case.now)
    if waited.overdue and _may_be_back(case.evidence, waited):
        why = Why(WhyCode.EVENTS_UNREADABLE, CUT_SHORT, "Reading goes on; look at the console.", "events")
        return Verdict(Status.UNKNOWN, why, outage or replace(waited, overdue=False))
    return Verdict(Status.RECOVERING, None, waited)


def _alive(case: Case) -> Verdict:
    """Nothing shows a fault: Monitoring by a sign of life that is new enough and that nothing makes doubtful."""
    hidden = [b for b in _standing(case) if b.what is CounterKind.AUDIT_UNREADABLE]
    if hidden:
        return _unknown(case, Why(WhyCode.AUDIT_UNREADABLE, hidden[-1].text, part=Part.AUDIT))
    if case.doubts:
        first = case.doubts[0]
        return _unknown(case, Why(WhyCode.CHANGED, first.what, part=first.part, at=first.at))
    life = max(case.proofs, key=lambda p: p.at, default=None)
    if life is None:
        return _unknown(case, Why(WhyCode.NEVER_SEEN))
    if life.at <= case.now - case.window:
        return _unknown(case, Why(WhyCode.QUIET, at=life.at))
    outage, previous = case.open_recovery, case.previous
    if outage is None:
        return Verdict(Status.MONITORING, None, case.recovery)
    if previous is not None and previous.status is Status.UNKNOWN and _was(previous) is not None:
        # After a time of not knowing, the return needs a second look.
        return Verdict(Status.RECOVERING, None, outage)
    proof = return_proof(outage, case.proofs)
    returned = replace(outage, returned=proof, returned_seen=case.now, overdue=False)
    return Verdict(Status.MONITORING, None, returned)


def _unknown(case: Case, why: Why) -> Verdict:
    return Verdict(Status.UNKNOWN, why, case.recovery)


def _standing(case: Case) -> list[CounterEvidence]:
    """What speaks against Monitoring and no proof outweighs."""
    return [each for each in case.counter_evidence if not outweighed(each, case.proofs)]


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
