"""The hourly sign-in quota."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence import (
    APP,
    NOW,
    ago,
    connection,
    evidence,
    history,
    login,
    rate_exceeded,
    signed_in,
    subject,
    unreadable,
)
from tui.causes.login_rate_exceeded import CAUSE
from tui.connections.connection import Connection, Experience
from tui.connections.evidence import FileEvents, Part, SignInHistory, SignIns
from tui.connections.finding import Finding, Kind, Quota, Undetermined
from tui.connections.repair import NoRepair
from tui.rules import sign_ins
from tui.rules.required_permissions import REQUIREMENTS

REFUSED = rate_exceeded(ago(minutes=10), first=ago(minutes=40))


def examine(*rows: SignIns, of: Connection | None = None, **parts: Any) -> Finding | Undetermined | None:
    reading = evidence(**({"sign_ins": history(*rows)} | parts))
    return CAUSE.examine(of or connection(), reading, REQUIREMENTS)


def found(*rows: SignIns, **parts: Any) -> Finding:
    verdict = examine(*rows, **parts)
    assert isinstance(verdict, Finding)
    return verdict


def warnings(*rows: SignIns, **parts: Any) -> list[str]:
    reading = evidence(sign_ins=history(*rows), **parts)
    return [fact.text for fact in CAUSE.warn(connection(), reading, REQUIREMENTS)]


def test_a_refused_sign_in_within_the_hour_is_the_quota_and_heals_itself() -> None:
    finding = found(REFUSED)
    assert (finding.kind, finding.part) == (Kind.SELF_HEALING, "sign_ins")
    assert finding.since == ago(minutes=40)


def test_without_a_refused_sign_in_it_is_absent() -> None:
    assert examine(signed_in()) is None


@pytest.mark.parametrize(
    "status", ["Login rate exceeded", "LOGIN RATE EXCEEDED", "Failed: Login Rate Exceeded"]
)
def test_capitals_and_surroundings_of_the_status_do_not_matter(status: str) -> None:
    assert isinstance(examine(signed_in("X", status, at=ago(minutes=1))), Finding)


def test_the_reset_is_a_range_from_the_oldest_to_the_newest_refusal_plus_an_hour() -> None:
    assert found(REFUSED).reset == (ago(minutes=-20), ago(minutes=-50))


@given(st.lists(st.integers(0, 200), min_size=1, max_size=6))
def test_it_holds_exactly_while_a_refusal_is_younger_than_an_hour(minutes: list[int]) -> None:
    verdict = examine(*(rate_exceeded(ago(minutes=age)) for age in minutes))
    assert isinstance(verdict, Finding) is (min(minutes) < 60)
    if isinstance(verdict, Finding) and verdict.reset is not None:
        assert NOW < verdict.reset[0] <= verdict.reset[1]


def test_a_success_of_incydrs_app_after_it_ends_it() -> None:
    assert examine(REFUSED, signed_in(APP, at=ago(minutes=9))) is None


def test_a_success_of_incydrs_app_before_it_does_not() -> None:
    assert isinstance(examine(REFUSED, signed_in(APP, at=ago(minutes=11))), Finding)


def test_a_success_of_another_application_ends_nothing() -> None:
    assert isinstance(examine(REFUSED, signed_in("Data Loader", at=ago(minutes=1))), Finding)


def test_a_failure_of_incydrs_app_ends_nothing() -> None:
    assert isinstance(examine(REFUSED, signed_in(APP, "User is frozen", at=ago(minutes=1))), Finding)


def test_without_the_apps_pinned_name_only_time_ends_it() -> None:
    unpinned = connection(incydr_app=None)
    assert isinstance(examine(REFUSED, signed_in(APP, at=ago(minutes=1)), of=unpinned), Finding)


@pytest.mark.parametrize(("minutes", "ends"), [(7, True), (8, False), (20, False)])
def test_an_incydr_file_event_ends_it_beyond_the_difference_of_two_clocks(minutes: int, ends: bool) -> None:
    verdict = examine(REFUSED, events=FileEvents(newest=ago(minutes=minutes)))
    assert (verdict is None) is ends


def test_what_incydr_got_through_leaves_a_warning() -> None:
    (text,) = warnings(REFUSED, signed_in(APP, at=ago(minutes=9)))
    assert "login rate exceeded" in text
    assert "Incydr has signed in since" in text


def test_a_present_cause_is_no_warning_as_well() -> None:
    assert warnings(REFUSED) == []
    assert warnings(signed_in()) == []


def test_the_newest_refusal_counts_also_where_only_the_window_shows_it() -> None:
    assert isinstance(examine(sign_ins=SignInHistory(ago(days=7), (REFUSED,))), Finding)


def test_who_used_the_quota_is_sorted_by_application_and_source() -> None:
    rows = (
        signed_in("Incydr", at=ago(minutes=50), count=12),
        signed_in("Data Loader", at=ago(minutes=30), count=2_000, ip="198.51.100.1"),
        signed_in("Data Loader", at=ago(minutes=20), count=1_500, ip="198.51.100.2"),
        signed_in("Data Loader", "Login rate exceeded", at=ago(minutes=10), count=3, ip="198.51.100.1"),
    )
    assert found(*rows).quota == (
        Quota("Data Loader", 2_003, "198.51.100.1"),
        Quota("Data Loader", 1_500, "198.51.100.2"),
        Quota("Incydr", 12, "203.0.113.7"),
    )


def test_counts_are_told_as_at_least() -> None:
    texts = [fact.text for fact in found(REFUSED, signed_in("X", at=ago(minutes=50), count=3_599)).facts]
    assert any(text == "at least 3,600 sign-ins in the last 60 minutes of 3,600 allowed" for text in texts)


def test_unreadable_sign_ins_decide_nothing() -> None:
    verdict = examine(sign_ins=unreadable("needs Manage Users", "Ask for it."))
    assert verdict == Undetermined("login_rate_exceeded", Part.SIGN_INS, "needs Manage Users", "Ask for it.")


def test_many_sign_ins_without_one_known_text_are_unreadable() -> None:
    verdict = examine(signed_in(status="Erfolgreich", count=20))
    assert isinstance(verdict, Undetermined)
    assert "another language" in verdict.reason


def test_unknown_texts_in_english_are_not() -> None:
    assert examine(signed_in(status="Failed: something new", count=56)) is None


def test_a_freeze_comes_first() -> None:
    assert examine(REFUSED, freeze=login(frozen=True)) is None
    assert warnings(REFUSED, signed_in(APP, at=ago(minutes=9)), freeze=login(frozen=True)) == []


def test_a_missing_user_is_another_cause() -> None:
    assert examine(REFUSED, user=None) is None


def test_nothing_can_be_repaired() -> None:
    assert isinstance(CAUSE.repair(found(REFUSED), subject(evidence())), NoRepair)


@pytest.mark.parametrize(
    ("rows", "done"),
    [
        ((signed_in(),), True),
        ((REFUSED,), False),
        ((REFUSED, signed_in("Data Loader", at=ago(minutes=1))), None),
        ((signed_in(status="Erfolgreich", count=20),), None),
    ],
    ids=["no refusal", "refused", "somebody got through", "another language"],
)
def test_the_step_is_done_when_the_quota_is_free(rows: tuple[SignIns, ...], done: bool | None) -> None:
    test = CAUSE.steps[0].test
    assert test is not None
    assert test(evidence(sign_ins=history(*rows))) is done


@pytest.mark.parametrize(("event", "done"), [(ago(minutes=5), None), (ago(minutes=20), False)])
def test_a_file_event_leaves_the_step_open_to_the_verdict(event: datetime, done: bool | None) -> None:
    test = CAUSE.steps[0].test
    assert test is not None
    assert test(evidence(sign_ins=history(REFUSED), events=FileEvents(newest=event))) is done


def test_the_step_asks_for_no_click_and_does_not_change_with_the_counts() -> None:
    reading = evidence(sign_ins=history(signed_in("Data Loader", at=ago(minutes=5), count=3_600)))
    text = CAUSE.steps[0].text(subject(reading), Experience.LIGHTNING)
    assert text.lines[0].startswith("Nothing to click")
    assert text == CAUSE.steps[0].text(subject(evidence()), Experience.LIGHTNING)
    assert text.link == "https://acme.my.salesforce.com/lightning/setup/OrgLoginHistory/home"


def test_the_step_in_classic_gives_the_way_alone() -> None:
    """Classic has no documented address for it."""
    assert CAUSE.steps[0].text(subject(), Experience.CLASSIC).link is None


@pytest.mark.parametrize("experience", Experience)
def test_the_step_says_where_the_login_history_is(experience: Experience) -> None:
    assert CAUSE.steps[0].text(subject(), experience).breadcrumb.endswith("Login History")


def test_no_quota_is_used_where_nothing_was_read() -> None:
    assert sign_ins.quota_use(evidence(sign_ins=unreadable())) == ()
    assert sign_ins.refusals(evidence(sign_ins=unreadable())) is None
