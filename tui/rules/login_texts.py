"""What the texts of Salesforce's login history mean (LoginHistory.Status), each once.

Compared as a part and without case: a prefix `Failed: ` and capitals differ from source to source. Sources are
Salesforce's list of LOGIN_STATUS texts and recorded rows; a text that is not here stays as it is.
"""

import re
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from tui.base.limits import Mark
from tui.connections.finding import Kind
from tui.connections.signs_of_life import went_through


class About(StrEnum):
    """Whom a refusal is about: it counts from any client where it is about the user or the whole org."""

    USER = "user"
    ORG = "org"
    ATTEMPT = "attempt"
    """This one attempt: it counts only where the attempt is Incydr's."""


class Explains(StrEnum):
    """Which change of the audit trail can be behind a refusal."""

    APP = "app"
    IP = "ip"
    HOURS = "hours"
    LOCK = "lock"
    NOTHING = ""


class Reason(StrEnum):
    """Why Salesforce refuses."""

    USER_INACTIVE = "user inactive"
    USER_FROZEN = "user frozen"
    QUOTA = "too many sign-ins in the hour"
    ORG_CLOSED = "org closed"
    NO_ACCESS = "the app has no access"
    API_DISABLED = "the user may not use the API"
    OTHER = "another reason"


class LoginText(Struct, frozen=True):
    """One status text: why Salesforce refuses, what to do (lines for the operator), and its source.

    `known` is False for a text that is not in the table.
    """

    text: str
    reason: Reason
    about: About
    steps: tuple[str, ...] = ()
    kind: Kind = Kind.ACTION
    explained_by: Explains = Explains.NOTHING
    mark: Mark = Mark.DOCUMENTED
    known: bool = True


LOCKOUT = "password lockout"
WRONG_PASSWORD = "invalid password"  # noqa: S105 - Salesforce's text for it
RATE = "login rate exceeded"

_RANGES = "Compare the address with Login IP Ranges of the profile and with Network Access of the org."
_ALLOW_ADDRESSES = "Allow the addresses that Incydr signs in from."
_OAUTH_POLICIES = (
    "Open Incydr's app under Connected Apps (Manage Connected Apps): its OAuth policies decide this."
)
_AUTHORISE = "Authorise the connection again in the Incydr console."


def _text(
    text: str,
    *steps: str,
    reason: Reason = Reason.OTHER,
    about: About = About.ATTEMPT,
    kind: Kind = Kind.ACTION,
    by: Explains = Explains.NOTHING,
) -> LoginText:
    return LoginText(text, reason, about, steps, kind, by)


LOGIN_TEXTS: tuple[LoginText, ...] = (
    # The user
    _text("user is inactive", reason=Reason.USER_INACTIVE, about=About.USER),
    _text("user is frozen", reason=Reason.USER_FROZEN, about=About.USER),
    _text(RATE, reason=Reason.QUOTA, about=About.USER),
    # The organisation
    _text("organization closed", reason=Reason.ORG_CLOSED, about=About.ORG),
    _text("organization suspended", reason=Reason.ORG_CLOSED, about=About.ORG),
    _text("organization is inactive", reason=Reason.ORG_CLOSED, about=About.ORG),
    _text("trial expired", reason=Reason.ORG_CLOSED, about=About.ORG),
    _text(
        "organization locked",
        "Salesforce has locked the whole org.", "Ask Salesforce support, or the owner of the contract.",
        about=About.ORG,
    ),
    _text(
        "organization is in maintenance",
        "Nothing to click: Salesforce is doing maintenance on the org.",
        "Incydr signs in again when it is over.",
        about=About.ORG, kind=Kind.SELF_HEALING,
    ),
    # The app and its token
    _text("invalid token", reason=Reason.NO_ACCESS, by=Explains.APP),
    _text("consumer deleted", reason=Reason.NO_ACCESS, by=Explains.APP),
    _text("package for this consumer is not installed", reason=Reason.NO_ACCESS, by=Explains.APP),
    _text("oauth api access disabled", reason=Reason.API_DISABLED),
    _text(
        "not approved for access",
        "Permitted Users of Incydr's app is “Admin approved users are pre-authorized”, and this account is not "
        "among them.",
        _OAUTH_POLICIES,
        "Allow the account's profile or a permission set of it, or let all users self-authorize.",
        by=Explains.APP,
    ),
    _text(
        "installed package for this consumer is out of date",
        "Upgrade the installed package of Incydr's app.", by=Explains.APP,
    ),
    _text(
        "activation secret invalid",
        "Salesforce refused the activation secret of Incydr's app.", _AUTHORISE,
    ),
    _text("missing consumer key parameter", "The request named no app.", _AUTHORISE),
    _text("missing oauth token parameter", "The request carried no token.", _AUTHORISE),
    _text("device id missing or not registered", _OAUTH_POLICIES),
    _text(
        "get access token limit exceeded",
        "The app asks for tokens too often.", "Find the other applications that use the account.",
    ),
    # Where and when
    _text("restricted ip", _RANGES, _ALLOW_ADDRESSES, by=Explains.IP),
    _text("ip address not allowed", _RANGES, _ALLOW_ADDRESSES, by=Explains.IP),
    _text("restricted country", _RANGES, _ALLOW_ADDRESSES, by=Explains.IP),
    _text("restricted domain", _RANGES, _ALLOW_ADDRESSES, by=Explains.IP),
    _text(
        "restricted time",
        "Widen Login Hours on the service account's profile: all day.", by=Explains.HOURS,
    ),
    # How the account may sign in
    _text(
        "api-only user",
        "The account can sign in only over the API: API Only User is on.",
        "Does the authorisation need a page? Remove that permission while you authorise.",
    ),
    _text("api security token required", "Incydr signs in by OAuth, without one.", _AUTHORISE),
    _text("two-factor required", "Let the account sign in over the API without a second factor."),
    _text("lightning login required", "Switch Lightning Login off for this account."),
    _text("computer activation required", _RANGES, _ALLOW_ADDRESSES, by=Explains.IP),
    _text("computer activation pending", _RANGES, _ALLOW_ADDRESSES, by=Explains.IP),
    _text("mobile license required", "The account lacks a licence for this way to sign in."),
    _text(
        LOCKOUT,
        "On the user's page press Unlock.", "Find out who tried wrong passwords.", by=Explains.LOCK,
    ),
    _text(
        WRONG_PASSWORD,
        "A person or a program signs in with a wrong password.",
        "Incydr itself uses a token. Was it Incydr? Then authorise the connection again.",
    ),
    _text(
        "maximum logins exceeded",
        "The account has reached its highest number of sign-ins.", "Find the other applications that use it.",
    ),
)  # fmt: skip

_UNKNOWN_STEPS = ("Look for this text in Salesforce's help on login history, and fix what it names.",)

# inferred: english_login_texts - words of Salesforce's own English texts; other languages have none of them.
ENGLISH = frozenset(
    {
        "access", "activation", "allowed", "and", "attempt", "blocked", "certificate", "computer", "consumer",
        "country", "denied", "disabled", "domain", "error", "exceeded", "expired", "failed", "failure", "for",
        "invalid", "is", "locked", "lockout", "mismatched", "missing", "not", "of", "or", "organization",
        "parameter", "password", "pending", "prevented", "registered", "request", "required", "restricted",
        "success", "suspended", "the", "this", "unable", "unknown", "user", "with",
    }
)  # fmt: skip


@lru_cache(512)
def meaning(status: str) -> LoginText:
    """What the text of a refused sign-in means; one that is not in the table stays as it is."""
    shown = " ".join(status.casefold().split())
    found = [each for each in LOGIN_TEXTS if each.text in shown]
    if found:
        # "installed package … out of date" holds no other text, but a longer one always says more.
        return max(found, key=lambda each: len(each.text))
    return LoginText(status.strip(), Reason.OTHER, About.ATTEMPT, _UNKNOWN_STEPS, known=False)


def is_english(status: str) -> bool:
    """Whether a text is known, or has a word of Salesforce's English: an unknown text, not another language."""
    if went_through(status) or meaning(status).known:
        return True
    return not ENGLISH.isdisjoint(re.findall(r"[a-z]+", status.casefold()))


OAUTH = frozenset({"remote access 2.0", "oauth2", "remote access client", "oauth"})
"""OAuth 2 and OAuth 1: label and value of each."""

USERNAME_PASSWORD = frozenset({"oauthusernamepassword", "oauth username-password"})
"""The flow in which a client sends a password: Incydr never does."""

KNOWN = OAUTH | frozenset(
    {
        "ajax toolkit", "apex office toolkit", "appexchange", "application", "appstore", "certificate",
        "certificate-based login", "chatter communities external user",
        "chatter communities external user third party sso", "chattercommunityportalunpwd",
        "chattercommunitythirdpartysso", "community", "cross tenant login", "crosstenantlogin",
        "customer service portal", "customer service portal third-party sso", "datajunction", "db replication",
        "employee login to community", "employeelogintocommunity", "excel integration", "help and training",
        "helpandtraining", "hotp yubikey", "ieofflineclient", "lightning login", "lightninglogin",
        "networks portal api only", "networksportalapionly", "offline client", "order center", "other apex api",
        "otherapi", "outlook integration", "partner", "partner portal", "partner portal third-party sso",
        "partner product", "passwordless login", "passwordlesslogin", "portal", "portalthirdpartysso", "prmportal",
        "prmportalthirdpartysso", "sales anywhere", "salesforce outlook integration", "salesforce.com website",
        "saml chatter communities external user sso", "saml customer service portal sso", "saml idp initiated sso",
        "saml partner portal sso", "saml sfdc initiated sso", "saml site sso", "samlchatternetworks",
        "samlcspportal", "samlidp", "samlprmportal", "samlsfdc", "samlsite", "self-service", "selfservice",
        "signup", "sync", "third party sso", "thirdpartysso",
    }
)  # fmt: skip


def is_oauth(login_type: str | None, sub_type: str | None) -> bool:
    """Whether this is an OAuth sign-in other than by username and password."""
    return _plain(login_type) in OAUTH and _plain(sub_type) not in USERNAME_PASSWORD


def is_known(login_type: str | None) -> bool:
    return _plain(login_type) in KNOWN


def _plain(text: str | None) -> str:
    return (text or "").strip().casefold()
