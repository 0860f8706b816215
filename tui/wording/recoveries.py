"""The way back in words: steps and proofs, the repair, the wait, overdue, the return, and what may be lost."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from tui.base.limits import EVENT_LATENESS, NOTICED_WITHIN, STREAMED_KEPT
from tui.base.text import sentence
from tui.connections.connection import Connection
from tui.connections.evidence import Unreadable
from tui.connections.finding import Finding, Kind, ProofKind
from tui.connections.state import Proof, Recovery, State, Status
from tui.connections.step import Step
from tui.connections.walkthrough import Walkthrough
from tui.wording.statuses import EXPLAIN, actor, org_time
from tui.wording.times import Times, ago, at_time, clock_time, countdown, long

REPLAY = STREAMED_KEPT
_KEPT = f"{STREAMED_KEPT // timedelta(hours=1)} h"
_NOTICED = f"{NOTICED_WITHIN // timedelta(minutes=1)} minutes"

_CLOSE = timedelta(seconds=10)
"""A shorter range of time is one moment for a reader."""

OVERDUE_NEXT_STEP = (
    "Look at the connection in the Incydr console. Does it show Monitoring? Then say so in the walkthrough."
)
"""What to do first where the repair is in force and Incydr has not come back."""

WORTH_TELLING = timedelta(hours=1)
"""A pause between two signs of Incydr: a shorter one explains no wait."""

_COUNTS = {
    ProofKind.CONSOLE: "the console's status",
    ProofKind.EVENT: "a file event from after the repair",
    ProofKind.SIGN_IN: "a sign-in by Incydr's app after the repair",
    ProofKind.WORD: "what you see in the console",
}


class Awaited(Protocol):
    """A cause, or the finding of one: how long Incydr takes to notice that it is gone."""

    @property
    def kind(self) -> Kind: ...

    @property
    def delay(self) -> timedelta | None: ...

    @property
    def delay_assumed(self) -> bool: ...


def proof(proof: Proof, times: Times) -> str:
    """The fact that shows Incydr at work: "Incydr signed in at 14:02:11"."""
    at = at_time(proof.at, times)
    return {
        ProofKind.CONSOLE: f"the console showed Monitoring {at}",
        ProofKind.EVENT: f"a file event from {clock_time(proof.at, times)}",
        ProofKind.SIGN_IN: f"Incydr signed in {at}",
        ProofKind.WORD: f"{proof.by or 'the operator'} said {at} that the console shows Monitoring",
    }[proof.kind]


def life_line(state: State, times: Times) -> str:
    """When Incydr was last seen, and by which fact: "Incydr last seen: signed in at 22:22:00"."""
    if state.life is None:
        return "Incydr has not been seen yet."
    return f"Incydr last seen: {proof(state.life, times).removeprefix('Incydr ')}"


def available_proofs(connection: Connection, recovery: Recovery) -> tuple[ProofKind, ...]:
    """Which proofs count for this outage and can be seen with this configuration; the word always can."""
    can_see = {
        ProofKind.CONSOLE: bool(connection.status_command),
        ProofKind.EVENT: connection.tenant is not None,
        ProofKind.SIGN_IN: connection.incydr_app is not None and not connection.shared,
        ProofKind.WORD: True,
    }
    return tuple(kind for kind in recovery.proofs if can_see[kind])


def tenant_lines(states: Iterable[State]) -> tuple[str, ...]:
    """Where events could not be read the strongest proof is missing: a line a tenant and next step."""
    missing: dict[tuple[str, str], list[State]] = {}
    for state in states:
        part = state.evidence.events
        if isinstance(part, Unreadable):
            # The first connection meets the refusal, the others the pause after it: one trouble.
            missing.setdefault((state.connection.tenant or "", part.next_step), []).append(state)
    return tuple(_strongest_missing(states) for states in missing.values())


def _strongest_missing(states: Sequence[State]) -> str:
    part, names = states[0].evidence.events, ", ".join(state.connection.name for state in states)
    assert isinstance(part, Unreadable)  # noqa: S101 - such states alone are gathered
    return (
        f"Incydr's events could not be read from tenant {states[0].connection.tenant}: {part.reason.rstrip('.')}. "
        f"The strongest proof is missing for {names}. {part.next_step}"
    ).rstrip()


def repaired_line(recovery: Recovery, times: Times) -> str:
    """Who repaired it and when: a moment, or the range between two readings."""
    repaired = recovery.repaired
    if repaired is None:
        return "Not repaired yet."
    first, last = (clock_time(at, times) for at in (repaired.earliest, repaired.latest))
    close = repaired.latest - repaired.earliest < _CLOSE
    when = at_time(repaired.latest, times) if close else f"between {first} and {last}"
    by = f" by {actor(repaired.by)}" if repaired.by else ""
    how = {
        "audit": " (from the audit trail)",
        "program": " (confirmed by Salesforce)",
        "operator": " (said by the operator)",
    }.get(repaired.how, "")
    return f"Repaired{by} {when}{how}."


def waiting_lines(state: State, times: Times, *, timed: bool = True) -> tuple[str, ...]:
    """What is waited for, since when, and the latest moment; that one not where a timeline tells it."""
    recovery = state.recovery
    if recovery is None:
        return ()
    clock = (_clock(recovery, times),) if timed or recovery.deadline is None else ()
    if state.status is Status.UNKNOWN:
        unseen = f"The status is not known now (was: {state.was or 'Recovering'}). remonitor keeps waiting."
        return (unseen, repaired_line(recovery, times), *clock)
    if findings := state.diagnosis.findings:
        there = "; ".join(f.title for f in findings)
        return (f"Salesforce still shows: {there}.", *clock)
    seen = [k for k in available_proofs(state.connection, recovery) if k is not ProofKind.WORD]
    if seen:
        awaited = "Waiting for " + ", or ".join(_COUNTS[k] for k in seen) + "."
        if ProofKind.EVENT in seen:
            awaited += f" {_stored_late(state)}"
    else:
        awaited = _why_nothing_shows(state.connection, recovery)
    return (repaired_line(recovery, times), awaited, *clock)


def _why_nothing_shows(connection: Connection, recovery: Recovery) -> str:
    signs_in = ProofKind.SIGN_IN in recovery.proofs
    reason = "Incydr keeps signing in during this kind of error, so a sign-in proves nothing"
    if signs_in and connection.shared:
        reason = "other connections use the same account, so its sign-ins prove nothing"
    elif signs_in:
        reason = "Incydr's app is not configured (incydr_app)"
    return f"Only the Incydr console can show that Incydr is back: {reason}. Look at it in {_NOTICED}."


def _clock(recovery: Recovery, times: Times) -> str:
    if recovery.deadline is None:
        return noticed(recovery.findings)
    by = f"by {clock_time(recovery.deadline, times)} at the latest"
    return f"Incydr comes back by itself, {by}{_assumed(recovery.findings)}."


def noticed(causes: Sequence[Awaited]) -> str:
    """How long Incydr takes once these causes are gone; that time has not begun."""
    delays = [cause.delay for cause in causes if cause.delay is not None]
    if not delays or len(delays) < len(causes):
        return "It is not known how long this takes: you may have to authorise Incydr again."
    heals = all(cause.kind is Kind.SELF_HEALING for cause in causes)
    start = "When this has ended," if heals else "After the repair"
    within = f"within {max(delays) // timedelta(minutes=1)} minutes{_assumed(causes)}"
    return f"{start} Incydr comes back by itself, {within}."


def _assumed(causes: Sequence[Awaited]) -> str:
    return " (assumed, not documented)" if any(cause.delay_assumed for cause in causes) else ""


def progress(state: State, now: datetime) -> float | None:
    """How much of the wait is over, from 0 to 1; None where no clock runs."""
    recovery = state.recovery
    if recovery is None or recovery.repaired is None or recovery.deadline is None:
        return None
    start = recovery.repaired.latest
    whole = (recovery.deadline - start) / timedelta(seconds=1)
    gone = (org_time(state, now) - start) / timedelta(seconds=1)
    return min(1.0, max(0.0, gone / whole)) if whole > 0 else 1.0


def until_reset(finding: Finding, state: State, now: datetime) -> str:
    """A countdown to the end of the hourly limit, as its range; empty for other causes."""
    if finding.reset is None:
        return ""
    there = org_time(state, now)
    soonest, latest = (countdown(at - there) for at in finding.reset)
    span = latest if soonest == latest else f"{soonest} to {latest}"
    return f"{span} until the hourly limit ends (estimate)"


def left(state: State, now: datetime) -> str:
    """What is left of the wait: "7:42 left", or how long it is over."""
    recovery = state.recovery
    if recovery is None or recovery.deadline is None:
        return ""
    rest = recovery.deadline - org_time(state, now)
    return f"{countdown(rest)} left" if rest > timedelta(0) else f"{long(-rest)} late"


def overdue_lines(state: State, times: Times, explain: str = EXPLAIN) -> tuple[str, ...]:
    """What to do now that the repair is in force and Incydr has not come back; `explain` is how to ask for a cause."""
    recovery = state.recovery
    if recovery is None or recovery.deadline is None or not state.overdue:
        return ()
    lines = [f"Incydr should have been back by {clock_time(recovery.deadline, times)}."]
    if ProofKind.SIGN_IN in recovery.proofs:
        lines.append("Incydr may be back without a new sign-in: remonitor then cannot see it.")
        if state.longest_gap >= WORTH_TELLING:
            lines.append(f"Before the outage nothing was seen from it for up to {long(state.longest_gap)}.")
    if ProofKind.EVENT in available_proofs(state.connection, recovery):
        lines.append(_stored_late(state))
    return (
        *lines,
        f"1. {OVERDUE_NEXT_STEP}",
        f"2. Does the console show another message? {explain} tells which cause it means.",
        "3. Was the access of Incydr's app revoked? Authorise the connection again in the console.",
        "4. The last way: deauthorise the connection and set it up again.",
    )


def _stored_late(state: State) -> str:
    """How late an event may come: as it was recorded, or later where this tenant was seen to be later."""
    seen = state.evidence.lateness
    if seen is None:
        return "An event may be stored up to an hour late."
    most = f"up to {long(seen.largest)}" if seen.largest > EVENT_LATENESS else "up to an hour"
    return f"An event may be stored {most} late (here usually {long(seen.median)})."


def lost_events(state: State, times: Times) -> str:
    """From when on Salesforce keeps events of the outage no more."""
    recovery = state.recovering
    if recovery is None:
        return ""
    limit = recovery.began + REPLAY
    there = org_time(state, times.now)
    if there < limit:
        at = at_time(limit, times, seconds=False)
        return f"Salesforce keeps events {_KEPT}. The oldest of this outage expire {at}."
    gone = clock_time(there - REPLAY, times, seconds=False)
    return f"Salesforce keeps events {_KEPT}. Those of this outage from before {gone} have expired."


def returned_lines(state: State, times: Times, *, repaired: bool = True) -> tuple[str, ...]:
    """Which proof, when, how long monitoring was off, and what to check now.

    Who repaired it stands between; not with `repaired` False, where a timeline tells it.
    """
    recovery = state.recovery
    if recovery is None or recovery.returned is None:
        return ()
    lines = [f"Incydr is back: {proof(recovery.returned, times)}."]
    if repaired:
        lines.append(repaired_line(recovery, times))
    if recovery.off is not None:
        lines.append(off_line(recovery.off))
    lines.append(
        "Look at the report exports of that time yourself: it is not known whether Incydr catches up on them."
    )
    return tuple(lines)


def off_line(off: tuple[timedelta, timedelta], *, over: bool = True) -> str:
    """How long monitoring was off, as one range that is explained; not `over`: until now."""
    least, most = map(long, off)
    was = "Monitoring was off for" if over else "Monitoring has been off for"
    if least == most:
        return f"{was} {least}."
    end = "the proof" if over else "now"
    return (
        f"{was} {least} to {most}: at least from the cause to the repair, "
        f"at most from when Incydr was last seen to {end}."
    )


def news(before: State, after: State, times: Times) -> str:
    """What a reading changed: who repaired what, where this program did not, and which causes are new."""
    known, there = before.diagnosis.causes, after.diagnosis.causes
    gone = [f for f in before.diagnosis.findings if f.cause not in there]
    fresh = "; ".join(f.title for f in after.diagnosis.findings if f.cause not in known)
    parts = [*_repaired(gone, after, times), f"New: {fresh}." if fresh else ""]
    if fresh and not known and before.recovering is not None:
        parts.append("The wait starts again after the repair.")
    return " ".join(part for part in parts if part)


def _repaired(gone: Sequence[Finding], after: State, times: Times) -> list[str]:
    """Who made these causes disappear; what this program did stands there already."""
    recovery = after.recovery
    if not gone or recovery is None:
        return []
    if recovery.repaired is not None:
        return [] if recovery.repaired.how == "program" else [repaired_line(recovery, times)]
    rows = {p.finding.cause: p.repaired_by for p in after.diagnosis.past}
    lines = []
    for finding in gone:
        row, repaired = rows.get(finding.cause), recovery.repairs.get(finding.cause)
        if repaired is not None and repaired.how == "program":
            continue
        by = ""
        if row is not None and row.at is not None and row.at >= (finding.since or row.at):
            by = f" Repaired by {actor(row)} {at_time(row.at, times)}."
        lines.append(f"No longer so: {finding.title}.{by}")
    return lines


def salesforce_verdict(state: State, step: Step, done: str = "Enter") -> str:
    """What the newest reading says of a step: "Salesforce says: still frozen"; `done` is the key that ends it."""
    if step.test is None:
        return f"remonitor cannot see this step. Press {done} when you have done it."
    verdict = step.test(state.evidence)
    says = {None: "not known", True: "done", False: step.still or "not yet"}[verdict]
    return f"Salesforce says: {says}"


def salesforce_says(
    state: State, step: Step, next_at: datetime | None, now: datetime, done: str = "Enter"
) -> str:
    """The live line under a step: "Salesforce says: still frozen · checked 4 s ago · next in 6 s"."""
    says = salesforce_verdict(state, step, done)
    if step.test is None:
        return says
    parts = [says, f"checked {ago(state.evidence.read_at, now)}"]
    if next_at is not None:
        parts.append(f"next in {long(next_at - now)}")
    return " · ".join(parts)


_NOT_SHOWN = "Salesforce does not show it as done"


def unverified(verdict: bool | None, step: Step) -> str:
    """The warning where the operator says done and Salesforce does not; empty where there is none."""
    if step.test is None or verdict is True:
        return ""
    if verdict is None:
        return "You marked it as done. remonitor could not ask Salesforce about it."
    return f"You marked it as done. {step.denied or _NOT_SHOWN}."


def held(step: Step, again: str, others: Iterable[str]) -> str:
    """The answer to done where Salesforce says no; `again` is the key that goes on, `others` what else there is."""
    choice = ", ".join((f"{again} again to go on anyway", *others))
    return f"Not done yet: {step.denied or _NOT_SHOWN}. Press {choice}."


def unfinished(index: int, key: str) -> str:
    """What to do on the wait while a step is not done; `key` goes back to it."""
    return f"Step {index + 1} is not done. {sentence(key)} goes back to it."


def beside(holder: str) -> str:
    """That another process has the org open too; `holder` in words: "process 4711 on pts/3"."""
    return (
        f"Another remonitor ({holder}) has this org open too: what is done there moves these steps as well."
    )


def position(walk: Walkthrough) -> str:
    """Where the walk stands: "3 of 4"."""
    return f"{walk.current + 1} of {len(walk.items)}"


def resume_offer(name: str, walk: Walkthrough, left_at: datetime, now: datetime) -> str:
    """At the start: "Resume "Acme EMEA" at step 3, left 12 min ago"."""
    return f'Resume "{name}" at step {walk.current + 1}, left {ago(left_at, now)}'
