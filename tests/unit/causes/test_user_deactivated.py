"""A deactivated service account."""

from typing import Any

from tests.evidence import (
    ACCOUNT,
    JANE,
    OPERATOR,
    USER_ID,
    activated,
    ago,
    connection,
    deactivated,
    evidence,
    subject,
    trail,
    unreadable,
    user,
)
from tui.causes.user_deactivated import CAUSE
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence, License, Part
from tui.connections.finding import ANY_PROOF, Finding, Kind, Past, Undetermined
from tui.connections.repair import NoRepair, Repair, Update
from tui.rules.required_permissions import REQUIREMENTS


def examine(**parts: Any) -> Finding | Undetermined | None:
    return CAUSE.examine(connection(), evidence(**parts), REQUIREMENTS)


def found(**parts: Any) -> Finding:
    verdict = examine(**({"user": user(is_active=False)} | parts))
    assert isinstance(verdict, Finding)
    return verdict


def past(reading: Evidence) -> Past | None:
    return CAUSE.past(connection(), reading, REQUIREMENTS)


def test_an_active_user_is_not_deactivated() -> None:
    assert examine() is None


def test_an_inactive_user_is_deactivated_and_needs_a_person() -> None:
    finding = found()
    assert (finding.kind, finding.part, finding.proofs) == (Kind.ACTION, "user", ANY_PROOF)


def test_a_missing_user_is_another_cause() -> None:
    assert examine(user=None) is None


def test_an_unreadable_user_decides_nothing() -> None:
    verdict = examine(user=unreadable("needs Manage Users", "Ask for it."))
    assert verdict == Undetermined("user_deactivated", Part.USER, "needs Manage Users", "Ask for it.")


def test_the_newest_row_with_his_id_says_who_and_when() -> None:
    rows = trail(deactivated(ago(days=2), by=("Old", "old@acme.example")), deactivated(ago(minutes=5)))
    finding = found(audit=rows)
    assert finding.since == ago(minutes=5)
    assert finding.by is not None
    assert (finding.by.name, finding.by.username, finding.by.certain) == (*JANE, True)


def test_a_row_about_another_user_says_nothing() -> None:
    finding = found(audit=trail(deactivated(ago(minutes=5), user_id="005000000000002AAA")))
    assert finding.by is None
    assert finding.by_unknown == "by whom: not known (the audit trail does not show it)"


def test_a_later_activation_in_the_trail_leaves_nobody_to_name() -> None:
    assert found(audit=trail(deactivated(ago(minutes=9)), activated(ago(minutes=5)))).by is None


def test_without_a_row_the_users_last_change_is_the_latest_moment() -> None:
    finding = found(user=user(is_active=False, last_modified=ago(hours=3), last_modified_by="Jane Doe"))
    assert (finding.since, finding.latest) == (None, ago(hours=3))
    assert any("last changed by Jane Doe" in fact.text for fact in finding.facts)


def test_free_licences_are_shown_before_a_reactivation() -> None:
    finding = found(licenses=(License("Salesforce", 10, 10), License("Identity", 5, 1)))
    texts = [fact.text for fact in finding.facts]
    assert "licence Salesforce: 0 of 10 free" in texts
    assert not any("Identity" in text for text in texts)


def test_the_repair_sets_active_on_that_user() -> None:
    reading = evidence(user=user(is_active=False))
    offer = CAUSE.repair(found(), subject(reading))
    assert isinstance(offer, Repair)
    assert offer.changes == (Update("User", USER_ID, ACCOUNT, {"IsActive": False}, {"IsActive": True}),)
    assert offer.needs == (("ManageUsers",),)


def test_without_the_users_id_there_is_no_repair() -> None:
    assert isinstance(CAUSE.repair(found(), subject(evidence(user=unreadable()))), NoRepair)


def test_the_last_step_is_done_when_salesforce_says_active() -> None:
    test = CAUSE.steps[-1].test
    assert test is not None
    assert test(evidence()) is True
    assert test(evidence(user=user(is_active=False))) is False
    assert test(evidence(user=unreadable())) is None
    assert test(evidence(user=None)) is None


def test_the_last_step_links_to_the_edit_page_of_the_known_user() -> None:
    text = CAUSE.steps[-1].text(subject(evidence()), Experience.CLASSIC)
    assert text.link == f"https://acme.my.salesforce.com/{USER_ID}/e?noredirect=1&isUserEntityOverride=1"
    assert any("Salesforce" in line for line in text.lines)


def test_the_last_step_links_to_the_list_while_the_user_is_unknown() -> None:
    text = CAUSE.steps[-1].text(subject(), Experience.LIGHTNING)
    assert text.link == "https://acme.my.salesforce.com/lightning/setup/ManageUsers/home"


def test_a_deactivation_and_reactivation_in_between_is_remembered() -> None:
    operator = ("Alex Kim", OPERATOR)
    was = past(evidence(audit=trail(deactivated(ago(hours=3)), activated(ago(hours=2), by=operator))))
    assert was is not None
    assert was.repaired_by is not None
    assert (was.finding.since, was.repaired_by.at, was.repaired_by.name) == (
        ago(hours=3),
        ago(hours=2),
        "Alex Kim",
    )


def test_an_active_user_whose_newest_row_deactivated_him_was_mended_by_nobody_known() -> None:
    was = past(evidence(audit=trail(deactivated(ago(hours=3)))))
    assert was is not None
    assert (was.finding.since, was.repaired_by) == (ago(hours=3), None)


def test_without_rows_nothing_is_past() -> None:
    assert past(evidence(audit=trail())) is None
    assert past(evidence(user=None, audit=trail(deactivated(ago(hours=1))))) is None


def offered(*licenses: License) -> Repair | NoRepair:
    of = evidence(user=user(is_active=False), licenses=licenses)
    return CAUSE.repair(found(), subject(of))


def test_without_a_free_licence_nothing_is_offered_and_the_licence_named() -> None:
    offer = offered(License("Salesforce", 5, 5))
    assert isinstance(offer, NoRepair)
    assert "No Salesforce licence is free (5 of 5 used)" in offer.reason


def test_a_free_licence_or_one_of_another_kind_stands_in_no_way() -> None:
    assert isinstance(offered(License("Salesforce", 5, 4)), Repair)
    assert isinstance(offered(License("Salesforce Integration", 5, 5)), Repair)


def test_the_second_time_within_thirty_days_will_come_back() -> None:
    rows = trail(deactivated(ago(days=20)), activated(ago(days=19)), deactivated(ago(minutes=5)))
    assert any("2 times within 30 days" in fact.text for fact in found(audit=rows).facts)


def test_the_second_time_within_a_longer_time_is_no_pattern() -> None:
    rows = trail(deactivated(ago(days=31)), activated(ago(days=30)), deactivated(ago(minutes=5)))
    assert not any("30 days" in fact.text for fact in found(audit=rows).facts)
