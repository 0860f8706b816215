import asyncio
import base64
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.unit.incydr.fake_tenant import ACME, BASE, SINCE, START, FakeTenant, event
from tui.base.clock import ManualClock
from tui.base.limits import TENANT_REQUESTS
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Tenant
from tui.connections.evidence import FileEvents, Read, Unreadable
from tui.incydr.reading import TenantReader
from tui.incydr.session import Limiter, LimitReached
from tui.onboarding.tenants import detectors

TENANT = Tenant("acme", BASE, "key-1", "env:SECRET")
DATED = {"Date": "Sun, 22 Nov 2026 14:00:30 GMT"}


@pytest.fixture
def tenant() -> FakeTenant:
    return FakeTenant()


async def test_the_newest_event_is_the_one_that_happened_last(tenant: FakeTenant) -> None:
    tenant.events = [
        event("2026-11-22T09:00:00.500Z", "2026-11-22T13:59:00Z"),
        event("2026-11-22T13:30:00.000Z", "2026-11-22T13:40:00Z"),
    ]
    assert await tenant.read() == Read(
        FileEvents(
            datetime(2026, 11, 22, 13, 30, tzinfo=UTC),
            datetime(2026, 11, 22, 13, 59, tzinfo=UTC),
            2,
            detector_name="Acme EMEA",
        ),
        datetime(2026, 11, 22, 14, 0, 30, tzinfo=UTC),
    )


async def test_no_events_are_read_as_none(tenant: FakeTenant) -> None:
    found = await tenant.read()
    assert isinstance(found, Read)
    assert found.value == FileEvents(detector_name="Acme EMEA")


async def test_events_are_searched_by_the_name_that_they_carry(tenant: FakeTenant) -> None:
    tenant.events = [event("2026-11-22T13:30:00Z")]
    await tenant.read()
    [terms] = tenant.searches
    assert terms == {
        "event.observer": ("IS", "Salesforce"),
        "event.detectorDisplayName": ("IS", "Acme EMEA"),
        "event.inserted": ("ON_OR_AFTER", "2026-11-22T13:00:00Z"),
    }


async def test_one_sign_in_serves_until_a_minute_before_its_end(tenant: FakeTenant) -> None:
    await tenant.read()
    tenant.clock.advance(timedelta(seconds=839))
    await tenant.read()
    assert tenant.sign_ins() == 1
    tenant.clock.advance(timedelta(seconds=1))
    await tenant.read()
    assert tenant.sign_ins() == 2


async def test_a_refused_token_is_renewed_once(tenant: FakeTenant) -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(401) if request.headers["authorization"] == "Bearer t1" else None

    tenant.answer = refuse
    assert isinstance(await tenant.read(), Read)
    assert tenant.sign_ins() == 2


async def test_a_refused_client_is_named_with_the_next_step(tenant: FakeTenant) -> None:
    tenant.answer = lambda r: httpx.Response(401, json={"error": "unauthorized"})
    found = await tenant.read()
    assert isinstance(found, Unreadable)
    assert "client_id and client_secret" in found.next_step


@pytest.mark.parametrize(("header", "seconds"), [({"Retry-After": "30"}, 30), ({}, 60)])
async def test_too_many_requests_are_followed_by_a_pause(
    tenant: FakeTenant, header: dict[str, str], seconds: int
) -> None:
    await tenant.read()
    tenant.answer = lambda r: httpx.Response(429, headers=header)
    assert isinstance(await tenant.read(), Unreadable)
    assert tenant.reader.retry_at == START + timedelta(seconds=seconds)
    tenant.answer = lambda r: None
    asked = len(tenant.requests)
    tenant.clock.advance(timedelta(seconds=seconds - 1))
    paused = await tenant.read()
    assert isinstance(paused, Unreadable)
    assert "1 s more" in paused.reason
    assert len(tenant.requests) == asked
    tenant.clock.advance(timedelta(seconds=1))
    assert isinstance(await tenant.read(), Read)
    assert tenant.reader.retry_at is None


async def test_several_connections_at_once_sign_in_once(tenant: FakeTenant) -> None:
    await asyncio.gather(*(tenant.read() for _ in range(3)))
    assert tenant.sign_ins() == 1


async def test_a_sign_in_that_fails_fails_for_all_who_wait_for_it_and_is_tried_again_later(
    tenant: FakeTenant,
) -> None:
    def hang(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("no answer")

    tenant.answer = hang
    found = await asyncio.gather(*(tenant.read() for _ in range(20)))
    assert all(isinstance(each, Unreadable) for each in found)
    assert len(tenant.requests) == 1
    tenant.answer = lambda r: None
    assert isinstance(await tenant.read(), Read)


async def test_the_clients_id_may_stand_in_the_environment(tenant: FakeTenant) -> None:
    asked: list[str | tuple[str, ...]] = []

    async def resolve(reference: str | tuple[str, ...]) -> Secret:
        asked.append(reference)
        return Secret("key-9" if reference == "env:INCYDR_API_CLIENT_ID" else "shh")

    named = Tenant("acme", BASE, "env:INCYDR_API_CLIENT_ID", "env:INCYDR_API_CLIENT_SECRET")
    reader = TenantReader(named, tenant.net, tenant.clock, resolve=resolve)
    await reader.read(ACME, SINCE)
    sent = base64.b64decode(tenant.requests[0].headers["authorization"].removeprefix("Basic "))
    assert sent == b"key-9:shh"
    assert asked == ["env:INCYDR_API_CLIENT_ID", "env:INCYDR_API_CLIENT_SECRET"]


async def test_a_bad_filter_is_told_in_the_tenants_words(tenant: FakeTenant) -> None:
    await tenant.read()
    problems = {"problems": [{"badFilter": None, "description": "Unknown term x", "type": "INVALID"}]}
    tenant.answer = lambda r: httpx.Response(400, json=problems)
    found = await tenant.read()
    assert isinstance(found, Unreadable)
    assert "Unknown term x" in found.reason


async def test_a_sign_in_without_a_token_quotes_nothing(tenant: FakeTenant) -> None:
    tenant.answer = lambda r: httpx.Response(200, json={"token": "topsecret"})
    found = await tenant.read()
    assert isinstance(found, Unreadable)
    assert "topsecret" not in found.reason


@pytest.mark.parametrize("status", [403, 404, 500, 503])
async def test_other_refusals_name_the_host_and_the_status(tenant: FakeTenant, status: int) -> None:
    await tenant.read()
    tenant.answer = lambda r: httpx.Response(status)
    found = await tenant.read()
    assert isinstance(found, Unreadable)
    assert f"api.us.code42.com answered {status}" in found.reason


PAGE = httpx.Response(503, text="<html><body>Down for maintenance</body></html>")


@pytest.mark.parametrize("status", [400, 401, 403, 502, 503, 504])
async def test_a_page_or_an_outage_is_nobodys_refusal(tenant: FakeTenant, status: int) -> None:
    page = httpx.Response(status, headers={"content-type": "text/html"}, content=PAGE.content)
    tenant.answer = lambda r: page
    for _ in range(2):
        with pytest.raises(Problem) as problem:
            await detectors(TENANT, tenant.net, tenant.clock, resolve=tenant._resolve)
        assert problem.value.no_answer
        assert "client_id" not in str(problem.value)
        assert "Salesforce" not in str(problem.value)


async def test_while_a_tenant_is_left_alone_the_reason_is_told_again(tenant: FakeTenant) -> None:
    tenant.answer = lambda r: PAGE
    first, second = await tenant.read(), await tenant.read()
    assert isinstance(first, Unreadable)
    assert isinstance(second, Unreadable)
    assert "api.us.code42.com answered 503" in first.reason
    assert "answered 503. remonitor waits 60 s more" in second.reason


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"access_token": "x", "expires_in": ' + b"9" * 5_000 + b"}"]
)
async def test_a_hostile_token_answer_is_told_and_quotes_nothing(tenant: FakeTenant, body: bytes) -> None:
    tenant.answer = lambda r: httpx.Response(200, content=body)
    found = await tenant.read()
    assert found is not None
    if isinstance(found, Unreadable):
        assert "[[[" not in found.reason


@pytest.mark.parametrize(
    "happened",
    [
        "9999-12-31T23:59:59-23:59",
        "9999-12-31T00:00:00Z",
        "1601-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "2026-13-45T00:00:00Z",
        "2026-11-22T14:00:00+99:00",
    ],
)
async def test_a_moment_out_of_range_is_unreadable(tenant: FakeTenant, happened: str) -> None:
    tenant.events = [event(happened)]
    assert isinstance(await tenant.read(), Unreadable)


def test_the_limit_lets_a_minutes_worth_go_and_puts_the_next_off() -> None:
    clock = ManualClock(START)
    limiter = Limiter(clock, count=3)
    for _ in range(3):
        limiter.take()
    with pytest.raises(LimitReached):
        limiter.take()
    clock.advance(timedelta(minutes=1))
    limiter.take()


def test_a_clock_that_is_set_back_does_not_stop_the_questions() -> None:
    clock = ManualClock(START)
    limiter = Limiter(clock, count=1)
    limiter.take()
    clock.advance(-timedelta(days=1))
    limiter.take()
    with pytest.raises(LimitReached):
        limiter.take()


async def test_what_is_over_the_limit_is_not_sent_and_not_waited_for(tenant: FakeTenant) -> None:
    tenant.events = [event("2026-11-22T13:30:00Z")]
    answers = await asyncio.gather(*(tenant.read() for _ in range(TENANT_REQUESTS + 5)))
    # One request was the sign-in.
    assert len(tenant.requests) == TENANT_REQUESTS
    assert [a for a in answers if a is None] == [None] * 6
    assert answers[0] is not None
    tenant.clock.advance(timedelta(minutes=1))
    assert await tenant.read() is not None
