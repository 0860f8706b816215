"""What a token endpoint's refusals mean: one row for each, with the next step.

Errors: Salesforce's OAuth documentation. Rows marked so are inferred from how the flows work.
"""

from typing import NamedTuple

import msgspec
from msgspec import Struct

from tui.base.text import clean_json
from tui.net import Answer
from tui.salesforce import errors
from tui.salesforce.errors import LATER, OrgProblem


class Row(NamedTuple):
    """`part` is looked for in error and description, in lower case; `{mend}` is the way's own next step."""

    part: str
    title: str
    why: str
    next_step: str


ROWS = (
    Row(
        "rate_limit",
        "Too many sign-ins",
        "This user signed in too often within an hour.",
        f"{LATER} Setup › Login History shows which application uses them up.",
    ),
    Row(
        "login rate",
        "Too many sign-ins",
        "This user signed in too often within an hour.",
        f"{LATER} Setup › Login History shows which application uses them up.",
    ),
    Row(
        "inactive_org",
        "The org is locked or inactive",
        "Nobody can sign in to it.",
        "Ask Salesforce support about the org.",
    ),
    Row(
        "inactive",
        "Your user is inactive",
        "It was deactivated in Salesforce.",
        "An administrator must activate the user you sign in as.",
    ),
    Row(
        "ip restricted",
        "Sign-in from here is not allowed",
        "The user's profile or the app limits from which addresses one may sign in.",
        "Sign in from an allowed address, or have an administrator allow this one.",
    ),
    Row(
        "expired access/refresh token",
        "The sign-in has ended",
        "Its token expired, or somebody revoked it.",
        "{mend}",
    ),
    Row(
        "invalid_app_access",
        "The app may not be used",
        "The app's policy does not let this user in.",
        "An administrator must allow the app for your profile or a permission set of yours.",
    ),
    Row(
        "approved",
        "The app is not approved",
        "This user never allowed the app to act for him.",
        "An administrator must pre-authorise the app for your profile or a permission set of yours.",
    ),
    Row(
        "audience",
        "The audience does not fit",
        "The sign-in was written for another kind of org.",
        "Set audience of the sign-in to production, sandbox or my_domain.",
    ),
    Row(
        "invalid_client_id",
        "The app is not known",
        "This org has no app with that client_id.",
        "Check client_id, and that api_url is the org that has the app.",
    ),
    Row(
        "invalid_client",
        "The app's secret is refused",
        "client_id and client_secret do not belong together.",
        "Check client_id and client_secret in the configuration.",
    ),
    Row(
        "authentication failure",
        "The org refused the sign-in",
        "It does not say why: the user may be frozen or locked, or the sign-in wrong.",
        "Look at the user under Setup › Login History first. {mend}",
    ),
    # From here on inferred.
    Row(
        "no client credentials user",
        "The app has no user to act as",
        "Client credentials are on, but no run-as user is set.",
        "An administrator must set the run-as user in the app's policies.",
    ),
    Row(
        "redirect_uri_mismatch",
        "The app has another callback",
        "The callback of this sign-in is not among those of the app.",
        "Add http://localhost:PORT/callback to the app, with the port that callback_port names.",
    ),
    Row(
        "code verifier",
        "The sign-in was not the one begun here",
        "Its code belongs to another sign-in.",
        "{mend}",
    ),
    Row(
        "authorization code",
        "The sign-in took too long",
        "Its code can be used once and for a short time.",
        "{mend}",
    ),
    Row(
        "access_denied",
        "The sign-in was declined",
        "Somebody pressed Deny, or the user may not use the app.",
        "{mend}",
    ),
    Row(
        "assertion",
        "The org refused the signed request",
        "The key may not belong to the certificate of the app.",
        "Check key_file, client_id and username, and the certificate of the app.",
    ),
    Row(
        "unsupported_grant_type",
        "The app does not allow this sign-in",
        "This way of signing in is off for the app or the org.",
        "An administrator must turn the flow on in the app's settings, or choose another way to sign in.",
    ),
)

UNKNOWN = Row(
    "",
    "The org refused the sign-in",
    "The error is not one that this program knows.",
    "Look the error up in Salesforce's help. {mend}",
)


class OAuthError(Struct, frozen=True):
    """The error body of an OAuth endpoint."""

    error: str
    error_description: str = ""


def of_answer(answer: Answer, host: str, mend: str) -> OrgProblem:
    """The problem that a token endpoint's answer tells."""
    try:
        told = msgspec.convert(clean_json(answer.body, 400), OAuthError)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return errors.of_answer(answer, host)
    return of_error(told, host, mend, status=answer.status, retry_after=answer.retry_after)


def of_error(
    told: OAuthError, host: str, mend: str, *, status: int = 400, retry_after: float | None = None
) -> OrgProblem:
    """The problem that an OAuth error tells; its texts are cleaned already."""
    text = f"{told.error} {told.error_description}".lower()
    row = next((row for row in ROWS if row.part in text), UNKNOWN)
    said = f"{told.error}: {told.error_description}" if told.error_description else told.error
    return OrgProblem(
        row.title,
        f"{host} said {said}. {row.why}",
        row.next_step.format(mend=mend),
        code=told.error,
        status=status,
        retry_after=retry_after,
    )
