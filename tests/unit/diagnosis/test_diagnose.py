"""One evidence held against every cause."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence import (
    FIELDS,
    NEEDED,
    ago,
    audit_row,
    connection,
    evidence,
    group,
    history,
    login,
    permission_set,
    permission_taken,
    profile,
    rate_exceeded,
    repair_for,
    subject,
    trail,
    unfroze,
    unreadable,
    user,
)
from tui.connections.evidence import AuditRow, Component, Evidence, Grant, Unreadable
from tui.connections.finding import Finding, How, Sign, Source
from tui.connections.finding import PermissionLine as Line
from tui.connections.repair import Repair, Update
from tui.diagnosis.diagnose import diagnose, permission_lines
from tui.rules.required_permissions import REQUIREMENTS

SICK: dict[str, Any] = {
    "user": user(is_active=False),
    "freeze": login(frozen=True),
    "grants": (profile("ApiEnabled"),),
    "sign_ins": history(rate_exceeded(ago(minutes=5))),
}


def test_a_healthy_connection_has_no_findings() -> None:
    found = diagnose(connection(), evidence())
    assert (found.findings, found.undetermined, found.warnings, found.past) == ((), (), (), ())
    assert set(found.signs.values()) <= {Sign.GOOD, Sign.INFO}


def test_several_causes_are_all_found_in_the_order_of_repair() -> None:
    found = diagnose(connection(), evidence(**SICK))
    assert found.causes == ("user_deactivated", "user_frozen", "permissions_missing")


def test_without_a_freeze_the_quota_stands_between_them() -> None:
    found = diagnose(connection(), evidence(**(SICK | {"freeze": login()})))
    assert found.causes == ("user_deactivated", "login_rate_exceeded", "permissions_missing")


def test_a_missing_user_is_the_only_cause() -> None:
    found = diagnose(connection(), evidence(user=None, freeze=None, grants=(), sign_ins=history()))
    assert (found.causes, found.undetermined) == (("service_account_missing",), ())


def test_an_unreadable_user_leaves_two_causes_open_that_block() -> None:
    found = diagnose(connection(), evidence(user=unreadable("needs Manage Users")))
    assert [each.cause for each in found.undetermined if each.blocks] == [
        "service_account_missing",
        "user_deactivated",
    ]


def test_warnings_and_what_is_past_are_collected_beside() -> None:
    found = diagnose(
        connection(),
        evidence(user=user(username="new@acme.example"), audit=trail(unfroze(ago(hours=1)))),
    )
    assert len(found.warnings) == 1
    assert [each.finding.cause for each in found.past] == ["user_frozen"]


def test_a_cause_that_is_present_is_not_past_as_well() -> None:
    found = diagnose(connection(), evidence(freeze=login(frozen=True), audit=trail(unfroze(ago(hours=1)))))
    assert found.past == ()


@pytest.mark.parametrize("part", ["user", "freeze", "grants", "sign_ins"])
def test_every_part_that_causes_look_at_can_leave_one_open(part: str) -> None:
    parts: dict[str, Any] = {part: unreadable("no answer")}
    assert diagnose(connection(), evidence(**parts)).undetermined


@given(st.sets(st.sampled_from(["user", "freeze", "grants", "sign_ins", "fields", "audit"])), st.booleans())
def test_evidence_taken_away_never_turns_an_open_or_present_cause_absent(lost: set[str], sick: bool) -> None:
    whole: dict[str, Any] = dict(SICK if sick else {}, audit=trail())
    before = diagnose(connection(), evidence(**whole))
    after = diagnose(connection(), evidence(**(whole | {name: unreadable() for name in lost})))
    open_or_present = set(after.causes) | {each.cause for each in after.undetermined}
    assert set(before.causes) <= open_or_present


GROUP_ID = "0PG000000000001AAA"
MEMBER = Component(GROUP_ID, "0PS000000000004AAA", "Incydr Access", ("ApiEnabled",))
MUTING = Component(GROUP_ID, "0QM000000000001AAA", muting=True)
LOW = profile("CustomizeApplication", "ViewDataLeakageEvents")


def line(name: str = "ApiEnabled", **parts: Any) -> Line:
    lines = permission_lines(evidence(**parts), REQUIREMENTS)
    assert not isinstance(lines, Unreadable)
    return next(each for each in lines if each.requirement.name == name)


def finding(of: Evidence) -> Finding:
    (found,) = diagnose(connection(), of).findings
    return found


def taken(set_name: str) -> AuditRow:
    text = f"Changed permission set {set_name}: API Enabled was changed from enabled to disabled"
    return audit_row("PermSetDisableUserPerm", text, ago(minutes=5))


def test_every_requirement_has_its_line_in_their_order() -> None:
    lines = permission_lines(evidence(), REQUIREMENTS)
    assert not isinstance(lines, Unreadable)
    assert tuple(each.requirement.name for each in lines) == FIELDS


def test_all_grants_that_carry_it_are_its_sources() -> None:
    end = ago(days=-3)
    found = line(grants=(profile(), permission_set("ApiEnabled", expires=end), group(*NEEDED)))
    assert found.held is True
    assert found.sources == (
        Source("profile", "Incydr Integration", How.IN_FORCE),
        Source("set", "Incydr Access", How.IN_FORCE, end),
        Source("group", "Incydr Group", How.IN_FORCE),
    )


@pytest.mark.parametrize(
    ("grant", "how"),
    [
        (permission_set("ApiEnabled", expires=ago(days=1)), How.EXPIRED),
        (permission_set("ApiEnabled", revoked=True), How.REVOKED),
        (permission_set("ApiEnabled", session_based=True), How.SESSION),
        (permission_set("ApiEnabled", active=False), How.INACTIVE),
        (group("ApiEnabled", status="Updating"), How.PENDING),
    ],
)
def test_a_grant_that_does_not_count_says_why(grant: Grant, how: How) -> None:
    (source,) = line(grants=(LOW, grant)).sources
    assert source.how is how


def test_who_took_it_stands_beside_what_is_missing() -> None:
    rows = trail(permission_taken("API Enabled", ago(minutes=5)))
    found = line(grants=(LOW,), audit=rows)
    assert found.lost is not None
    assert (found.held, found.lost.name, found.lost.at) == (False, "Jane Doe", ago(minutes=5))


def test_what_cannot_be_told_has_its_reason() -> None:
    found = line(grants=(LOW,), fields=unreadable("no answer"))
    assert (found.held, found.lost) == (None, None)
    assert "no answer" in found.reason


def test_unreadable_grants_have_no_lines() -> None:
    assert permission_lines(evidence(grants=unreadable("why")), REQUIREMENTS) == ()


def test_what_a_member_of_a_calculated_group_carries_and_the_group_does_not_is_muted() -> None:
    parts: dict[str, Any] = {"grants": (LOW, group("RunReports")), "components": (MEMBER, MUTING)}
    assert line(**parts).sources == (Source("group", "Incydr Group", How.MUTED),)
    facts = finding(evidence(**parts)).facts
    assert any(fact.text == "the permission set group Incydr Group mutes API Enabled" for fact in facts)


def test_in_a_group_that_is_not_calculated_nothing_is_called_muted() -> None:
    parts: dict[str, Any] = {
        "grants": (LOW, group("RunReports", status="Updating")),
        "components": (MEMBER, MUTING),
    }
    assert line(**parts).sources == ()


def test_a_row_about_a_set_inside_the_group_is_certain() -> None:
    found = finding(
        evidence(grants=(LOW, group("RunReports")), components=(MEMBER,), audit=trail(taken("Incydr Access")))
    )
    assert found.by is not None
    assert found.by.certain


def test_a_row_about_a_set_outside_the_group_says_nothing() -> None:
    found = finding(
        evidence(grants=(LOW, group("RunReports")), components=(MEMBER,), audit=trail(taken("Sales Access")))
    )
    assert found.by is None


def test_what_was_taken_from_a_set_inside_the_group_goes_back_to_that_set() -> None:
    of = evidence(
        grants=(LOW, group("RunReports")),
        components=(Component(GROUP_ID, MEMBER.set_id, MEMBER.name),),
        audit=trail(taken("Incydr Access")),
    )
    offer = repair_for(finding(of), subject(of))
    assert isinstance(offer, Repair)
    (change,) = offer.changes
    assert isinstance(change, Update)
    assert (change.object, change.id) == ("PermissionSet", MEMBER.set_id)
