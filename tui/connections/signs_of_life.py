"""Signs of life of Incydr in the evidence, and when one outweighs what speaks against it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tui.base.limits import ACROSS_VENDORS, NOTICED_WITHIN, WINDOW_LEAST, WINDOW_MOST
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, SignIns, value_of
from tui.connections.finding import ProofKind
from tui.connections.state import CounterEvidence, Proof

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


def outweighed(bad: CounterEvidence, proofs: tuple[Proof, ...], *, late: bool = False) -> bool:
    """Whether a proof that counts is newer; `late`: a sign-in only once Incydr must have noticed.

    Incydr's own times count only beyond the difference of clocks; a console that still says Monitoring soon after
    an audit row may not have noticed yet. What an unread audit trail may hide was over when all was read as good:
    a sign-in counts once Incydr must have noticed that.
    """
    for proof in proofs:
        slack = ACROSS_VENDORS if proof.kind is ProofKind.EVENT else timedelta(0)
        if proof.kind is ProofKind.CONSOLE and bad.what == "audit":
            slack = NOTICED_WITHIN
        if proof.kind is ProofKind.SIGN_IN and (late or bad.what == "audit_unreadable"):
            slack = NOTICED_WITHIN
        if proof.kind in bad.proofs and proof.at > bad.at + slack:
            return True
    return False


def window_of(longest_gap: timedelta) -> timedelta:
    """How long a sign of life counts: a quiet org may not sign in or export for days."""
    return min(max(WINDOW_LEAST, 3 * longest_gap), WINDOW_MOST)


def usual_gap(connection: Connection, evidence: Evidence) -> timedelta:
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


def gap_between(connection: Connection, before: Evidence, after: Evidence) -> timedelta:
    """The time between two sign-ins by Incydr of which nothing lay between: their count grew by exactly one."""
    old, new = _own_successes(connection, before), _own_successes(connection, after)
    if connection.shared or not old or sum(r.count for r in new) != sum(r.count for r in old) + 1:
        return timedelta(0)
    return max(r.last for r in new) - max(r.last for r in old)


def _own_successes(connection: Connection, evidence: Evidence) -> list[SignIns]:
    history = value_of(evidence.sign_ins)
    return [r for r in history.window if succeeded(r) and by_incydr(connection, r)] if history else []
