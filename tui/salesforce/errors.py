"""What an org's refusals mean, in words: error code → what happened, what to do next and who can do it.

Codes and meanings: Salesforce's API documentation; a next step is this program's advice.
"""

import re
from typing import NamedTuple

import msgspec
from msgspec import Struct

from tui.base.installation import how_to_update
from tui.base.problem import Problem
from tui.base.text import clean, clean_json
from tui.net import BAD_DATA, Answer

LATER = "Wait: the next reading tries again by itself."

PASSING = 30.0
"""Seconds to leave an org alone whose limit of long requests passes by itself (our choice)."""
LIMIT_PAUSE = 900.0
"""Seconds to leave an org alone whose daily calls are used up (our choice: the limit slides over 24 h)."""


class Words(NamedTuple):
    """What a code means: title and next step."""

    title: str
    next_step: str
    later: bool = False
    """It says nothing about this operator or query: ask again later."""
    pause: float | None = None
    """Seconds to leave the org alone where it names none itself."""
    stale: bool = False
    """The token is no longer good: renew it."""


_API_OFF = Words(
    "The API is off",
    "An administrator must give you the permission API Enabled, or the org needs an edition with the API.",
)

# A code whose messages differ in meaning: (code, part of the message, meaning), the first that fits.
BY_MESSAGE: tuple[tuple[str, str, Words], ...] = (
    (
        "REQUEST_LIMIT_EXCEEDED",
        "totalrequests",
        Words(
            "The org's daily API calls are used up",
            "An administrator can see who used them under Setup › Company Information; the limit slides over 24 h.",
            later=True,
            pause=LIMIT_PAUSE,
        ),
    ),
    (
        "REQUEST_LIMIT_EXCEEDED",
        "concurrent",
        Words(
            "Too many long requests now",
            "Wait a minute: it passes by itself. If it returns, somebody's requests take more than 20 s each.",
            later=True,
            pause=PASSING,
        ),
    ),
    (
        "INVALID_SESSION_ID",
        "not valid for use with the",
        Words(
            "The token is not one for the API",
            "Use the token of an app that has the scope api, not that of a browser session.",
        ),
    ),
    (
        "API_CURRENTLY_DISABLED",
        "user",
        Words("The API is off for your user", "An administrator must give you the permission API Enabled."),
    ),
)

# Bad_OAuth_Token: recorded; the others: the API documentation.
WORDS: dict[str, Words] = {
    "INVALID_SESSION_ID": Words(
        "The org refused the token",
        "Sign in to the org again and renew the token that the configuration names.",
        stale=True,
    ),
    "Bad_OAuth_Token": Words(
        "The token is no longer accepted",
        "Sign in to the org again and renew the token that the configuration names.",
        stale=True,
    ),
    "Missing_OAuth_Token": Words(
        "The token did not arrive", "Check the proxy: it may take the Authorization header away."
    ),
    "REQUEST_LIMIT_EXCEEDED": Words(
        "A request limit of the org is reached", LATER, later=True, pause=PASSING
    ),
    "API_DISABLED_FOR_ORG": _API_OFF,
    "API_CURRENTLY_DISABLED": _API_OFF,
    "QUERY_TIMEOUT": Words(
        "The org needed too long for the query",
        f"{LATER} If it stays, the account has a very long sign-in history: ask Salesforce support.",
        later=True,
    ),
    "UNSUPPORTED_API_VERSION": Words("The org no longer offers this API version", how_to_update()),
    "INVALID_FIELD": Words(
        "A field is not there or not visible",
        "Run remonitor doctor --contract: later readings may then leave this field out. If it stays, ask an "
        "administrator which right shows it.",
    ),
    "INVALID_TYPE": Words(
        "An object is not visible",
        "Ask an administrator which right shows this object. Without it remonitor cannot read it.",
    ),
    "SERVER_UNAVAILABLE": Words("The org is overloaded or in maintenance", LATER, later=True),
    "NOT_FOUND": Words("The org does not know this address", "Check api_url in the configuration."),
    "LICENSE_LIMIT_EXCEEDED": Words(
        "No free licence",
        "Free a licence of this kind first (deactivate a user who left), or ask for another one.",
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": Words(
        "You may not change this record",
        "Ask an administrator with Manage Users, or for profiles Manage Profiles and Permission Sets.",
    ),
    "INSUFFICIENT_ACCESS": Words(
        "You may not do this",
        "Ask an administrator with Manage Users, or for profiles Manage Profiles and Permission Sets.",
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Words(
        "You may not use a record that this one refers to",
        "Ask an administrator with Assign Permission Sets and Manage Users.",
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Words(
        "A trigger or flow in the org failed",
        "Ask the org's developers: the message names the trigger or flow.",
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Words(
        "A validation rule of the org refused it",
        "Ask who owns the validation rule; its own message says what it wants.",
    ),
    "FIELD_INTEGRITY_EXCEPTION": Words(
        "The values do not fit together",
        "Set what the message asks for too: an administrator can do it in Setup.",
    ),
    "CANNOT_DISABLE_LAST_ADMIN": Words(
        "The last administrator cannot lose this",
        "Make another user administrator first.",
    ),
    "DUPLICATE_USERNAME": Words(
        "The username is taken",
        "An administrator must rename the other user first.",
    ),
    "INVALID_CROSS_REFERENCE_KEY": Words(
        "A record that this one refers to is gone",
        "Read again and look at the new preview.",
    ),
    "ENTITY_IS_DELETED": Words("The record is gone", "Read again and look at the new preview."),
    "INACTIVE_OWNER_OR_USER": Words(
        "An inactive user blocks this",
        "Reactivate the user first, then repeat the rest.",
    ),
    "UNABLE_TO_LOCK_ROW": Words("Somebody else is changing the record", "Try again in a minute."),
}

UNKNOWN = Words("The org refused", "Look up the error code in Salesforce's help.")
OVERLOADED = (420, 429, 502, 503, 504)
_ONE_WORD = re.compile(rb"\s*([A-Za-z]+(?:_[A-Za-z]+)+)\s*")


class OrgProblem(Problem):
    """An org answered, but not with what was asked for.

    `code` is Salesforce's error code (or empty), `status` the HTTP status. `refused`: the org said no to this
    operator or this query, and will again. `stale`: the token is no longer good. `retry_after` is in seconds.
    `later`: it said neither yes nor no; by default where it named no reason of its own.
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
        stale: bool = False,
        later: bool | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(title, message, next_step)
        self.code = code
        self.status = status
        self.refused = refused
        self.stale = stale
        named = bool(code) and 400 <= status < 420
        self.no_answer = not (refused or named) if later is None else later
        self.retry_after = retry_after


class ErrorRow(Struct, frozen=True):
    """One element of an error body."""

    message: str = ""
    errorCode: str = ""


def words(code: str, message: str, status: int = 0) -> Words:
    """What a code means, by its message where that makes the difference."""
    for known, part, meaning in BY_MESSAGE:
        if code == known and part in message.lower():
            return meaning
    if status >= 500 or status in OVERLOADED:
        return WORDS["SERVER_UNAVAILABLE"]
    return WORDS.get(code, UNKNOWN)


def of_body(body: bytes, status: int, host: str, retry_after: float | None = None) -> OrgProblem:
    """The problem of an error body of the data API."""
    rows = _rows(body)
    if not rows:
        return _bare(status, host, retry_after)
    code = rows[0].errorCode
    message = " ".join(row.message for row in rows if row.message) or f"{host} answered {status}."
    meaning = words(code, message, status)
    if message[-1] not in ".!?…":
        message += "."
    return OrgProblem(
        meaning.title,
        f"{code}: {message}" if code else message,
        meaning.next_step,
        code=code,
        status=status,
        refused=400 <= status < 420 and not (meaning.later or meaning.stale),
        stale=meaning.stale,
        later=meaning.later or None,
        retry_after=meaning.pause if retry_after is None else retry_after,
    )


def _rows(body: bytes) -> list[ErrorRow]:
    """The errors in a body: a list of them, one word of an OAuth endpoint, or OAuth's own form."""
    if word := _ONE_WORD.fullmatch(body[:100]):
        return [ErrorRow(errorCode=word[1].decode())]
    try:
        decoded = clean_json(body, 800)
        if isinstance(decoded, dict) and isinstance(decoded.get("error"), str):
            return [ErrorRow(str(decoded.get("error_description") or ""), decoded["error"])]
        return msgspec.convert(decoded, list[ErrorRow])
    except BAD_DATA:
        return []


def of_answer(answer: Answer, host: str) -> OrgProblem:
    """The problem of a whole HTTP answer: overload, a web page, an error body."""
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
        later=True,
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
    meaning = WORDS.get(code, Words("The org refused", "Check api_url in the configuration."))
    return OrgProblem(
        meaning.title,
        f"{host} answered {status} without saying why.",
        meaning.next_step,
        code=code,
        status=status,
        refused=status in (400, 403, 404, 405),
        stale=meaning.stale,
        later=meaning.later or None,
        retry_after=retry_after,
    )
