"""What was found: one cause in the evidence, and all of them together."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from tui.base.limits import NOTICED_WITHIN


class Kind(StrEnum):
    """Whether a person has to act, or the cause clears by itself."""

    ACTION = "action"
    SELF_HEALING = "self_healing"


class ProofKind(StrEnum):
    """What can show that Incydr works again, strongest first."""

    CONSOLE = "console"
    EVENT = "event"
    SIGN_IN = "sign_in"
    WORD = "word"


ANY_PROOF = (ProofKind.CONSOLE, ProofKind.EVENT, ProofKind.SIGN_IN, ProofKind.WORD)
NOT_SIGN_INS = (ProofKind.CONSOLE, ProofKind.EVENT, ProofKind.WORD)
"""With permissions or streaming gone Incydr keeps signing in through the whole error."""


class Actor(Struct, frozen=True):
    """Who did something, from the audit trail."""

    name: str
    username: str | None = None
    at: datetime | None = None
    automation: bool = False
    """An API or integration user."""
    delegate: str | None = None
    """The administrator who was signed in as this user."""
    certain: bool = True
    """False: probably; the row names the user by name alone and the times do not match."""


class Fact(Struct, frozen=True):
    """One thing in the evidence that shows the finding: a plain text and, apart, its time."""

    text: str
    at: datetime | None = None


class Quota(Struct, frozen=True):
    """One user of the hourly sign-in quota: at least `count` sign-ins in the last 60 minutes."""

    application: str
    count: int
    source_ip: str | None = None


class Finding(Struct, frozen=True):
    """One cause found in the evidence. `cause` is its id; the rest is what the rules need to know of it."""

    cause: str
    title: str
    """A few words, the headline: "The service account is frozen"."""
    kind: Kind
    proofs: tuple[ProofKind, ...]
    """Which proofs of return count for this cause."""
    part: str
    """The part of the evidence that shows it (a field of Evidence)."""
    seen_at: datetime
    """The org's clock when it was last read as present."""
    since: datetime | None = None
    by: Actor | None = None
    by_unknown: str = ""
    """Why nobody can be named, as a few words; empty where `by` is set."""
    may_be_automatic: bool = False
    """A freeze that nobody's audit row explains, with rate rows beside it."""
    facts: tuple[Fact, ...] = ()
    missing: tuple[str, ...] = ()
    """Permissions that are missing (names without `Permissions`)."""
    quota: tuple[Quota, ...] = ()
    reset: tuple[datetime, datetime] | None = None
    """The estimated range in which the hourly quota resets."""
    shown_at: datetime | None = None
    """Where only a row of the past shows it: that row's time. The operator's later word outweighs it."""
    delay: timedelta | None = NOTICED_WITHIN
    """How long Incydr takes to notice the repair; None: no clock until the operator has acted."""
    delay_assumed: bool = False


class Undetermined(Struct, frozen=True):
    """A cause that could not be decided: which part of the evidence is missing and why."""

    cause: str
    part: str
    reason: str
    next_step: str = ""
    blocks: bool = True
    """False: the status may be told without it; it is listed as not checked."""


class Past(Struct, frozen=True):
    """A cause that the audit trail shows to have been there (`finding.since`, `finding.by`) and that is gone."""

    finding: Finding
    mended: Actor | None = None
    """Who took it away again, and when, where a row says so."""


class Diagnosis(Struct, frozen=True):
    """All findings of one evidence in order of repair, what is undetermined, what was; warnings never block."""

    findings: tuple[Finding, ...] = ()
    undetermined: tuple[Undetermined, ...] = ()
    warnings: tuple[Fact, ...] = ()
    past: tuple[Past, ...] = ()

    @property
    def causes(self) -> tuple[str, ...]:
        return tuple(f.cause for f in self.findings)

    @property
    def heals(self) -> bool:
        """There are findings, and all of them clear by themselves."""
        return bool(self.findings) and all(f.kind is Kind.SELF_HEALING for f in self.findings)
