"""What a tenant may answer that is no list of events: always unreadable with a reason, never a fault or a proof."""

import json
from typing import Any

import httpx
import pytest

from tests.unit.incydr.fake_tenant import ACME, DATED, ONLY, FakeTenant, event
from tui.connections.evidence import Read, Unreadable

GOOD = event("2026-11-22T13:30:00Z")


def body(**fields: Any) -> bytes:
    return json.dumps(
        {"totalCount": 1, "fileEvents": [GOOD], "nextPgToken": "", "problems": None} | fields
    ).encode()


def answering(content: bytes) -> FakeTenant:
    tenant = FakeTenant()
    tenant.answer = lambda r: (
        httpx.Response(200, content=content, headers=DATED) if r.url.path == "/v2/file-events" else None
    )
    return tenant


@pytest.mark.parametrize("connection", [ACME, ONLY])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>down</html>", "a web page"),
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"[]", "object"),
        (b"null", "object"),
        (b"{}", "expected a list of events, found none"),
        (b"\xff", "invalid"),
        pytest.param(b"[" * 100_000, "recursion", id="brackets"),
        (body(fileEvents=None), "expected a list of events, found none"),
        (body(fileEvents=None, totalCount=None), "expected a list of events, found none"),
        (body(fileEvents=None, problems=[{"description": "Unknown term x"}]), "Unknown term x"),
        (body(problems=[{"badFilter": None, "description": None}]), "names no reason"),
        (body(fileEvents={}), "array"),
        (body(fileEvents="none"), "array"),
        (body(fileEvents=[], totalCount=7), "it counts 7 and lists none"),
        (body(totalCount="1"), "totalCount"),
        (body(totalCount=1.5), "totalCount"),
        (body(nextPgToken=5), "nextPgToken"),
        (body(problems="none"), "problems"),
        (body(fileEvents=[{"@timestamp": 5}]), "@timestamp"),
        (body(fileEvents=[{"@timestamp": "2026-11-22T13:00:00"}]), "a time with its zone"),
        (body(fileEvents=[{"@timestamp": "now"}]), "a time with its zone"),
        (body(fileEvents=[{"@timestamp": "9999-12-31T23:59:59-14:00"}]), "a time with its zone"),
        (body(fileEvents=[event("9999-12-31T23:59:59Z")]), "a time with its zone"),
        (body(fileEvents=[event("2026-11-22T14:03:00Z")]), "an event from the future"),
        (body(fileEvents=[event(None)]), "an event without @timestamp"),
        (body(fileEvents=[None]), "object"),
        (body(fileEvents=[{"@timestamp": "2026-11-22T13:00:00Z", "event": []}]), "event"),
        pytest.param(b" " * 9_000_000 + body(), "more than 8 MB", id="9 MB"),
    ],
)
async def test_an_answer_of_another_shape_is_unreadable(connection: Any, content: bytes, words: str) -> None:
    found = await answering(content).read(connection)
    assert isinstance(found, Unreadable)
    assert words.casefold() in found.reason.casefold()
    assert found.next_step


@pytest.mark.parametrize(
    "odd",
    [
        None,
        5,
        {},
        {"@timestamp": 5},
        {"@timestamp": "now"},
        {"@timestamp": "2026-11-22T13:50:00Z", "event": {"inserted": 7}},
        event("2126-11-22T13:50:00Z"),
        event(None),
    ],
)
async def test_an_odd_event_spoils_only_itself(odd: object) -> None:
    found = await answering(body(fileEvents=[odd, GOOD], totalCount=2)).read()
    assert isinstance(found, Read)
    assert found.value.newest is not None
    assert found.value.newest.isoformat() == "2026-11-22T13:30:00+00:00"


@pytest.mark.parametrize(
    "fields",
    [
        {"totalCount": None},
        {"nextPgToken": None},
        {"extra": [1]},
        {"totalCount": 10**30},
        {"totalCount": -1},
        {"fileEvents": [event("2026-11-22T13:30:00.123456789Z", "2026-11-22T13:59:00.816033973Z")]},
        {"fileEvents": [event("2026-11-22T13:30:00Z", None)]},
    ],
)
async def test_what_may_be_null_or_odd_beside_a_good_event_costs_it_nothing(fields: dict[str, Any]) -> None:
    found = await answering(body(**fields)).read()
    assert isinstance(found, Read)
    assert found.value.newest is not None
    assert found.value.newest.replace(microsecond=0).isoformat() == "2026-11-22T13:30:00+00:00"


@pytest.mark.parametrize("empty", [{"fileEvents": []}, {"fileEvents": None}])
async def test_a_list_that_is_empty_and_counts_nothing_is_read(empty: dict[str, Any]) -> None:
    found = await answering(body(totalCount=0, **empty)).read(ONLY)
    assert isinstance(found, Read)
    assert found.value.newest is None


async def test_events_of_another_observer_or_name_prove_nothing_where_the_filter_is_overlooked() -> None:
    drive = event("2026-11-22T13:50:00Z")
    drive["event"]["observer"] = "GoogleDrive"
    found = await answering(
        body(fileEvents=[drive, event("2026-11-22T13:51:00Z", name="Acme US")], totalCount=2)
    ).read()
    assert isinstance(found, Read)
    assert found.value.newest is None
    assert found.value.others == ("Acme US",)


async def test_a_tenant_that_gives_the_same_page_for_ever_is_left_after_the_second() -> None:
    tenant = answering(body(totalCount=5_000, nextPgToken="again"))
    assert (await tenant.seen()).unread_before is not None
    assert len(tenant.bodies) == 2
