"""Each permission with its sources, and what muting and groups do to it."""

from typing import Any

import pytest

from tests.evidence import (
    FIELDS,
    NEEDED,
    ago,
    audit_row,
    connection,
    evidence,
    group,
    permission_set,
    permission_taken,
    profile,
    subject,
    trail,
    unreadable,
)
from tests.offers import repair_for
from tui.connections.evidence import AuditRow, Component, Evidence, Grant, Unreadable
from tui.connections.finding import Finding, How, Source
from tui.connections.finding import PermissionLine as Line
from tui.connections.repair import Repair, Update
from tui.diagnosis.diagnose import diagnose
from tui.diagnosis.permission_table import permission_lines
from tui.rules.required_permissions import REQUIREMENTS

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
