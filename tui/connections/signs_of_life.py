"""Signs of life of Incydr in the evidence, and how long one counts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tui.base.limits import WINDOW_LEAST, WINDOW_MOST
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, SignIns, value_of
from tui.connections.finding import ProofKind
from tui.connections.state import Proof, State, Status

GAP_MEMORY = timedelta(days=30)

NO_APPLICATION = ("", "n/a")
"""Failed sign-ins may carry no application at all."""


def went_through(status: str) -> bool:
    """Whether a sign-in with this text of the login history went through (compared without case)."""
    return status.strip().casefold() == "success"


def succeeded(row: SignIns) -> bool:
    """Whether these sign-ins went through."""
    return went_through(row.status)


def names_application(row: SignIns) -> bool:
    """Whether these sign-ins name the application that made them."""
    return row.application.strip().casefold() not in NO_APPLICATION


def by_incydr(connection: Connection, row: SignIns) -> bool:
    """Whether these sign-ins are of the connection's pinned application."""
    return connection.incydr_app is not None and row.application == connection.incydr_app


def newest_proofs(connection: Connection, evidence: Evidence, known: tuple[Proof, ...]) -> tuple[Proof, ...]:
    """The newest proof of each kind, from this evidence and from those known before; weakest order last."""
    found = {proof.kind: proof for proof in known}

    def add(proof: Proof) -> None:
        if proof.kind not in found or found[proof.kind].at < proof.at:
            found[proof.kind] = proof

    console = value_of(evidence.console)
    if console is not None and console.status.casefold() == "monitoring":
        add(Proof(ProofKind.CONSOLE, console.at + (evidence.org_now - evidence.read_at)))
    events = value_of(evidence.events)
    if events is not None and events.newest is not None:
        add(Proof(ProofKind.EVENT, events.newest))
    history = value_of(evidence.sign_ins)
    if history is not None and not connection.shared:
        for row in history.window:
            if succeeded(row) and by_incydr(connection, row):
                add(Proof(ProofKind.SIGN_IN, row.last))
    return tuple(found[kind] for kind in ProofKind if kind in found)


def window_of(longest_gap: timedelta) -> timedelta:
    """How long a sign of life counts: a quiet org may not sign in or export for days."""
    return min(max(WINDOW_LEAST, 3 * longest_gap), WINDOW_MOST)


def _usual_gap(connection: Connection, evidence: Evidence) -> timedelta:
    """The mean time between Incydr's sign-ins in the window: the longest gap is at least that."""
    rows = _own_successes(connection, evidence)
    count = sum(r.count for r in rows)
    if connection.shared or count < 2:
        return timedelta(0)
    return (max(r.last for r in rows) - min(r.first for r in rows)) / (count - 1)


def gap_by_days(
    connection: Connection, evidence: Evidence, outages: Sequence[tuple[datetime, datetime]]
) -> timedelta | None:
    """The most whole days in a row without a sign-in by Incydr, over 30 days; None where days were not read.

    Two days in a row teach nothing: how long it was quiet between them is not known. Nor does an outage.
    """
    days = value_of(evidence.days)
    if days is None or connection.shared or connection.incydr_app is None:
        return None
    seen = sorted({each.day for each in days.days if each.application == connection.incydr_app})
    gaps = [
        (first, second)
        for first, second in pairwise(seen)
        if not any(began.date() <= second and ended.date() >= first for began, ended in outages)
    ]
    return max((second - first - timedelta(days=1) for first, second in gaps), default=timedelta(0))


def _gap_between(connection: Connection, before: Evidence, after: Evidence) -> timedelta:
    """The time between two sign-ins by Incydr of which nothing lay between: their count grew by exactly one."""
    old, new = _own_successes(connection, before), _own_successes(connection, after)
    if connection.shared or not old or sum(r.count for r in new) != sum(r.count for r in old) + 1:
        return timedelta(0)
    return max(r.last for r in new) - max(r.last for r in old)


def _own_successes(connection: Connection, evidence: Evidence) -> list[SignIns]:
    history = value_of(evidence.sign_ins)
    return [r for r in history.window if succeeded(r) and by_incydr(connection, r)] if history else []


def longest_gap(
    connection: Connection, previous: State | None, evidence: Evidence
) -> tuple[timedelta, datetime | None]:
    """The longest quiet time between Incydr's signs, by the signs themselves; outages teach nothing."""
    now = evidence.org_now
    usual = _usual_gap(connection, evidence)
    by_days = gap_by_days(connection, evidence, previous.outages if previous is not None else ())
    if by_days is not None:
        return max(by_days, usual), now
    if previous is None:
        return usual, now
    gap, at = previous.longest_gap, previous.gap_at
    if at is not None and now - at > GAP_MEMORY:
        gap, at = timedelta(0), None
    if previous.status is Status.MONITORING:
        quiet = _gap_between(connection, previous.evidence, evidence)
        if quiet > gap:
            return quiet, now
    return max(gap, usual), at
