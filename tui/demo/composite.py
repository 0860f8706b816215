"""Several requests or records in one call: composite, composite/batch and composite/sobjects."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tui.demo import records
from tui.demo.answers import Caller, Refusal, Reply
from tui.demo.org import Org
from tui.demo.soql import SoqlError

Answer = Callable[[Org, Caller, str, str, Any], Reply]
SUB_REQUESTS, QUERIES = 25, 5
ROLLED_BACK = (
    "The transaction was rolled back since another operation in the same transaction failed."
)  # fmt: skip
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_BATCH_SIZE = re.compile(r"\bbatchSize\s*=\s*(\d+)", re.IGNORECASE)


def is_query(url: str) -> bool:
    """Whether a sub-request counts against a composite's limit of queries; further pages do too."""
    return re.search(r"/v[\d.]+/(tooling/)?query(All)?(/|\?|$)", url) is not None


def batch_size(header: object) -> int | None:
    """The rows a page that `Sforce-Query-Options` asks for."""
    found = _BATCH_SIZE.search(str(header or ""))
    return int(found[1]) if found else None


def composite(org: Org, caller: Caller, body: Any, answer: Answer) -> Reply:
    """Answer a composite request: one call, up to 25 sub-requests, 5 of them queries."""
    # inferred: stand_in_queries - the words of the two refusals.
    requests = _requests(body, "compositeRequest")
    if len(requests) > SUB_REQUESTS:
        message = f"The request can contain at most {SUB_REQUESTS} subrequests"
        raise Refusal(400, "LIMIT_EXCEEDED", message)
    if sum(is_query(str(each.get("url", ""))) for each in requests) > QUERIES:
        message = f"The request can contain at most {QUERIES} query subrequests"
        raise Refusal(400, "LIMIT_EXCEEDED", message)
    before = org.snapshot() if body.get("allOrNone") is True else None
    answers: dict[str, Reply] = {}
    for number, each in enumerate(requests):
        reference = str(each.get("referenceId") or f"ref{number}")
        asker = replace(caller, batch_size=_own_batch_size(each))
        try:
            url = str(_resolve(str(each.get("url", "")), answers))
            sent = _resolve(each.get("body"), answers)
            reply = answer(org, asker, str(each.get("method", "GET")), url, sent)
        except Refusal as refusal:
            reply = Reply(refusal.status, refusal.body())
        answers[reference] = reply
    if before and any(reply.status >= 400 for reply in answers.values()):
        org.restore(before)
        halted = Refusal(400, "PROCESSING_HALTED", ROLLED_BACK)
        answers = {
            reference: reply if reply.status >= 400 else Reply(halted.status, halted.body())
            for reference, reply in answers.items()
        }
    found = [
        {
            "body": reply.body,
            "httpHeaders": dict(reply.headers),
            "httpStatusCode": reply.status,
            "referenceId": reference,
        }
        for reference, reply in answers.items()
    ]
    return Reply(200, {"compositeResponse": found})


def batch(org: Org, caller: Caller, body: Any, answer: Answer) -> Reply:
    """Answer a batch: up to 25 requests that know nothing of each other, each a call of its own."""
    requests = _requests(body, "batchRequests")
    if len(requests) > SUB_REQUESTS:
        message = f"The request can contain at most {SUB_REQUESTS} subrequests"
        raise Refusal(400, "LIMIT_EXCEEDED", message)
    results: list[dict[str, Any]] = []
    failed = False
    for each in requests:
        if failed and body.get("haltOnError") is True:
            halted = Refusal(412, "BATCH_PROCESSING_HALTED", "Batch processing halted as per request.")
            results.append({"statusCode": halted.status, "result": halted.body()})
            continue
        url = f"/services/data/{str(each.get('url', '')).removeprefix('/services/data/').lstrip('/')}"
        org.count_call(caller.user["Username"])
        reply = answer(org, caller, str(each.get("method", "GET")), url, each.get("richInput"))
        failed = failed or reply.status >= 400
        results.append({"statusCode": reply.status, "result": reply.body})
    return Reply(200, {"hasErrors": failed, "results": results})


def _requests(body: Any, name: str) -> list[dict[str, Any]]:
    requests = body.get(name) if isinstance(body, dict) else None
    if not isinstance(requests, list) or not all(isinstance(each, dict) for each in requests):
        raise Refusal(400, "JSON_PARSER_ERROR", f"{name} is required")
    return requests


def _own_batch_size(request: Mapping[str, Any]) -> int | None:
    headers = request.get("httpHeaders")
    if not isinstance(headers, dict):
        return None
    named = {str(name).lower(): value for name, value in headers.items()}
    return batch_size(named.get("sforce-query-options"))


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


MOST = 200
_MOST_READ = 2_000

Result = dict[str, Any]


def create(org: Org, caller: Caller, _query: Mapping[str, str], body: Any) -> Reply:
    """POST of {"allOrNone", "records": [{"attributes": {"type"}, …}]}."""

    def one(record: dict[str, Any]) -> str:
        name, fields = _typed(record)
        if not records.creatable(name):
            raise Refusal(
                400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {name}"
            )
        return records.create(org, caller.user, name, fields)

    return _each(org, _records(body), one, all_or_none=body.get("allOrNone") is True)


def update(org: Org, caller: Caller, _query: Mapping[str, str], body: Any) -> Reply:
    """PATCH of the same; each record with its `id`."""

    def one(record: dict[str, Any]) -> str:
        name, fields = _typed(record)
        row_id = str(fields.pop("id", None) or fields.pop("Id", ""))
        if not row_id:
            raise Refusal(400, "MISSING_ARGUMENT", "Id not specified in an update call", fields=[])
        if not records.updatable(name):
            raise Refusal(
                400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be updated: {name}"
            )
        records.update(org, caller.user, name, row_id, fields)
        return row_id

    return _each(org, _records(body), one, all_or_none=body.get("allOrNone") is True)


def delete(org: Org, caller: Caller, query: Mapping[str, str], _body: Any) -> Reply:
    """DELETE of ?ids=a,b&allOrNone=true."""
    ids = [each for each in query.get("ids", "").split(",") if each]

    def one(row_id: str) -> str:
        name = org.object_of(row_id)
        if name is None:
            raise Refusal(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])
        if not records.deletable(name):
            raise Refusal(400, "DELETE_FAILED", f"entity type cannot be deleted: {name}", fields=[])
        records.delete(org, caller.user, name, row_id)
        return row_id

    return _each(org, _limited(ids), one, all_or_none=query.get("allOrNone", "").lower() == "true")


def read(query: Mapping[str, str], body: Any, one: Callable[[str, str], Result]) -> Reply:
    """GET with ?ids=…&fields=…, or POST of {"ids", "fields"}; null for a record that is not there."""
    if body is not None:
        if not isinstance(body, dict):
            raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected input; expected a JSON object")
        ids, fields = [str(each) for each in body.get("ids") or []], ",".join(body.get("fields") or [])
    else:
        ids = [each for each in query.get("ids", "").split(",") if each]
        fields = query.get("fields", "")
    if not ids or not fields:
        raise Refusal(400, "MALFORMED_ID", "ids and fields are required")

    def found(row_id: str) -> Result | None:
        try:
            return one(row_id, fields)
        except Refusal:
            return None

    return Reply(200, [found(row_id) for row_id in _limited(ids, _MOST_READ)])


def _each(org: Org, sent: list[Any], one: Callable[[Any], str], *, all_or_none: bool) -> Reply:
    before = org.snapshot() if all_or_none else None
    results: list[Result] = []
    for each in sent:
        try:
            results.append({"id": one(each), "success": True, "errors": []})
        except Refusal as refusal:
            error = {"statusCode": refusal.code, "message": refusal.message, "fields": refusal.fields or []}
            results.append({"success": False, "errors": [error]})
        except SoqlError as error:
            results.append(
                {
                    "success": False,
                    "errors": [{"statusCode": error.code, "message": error.message, "fields": []}],
                }
            )
    if before and not all(result["success"] for result in results):
        org.restore(before)
        halted = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": ROLLED_BACK, "fields": []}
        results = [
            {"success": False, "errors": [halted]} if result["success"] else result for result in results
        ]
    return Reply(200, results)


def _records(body: Any) -> list[dict[str, Any]]:
    sent = body.get("records") if isinstance(body, dict) else None
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        raise Refusal(400, "JSON_PARSER_ERROR", "records is required")
    return _limited(sent)


def _limited(sent: list[Any], most: int = MOST) -> list[Any]:
    if len(sent) > most:
        message = f"record limit reached. cannot submit more than {most} records in this call"
        raise Refusal(400, "EXCEEDED_ID_LIMIT", message)
    return sent


def _typed(record: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The object that a record's attributes name, and the record without them."""
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not name:
        raise Refusal(400, "INVALID_INPUT", "attributes.type is required")
    return str(name), {key: value for key, value in record.items() if key != "attributes"}
