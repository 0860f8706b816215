"""A frozen service account: the decision table, row by row."""

from typing import Any

import pytest

from tests.evidence import (
    JANE,
    LOGIN_ID,
    NOW,
    USER_ID,
    ago,
    connection,
    evidence,
    froze,
    history,
    login,
    rate_exceeded,
    signed_in,
    subject,
    trail,
    unfroze,
    unreadable,
    user,
)
from tui.causes import login_rate_exceeded
from tui.causes.user_frozen import CAUSE
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence, Part
from tui.connections.finding import Finding, Kind, Past, Undetermined
from tui.connections.repair import NoRepair, Repair, Update
from tui.rules.required_permissions import REQUIREMENTS

FROZEN_AT = ago(minutes=20)
FROZEN = login(frozen=True, modified=FROZEN_AT)
RATE = history(rate_exceeded(ago(minutes=25), first=ago(minutes=30)), signed_in("Data Loader", count=3600))
QUIET = history(signed_in(at=ago(minutes=90)))
NO_TRAIL = unreadable("needs View Setup and Configuration")


def examine(**parts: Any) -> Finding | Undetermined | None:
    return CAUSE.examine(connection(), evidence(**parts), REQUIREMENTS)


def found(**parts: Any) -> Finding:
    verdict = examine(**({"freeze": FROZEN} | parts))
    assert isinstance(verdict, Finding)
    return verdict


def rate(**parts: Any) -> Finding | Undetermined | None:
    return login_rate_exceeded.CAUSE.examine(connection(), evidence(**parts), REQUIREMENTS)


def past(reading: Evidence) -> Past | None:
    return CAUSE.past(connection(), reading, REQUIREMENTS)


@pytest.mark.parametrize("sign_ins", [RATE, QUIET])
def test_frozen_by_a_named_user_names_him_whatever_the_sign_ins(sign_ins: object) -> None:
    finding = found(audit=trail(froze(FROZEN_AT)), sign_ins=sign_ins)
    assert finding.by is not None
    assert (finding.by.name, finding.by.automation, finding.may_be_automatic) == ("Jane Doe", False, False)


def test_frozen_by_an_integration_user_is_by_automation() -> None:
    finding = found(audit=trail(froze(FROZEN_AT, by=("Okta Integration", "okta@acme.example"))))
    assert finding.by is not None
    assert finding.by.automation


@pytest.mark.parametrize(
    "rows",
    [
        trail(),
        trail(unfroze(ago(minutes=50)), froze(ago(minutes=80))),
        trail(since=ago(minutes=10)),
        trail(froze(FROZEN_AT, by=None)),
    ],
    ids=["none", "unfroze", "older than the trail", "by nobody named"],
)
def test_frozen_without_a_row_but_with_refused_sign_ins_may_be_automatic(rows: object) -> None:
    finding = found(audit=rows, sign_ins=RATE)
    assert finding.may_be_automatic
    assert finding.by is None
    assert finding.quota[0].application == "Data Loader"
    assert finding.reset == (ago(minutes=-30), ago(minutes=-35))
    assert finding.kind is Kind.ACTION


@pytest.mark.parametrize("rows", [trail(), trail(unfroze(ago(minutes=50)))], ids=["none", "unfroze"])
def test_frozen_without_a_row_and_without_refused_sign_ins_is_by_nobody_known(rows: object) -> None:
    finding = found(audit=rows, sign_ins=QUIET)
    assert (finding.by, finding.may_be_automatic, finding.reset) == (None, False, None)
    assert finding.by_unknown == "by whom: not known (the audit trail does not show it)"


def test_frozen_with_an_unreadable_trail_says_so_and_mentions_refused_sign_ins() -> None:
    finding = found(audit=NO_TRAIL, sign_ins=RATE)
    assert (
        finding.by_unknown
        == "by whom: not known (the audit trail is not readable: needs View Setup and Configuration)"
    )
    assert any("login rate exceeded" in fact.text for fact in finding.facts)
    assert not finding.may_be_automatic


def test_frozen_with_an_unreadable_trail_and_no_refused_sign_ins_mentions_none() -> None:
    finding = found(audit=NO_TRAIL, sign_ins=QUIET)
    assert not any("login rate" in fact.text for fact in finding.facts)


def test_while_frozen_the_quota_is_no_cause_of_its_own() -> None:
    assert rate(freeze=FROZEN, sign_ins=RATE) is None


@pytest.mark.parametrize("freeze", [login(), None], ids=["not frozen", "no UserLogin row"])
def test_not_frozen_with_refused_sign_ins_is_the_quota_alone(freeze: object) -> None:
    assert examine(freeze=freeze, sign_ins=RATE) is None
    assert isinstance(rate(freeze=freeze, sign_ins=RATE), Finding)


@pytest.mark.parametrize("freeze", [login(), None], ids=["not frozen", "no UserLogin row"])
def test_not_frozen_without_refused_sign_ins_is_neither(freeze: object) -> None:
    assert examine(freeze=freeze, sign_ins=QUIET) is None
    assert rate(freeze=freeze, sign_ins=QUIET) is None


def test_an_unreadable_freeze_with_refused_sign_ins_is_the_quota_and_an_open_question() -> None:
    assert isinstance(examine(freeze=unreadable("no row"), sign_ins=RATE), Undetermined)
    assert isinstance(rate(freeze=unreadable("no row"), sign_ins=RATE), Finding)


def test_an_unreadable_freeze_without_refused_sign_ins_is_undetermined() -> None:
    verdict = examine(freeze=unreadable("needs Manage Users", "Ask for it."), sign_ins=QUIET)
    assert verdict == Undetermined("user_frozen", Part.FREEZE, "needs Manage Users", "Ask for it.")
    assert rate(freeze=unreadable(), sign_ins=QUIET) is None


def test_a_missing_user_is_another_cause() -> None:
    assert examine(user=None, freeze=unreadable()) is None


@pytest.mark.parametrize(("seconds", "certain"), [(0, True), (10, True), (11, False)])
def test_a_row_within_ten_seconds_of_the_last_change_is_certain(seconds: int, certain: bool) -> None:
    finding = found(audit=trail(froze(ago(minutes=20, seconds=seconds))))
    assert finding.by is not None
    assert finding.by.certain is certain


def test_a_certain_row_dates_the_freeze() -> None:
    assert found(audit=trail(froze(ago(minutes=20, seconds=3)))).since == ago(minutes=20, seconds=3)


def test_a_probable_row_does_not() -> None:
    assert found(audit=trail(froze(ago(hours=5)))).since == FROZEN_AT


def test_without_a_last_change_the_row_is_only_probable() -> None:
    finding = found(freeze=login(frozen=True), audit=trail(froze(FROZEN_AT)))
    assert finding.by is not None
    assert not finding.by.certain


def test_another_name_in_the_row_is_another_user() -> None:
    assert found(audit=trail(froze(FROZEN_AT, name="Incydr Service Two"))).by is None


TOM = ("Tom Roe", "tom@acme.example")


def test_a_later_freeze_of_a_namesake_does_not_hide_who_froze_this_one() -> None:
    finding = found(audit=trail(froze(FROZEN_AT), froze(ago(minutes=5), by=TOM)))
    assert finding.by is not None
    assert (finding.by.name, finding.by.certain) == ("Jane Doe", True)


def test_a_later_unfreeze_of_a_namesake_does_not_either() -> None:
    finding = found(audit=trail(froze(FROZEN_AT), unfroze(ago(minutes=5), by=TOM)))
    assert finding.by is not None
    assert finding.by.name == "Jane Doe"


def test_of_several_namesakes_one_is_probable_and_all_are_named() -> None:
    finding = found(audit=trail(froze(ago(hours=3)), froze(ago(hours=2), by=TOM)))
    assert finding.by is not None
    assert not finding.by.certain
    assert any(fact.text.endswith("frozen by one of Tom Roe, Jane Doe") for fact in finding.facts)


def test_the_second_freeze_within_thirty_days_will_come_back() -> None:
    rows = trail(froze(ago(days=9)), unfroze(ago(days=8)), froze(FROZEN_AT))
    assert any("2 times within 30 days" in fact.text for fact in found(audit=rows).facts)


def test_a_refused_sign_in_is_one_more_fact() -> None:
    refused = history(signed_in(status="User is frozen", at=ago(minutes=3)))
    assert any("User is frozen" in fact.text for fact in found(sign_ins=refused).facts)


def test_without_the_users_name_no_row_can_be_matched() -> None:
    finding = found(user=unreadable(), audit=trail(froze(FROZEN_AT)), sign_ins=RATE)
    assert finding.by is None
    assert "name could not be read" in finding.by_unknown
    assert not finding.may_be_automatic


def test_who_last_changed_the_freeze_record_is_a_fact() -> None:
    finding = found(freeze=login(frozen=True, modified=FROZEN_AT, by="Jane Doe"))
    assert any("Jane Doe" in fact.text and fact.at == FROZEN_AT for fact in finding.facts)


def test_the_repair_takes_the_freeze_off_the_login_record() -> None:
    offer = CAUSE.repair(found(), subject(evidence(freeze=FROZEN)))
    assert isinstance(offer, Repair)
    (change,) = offer.changes
    assert isinstance(change, Update)
    assert (change.object, change.id) == ("UserLogin", LOGIN_ID)
    assert (change.before, change.after) == ({"IsFrozen": True}, {"IsFrozen": False})


@pytest.mark.parametrize("reading", [None, evidence(freeze=unreadable())])
def test_without_the_record_there_is_no_repair(reading: Evidence | None) -> None:
    assert isinstance(CAUSE.repair(found(), subject(reading)), NoRepair)


def test_the_unfreeze_step_is_done_when_salesforce_says_so() -> None:
    test = CAUSE.steps[-1].test
    assert test is not None
    assert test(evidence()) is True
    assert test(evidence(freeze=None)) is True
    assert test(evidence(freeze=FROZEN)) is False
    assert test(evidence(freeze=unreadable())) is None


def test_the_unfreeze_step_says_where_else_the_button_may_be() -> None:
    text = CAUSE.steps[-1].text(subject(evidence()), Experience.LIGHTNING)
    assert any(line.startswith("No such button?") for line in text.lines)
    assert text.link is not None
    assert USER_ID in text.link


def test_a_freeze_and_unfreeze_in_between_is_remembered() -> None:
    rows = trail(froze(ago(hours=3)), unfroze(ago(hours=2)))
    was = past(evidence(freeze=login(modified=ago(hours=2)), audit=rows))
    assert was is not None
    assert was.finding.by is not None
    assert was.repaired_by is not None
    assert (was.finding.since, was.finding.by.name, was.repaired_by.at) == (
        ago(hours=3),
        JANE[0],
        ago(hours=2),
    )


def test_an_unfreeze_alone_shows_that_there_was_a_freeze() -> None:
    was = past(evidence(freeze=login(modified=ago(hours=2)), audit=trail(unfroze(ago(hours=2)))))
    assert was is not None
    assert was.repaired_by is not None
    assert (was.finding.since, was.repaired_by.at) == (None, ago(hours=2))


def test_a_row_after_the_records_last_change_is_about_a_namesake() -> None:
    assert past(evidence(freeze=login(modified=ago(days=9)), audit=trail(froze(ago(hours=2))))) is None


def test_an_unreadable_freeze_has_no_past() -> None:
    assert past(evidence(freeze=unreadable(), audit=trail(unfroze(ago(hours=2))))) is None


def test_the_finding_is_dated_by_the_orgs_clock() -> None:
    assert found(user=user()).seen_at == NOW
