"""Several requests in one: composite and composite/batch."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tui.demo.org import Org
from tui.demo.refusal import Refusal
from tui.demo.reply import Caller, Reply

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
