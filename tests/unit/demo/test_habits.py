"""The vendors' habits: each can be switched on purpose, is drawn by a day, and shows."""

# ruff: noqa: S608 (SOQL)

import re
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from tests.unit.demo.conftest import Org, People
from tui.base.clock import ManualClock
from tui.demo import serve
from tui.demo.control import orders
from tui.demo.habits import LIMIT_HEADERS, IncydrHabits, OrgHabits, TenantHabits, meanings, switch
from tui.demo.serve import Demo
from tui.demo.simulated_day import draw_habits

V = "/services/data/v66.0"
QUERY = "SELECT Id FROM User LIMIT 1"
HOLDERS = {"org": OrgHabits, "tenant": TenantHabits, "connection": IncydrHabits}


async def test_everything_that_can_be_ordered_is_listed_with_its_meaning(people: People) -> None:
    control = await people.anybody("control")
    listed = (await control.get("/orders")).json()
    assert listed == orders()
    assert {"freeze", "spray_passwords", "suspend_org"} <= set(listed["/admin"])
    assert {"concurrent_limit", "bad_oauth_token", "api_limit"} <= set(listed["/knobs"])
    assert all(meaning for some in listed["/habits"].values() for meaning in some.values())


@pytest.mark.parametrize(
    ("holder", "name"), [(key, name) for key, of in HOLDERS.items() for name in meanings(of)]
)
async def test_each_habit_is_switched_over_the_control_address(
    people: People, demo: Demo, holder: str, name: str
) -> None:
    key = "Acme US" if holder == "connection" else "acme"
    holders: dict[str, Mapping[str, Any]] = {
        "org": demo.world.orgs,
        "tenant": demo.world.tenants,
        "connection": demo.world.connections,
    }
    habits = holders[holder][key].habits
    before = getattr(habits, name)
    value = {bool: not before, timedelta: 7, float: 0.5, int: 60, frozenset: ["ViewRoles"], str: "bursts"}[
        type(before)
    ]
    answer = await people.order("/habits", **{holder: key, name: value})
    assert answer.status_code == 200
    assert getattr(habits, name) != before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nothing", True),
        ("limit_header", "loud"),
        ("skew", "long"),
        ("skew", None),
        ("absent_permissions", 5),
    ],
)
def test_what_is_no_habit_is_refused(name: str, value: bool | int | str | None) -> None:
    with pytest.raises(ValueError, match=name):
        switch(OrgHabits(), name, value)


def test_a_day_draws_every_new_habit_sometimes_and_the_same_from_the_same_seed(clock: ManualClock) -> None:
    def drawn(seed: int) -> tuple[list[OrgHabits], list[IncydrHabits], list[TenantHabits], list[str | None]]:
        demo = serve.build("tour", clock, seed)
        draw_habits(demo.world, Random(seed))
        world = demo.world
        events = [event.detector for event in world.tenants["acme"].events]
        return (
            [each.habits for each in world.orgs.values()],
            [each.habits for each in world.connections.values()],
            [each.habits for each in world.tenants.values()],
            events,
        )

    assert drawn(5) == drawn(5)
    several = [drawn(seed) for seed in range(8)]
    orgs = [habits for found in several for habits in found[0]]
    assert {habits.limit_header for habits in orgs} == set(LIMIT_HEADERS)
    for name in ("userinfo_refused", "absent_permissions", "concurrent_refusals", "query_timeouts",
                 "lockouts_move_login", "forgets_idle_after", "resets_idle"):  # fmt: skip
        assert len({getattr(habits, name) for habits in orgs}) > 1, name
    assert {each.nameless_events for found in several for each in found[1]} == {True, False}
    assert any(None in found[3] for found in several), "an event of such a connection never had a name"


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("plain", r"api-usage=\d+/100000"),
        ("bursts", r"api-usage=\d+/100000; api-bursts=1/750"),
        ("per_app", r"per-app-api-usage=17/250\(appName=Acme Sync, EU\); api-usage=\d+/100000"),
        ("odd", r"calls \d+/100000"),
    ],
)
async def test_the_limit_header_has_several_forms(acme: Org, people: People, form: str, shown: str) -> None:
    await people.order("/habits", org="acme", limit_header=form)
    assert re.fullmatch(shown, (await acme.query(QUERY)).headers["sforce-limit-info"])


@pytest.mark.parametrize("path", ["/services/oauth2/userinfo", "/id/x/y"])
async def test_a_stale_token_gets_one_word_from_the_oauth_addresses(
    acme: Org, people: People, path: str
) -> None:
    assert (await acme.client.get(path)).status_code == 200
    await people.order("/admin", action="expire_sessions", org="acme")
    answer = await acme.client.get(path)
    assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")
    assert answer.headers["content-type"].startswith("text/plain")


async def test_userinfo_can_be_refused_while_the_api_works(acme: Org, people: People) -> None:
    await people.order("/habits", org="acme", userinfo_refused=True)
    answer = await acme.client.get("/services/oauth2/userinfo")
    assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")
    assert (await acme.query(QUERY)).status_code == 200


async def test_a_knob_refuses_userinfo_so_many_times(acme: Org, people: People) -> None:
    path = "/services/oauth2/userinfo"
    await people.order("/knobs", org="acme", kind="bad_oauth_token", path=path, requests=1)
    assert (await acme.client.get(path)).text == "Bad_OAuth_Token"
    assert (await acme.client.get(path)).status_code == 200


@pytest.mark.parametrize("entity", ["PermissionSet", "Profile", "UserPermissionAccess"])
async def test_an_absent_permission_has_no_field_anywhere(acme: Org, people: People, entity: str) -> None:
    await people.order("/habits", org="acme", absent_permissions=["MonitorLoginHistory"])
    text = f"SELECT Id, PermissionsApiEnabled, PermissionsMonitorLoginHistory FROM {entity}"
    [error] = (await acme.query(text)).json()
    assert error["errorCode"] == "INVALID_FIELD"
    lines = error["message"].split("\n")
    assert lines[0] == ""
    assert lines[1] in text
    assert lines[1][lines[2].index("^") :].startswith("PermissionsMonitorLoginHistory"[:30])
    assert lines[3] == "ERROR at Row:1:Column:35"
    assert lines[4].startswith(
        f"No such column 'PermissionsMonitorLoginHistory' on entity '{entity}'. If you are attempting to use"
    )
    described = (await acme.client.get(f"{V}/sobjects/{entity}/describe")).json()
    assert "PermissionsMonitorLoginHistory" not in {field["name"] for field in described["fields"]}


async def test_too_many_long_requests_are_refused_in_either_words(acme: Org, people: People) -> None:
    await people.order("/habits", org="acme", concurrent_refusals=1)
    answers = [(await acme.query(QUERY)) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json()[0]["errorCode"] for answer in answers} == {"REQUEST_LIMIT_EXCEEDED"}
    assert {answer.json()[0]["message"] for answer in answers} == {
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        "ConcurrentPerOrgLongTxn Limit exceeded.",
    }


async def test_a_knob_says_either_words_on_purpose(acme: Org, people: People) -> None:
    body = [{"message": "ConcurrentPerOrgLongTxn Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    await people.order("/knobs", org="acme", kind="concurrent_limit", requests=1)
    await people.order("/knobs", org="acme", kind="concurrent_limit", requests=1, body=body)
    assert (await acme.query(QUERY)).json()[0]["message"].startswith("ConcurrentRequests")


async def test_a_knob_answers_anything(acme: Org, people: People) -> None:
    body = [
        {"message": "This session is not valid for use with the REST API", "errorCode": "INVALID_SESSION_ID"}
    ]
    await people.order("/knobs", org="acme", kind="answer", requests=1, status=401, body=body)
    answer = await acme.query(QUERY)
    assert (answer.status_code, answer.json()) == (401, body)


async def test_a_query_that_runs_too_long_fails_by_itself_in_a_composite(acme: Org, people: People) -> None:
    await people.order("/habits", org="acme", query_timeouts=1)
    org_id = (await acme.client.get("/services/oauth2/userinfo")).json()["organization_id"]
    requests = [
        {"method": "GET", "referenceId": "q", "url": f"{V}/query/?q=SELECT+Id+FROM+User"},
        {"method": "GET", "referenceId": "o", "url": f"{V}/sobjects/Organization/{org_id}?fields=Id"},
    ]
    query, org = (await acme.composite(requests)).json()["compositeResponse"]
    assert query["httpStatusCode"] == 400
    assert query["body"] == [
        {"message": "Your query request was running for too long.", "errorCode": "QUERY_TIMEOUT"}
    ]
    assert org["httpStatusCode"] == 200


async def test_incydr_is_spared_by_the_shares(people: People, demo: Demo) -> None:
    await people.order("/habits", org="acme", concurrent_refusals=1, query_timeouts=1)
    connection = demo.world.connections["Acme US"]
    client = await people.anybody("org:acme")
    client.headers["User-Agent"] = "Incydr/1.0"
    form = {"grant_type": "refresh_token", "refresh_token": connection.refresh_token}
    form |= {"client_id": connection.client_id, "client_secret": connection.client_secret}
    token = (await client.post("/services/oauth2/token", data=form)).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    assert (await client.get(f"{V}/query", params={"q": QUERY})).status_code == 200


async def test_events_can_be_without_a_name_and_are_then_in_no_group(people: People, demo: Demo) -> None:
    demo.world.tenants["acme"].forget_name("Acme US")
    client = await people.analyst()
    observer = {"filters": [{"term": "event.observer", "operator": "IS", "value": "Salesforce"}]}
    nameless = {"filters": [{"term": "event.detectorDisplayName", "operator": "DOES_NOT_EXIST"}]}
    named = {"filters": [{"term": "event.detectorDisplayName", "operator": "IS", "value": "Acme US"}]}

    async def count(*groups: dict[str, Any]) -> int:
        answer = await client.post("/v2/file-events", json={"groups": list(groups)})
        return int(answer.json()["totalCount"])

    assert await count(observer, nameless) > 5
    assert await count(observer, named) == 0
    grouped = {"groups": [observer], "groupingTerm": "event.detectorDisplayName"}
    groups = (await client.post("/v2/file-events/grouping", json=grouped)).json()["groups"]
    assert "Acme Legacy" in {group["value"] for group in groups}
    assert not {"Acme US", "None"} & {group["value"] for group in groups}
