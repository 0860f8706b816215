from datetime import timedelta
from typing import Any

import pytest

from tests.unit.salesforce.fake_org import (
    ACME,
    START,
    USER,
    FakeOrg,
    audit_row,
    error,
    grant_row,
    login_row,
    rights,
    rows,
    user_row,
)
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, NamedSet, OrgNames, Reach, Read, Unreadable
from tui.salesforce import queries

DEEP = {ACME.name: START - timedelta(days=7)}
PROFILE = "00e5g000002m2F7AAI"
NAMES = ("users", "profiles", "sets", "groups", "reach")
OURS = grant_row(
    PermissionSetId="0PS1",
    PermissionSet={
        "IsOwnedByProfile": False,
        "Type": "Regular",
        "Name": "Incydr_Access",
        "Label": "Incydr Access",
    },
)
GROUP = grant_row(
    PermissionSetId="0PS2",
    PermissionSetGroupId="0PG1",
    PermissionSet={
        "IsOwnedByProfile": False,
        "Type": "Group",
        "Name": "Incydr_Group",
        "Label": "Incydr Group",
    },
)


@pytest.fixture
def faulty() -> FakeOrg:
    """An org whose account is frozen, with records of names like its."""
    fake = FakeOrg()
    fake.parts |= {
        "freeze": rows(login_row(IsFrozen=True)),
        "grants": rows(grant_row(), OURS, GROUP),
        "components": rows(
            {
                "PermissionSetGroupId": "0PG1",
                "PermissionSetId": "0PS1",
                "PermissionSet": {"Label": "X", **{f"Permissions{n}": True for n in PERMISSION_FIELDS}},
            }
        ),
        "users": rows({"Id": "0052", "Name": "Incydr EMEA (EU)"}, {"Id": USER, "Name": "Incydr EMEA"}),
        "profiles": rows({"Id": "00e2", "Name": "Incydr Integration 2"}),
        "sets": rows(set_row("0PS9", "Incydr Access EU", "Incydr_Access_EU")),
        "groups": rows({"Id": "0PG9", "MasterLabel": "Incydr Group B", "DeveloperName": "Incydr_Group_B"}),
        "reach": rows({"ProfileId": PROFILE, "times": 312}),
    }
    return fake


PERMISSION_FIELDS = ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents")


def set_row(set_id: str, label: str, name: str, **carried: bool) -> dict[str, Any]:
    return {"Id": set_id, "Label": label, "Name": name, **{f"Permissions{k}": v for k, v in carried.items()}}


async def deepened(fake: FakeOrg) -> Evidence:
    return (await fake.reader().read([ACME], deep=DEEP))[ACME.name]


async def test_names_that_begin_like_ours_are_read_without_our_own_records(faulty: FakeOrg) -> None:
    evidence = await deepened(faulty)
    expected = OrgNames(
        users=("Incydr EMEA (EU)",),
        profiles=("Incydr Integration 2",),
        sets=("Incydr Access EU", "Incydr_Access_EU", "Incydr Group B", "Incydr_Group_B"),
    )
    assert evidence.names == Read(expected, START)
    assert evidence.reach == Read(Reach(PROFILE, 312), START)
    sent = faulty.sent_queries()
    assert tuple(sent) == NAMES
    assert "Name LIKE 'Incydr EMEA%'" in sent["users"]
    assert f"Id NOT IN ('{USER}')" in sent["users"]
    assert "Label LIKE 'Incydr Access%' OR Name LIKE 'Incydr Access%'" in sent["sets"]
    assert "Name LIKE 'Incydr\\_Access%'" in sent["sets"]
    assert "DeveloperName LIKE 'Incydr\\_Group%'" in sent["groups"]


async def test_they_cost_one_call_more_and_none_for_a_quarter_of_an_hour(faulty: FakeOrg) -> None:
    reader = faulty.reader()
    costs = []
    for _ in range(4):
        evidence = (await reader.read([ACME], deep=DEEP))[ACME.name]
        assert isinstance(evidence.names, Read)
        costs.append(evidence.api_calls)
        faulty.clock.advance(timedelta(minutes=7))
    assert costs == [1 + 2 + 2 + 1, 1 + 1, 1 + 1, 1 + 2 + 1 + 1]


async def test_a_healthy_account_costs_no_call_for_names() -> None:
    evidence = await deepened(FakeOrg())
    assert (evidence.names, evidence.named_sets, evidence.reach) == (None, None, None)
    assert evidence.api_calls == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": rows(user_row(IsActive=False))},
        {"grants": rows(grant_row(PermissionSet={"PermissionsApiEnabled": False}))},
        {"grants": rows(grant_row(IsActive=False))},
        {"grants": rows(grant_row(ExpirationDate="2026-11-22T13:00:00.000+0000"))},
    ],
)
async def test_whatever_is_wrong_with_the_account_makes_names_worth_a_call(
    faulty: FakeOrg, wrong: dict[str, Any]
) -> None:
    faulty.parts |= {"freeze": rows(login_row())} | wrong
    assert isinstance((await deepened(faulty)).names, Read)


async def test_sets_that_rows_name_and_he_has_not_are_read_with_what_they_carry(faulty: FakeOrg) -> None:
    gone = "Permission set Old Access: unassigned from user Incydr EMEA (UserID: [0055g000002m2bV])"
    faulty.parts["assignments"] = rows(
        audit_row(1, Action="PermSetUnassign", Display=gone),
        audit_row(2, Action="PermSetUnassign", Display=gone.replace("Old Access", "Incydr Access")),
        audit_row(3, Action="PermSetUnassign", Display=gone.replace("0055g000002m2bV", "005000000000009")),
    )
    member = "Changed permission set group Incydr_Group: group member Member_Set was removed"
    faulty.parts["audit"] = rows(audit_row(4, Action="PermissionSetGroupComponentRemoved", Display=member))
    faulty.parts["sets"] = rows(
        set_row("0PS7", "Old Access", "Old_Access", ApiEnabled=True, CustomizeApplication=False),
        set_row("0PS8", "Member", "Member_Set"),
        set_row("0PS9", "Incydr Access EU", "Incydr_Access_EU", ApiEnabled=True),
    )
    evidence = await deepened(faulty)
    assert isinstance(evidence.named_sets, Read)
    assert evidence.named_sets.value == (
        NamedSet("0PS7", "Old Access", "Old_Access", ("ApiEnabled",)),
        NamedSet("0PS8", "Member", "Member_Set", ()),
    )
    sent = faulty.sent_queries()["sets"]
    assert "Label IN ('Old Access','Member_Set') OR Name IN ('Old Access','Member_Set')" in sent
    assert "PermissionsApiEnabled" in sent


async def test_a_row_that_names_another_set_is_looked_up_at_once(faulty: FakeOrg) -> None:
    reader = faulty.reader()
    await reader.read([ACME], deep=DEEP)
    gone = "Permission set Old Access: unassigned from user Incydr EMEA (UserID: [0055g000002m2bV])"
    faulty.parts["assignments"] = rows(audit_row(9, Action="PermSetUnassign", Display=gone))
    faulty.clock.advance(timedelta(minutes=1))
    await reader.read([ACME], deep=DEEP)
    assert "'Old Access'" in faulty.last_query("sets")


@pytest.mark.parametrize(
    ("right", "whole"), [("ViewAllUsers", True), ("ManageUsers", True), ("ViewSetup", False)]
)
async def test_the_reach_is_whole_only_where_all_users_are_seen(
    faulty: FakeOrg, right: str, whole: bool
) -> None:
    faulty.parts["rights"] = rights(right)
    faulty.parts["user"] = rows(user_row(IsActive=False))
    found = (await deepened(faulty)).reach
    assert isinstance(found, Read)
    assert found.value.whole is whole


@pytest.mark.parametrize("part", ["users", "sets", "groups"])
async def test_half_of_the_names_are_none(faulty: FakeOrg, part: str) -> None:
    faulty.refused[part] = error("INVALID_TYPE", "not supported")
    evidence = await deepened(faulty)
    assert isinstance(evidence.names, Unreadable)
    assert isinstance(evidence.reach, Read)


async def test_a_call_that_fails_leaves_all_three_unreadable(faulty: FakeOrg) -> None:
    faulty.answer = lambda request: (
        faulty.json(503, error("SERVER_UNAVAILABLE")) if b'"reach"' in request.content else None
    )
    evidence = await deepened(faulty)
    assert all(isinstance(p, Unreadable) for p in (evidence.names, evidence.named_sets, evidence.reach))
    assert isinstance(evidence.audit, Read)


async def test_many_sick_accounts_with_long_names_fit_one_address(faulty: FakeOrg) -> None:
    connections = [
        Connection(f"C{n}", "acme", f"c{n}@acme.example", f"C{n}", user_id=f"005{n:012d}AAA")
        for n in range(12)
    ]
    faulty.parts |= {
        "user": rows(
            *(
                user_row(Id=c.user_id, Username=c.service_account, Name="連携" * 30 + c.name, IsActive=False)
                for c in connections
            )
        ),
        "grants": rows(*(grant_row(AssigneeId=c.user_id) for c in connections)),
    }
    await faulty.reader().read(connections, deep={c.name: START - timedelta(days=7) for c in connections})
    sizes = [
        len(p["url"])
        for r in faulty.data_calls()
        if r.url.path.endswith("/composite")
        for p in faulty._asked(r)
    ]
    assert max(sizes) < 16_384
    assert "users" in faulty.sent_queries()


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("a_b", "'a\\_b%'"),
        ("100%", "'100\\%%'"),
        ("o'brien", "'o\\'brien%'"),
        ("back\\slash", "'back\\\\slash%'"),
    ],
)
def test_wildcards_and_quotes_in_a_name_stand_for_themselves(name: str, pattern: str) -> None:
    assert queries.starting(name) == pattern
