"""What changed between two readings, in words."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.evidence import (
    APP,
    JANE,
    NEEDED,
    OPERATOR,
    activated,
    ago,
    connection,
    deactivated,
    evidence,
    froze,
    history,
    login,
    permission_set,
    permission_taken,
    profile,
    signed_in,
    streams,
    switched,
    trail,
    unfroze,
    unreadable,
    user,
)
from tui.base.limits import STREAMS
from tui.connections.evidence import Evidence, Token
from tui.diagnosis.diagnose import diagnose
from tui.diagnosis.differences import differences

EARLIER = ago(minutes=5)
HAPPENED = ago(minutes=3)
FROZEN = login(frozen=True, modified=HAPPENED)
NO_REPORT = streams(*STREAMS[:2], off=STREAMS[2:])


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, object]]:
    old, new = evidence(now=EARLIER, **before), evidence(**after)
    return [(fact.text, fact.at) for fact in differences(old, new, diagnose(connection(), new))]


def words(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [text for text, _ in told(before, after)]


def test_two_equal_readings_differ_in_nothing() -> None:
    assert told({}, {}) == []


def test_a_freeze_names_who_and_when() -> None:
    after = {"freeze": FROZEN, "audit": trail(froze(HAPPENED))}
    assert told({}, after) == [("Jane Doe froze the user", HAPPENED)]


def test_what_the_operator_did_stands_under_the_name_of_his_other_acts() -> None:
    after = {"freeze": FROZEN, "audit": trail(froze(HAPPENED, ("Alex Kim", OPERATOR)))}
    assert told({}, after) == [(f"{OPERATOR} froze the user", HAPPENED)]


def test_without_a_row_it_says_what_happened() -> None:
    assert told({}, {"freeze": FROZEN}) == [("the user was frozen", HAPPENED)]


def test_a_row_of_long_ago_is_not_about_this_change() -> None:
    rows = trail(deactivated(ago(days=2)))
    assert words({}, {"user": user(is_active=False, last_modified=HAPPENED), "audit": rows}) == [
        "the user was deactivated"
    ]


def test_a_namesake_makes_it_probable() -> None:
    after = {"freeze": FROZEN, "audit": trail(froze(HAPPENED - timedelta(minutes=2)))}
    assert words({}, after) == ["probably Jane Doe froze the user"]


def test_behind_a_login_as_the_administrator_is_named() -> None:
    row = replace(froze(HAPPENED), delegate="tom@acme.example")
    assert words({}, {"freeze": FROZEN, "audit": trail(row)}) == [
        "tom@acme.example, signed in as Jane Doe, froze the user"
    ]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (
            {"freeze": login(frozen=True)},
            {"freeze": login(modified=HAPPENED), "audit": trail(unfroze(HAPPENED))},
            "Jane Doe unfroze the user",
        ),
        (
            {"user": user(is_active=False)},
            {"user": user(last_modified=HAPPENED), "audit": trail(activated(HAPPENED))},
            "Jane Doe reactivated the user",
        ),
        (
            {},
            {"user": user(is_active=False), "audit": trail(deactivated(HAPPENED))},
            "Jane Doe deactivated the user",
        ),
        (
            {},
            {
                "grants": (profile("CustomizeApplication", NEEDED[2], "ManagePvtRptsAndDashbds"),),
                "audit": trail(permission_taken("API Enabled", HAPPENED)),
            },
            "Jane Doe took API Enabled",
        ),
        (
            {},
            {"streams": NO_REPORT, "audit": trail(switched(STREAMS[2], HAPPENED))},
            "Jane Doe switched ReportEventStream off",
        ),
        (
            {"streams": NO_REPORT},
            {"audit": trail(switched(STREAMS[2], HAPPENED))},
            "Jane Doe switched ReportEventStream on",
        ),
    ],
    ids=["unfreeze", "reactivation", "deactivation", "permission", "streaming off", "streaming on"],
)
def test_who_did_it_is_told(before: dict[str, Any], after: dict[str, Any], text: str) -> None:
    assert told(before, after) == [(text, HAPPENED)]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({}, {"user": None}, "the user is gone"),
        ({"user": None}, {}, "the user is there again"),
        (
            {},
            {"user": user(username="new@acme.example")},
            "the user incydr.svc@acme.example was renamed to new@acme.example",
        ),
        (
            {},
            {"user": user(profile_id="00e2", profile_name="Read Only")},
            "the user's profile changed from Incydr Integration to Read Only",
        ),
        ({}, {"freeze": replace(login(), is_password_locked=True)}, "the user's password was locked"),
        ({"freeze": replace(login(), is_password_locked=True)}, {}, "the password lock is gone"),
        (
            {"grants": (profile(), permission_set())},
            {},
            "the permission set Incydr Access is no longer assigned",
        ),
        ({}, {"grants": (profile(), permission_set())}, "the permission set Incydr Access was assigned"),
        (
            {"grants": (profile(), permission_set(expires=ago(minutes=4)))},
            {"grants": (profile(), permission_set(expires=ago(minutes=4)))},
            "the assignment of Incydr Access expired",
        ),
        ({}, {"tokens": ()}, "Incydr lost an approval"),
        ({"tokens": ()}, {"tokens": (Token(APP, created=HAPPENED),)}, "Incydr was authorised"),
        (
            {},
            {"sign_ins": history(signed_in(), signed_in(APP, "Restricted IP", at=HAPPENED))},
            "Salesforce refused a sign-in by Incydr: Restricted IP",
        ),
    ],
)
def test_what_happened_is_told_where_nobody_is_known(
    before: dict[str, Any], after: dict[str, Any], text: str
) -> None:
    assert words(before, after) == [text]


@pytest.mark.parametrize("part", ["user", "freeze", "grants", "streams", "tokens", "sign_ins"])
def test_a_part_that_could_not_be_read_shows_no_difference(part: str) -> None:
    assert told({part: unreadable()}, {}) == []
    assert told({}, {part: unreadable()}) == []


def test_refusals_that_go_on_are_told_once() -> None:
    before = {"sign_ins": history(signed_in(APP, "Restricted IP", at=EARLIER))}
    after = {"sign_ins": history(signed_in(APP, "Restricted IP", at=HAPPENED))}
    assert words(before, after) == []


def test_differences_come_in_the_order_of_time() -> None:
    rows = trail(froze(ago(minutes=2)), deactivated(ago(minutes=4), by=JANE))
    after = {
        "freeze": login(frozen=True, modified=ago(minutes=2)),
        "user": user(is_active=False),
        "audit": rows,
    }
    assert words({}, after) == ["Jane Doe deactivated the user", "Jane Doe froze the user"]


def test_the_age_of_a_reading_is_no_difference() -> None:
    old: Evidence = evidence(now=EARLIER)
    assert differences(old, evidence(), diagnose(connection(), evidence())) == ()
