"""What a tenant can answer besides."""

from typing import Any

from tests.whole.fault_matrix.faults import BRACKETS, Doing, Fault, answers, changed, page, streams, zeros
from tests.whole.fault_matrix.ways import TITLES, at_tenant
from tui.connections.state import Status
from tui.console import Exit

SEARCH, TOKEN = "/v2/file-events", "/v1/oauth"


def told(name: str, doing: Doing, *words: str, at: str = SEARCH) -> Fault:
    whole = at_tenant(name, doing, words)
    return Fault(whole.name, whole.where, doing, whole.words, whole.status, whole.code, at, whole.never)


def odd(why: str, *words: str, **values: Any) -> Fault:
    return told(f"event: {why}", changed("event", **values), "Unexpected answer", "File events", *words)


OF_TENANT = (
    told("401 twice", answers(401, {"x": 1}), "The tenant refused", "401"),
    told("403", answers(403, {"x": 1}), "The tenant refused", "right to read file events"),
    told("429", answers(429, retry_after="30"), "Too many requests", "120 a minute"),
    told("429 without a time", answers(429), "Too many requests"),
    *(
        told(f"{status}", answers(status), "The tenant cannot answer now", f"answered {status}")
        for status in (500, 502, 503, 504)
    ),
    told("a page with 502", page(502), "The tenant cannot answer now", "502", at=""),
    told("a page with 503", page(503), "The tenant cannot answer now", "503", at=""),
    told("a page instead of events", page(200), "A web page instead of data"),
    told("another status", answers(420), "Unexpected answer", "420"),
    told(
        "a filter refused",
        answers(400, {"problems": [{"badFilter": None, "type": "X", "description": "bad filter"}]}),
        "The tenant refused the search",
        "bad filter",
    ),
    told(
        "problems with 200",
        answers(200, {"problems": [{"type": "X", "description": "no such term"}], "fileEvents": None}),
        "The tenant refused the search",
        "no such term",
    ),
    told(
        "null for a list",
        answers(200, {"totalCount": 3, "fileEvents": None}),
        "Unexpected answer",
        "expected a list of events",
    ),
    told(
        "counted and not listed",
        answers(200, {"totalCount": 2**70, "fileEvents": []}),
        "Unexpected answer",
        "lists none",
    ),
    told("brackets", answers(200, BRACKETS), "Unexpected answer", "File events"),
    told("zeros", streams(zeros, content_encoding="gzip"), "The answer is too large"),
    odd("year 0", "@timestamp", **{"@timestamp": "0000-01-01T00:00:00Z"}),
    odd("year 9999", "@timestamp", "9999", **{"@timestamp": "9999-12-31T23:59:59Z"}),
    odd("a number for a time", "@timestamp", **{"@timestamp": 5}),
    odd("no time", "without @timestamp", **{"@timestamp": None}),
    odd("a list for its part", "event", event=[]),
    told(
        "sign-in refused", answers(401, {"x": 1}), "The tenant refused the sign-in", "client_secret", at=TOKEN
    ),
    told("sign-in: 500", answers(500), "The tenant cannot answer now", at=TOKEN),
    told(
        "sign-in: brackets",
        answers(200, BRACKETS),
        "Unexpected answer",
        "the answer carries no access_token",
        at=TOKEN,
    ),
    told("sign-in: zeros", streams(zeros, content_encoding="gzip"), "The answer is too large", at=TOKEN),
    *(
        told(
            f"sign-in: {name}",
            answers(200, body),
            "Unexpected answer",
            "the answer carries no access_token",
            at=TOKEN,
        )
        for name, body in (("null", None), ("a list", []), ("a number for a token", {"access_token": 5}))
    ),
    *(
        Fault(
            f"event: {why}",
            "tenant",
            changed("event", **values),
            (),
            Status.MONITORING,
            Exit.OK,
            SEARCH,
            never=(*TITLES, "could not be read"),
        )
        for why, values in (
            ("half a character", {"user": {"email": "\ud800"}}),
            ("year 1970", {"@timestamp": "1970-01-01T00:00:00Z"}),
        )
    ),
    Fault(
        "nothing found, null for its list",
        "tenant",
        answers(200, {"totalCount": 0, "fileEvents": None}),
        (),
        Status.MONITORING,
        Exit.OK,
        SEARCH,
        never=(*TITLES, "could not be read"),
    ),
)
