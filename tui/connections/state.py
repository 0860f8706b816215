"""All that is ever rendered of a connection."""

from datetime import datetime, timedelta

from msgspec import Struct

from tui.connections.connection import Connection
from tui.connections.evidence import Evidence
from tui.connections.finding import Actor, Diagnosis, Finding, ProofKind
from tui.connections.status import Status

SCHEMA = 1


class Proof(Struct, frozen=True):
    """A fact that shows Incydr at work: an event, a sign-in, the console's or the operator's word."""

    kind: ProofKind
    at: datetime
    by: str | None = None
    """Who gave his word."""


class Bad(Struct, frozen=True):
    """The newest thing that speaks against Monitoring, and which proofs can outweigh it.

    `what` is `reading`, `audit`, `failed_sign_in` or `audit_unreadable`.
    """

    at: datetime
    what: str
    proofs: tuple[ProofKind, ...]
    text: str = ""


class Repaired(Struct, frozen=True):
    """When the causes went away: not before `earliest`, not after `latest` (the org's clock)."""

    earliest: datetime
    latest: datetime
    by: Actor | None = None
    how: str = ""
    """`audit` (a row says so), `program` (our own change, read back) or `readings` (between two of them)."""


class Recovery(Struct, frozen=True):
    """One outage: what was wrong, since when, repaired when, returned by which proof."""

    began: datetime
    findings: tuple[Finding, ...]
    repaired: Repaired | None = None
    deadline: datetime | None = None
    overdue: bool = False
    word: Proof | None = None
    returned: Proof | None = None
    returned_seen: datetime | None = None
    last_life: datetime | None = None
    """The newest sign of life before the outage: monitoring was off at most since then."""

    @property
    def proofs(self) -> tuple[ProofKind, ...]:
        """Which proofs count: those that every cause of the outage accepts."""
        from tui.connections.finding import ANY_PROOF

        return tuple(k for k in ANY_PROOF if all(k in f.proofs for f in self.findings))

    @property
    def off(self) -> tuple[timedelta, timedelta] | None:
        """How long monitoring was off: at least, at most. None before the return."""
        if self.returned is None or self.repaired is None:
            return None
        least = max(timedelta(0), self.repaired.earliest - self.began)
        most = max(least, self.returned.at - (self.last_life or self.began))
        return least, most


class Why(Struct, frozen=True):
    """Why the status is what it is where the findings do not say it, and what to do about it."""

    text: str
    next_step: str = ""
    part: str = ""


class State(Struct, frozen=True):
    """Connection, evidence, diagnosis, status and recovery at one moment. Only `advance` makes one."""

    connection: Connection
    evidence: Evidence
    diagnosis: Diagnosis
    status: Status
    since: datetime
    """When this status began (the org's clock)."""
    was: Status | None = None
    """Under Unknown: the status that the failed reading hides."""
    why: Why | None = None
    recovery: Recovery | None = None
    life: Proof | None = None
    bads: tuple[Bad, ...] = ()
    longest_gap: timedelta = timedelta(0)
    failures: int = 0
    """Readings in a row that could not decide."""
    last_read: datetime | None = None
    """The org's clock at the last reading that decided."""
    schema: int = SCHEMA

    @property
    def overdue(self) -> bool:
        return self.recovery is not None and self.recovery.overdue and self.recovery.returned is None
