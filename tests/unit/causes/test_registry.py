"""All causes together: the order, the steps as one walk, and which repairs may be offered."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.evidence import (
    ACCOUNT,
    OPERATOR,
    USER_ID,
    ago,
    connection,
    evidence,
    history,
    login,
    profile,
    rate_exceeded,
    rights,
    subject,
    unreadable,
    user,
)
from tests.offers import alternative_for, repair_for
from tui.causes.registry import CAUSES, WAIT_STEP, cause, steps_for
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence
from tui.connections.finding import Actor, Finding
from tui.connections.repair import NoRepair, Repair
from tui.connections.step import WAIT
from tui.diagnosis.diagnose import diagnose
from tui.rules.audit import EXPIRY

FROZEN = evidence(freeze=login(frozen=True))


def finding(by: Actor | None = None, of: Evidence = FROZEN) -> Finding:
    return replace(diagnose(connection(), of).findings[0], by=by)


def refusal(of: Evidence = FROZEN, found: Finding | None = None, **org: Any) -> str:
    offer = repair_for(found or finding(), subject(of, **org))
    assert isinstance(offer, NoRepair)
    return offer.reason


def offered(by: Actor | None = None, of: Evidence = FROZEN) -> Repair:
    offer = repair_for(finding(by), subject(of))
    assert isinstance(offer, Repair)
    return offer


def frozen(**parts: Any) -> Evidence:
    return evidence(freeze=login(frozen=True), **parts)


def test_causes_stand_in_the_order_of_repair() -> None:
    assert [each.id for each in CAUSES] == [
        "service_account_missing",
        "organization_unavailable",
        "user_deactivated",
        "user_frozen",
        "login_rate_exceeded",
        "sign_in_blocked",
        "access_revoked",
        "permissions_missing",
        "event_monitoring_unlicensed",
        "event_streaming_disabled",
    ]


def test_a_cause_is_found_by_its_id() -> None:
    assert cause("user_frozen").title == "The service account is frozen"
    with pytest.raises(KeyError):
        cause("unheard_of")


def test_steps_of_several_causes_come_in_the_order_of_repair() -> None:
    walk = steps_for(("permissions_missing", "user_frozen"))
    assert [cause_id for cause_id, _ in walk] == ["user_frozen"] * 3 + ["permissions_missing"] * 3
    assert [step.id for _, step in walk] == [
        "setup",
        "find_user",
        "unfreeze",
        "setup",
        "find_user",
        "grant_permissions",
    ]


def test_the_wait_is_no_step_of_a_cause() -> None:
    assert WAIT_STEP.id == WAIT
    assert all(step.id != WAIT for _, step in steps_for([each.id for each in CAUSES]))


@pytest.mark.parametrize("each", [step for _, step in steps_for([c.id for c in CAUSES])] + [WAIT_STEP])
@pytest.mark.parametrize("experience", list(Experience))
@pytest.mark.parametrize("reading", [None, evidence(), evidence(user=None), evidence(user=unreadable())])
def test_every_step_has_words_for_both_experiences_whatever_was_read(
    each: Any, experience: Experience, reading: Evidence | None
) -> None:
    text = each.text(subject(reading), experience)
    assert text.lines
    assert all(line and "None" not in line for line in text.lines)
    assert text.link is None or text.link.startswith("https://acme.my.salesforce.com/")


def test_shared_steps_differ_between_the_experiences() -> None:
    for step_id in ("setup", "find_user"):
        (step,) = {step.id: step for _, step in steps_for(("user_frozen",)) if step.id == step_id}.values()
        lightning = step.text(subject(evidence()), Experience.LIGHTNING)
        classic = step.text(subject(evidence()), Experience.CLASSIC)
        assert lightning.lines != classic.lines
        assert lightning.breadcrumb != classic.breadcrumb


def test_the_users_page_is_linked_by_the_id_of_the_configuration_before_the_first_reading() -> None:
    known = subject()
    known = type(known)(replace(connection(), user_id=USER_ID), known.org)
    step = {step.id: step for _, step in steps_for(("user_frozen",))}["find_user"]
    assert USER_ID in (step.text(known, Experience.CLASSIC).link or "")


def test_repairs_are_off_until_the_configuration_allows_them() -> None:
    assert "allow_repairs = true under [orgs.acme]" in refusal(allow_repairs=False)


def test_the_switch_is_named_before_every_other_reason() -> None:
    assert "allow_repairs" in refusal(frozen(rights=rights(ACCOUNT)), allow_repairs=False)


@pytest.mark.parametrize(
    "operator",
    [rights(ACCOUNT), rights(ACCOUNT.upper()), rights("renamed@acme.example", user_id=USER_ID)],
    ids=["by name", "in capitals", "by id"],
)
def test_the_service_account_does_not_repair_itself(operator: object) -> None:
    assert "signed in as the service account" in refusal(frozen(rights=operator))


def test_a_renamed_service_account_is_known_by_its_new_name() -> None:
    of = frozen(user=user(username="new@acme.example"), rights=rights("new@acme.example"))
    assert "signed in as the service account" in refusal(of)


def test_a_cause_without_any_repair_says_so_before_the_switch() -> None:
    of = evidence(sign_ins=history(rate_exceeded(ago(minutes=5))))
    assert "frees itself" in refusal(of, finding(of=of), allow_repairs=False)


def test_another_way_beyond_the_operators_rights_is_not_offered() -> None:
    of = evidence(grants=(profile("ApiEnabled"),), rights=rights(OPERATOR, "ManageProfilesPermissionsets"))
    first = repair_for(finding(of=of), subject(of))
    assert isinstance(first, Repair)
    assert first.title == "Grant on Incydr Integration"
    assert alternative_for(finding(of=of), subject(of)) is None


def test_beside_a_profile_a_permission_set_is_the_other_way() -> None:
    of = evidence(grants=(profile("ApiEnabled"),))
    other = alternative_for(finding(Actor("Jane Doe", "jane@acme.example"), of), subject(of))
    assert other is not None
    assert (other.title, other.confirm) == ("Grant by a permission set", ACCOUNT)


@pytest.mark.parametrize("org", [{"allow_repairs": False}, {}])
def test_where_nothing_is_offered_there_is_no_other_way(org: dict[str, Any]) -> None:
    of = evidence(grants=(profile("ApiEnabled"),), rights=rights(ACCOUNT))
    assert alternative_for(finding(of=of), subject(of, **org)) is None


def test_unreadable_rights_offer_nothing() -> None:
    assert refusal(frozen(rights=unreadable("no answer"))) == "Your own rights could not be read: no answer."


def test_before_the_first_reading_nothing_is_offered() -> None:
    offer = repair_for(finding(), subject())
    assert isinstance(offer, NoRepair)
    assert "Nothing was read yet" in offer.reason


def test_a_right_that_the_operator_lacks_is_named() -> None:
    assert refusal(frozen(rights=rights(OPERATOR, "ViewSetup"))).endswith("lack the permission Manage Users.")


def test_rights_of_which_one_is_enough_are_all_named() -> None:
    of = evidence(
        grants=(profile("ApiEnabled", name="Standard User"),),
        user=user(profile_name="Standard User"),
        rights=rights(OPERATOR, "ManageProfilesPermissionsets"),
    )
    assert refusal(of, finding(of=of)).endswith("Assign Permission Sets or Manage Users.")


def test_a_cause_without_an_api_repair_says_why() -> None:
    of = evidence(user=None)
    assert "creates no users" in refusal(of, finding(of=of))


def test_a_repair_of_ones_own_change_asks_nothing() -> None:
    offer = offered(Actor("Alex Kim", OPERATOR.upper()))
    assert (offer.confirm, offer.ask_first) == (None, None)


def test_a_repair_of_another_persons_change_asks_for_the_username() -> None:
    offer = offered(Actor("Jane Doe", "jane@acme.example"))
    assert (offer.confirm, offer.ask_first) == (ACCOUNT, "Jane Doe")


def test_a_repair_of_automations_change_asks_even_under_ones_own_name() -> None:
    assert offered(Actor("Okta", OPERATOR, automation=True)).confirm == ACCOUNT


def test_behind_a_login_as_the_administrator_is_asked() -> None:
    assert offered(Actor("Alex Kim", OPERATOR, delegate="jane@acme.example")).ask_first == "jane@acme.example"


def test_ones_own_login_as_asks_nothing() -> None:
    assert offered(Actor("Jane Doe", "jane@acme.example", delegate=OPERATOR)).ask_first is None


@pytest.mark.parametrize("by", [None, Actor(EXPIRY)], ids=["nobody known", "expiry"])
def test_where_nobody_did_it_nobody_is_asked(by: Actor | None) -> None:
    assert offered(by).confirm is None
