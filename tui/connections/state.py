"""All that is ever rendered of a connection."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from tui.connections.connection import Connection
from tui.connections.evidence import Evidence
from tui.connections.finding import ANY_PROOF, Actor, Diagnosis, Finding, ProofKind


class Status(StrEnum):
    """Incydr's words, and two of ours: Recovering (repaired, not back yet) and Unknown (cannot tell)."""

    ERROR = "Error"
    RECOVERING = "Recovering"
    MONITORING = "Monitoring"
    UNKNOWN = "Unknown"
    INITIALIZING = "Initializing"
    DEAUTHORIZED = "Deauthorized"


SCHEMA = 1


class Proof(Struct, frozen=True):
    """A fact that shows Incydr at work: an event, a sign-in, the console's or the operator's word."""

    kind: ProofKind
    at: datetime
    by: str | None = None
    """Who gave his word."""


class CounterKind(StrEnum):
    """What can speak against Monitoring."""

    READING = "reading"
    """A reading showed a cause."""
    AUDIT = "audit"
    """A row of the audit trail names a cause that came and went."""
    FAILED_SIGN_IN = "failed_sign_in"
    AUDIT_UNREADABLE = "audit_unreadable"
    """What a trail that could not be read may hide."""
    CHANGED = "changed"
    """A change that no row explains; never stored."""
    REPAIRED = "repaired"
    """The repair itself, which a proof of return has to be newer than; never stored."""


class CounterEvidence(Struct, frozen=True):
    """The newest thing of its kind that speaks against Monitoring, and which proofs can outweigh it."""

    at: datetime
    what: CounterKind
    proofs: tuple[ProofKind, ...]
    text: str = ""


class ShownBy(StrEnum):
    """What shows that a cause went away."""

    AUDIT = "audit"
    """A row of the audit trail says so."""
    PROGRAM = "program"
    """Our own change, read back."""
    READINGS = "readings"
    """It went between two readings."""
    OPERATOR = "operator"
    """The operator's word alone."""


class Repaired(Struct, frozen=True):
    """When the causes went away: not before `earliest`, not after `latest` (the org's clock)."""

    earliest: datetime
    latest: datetime
    by: Actor | None = None
    how: ShownBy = ShownBy.READINGS


class Recovery(Struct, frozen=True):
    """One outage: what was wrong, since when, repaired when, returned by which proof."""

    began: datetime
    findings: tuple[Finding, ...]
    repairs: dict[str, Repaired] = field(default_factory=dict, name="mended")
    """For each cause that is gone: when it went."""
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
        return tuple(k for k in ANY_PROOF if all(k in f.proofs for f in self.findings))

    @property
    def off(self) -> tuple[timedelta, timedelta] | None:
        """How long monitoring was off: at least, at most. None before the return."""
        if self.returned is None or self.repaired is None:
            return None
        least = max(timedelta(0), self.repaired.earliest - self.began)
        most = max(least, self.returned.at - (self.last_life or self.began))
        return least, most


class Records(Struct, frozen=True):
    """What moves in Salesforce when somebody changes the account or its grants, as one good reading showed it.

    Where a later reading shows the same, nothing came and went in between.
    """

    user_id: str
    user_changed: datetime | None
    profile_id: str | None
    freeze: tuple[str, datetime | None] | None
    """Id and last change of the freeze record; None where the user has none."""
    grants: tuple[tuple[str, str, datetime | None, datetime | None], ...] = ()
    """Of each: the Ids of assignment and set, and when each changed last."""


class Memory(Struct, frozen=True):
    """What is remembered of one subject while another one answers."""

    subject: tuple[str, str]
    recovery: Recovery | None = None
    proofs: tuple[Proof, ...] = ()
    counter_evidence: tuple[CounterEvidence, ...] = field(default=(), name="bads")
    longest_gap: timedelta = timedelta(0)
    outages: tuple[tuple[datetime, datetime], ...] = ()
    last_good: Records | None = None


class WhyCode(StrEnum):
    """Why the status is what it is where the findings do not say it."""

    UNREADABLE = "unreadable"
    AUDIT_UNREADABLE = "audit_unreadable"
    EVENTS_UNREADABLE = "events_unreadable"
    CONSOLE_UNREADABLE = "console_unreadable"
    CHANGED = "changed"
    """A record changed, and nothing of Incydr came after."""
    OTHER_ORG = "other_org"
    OTHER_USER = "other_user"
    QUIET = "quiet"
    """No sign of life within the window."""
    NEVER_SEEN = "never_seen"
    """No sign of life at all."""
    CONSOLE_ERROR = "console_error"
    """The console shows Error, and no cause is to be seen."""
    CONSOLE_WORD = "console_word"
    """The console shows a word that is not known."""


class Why(Struct, frozen=True):
    """Why the status is what it is; `text` is what was read, or the reason why it was not."""

    code: WhyCode
    text: str = ""
    next_step: str = ""
    part: str = ""
    at: datetime | None = None


class State(Struct, frozen=True):
    """Connection, evidence, diagnosis, status and recovery at one moment. Only `advance` makes one."""

    connection: Connection
    evidence: Evidence
    diagnosis: Diagnosis
    """With findings of earlier readings whose part cannot be read now; their cause is undetermined too."""
    status: Status
    since: datetime
    """When this status began (the org's clock)."""
    was: Status | None = None
    """Under Unknown: the status that the failed reading hides."""
    why: Why | None = None
    recovery: Recovery | None = None
    """The open outage, or the last one where it has returned."""
    life: Proof | None = None
    """The newest sign of life; in an outage of those kinds that count for its causes."""
    proofs: tuple[Proof, ...] = ()
    """The newest of each kind that was ever seen."""
    counter_evidence: tuple[CounterEvidence, ...] = field(default=(), name="bads")
    longest_gap: timedelta = timedelta(0)
    """The longest quiet time between signs of life, in the last 30 days and not over an outage."""
    gap_at: datetime | None = None
    failures: int = 0
    """Readings in a row that could not decide."""
    last_read: datetime | None = None
    """The org's clock at the last reading that decided."""
    last_good: Records | None = None
    """What the last reading without a fault showed, whatever process made it."""
    subject: tuple[str, str] | None = None
    """The Ids of org and user as they were read: what is remembered belongs to them."""
    outages: tuple[tuple[datetime, datetime], ...] = ()
    """When monitoring was off in the last 30 days: no quiet time is learned over them."""
    other_memories: tuple[Memory, ...] = field(default=(), name="aside")
    """What is remembered of other subjects that answered here before."""
    schema: int = SCHEMA

    @property
    def returned(self) -> Proof | None:
        """What shows that the last outage is over."""
        return self.recovery.returned if self.recovery is not None else None

    @property
    def word(self) -> Proof | None:
        """The operator's word on the newest outage, while it counts."""
        return self.recovery.word if self.recovery is not None else None

    @property
    def by_word(self) -> Proof | None:
        """The operator's word, where Monitoring rests on it: nothing newer that counts shows the return."""
        word = self.returned
        if self.recovery is None or word is None or word.kind is not ProofKind.WORD:
            return None
        newer = any(p.at > word.at and p.kind in self.recovery.proofs for p in self.proofs)
        return word if self.status is Status.MONITORING and not newer else None

    @property
    def recovering(self) -> Recovery | None:
        """The outage that has not returned yet."""
        return self.recovery if self.returned is None else None

    @property
    def overdue(self) -> bool:
        return self.recovering is not None and self.recovering.overdue

    @property
    def late(self) -> bool:
        """Overdue, and nothing hides it: the status is not Unknown and no cause is there again."""
        return self.overdue and self.status is Status.RECOVERING

    @property
    def walkable(self) -> bool:
        """There is something to repair or to wait for."""
        return bool(self.diagnosis.findings) or self.recovering is not None


WORST_FIRST = (
    Status.ERROR,
    Status.DEAUTHORIZED,
    Status.UNKNOWN,
    Status.RECOVERING,
    Status.INITIALIZING,
    Status.MONITORING,
)


def rank(state: State | None) -> tuple[int, bool]:
    """Where a state stands among others: an error that clears by itself after those that need a person.

    What was not read yet keeps its place among the unknown.
    """
    if state is None:
        return WORST_FIRST.index(Status.UNKNOWN), False
    return WORST_FIRST.index(Status.ERROR if state.overdue else state.status), state.diagnosis.heals
