"""What a look at the contract says: facts with what was expected and found, and what follows from them."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from tui.salesforce.remembered_facts import Learned


class Group(StrEnum):
    """Under which head a fact stands, in this order."""

    VERSION = "API version, limits, clocks"
    OBJECTS = "objects and fields"
    RIGHTS = "your rights"
    SIGN_INS = "sign-ins of the last 7 days"
    AUDIT = "audit trail"
    EVENTS = "file events of the last 7 days"
    ASSUMED = "taken for granted"


class Verdict(StrEnum):
    """How what was found compares with what was expected."""

    HOLDS = "holds"
    DIFFERS = "differs"
    UNREAD = "not read"
    UNTRIED = "cannot be tried"
    """Nothing that may be asked here shows it; `found` says why."""


class Fact(Struct, frozen=True):
    """One fact that the program relies on; `effect`: what is lost or wrong where it does not hold."""

    group: Group
    name: str
    expected: str
    found: str
    verdict: Verdict
    effect: str = ""


class Follows(Struct, frozen=True):
    """A cause that cannot be seen, or a proof that cannot be had, by this connection; and the one thing to do."""

    connection: str
    what: str
    why: str
    next_step: str


class Report(Struct, frozen=True):
    """One org, its tenants, and these connections of it."""

    org: str
    connections: tuple[str, ...]
    at: datetime
    """This machine's clock."""
    calls: int
    """API calls to the org."""
    tenant_requests: int
    facts: tuple[Fact, ...]
    follows: tuple[Follows, ...]
    subject: str | None = None
    """The org's Id as it was read."""
    learned: Learned | None = None
    """What to remember; None where the org did not say what it has."""

    @property
    def holds(self) -> bool:
        return all(fact.verdict in (Verdict.HOLDS, Verdict.UNTRIED) for fact in self.facts)


def compared(group: Group, name: str, expected: str, found: str, holds: bool, effect: str = "") -> Fact:
    """A fact that was read."""
    verdict = Verdict.HOLDS if holds else Verdict.DIFFERS
    return Fact(group, name, expected, found, verdict, "" if holds else effect)
