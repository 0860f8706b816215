"""What is well today and may not be tomorrow."""

from typing import Any

import pytest

from tests.evidence import (
    APP,
    NEEDED,
    NOW,
    OPERATOR,
    USER_ID,
    ago,
    connection,
    evidence,
    group,
    history,
    permission_set,
    profile,
    rate_exceeded,
    rights,
    signed_in,
    unreadable,
)
from tui.connections.connection import Connection
from tui.connections.evidence import FileEvents, Token
from tui.connections.finding import Fact
from tui.diagnosis import early_warnings
from tui.diagnosis.diagnose import diagnose
from tui.rules.required_permissions import REQUIREMENTS

IN_A_WEEK = ago(days=-7)


def warned(of: Connection | None = None, **parts: Any) -> tuple[Fact, ...]:
    return early_warnings.warnings(of or connection(), evidence(**parts), REQUIREMENTS)


def test_only_connection_warns_as_long_as_events_name_another_detector() -> None:
    alone = connection(tenant="main", only_connection=True)
    named = FileEvents(others=("Acme US",))
    (fact,) = warned(alone, events=named)
    assert "only_connection is suspended" in fact.text
    assert "Acme US" in fact.text
    assert warned(alone, events=FileEvents()) == warned(connection(tenant="main"), events=named) == ()


def only(**parts: Any) -> Fact:
    (fact,) = warned(**parts)
    return fact


def of_the_hour(count: int, minutes: float, app: str = APP) -> dict[str, Any]:
    """So many sign-ins, spread over the last minutes."""
    return {"sign_ins": history(signed_in(app, at=NOW, first=ago(minutes=minutes), count=count))}


def tokens(count: int, app: str = APP) -> tuple[Token, ...]:
    return tuple(Token(app, created=ago(days=day)) for day in range(1, count + 1))


def test_a_healthy_connection_has_none() -> None:
    assert warned() == ()


def test_a_permission_by_an_expiring_assignment_alone_is_told_with_its_end() -> None:
    grants = (profile("ApiEnabled", "CustomizeApplication"), permission_set(*NEEDED, expires=IN_A_WEEK))
    fact = only(grants=grants)
    assert fact.at == IN_A_WEEK
    assert fact.text.startswith("only Incydr Access gives View Real-Time Event Monitoring Data")


def test_one_that_a_lasting_grant_carries_too_is_not() -> None:
    assert warned(grants=(profile(), permission_set(*NEEDED, expires=IN_A_WEEK))) == ()


def test_the_later_of_two_ends_counts() -> None:
    sets = (permission_set(*NEEDED, expires=end) for end in (IN_A_WEEK, ago(days=-9)))
    assert {fact.at for fact in warned(grants=(profile("RunReports"), *sets))} == {ago(days=-9)}


def test_a_group_that_is_not_calculated_is_told_although_nothing_is_missing() -> None:
    assert (
        "Incydr Group is not calculated yet (Outdated)"
        in only(grants=(profile(), group(status="Outdated"))).text
    )


def test_a_group_whose_assignment_has_ended_is_not() -> None:
    assert warned(grants=(profile(), group(status="Outdated", expires=ago(days=1)))) == ()


def test_connections_that_share_an_account_are_told() -> None:
    (fact,) = warned(connection(shared=True))
    assert "other connections use this account" in fact.text


def test_other_applications_that_share_it_are_named() -> None:
    rows = history(signed_in(), signed_in("Data Loader", count=3), signed_in("Sync", count=9))
    assert only(sign_ins=rows).text.startswith("this account is also used by Sync, Data Loader")


@pytest.mark.parametrize(
    "row",
    [signed_in("Data Loader", "Invalid password"), signed_in("N/A"), signed_in("")],
    ids=["refused", "not named", "empty"],
)
def test_what_did_not_sign_in_or_has_no_name_shares_nothing(row: object) -> None:
    assert warned(sign_ins=history(signed_in(), row)) == ()  # type: ignore[arg-type]


def test_half_of_the_quota_is_told() -> None:
    assert only(**of_the_hour(1_800, 60)).text == "1,800 of 3,600 sign-ins of this hour are used"
    assert warned(**of_the_hour(1_799, 60)) == ()


def test_a_pace_that_reaches_the_quota_within_the_hour_is_told_with_the_moment() -> None:
    fact = only(**of_the_hour(1_200, 10))
    assert fact.at == ago(minutes=-20)
    assert "if this goes on" in fact.text


@pytest.mark.parametrize(("count", "minutes"), [(359, 5), (1_200, 4), (500, 10)])
def test_a_few_or_a_burst_or_a_slow_pace_is_not(count: int, minutes: float) -> None:
    assert warned(**of_the_hour(count, minutes)) == ()


def test_with_the_quota_used_up_the_cause_speaks_instead() -> None:
    rows = history(signed_in(), signed_in(at=NOW, first=ago(minutes=50), count=3_600), rate_exceeded(NOW))
    assert warned(sign_ins=rows) == ()


def test_four_approvals_of_the_app_are_told() -> None:
    assert only(tokens=tokens(4)).text.startswith("4 approvals of Incydr")
    assert warned(tokens=tokens(3)) == ()


def test_approvals_of_another_app_are_not() -> None:
    assert warned(tokens=tokens(5, "Data Loader")) == ()


def test_the_budget_of_calls_is_told_from_four_fifths_on() -> None:
    assert "12,000 of the org's 15,000" in only(api_used=12_000, api_limit=15_000).text
    assert warned(api_used=11_999, api_limit=15_000) == ()
    assert warned(api_used=5, api_limit=None) == ()


def test_an_operator_who_is_the_service_account_is_told() -> None:
    assert "you see nothing" in only(rights=rights(OPERATOR, user_id=USER_ID)).text


@pytest.mark.parametrize("part", ["user", "grants", "sign_ins", "tokens", "rights"])
def test_unread_parts_warn_of_nothing(part: str) -> None:
    parts: dict[str, Any] = {part: unreadable()}
    assert warned(**parts) == ()


def test_of_a_missing_user_nothing_is_told() -> None:
    assert warned(user=None, api_used=15_000, api_limit=15_000) == ()


def test_warnings_leave_the_diagnosis_clean() -> None:
    found = diagnose(connection(shared=True), evidence())
    assert (found.findings, len(found.warnings)) == ((), 1)
