"""The stand-in org answers and refuses as Salesforce does."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from tests.unit.demo.conftest import Org, People
from tui.base.clock import ManualClock
from tui.demo.ids import Ids, with_suffix
from tui.demo.serve import Demo

# ruff: noqa: S608 (SOQL)


V = "/services/data/v66.0"
EMEA = "incydr.emea@acme.example"


async def test_versions_need_no_sign_in(people: People) -> None:
    client = await people.anybody("org:acme")
    versions = (await client.get("/services/data/")).json()
    assert versions[-1] == {"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"}


async def test_the_resource_map_names_the_way_to_queries(acme: Org) -> None:
    answer = await acme.client.get(f"{V}/")
    assert answer.json()["query"] == f"{V}/query"


async def test_a_call_without_a_session_is_refused(people: People) -> None:
    client = await people.anybody("org:acme")
    answer = await client.get(f"{V}/query", params={"q": "SELECT Id FROM User"})
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


async def test_a_session_ends_two_hours_after_its_last_use(acme: Org, clock: ManualClock) -> None:
    clock.advance(timedelta(hours=2, seconds=1))
    assert (await acme.query("SELECT Id FROM User")).status_code == 401


async def test_the_date_header_is_the_simulated_time_with_the_org_s_skew(
    acme: Org, demo: Demo, clock: ManualClock
) -> None:
    demo.world.orgs["acme"].habits.skew = timedelta(minutes=2)
    answer = await acme.query("SELECT Id FROM User LIMIT 1")
    assert parsedate_to_datetime(answer.headers["date"]) == clock.now() + timedelta(minutes=2)


async def test_every_call_is_counted_and_a_composite_is_one(acme: Org, people: People) -> None:
    await people.order("/calls/reset")
    first = await acme.query("SELECT Id FROM User LIMIT 1")
    requests = [
        {"method": "GET", "referenceId": f"r{n}", "url": f"{V}/query?q=SELECT+Id+FROM+User"} for n in range(5)
    ]
    second = await acme.composite(requests)
    used = [int(each.headers["sforce-limit-info"].split("=")[1].split("/")[0]) for each in (first, second)]
    assert used[1] - used[0] == 1
    control = await people.anybody("control")
    assert (await control.get("/calls")).json()["orgs"]["acme"] == {"ops@acme.example": 2}


async def test_a_frozen_account_is_found_by_a_semi_join(acme: Org) -> None:
    query = f"SELECT IsFrozen FROM UserLogin WHERE UserId IN (SELECT Id FROM User WHERE Username = '{EMEA}')"
    assert [row["IsFrozen"] for row in await acme.records(query)] == [True]


async def test_sign_ins_can_be_grouped_by_application_and_status(acme: Org) -> None:
    query = (
        "SELECT Application, Status, MIN(LoginTime), MAX(LoginTime), COUNT(Id) FROM LoginHistory "
        f"WHERE UserId IN (SELECT Id FROM User WHERE Username = '{EMEA}') GROUP BY Application, Status"
    )
    rows = await acme.records(query)
    assert {(row["Application"], row["Status"]) for row in rows} == {
        ("Incydr", "Success"),
        ("Incydr", "User is frozen"),
    }


async def test_the_audit_trail_names_who_froze_whom(acme: Org) -> None:
    query = (
        "SELECT Action, Display, CreatedBy.Name, CreatedBy.Username FROM SetupAuditTrail "
        "WHERE Action = 'frozeuser' ORDER BY CreatedDate DESC LIMIT 1"
    )
    [row] = await acme.records(query)
    assert row["Display"] == "Froze user account for Incydr EMEA"
    assert row["CreatedBy"]["Username"] == "jane@acme.example"


async def test_a_group_appears_through_its_aggregate_set(acme: Org) -> None:
    query = (
        "SELECT PermissionSet.Type, PermissionSet.PermissionsCustomizeApplication, PermissionSetGroup.Status, "
        "PermissionSet.PermissionsRunReports, PermissionSet.PermissionsExportReport "
        "FROM PermissionSetAssignment WHERE Assignee.Username = 'incydr.us@acme.example' "
        "AND PermissionSetGroupId != null"
    )
    [row] = await acme.records(query)
    assert row["PermissionSetGroup"]["Status"] == "Updated"
    shown = row["PermissionSet"]
    assert (shown["Type"], shown["PermissionsCustomizeApplication"]) == ("Group", True)
    assert shown["PermissionsRunReports"], "granted by a member"
    assert not shown["PermissionsExportReport"], "muted"


async def test_streaming_settings_come_with_the_tooling_api_only(acme: Org) -> None:
    query = "SELECT Id, DurableId, FullName, Metadata FROM RealTimeEventSettings"
    [row] = await acme.records(query, "tooling/query")
    assert {"entityName": "ReportEventStream", "isEnabled": True} in row["Metadata"]["realTimeEvents"]
    assert (await acme.query(query)).json()[0]["errorCode"] == "INVALID_TYPE"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM LoginHistory WHERE Status = 'Success'", "INVALID_FIELD"),
        ("SELECT Id FROM SetupAuditTrail WHERE Display LIKE '%x%'", "INVALID_FIELD"),
        ("SELECT Id FROM SetupAuditTrail WHERE Section = 'x'", "INVALID_FIELD"),
        ("SELECT Nothing FROM User", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT AccessToken FROM OauthToken", "INVALID_FIELD"),
        ("SELECT Id User", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
    ],
)
async def test_bad_queries_get_salesforce_s_error_bodies(acme: Org, query: str, code: str) -> None:
    answer = await acme.query(query)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == code


async def test_an_org_without_event_monitoring_does_not_know_its_permission(acme: Org, demo: Demo) -> None:
    demo.world.orgs["acme"].event_monitoring = False
    answer = await acme.query("SELECT PermissionsViewDataLeakageEvents FROM PermissionSet")
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"
    described = (await acme.client.get(f"{V}/sobjects/PermissionSet/describe")).json()
    assert "PermissionsViewDataLeakageEvents" not in {field["name"] for field in described["fields"]}


async def test_answers_page_at_2000_rows(acme: Org) -> None:
    first = (await acme.query("SELECT Id FROM LoginHistory")).json()
    assert (len(first["records"]), first["done"]) == (2_000, False)
    rows, page = list(first["records"]), first
    while not page["done"]:
        page = (await acme.client.get(page["nextRecordsUrl"])).json()
        rows += page["records"]
    assert len({row["Id"] for row in rows}) == first["totalSize"] == len(rows)


async def test_columns_are_described_on_request(acme: Org) -> None:
    answer = await acme.query("SELECT Id, Name FROM User", columns="true")
    assert [column["columnName"] for column in answer.json()["columnMetadata"]] == ["Id", "Name"]


async def test_one_failed_sub_request_leaves_the_others_alone(acme: Org) -> None:
    requests = [
        {"method": "GET", "referenceId": "bad", "url": f"{V}/query/?q=SELECT+Foo+FROM+User"},
        {"method": "GET", "referenceId": "good", "url": f"{V}/query/?q=SELECT+Id+FROM+Organization"},
    ]
    bad, good = (await acme.composite(requests)).json()["compositeResponse"]
    assert (bad["httpStatusCode"], bad["body"][0]["errorCode"]) == (400, "INVALID_FIELD")
    assert (good["httpStatusCode"], good["body"]["totalSize"], good["referenceId"]) == (200, 1, "good")


async def test_a_sub_request_can_refer_to_an_earlier_answer(acme: Org) -> None:
    user = f"{V}/query/?q=SELECT+Id+FROM+User+WHERE+Username='{EMEA}'"
    requests = [
        {"method": "GET", "referenceId": "user", "url": user},
        {
            "method": "GET",
            "referenceId": "one",
            "url": f"{V}/sobjects/User/@{{user.records[0].Id}}?fields=Name",
        },
        {"method": "GET", "referenceId": "two", "url": f"{V}/sobjects/User/@{{user.records[7].Id}}"},
    ]
    _, one, two = (await acme.composite(requests)).json()["compositeResponse"]
    assert one["body"]["Name"] == "Incydr EMEA"
    assert (two["httpStatusCode"], two["body"][0]["errorCode"]) == (400, "PROCESSING_HALTED")


@pytest.mark.parametrize(("what", "number"), [("query/?q=SELECT+Id+FROM+User", 6), ("limits", 26)])
async def test_a_composite_that_is_too_big_is_refused_whole(acme: Org, what: str, number: int) -> None:
    requests = [{"method": "GET", "referenceId": f"r{n}", "url": f"{V}/{what}"} for n in range(number)]
    answer = await acme.composite(requests)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")


async def test_a_single_record_can_be_read_by_its_short_id(acme: Org) -> None:
    [user] = await acme.records(f"SELECT Id FROM User WHERE Username = '{EMEA}'")
    answer = await acme.client.get(
        f"{V}/sobjects/User/{user['Id'][:15]}", params={"fields": "Username,IsActive"}
    )
    assert answer.json()["Username"] == EMEA


async def test_what_does_not_exist_is_not_found(acme: Org) -> None:
    for path in ("/services/data/v49.0/query?q=x", f"{V}/nothing", f"{V}/sobjects/User/005000000000000"):
        answer = await acme.client.get(path)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND"), path


async def test_limits_are_for_those_who_may_view_setup(acme: Org, people: People) -> None:
    assert (await acme.client.get(f"{V}/limits")).json()["DailyApiRequests"]["Max"] == 100_000
    legacy = await people.operator("legacy")
    assert (await legacy.client.get(f"{V}/limits")).status_code == 403


async def test_userinfo_says_who_is_signed_in_and_where(acme: Org, demo: Demo) -> None:
    info = (await acme.client.get("/services/oauth2/userinfo")).json()
    assert info["preferred_username"] == "ops@acme.example"
    assert info["organization_id"] == demo.world.orgs["acme"].id


async def test_the_day_s_calls_can_run_out(acme: Org, people: People) -> None:
    await people.order("/knobs", org="acme", kind="api_limit")
    answer = await acme.query("SELECT Id FROM User")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")


async def test_several_slashes_are_one(people: People) -> None:
    client = await people.anybody("org:acme")
    assert (await client.get("/services//data//")).status_code == 200


async def test_an_old_version_still_answers(acme: Org) -> None:
    rows = (
        await acme.client.get("/services/data/v51.0/query", params={"q": "SELECT Id FROM User LIMIT 1"})
    ).json()
    assert rows["totalSize"] == 1


@pytest.mark.parametrize(("length", "status"), [(16_000, 200), (16_400, 414)])
async def test_an_address_has_a_longest_length(acme: Org, length: int, status: int) -> None:
    query = "SELECT Id FROM User WHERE Name != 'x'"
    spaces = "+" * (length - len(query) - len(f"{V}/query?q="))
    answer = await acme.client.get(f"{V}/query?q={query.replace(' ', '+')}{spaces}")
    assert answer.status_code == status


# ruff: noqa: S608 (SOQL)


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


def test_the_suffix_checks_upper_and_lower_case() -> None:
    assert with_suffix("001A0000006Vm9r") == "001A0000006Vm9rIAC"


def test_ids_have_the_prefix_of_their_object_and_differ() -> None:
    ids = Ids("5g")
    given = [ids.new("User") for _ in range(500)]
    assert len(set(given)) == 500
    assert all(len(each) == 18 and each.startswith("0055g") for each in given)
