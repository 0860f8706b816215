"""What the org's queries can do besides: days, child rows, sums, and the limit of a grouped answer."""

# ruff: noqa: S608 (SOQL)

from datetime import timedelta

import pytest

from tests.unit.demo.conftest import Org
from tui.base.clock import ManualClock
from tui.demo.serve import Demo
from tui.demo.sign_in import history_row

US = "incydr.us@acme.example"


async def user_id(acme: Org, username: str = US) -> str:
    [row] = await acme.records(f"SELECT Id FROM User WHERE Username = '{username}'")
    return str(row["Id"])


async def test_sign_ins_are_counted_by_day(acme: Org, clock: ManualClock) -> None:
    user = await user_id(acme)
    rows = await acme.records(
        "SELECT UserId, DAY_ONLY(LoginTime) day, COUNT(Id) n FROM LoginHistory "
        f"WHERE UserId = '{user}' GROUP BY UserId, DAY_ONLY(LoginTime) ORDER BY DAY_ONLY(LoginTime)"
    )
    days = [row["day"] for row in rows]
    assert days == sorted(days)
    assert days[-1] == clock.now().date().isoformat()
    assert len(days) == 8
    [total] = await acme.records(f"SELECT COUNT(Id) n FROM LoginHistory WHERE UserId = '{user}'")
    assert sum(row["n"] for row in rows) == total["n"]


async def test_a_function_without_a_name_is_numbered(acme: Org) -> None:
    rows = await acme.records(
        "SELECT DAY_ONLY(LoginTime), COUNT(Id) FROM LoginHistory GROUP BY DAY_ONLY(LoginTime)"
    )
    assert set(rows[0]) == {"attributes", "expr0", "expr1"}


@pytest.mark.parametrize(
    "condition", ["= TODAY", "= 2026-11-22", ">= 2026-11-22", "> YESTERDAY", "IN (2026-11-22)"]
)
async def test_rows_are_filtered_by_day(acme: Org, clock: ManualClock, condition: str) -> None:
    rows = await acme.records(f"SELECT LoginTime FROM LoginHistory WHERE DAY_ONLY(LoginTime) {condition}")
    assert {row["LoginTime"][:10] for row in rows} == {clock.now().date().isoformat()}


async def test_sign_ins_are_grouped_by_kind(acme: Org) -> None:
    rows = await acme.records(
        "SELECT Application, Status, LoginType, LoginSubType, MIN(LoginTime), MAX(LoginTime), COUNT(Id) "
        f"FROM LoginHistory WHERE UserId IN (SELECT Id FROM User WHERE Username = '{US}') "
        "GROUP BY Application, Status, LoginType, LoginSubType"
    )
    assert {(row["LoginType"], row["LoginSubType"]) for row in rows} == {
        ("Remote Access 2.0", "OauthRefreshToken")
    }


@pytest.mark.parametrize(
    "field",
    ["Status", "Application", "SourceIp", "ApiType", "ApiVersion", "Browser", "ClientVersion", "Platform"],
)
async def test_what_groups_a_sign_in_does_not_filter_it(acme: Org, field: str) -> None:
    assert await acme.records(f"SELECT {field}, COUNT(Id) FROM LoginHistory GROUP BY {field}")
    answer = await acme.query(f"SELECT Id FROM LoginHistory WHERE {field} = 'x'")
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"
    assert f"field '{field}' can not be filtered in a query call" in answer.json()[0]["message"]


@pytest.mark.parametrize("field", ["LoginType", "LoginUrl"])
async def test_some_fields_of_a_sign_in_do_both(acme: Org, field: str) -> None:
    assert await acme.records(
        f"SELECT {field}, COUNT(Id) FROM LoginHistory WHERE {field} != null GROUP BY {field}"
    )


@pytest.mark.parametrize(
    "query",
    [
        "SELECT LoginTime, COUNT(Id) FROM LoginHistory GROUP BY LoginTime",
        "SELECT COUNT(Id) FROM SetupAuditTrail",
        "SELECT DAY_ONLY(LoginTime) FROM LoginHistory",
        "SELECT DAY_ONLY(Status), COUNT(Id) FROM LoginHistory GROUP BY DAY_ONLY(Status)",
        "SELECT Id FROM User WHERE Name = '" + "x" * 4_001 + "'",
    ],
)
async def test_what_salesforce_refuses_is_refused(acme: Org, query: str) -> None:
    assert (await acme.query(query)).json()[0]["errorCode"] == "MALFORMED_QUERY"


async def test_more_than_2000_groups_have_no_second_page(acme: Org, demo: Demo, clock: ManualClock) -> None:
    org, user = demo.world.orgs["acme"], await user_id(acme)
    for number in range(2_000):
        address = f"10.0.{number // 250}.{number % 250}"
        history_row(
            org, user, "N/A", "Invalid Password", clock.now() - timedelta(minutes=9), source_ip=address
        )
    query = f"SELECT SourceIp, COUNT(Id) FROM LoginHistory WHERE UserId = '{user}' GROUP BY SourceIp"
    refused = await acme.query(query)
    assert refused.status_code == 400
    assert refused.json() == [
        {
            "errorCode": "EXCEEDED_ID_LIMIT",
            "message": "Aggregate query does not support queryMore(), use LIMIT to restrict the results "
            "to a single batch",
        }
    ]
    assert len(await acme.records(f"{query} LIMIT 2000")) == 2_000


async def test_child_rows_come_inside_their_parent(acme: Org) -> None:
    [row] = await acme.records(
        "SELECT Username, (SELECT PermissionSet.Name, Id FROM PermissionSetAssignments "
        f"WHERE IsActive = true ORDER BY Id DESC LIMIT 1) FROM User WHERE Username = '{US}'"
    )
    below = row["PermissionSetAssignments"]
    assert (below["totalSize"], below["done"]) == (1, True)
    assert below["records"][0]["PermissionSet"]["Name"] == "Incydr_Group"


async def test_a_parent_without_children_has_null_there(acme: Org) -> None:
    rows = await acme.records("SELECT Name, (SELECT Id FROM Users) FROM Profile WHERE Name = 'Support'")
    assert [row["Users"] for row in rows] in ([], [None])
    [row] = await acme.records(
        "SELECT Id, (SELECT Id FROM Assignments) FROM PermissionSet WHERE Name = 'Report_Readers'"
    )
    assert row["Assignments"] is None


async def test_a_relationship_that_is_none_is_named(acme: Org) -> None:
    answer = (await acme.query("SELECT Id, (SELECT Id FROM Contacts) FROM User")).json()[0]
    assert answer["errorCode"] == "INVALID_TYPE"
    assert "Didn't understand relationship 'Contacts' in FROM part of query call" in answer["message"]


async def test_active_users_of_a_profile_are_counted(acme: Org) -> None:
    [profile] = await acme.records("SELECT Id FROM Profile WHERE Name = 'Standard User'")
    where = f"FROM User WHERE ProfileId = '{profile['Id']}' AND IsActive = true"
    [counted] = await acme.records(f"SELECT COUNT(Id) {where}")
    assert counted["expr0"] == (await acme.query(f"SELECT COUNT() {where}")).json()["totalSize"] == 3


async def test_numbers_are_added(acme: Org) -> None:
    [row] = await acme.records("SELECT SUM(UseCount) s, AVG(UseCount) a, COUNT(Id) n FROM OauthToken")
    assert row["s"] == pytest.approx(row["a"] * row["n"])
