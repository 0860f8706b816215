"""What was found: one cause in the evidence, and all of them together."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from tui.base.limits import NOTICED_WITHIN
from tui.base.vendor_pages import VendorPage
from tui.connections.connection import Requirement
from tui.connections.evidence import Part, SignIns
from tui.connections.repair import NoRepair, Repair


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


EXPIRY = "expiry"
"""The name of what nobody did: an assignment ended by itself."""


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
    """One thing in the evidence: a text and, apart, its time; `since`: it goes on from then, `more` follows."""

    text: str
    at: datetime | None = None
    since: bool = False
    more: str = ""


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
    part: Part
    """The part of the evidence that shows it (a field of Evidence)."""
    seen_at: datetime
    """The org's clock when it was last read as present."""
    since: datetime | None = None
    """When it began, where that is known; else `latest` or nothing."""
    latest: datetime | None = None
    """Where the beginning is not known: it began then at the latest."""
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
    restraint: "Restraint | None" = None
    """Who is asked before this is undone; None where nobody has to be."""
    author: str | None = None
    """Who changed the record last, by the record itself: asked first where no audit row names anybody."""
    author_id: str | None = None
    done: str = ""
    """What somebody did, where "by NAME" cannot follow the title: "Permissions removed"."""


class Ask(StrEnum):
    """What to ask the person who did it."""

    INCIDENT = "incident"
    """Whether the freeze answers an incident."""
    LEAVER = "leaver"
    """Whether the deactivation was decided, by HR or by an identity provider."""
    CHANGE = "change"
    """Whether the change was meant."""


class Restraint(Struct, frozen=True):
    """Somebody else, or automation, did it: `name` is asked first, and the username is typed before a repair."""

    name: str
    ask: Ask
    automation: bool = False


class Undetermined(Struct, frozen=True):
    """A cause that could not be decided: which part of the evidence is missing and why."""

    cause: str
    part: Part
    reason: str
    next_step: str = ""
    blocks: bool = True
    """False: the status may be shown without it; it is listed as not checked."""


class Past(Struct, frozen=True):
    """A cause that the audit trail shows to have been there (`finding.since`, `finding.by`) and that is gone."""

    finding: Finding
    repaired_by: Actor | None = field(default=None, name="mended")
    """Who took it away again, and when, where a row says so."""


class Refusal(Struct, frozen=True):
    """The newest refused sign-in that counts against the connection: Salesforce's text and when."""

    status: str
    at: datetime


class Doubt(Struct, frozen=True):
    """A record that changed without a row that explains it. `part` is `freeze` or `grants`, `what` names it."""

    part: Part
    what: str
    at: datetime


class Sign(StrEnum):
    """What a line of evidence says at a glance."""

    GOOD = "✓"
    BAD = "✖"
    UNREAD = "–"
    WARNING = "!"
    INFO = "·"

    @property
    def ascii(self) -> str:
        return {"✓": "+", "✖": "x", "–": "-", "!": "!", "·": "."}[self.value]


class EvidenceRow(StrEnum):
    """The rows of the evidence, by their keys in `Diagnosis.signs`."""

    ORG = "org"
    USER = "user"
    FREEZE = "freeze"
    HOUR = "hour"
    """The sign-ins of the last hour, against the quota."""
    INCYDR = "incydr"
    """The newest sign-in of Incydr's app."""
    PERMISSIONS = "permissions"
    STREAMING = "streaming"
    TOKENS = "tokens"
    EVENTS = "events"
    CONSOLE = "console"
    RIGHTS = "rights"
    """What the operator may do."""
    BUDGET = "budget"
    """API calls of the org's day."""


class How(StrEnum):
    """What becomes of a permission that a grant carries."""

    IN_FORCE = "in force"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SESSION = "only in a session that activates it"
    INACTIVE = "not active"
    PENDING = "not calculated yet"
    MUTED = "muted in the group"


class Source(Struct, frozen=True):
    """One grant that carries a permission. `kind` is `profile`, `set` or `group`; `until`: when it ends or ended."""

    kind: str
    name: str
    how: How
    until: datetime | None = None


class PermissionLine(Struct, frozen=True):
    """One permission that Incydr lists: held or not, None where it is not known (`reason`), through what.

    `lost` says who took it, only where it is missing. Not `counted`: the org has no such permission, and it is
    known why.
    """

    requirement: Requirement
    held: bool | None
    sources: tuple[Source, ...] = ()
    lost: Actor | None = None
    reason: str = ""
    counted: bool = True


class Offer(Struct, frozen=True):
    """What the program may do about one cause: the repair or why not, and another way for where it is refused."""

    cause: str
    repair: Repair | NoRepair
    alternative: Repair | None = None


class Diagnosis(Struct, frozen=True):
    """Everything that is shown about the causes of one evidence, decided once.

    Findings stand in the order of repair; warnings never block; `signs` has a sign for each row of the evidence.
    """

    findings: tuple[Finding, ...] = ()
    undetermined: tuple[Undetermined, ...] = ()
    warnings: tuple[Fact, ...] = ()
    past: tuple[Past, ...] = ()
    refusal: Refusal | None = None
    doubts: tuple[Doubt, ...] = ()
    permissions: tuple[PermissionLine, ...] = ()
    """Empty where the grants could not be read or there is no user to hold them."""
    offers: tuple[Offer, ...] = ()
    signs: dict[str, Sign] = {}
    last_sign_in: SignIns | None = None
    """The newest sign-ins of Incydr's app, gone through or refused."""
    quota_presses: bool = False
    """Who uses the hourly sign-ins is worth its room: some are refused, or half of the quota is used."""
    other_org: str = ""
    """The Id of the org that answered, where it is not the pinned one: nothing else is shown then."""
    other_user: str = ""
    """The Id of the user who has the service account's name now, where it is not the pinned one."""

    @property
    def causes(self) -> tuple[str, ...]:
        return tuple(f.cause for f in self.findings)

    @property
    def heals(self) -> bool:
        """There are findings, and all of them clear by themselves."""
        return bool(self.findings) and all(f.kind is Kind.SELF_HEALING for f in self.findings)

    def sign(self, row: EvidenceRow) -> Sign:
        """The sign of one row of the evidence."""
        return self.signs.get(row, Sign.INFO)

    def offer(self, cause: str) -> Offer | None:
        return next((offer for offer in self.offers if offer.cause == cause), None)


class KnownCause(Struct, frozen=True):
    """One cause for a reader. `message` is what the Incydr console shows, verbatim; None where it shows none.

    `delay`: how long Incydr takes to notice that the cause is gone; None where no clock runs.
    """

    id: str
    title: str
    kind: Kind
    message: str | None
    steps: tuple[str, ...]
    delay: timedelta | None
    delay_assumed: bool
    docs: VendorPage


PRESSES = 0.5
"""The hourly sign-ins: half of the quota."""
NEARLY = 0.8
"""Any limit: most of it is used."""


def nearly(used: int | None, limit: int | None) -> bool:
    """Whether most of a limit is used; where one of the two is not known, no."""
    return used is not None and bool(limit) and limit is not None and used >= NEARLY * limit
