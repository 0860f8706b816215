"""Which part a request asks for, and about whom: what a recording is searched by, whatever the words of a query.

Parts of an org: an object's name (`User`, `SetupAuditTrail`; also in a tooling query), `LoginHistory` (the window),
`LoginHistory of the hour`, `LoginHistory by day`, `OBJECT count`, `OBJECT describe`, `OBJECT row` (one record by its
Id), `query PAGE` (a further page), `composite`, `versions`, `token`, `userinfo`, `change` (anything that writes).
Parts of a tenant are its paths: `/v1/oauth`, `/v2/file-events`.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

HOUR = timedelta(hours=2)
"""A query that reaches back less than this is about the last hour."""
COMPOSITE = "composite"
VERSIONS = "versions"
TOKEN = "token"  # noqa: S105 - a part's name
USERINFO = "userinfo"
CHANGE = "change"
TENANT_SIGN_IN = "/v1/oauth"
FILE_EVENTS = "/v2/file-events"

_VERSIONED = re.compile(r"/services/data/v\d+\.\d+(?=/|\?|$)")
_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_GROUPS = re.compile(
    r"\bGROUP\s+BY\s+(.+?)(?:\s+HAVING\b|\s+ORDER\b|\s+LIMIT\b|$)", re.IGNORECASE | re.DOTALL
)
_SINCE = re.compile(r"LoginTime\s*>=?\s*([0-9T:.Z+-]+)", re.IGNORECASE)
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")
_ACCOUNTS = re.compile(
    r"\b(?:Id|UserId|AssigneeId|Username)\s+IN\s*\((?:[^()']|'(?:[^'\\]|\\.)*')*", re.IGNORECASE
)


class RequestPart(Struct, frozen=True):
    """A part, whom it is about (lower case, Ids by their first 15 characters; empty: not said), and the query."""

    part: str
    subject: frozenset[str] = frozenset()
    query: str = ""


def of_org(method: str, url: str, now: datetime) -> RequestPart:
    """What a request to an org asks; `url` whole, or from the path on; `now` is the org's clock or nearly so."""
    split = urlsplit(url)
    path = split.path.rstrip("/")
    if path == "/services/oauth2/token":
        return RequestPart(TOKEN)
    if path == "/services/oauth2/userinfo":
        return RequestPart(USERINFO)
    if path == "/services/data":
        return RequestPart(VERSIONS)
    below = _VERSIONED.sub("", path)
    if method == "POST" and below == "/composite":
        return RequestPart(COMPOSITE)
    if method != "GET":
        return RequestPart(CHANGE)
    if query := parse_qs(split.query).get("q"):
        return of_query(query[0], now)
    return of_path(below)


def of_path(path: str) -> RequestPart:
    """What a path below the version asks, without a query."""
    match [unquote(word) for word in urlsplit(path).path.strip("/").split("/")]:
        case ["sobjects", name, "describe"]:
            return RequestPart(f"{name} describe")
        case ["sobjects", name, record_id]:
            return RequestPart(f"{name} row", frozenset({key(record_id)}))
        case ["query" | "queryAll", page] | ["tooling", "query", page]:
            return RequestPart(f"query {page}")
    return RequestPart(path)


def of_query(query: str, now: datetime) -> RequestPart:
    """What a SOQL query asks: its object, and where aggregates over one object differ, over what."""
    found = _FROM.search(query)
    name = found.group(1) if found else query[:80]
    grouped = _GROUPS.search(query)
    if grouped and "DAY_ONLY" in grouped.group(1).upper():
        name += " by day"
    elif grouped and (_about_the_hour(query, now) or "SourceIp" in grouped.group(1)):
        name += " of the hour"
    elif not grouped and re.search(r"\bCOUNT\s*\(", query[: found.start()] if found else "", re.IGNORECASE):
        name += " count"
    return RequestPart(name, subject_of(query), query)


def of_sub_request(address: str, now: datetime) -> RequestPart:
    """What a part of a composite asks: `address` is a path with its version, a path below it, or a query's text."""
    if not address.startswith("/"):
        return of_query(address, now)
    return of_org("GET", address, now)


def of_search(path: str, body: object) -> RequestPart:
    """What a request to a tenant asks: of a search the detector's name and the page."""
    subject = set()
    if isinstance(body, Mapping):
        subject |= {
            f"detector {value}" for term, _, value in filters(body) if term.endswith("detectorDisplayName")
        }
        subject |= {f"{name} {body[name]}" for name in ("pgNum", "pgToken") if body.get(name)}
    return RequestPart(path, frozenset(subject))


def filters(body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Term, operator and value of every filter of a search."""
    found = []
    for group in body.get("groups") or ():
        for each in (group.get("filters") or ()) if isinstance(group, Mapping) else ():
            if isinstance(each, Mapping):
                found.append((str(each.get("term")), str(each.get("operator")), str(each.get("value"))))
    return found


def literals(query: str) -> list[str]:
    """The texts that a query compares with."""
    return _LITERAL.findall(query)


def subject_of(query: str) -> frozenset[str]:
    """The accounts that a query names."""
    named = (literal for part in _ACCOUNTS.findall(query) for literal in _LITERAL.findall(part))
    return frozenset(key(literal) for literal in named)


def key(text: str) -> str:
    """Two spellings of one Id, or of one username, in the same form."""
    is_id = len(text) == 18 and text.isalnum()
    return text[:15].casefold() if is_id else text.casefold()


def _about_the_hour(query: str, now: datetime) -> bool:
    found = _SINCE.search(query)
    try:
        return found is not None and now - datetime.fromisoformat(found.group(1)) < HOUR
    except (ValueError, TypeError):
        return False
