"""Signs of life of Incydr in the evidence, and when one outweighs what speaks against it."""

from datetime import timedelta

from tui.base.limits import ACROSS_VENDORS, NOTICED_WITHIN, WINDOW_LEAST, WINDOW_MOST
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, SignIns, value_of
from tui.connections.finding import ProofKind
from tui.connections.state import Bad, Proof

NO_APPLICATION = ("", "n/a")
"""Failed sign-ins may carry no application at all."""


def succeeded(row: SignIns) -> bool:
    """Whether these sign-ins went through (Salesforce's text, compared without case)."""
    return row.status.casefold() == "success"


def by_incydr(connection: Connection, row: SignIns) -> bool:
    """Whether these sign-ins are of the connection's pinned application."""
    return connection.incydr_app is not None and row.application == connection.incydr_app


def app_failed(connection: Connection, evidence: Evidence) -> SignIns | None:
    """The newest failed sign-ins that may be Incydr's: its application, or none named."""
    history = value_of(evidence.sign_ins)
    if history is None:
        return None
    failed = [
        row
        for row in history.window
        if not succeeded(row)
        and (by_incydr(connection, row) or row.application.strip().casefold() in NO_APPLICATION)
    ]
    return max(failed, key=lambda row: row.last, default=None)


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


def settled(bad: Bad, proofs: tuple[Proof, ...]) -> bool:
    """Whether a proof that counts is newer.

    Incydr's own times count only beyond the difference of clocks; a console that still says Monitoring soon after
    an audit row may not have noticed yet. What an unread audit trail may hide was over when all was read as good:
    a sign-in counts once Incydr must have noticed that.
    """
    for proof in proofs:
        slack = ACROSS_VENDORS if proof.kind is ProofKind.EVENT else timedelta(0)
        if proof.kind is ProofKind.CONSOLE and bad.what == "audit":
            slack = NOTICED_WITHIN
        if proof.kind is ProofKind.SIGN_IN and bad.what == "audit_unreadable":
            slack = NOTICED_WITHIN
        if proof.kind in bad.proofs and proof.at > bad.at + slack:
            return True
    return False


def window_of(longest_gap: timedelta) -> timedelta:
    """How long a sign of life counts: a quiet org may not sign in or export for days."""
    return min(max(WINDOW_LEAST, 3 * longest_gap), WINDOW_MOST)


def usual_gap(connection: Connection, evidence: Evidence) -> timedelta:
    """The mean time between Incydr's sign-ins in the window: the longest gap is at least that."""
    history = value_of(evidence.sign_ins)
    rows = [r for r in history.window if succeeded(r) and by_incydr(connection, r)] if history else []
    count = sum(r.count for r in rows)
    if connection.shared or count < 2:
        return timedelta(0)
    return (max(r.last for r in rows) - min(r.first for r in rows)) / (count - 1)
