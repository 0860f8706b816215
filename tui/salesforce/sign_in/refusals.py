"""What a token endpoint's refusals mean: one table of texts, each with its meaning and where it is known from."""

from typing import NamedTuple

import msgspec
from msgspec import Struct

from tui.base.limits import Mark
from tui.base.text import clean_json
from tui.net import BAD_DATA, Answer
from tui.salesforce import errors
from tui.salesforce.errors import LATER, OrgProblem


class Meaning(NamedTuple):
    """What a refusal means; `{next_step}` in the next step is the way's own. `later`: it is neither yes nor no."""

    title: str
    why: str
    next_step: str
    later: bool = False


class Row(NamedTuple):
    """`part` is looked for in error and description, in lower case: the first row that fits is meant."""

    part: str
    meaning: Meaning
    mark: Mark


BUSY = Meaning("The org cannot sign anybody in now", "It asks to try again.", LATER, later=True)
MAINTENANCE = Meaning("The org is in maintenance", "Nobody can sign in to it now.", LATER, later=True)
TOO_MANY = Meaning(
    "Too many sign-ins",
    "This user signed in too often within an hour.",
    f"{LATER} Setup › Login History shows which application uses them up.",
    later=True,
)
ORG_OFF = Meaning(
    "The org is locked or inactive",
    "Nobody can sign in to it.",
    "Ask Salesforce support about the org.",
)
USER_OFF = Meaning(
    "Your user is inactive",
    "It was deactivated in Salesforce.",
    "An administrator must activate the user you sign in as.",
)
USER_FROZEN = Meaning(
    "Your user is frozen",
    "Somebody stopped its sign-ins in Salesforce.",
    "An administrator must unfreeze the user you sign in as.",
)
USER_LOCKED = Meaning(
    "Your user is locked",
    "Too many wrong passwords were tried.",
    "Wait until the lock ends, or have an administrator unlock the user you sign in as.",
)
USER_UNKNOWN = Meaning(
    "The user is not known",
    "This org has no user of that name.",
    "Check username in the configuration, and that api_url is the user's org.",
)
FROM_HERE = Meaning(
    "Sign-in from here is not allowed",
    "The user's profile or the app limits from which addresses and when one may sign in.",
    "Sign in from an allowed address, or have an administrator allow this one.",
)
ENDED = Meaning("The sign-in has ended", "Its token expired, or somebody revoked it.", "{next_step}")
NOT_INSTALLED = Meaning(
    "The app is not installed",
    "The app of this client_id is not installed in this org.",
    "An administrator must install it under Setup › Connected Apps OAuth Usage. Or check client_id and api_url.",
)
BLOCKED = Meaning(
    "The app is blocked",
    "An administrator blocked it for this org.",
    "An administrator must unblock it under Setup › Connected Apps OAuth Usage.",
)
NOT_ALLOWED = Meaning(
    "The app may not be used",
    "The app's policy does not let this user in.",
    "An administrator must allow the app for your profile or a permission set of yours.",
)
NOT_APPROVED = Meaning(
    "The app is not approved",
    "This user never allowed the app to act for them.",
    "An administrator must pre-authorise the app for your profile or a permission set of yours.",
)
DELETED = Meaning(
    "The app is gone",
    "The app of this client_id was deleted.",
    "Make an External Client App and write its client_id into the configuration.",
)
OUTDATED = Meaning(
    "The app is out of date",
    "Its package in this org is older than the app.",
    "An administrator must update the app's package in this org.",
)
NO_APP = Meaning(
    "The app is not known",
    "This org has no app with that client_id.",
    "Check client_id, and that api_url is the org that has the app. A new app needs some minutes.",
)
NO_RUN_AS = Meaning(
    "The app has no user to act as",
    "Client credentials are on, but no run-as user is set.",
    "An administrator must set the run-as user in the app's policies.",
)
NO_SCOPE = Meaning(
    "The app lacks a scope",
    "It has no scope that this sign-in needs.",
    "An administrator must give the app the scope api, for a browser sign-in refresh_token too.",
)
NO_FLOW = Meaning(
    "The app does not allow this sign-in",
    "This way of signing in is off for the app or the org.",
    "An administrator must turn the flow on in the app's settings, or choose another way to sign in.",
)
CALLBACK = Meaning(
    "The app has another callback",
    "The callback of this sign-in is not among those of the app.",
    "Add http://localhost:PORT/callback to the app, with the port that callback_port names.",
)
WRONG_SECRET = Meaning(
    "The app's secret is refused",
    "client_id and client_secret do not belong together.",
    "Check client_id and client_secret in the configuration.",
)
ACTIVATION = Meaning(
    "The activation secret is refused",
    "The app or the user must be activated again.",
    "{next_step}",
)
HOST = Meaning(
    "The host does not fit",
    "This sign-in is not possible at this address.",
    "Set api_url to the org's My Domain address, such as https://acme.my.salesforce.com.",
)
AUDIENCE = Meaning(
    "The audience does not fit",
    "The sign-in was written for another kind of org.",
    "Set audience of the sign-in to production, sandbox or my_domain.",
)
ASSERTION = Meaning(
    "The org refused the signed request",
    "The key may not belong to the certificate of the app.",
    "Check key_file, client_id and username, the certificate of the app, and this machine's clock.",
)
OTHER_SIGN_IN = Meaning(
    "The sign-in was not the one begun here", "Its code belongs to another sign-in.", "{next_step}"
)
TOOK_TOO_LONG = Meaning(
    "The sign-in took too long", "Its code can be used once and for a short time.", "{next_step}"
)
DECLINED = Meaning(
    "The sign-in was refused", "Somebody pressed Deny, or the user may not use the app.", "{next_step}"
)
API_OFF = Meaning(
    "The API is off",
    "The org, or this user, may not use the API.",
    "An administrator must give you the permission API Enabled, or the org needs an edition with the API.",
)
NO_REASON = Meaning(
    "The org refused the sign-in",
    "It does not say why: the user may be frozen or locked, or the sign-in wrong.",
    "Look at the user under Setup › Login History first. {next_step}",
)
BAD_REQUEST = Meaning(
    "The org did not understand the sign-in",
    "A proxy may change requests, or the org expects another one.",
    "Check proxies on the way; if it stays, choose another way to sign in.",
)
UNKNOWN = Meaning(
    "The org refused the sign-in",
    "The error is not one that this program knows.",
    "Look the error up in Salesforce's help. {next_step}",
)

_D, _R, _I = Mark.DOCUMENTED, Mark.RECORDED, Mark.INFERRED
TABLE: tuple[Row, ...] = (
    # Later: whatever else is said, it is no refusal.
    Row("retry your request", BUSY, _R),
    Row("token request is already being processed", BUSY, _R),
    Row("unknown_error", BUSY, _R),
    Row("temporarily_unavailable", BUSY, _I),
    Row("temporarily unavailable", BUSY, _I),
    Row("service unavailable", BUSY, _I),
    Row("server_error", BUSY, _I),
    Row("server busy", BUSY, _I),
    Row("request_limit_exceeded", BUSY, _I),
    Row("server is busy", BUSY, _I),
    Row("server_unavailable", BUSY, _I),
    Row("server unavailable", BUSY, _I),
    Row("unable to process", BUSY, _I),
    Row("unexpected error", BUSY, _I),
    Row("internal error", BUSY, _I),
    Row("internal_error", BUSY, _I),
    Row("in maintenance", MAINTENANCE, _I),
    Row("under maintenance", MAINTENANCE, _I),
    Row("rate_limit", TOO_MANY, _D),
    Row("rate limit", TOO_MANY, _I),
    Row("login rate", TOO_MANY, _I),
    Row("login_rate", TOO_MANY, _I),
    Row("logins exceeded", TOO_MANY, _I),
    Row("number of logins", TOO_MANY, _I),
    Row("login limit", TOO_MANY, _I),
    Row("too many", TOO_MANY, _I),
    # The organisation, before the user: "inactive organization" holds both words.
    Row("inactive_org", ORG_OFF, _D),
    Row("inactive org", ORG_OFF, _R),
    Row("organization is inactive", ORG_OFF, _I),
    Row("organization is not active", ORG_OFF, _I),
    Row("organization has been", ORG_OFF, _I),
    Row("organization_", ORG_OFF, _I),
    Row("org is suspended", ORG_OFF, _I),
    Row("org suspended", ORG_OFF, _I),
    Row("org_suspended", ORG_OFF, _I),
    Row("org is closed", ORG_OFF, _I),
    Row("org closed", ORG_OFF, _I),
    Row("org_closed", ORG_OFF, _I),
    Row("organization locked", ORG_OFF, _I),
    Row("organization is locked", ORG_OFF, _I),
    Row("organization closed", ORG_OFF, _I),
    Row("organization is closed", ORG_OFF, _I),
    Row("organization suspended", ORG_OFF, _I),
    Row("organization is suspended", ORG_OFF, _I),
    Row("org_locked", ORG_OFF, _I),
    Row("org is locked", ORG_OFF, _I),
    Row("org locked", ORG_OFF, _I),
    Row("trial expired", ORG_OFF, _I),
    Row("trial has expired", ORG_OFF, _I),
    # The app.
    Row("cross-org", NOT_INSTALLED, _I),
    Row("oauth_app_blocked", BLOCKED, _R),
    Row("blocked by admin", BLOCKED, _R),
    Row("oauth_authorization_blocked", BLOCKED, _R),
    Row("blocked", BLOCKED, _I),
    Row("oauth_ec_app_not_found", NOT_INSTALLED, _R),
    Row("not installed", NOT_INSTALLED, _R),
    Row("must be installed", NOT_INSTALLED, _R),
    Row("consumer is out of date", OUTDATED, _I),
    Row("consumer deleted", DELETED, _I),
    Row("app has been deleted", DELETED, _I),
    Row("invalid_app_access", NOT_ALLOWED, _D),
    Row("oauth_app_access_denied", NOT_ALLOWED, _R),
    Row("not admin approved", NOT_ALLOWED, _R),
    Row("not approved for access", NOT_ALLOWED, _I),
    Row("pre-authorized", NOT_ALLOWED, _I),
    Row("approved this consumer", NOT_APPROVED, _D),
    Row("approved", NOT_APPROVED, _I),
    Row("no client credentials user", NO_RUN_AS, _I),
    Row("no valid scopes", NO_SCOPE, _R),
    Row("invalid_scope", NO_SCOPE, _I),
    Row("insufficient_scope", NO_SCOPE, _I),
    Row("scope parameter", NO_SCOPE, _I),
    Row("scope is required", NO_SCOPE, _I),
    Row("unsupported_grant_type", NO_FLOW, _I),
    Row("unauthorized_client", NO_FLOW, _I),
    Row("unsupported_response_type", NO_FLOW, _I),
    Row("flow is disabled", NO_FLOW, _I),
    Row("flow disabled", NO_FLOW, _I),
    Row("flow is not enabled", NO_FLOW, _I),
    Row("flow not enabled", NO_FLOW, _I),
    Row("oauth_flow_disabled", NO_FLOW, _I),
    Row("redirect_uri", CALLBACK, _I),
    # The sign-in itself.
    Row("login_oauth_invalid_ds", ACTIVATION, _R),
    Row("activation secret", ACTIVATION, _R),
    Row("ip restricted", FROM_HERE, _D),
    Row("restricted ip", FROM_HERE, _I),
    Row("ip address not allowed", FROM_HERE, _I),
    Row("login hours", FROM_HERE, _I),
    Row("restricted time", FROM_HERE, _I),
    Row("restricted country", FROM_HERE, _I),
    Row("restricted domain", FROM_HERE, _I),
    Row("expired access/refresh token", ENDED, _D),
    Row("invalid refresh token", ENDED, _I),
    Row("refresh token", ENDED, _I),
    Row("token has been revoked", ENDED, _I),
    Row("token revoked", ENDED, _I),
    Row("token is expired", ENDED, _I),
    Row("bad_oauth_token", ENDED, _R),
    Row("invalid_token", ENDED, _I),
    Row("invalid_session_id", ENDED, _I),
    Row("request not supported on this domain", HOST, _R),
    Row("not supported on this domain", HOST, _I),
    Row("my domain", HOST, _I),
    Row("audience", AUDIENCE, _D),
    Row("code verifier", OTHER_SIGN_IN, _I),
    Row("code challenge", OTHER_SIGN_IN, _I),
    Row("authorization code", TOOK_TOO_LONG, _I),
    Row("end-user denied", DECLINED, _I),
    Row("access_denied", DECLINED, _I),
    Row("assertion", ASSERTION, _I),
    Row("jwt", ASSERTION, _I),
    Row("issuer", ASSERTION, _I),
    Row("invalid signature", ASSERTION, _I),
    # The user.
    Row("inactive_user", USER_OFF, _D),
    Row("inactive user", USER_OFF, _D),
    Row("user is inactive", USER_OFF, _I),
    Row("frozen", USER_FROZEN, _I),
    Row("locked", USER_LOCKED, _I),
    Row("lockout", USER_LOCKED, _I),
    Row("invalid user credentials", NO_REASON, _I),
    Row("invalid password", NO_REASON, _I),
    Row("user not found", USER_UNKNOWN, _I),
    Row("find a user", USER_UNKNOWN, _I),
    Row("user does not exist", USER_UNKNOWN, _I),
    Row("invalid user", USER_UNKNOWN, _I),
    Row("api access disabled", API_OFF, _I),
    Row("api_disabled", API_OFF, _I),
    Row("api_currently_disabled", API_OFF, _I),
    Row("api is not enabled", API_OFF, _I),
    # The id and its secret.
    Row("invalid_client_id", NO_APP, _D),
    Row("client identifier invalid", NO_APP, _R),
    Row("invalid client identifier", NO_APP, _I),
    Row("consumer key", NO_APP, _I),
    Row("invalid_client", WRONG_SECRET, _D),
    Row("client secret", WRONG_SECRET, _I),
    Row("authentication failure", NO_REASON, _D),
    Row("try again", BUSY, _I),
    Row("inactive", USER_OFF, _I),
    Row("expired", ENDED, _I),
    Row("invalid_request", BAD_REQUEST, _I),
    Row("must use http", BAD_REQUEST, _I),
)


class OAuthError(Struct, frozen=True):
    """The error body of an OAuth endpoint."""

    error: str
    error_description: str | None = None


def of_answer(answer: Answer, host: str, next_step: str) -> OrgProblem:
    """The problem of a token endpoint's answer."""
    try:
        oauth_error = msgspec.convert(clean_json(answer.body, 400), OAuthError)
    except BAD_DATA:
        return errors.of_answer(answer, host)
    return of_error(oauth_error, host, next_step, status=answer.status, retry_after=answer.retry_after)


def meaning_of(oauth_error: OAuthError, status: int = 400) -> Meaning:
    """What an OAuth error means: by its description, else by its code, else by the status."""
    description, error = (oauth_error.error_description or "").lower(), oauth_error.error.lower()
    row = next((row for row in TABLE if row.part in f"{error} {description}"), None)
    if row is not None:
        return row.meaning
    return BUSY if status >= 500 or status in errors.OVERLOADED else UNKNOWN


def of_error(
    oauth_error: OAuthError, host: str, next_step: str, *, status: int = 400, retry_after: float | None = None
) -> OrgProblem:
    """The problem of an OAuth error; its texts are cleaned already."""
    meaning = meaning_of(oauth_error, status)
    said = ": ".join(filter(None, (oauth_error.error, oauth_error.error_description)))
    return OrgProblem(
        meaning.title,
        f"{host} said {said}. {meaning.why}",
        meaning.next_step.format(next_step=next_step),
        code=oauth_error.error,
        status=status,
        later=meaning.later,
        retry_after=errors.PASSING if meaning is BUSY and retry_after is None else retry_after,
    )
