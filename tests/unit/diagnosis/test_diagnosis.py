"""One evidence held against every cause."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence import (
    ago,
    connection,
    evidence,
    history,
    login,
    profile,
    rate_exceeded,
    trail,
    unfroze,
    unreadable,
    user,
)
from tui.connections.finding import Sign
from tui.diagnosis.diagnose import diagnose

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
