"""What an org's refusals mean, in words: error code → what happened, what to do next and who can do it.

Codes and meanings: Salesforce's API documentation; a next step is this program's advice.
"""

import msgspec
from msgspec import Struct

from tui.base.problem import Problem
from tui.base.text import clean, clean_tree
from tui.net import Answer

LATER = "Wait: the next reading tries again by itself."

# code: (title, next step)
WORDS: dict[str, tuple[str, str]] = {
    "INVALID_SESSION_ID": (
        "The org refused the token",
        "Sign in to the org again and renew the token that the configuration names.",
    ),
    "REQUEST_LIMIT_EXCEEDED": (
        "The org's daily API calls are used up",
        "An administrator can see who used them under Setup › Company Information; the limit slides over 24 h.",
    ),
    "API_DISABLED_FOR_ORG": (
        "The API is off",
        "An administrator must give you the permission API Enabled, or the org needs an edition with the API.",
    ),
    "API_CURRENTLY_DISABLED": (
        "The API is off",
        "An administrator must give you the permission API Enabled, or the org needs an edition with the API.",
    ),
    "INVALID_FIELD": (
        "A field is not there or not visible",
        "Ask an administrator which right shows this field; without it this part stays unread.",
    ),
    "INVALID_TYPE": (
        "An object is not visible",
        "Ask an administrator which right shows this object; without it this part stays unread.",
    ),
    "SERVER_UNAVAILABLE": ("The org is overloaded or in maintenance", LATER),
    "NOT_FOUND": ("The org does not know this address", "Check api_url in the configuration."),
    "LICENSE_LIMIT_EXCEEDED": (
        "No free licence",
        "Free a licence of this kind first (deactivate a user who left), or ask who buys licences.",
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        "You may not change this record",
        "Ask an administrator with Manage Users, or for profiles Manage Profiles and Permission Sets.",
    ),
    "INSUFFICIENT_ACCESS": (
        "You may not do this",
        "Ask an administrator with Manage Users, or for profiles Manage Profiles and Permission Sets.",
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        "You may not use a record that this one refers to",
        "Ask an administrator with Assign Permission Sets and Manage Users.",
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (
        "A trigger or flow in the org failed",
        "Ask the org's developers: the message names the trigger or flow.",
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (
        "A validation rule of the org refused it",
        "Ask who owns the validation rule; its own message says what it wants.",
    ),
    "FIELD_INTEGRITY_EXCEPTION": (
        "The values do not fit together",
        "Set what the message asks for too: an administrator can do it in Setup.",
    ),
    "CANNOT_DISABLE_LAST_ADMIN": (
        "The last administrator cannot lose this",
        "Make another user administrator first.",
    ),
    "DUPLICATE_USERNAME": (
        "The username is taken",
        "An administrator must rename the other user first.",
    ),
    "INVALID_CROSS_REFERENCE_KEY": (
        "A record that this one refers to is gone",
        "Read again and look at the new preview.",
    ),
    "ENTITY_IS_DELETED": ("The record is gone", "Read again and look at the new preview."),
    "INACTIVE_OWNER_OR_USER": (
        "An inactive user stands in the way",
        "Reactivate the user first, then repeat the rest.",
    ),
    "UNABLE_TO_LOCK_ROW": ("Somebody else is changing the record", "Try again in a minute."),
}

OVERLOADED = (420, 429, 502, 503, 504)


class OrgProblem(Problem):
    """An org answered, but not with what was asked for.

    `code` is Salesforce's error code (or empty), `status` the HTTP status. `refused`: the org said no to this
    operator or this query, and will again; otherwise it may be different next time.
    """

    def __init__(
        self,
        title: str,
        message: str,
        next_step: str,
        *,
        code: str = "",
        status: int = 0,
        refused: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(title, message, next_step)
        self.code = code
        self.status = status
        self.refused = refused
        self.retry_after = retry_after


class ErrorRow(Struct, frozen=True):
    """One element of an error body."""

    message: str = ""
    errorCode: str = ""


def of_body(body: bytes, status: int, host: str, retry_after: float | None = None) -> OrgProblem:
    """The problem that an error body of the data API tells."""
    try:
        rows = msgspec.convert(clean_tree(msgspec.json.decode(body), 800), list[ErrorRow])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        rows = []
    if not rows:
        return _bare(status, host, retry_after)
    code = rows[0].errorCode
    message = " ".join(row.message for row in rows if row.message) or f"{host} answered {status}."
    title, next_step = WORDS.get(code, ("The org refused", "Look up the error code in Salesforce's help."))
    if status >= 500 or status in OVERLOADED:
        title, next_step = WORDS["SERVER_UNAVAILABLE"]
    return OrgProblem(
        title,
        f"{code}: {message}" if code else message,
        next_step,
        code=code,
        status=status,
        refused=400 <= status < 420 and code not in ("INVALID_SESSION_ID", "REQUEST_LIMIT_EXCEEDED"),
        retry_after=retry_after,
    )


def of_answer(answer: Answer, host: str) -> OrgProblem:
    """The problem that a whole HTTP answer tells: overload, a web page, an error body."""
    if answer.is_page:
        return page(answer.status, host, answer.retry_after)
    return of_body(answer.body, answer.status, host, answer.retry_after)


def page(status: int, host: str, retry_after: float | None = None) -> OrgProblem:
    """A web page came where data should be: maintenance, a login page, a proxy's own page."""
    return OrgProblem(
        "A web page instead of data",
        f"{host} answered {status} with a web page: maintenance, overload or a proxy in between.",
        f"{LATER} If it stays, check api_url and the proxy.",
        status=status,
        retry_after=retry_after,
    )


def shape(source: str, what: str) -> OrgProblem:
    """An answer that is not shaped as documented; `what` names field and expectation."""
    return OrgProblem(
        "Unexpected answer",
        f"{source}: {clean(what, 300)}.",
        f"{LATER} If it stays, this org's API differs from what this program knows.",
    )


def _bare(status: int, host: str, retry_after: float | None) -> OrgProblem:
    code = {401: "INVALID_SESSION_ID", 404: "NOT_FOUND"}.get(status, "")
    if status in OVERLOADED or status >= 500:
        code = "SERVER_UNAVAILABLE"
    title, next_step = WORDS.get(code, ("The org refused", "Check api_url in the configuration."))
    message = f"{host} answered {status} without saying why."
    return OrgProblem(
        title,
        message,
        next_step,
        code=code,
        status=status,
        refused=status in (400, 403, 404, 405),
        retry_after=retry_after,
    )
