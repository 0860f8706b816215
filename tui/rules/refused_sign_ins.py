"""Why Salesforce refused Incydr's newest sign-in: its status texts, and which cause each of them means.

Source: Salesforce's list of LoginHistory statuses; the texts are compared as parts, without case.
"""

from dataclasses import dataclass
from datetime import datetime

from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, SignIns, value_of
from tui.connections.finding import Fact, Kind
from tui.connections.signs import app_failed
from tui.rules import sign_ins

BLOCKED = "sign_in_blocked"


@dataclass(frozen=True)
class Meaning:
    """What one status text means: evidence of a cause, whether it clears by itself, and what to do about it.

    `steps` are lines for the operator; `recognised` is False for a text that this program does not know.
    """

    text: str
    cause: str
    steps: tuple[str, ...] = ()
    kind: Kind = Kind.ACTION
    recognised: bool = True


LOCKOUT = "password lockout"

_RANGES = "Compare the address with Login IP Ranges of the profile and Network Access of the org."

_MEANINGS = (
    Meaning("user is inactive", "user_deactivated"),
    Meaning("user is frozen", "user_frozen"),
    Meaning("login rate exceeded", "login_rate_exceeded"),
    Meaning("invalid token", "access_revoked"),
    Meaning("oauth api access disabled", "permissions_missing"),
    Meaning("restricted ip", BLOCKED, (_RANGES, "Allow the addresses that Incydr signs in from.")),
    Meaning("ip address not allowed", BLOCKED, (_RANGES, "Allow the addresses that Incydr signs in from.")),
    Meaning("restricted time", BLOCKED, ("Widen Login Hours on the service account's profile: all day.",)),
    Meaning(LOCKOUT, BLOCKED, ("On the user's page press Unlock.", "Find out who tried wrong passwords.")),
    Meaning(
        "organization locked",
        BLOCKED,
        ("Salesforce has locked the whole org.", "Ask Salesforce support, or who pays for the org."),
    ),
    Meaning(
        "invalid password",
        BLOCKED,
        (
            "Somebody or something signs in with a wrong password.",
            "Incydr itself uses a token: authorise the connection again if it was Incydr.",
        ),
    ),
    Meaning(
        "maximum logins exceeded",
        BLOCKED,
        (
            "The account has reached the most sign-ins it may have.",
            "Find the other applications that use it.",
        ),
    ),
    Meaning(
        "get access token limit exceeded",
        BLOCKED,
        ("The app asks for tokens too often.", "Find the other applications that use the account."),
    ),
    Meaning(
        "organization is in maintenance",
        BLOCKED,
        ("Nothing to click: Salesforce maintains the org.", "Incydr signs in again when it is over."),
        Kind.SELF_HEALING,
    ),
)

_UNKNOWN_STEPS = ("Look the text up in Salesforce's help on login history, and mend what it names.",)


@dataclass(frozen=True)
class Refused:
    """Incydr's newest refused sign-in, where nothing shows that Incydr got through after it."""

    row: SignIns
    meaning: Meaning
    since: datetime
    """When this row of refusals began: not before the newest success."""

    @property
    def fact(self) -> Fact:
        whose = f"{self.row.application}'s sign-in" if self.row.application else "a sign-in without its app"
        return Fact(f"{whose} was refused: {self.row.status}", self.row.last)


def meaning(status: str) -> Meaning:
    """What a status text of a refused sign-in means; an unknown one stays as it is."""
    told = status.casefold()
    known = next((each for each in _MEANINGS if each.text in told), None)
    return known or Meaning(status, BLOCKED, _UNKNOWN_STEPS, recognised=False)


def newest(connection: Connection, evidence: Evidence) -> Refused | None:
    """The newest refusal of Incydr's app, or of no named app; None where Incydr got through after it.

    Only this one speaks: what an older row says has been overtaken.
    """
    row = app_failed(connection, evidence)
    if row is None or sign_ins.incydr_after(connection, evidence, row.last) is not None:
        return None
    history = value_of(evidence.sign_ins)
    succeeded = [
        each.last
        for each in (history.window if history is not None else ())
        if sign_ins.is_success(each) and each.application == connection.incydr_app
    ]
    began = row.first if all(row.first > each for each in succeeded) else row.last
    return Refused(row, meaning(row.status), began)


def fact(connection: Connection, evidence: Evidence, cause: str) -> tuple[Fact, ...]:
    """The newest refusal as a fact, where its text is evidence of `cause`."""
    found = newest(connection, evidence)
    return (found.fact,) if found is not None and found.meaning.cause == cause else ()
