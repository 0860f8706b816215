"""Who took a permission, and who gave it back."""

import pytest

from tests.evidence import (
    NEEDED,
    NOW,
    USER_ID,
    ago,
    audit_row,
    connection,
    evidence,
    group,
    permission_set,
    permission_taken,
    profile,
    trail,
    unreadable,
)
from tui.causes.permissions_missing import CAUSE
from tui.connections.evidence import AuditRow, Evidence, Grant
from tui.connections.finding import EXPIRY, Past
from tui.rules.lost_permissions import lost
from tui.rules.required_permissions import REQUIREMENTS

API = REQUIREMENTS[0]
ID = f"(UserID: [{USER_ID[:15]}])"


def on_profile(minutes: float, label: str = "API Enabled") -> AuditRow:
    return permission_taken(label, ago(minutes=minutes))


def on_set(action: str, minutes: float, name: str = "Incydr Access", label: str = "API Enabled") -> AuditRow:
    return audit_row(action, f"Changed permission set {name}: {label} was changed", ago(minutes=minutes))


def assignment(action: str, minutes: float, name: str = "Incydr Access") -> AuditRow:
    return audit_row(action, f"Permission set {name}, user Incydr Service {ID}", ago(minutes=minutes))


def other_profile(
    minutes: float, text: str = "Changed profile for user Incydr Service from A to B"
) -> AuditRow:
    return audit_row("changedprofileforusercusttostd", text, ago(minutes=minutes))


def reading(*rows: AuditRow, grants: tuple[Grant, ...] = (profile("RunReports"),)) -> Evidence:
    return evidence(grants=grants, audit=trail(*rows))


def past(*rows: AuditRow, grants: tuple[Grant, ...] = (profile(),)) -> Past | None:
    return CAUSE.past(connection(), reading(*rows, grants=grants), REQUIREMENTS)


def test_a_row_with_profile_and_label_is_certain() -> None:
    actor = lost(reading(on_profile(5)), API)
    assert actor is not None
    assert (actor.name, actor.at, actor.certain) == ("Jane Doe", ago(minutes=5), True)


@pytest.mark.parametrize(
    "row",
    [
        on_profile(5, label="Customize Application"),
        permission_taken("API Enabled", ago(minutes=5), profile_name="Sales"),
        on_set("PermSetDisableUserPerm", 5),
        audit_row("PermSetUnassign", "Permission set X, user Other (UserID: [005000000000002])", NOW),
    ],
    ids=["another permission", "another profile", "a set he does not have", "another user"],
)
def test_a_row_about_something_else_says_nothing(row: AuditRow) -> None:
    assert lost(reading(row), API) is None


def test_a_row_about_a_set_of_the_user_is_certain() -> None:
    grants = (profile("RunReports"), permission_set("RunReports"))
    actor = lost(reading(on_set("PermSetDisableUserPerm", 5), grants=grants), API)
    assert actor is not None
    assert actor.certain


def test_where_the_user_has_a_group_a_set_inside_it_is_probable() -> None:
    grants = (profile("RunReports"), group("RunReports"))
    actor = lost(reading(on_set("PermSetDisableUserPerm", 5, name="Part"), grants=grants), API)
    assert actor is not None
    assert not actor.certain


@pytest.mark.parametrize(
    ("text", "certain"), [("Changed profile for Incydr Service", False), (f"x {ID}", True)]
)
def test_another_profile_for_the_user_explains_it(text: str, certain: bool) -> None:
    actor = lost(reading(on_profile(50), other_profile(5, text)), API)
    assert actor is not None
    assert (actor.at, actor.certain) == (ago(minutes=5), certain)


@pytest.mark.parametrize("action", ["PermSetUnassign", "PermSetGroupUnassign"])
def test_an_assignment_taken_away_is_probable(action: str) -> None:
    actor = lost(reading(assignment(action, 5)), API)
    assert actor is not None
    assert (actor.at, actor.certain) == (ago(minutes=5), False)


def test_a_row_about_the_permission_outweighs_a_later_lost_assignment() -> None:
    actor = lost(reading(on_profile(50), assignment("PermSetUnassign", 5)), API)
    assert actor is not None
    assert actor.at == ago(minutes=50)


def test_an_assignment_that_ran_out_was_lost_by_expiry() -> None:
    grants = (profile("RunReports"), permission_set("ApiEnabled", expires=ago(minutes=7)))
    actor = lost(reading(grants=grants), API)
    assert actor is not None
    assert (actor.name, actor.username, actor.at) == (EXPIRY, None, ago(minutes=7))


def test_the_later_of_expiry_and_row_is_the_loss() -> None:
    grants = (profile("RunReports"), permission_set("ApiEnabled", expires=ago(minutes=7)))
    before, after = (
        lost(reading(on_profile(9), grants=grants), API),
        lost(reading(on_profile(2), grants=grants), API),
    )
    assert before is not None
    assert after is not None
    assert (before.name, after.name) == (EXPIRY, "Jane Doe")


def test_a_row_that_names_nobody_still_dates_the_loss() -> None:
    row = audit_row("changedprofileforuser", f"x {ID}", ago(minutes=5), by=None)
    actor = lost(reading(row), API)
    assert actor is not None
    assert (actor.at, actor.certain) == (ago(minutes=5), False)


def test_taken_from_and_given_back_to_the_profile_is_past() -> None:
    was = past(on_profile(60), on_profile(30))
    assert was is not None
    assert was.repaired_by is not None
    assert (was.finding.since, was.repaired_by.at) == (ago(minutes=60), ago(minutes=30))
    assert was.finding.missing == ("ApiEnabled",)


def test_a_permission_that_was_only_ever_given_has_no_past() -> None:
    assert past(on_profile(30)) is None


def test_taken_from_the_profile_and_given_by_a_set_is_past() -> None:
    grants = (profile("CustomizeApplication", "ViewDataLeakageEvents"), permission_set("ApiEnabled"))
    was = past(on_profile(60), assignment("PermSetAssign", 30), grants=grants)
    assert was is not None
    assert was.repaired_by is not None
    assert (was.finding.since, was.repaired_by.at) == (ago(minutes=60), ago(minutes=30))


def test_moved_from_the_profile_to_a_set_was_never_lost() -> None:
    grants = (profile("CustomizeApplication", "ViewDataLeakageEvents"), permission_set("ApiEnabled"))
    assert past(on_profile(30), assignment("PermSetAssign", 60), grants=grants) is None


def test_what_another_grant_carried_all_along_was_never_lost() -> None:
    assert past(on_profile(60), on_profile(30), grants=(profile(), permission_set("ApiEnabled"))) is None


def test_taken_from_and_given_back_to_a_set_is_past() -> None:
    grants = (profile("RunReports"), permission_set(*NEEDED))
    rows = (on_set("PermSetDisableUserPerm", 60), on_set("PermSetEnableUserPerm", 30))
    was = past(*rows, grants=grants)
    assert was is not None
    assert was.finding.since == ago(minutes=60)


def test_unassigned_and_assigned_again_is_past() -> None:
    grants = (profile("RunReports"), group(*NEEDED, name="Incydr Access"))
    rows = (assignment("PermSetGroupUnassign", 60), assignment("PermSetGroupAssign", 30))
    was = past(*rows, grants=grants)
    assert was is not None
    assert was.finding.since == ago(minutes=60)


def test_two_changes_of_profile_are_past() -> None:
    was = past(other_profile(60), other_profile(30))
    assert was is not None
    assert was.finding.since == ago(minutes=60)


def test_the_newest_of_several_episodes_is_told() -> None:
    label = "Customize Application"
    was = past(on_profile(90), on_profile(80), on_profile(60, label), on_profile(30, label))
    assert was is not None
    assert was.finding.missing == ("CustomizeApplication",)


def test_unreadable_grants_have_no_past() -> None:
    assert CAUSE.past(connection(), evidence(grants=unreadable()), REQUIREMENTS) is None


def test_rows_name_nobody_where_the_user_is_unread() -> None:
    assert (
        lost(evidence(user=unreadable(), grants=(profile("X"),), audit=trail(other_profile(5))), API) is None
    )
