"""What an org can answer besides: refusals in Salesforce's words, and values that nobody expects."""

from typing import Any

from tests.whole.fault_matrix.faults import (
    BRACKETS,
    Doing,
    Fault,
    also,
    answers,
    changed,
    page,
    refuses,
    streams,
    token_refused,
    zeros,
)
from tests.whole.fault_matrix.ways import TITLES
from tui.base.installation import how_to_update
from tui.connections.state import Status
from tui.console import Exit

COMPOSITE, TOKEN, USERINFO = "/composite", "/oauth2/token", "/userinfo"
DAILY, LONG = "daily API calls are used up", "Too many long requests now"
OVERLOADED = "The org is overloaded or in maintenance"


def told(name: str, doing: Doing, *words: str, at: str = COMPOSITE, never: tuple[str, ...] = ()) -> Fault:
    return Fault(
        name, "org", doing, words, at=at, never=(*never, "tenant", "The certificate", "No connection")
    )


def token(error: str, description: str, *words: str, never: tuple[str, ...] = ()) -> Fault:
    doing = token_refused(error, description)
    return told(f"token endpoint: {error}: {description}", doing, *words, at=TOKEN, never=never)


REFUSALS = (
    told(
        "session expired",
        refuses(401, "INVALID_SESSION_ID", "Session expired or invalid"),
        "The org refused the token",
        "INVALID_SESSION_ID",
    ),
    told(
        "session not for REST",
        refuses(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
        "The token is not one for the API",
        "scope api",
        never=("expired",),
    ),
    told(
        "one word instead of data",
        answers(403, b"Bad_OAuth_Token"),
        "The token is no longer accepted",
        "Bad_OAuth_Token",
        never=("View Setup", "api_url"),
    ),
    told(
        "day's calls used up",
        refuses(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        DAILY,
        "24 h",
        never=(LONG,),
    ),
    told(
        "too many requests at once",
        refuses(
            403,
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        ),
        LONG,
        "Wait a minute",
        never=(DAILY,),
    ),
    told(
        "too many long transactions",
        refuses(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
        LONG,
        "Wait a minute",
        never=(DAILY,),
    ),
    told(
        "query timeout",
        refuses(400, "QUERY_TIMEOUT", "Your query request was running for too long."),
        "The org needed too long for the query",
    ),
    told(
        "API version gone",
        refuses(404, "UNSUPPORTED_API_VERSION", "The requested API version is not supported"),
        "The org no longer offers this API version",
        how_to_update(),
        never=("api_url",),
    ),
    told(
        "API off in the org",
        refuses(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner"),
        "The API is off",
        "API Enabled",
    ),
    told(
        "API off for the operator",
        refuses(403, "API_CURRENTLY_DISABLED", "API is disabled for this User"),
        "The API is off for your user",
        "API Enabled",
    ),
    *(
        told(f"{status} without a word", answers(status), OVERLOADED, f"answered {status}")
        for status in (420, 429, 502, 503, 504)
    ),
    *(
        told(f"a page with {status}", page(status), "A web page instead of data", str(status), at="")
        for status in (502, 503)
    ),
    told("a page instead of rows", page(200), "A web page instead of data"),
    told("brackets instead of rows", answers(200, BRACKETS), "Unexpected answer"),
    told("zeros instead of rows", streams(zeros, content_encoding="gzip"), "The answer is too large"),
)

SIGN_INS = (
    token("invalid_grant", "inactive organization", "The org is locked or inactive", never=("Your user",)),
    token("invalid_grant", "inactive user", "Your user is inactive", never=("org is locked",)),
    token("OAUTH_APP_BLOCKED", "this app is blocked by admin", "The app is blocked", never=("secret",)),
    token(
        "invalid_client",
        "app must be installed into org",
        "The app is not installed",
        never=("app's secret",),
    ),
    token(
        "invalid_client",
        "External client app is not installed in this org",
        "The app is not installed",
        never=("app's secret",),
    ),
    token(
        "OAUTH_EC_APP_NOT_FOUND",
        "external client app is not installed in this org",
        "The app is not installed",
        never=("app's secret",),
    ),
    token("invalid_client", "invalid client credentials", "The app's secret is refused"),
    token("invalid_grant", "request not supported on this domain", "The host does not fit", "My Domain"),
    token("unknown_error", "retry your request", "cannot sign anybody in now", never=("refused",)),
    told("token endpoint: 503", answers(503), OVERLOADED, at=TOKEN),
    told("token endpoint: a page", page(200), "A web page instead of data", at=TOKEN),
    told("token endpoint: brackets", answers(200, BRACKETS), "the answer carries no access_token", at=TOKEN),
    told(
        "token endpoint: zeros", streams(zeros, content_encoding="gzip"), "The answer is too large", at=TOKEN
    ),
    *(
        told(f"token endpoint: {name}", answers(200, body), "the answer carries no access_token", at=TOKEN)
        for name, body in (("null", None), ("a list", []), ("a number for a token", {"access_token": 5}))
    ),
)


def odd(kind: str, why: str, part: str, *words: str, **values: Any) -> Fault:
    """A value that spoils its part: the part is named, and why."""
    said = (f"Cannot read the {part}", *words)
    return Fault(f"{kind}: {why}", "org", changed(kind, **values), said, at=COMPOSITE)


def fine(kind: str, why: str, **values: Any) -> Fault:
    """A value that spoils nothing."""
    doing = changed(kind, **values)
    never = (*TITLES, "Cannot read")
    return Fault(f"{kind}: {why}", "org", doing, (), Status.MONITORING, Exit.OK, COMPOSITE, never=never)


ODD = (
    odd("User", "a text for IsActive", "user", "IsActive", IsActive="yes"),
    odd("User", "a number beyond 64 bits for its name", "user", "Name", Name=2**70),
    odd("User", "year 0", "user", "LastModifiedDate", LastModifiedDate="0000-01-01T00:00:00.000+0000"),
    odd("User", "year 9999", "user", "9999", LastModifiedDate="9999-12-31T23:59:59.999+0000"),
    fine("User", "year 1970", LastModifiedDate="1970-01-01T00:00:00.000+0000"),
    fine("User", "half a character in its name", Name="a\ud800b"),
    odd("UserLogin", "null for IsFrozen", "freeze", "IsFrozen", IsFrozen=None),
    odd("UserLogin", "a text for IsFrozen", "freeze", "IsFrozen", IsFrozen="false"),
    odd("PermissionSetAssignment", "null for its set", "permissions", "PermissionSet", PermissionSet=None),
    odd(
        "PermissionSet",
        "null for a permission",
        "permissions",
        "PermissionsApiEnabled",
        PermissionsApiEnabled=None,
    ),
    odd("AggregateResult", "a text for a count", "sign-ins", "times", times="x"),
    odd("AggregateResult", "a count beyond 64 bits", "sign-ins", "times", times=2**70),
    odd("AggregateResult", "year 0", "sign-ins", "LoginTime", latest="0000-01-01T00:00:00.000+0000"),
    odd("AggregateResult", "year 9999", "sign-ins", "LoginTime", latest="9999-12-31T23:59:59.000+0000"),
    odd("AggregateResult", "no status", "sign-ins", "status text", Status=None),
    fine("AggregateResult", "half a character", SourceIp="203.0.113.\udcff"),
    fine("SetupAuditTrail", "half a character", Display="x\ud83dy"),
)

LIMITS = tuple(
    Fault(
        f"limit header {header!r}",
        "org",
        also(sforce_limit_info=header),
        words,
        Status.MONITORING,
        Exit.OK,
        never=TITLES if words else (*TITLES, "API calls of today"),
    )
    for header, words in (
        ("api-usage=18/15000", ()),
        ("api-usage=10018/100000; api-bursts=1/750", ()),
        ("api-usage=25/5000; per-app-api-usage=250/250(appName=sample-app)", ()),
        ("per-app-api-usage=250/250(appName=a, b); api-usage=25/5000", ()),
        ("api-usage=14000/15000; api-bursts=1/750", ("14,000 of the org's 15,000 API calls",)),
        ("per-app-api-usage=1/9(appName=a); api-usage=4900/5000", ("4,900 of the org's 5,000 API calls",)),
        ("nonsense", ()),
        ("api-usage=1/0", ()),
        ("api-usage=-1/x", ()),
    )
)

CLOCKS = tuple(
    Fault(
        f"a clock of the year {year}",
        "org",
        also(date=f"Sun, 22 Nov {year} 14:00:00 GMT"),
        (),
        Status.MONITORING,
        Exit.OK,
        never=TITLES,
    )
    for year in (1, 1970, 9999)
)

BESIDES = (
    Fault(
        "userinfo: one word instead of data",
        "org",
        answers(403, b"Bad_OAuth_Token"),
        (),
        Status.MONITORING,
        Exit.OK,
        USERINFO,
        never=(*TITLES, "View Setup", "api_url"),
    ),
)

OF_ORG = (*REFUSALS, *SIGN_INS, *ODD, *LIMITS, *CLOCKS, *BESIDES)
