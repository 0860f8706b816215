"""Which lines a new state adds to a connection's history, and whether it says anything new at all. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from tui.connections.connection import Requirement
from tui.connections.evidence import AuditTrail, ConsoleWord, Evidence, Read, SignInHistory
from tui.connections.finding import Finding, Kind, ProofKind
from tui.connections.outage import Act, WithdrawsMonitoring
from tui.connections.state import Proof, State, Status
from tui.diagnosis.differences import differences
from tui.watching.entry import WITHDRAWN, Entry, EntryKind

FAILURES_LOGGED = 2
"""A single failed reading is no news."""

EPISODE = timedelta(minutes=60)
"""A new refusal within this time continues the same episode."""

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def entries(
    last_logged_status: Status | None, previous: State | None, state: State, act: Act | None = None
) -> tuple[Entry, ...]:
    """What `state` adds to a history, by the status that it named last, the state before and the act that moved it."""
    found = [
        _withdrawn(previous, act),
        *_status(last_logged_status, previous, state, act),
        _overdue(previous, state),
        _word(previous, state),
    ]
    return tuple(entry for entry in found if entry is not None)


def changes(previous: State | None, state: State, requirements: Sequence[Requirement]) -> tuple[Entry, ...]:
    """What Salesforce shows otherwise than at the reading before, in words, oldest first."""
    if previous is None or previous.evidence is state.evidence:
        return ()
    name = state.connection.name
    found = differences(previous.evidence, state.evidence, state.diagnosis, tuple(requirements))
    moments = [(fact.text, fact.at or state.evidence.org_now) for fact in found]
    kind = EntryKind.DIFFERENCE
    return tuple(
        Entry(at, name, kind, f"{name}|{kind.value}|{at.isoformat()}|{text}", text=text)
        for text, at in moments
    )


def same(one: State, other: State) -> bool:
    """True where two states differ in nothing but the times of their readings."""
    return _timeless(one) == _timeless(other)


def _status(
    last_logged_status: Status | None, previous: State | None, state: State, act: Act | None
) -> tuple[Entry, ...]:
    if state.returned is not None and (previous is None or previous.returned != state.returned):
        return (_return(last_logged_status, state),)
    if state.status is Status.ERROR:
        return _error(last_logged_status, previous, state)
    if state.status is Status.UNKNOWN and state.failures:
        if state.failures < FAILURES_LOGGED or last_logged_status is Status.UNKNOWN:
            return ()
        return (_entry(state, EntryKind.UNKNOWN, last_logged_status, state.evidence.org_now),)
    if state.status is last_logged_status:
        return ()
    # After a time of not knowing the news is that it is known again; the status may be older.
    moment = state.evidence.org_now if last_logged_status is Status.UNKNOWN else state.since
    if isinstance(act, WithdrawsMonitoring):
        moment = act.at
    entry = _entry(state, EntryKind.STATUS, last_logged_status, moment)
    repaired = state.recovery.repaired if state.recovery is not None else None
    if state.status is Status.RECOVERING and repaired is not None and repaired.by is not None:
        return (replace(entry, by=repaired.by.name),)
    return (entry,)


def _error(last_logged_status: Status | None, previous: State | None, state: State) -> tuple[Entry, ...]:
    """One line for each cause that is new, one alone where none is to be seen."""
    before = previous.diagnosis.causes if previous is not None else ()
    fresh = [
        f for f in state.diagnosis.findings if last_logged_status is not Status.ERROR or f.cause not in before
    ]
    if last_logged_status is Status.ERROR and not fresh:
        return ()
    if last_logged_status is Status.UNKNOWN and previous is not None and previous.was is Status.ERROR:
        fresh = [f for f in fresh if f.cause not in before]
        if not fresh:
            return (_entry(state, EntryKind.STATUS, last_logged_status, state.evidence.org_now),)
    if fresh and previous is not None and all(_same_episode(f, previous) for f in fresh):
        return ()
    opened = previous is None or previous.recovering is None
    begun = state.since if opened else state.evidence.org_now
    if not fresh:
        return (_entry(state, EntryKind.ERROR, last_logged_status, begun),)
    return tuple(_found(state, finding, last_logged_status, finding.since or begun) for finding in fresh)


def _found(state: State, finding: Finding, last_logged_status: Status | None, at: datetime) -> Entry:
    entry = _entry(state, EntryKind.ERROR, last_logged_status, at)
    return replace(
        entry,
        key=f"{entry.key}|{finding.cause}",
        cause=finding.cause,
        by=finding.by.name if finding.by is not None else "",
        text=finding.title,
    )


def _same_episode(finding: Finding, previous: State) -> bool:
    if finding.kind is not Kind.SELF_HEALING or finding.reset is None or previous.recovery is None:
        return False
    before = [f.reset for f in previous.recovery.findings if f.cause == finding.cause and f.reset is not None]
    return any(finding.reset[1] - reset[1] <= EPISODE for reset in before)


def _return(last_logged_status: Status | None, state: State) -> Entry:
    proof, recovery = state.returned, state.recovery
    assert proof is not None and recovery is not None  # noqa: S101 - the caller has looked
    entry = _entry(state, EntryKind.RETURNED, last_logged_status, proof.at)
    causes = ",".join(f.cause for f in recovery.findings)
    return replace(entry, by=proof.by or "", text=causes, result=proof.kind.value)


def _overdue(previous: State | None, state: State) -> Entry | None:
    if not state.overdue or (previous is not None and previous.overdue):
        return None
    recovery = state.recovery
    moment = recovery.deadline if recovery is not None and recovery.deadline is not None else state.since
    return replace(_entry(state, EntryKind.OVERDUE, None, moment), status=None)


def _word(previous: State | None, state: State) -> Entry | None:
    word = state.recovery.word if state.recovery is not None else None
    before = previous.recovery.word if previous is not None and previous.recovery is not None else None
    if word is None or word == before:
        return None
    return replace(_entry(state, EntryKind.WORD, None, word.at), status=None, by=word.by or "")


def _withdrawn(previous: State | None, act: Act | None) -> Entry | None:
    """The operator takes back his word."""
    if previous is None or previous.word is None or not isinstance(act, WithdrawsMonitoring):
        return None
    entry = _entry(previous, EntryKind.WORD, None, act.at)
    return replace(entry, key=f"{entry.key}|{WITHDRAWN}", status=None, by=act.by, result=WITHDRAWN)


def _entry(state: State, kind: EntryKind, was: Status | None, at: datetime) -> Entry:
    name = state.connection.name
    key = f"{name}|{kind.value}|{state.status.value}|{was.value if was else ''}|{at.isoformat()}"
    return Entry(at, name, kind, key, status=state.status, was=was)


def _timeless(state: State) -> State:
    """The state without what moves although nothing happened.

    The dates of what speaks against Monitoring stay: after a restart a proof has to be newer than those.
    """
    diagnosis = state.diagnosis
    findings = tuple(replace(f, seen_at=_NO_TIME) for f in diagnosis.findings)
    past = tuple(replace(p, finding=replace(p.finding, seen_at=_NO_TIME)) for p in diagnosis.past)
    return replace(
        state,
        evidence=_timeless_evidence(state.evidence),
        diagnosis=replace(diagnosis, findings=findings, past=past),
        proofs=tuple(_timeless_proof(p) for p in state.proofs),
        life=_timeless_proof(state.life) if state.life is not None else None,
        failures=min(state.failures, FAILURES_LOGGED),
        last_read=None,
        gap_at=None,
    )


def _timeless_proof(proof: Proof) -> Proof:
    return replace(proof, at=_NO_TIME) if proof.kind is ProofKind.CONSOLE else proof


def _timeless_evidence(evidence: Evidence) -> Evidence:
    parts: dict[str, object] = {}
    for name in evidence.__struct_fields__:
        part = getattr(evidence, name)
        if isinstance(part, Read):
            value = part.value
            if isinstance(value, SignInHistory | AuditTrail):
                value = replace(value, since=_NO_TIME)
            elif isinstance(value, ConsoleWord):
                value = replace(value, at=_NO_TIME)
            parts[name] = Read(value, _NO_TIME)
    return replace(
        evidence,
        read_at=_NO_TIME,
        org_now=_NO_TIME,
        api_calls=0,
        api_used=None,
        api_limit=None,
        grants_before=(),
        **parts,
    )
