"""What an operator without the right sees: nothing, his own, or a refusal."""

# ruff: noqa: S608 (SOQL)

import pytest

from tests.unit.demo.conftest import Org, People
from tui.demo.serve import Demo

V = "/services/data/v66.0"


@pytest.mark.parametrize("table", ["UserLogin", "SetupAuditTrail"])
async def test_without_the_right_an_object_answers_without_rows(people: People, table: str) -> None:
    legacy = await people.operator("legacy")
    assert await legacy.records(f"SELECT Id FROM {table}") == []


@pytest.mark.parametrize("table", ["UserLogin", "SetupAuditTrail"])
async def test_by_habit_the_object_is_refused_instead(people: People, table: str) -> None:
    await people.order("/habits", org="legacy", refuses_missing_rights=True)
    legacy = await people.operator("legacy")
    answer = await legacy.query(f"SELECT Id FROM {table}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


async def test_sign_ins_of_others_are_hidden_and_one_s_own_are_not(people: People) -> None:
    legacy = await people.operator("legacy")
    rows = await legacy.records("SELECT Application FROM LoginHistory")
    assert {row["Application"] for row in rows} == {"remonitor"}


async def test_other_users_are_hidden(people: People) -> None:
    legacy = await people.operator("legacy")
    assert [row["Name"] for row in await legacy.records("SELECT Name FROM User")] == ["Alex Kim"]


async def test_tokens_of_others_are_hidden(people: People) -> None:
    legacy = await people.operator("legacy")
    assert await legacy.records("SELECT AppName FROM OauthToken") == []


async def test_user_permission_access_is_one_row_with_one_s_own_rights(people: People, acme: Org) -> None:
    query = "SELECT PermissionsManageUsers, PermissionsApiEnabled FROM UserPermissionAccess"
    legacy = await people.operator("legacy")
    [weak], [strong] = await legacy.records(query), await acme.records(query)
    assert (weak["PermissionsManageUsers"], weak["PermissionsApiEnabled"]) == (False, True)
    assert strong["PermissionsManageUsers"]


async def test_a_change_without_the_right_is_refused(people: People, demo: Demo) -> None:
    legacy = await people.operator("legacy")
    org = demo.world.orgs["legacy"]
    user = org.user("incydr.legacy@acme.example")
    profile = org.tables["Profile"][user["ProfileId"]]
    login = org.user_login(user["Id"])
    assert login is not None
    for name, row_id, fields in (
        ("User", user["Id"], {"IsActive": False}),
        ("UserLogin", login["Id"], {"IsFrozen": True}),
        ("Profile", profile["Id"], {"PermissionsApiEnabled": False}),
    ):
        answer = await legacy.patch(name, row_id, fields)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert user["IsActive"]


async def test_a_user_without_api_enabled_gets_no_data(people: People, demo: Demo) -> None:
    org = demo.world.orgs["acme"]
    acme = await people.operator("acme")
    for assignment in org.assignments_of(org.user("ops@acme.example")["Id"]):
        assignment["IsRevoked"] = True
    answer = await acme.query("SELECT Id FROM User")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "API_DISABLED_FOR_ORG")
