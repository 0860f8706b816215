"""The stand-in Incydr API searches, groups, limits and refuses as the real one is documented."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.unit.demo.conftest import People
from tui.base.clock import ManualClock
from tui.demo.serve import Demo

Filter = Mapping[str, object]

US = {"term": "event.detectorDisplayName", "operator": "IS", "value": "Acme US"}
SALESFORCE = {"term": "event.observer", "operator": "IS", "value": "Salesforce"}


def query(*filters: Filter, clause: str = "AND", **more: object) -> dict[str, object]:
    return {"groups": [{"filterClause": clause, "filters": list(filters)}], "groupClause": "AND"} | more


async def search(
    client: httpx.AsyncClient, *filters: Filter, clause: str = "AND", **more: object
) -> dict[str, Any]:
    answer = await client.post("/v2/file-events", json=query(*filters, clause=clause, **more))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_wrong_secret_gets_no_token(people: People) -> None:
    client = await people.anybody("tenant:acme")
    answer = await client.post("/v1/oauth?grant_type=client_credentials", auth=("key-acme", "wrong"))
    assert answer.status_code == 401


async def test_a_token_lives_900_seconds(people: People, clock: ManualClock) -> None:
    client = await people.analyst()
    await search(client, US)
    clock.advance(timedelta(seconds=900))
    assert (await client.post("/v2/file-events", json=query(US))).status_code == 401


async def test_events_carry_the_documented_fields(people: People) -> None:
    [event] = (await search(await people.analyst(), US, SALESFORCE, pgSize=1))["fileEvents"]
    assert event["event"]["observer"] == "Salesforce"
    assert event["event"]["detectorDisplayName"] == "Acme US"
    assert event["@timestamp"] <= event["event"]["ingested"] <= event["event"]["inserted"]
    assert set(event["report"]) == {"id", "name", "type", "count", "headers", "description"}
    assert (event["event"]["action"], event["event"]["vector"]) == ("file-downloaded", "DOWNLOADED")
    assert event["user"]["email"].endswith("@acme.example")


async def test_the_newest_event_comes_first_when_asked(people: People) -> None:
    found = await search(await people.analyst(), US, srtKey="@timestamp", srtDir="desc", pgSize=5)
    times = [event["@timestamp"] for event in found["fileEvents"]]
    assert times == sorted(times, reverse=True)
    assert found["totalCount"] > 5


async def test_pages_follow_by_number_and_by_token(people: People) -> None:
    client = await people.analyst()
    everything = [event["event"]["id"] for event in (await search(client, US, pgSize=1_000))["fileEvents"]]
    by_number = [
        event["event"]["id"] for event in (await search(client, US, pgSize=3, pgNum=2))["fileEvents"]
    ]
    assert by_number == everything[3:6]
    by_token, token = [], ""
    while token is not None:
        page = await search(client, US, pgSize=20, pgToken=token)
        by_token += [event["event"]["id"] for event in page["fileEvents"]]
        token = page["nextPgToken"]
    assert by_token == everything


@pytest.mark.parametrize(
    ("found", "filters"),
    [
        (True, [SALESFORCE]),
        (False, [{"term": "event.observer", "operator": "IS_NOT", "value": "Salesforce"}]),
        (True, [{"term": "event.inserted", "operator": "EXISTS"}]),
        (False, [{"term": "risk.trustReason", "operator": "EXISTS"}]),
        (True, [{"term": "@timestamp", "operator": "ON_OR_BEFORE", "value": "2026-11-22T13:30:00Z"}]),
        (False, [{"term": "@timestamp", "operator": "ON_OR_AFTER", "value": "2026-11-22T13:30:00Z"}]),
        (True, [{"term": "@timestamp", "operator": "WITHIN_THE_LAST", "value": "P30D"}]),
        (False, [{"term": "@timestamp", "operator": "WITHIN_THE_LAST", "value": "PT1S"}]),
    ],
)
async def test_each_operator_decides(people: People, found: bool, filters: list[Filter]) -> None:
    answer = await search(await people.analyst(), US, *filters)
    assert bool(answer["totalCount"]) is found


async def test_filters_of_a_group_can_be_alternatives(people: People) -> None:
    emea = US | {"value": "Acme EMEA"}
    client = await people.analyst()
    both = await search(client, US, emea, clause="OR")
    single = [(await search(client, each))["totalCount"] for each in (US, emea)]
    assert both["totalCount"] == sum(single)


async def test_an_event_is_found_from_its_insertion_on(
    people: People, demo: Demo, clock: ManualClock
) -> None:
    client = await people.analyst()
    before = (await search(client, US))["totalCount"]
    happened, inserted = clock.now(), clock.now() + timedelta(minutes=5)
    demo.world.tenants["acme"].store("Acme US", "mia@acme.example", "Contact Export", happened, inserted)
    assert (await search(client, US))["totalCount"] == before
    clock.advance(timedelta(minutes=5))
    assert (await search(client, US))["totalCount"] == before + 1


@pytest.mark.parametrize(
    "bad",
    [
        {"term": "event.nothing", "operator": "IS", "value": "x"},
        {"term": "event.observer", "operator": "LIKE", "value": "x"},
        {"term": "@timestamp", "operator": "ON_OR_AFTER", "value": "yesterday"},
        {"term": "@timestamp", "operator": "WITHIN_THE_LAST", "value": "3 days"},
    ],
)
async def test_a_bad_filter_is_a_400_that_names_it(people: People, bad: dict[str, str]) -> None:
    client = await people.analyst()
    answer = await client.post("/v2/file-events", json=query(bad))
    assert answer.status_code == 400
    assert answer.json()["problems"][0]["badFilter"] == bad


async def test_grouping_lists_the_connections_that_sent_events(people: People) -> None:
    client = await people.analyst()
    order = query(SALESFORCE, groupingTerm="event.detectorDisplayName")
    groups = (await client.post("/v2/file-events/grouping", json=order)).json()["groups"]
    assert {group["value"] for group in groups} >= {"Acme US", "Acme EMEA", "Acme Legacy"}


async def test_the_121st_request_of_a_minute_waits(people: People, clock: ManualClock) -> None:
    client = await people.analyst()
    for _ in range(119):
        await client.post("/v2/file-events", json=query(US, pgSize=1))
    answer = await client.post("/v2/file-events", json=query(US))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    clock.advance(timedelta(seconds=60))
    assert (await client.post("/v2/file-events", json=query(US))).status_code == 200


async def test_the_tenant_s_clock_can_be_skewed(people: People, clock: ManualClock) -> None:
    await people.order("/habits", tenant="acme", skew=120)
    client = await people.analyst()
    answer = await client.post("/v2/file-events", json=query(US))
    assert parsedate_to_datetime(answer.headers["date"]) == clock.now() + timedelta(minutes=2)


async def test_the_audit_log_says_nothing_about_connections(people: People) -> None:
    client = await people.analyst()
    assert (await client.post("/v1/audit/search-audit-log", json={"page": 0})).json() == {"events": []}
