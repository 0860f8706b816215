"""The data API of the stand-in org as one function: method, path, body in; status and JSON out.

HTTP and composite requests both come through here, so that a sub-request answers as a request does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tui.demo import permissions, records, views
from tui.demo.org import Org, Row
from tui.demo.refusal import Refusal, not_found
from tui.demo.soql import SoqlError, Table, run

VERSIONS = range(50, 67)
"""API versions on offer, oldest first: real clients still ask for old ones."""

PAGE = 2_000
"""Rows of one page of a query."""

_CURSORS = 20
"""Queries whose further pages are kept."""

_SEASONS = ("Spring", "Summer", "Winter")


@dataclass(frozen=True)
class Reply:
    """What the API answers. `body` None means an empty body."""

    status: int
    body: Any


@dataclass(frozen=True)
class Caller:
    """Who asks, and where the asker reached the org (scheme and host, no slash at the end)."""

    user: Row
    base_url: str


def versions() -> list[dict[str, str]]:
    """The answer of /services/data."""
    return [
        {"label": _release(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in VERSIONS
    ]


def _release(number: int) -> str:
    """Three a year: 66 is Spring '26, and a year's Winter comes out in the autumn before."""
    season = number % 3
    return f"{_SEASONS[season]} '{24 + (number - 60) // 3 + season // 2}"


def _offered(part: str) -> bool:
    return part in {f"v{number}.0" for number in VERSIONS}


def answer(org: Org, caller: Caller, method: str, url: str, body: Any = None) -> Reply:
    """Answer one call to /services/data/vXX.0/… . Never raises for what the caller sends."""
    try:
        return _route(org, caller, method, url, body)
    except Refusal as refusal:
        return Reply(refusal.status, refusal.body())
    except SoqlError as error:
        return Reply(400, [{"message": error.message, "errorCode": error.code}])


def _route(org: Org, caller: Caller, method: str, url: str, body: Any) -> Reply:
    split = urlsplit(url)
    query = dict(parse_qsl(split.query, keep_blank_values=True))
    parts = [unquote(part) for part in split.path.strip("/").split("/")]
    if parts[:2] != ["services", "data"] or len(parts) < 3 or not _offered(parts[2]):
        raise not_found()
    version = parts[2].removeprefix("v")
    org.settle()
    match method, parts[3:]:
        case "GET", []:
            return Reply(200, _resources(org, caller, version))
        case "GET", ["query" | "queryAll"]:
            return Reply(200, _query(org, caller, query, version, tooling=False))
        case "GET", ["tooling", "query"]:
            return Reply(200, _query(org, caller, query, version, tooling=True))
        case "GET", ["query" | "queryAll", locator]:
            return Reply(200, _query_more(org, locator, version))
        case "GET", ["limits"]:
            return Reply(200, _limits(org, caller))
        case "POST", ["composite"]:
            return _composite(org, caller, body)
        case "GET", ["sobjects"]:
            return Reply(200, records.describe_all(org, version))
        case "GET", ["sobjects", name, "describe"]:
            return Reply(200, records.describe(org, name, version))
        case "POST", ["sobjects", name]:
            row_id = records.create(org, caller.user, name, body)
            return Reply(201, {"id": row_id, "success": True, "errors": []})
        case "GET", ["sobjects", name, row_id]:
            return Reply(200, _read(org, caller, name, row_id, query.get("fields"), version))
        case "PATCH", ["sobjects", name, row_id]:
            records.update(org, caller.user, name, row_id, body)
            return Reply(204, None)
        case "DELETE", ["sobjects", name, row_id]:
            records.delete(org, caller.user, name, row_id)
            return Reply(204, None)
        case _, ["query" | "queryAll" | "limits" | "sobjects" | "tooling", *_]:
            message = f"HTTP Method '{method}' not allowed. Allowed are GET,HEAD"
            raise Refusal(405, "METHOD_NOT_ALLOWED", message)
    raise not_found()


def is_query(url: str) -> bool:
    """Whether a sub-request counts against a composite's limit of queries; further pages do too."""
    return re.search(r"/v[\d.]+/(tooling/)?query(All)?(/|\?|$)", url) is not None


def _resources(org: Org, caller: Caller, version: str) -> dict[str, str]:
    base = f"/services/data/v{version}"
    named = {
        name: f"{base}/{name}" for name in ("composite", "limits", "query", "queryAll", "sobjects", "tooling")
    }
    return named | {"identity": f"{caller.base_url}/id/{org.id}/{caller.user['Id']}"}


def _query(
    org: Org, caller: Caller, query: Mapping[str, str], version: str, *, tooling: bool
) -> dict[str, Any]:
    text = query.get("q")
    if not text:
        raise Refusal(400, "MALFORMED_QUERY", "A query string has to be specified")
    for secret in re.findall(r"\b(?:AccessToken|DeleteToken|RequestToken)\b", text, re.IGNORECASE):
        message = f"No such column '{secret}' on entity 'OauthToken'."
        raise Refusal(400, "INVALID_FIELD", message)
    tables = _tables(org, caller, tooling)
    found = run(text, tables, now=org.now(), version=version)
    if query.get("columns") == "true":
        return {"columnMetadata": found.columns, "entityName": _entity(text), "groupBy": False,
                "idSelected": True, "keyPrefix": None}  # fmt: skip
    if found.is_count:
        return {"totalSize": found.total, "done": True, "records": []}
    cursor = org.ids.new("Cursor") if len(found.records) > PAGE else ""
    if cursor:
        org.cursors[cursor[:15]] = found.records
        if len(org.cursors) > _CURSORS:
            del org.cursors[next(iter(org.cursors))]
    return _page(found.records, 0, cursor, version)


def _tables(org: Org, caller: Caller, tooling: bool) -> dict[str, Table]:
    user_id = caller.user["Id"]
    seen = views.tables(org, user_id)
    return seen | views.tooling_tables(org, user_id) if tooling else seen


def _entity(text: str) -> str:
    found = re.search(r"\bFROM\s+(\w+)", text, re.IGNORECASE)
    return found[1] if found else ""


def _page(found: list[dict[str, object]], start: int, cursor: str, version: str) -> dict[str, Any]:
    end = start + PAGE
    page = {"totalSize": len(found), "done": end >= len(found), "records": found[start:end]}
    if end < len(found):
        page["nextRecordsUrl"] = f"/services/data/v{version}/query/{cursor}-{end}"
    return page


def _query_more(org: Org, locator: str, version: str) -> dict[str, Any]:
    cursor, _, start = locator.rpartition("-")
    found = org.cursors.get(cursor[:15])
    if found is None or not start.isdigit():
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(found, int(start), cursor, version)


def _limits(org: Org, caller: Caller) -> dict[str, Any]:
    if "ViewSetup" not in permissions.effective(org, caller.user["Id"]):
        raise Refusal(403, "FORBIDDEN", "You do not have access to this resource")
    return {
        "DailyApiRequests": {"Max": org.api_limit, "Remaining": org.api_limit - org.api_used},
        "DataStorageMB": {"Max": 1024, "Remaining": 1019},
    }


def _read(
    org: Org, caller: Caller, name: str, row_id: str, fields: str | None, version: str
) -> dict[str, Any]:
    known = views.fields_of(org, name)
    if known is None or not re.fullmatch(r"[A-Za-z0-9]{15,18}", row_id):
        raise not_found()
    wanted = fields or ",".join(known)
    tables = views.tables(org, caller.user["Id"])
    query = f"SELECT {wanted} FROM {name} WHERE Id = '{row_id}'"  # noqa: S608 (SOQL, Id checked above)
    found = run(query, tables, now=org.now(), version=version)
    if not found.records:
        raise not_found()
    return found.records[0]


_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_SUB_REQUESTS, _QUERIES = 25, 5


def _composite(org: Org, caller: Caller, body: Any) -> Reply:
    """Answer a composite request: one call, up to 25 sub-requests, 5 of them queries.

    The words of the two refusals are inferred.
    """
    requests = body.get("compositeRequest") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not all(isinstance(each, dict) for each in requests):
        return Reply(400, [{"message": "compositeRequest is required", "errorCode": "JSON_PARSER_ERROR"}])
    if len(requests) > _SUB_REQUESTS:
        message = f"The request can contain at most {_SUB_REQUESTS} subrequests"
        return Reply(400, [{"message": message, "errorCode": "LIMIT_EXCEEDED"}])
    if sum(is_query(str(each.get("url", ""))) for each in requests) > _QUERIES:
        message = f"The request can contain at most {_QUERIES} query subrequests"
        return Reply(400, [{"message": message, "errorCode": "LIMIT_EXCEEDED"}])
    answers: dict[str, Reply] = {}
    for number, each in zip(count(), requests, strict=False):
        reference = str(each.get("referenceId") or f"ref{number}")
        try:
            url = str(_resolve(str(each.get("url", "")), answers))
            reply = answer(
                org, caller, str(each.get("method", "GET")), url, _resolve(each.get("body"), answers)
            )
        except Refusal as refusal:
            reply = Reply(refusal.status, refusal.body())
        answers[reference] = reply
    return Reply(
        200,
        {
            "compositeResponse": [
                {
                    "body": reply.body,
                    "httpHeaders": {},
                    "httpStatusCode": reply.status,
                    "referenceId": reference,
                }
                for reference, reply in answers.items()
            ]
        },
    )


def _resolve(value: Any, answers: Mapping[str, Reply]) -> Any:
    """`value` with every @{reference.path} replaced by what an earlier sub-request answered."""
    if isinstance(value, dict):
        return {key: _resolve(each, answers) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolve(each, answers) for each in value]
    if not isinstance(value, str):
        return value

    def look_up(match: re.Match[str]) -> str:
        reference, path = match[1], match[2]
        reply = answers.get(reference)
        found = reply.body if reply and reply.status < 300 else None
        for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
            try:
                found = found[name] if name else found[int(index)]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                found = None
        if found is None:
            message = f"Invalid reference specified. No value for {reference}{path} found in {reference}"
            raise Refusal(400, "PROCESSING_HALTED", message)
        return str(found)

    return _REFERENCE.sub(look_up, value)
