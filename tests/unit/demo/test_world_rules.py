"""The stand-in org has rules: what a person changes shows in sign-ins, licences, the audit trail, and permissions."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.unit.demo.conftest import Org, People
from tui.base.clock import ManualClock
from tui.demo import changes
from tui.demo.answers import Refusal
from tui.demo.serve import Demo
from tui.demo.sign_in import SIGN_INS_AN_HOUR, used_this_hour

US = "incydr.us@acme.example"
EMEA = "incydr.emea@acme.example"


class World:
    """One org and shorthand for what tests do in it."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.org = demo.world.orgs["acme"]

    def user(self, username: str = US) -> dict[str, Any]:
        return self.org.user(username)

    def login(self, username: str = US) -> dict[str, Any]:
        login = self.org.user_login(self.user(username)["Id"])
        assert login is not None
        return login

    def history(self, username: str = US) -> list[dict[str, Any]]:
        rows = [
            row
            for row in self.org.tables["LoginHistory"].values()
            if row["UserId"] == self.user(username)["Id"]
        ]
        return sorted(rows, key=lambda row: row["LoginTime"])

    async def sign_in(self, people: People, name: str = "Acme US") -> httpx.Response:
        connection = self.demo.world.connections[name]
        client = await people.anybody(f"org:{connection.org}")
        return await client.post(
            "/services/oauth2/token",
            data={
                "grant_type": "refresh_token",
                "client_id": connection.client_id,
                "client_secret": connection.client_secret,
                "refresh_token": connection.refresh_token,
            },
        )


@pytest.fixture
def world(demo: Demo) -> World:
    return World(demo)


async def test_a_sign_in_leaves_a_history_row_and_moves_the_token(
    world: World, people: People, clock: ManualClock
) -> None:
    before = next(iter(world.org.tables["OauthToken"].values()))["UseCount"]
    clock.advance(timedelta(minutes=3))
    answer = await world.sign_in(people, "Acme EMEA")
    assert answer.json()["error"] == "invalid_grant", "the tour has EMEA frozen"
    row = world.history(EMEA)[-1]
    assert (row["Status"], row["Application"], row["LoginSubType"]) == (
        "User is frozen",
        "Incydr",
        "OauthRefreshToken",
    )
    token = next(iter(world.org.tables["OauthToken"].values()))
    assert (token["UseCount"], token["LastUsedDate"]) == (before + 1, clock.now())


async def test_by_habit_a_failed_sign_in_does_not_move_the_token(
    world: World, people: People, clock: ManualClock
) -> None:
    world.org.habits.failures_move_last_used = False
    clock.advance(timedelta(minutes=3))
    await world.sign_in(people, "Acme EMEA")
    assert next(iter(world.org.tables["OauthToken"].values()))["LastUsedDate"] < clock.now()


async def test_by_habit_a_failed_sign_in_has_no_application(
    world: World, people: People, clock: ManualClock
) -> None:
    world.org.habits.failed_as_na = True
    clock.advance(timedelta(minutes=3))
    await world.sign_in(people, "Acme EMEA")
    assert world.history(EMEA)[-1]["Application"] == "N/A"


@pytest.mark.parametrize(
    ("action", "status", "description"),
    [
        ("freeze", "User is frozen", "authentication failure"),
        ("deactivate", "User is inactive", "inactive user"),
    ],
)
async def test_a_stopped_user_cannot_sign_in_and_loses_his_session(
    world: World, people: People, clock: ManualClock, action: str, status: str, description: str
) -> None:
    token = (await world.sign_in(people)).json()["access_token"]
    clock.advance(timedelta(minutes=1))
    await people.order("/admin", action=action, connection="Acme US")
    answer = await world.sign_in(people)
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_grant", "error_description": description}
    assert world.history()[-1]["Status"] == status
    client = await people.anybody("org:acme")
    limits = await client.get("/services/data/v66.0/limits", headers={"Authorization": f"Bearer {token}"})
    assert limits.status_code == 401


async def test_a_freeze_names_the_person_in_trail_and_record(
    world: World, people: People, clock: ManualClock
) -> None:
    await people.order("/admin", action="freeze", connection="Acme US")
    row = list(world.org.tables["SetupAuditTrail"].values())[-1]
    assert (row["Action"], row["Display"]) == ("frozeuser", "Froze user account for Incydr US")
    jane = world.org.user("jane@acme.example")["Id"]
    assert row["CreatedById"] == jane
    assert (world.login()["LastModifiedById"], world.login()["LastModifiedDate"]) == (jane, clock.now())


async def test_a_deactivation_names_the_user_by_his_short_id(world: World, people: People) -> None:
    await people.order("/admin", action="deactivate", connection="Acme US")
    row = list(world.org.tables["SetupAuditTrail"].values())[-1]
    assert row["Display"] == f"Deactivated user Incydr US (UserID: [{world.user()['Id'][:15]}])"


async def test_a_deactivation_frees_a_licence_and_a_freeze_keeps_it(world: World) -> None:
    licence = next(
        row for row in world.org.tables["UserLicense"].values() if row["Name"] == "Salesforce Integration"
    )
    used, jane = licence["UsedLicenses"], world.user("jane@acme.example")
    changes.set_frozen(world.org, world.login(), True, jane)
    assert licence["UsedLicenses"] == used
    changes.set_active(world.org, world.user(), False, jane)
    assert licence["UsedLicenses"] == used - 1


async def test_a_reactivation_needs_a_free_licence(world: World, acme: Org) -> None:
    user = world.user("incydr.latam@acme.example")
    licence = next(
        row for row in world.org.tables["UserLicense"].values() if row["Name"] == "Salesforce Integration"
    )
    licence["TotalLicenses"] = licence["UsedLicenses"]
    answer = await acme.patch("User", user["Id"], {"IsActive": True})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "LICENSE_LIMIT_EXCEEDED")
    licence["TotalLicenses"] += 1
    assert (await acme.patch("User", user["Id"], {"IsActive": True})).status_code == 204
    assert user["IsActive"]


async def test_an_unfreeze_over_the_api_lets_incydr_sign_in_again(
    world: World, acme: Org, people: People
) -> None:
    answer = await acme.patch("UserLogin", world.login(EMEA)["Id"], {"IsFrozen": False})
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await world.sign_in(people, "Acme EMEA")).status_code == 200


async def test_over_3600_sign_ins_an_hour_are_refused_until_the_hour_has_slid(
    world: World, people: People, clock: ManualClock
) -> None:
    await people.order("/admin", action="burn_quota", connection="Acme US")
    assert used_this_hour(world.org, world.user()["Id"]) >= SIGN_INS_AN_HOUR
    answer = await world.sign_in(people)
    assert answer.json()["error"] == "rate_limit_exceeded"
    assert world.history()[-1]["Status"] == "Login rate exceeded"
    clock.advance(timedelta(hours=1))
    assert (await world.sign_in(people)).status_code == 200


async def test_a_quota_cannot_be_burnt_where_nobody_can_sign_in(people: People) -> None:
    assert (await people.order("/admin", action="burn_quota", connection="Acme EMEA")).status_code == 400


async def test_another_person_or_an_automation_can_be_the_one_who_acts(world: World, people: People) -> None:
    await people.order("/admin", action="deactivate", connection="Acme US", **{"as": "hr.sync@acme.example"})
    row = list(world.org.tables["SetupAuditTrail"].values())[-1]
    assert world.org.tables["User"][row["CreatedById"]]["Name"] == "HR Sync"


@pytest.mark.parametrize(("suppressed", "rows"), [(False, 3), (True, 1)])
async def test_refusals_for_the_rate_are_not_all_written(
    world: World, people: People, clock: ManualClock, suppressed: bool, rows: int
) -> None:
    world.org.habits.suppresses_rate_rows = suppressed
    await people.order("/admin", action="burn_quota", connection="Acme US")
    for _ in range(30):
        clock.advance(timedelta(seconds=30))
        await world.sign_in(people)
    written = [row for row in world.history() if row["Status"] == "Login rate exceeded"]
    assert len([row for row in written if row["Application"] == "Incydr"]) == rows


async def test_a_revoked_approval_is_an_invalid_token(world: World, people: People) -> None:
    await people.order("/admin", action="revoke_access", connection="Acme US")
    answer = await world.sign_in(people)
    assert answer.json()["error_description"] == "expired access/refresh token"
    assert world.history()[-1]["Status"] == "Failed: Invalid Token"


async def test_a_blocked_sign_in_carries_its_own_text(
    world: World, people: People, clock: ManualClock
) -> None:
    clock.advance(timedelta(minutes=1))
    await people.order("/admin", action="block", connection="Acme US", text="Restricted IP")
    assert (await world.sign_in(people)).json()["error_description"] == "ip restricted"
    assert world.history()[-1]["Status"] == "Restricted IP"
    await people.order("/admin", action="unblock", connection="Acme US")
    assert (await world.sign_in(people)).status_code == 200


async def test_permissions_are_what_all_counting_assignments_grant(world: World) -> None:
    user, org = world.user(), world.org
    assert "CustomizeApplication" in org.effective_permissions(user["Id"])
    grouped = next(row for row in org.assignments_of(user["Id"]) if row["PermissionSetGroupId"])
    for field, value in (("IsActive", False), ("IsRevoked", True), ("ExpirationDate", org.now())):
        was, grouped[field] = grouped[field], value
        assert "CustomizeApplication" not in org.effective_permissions(user["Id"]), field
        grouped[field] = was
    session_based = org.tables["PermissionSet"][grouped["PermissionSetId"]]
    session_based["HasActivationRequired"] = True
    assert "CustomizeApplication" not in org.effective_permissions(user["Id"])


async def test_taking_a_permission_takes_what_depends_on_it(world: World, people: People) -> None:
    await people.order("/admin", action="take_permission", connection="Acme EMEA", permission="ViewSetup")
    left = world.org.effective_permissions(world.user(EMEA)["Id"])
    assert not left & {"ViewSetup", "CustomizeApplication"}
    rows = [
        row
        for row in world.org.tables["SetupAuditTrail"].values()
        if row["Action"] == "profilePermChangedCustom"
    ]
    assert rows[-1]["Display"] == (
        "Changed profile Incydr Integration: administrative permission View Setup and Configuration "
        "was changed from enabled to disabled"
    )


async def test_giving_a_permission_gives_what_it_needs(world: World, people: People) -> None:
    order = {"connection": "Acme US", "permission": "CustomizeApplication"}
    await people.order("/admin", action="take_permission", **order | {"permission": "ViewRoles"})
    assert "CustomizeApplication" not in world.org.effective_permissions(world.user()["Id"])
    await people.order("/admin", action="give_permission", **order)
    assert {"CustomizeApplication", "ViewRoles"} <= world.org.effective_permissions(world.user()["Id"])


async def test_a_permission_without_what_it_depends_on_is_refused(world: World, acme: Org) -> None:
    profile_id = world.user(EMEA)["ProfileId"]
    answer = await acme.patch("Profile", profile_id, {"PermissionsViewRoles": False})
    assert answer.json()[0] == {
        "message": "Permission View Setup and Configuration depends on permission(s): View Roles and Role Hierarchy",
        "errorCode": "FIELD_INTEGRITY_EXCEPTION",
        "fields": [],
    }


async def test_standard_profiles_and_sets_of_profiles_cannot_be_changed(world: World, acme: Org) -> None:
    standard = world.user()["ProfileId"]
    owned = changes.own_set(world.org, world.org.tables["Profile"][world.user(EMEA)["ProfileId"]])["Id"]
    for name, row_id in (("Profile", standard), ("PermissionSet", owned)):
        answer = await acme.patch(name, row_id, {"PermissionsViewAllData": True})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INSUFFICIENT_ACCESS_OR_READONLY")


async def test_a_changed_profile_changes_its_own_set(world: World, acme: Org) -> None:
    profile_id = world.user(EMEA)["ProfileId"]
    assert (await acme.patch("Profile", profile_id, {"PermissionsViewAllUsers": True})).status_code == 204
    assert "ViewAllUsers" in world.org.effective_permissions(world.user(EMEA)["Id"])


async def test_a_new_set_can_be_created_and_assigned_in_one_composite(world: World, acme: Org) -> None:
    user_id = world.user()["Id"]
    base = "/services/data/v66.0/sobjects"
    fields = {"Name": "Fix", "Label": "Fix", "PermissionsViewAllUsers": True}
    requests = [
        {"method": "POST", "referenceId": "set", "url": f"{base}/PermissionSet", "body": fields},
        {
            "method": "POST",
            "referenceId": "given",
            "url": f"{base}/PermissionSetAssignment",
            "body": {"AssigneeId": user_id, "PermissionSetId": "@{set.id}"},
        },
    ]
    answers = (await acme.composite(requests)).json()["compositeResponse"]
    assert [(each["httpStatusCode"], each["body"]["success"]) for each in answers] == [(201, True)] * 2
    assert "ViewAllUsers" in world.org.effective_permissions(user_id)


async def test_a_group_takes_its_time_to_be_calculated(
    world: World, people: People, acme: Org, clock: ManualClock
) -> None:
    await people.order("/habits", org="acme", group_delay=300)
    await people.order(
        "/admin", action="take_permission", connection="Acme US", permission="ViewDataLeakageEvents"
    )
    query = "SELECT Status FROM PermissionSetGroup"
    assert [row["Status"] for row in await acme.records(query)] == ["Updating"]
    assert "ViewDataLeakageEvents" in world.org.effective_permissions(world.user()["Id"])
    clock.advance(timedelta(minutes=5))
    assert [row["Status"] for row in await acme.records(query)] == ["Updated"]
    assert "ViewDataLeakageEvents" not in world.org.effective_permissions(world.user()["Id"])


@pytest.mark.parametrize(
    ("name", "fields", "code"),
    [
        ("User", {"Nothing": 1}, "INVALID_FIELD"),
        ("User", {"LastLoginDate": None}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("User", {"IsActive": "yes"}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("User", {"Username": "jane@acme.example"}, "DUPLICATE_USERNAME"),
        ("User", {"ProfileId": "00e000000000000"}, "INVALID_CROSS_REFERENCE_KEY"),
        ("User", [], "JSON_PARSER_ERROR"),
    ],
)
async def test_bad_changes_get_salesforce_s_error_codes(
    world: World,
    acme: Org,
    name: str,
    fields: Any,
    code: str,
) -> None:
    url = f"/services/data/v66.0/sobjects/{name}/{world.user()['Id']}"
    answer = await acme.client.patch(url, json=fields)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


async def test_records_of_history_cannot_be_changed(world: World, acme: Org) -> None:
    row = world.history()[0]
    answer = await acme.patch("LoginHistory", row["Id"], {"Status": "Success"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD"


async def test_an_inactive_user_is_assigned_nothing(world: World) -> None:
    user = world.user("incydr.latam@acme.example")
    some_set = next(row for row in world.org.tables["PermissionSet"].values() if row["Type"] == "Regular")
    with pytest.raises(Refusal) as refused:
        changes.assign(world.org, user, some_set, world.user("jane@acme.example"))
    assert refused.value.code == "INACTIVE_OWNER_OR_USER"


async def test_an_expired_assignment_no_longer_grants(world: World, people: People) -> None:
    await people.order("/admin", action="expire_assignments", connection="Acme US")
    assert world.org.effective_permissions(world.user()["Id"]) == {"ApiEnabled", "ChatterInternalUser"}


@pytest.mark.parametrize(
    "order",
    [
        {"action": "dance", "connection": "Acme US"},
        {"action": "freeze", "connection": "Nobody"},
        {"action": "freeze", "connection": "Acme US", "as": "nobody@acme.example"},
        {"action": "take_permission", "connection": "Acme US", "permission": "Nothing"},
        {"action": "take_permission", "connection": "Acme US", "permission": "ApiEnabled"},
    ],
)
async def test_an_order_that_cannot_be_followed_is_refused_with_its_reason(
    people: People, order: dict[str, str]
) -> None:
    answer: httpx.Response = await people.order("/admin", **order)
    assert answer.status_code == 400
    assert answer.json()["error"]
