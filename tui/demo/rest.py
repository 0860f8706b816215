"""The data API of the stand-in org as one function: method, path, body in; status and JSON out.

HTTP and composite requests both come through here, so that a sub-request answers as a request does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tui.base.limits import QUERY_PAGE
from tui.demo import composite, records, visibility
from tui.demo.answers import Caller, Refusal, Reply, not_found
from tui.demo.org import Org
from tui.demo.soql import SoqlError, Table, run

OLDEST_VERSION = 50
"""The first API version on offer: real clients still ask for old ones."""

PAGE = QUERY_PAGE
"""Rows of one page of a query, where the caller does not ask for fewer."""

_CURSORS = 20
"""Queries whose further pages are kept."""

_SEASONS = ("Spring", "Summer", "Winter")


def versions(org: Org) -> list[dict[str, str]]:
    """The answer of /services/data."""
    return [
        {"label": _release(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in _numbers(org)
    ]


def _release(number: int) -> str:
    """Three a year: 66 is Spring '26, and a year's Winter comes out in the autumn before."""
    season = number % 3
    return f"{_SEASONS[season]} '{24 + (number - 60) // 3 + season // 2}"


def _numbers(org: Org) -> range:
    return range(OLDEST_VERSION, org.habits.newest_version + 1)


def _offered(org: Org, part: str) -> bool:
    return part in {f"v{number}.0" for number in _numbers(org)}


@dataclass(frozen=True)
class _Call:
    """One call that found its address. `names` are the parts of the path that stand for something."""

    org: Org
    caller: Caller
    version: str
    names: tuple[str, ...]
    query: Mapping[str, str]
    body: Any = None
    tooling: bool = field(default=False)


def answer(org: Org, caller: Caller, method: str, url: str, body: Any = None) -> Reply:
    """Answer one call to /services/data/vXX.0/… . Never raises for what the caller sends."""
    try:
        return _route(org, caller, method, url, body)
    except Refusal as refusal:
        return Reply(refusal.status, refusal.body(), refusal.headers)
    except SoqlError as error:
        return Reply(400, [{"message": error.message, "errorCode": error.code}])


def _route(org: Org, caller: Caller, method: str, url: str, body: Any) -> Reply:
    split = urlsplit(url)
    query = dict(parse_qsl(split.query, keep_blank_values=True))
    parts = [unquote(part) for part in split.path.strip("/").split("/")]
    if parts[:2] != ["services", "data"] or len(parts) < 3 or not _offered(org, parts[2]):
        raise not_found()
    version = parts[2].removeprefix("v")
    org.settle()
    for pattern, methods in _ROUTES.items():
        names = _matched(pattern.split("/") if pattern else [], parts[3:])
        if names is None:
            continue
        call = _Call(org, caller, version, names, query, body, tooling=parts[3:4] == ["tooling"])
        offered = methods(call) if callable(methods) else methods
        handler = offered.get("GET" if method == "HEAD" else method)
        if handler is None:
            raise _not_allowed(method, offered)
        return handler(call)
    raise not_found()


def _matched(pattern: list[str], parts: list[str]) -> tuple[str, ...] | None:
    """What stands for the asterisks of `pattern`, or None where the path is another one."""
    if len(pattern) != len(parts) or any(
        p not in ("*", each) for p, each in zip(pattern, parts, strict=True)
    ):
        return None
    return tuple(each for p, each in zip(pattern, parts, strict=True) if p == "*")


def _not_allowed(method: str, offered: Mapping[str, object]) -> Refusal:
    allowed = [*offered, *(["HEAD"] if "GET" in offered else [])]
    message = f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}"
    return Refusal(405, "METHOD_NOT_ALLOWED", message, headers={"Allow": ", ".join(allowed)})


def _resources(call: _Call) -> Reply:
    base = f"/services/data/v{call.version}"
    named = {
        name: f"{base}/{name}" for name in ("composite", "limits", "query", "queryAll", "sobjects", "tooling")
    }
    identity = f"{call.caller.base_url}/id/{call.org.id}/{call.caller.user['Id']}"
    return Reply(200, named | {"identity": identity})


def _query(call: _Call) -> Reply:
    org, caller = call.org, call.caller
    text = call.query.get("q")
    if not text:
        raise Refusal(400, "MALFORMED_QUERY", "A query string has to be specified")
    if caller.queries_time_out:
        raise Refusal(400, "QUERY_TIMEOUT", "Your query request was running for too long.")
    found = run(text, _tables(org, caller, call.tooling), now=org.now(), version=call.version)
    if call.query.get("columns") == "true":
        return Reply(200, {"columnMetadata": found.columns, "entityName": _entity(text), "groupBy": False,
                           "idSelected": True, "keyPrefix": None})  # fmt: skip
    if found.is_count:
        return Reply(200, {"totalSize": found.total, "done": True, "records": []})
    size = min(PAGE, max(200, caller.batch_size or PAGE))
    cursor = org.ids.new("Cursor") if len(found.records) > size else ""
    if cursor:
        org.cursors[cursor[:15]] = found.records
        if len(org.cursors) > _CURSORS:
            del org.cursors[next(iter(org.cursors))]
    return Reply(200, _page(found.records, 0, size, cursor, call.version))


def _tables(org: Org, caller: Caller, tooling: bool) -> dict[str, Table]:
    user_id = caller.user["Id"]
    seen = visibility.tables(org, user_id)
    return seen | visibility.tooling_tables(org, user_id) if tooling else seen


def _entity(text: str) -> str:
    found = re.search(r"\bFROM\s+(\w+)", text, re.IGNORECASE)
    return found[1] if found else ""


def _page(found: list[dict[str, object]], start: int, size: int, cursor: str, version: str) -> dict[str, Any]:
    end = start + size
    page = {"totalSize": len(found), "done": end >= len(found), "records": found[start:end]}
    if end < len(found):
        # The locator says how many rows are behind it, and the demo's also how long a page is.
        page["nextRecordsUrl"] = f"/services/data/v{version}/query/{cursor}-{end}" + (
            f"-{size}" if size != PAGE else ""
        )
    return page


def _query_more(call: _Call) -> Reply:
    cursor, *numbers = call.names[-1].split("-")
    found = call.org.cursors.get(cursor[:15])
    if found is None or len(numbers) not in (1, 2) or not all(number.isdigit() for number in numbers):
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    start, size = int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else PAGE
    return Reply(200, _page(found, start, min(PAGE, max(200, size)), cursor, call.version))


def _limits(call: _Call) -> Reply:
    org = call.org
    if "ViewSetup" not in org.effective_permissions(call.caller.user["Id"]):
        raise Refusal(403, "FORBIDDEN", "You do not have access to this resource")
    left = max(0, org.api_limit - org.api_used)
    return Reply(
        200,
        {
            "DailyApiRequests": {"Max": org.api_limit, "Remaining": left},
            "DataStorageMB": {"Max": 1024, "Remaining": 1019},
            "FileStorageMB": {"Max": 11264, "Remaining": 11260},
        },
    )


def _one_object(call: _Call) -> Reply:
    described = records.summary(call.org, call.names[0], call.version)
    return Reply(200, {"objectDescribe": described, "recentItems": []})


def _describe(call: _Call) -> Reply:
    return Reply(200, records.describe(call.org, call.names[0], call.version, tooling=call.tooling))


def _describe_all(call: _Call) -> Reply:
    return Reply(200, records.describe_all(call.org, call.version, tooling=call.tooling))


def _create(call: _Call) -> Reply:
    row_id = records.create(call.org, call.caller.user, call.names[0], call.body)
    return Reply(201, {"id": row_id, "success": True, "errors": []})


def _read(call: _Call) -> Reply:
    name, row_id = call.names
    return Reply(200, read(call.org, call.caller, name, row_id, call.query.get("fields"), call.version))


def read(
    org: Org, caller: Caller, name: str, row_id: str, fields: str | None, version: str
) -> dict[str, Any]:
    """One record as the caller sees it. Raises Refusal and SoqlError."""
    known = visibility.fields_of(org, name)
    if known is None or not re.fullmatch(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", row_id):
        raise not_found()
    wanted = fields or ",".join(known)
    tables = visibility.tables(org, caller.user["Id"])
    query = f"SELECT {wanted} FROM {name} WHERE Id = '{row_id}'"  # noqa: S608 (SOQL, Id checked above)
    found = run(query, tables, now=org.now(), version=version)
    if not found.records:
        raise not_found()
    return found.records[0]


def _update(call: _Call) -> Reply:
    name, row_id = call.names
    records.update(call.org, call.caller.user, name, row_id, call.body)
    return Reply(204, None)


def _delete(call: _Call) -> Reply:
    name, row_id = call.names
    records.delete(call.org, call.caller.user, name, row_id)
    return Reply(204, None)


def _composite(call: _Call) -> Reply:
    return composite.composite(call.org, call.caller, call.body, answer)


def _batch(call: _Call) -> Reply:
    return composite.batch(call.org, call.caller, call.body, answer)


def _collect(change: Callable[..., Reply]) -> Callable[[_Call], Reply]:
    return lambda call: change(call.org, call.caller, call.query, call.body)


def _read_many(call: _Call) -> Reply:
    def one(row_id: str, fields: str) -> dict[str, Any]:
        return read(call.org, call.caller, call.names[0], row_id, fields, call.version)

    return composite.read(call.query, call.body, one)


def _of_object(call: _Call) -> Mapping[str, Callable[[_Call], Reply]]:
    """What the address of an object takes."""
    offered: dict[str, Callable[[_Call], Reply]] = {"GET": _one_object}
    return offered | ({"POST": _create} if records.creatable(call.names[0]) else {})


def _of_record(call: _Call) -> Mapping[str, Callable[[_Call], Reply]]:
    """What the address of a record takes: not every object can be changed, few can be deleted."""
    name = call.names[0]
    if visibility.fields_of(call.org, name) is None:
        raise not_found()
    offered: dict[str, Callable[[_Call], Reply]] = {"GET": _read}
    if records.updatable(name):
        offered["PATCH"] = _update
    if records.deletable(name):
        offered["DELETE"] = _delete
    return offered


_Methods = Mapping[str, Callable[[_Call], Reply]]
_ROUTES: Mapping[str, _Methods | Callable[[_Call], _Methods]] = {
    "": {"GET": _resources},
    "query": {"GET": _query},
    "queryAll": {"GET": _query},
    "query/*": {"GET": _query_more},
    "queryAll/*": {"GET": _query_more},
    "limits": {"GET": _limits},
    "sobjects": {"GET": _describe_all},
    "sobjects/*": _of_object,
    "sobjects/*/describe": {"GET": _describe},
    "sobjects/*/*": _of_record,
    "tooling/query": {"GET": _query},
    "tooling/query/*": {"GET": _query_more},
    "tooling/sobjects": {"GET": _describe_all},
    "tooling/sobjects/*/describe": {"GET": _describe},
    "composite": {"POST": _composite},
    "composite/batch": {"POST": _batch},
    "composite/sobjects": {
        "POST": _collect(composite.create),
        "PATCH": _collect(composite.update),
        "DELETE": _collect(composite.delete),
    },
    "composite/sobjects/*": {"GET": _read_many, "POST": _read_many},
}
"""What each address under /services/data/vXX.0/ takes; an asterisk stands for one part of the path."""
