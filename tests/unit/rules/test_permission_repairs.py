"""How missing permissions are given back over the API."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.evidence import (
    ACCOUNT,
    NEEDED,
    PROFILE,
    PROFILE_ID,
    USER_ID,
    ago,
    audit_row,
    connection,
    evidence,
    permission_set,
    permission_taken,
    profile,
    subject,
    trail,
    unreadable,
    user,
)
from tui.causes.permissions_missing import CAUSE
from tui.connections.evidence import AuditRow, Dependency, Evidence, Reach
from tui.connections.finding import Finding
from tui.connections.repair import PROFILE_NAME, Create, NoRepair, Repair, Update
from tui.rules.permission_repairs import SET_LABEL, SET_NAME
from tui.rules.required_permissions import REQUIREMENTS

DEPENDENCIES = (
    Dependency("CustomizeApplication", "ManageCustomPermissions"),
    Dependency("CustomizeApplication", "ViewSetup"),
    Dependency("ViewSetup", "ViewRoles"),
    Dependency("ViewRoles", "ViewSetup"),
)
STANDARD = {"user": user(profile_name="System Administrator")}


def reading(*grants: object, **parts: Any) -> Evidence:
    return evidence(**({"grants": grants, "dependencies": DEPENDENCIES} | parts))


def repair(of: Evidence) -> Repair:
    offer = offered(of)
    assert isinstance(offer, Repair)
    return offer


def offered(of: Evidence) -> Repair | NoRepair:
    finding = CAUSE.examine(connection(), of, REQUIREMENTS)
    assert isinstance(finding, Finding)
    return CAUSE.repair(finding, subject(of))


def test_a_custom_profile_gets_the_permission_with_all_it_depends_on() -> None:
    (change,) = repair(reading(profile("ApiEnabled", "ViewDataLeakageEvents"))).changes
    assert isinstance(change, Update)
    assert (change.object, change.id, change.label) == ("Profile", PROFILE_ID, f"profile {PROFILE}")
    assert change.after == dict.fromkeys(
        (
            "PermissionsCustomizeApplication",
            "PermissionsManageCustomPermissions",
            "PermissionsViewRoles",
            "PermissionsViewSetup",
        ),
        True,
    )
    assert change.before == dict.fromkeys(change.after, False)


def test_what_the_profile_has_already_is_left_alone() -> None:
    (change,) = repair(
        reading(profile("ApiEnabled", "ViewDataLeakageEvents", "ViewSetup", "ViewRoles"))
    ).changes
    assert isinstance(change, Update)
    assert set(change.after) == {"PermissionsCustomizeApplication", "PermissionsManageCustomPermissions"}


def test_what_another_grant_has_is_given_to_the_profile_too_if_needed_there() -> None:
    grants = (profile("ApiEnabled", "ViewDataLeakageEvents"), permission_set("ViewSetup"))
    (change,) = repair(reading(*grants)).changes
    assert isinstance(change, Update)
    assert "PermissionsViewSetup" in change.after


def test_permissions_that_the_org_does_not_know_are_left_out() -> None:
    (change,) = repair(reading(profile("ApiEnabled", "ViewDataLeakageEvents"), fields=NEEDED)).changes
    assert isinstance(change, Update)
    assert set(change.after) == {"PermissionsCustomizeApplication"}


def test_a_change_of_a_profile_needs_the_right_to_manage_profiles() -> None:
    assert repair(reading(profile("ApiEnabled"))).needs == (("ManageProfilesPermissionsets",),)


@pytest.mark.parametrize(
    "of",
    [
        reading(profile("ApiEnabled", name="System Administrator"), **STANDARD),
        reading(permission_set("ApiEnabled")),
    ],
    ids=["a standard profile", "no row of the profile"],
)
def test_otherwise_a_permission_set_is_created_and_assigned(of: Evidence) -> None:
    offer = repair(of)
    created, assigned = offer.changes
    assert isinstance(created, Create)
    assert isinstance(assigned, Create)
    assert (created.object, created.fields["Name"]) == ("PermissionSet", SET_NAME)
    assert created.fields["PermissionsCustomizeApplication"] is True
    assert created.fields["PermissionsViewRoles"] is True
    assert assigned.fields == {"AssigneeId": USER_ID, "PermissionSetId": f"@{{{created.name}}}"}
    assert ACCOUNT in assigned.label
    assert offer.needs == (("ManageProfilesPermissionsets",), ("AssignPermissionSets", "ManageUsers"))


def test_documented_dependencies_hold_where_the_orgs_list_was_not_read() -> None:
    (change,) = repair(reading(profile("ApiEnabled", "ViewDataLeakageEvents"), dependencies=None)).changes
    assert isinstance(change, Update)
    assert "PermissionsViewRoles" in change.after


def taken_from_set(label: str, minutes: float = 5, name: str = "Incydr Access") -> AuditRow:
    return audit_row(
        "PermSetDisableUserPerm", f"Changed permission set {name}: {label} was changed", ago(minutes=minutes)
    )


def test_what_was_taken_from_a_set_goes_back_to_that_set() -> None:
    grants = (profile("ApiEnabled"), permission_set("ViewDataLeakageEvents"))
    of = reading(*grants, audit=trail(taken_from_set("Customize Application")))
    (change,) = repair(of).changes
    assert isinstance(change, Update)
    assert (change.object, change.label) == ("PermissionSet", "permission set Incydr Access")
    assert change.after["PermissionsCustomizeApplication"] is True


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        ((taken_from_set("Customize Application", name="Another Set"),), {}),
        ((taken_from_set("Customize Application"), permission_taken("Customize Application", ago())), {}),
        ((taken_from_set("Customize Application"),), {"expires": ago(days=1)}),
    ],
    ids=["another set", "taken from the profile after", "a set out of force"],
)
def test_otherwise_it_goes_to_the_profile(rows: tuple[AuditRow, ...], more: dict[str, Any]) -> None:
    grants = (profile("ApiEnabled", "ViewDataLeakageEvents"), permission_set("RunReports", **more))
    (change,) = repair(reading(*grants, audit=trail(*rows))).changes
    assert isinstance(change, Update)
    assert change.object == "Profile"


def test_permissions_taken_from_different_places_go_to_the_profile_together() -> None:
    grants = (profile("ApiEnabled"), permission_set("RunReports"))
    rows = trail(
        taken_from_set("Customize Application"),
        permission_taken("View Real-Time Event Monitoring Data", ago(minutes=9)),
    )
    (change,) = repair(reading(*grants, audit=rows)).changes
    assert isinstance(change, Update)
    assert change.object == "Profile"


def test_our_own_set_that_is_assigned_already_is_completed() -> None:
    own = profile("ApiEnabled", name="System Administrator")
    of = reading(own, permission_set("CustomizeApplication", name=SET_LABEL), **STANDARD)
    (change,) = repair(of).changes
    assert isinstance(change, Update)
    assert (change.object, change.id) == ("PermissionSet", "0PS000000000002AAA")
    assert change.after == {"PermissionsViewDataLeakageEvents": True}


def test_our_own_set_that_has_expired_is_no_help() -> None:
    own = profile("ApiEnabled", name="System Administrator")
    ours = permission_set(*NEEDED, name=SET_LABEL, expires=ago(days=1))
    assert isinstance(repair(reading(own, ours, **STANDARD)).changes[0], Create)


@pytest.mark.parametrize("nobody", [{"user": unreadable()}])
def test_without_the_users_id_there_is_no_repair(nobody: dict[str, Any]) -> None:
    assert isinstance(offered(reading(profile("ApiEnabled"), **nobody)), NoRepair)


def test_without_a_reading_there_is_no_repair() -> None:
    finding = CAUSE.examine(connection(), reading(profile("ApiEnabled")), REQUIREMENTS)
    assert isinstance(finding, Finding)
    assert isinstance(CAUSE.repair(finding, subject()), NoRepair)


def ways(of: Evidence, **org: Any) -> tuple[Repair, Repair | None]:
    finding = CAUSE.examine(connection(), of, REQUIREMENTS)
    assert isinstance(finding, Finding)
    first = CAUSE.repair(finding, subject(of, **org))
    assert isinstance(first, Repair)
    return first, CAUSE.alternative(finding, subject(of, **org))


LOST = profile("ApiEnabled", "ViewDataLeakageEvents")
ON_PROFILE, BY_SET = f"Grant on {PROFILE}", "Grant by a permission set"


@pytest.mark.parametrize(
    ("reach", "accounts", "order", "said"),
    [
        (Reach(PROFILE_ID, 1), 1, (ON_PROFILE, BY_SET), "1 user gets these permissions."),
        (Reach(PROFILE_ID[:15], 3), 3, (ON_PROFILE, BY_SET), "3 users get these permissions."),
        (Reach(PROFILE_ID, 0), 1, (ON_PROFILE, BY_SET), "0 users get these permissions."),
        (Reach(PROFILE_ID, 2), 1, (BY_SET, ON_PROFILE), "2 users get these permissions."),
        (Reach(PROFILE_ID, 1_312), 3, (BY_SET, ON_PROFILE), "1,312 users get these permissions."),
        (
            Reach(PROFILE_ID, 12, whole=False),
            1,
            (BY_SET, ON_PROFILE),
            "at least 12 users get these permissions.",
        ),
        (
            Reach(PROFILE_ID, 1, whole=False),
            1,
            (ON_PROFILE, BY_SET),
            "at least 1 user gets these permissions.",
        ),
        (
            Reach("00e000000000009AAA", 312),
            1,
            (ON_PROFILE, BY_SET),
            "it could not be read how many users get these permissions.",
        ),
        (None, 1, (ON_PROFILE, BY_SET), "it could not be read how many users get these permissions."),
        (unreadable(), 1, (ON_PROFILE, BY_SET), "it could not be read how many users get these permissions."),
    ],
)
def test_a_profile_that_others_have_too_comes_after_the_set_and_its_name_is_typed(
    reach: Any, accounts: int, order: tuple[str, str], said: str
) -> None:
    first, other = ways(reading(LOST, reach=reach), accounts=accounts)
    assert other is not None
    assert (first.title, other.title) == order
    on_profile, by_set = sorted((first, other), key=lambda way: way.title != ON_PROFILE)
    assert on_profile.notes == (f"Profile {PROFILE}: {said}",)
    assert (by_set.notes, by_set.confirm) == ((), None)
    typed = (PROFILE, PROFILE_NAME) if on_profile is other else (None, "username")
    assert (on_profile.confirm, on_profile.confirm_what) == typed


def test_one_permission_is_one() -> None:
    of = reading(LOST, reach=Reach(PROFILE_ID, 312), fields=NEEDED)
    _, other = ways(of)
    assert other is not None
    assert other.notes == (f"Profile {PROFILE}: 312 users get this permission.",)


@pytest.mark.parametrize(
    ("name", "custom", "changes_it"),
    [
        ("System Administrator", None, False),
        ("System Administrator", False, False),
        ("Systemadministrator", False, False),
        ("System Administrator", True, True),
        (PROFILE, None, True),
        (PROFILE, False, False),
    ],
)
def test_whether_a_profile_is_salesforces_own_is_read_and_only_else_known_by_name(
    name: str, custom: bool | None, changes_it: bool
) -> None:
    own = profile("ApiEnabled", "ViewDataLeakageEvents", name=name, custom=custom)
    first, _ = ways(reading(own, user=user(profile_name=name)))
    assert (first.title == f"Grant on {name}") is changes_it


REVOKED = permission_set("CustomizeApplication", name="Partner Access", revoked=True)


@pytest.mark.parametrize(
    ("grants", "named"),
    [
        ((LOST, REVOKED), "Partner Access"),
        ((permission_set("ApiEnabled"), REVOKED), "Partner Access"),
        ((LOST, permission_set(*NEEDED, name=SET_LABEL, revoked=True)), SET_LABEL),
        ((LOST, permission_set("ApiEnabled", name=SET_LABEL, revoked=True)), SET_LABEL),
        ((LOST, permission_set("ApiEnabled", name="Another", revoked=True)), ""),
        ((LOST, permission_set("CustomizeApplication", name="Old", active=False)), ""),
        ((LOST, permission_set("CustomizeApplication", name="Old", expires=ago(days=1))), ""),
    ],
)
def test_what_an_access_policy_revoked_is_not_given_back_unasked(grants: tuple[Any, ...], named: str) -> None:
    for way in ways(reading(*grants, reach=Reach(PROFILE_ID, 1))):
        if way is None:
            continue
        said = [note for note in way.notes if "access policy" in note]
        assert len(said) == bool(named)
        assert way.confirm == (ACCOUNT if named else None)
        assert all(named in note for note in said)


def test_a_set_carries_its_own_last_change_into_the_offer_and_a_profile_does_not() -> None:
    ours = permission_set("ApiEnabled", name=SET_LABEL, last_modified=ago(days=3))
    own = replace(LOST, permissions=("ApiEnabled",), last_modified=ago(days=2))
    on_profile, by_set = ways(reading(own, ours))
    assert by_set is not None
    (first,), (second,) = on_profile.changes, by_set.changes
    assert isinstance(first, Update)
    assert isinstance(second, Update)
    # Whether a profile's own set moves with the profile is not known.
    assert (first.changed_at, second.changed_at) == (None, ago(days=3))
