"""Every act of the administrator has its effect and leaves the row that real orgs leave."""

# ruff: noqa: S608 (SOQL)

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.unit.demo.conftest import Org, People
from tui.base.clock import ManualClock
from tui.demo.administrator import ACTIONS, BREAKS, CannotAct, act, meanings
from tui.demo.serve import Demo

Orders = Sequence[tuple[str, Mapping[str, Any]]]

ID = r"\(UserID: \[005\w{12}\]\)"
TIME = r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d GMT \d{4}"
GROUP = {"connection": "Acme US"}
SET = {"connection": "Acme EMEA", "set": "Incydr Access"}
PROFILE = {"connection": "Acme EMEA"}

# What is ordered (the last order leaves the row), the action and the Display of the newest row.
ROWS = [
    ([("assign_set", SET)], "PermSetAssign", rf"Permission set Incydr Access: assigned to user Incydr EMEA {ID}"),
    (
        [("assign_set", SET), ("unassign_set", SET)],
        "PermSetUnassign",
        rf"Permission set Incydr Access: unassigned from user Incydr EMEA {ID}",
    ),
    (
        [("unassign_set", GROUP)],
        "PermSetGroupUnassign",
        rf"Permission set group Incydr Group: unassigned from user Incydr US {ID}",
    ),
    (
        [("assign_set_until", SET)],
        "PermSetAssign_HasExpiration",
        rf"Permission set Incydr Access with expiration: assigned to user Incydr EMEA {ID}, expiring on {TIME}",
    ),
    (
        [("assign_set_until", SET), ("unassign_expiring_set", SET)],
        "PermSetUnassign_HasExpiration",
        rf"Permission set Incydr Access with expiration: unassigned from user Incydr EMEA {ID}",
    ),
    (
        [("assign_set_until", SET), ("change_expiration", SET)],
        "PermSetAssignmentExpirationChange",
        rf"Permission set Incydr Access assigned to user Incydr EMEA {ID}: "
        rf"expiration was changed from {TIME} to {TIME}",
    ),
    (
        [("remove_group_component", GROUP)],
        "PermissionSetGroupComponentRemoved",
        "Changed permission set group Incydr_Group: group member Incydr Access was removed",
    ),
    (
        [("remove_group_component", GROUP), ("add_group_component", GROUP)],
        "PermissionSetGroupComponentAdd",
        "Changed permission set group Incydr_Group: group member Incydr Access was added",
    ),
    ([("delete_group", GROUP)], "PermissionSetGroupDelete", "Deleted permission set group Incydr_Group"),
    ([("assign_set", SET), ("delete_set", SET)], "PermSetDelete", "Deleted permission set Incydr Access"),
    (
        [("assign_set", SET), ("require_activation", SET)],
        "PermSetHasActivationRequiredChange",
        "Changed Permission Set Incydr Access: Session Activation Required has changed from disabled to enabled",
    ),
    (
        [("assign_licence", PROFILE)],
        "PermSetLicenseAssign",
        rf"Permission set license Event Monitoring assigned to user Incydr EMEA {ID}",
    ),
    (
        [("unassign_licence", PROFILE)],
        "PermSetLicenseUnassign",
        rf"Permission set license Event Monitoring removed from user Incydr EMEA {ID}",
    ),
    ([("block_app", PROFILE)], "blockConnectedApplication", "Blocked Connected App Incydr to Acme"),
    ([("unblock_app", PROFILE)], "unblockConnectedApplication", "Unblocked Connected App Incydr to Acme"),
    ([("uninstall_app", PROFILE)], "deleteConnectedApplication", "Uninstalled Connected App Incydr"),
    ([("install_app", PROFILE)], "insertConnectedApplication", "Installed Connected App Incydr to Acme"),
    ([("delete_app", PROFILE)], "deleteApplication", "Deleted Connected App Incydr"),
    (
        [("restrict_app", PROFILE)],
        "changeUserRuntimeAccessPolicy",
        "Changed connected app Incydr Permitted Users setting from All users may self-authorize "
        "to Admin approved users are pre-authorized",
    ),
    (
        [("forbid_app", PROFILE)],
        "SetupEntityAccessAudit_Profile_ConnectedApplication_DisabledCustom",
        "Changed profile Incydr Integration: Incydr connected app is disabled",
    ),
    (
        [("allow_app", GROUP)],
        "SetupEntityAccessAudit_Profile_ConnectedApplication_EnabledStandard",
        r"Changed profile Minimum Access - API Only Integrations: Incydr connected app is enabled",
    ),
    (
        [("assign_set", SET), ("forbid_app", SET | {"to": "set"})],
        "SetupEntityAccessAudit_PermissionSet_ConnectedApplication_Disabled",
        "Changed permission set Incydr Access: Incydr connected app is disabled",
    ),
    (
        [("require_approved_apps", PROFILE)],
        "adminApprovedAppsOnlyOffOn",
        r"Organization setup action: adminApprovedAppsOnlyOffOn has changed\.",
    ),
    (
        [("waive_approved_apps", PROFILE)],
        "adminApprovedAppsOnlyOnOff",
        r"Organization setup action: adminApprovedAppsOnlyOnOff has changed\.",
    ),
    (
        [("enforce_ip", PROFILE)],
        "changeIpRelaxationPolicy",
        "Changed connected app Incydr IP relaxation setting from Relax IP restrictions to Enforce IP restrictions",
    ),
    (
        [("add_login_range", PROFILE)],
        "loginIpRange",
        r"Added Login Ip Range to Incydr Integration from 10\.0\.0\.1 to 10\.0\.0\.9",
    ),
    (
        [("add_login_range", PROFILE), ("delete_login_range", PROFILE)],
        "deletedLoginIpRange_withProfile",
        r"Deleted Login Ip Range to Incydr Integration from 10\.0\.0\.1 to 10\.0\.0\.9",
    ),
    ([("rename_account", PROFILE | {"to": "new@acme.example"})], "changedusername",
     r"Changed username for 005\w{12} from incydr\.emea@acme\.example to new@acme\.example"),
    ([("unfreeze", PROFILE)], "unfrozeuser", "Unfroze user account for Incydr EMEA"),
    ([("deactivate", PROFILE)], "deactivateduser", rf"Deactivated user Incydr EMEA {ID}"),
]  # fmt: skip
TRAIL_ONLY = {
    "delete_trusted_range": "deleteIpWhiteList",
    "change_app_scope": "changeOauthDefaultScope",
    "rotate_refresh_tokens": "changeApplicationRefreshTokenRotationEnabled",
    "require_session_level": "requiredSessionLevelForProfile",
}


def newest(demo: Demo, org: str = "acme") -> dict[str, Any]:
    return list(demo.world.orgs[org].tables["SetupAuditTrail"].values())[-1]


def give(demo: Demo, orders: Orders) -> None:
    for action, more in orders:
        act(demo.world, {"action": action, **more})


@pytest.mark.parametrize(("orders", "action", "display"), ROWS, ids=[row[1] for row in ROWS])
def test_an_act_leaves_its_row(
    demo: Demo,
    clock: ManualClock,
    orders: Orders,
    action: str,
    display: str,
) -> None:
    if orders[0][1] is SET:
        give(demo, [("unfreeze", PROFILE)])
    # The tour has the set in its group; a set of the account's own is another one.
    if orders[-1][1] is not GROUP:
        demo.world.orgs["acme"].tables["PermissionSetGroupComponent"].clear()
    give(demo, orders)
    row = newest(demo)
    assert row["Action"] == action
    assert re.fullmatch(display, row["Display"]), row["Display"]
    assert row["CreatedDate"] == clock.now()
    assert demo.world.orgs["acme"].tables["User"][row["CreatedById"]]["Name"] == "Jane Doe"


@pytest.mark.parametrize(("action", "row"), TRAIL_ONLY.items())
def test_some_acts_show_in_the_trail_alone(demo: Demo, action: str, row: str) -> None:
    give(demo, [(action, PROFILE)])
    assert newest(demo)["Action"] == row


def test_a_deleted_login_range_has_no_section(demo: Demo) -> None:
    give(demo, [("add_login_range", PROFILE), ("delete_login_range", PROFILE)])
    assert newest(demo)["Section"] is None


def test_a_member_of_a_group_can_be_named(demo: Demo) -> None:
    give(demo, [("remove_group_component", GROUP | {"set": "Report Readers"})])
    assert newest(demo)["Display"].endswith("group member Report Readers was removed")
    give(demo, [("add_group_component", GROUP | {"set": "Report_Readers"})])
    assert newest(demo)["Display"].endswith("group member Report Readers was added")


LOSSES = [
    ([("remove_group_component", GROUP)], [("add_group_component", GROUP)]),
    ([("delete_group", GROUP)], None),
    ([("unassign_set", GROUP)], None),
    ([("expire_assignments", GROUP)], [("change_expiration", GROUP)]),
    ([("change_expiration", GROUP | {"seconds": -1})], [("change_expiration", GROUP)]),
    ([("take_permission", GROUP)], [("give_permission", GROUP)]),
    ([("change_profile", {"connection": "Acme LATAM"})],
     [("change_profile", {"connection": "Acme LATAM", "to": "Incydr Integration LATAM"})]),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "gain"), LOSSES)
def test_a_permission_goes_and_comes_back(
    demo: Demo,
    loss: Orders,
    gain: Orders | None,
) -> None:
    org, user = demo.world.account(demo.world.connections[loss[0][1]["connection"]])
    wanted = "ViewDataLeakageEvents"
    assert wanted in org.effective_permissions(user["Id"])
    give(demo, loss)
    assert wanted not in org.effective_permissions(user["Id"])
    if gain:
        give(demo, gain)
        assert wanted in org.effective_permissions(user["Id"])


async def signs_in(people: People, demo: Demo, name: str = "Acme US") -> tuple[int, str | None, str | None]:
    connection = demo.world.connections[name]
    client = await people.anybody(f"org:{connection.org}")
    form = {"grant_type": "refresh_token", "refresh_token": connection.refresh_token}
    form |= {"client_id": connection.client_id, "client_secret": connection.client_secret}
    headers = {"X-Demo-Source-Ip": connection.source_ip}
    answer = await client.post("/services/oauth2/token", data=form, headers=headers)
    said = answer.json()
    return answer.status_code, said.get("error"), said.get("error_description")


STOPS = [
    ("block_app", "unblock_app", "Failed: Not approved for access", "OAUTH_APP_BLOCKED"),
    ("restrict_app", "open_app", "Failed: Not approved for access", "invalid_grant"),
    ("restrict_app", "allow_app", "Failed: Not approved for access", "invalid_grant"),
    ("require_approved_apps", "waive_approved_apps", "Failed: Not approved for access", "invalid_grant"),
    ("uninstall_app", "install_app", "Package for this consumer is not installed in your organization",
     "invalid_client"),
    ("delete_app", "restore_app", "Failed: Invalid Token", "invalid_grant"),
    ("revoke_access", "authorize_again", "Failed: Invalid Token", "invalid_grant"),
    ("add_login_range", "delete_login_range", "Restricted IP", "invalid_grant"),
    ("add_login_range", "relax_ip", "Restricted IP", "invalid_grant"),
    ("set_login_hours", "clear_login_hours", "Restricted time", "invalid_grant"),
    ("block", "unblock", "Restricted IP", "invalid_grant"),
    ("suspend_org", "resume_org", "Organization suspended", "invalid_grant"),
    ("lose_account", "return_account", None, "invalid_grant"),
]  # fmt: skip


@pytest.mark.parametrize(("stop", "start", "status", "error"), STOPS)
async def test_incydr_is_kept_out_and_let_in_again(
    people: People, demo: Demo, stop: str, start: str, status: str | None, error: str
) -> None:
    assert (await signs_in(people, demo))[0] == 200
    give(demo, [(stop, GROUP)])
    code, said, _ = await signs_in(people, demo)
    assert (code, said) == (400, error)
    if status:
        org, user = demo.world.account(demo.world.connections["Acme US"])
        rows = [row for row in org.tables["LoginHistory"].values() if row["UserId"] == user["Id"]]
        assert rows[-1]["Status"] == status
    give(demo, [(start, GROUP)])
    assert (await signs_in(people, demo))[0] == 200


@pytest.mark.parametrize(
    "text", ["Organization closed", "Organization suspended", "Organization is inactive", "Trial Expired"]
)
async def test_an_org_that_is_closed_says_so_to_apps_and_still_answers_its_operator(
    people: People, demo: Demo, acme: Org, text: str
) -> None:
    give(demo, [("suspend_org", GROUP | {"text": text})])
    assert await signs_in(people, demo) == (400, "invalid_grant", "inactive organization")
    rows = await acme.records("SELECT Status, COUNT(Id) FROM LoginHistory GROUP BY Status")
    assert text in {row["Status"] for row in rows}
    assert await (await people.operator("acme")).records("SELECT Id FROM Organization")


async def test_each_cause_can_be_ordered(demo: Demo) -> None:
    for begins, ends in BREAKS.values():
        give(demo, [(begins, GROUP)])
        if ends:
            give(demo, [(ends, GROUP)])


def test_every_action_says_what_it_does() -> None:
    assert set(meanings()) == set(ACTIONS)
    assert all(sentence.endswith(".") for sentence in meanings().values())


@pytest.mark.parametrize(
    ("client", "login_type", "application", "api_type"),
    [("soap", "Other Apex API", "N/A", "SOAP Partner"), ("browser", "Application", "Browser", "N/A")],
)
async def test_a_stranger_tries_passwords(
    acme: Org, demo: Demo, people: People, client: str, login_type: str, application: str, api_type: str
) -> None:
    give(demo, [("spray_passwords", GROUP | {"attempts": 14, "addresses": 3, "client": client})])
    rows = await acme.records(
        "SELECT Status, LoginType, LoginSubType, Application, ApiType, SourceIp, COUNT(Id) n FROM LoginHistory "
        f"WHERE LoginType = '{login_type}' GROUP BY Status, LoginType, LoginSubType, Application, ApiType, SourceIp"
    )
    assert {row["Application"] for row in rows} == {application}
    assert {row["ApiType"] for row in rows} == {api_type}
    assert {row["LoginSubType"] for row in rows} == {None}
    assert len({row["SourceIp"] for row in rows}) == 3
    assert {row["Status"] for row in rows} == {"Invalid Password", "Password Lockout"}
    assert sum(row["n"] for row in rows) == 14
    assert (await signs_in(people, demo))[0] == 200, "an app that signs in by OAuth goes on"
    [login] = await acme.records("SELECT IsPasswordLocked FROM UserLogin WHERE IsPasswordLocked = true")
    assert login["IsPasswordLocked"]
    give(demo, [("unlock", GROUP)])
    assert newest(demo)["Action"] == "unlockeduser"


@pytest.mark.parametrize("moves", [True, False])
def test_a_lockout_may_move_the_login_record(demo: Demo, clock: ManualClock, moves: bool) -> None:
    org, user = demo.world.account(demo.world.connections["Acme US"])
    org.habits.lockouts_move_login = moves
    give(demo, [("spray_passwords", GROUP)])
    login = org.user_login(user["Id"])
    assert login is not None
    recent = (clock.now() - login["LastModifiedDate"]).total_seconds() < 300
    assert recent is moves


async def test_another_org_is_known_by_its_id(acme: Org, demo: Demo) -> None:
    [before] = await acme.records("SELECT Id FROM Organization")
    path = f"/services/data/v66.0/sobjects/Organization/{before['Id']}?fields=Id"
    request = [{"method": "GET", "referenceId": "org", "url": path}]
    [found] = (await acme.composite(request)).json()["compositeResponse"]
    assert (found["httpStatusCode"], found["body"]["Id"]) == (200, before["Id"])
    give(demo, [("refresh_sandbox", GROUP)])
    [gone] = (await acme.composite(request)).json()["compositeResponse"]
    assert (gone["httpStatusCode"], gone["body"][0]["errorCode"]) == (404, "NOT_FOUND")


async def test_2500_foreign_assignments_fill_the_pages_of_the_trail(acme: Org, demo: Demo) -> None:
    give(demo, [("take_permission", PROFILE), ("foreign_assignments", GROUP | {"count": 2_500})])
    query = "SELECT Id, Action FROM SetupAuditTrail WHERE Action LIKE 'PermSet%' AND CreatedDate >= TODAY {}"
    page = (await acme.query(query.format("ORDER BY CreatedDate DESC LIMIT 2200"))).json()
    assert (len(page["records"]), page["done"]) == (2_000, False)
    rest = (await acme.client.get(page["nextRecordsUrl"])).json()
    assert (len(rest["records"]), rest["done"]) == (200, True)
    rare = await acme.records(
        "SELECT Action FROM SetupAuditTrail WHERE Action IN ('frozeuser', 'unfrozeuser') OR Action LIKE 'profile%'"
    )
    assert "profilePermChangedCustom" in {row["Action"] for row in rare}


@pytest.mark.parametrize(
    "order",
    [
        {"action": "explode", "connection": "Acme US"},
        {"action": "freeze", "connection": "Nowhere"},
        {"action": "freeze", "connection": "Acme US", "as": "nobody"},
        {"action": "spray_passwords", "connection": "Acme US", "attempts": "many"},
        {"action": "spray_passwords", "connection": "Acme US", "client": "carrier pigeon"},
        {"action": "suspend_org", "connection": "Acme US", "text": "Organization asleep"},
        {"action": "delete_login_range", "connection": "Acme US"},
        {"action": "add_group_component", "connection": "Acme US"},
        {"action": "unassign_set", "connection": "Acme EMEA"},
    ],
)
def test_a_wrong_order_is_refused(demo: Demo, order: dict[str, str]) -> None:
    with pytest.raises(CannotAct):
        act(demo.world, order)


def test_a_renamed_account_is_still_the_connection_s(demo: Demo) -> None:
    give(demo, [("rename_account", PROFILE | {"to": "new@acme.example"}), ("unfreeze", PROFILE)])
    assert demo.world.account(demo.world.connections["Acme EMEA"])[1]["Username"] == "new@acme.example"


async def test_single_rows_are_left_as_ordered(
    acme: Org, demo: Demo, people: People, clock: ManualClock
) -> None:
    sign_in = {"status": "Invalid Password", "application": "", "login_type": "Odd", "login_subtype": None}
    give(demo, [("add_sign_in", GROUP | sign_in | {"seconds": 60})])
    [row] = await acme.records(
        "SELECT Status, Application, LoginTime FROM LoginHistory WHERE LoginType = 'Odd'"
    )
    assert (row["Status"], row["Application"]) == ("Invalid Password", "")
    give(demo, [("add_audit_row", GROUP | {"row": "odd", "display": "Something", "section": None})])
    assert (newest(demo)["Action"], newest(demo)["Display"], newest(demo)["Section"]) == (
        "odd",
        "Something",
        None,
    )
    event = {"detector": None, "seconds": 3_000, "late": 2_925}
    give(demo, [("add_event", GROUP | event)])
    stored = demo.world.tenants["acme"].events[-1]
    assert stored.detector is None
    assert (stored.inserted - stored.happened).total_seconds() == 48 * 60 + 45
    assert stored.inserted < clock.now()
