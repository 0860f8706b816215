"""Which Salesforce events count for a connection, over how many requests they are found, and what is only shown."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.incydr.fake_tenant import ACME, DATED, ONLY, SINCE, START, FakeTenant, event
from tui.connections.connection import Connection
from tui.connections.evidence import FileEvents, Read, Unreadable
from tui.incydr.reading import AGAIN, MOST_PAGES, NAMES_BACK
from tui.incydr.wire import PAGE

US = Connection("Acme US", "acme", "us@acme.example", "Acme US", tenant="acme")
RECORDED = """
{"totalCount": 1, "problems": null, "nextPgToken": "",
 "fileEvents": [{
  "@timestamp": "2026-11-22T13:03:11.954000Z",
  "event": {"action": "file-downloaded", "id": "00000000-0000-4000-8000-000000000001_EPS",
            "ingested": "2026-11-22T13:03:12.329000Z", "inserted": "2026-11-22T13:51:57.374625Z",
            "observer": "Salesforce", "relatedEvents": null, "shareType": [], "vector": "DOWNLOADED",
            "detectorDisplayName": null},
  "source": {"category": "CRM Tools", "name": "Salesforce"},
  "destination": {"category": "Device", "name": "Unmonitored Device"},
  "file": {"category": "Spreadsheet", "name": "A report.xlsx", "sizeInBytes": null},
  "report": {"count": 20, "description": null, "headers": ["FIRST_NAME"], "id": "00O000000000001",
             "name": "A report", "type": "REPORT_TYPE_SAVED"},
  "user": {"deviceUid": null, "email": "user@acme.example", "id": "1000000000000000001"}}]}
"""
HAPPENED = datetime(2026, 11, 22, 13, 3, 11, 954000, tzinfo=UTC)


def minutes(ago: float) -> datetime:
    return START - timedelta(minutes=ago)


def stored(number: int, first: float = 1, **more: Any) -> list[dict[str, Any]]:
    """Events that happened two days before they were stored: nothing says that a later page has no newer one."""
    return [event(minutes(2 * 24 * 60 + n), minutes(first + n / 100), **more) for n in range(number)]


@pytest.fixture
def tenant() -> FakeTenant:
    return FakeTenant()


@pytest.fixture
def recorded(tenant: FakeTenant) -> FakeTenant:
    tenant.events = json.loads(RECORDED)["fileEvents"]
    return tenant


# Events without a name


async def test_the_recorded_event_names_no_connection_and_proves_nothing(recorded: FakeTenant) -> None:
    found = await recorded.seen()
    assert (found.newest, found.count, found.unnamed) == (None, 0, HAPPENED)


async def test_the_recorded_event_counts_for_the_only_connection(recorded: FakeTenant) -> None:
    found = await recorded.seen(ONLY)
    assert (found.newest, found.counts_unnamed) == (HAPPENED, True)
    assert found.newest_inserted is not None
    assert found.newest_inserted - HAPPENED > timedelta(minutes=48)
    assert found.rests_on == ""


async def test_the_recorded_answer_is_read_as_it_came(tenant: FakeTenant) -> None:
    tenant.answer = lambda r: (
        httpx.Response(200, content=RECORDED.encode(), headers=DATED) if "events" in r.url.path else None
    )
    assert (await tenant.seen(ONLY)).newest == HAPPENED
    assert (await tenant.seen(ACME)).newest is None


async def test_a_proof_rests_on_the_name_of_its_event(recorded: FakeTenant) -> None:
    recorded.events.append(event(minutes(5)))
    found = await recorded.seen(ONLY)
    assert (found.newest, found.unnamed) == (minutes(5), HAPPENED)
    assert found.rests_on == found.detector_name == "Acme EMEA"


# only_connection is suspended


async def test_an_event_that_names_another_detector_suspends_only_connection(recorded: FakeTenant) -> None:
    recorded.events.append(event(minutes(60 * 24 * 6), minutes(60 * 24 * 6), name="Acme US"))
    found = await recorded.seen(ONLY)
    assert (found.newest, found.counts_unnamed, found.others) == (None, False, ("Acme US",))
    assert found.unnamed == HAPPENED


async def test_the_own_name_suspends_nothing(recorded: FakeTenant) -> None:
    recorded.events.append(event(minutes(50)))
    found = await recorded.seen(ONLY)
    assert (found.newest, found.counts_unnamed, found.others) == (minutes(50), True, ())


async def test_another_name_is_looked_for_over_a_week_however_short_the_outage(recorded: FakeTenant) -> None:
    await recorded.read(ONLY, since=minutes(10))
    named, everything = recorded.searches
    assert named["event.inserted"] == ("ON_OR_AFTER", "2026-11-22T13:50:00Z")
    assert everything == {
        "event.observer": ("IS", "Salesforce"),
        "event.inserted": ("ON_OR_AFTER", f"{START - NAMES_BACK:%Y-%m-%dT%H:%M:%SZ}"),
    }


async def test_a_name_that_was_seen_suspends_for_a_week_also_where_it_is_buried(recorded: FakeTenant) -> None:
    recorded.events.append(event(minutes(30), name="Acme US"))
    assert not (await recorded.seen(ONLY)).counts_unnamed
    recorded.events.pop()
    recorded.clock.advance(NAMES_BACK - timedelta(minutes=1))
    assert not (await recorded.seen(ONLY)).counts_unnamed
    recorded.clock.advance(timedelta(minutes=2))
    assert (await recorded.seen(ONLY)).counts_unnamed


async def test_where_the_names_cannot_be_read_an_only_connection_has_no_events(recorded: FakeTenant) -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        search = "file-events" in request.url.path and b"detectorDisplayName" not in request.content
        return httpx.Response(500) if search else None

    recorded.answer = refuse
    assert isinstance(await recorded.read(ONLY), Unreadable)
    assert isinstance(await recorded.read(ACME), Read)


# Pages


@pytest.mark.parametrize("tokens", [False, True])
async def test_the_newest_is_found_on_a_later_page(tokens: bool) -> None:
    tenant = FakeTenant([*stored(2 * PAGE), event(minutes(50), minutes(20))], tokens=tokens)
    found = await tenant.seen()
    assert (found.newest, found.count, found.unread_before) == (minutes(50), 2 * PAGE + 1, None)
    assert len(tenant.bodies) == 3


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0, 9_000), st.floats(0, 90), st.sampled_from([None, "Acme EMEA", "Acme US"])),
        max_size=40,
    ),
    st.booleans(),
    st.sampled_from([ACME, ONLY]),
)
def test_the_newest_that_counts_is_found_whatever_the_order_of_storing(
    drawn: list[tuple[float, float, str | None]], tokens: bool, connection: Connection
) -> None:
    events = [
        event(minutes(ago + late), minutes(ago), name)
        for ago, late, name in drawn
        for _ in range(17 if name else 3)
    ]
    found = asyncio.run(FakeTenant(events, tokens=tokens).seen(connection))
    names = {name for _, _, name in drawn}
    counting: set[str | None] = {"Acme EMEA"}
    if connection.only_connection and "Acme US" not in names:
        counting.add(None)
    expected = max((minutes(ago + late) for ago, late, name in drawn if name in counting), default=None)
    assert (found.newest, found.unread_before) == (expected, None)


async def test_of_a_healthy_busy_connection_one_page_is_asked_for(tenant: FakeTenant) -> None:
    tenant.events = [event(minutes(n), minutes(n - 0.5)) for n in range(1, 2_000)]
    assert (await tenant.seen()).newest == minutes(1)
    assert len(tenant.bodies) == 1


async def test_below_a_page_cut_short_nothing_is_concluded(tenant: FakeTenant) -> None:
    tenant.events = [*stored(MOST_PAGES * PAGE), event(minutes(50), minutes(40))]
    found = await tenant.seen()
    # Of this connection, and then of all.
    assert len(tenant.bodies) == 2 * MOST_PAGES
    assert found.newest == minutes(2 * 24 * 60)
    assert found.unread_before == minutes(1 + (MOST_PAGES * PAGE - 1) / 100)


async def test_pages_smaller_than_asked_for_are_followed_too(tenant: FakeTenant) -> None:
    events = [*stored(5), event(minutes(50), minutes(40))]

    def two(request: httpx.Request) -> httpx.Response | None:
        if "events" not in request.url.path:
            return None
        number = json.loads(request.content)["pgNum"]
        page = {"totalCount": len(events), "fileEvents": events[2 * number - 2 : 2 * number]}
        return httpx.Response(200, json=page, headers=DATED)

    tenant.answer = two
    assert (await tenant.seen()).newest == minutes(50)


# How many requests


async def test_in_steady_state_one_request_is_sent(tenant: FakeTenant) -> None:
    tenant.events = [event(minutes(5)), event(minutes(5), name="Acme US"), event(minutes(1), name=None)]
    await tenant.seen()
    await tenant.seen(US)
    assert len(tenant.bodies) == 2


@pytest.mark.parametrize(("ago", "requests"), [(59, 1), (62, 2)])
async def test_of_a_connection_that_is_quiet_for_an_hour_it_is_looked_what_the_others_sent(
    tenant: FakeTenant, ago: float, requests: int
) -> None:
    tenant.events = [event(minutes(ago), minutes(ago)), event(minutes(1), name=None)]
    found = await tenant.seen()
    assert found.newest == minutes(ago)
    assert len(tenant.bodies) == requests
    assert (found.unnamed == minutes(1)) is (requests == 2)


async def test_what_all_connections_sent_is_asked_once_for_all_of_them(recorded: FakeTenant) -> None:
    quiet = [replace(ACME, detector_name=f"Acme {n}") for n in range(10)]
    found = await asyncio.gather(*(recorded.seen(each) for each in quiet))
    assert {each.unnamed for each in found} == {HAPPENED}
    assert len(recorded.bodies) == len(quiet) + 1
    recorded.clock.advance(AGAIN - timedelta(seconds=1))
    await recorded.seen()
    assert len(recorded.bodies) == len(quiet) + 2
    recorded.clock.advance(timedelta(seconds=1))
    await recorded.seen()
    assert len(recorded.bodies) == len(quiet) + 4


async def test_the_only_connection_is_asked_for_both_each_time(recorded: FakeTenant) -> None:
    for _ in range(3):
        await recorded.seen(ONLY)
    assert len(recorded.bodies) == 6


async def test_what_is_only_shown_is_not_asked_again_after_a_failure(recorded: FakeTenant) -> None:
    recorded.answer = lambda r: (
        httpx.Response(500)
        if "file-events" in r.url.path and b"detectorDisplayName" not in r.content
        else None
    )
    for _ in range(3):
        assert await recorded.seen() == FileEvents(detector_name="Acme EMEA")
    assert len(recorded.bodies) == 4


async def test_events_stored_before_the_time_asked_for_are_not_asked_for(tenant: FakeTenant) -> None:
    await tenant.read(ACME, since=SINCE)
    assert tenant.searches[0]["event.inserted"] == ("ON_OR_AFTER", "2026-11-22T13:00:00Z")
