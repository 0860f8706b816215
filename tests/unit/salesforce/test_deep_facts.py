from datetime import datetime, timedelta

from msgspec.structs import replace

from tests.unit.salesforce.fake_org import (
    ACME,
    START,
    FakeOrg,
    audit_row,
    error,
    grant_row,
    rights,
    rows,
    user_row,
)
from tui.connections.connection import Connection
from tui.connections.evidence import (
    AuditTrail,
    Component,
    Dependency,
    Evidence,
    Read,
    Stream,
    Unreadable,
    value_of,
)

MONTH_AGO = START - timedelta(days=30)
WEEK_AGO = START - timedelta(days=7)
DAY_AGO = START - timedelta(days=1)


def trail(part: object) -> AuditTrail:
    assert isinstance(part, Read), part
    assert isinstance(part.value, AuditTrail)
    return part.value


async def deepened(fake: FakeOrg, since: datetime = WEEK_AGO, connection: Connection = ACME) -> Evidence:
    return (await fake.reader().read([connection], deep={connection.name: since}))[connection.name]


async def test_only_a_deep_reading_brings_the_audit_trail() -> None:
    fake = FakeOrg()
    assert (await fake.reader().read([ACME]))[ACME.name].audit is None
    found = trail((await deepened(fake)).audit)
    assert (found.since, found.complete, found.assignments_since) == (WEEK_AGO, True, None)
    row = found.rows[0]
    assert (row.action, row.by_name, row.by_username) == ("frozeuser", "Jane Doe", "jane@acme.example")


async def test_a_deep_reading_costs_two_calls_more_and_later_one() -> None:
    fake = FakeOrg()
    reader = fake.reader()
    await reader.read([ACME])
    first = (await reader.read([ACME], deep={ACME.name: MONTH_AGO}))[ACME.name]
    second = (await reader.read([ACME], deep={ACME.name: MONTH_AGO}))[ACME.name]
    assert (first.api_calls, second.api_calls) == (3, 2)


async def test_a_first_reading_with_all_that_the_sick_need_costs_five_calls_of_at_most_five_queries() -> None:
    fake = FakeOrg()
    fake.parts |= {"grants": rows(grant_row(), GROUPED), "components": components()}
    assert (await deepened(fake)).api_calls == 5
    composites = [fake._asked(r) for r in fake.data_calls() if r.url.path.endswith("/composite")]
    assert [sum("/query/" in part["url"] for part in parts) for parts in composites] == [5, 5, 4]


async def test_deepening_evidence_asks_no_fast_call() -> None:
    fake = FakeOrg()
    reader = fake.reader()
    await reader.read([ACME])
    fake.clock.advance(timedelta(minutes=1))
    found = await reader.read([ACME])
    deepened = await reader.deepen([ACME], found, {ACME.name: MONTH_AGO})
    assert fake.sent_queries().keys() == {"audit", "assignments", "around", "licenses", "tokens"}
    assert deepened[ACME.name].api_calls == found[ACME.name].api_calls + 2
    assert trail(deepened[ACME.name].audit).since == MONTH_AGO


async def test_the_trail_is_continued_from_where_it_was_read() -> None:
    fake = FakeOrg()
    reader = fake.reader()
    await reader.read([ACME], deep={ACME.name: WEEK_AGO})
    fake.clock.advance(timedelta(hours=1))
    fake.parts["audit"] = rows(
        audit_row(
            2,
            Action="unfrozeuser",
            Display="Unfroze user Incydr EMEA",
            CreatedDate="2026-11-22T14:30:00.000+0000",
        )
    )
    evidence = (await reader.read([ACME], deep={ACME.name: DAY_AGO}))[ACME.name]
    for name in ("audit", "assignments"):
        assert "CreatedDate >= 2026-11-22T13:55:00Z" in fake.last_query(name)
    assert [row.action for row in trail(evidence.audit).rows] == ["unfrozeuser", "frozeuser"]


async def test_rows_about_other_users_are_left_out() -> None:
    fake = FakeOrg()
    fake.parts["audit"] = rows(
        audit_row(
            1, Action="deactivateduser", Display="Deactivated user Someone Else (UserID: [005000000000002])"
        ),
        audit_row(2, Action="deactivateduser", Display="Deactivated user X (UserID: [0055g000002m2bV])"),
        audit_row(3, Action="PermSetDisableUserPerm", Display="Changed permission set Incydr Access"),
        audit_row(4, Action="changedprofileforuserstdtocust", Display="For user Other, changed profile"),
    )
    fake.parts["assignments"] = rows(
        audit_row(5, Action="PermSetAssign", Display="Permission set X assigned to user Y (UserID: [0059])")
    )
    found = trail((await deepened(fake)).audit)
    assert [row.action for row in found.rows] == ["deactivateduser", "PermSetDisableUserPerm"]


async def test_rows_that_call_the_user_by_a_former_name_stay() -> None:
    fake = FakeOrg()
    fake.parts["audit"] = rows(audit_row(1, Display="Froze user Old Name"))
    reader = fake.reader()
    evidence = (await reader.read([ACME]))[ACME.name]
    assert isinstance(evidence.user, Read)
    assert evidence.user.value is not None
    renamed = replace(evidence, user=Read(replace(evidence.user.value, former_names=("Old Name",)), START))
    found = await reader.deepen([ACME], {ACME.name: renamed}, {ACME.name: WEEK_AGO})
    assert len(trail(found[ACME.name].audit).rows) == 1


async def test_an_account_that_is_gone_still_finds_its_rows_by_username() -> None:
    fake = FakeOrg()
    gone = Connection("G", "acme", "gone@acme.example", "G")
    fake.parts |= {
        "user": rows(),
        "audit": rows(audit_row(1, Action="unlockeduser", Display="Unlocked gone@acme.example")),
    }
    assert len(trail((await deepened(fake, connection=gone)).audit).rows) == 1


async def test_dependencies_are_reduced_to_what_the_permissions_of_interest_need() -> None:
    fake = FakeOrg()
    fake.dependencies = rows(
        {"Permission": "CustomizeApplication", "RequiredPermission": "ViewSetup"},
        {"Permission": "ViewSetup", "RequiredPermission": "ViewRoles"},
        {"Permission": "ExportReport", "RequiredPermission": "RunReports"},
    )
    evidence = (await fake.reader().read([ACME], deep={ACME.name: DAY_AGO}))[ACME.name]
    assert value_of(evidence.dependencies) == (
        Dependency("CustomizeApplication", "ViewSetup"),
        Dependency("ViewSetup", "ViewRoles"),
    )


async def test_what_a_permission_needs_is_asked_of_the_grants_from_then_on() -> None:
    fake = FakeOrg()
    fields = fake.parts["describe"]["fields"]
    fields.append({"name": "PermissionsViewSetup"})
    reader = fake.reader()
    await reader.read([ACME], deep={ACME.name: DAY_AGO})
    await reader.read([ACME])
    assert "PermissionSet.PermissionsViewSetup" in fake.sent_queries()["grants"]


async def test_no_visible_dependencies_are_unreadable() -> None:
    fake = FakeOrg()
    fake.dependencies = rows()
    evidence = (await fake.reader().read([ACME], deep={ACME.name: DAY_AGO}))[ACME.name]
    assert isinstance(evidence.dependencies, Unreadable)


async def test_a_failing_deep_reading_keeps_the_trail_that_is_known() -> None:
    fake = FakeOrg()
    reader = fake.reader()
    found = await reader.read([ACME], deep={ACME.name: WEEK_AGO})
    fake.answer = lambda request: fake.json(503, error("SERVER_UNAVAILABLE"))
    fake.clock.advance(timedelta(minutes=1))
    evidence = (await reader.deepen([ACME], found, {ACME.name: MONTH_AGO}))[ACME.name]
    assert isinstance(evidence.audit, Read)
    assert evidence.audit.at == START


async def test_a_trail_that_was_never_readable_says_what_it_needs() -> None:
    fake = FakeOrg()
    fake.parts["rights"] = rights("ManageUsers")
    fake.refused["audit"] = error("INVALID_TYPE", "sObject type 'SetupAuditTrail' is not supported.")
    evidence = (await fake.reader().read([ACME], deep={ACME.name: DAY_AGO}))[ACME.name]
    assert isinstance(evidence.audit, Unreadable)
    assert "INVALID_TYPE" in evidence.audit.reason


async def test_an_empty_trail_is_unreadable_without_view_setup() -> None:
    fake = FakeOrg()
    fake.parts |= {"audit": rows(), "rights": rights("ManageUsers")}
    found = (await deepened(fake)).audit
    assert isinstance(found, Unreadable)
    assert "needs View Setup" in found.reason


def streams(on: bool) -> dict[str, object]:
    return rows({"Metadata": {"realTimeEvents": [{"entityName": "ReportEventStream", "isEnabled": on}]}})


async def deep(fake: FakeOrg, times: int) -> list[Evidence]:
    """So many deep readings, a minute apart."""
    reader = fake.reader()
    found = []
    for _ in range(times):
        found.append((await reader.read([ACME], deep={ACME.name: DAY_AGO}))[ACME.name])
        fake.clock.advance(timedelta(minutes=1))
    return found


async def test_streams_that_are_off_are_read_again_with_every_deep_reading() -> None:
    fake = FakeOrg()
    fake.streams = streams(False)
    reader = fake.reader()
    await reader.read([ACME], deep={ACME.name: DAY_AGO})
    fake.streams = streams(True)
    fake.clock.advance(timedelta(minutes=1))
    evidence = (await reader.read([ACME], deep={ACME.name: DAY_AGO}))[ACME.name]
    assert value_of(evidence.streams) == (Stream("ReportEventStream", True),)
    assert evidence.api_calls == 3


async def test_streams_that_are_on_are_not() -> None:
    fake = FakeOrg()
    fake.streams = streams(True)
    first, second = await deep(fake, 2)
    assert first.streams == second.streams


async def test_tokens_are_read_with_every_deep_reading() -> None:
    fake = FakeOrg()
    first, second = await deep(fake, 2)
    assert isinstance(first.tokens, Read)
    assert isinstance(second.tokens, Read)
    assert second.tokens.at - first.tokens.at == timedelta(minutes=1)


async def test_a_deeper_look_at_one_account_forgets_nothing_of_another() -> None:
    fake = FakeOrg()
    other = Connection("B", "acme", "b@acme.example", "B", incydr_app="Incydr", user_id="005000000000001AAA")
    members = components()["records"]
    assert isinstance(members, list)
    theirs = [{**row, "PermissionSetGroupId": "0PGB"} for row in members]
    fake.parts |= {
        "user": rows(user_row(), user_row(Id=other.user_id, Username=other.service_account)),
        "grants": rows(
            grant_row(), GROUPED, {**GROUPED, "AssigneeId": other.user_id, "PermissionSetGroupId": "0PGB"}
        ),
        "components": rows(*members, *theirs),
    }
    reader = fake.reader()
    found = await reader.read([ACME, other])
    await reader.deepen([ACME, other], found, {ACME.name: DAY_AGO, "B": DAY_AGO})
    fake.clock.advance(timedelta(minutes=1))
    found = await reader.read([ACME, other])
    fake.parts["components"] = rows(*members)
    await reader.deepen([ACME], found, {ACME.name: DAY_AGO})
    again = (await reader.read([ACME, other]))["B"].components
    assert isinstance(again, Read)
    assert {each.group_id for each in again.value} == {"0PGB"}


async def test_tokens_are_read_again_for_all_accounts_of_the_org() -> None:
    fake = FakeOrg()
    other = Connection("B", "acme", "b@acme.example", "B", incydr_app="Incydr", user_id="005000000000001AAA")
    reader = fake.reader()
    await reader.read([ACME, other])
    fake.clock.advance(timedelta(minutes=1))
    found = await reader.read([ACME, other])
    await reader.deepen([ACME], found, {ACME.name: DAY_AGO})
    assert f"'{other.user_id}'" in fake.sent_queries()["tokens"]


GROUP = "0PG5g000002m2F7GAI"
MEMBER = "0PS5g000002m2F8GAI"
GROUPED = grant_row(
    PermissionSetGroupId=GROUP,
    PermissionSetGroup={"Status": "Updated"},
    PermissionSet={"IsOwnedByProfile": False, "Type": "Group", "Label": "Incydr Group"},
)


def components() -> dict[str, object]:
    carried = {"Label": "Incydr Access", "PermissionsApiEnabled": True}
    carried |= dict.fromkeys(("PermissionsCustomizeApplication", "PermissionsViewDataLeakageEvents"), False)
    return rows(
        {"PermissionSetGroupId": GROUP, "PermissionSetId": MEMBER, "PermissionSet": carried},
        {"PermissionSetGroupId": GROUP, "PermissionSetId": "0QM5g000002m2F9GAI", "PermissionSet": None},
    )


async def test_what_a_group_consists_of_is_read_with_the_trail() -> None:
    fake = FakeOrg()
    fake.parts |= {"grants": rows(GROUPED), "components": components()}
    (evidence,) = await deep(fake, 1)
    assert value_of(evidence.components) == (
        Component(GROUP, MEMBER, "Incydr Access", ("ApiEnabled",)),
        Component(GROUP, "0QM5g000002m2F9GAI", muting=True),
    )
    assert evidence.api_calls == 5


async def test_it_is_known_to_the_fast_readings_after() -> None:
    fake = FakeOrg()
    fake.parts |= {"grants": rows(GROUPED), "components": components()}
    reader = fake.reader()
    await reader.read([ACME], deep={ACME.name: DAY_AGO})
    evidence = (await reader.read([ACME]))[ACME.name]
    assert isinstance(evidence.components, Read)
    assert evidence.api_calls == 1


async def test_without_a_group_nothing_is_asked_about_groups() -> None:
    (evidence,) = await deep(FakeOrg(), 1)
    assert evidence.components is None


async def test_a_group_that_shows_nothing_inside_is_unreadable() -> None:
    fake = FakeOrg()
    fake.parts |= {"grants": rows(GROUPED), "components": rows()}
    (evidence,) = await deep(fake, 1)
    assert isinstance(evidence.components, Unreadable)
