"""Missing permissions: the OR over all grants in force."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.evidence import (
    FIELDS,
    JANE,
    NEEDED,
    NOW,
    PROFILE,
    PROFILE_ID,
    ago,
    connection,
    evidence,
    group,
    permission_set,
    permission_taken,
    profile,
    streams,
    subject,
    trail,
    unreadable,
)
from tui.base import vendor_pages
from tui.base.limits import STREAMS
from tui.causes.permissions_missing import CAUSE
from tui.causes.registry import steps_for
from tui.connections.connection import Experience, Need, Requirement
from tui.connections.evidence import Evidence, Part
from tui.connections.finding import NOT_SIGN_INS, Finding, Undetermined
from tui.rules import effective_permissions
from tui.rules.required_permissions import ADMINISTRATIVE, REQUIREMENTS

EVENTS = "ViewDataLeakageEvents"
WITHOUT_EVENTS = tuple(name for name in FIELDS if name != EVENTS)


def examine(*grants: object, **parts: Any) -> Finding | Undetermined | None:
    return CAUSE.examine(connection(), evidence(**({"grants": grants} | parts)), REQUIREMENTS)


def found(*grants: object, **parts: Any) -> Finding:
    verdict = examine(*grants, **parts)
    assert isinstance(verdict, Finding)
    return verdict


def test_a_profile_with_all_of_them_is_enough() -> None:
    assert examine(profile()) is None


def test_one_that_no_grant_carries_is_missing() -> None:
    finding = found(profile("ApiEnabled", "CustomizeApplication"))
    assert finding.missing == (EVENTS,)
    assert (finding.part, finding.proofs) == ("grants", NOT_SIGN_INS)


@given(st.lists(st.sets(st.sampled_from(NEEDED)), min_size=1, max_size=4))
def test_only_what_no_grant_in_force_carries_is_missing(carried: list[set[str]]) -> None:
    verdict = examine(*(permission_set(*sorted(names)) for names in carried))
    missing = set(NEEDED) - set().union(*carried)
    assert set(verdict.missing if isinstance(verdict, Finding) else ()) == missing


@pytest.mark.parametrize(
    "out_of_force",
    [
        {"active": False},
        {"revoked": True},
        {"session_based": True},
        {"expires": NOW},
        {"expires": ago(days=1)},
    ],
    ids=["inactive", "revoked", "session-based", "expires now", "expired"],
)
def test_a_grant_out_of_force_grants_nothing(out_of_force: dict[str, Any]) -> None:
    finding = found(profile("ApiEnabled"), permission_set(*NEEDED, **out_of_force))
    assert finding.missing == ("CustomizeApplication", EVENTS)
    assert any(fact.text.startswith("Incydr Access ") for fact in finding.facts)


def test_a_grant_that_expires_later_is_in_force() -> None:
    assert examine(profile("ApiEnabled"), permission_set(*NEEDED, expires=ago(seconds=-1))) is None


def test_a_calculated_group_grants_what_it_carries() -> None:
    assert examine(profile("ApiEnabled"), group(*NEEDED)) is None


@pytest.mark.parametrize("carried", [NEEDED, ("ApiEnabled",)], ids=["carrying it", "not carrying it"])
def test_a_group_that_is_not_calculated_decides_nothing(carried: tuple[str, ...]) -> None:
    verdict = examine(profile("ApiEnabled"), group(*carried, status="Outdated"))
    assert isinstance(verdict, Undetermined)
    assert "Incydr Group is not calculated yet (Outdated)" in verdict.reason
    assert verdict.next_step


def test_a_group_that_is_not_calculated_does_not_matter_where_the_profile_is_enough() -> None:
    assert examine(profile(), group(status="Updating")) is None


def test_unreadable_grants_decide_nothing() -> None:
    verdict = examine(grants=unreadable("needs View Setup", "Ask for it."))
    assert verdict == Undetermined("permissions_missing", Part.GRANTS, "needs View Setup", "Ask for it.")


def test_an_empty_list_of_grants_is_not_an_answer() -> None:
    assert isinstance(examine(), Undetermined)


def test_a_missing_user_is_another_cause() -> None:
    assert examine(user=None) is None


def test_a_permission_that_the_org_does_not_show_is_undetermined_while_the_streams_are_unread() -> None:
    verdict = examine(profile("ApiEnabled", "CustomizeApplication"), fields=WITHOUT_EVENTS, streams=None)
    assert isinstance(verdict, Undetermined)
    assert verdict.part == "fields"
    assert "View Real-Time Event Monitoring Data" in verdict.reason


@pytest.mark.parametrize("entity", STREAMS)
def test_one_stream_that_is_there_leaves_it_undetermined(entity: str) -> None:
    grant = profile("ApiEnabled", "CustomizeApplication")
    assert isinstance(examine(grant, fields=WITHOUT_EVENTS, streams=streams(entity)), Undetermined)


def test_without_event_monitoring_its_permission_does_not_count() -> None:
    grant = profile("ApiEnabled", "CustomizeApplication")
    assert examine(grant, fields=WITHOUT_EVENTS, streams=streams("ApiEventStream")) is None


def test_without_event_monitoring_the_others_still_count() -> None:
    finding = found(profile("ApiEnabled"), fields=WITHOUT_EVENTS, streams=())
    assert finding.missing == ("CustomizeApplication",)


def test_no_streams_alone_do_not_excuse_a_permission_that_the_org_shows() -> None:
    assert found(profile("ApiEnabled", "CustomizeApplication"), streams=()).missing == (EVENTS,)


def test_unread_fields_leave_what_is_not_granted_undetermined() -> None:
    verdict = examine(profile("ApiEnabled"), fields=unreadable("no answer", "Try later."))
    assert isinstance(verdict, Undetermined)
    assert (verdict.part, verdict.next_step) == ("fields", "Try later.")


def test_unread_fields_do_not_matter_where_all_is_granted() -> None:
    assert examine(profile(), fields=unreadable()) is None


def test_what_is_surely_missing_outweighs_what_is_not_sure() -> None:
    finding = found(profile("ApiEnabled"), fields=WITHOUT_EVENTS)
    assert finding.missing == ("CustomizeApplication",)
    assert any("does not show" in fact.text for fact in finding.facts)


def test_permissions_that_come_with_others_never_block() -> None:
    assert examine(profile(*NEEDED)) is None


def test_one_whose_need_is_not_shown_is_a_warning() -> None:
    (fact,) = CAUSE.warn(connection(), evidence(grants=(profile(*NEEDED),)), REQUIREMENTS)
    assert fact.text.startswith("Manage All Private Reports and Dashboards is not granted")


@pytest.mark.parametrize("parts", [{"grants": unreadable()}, {"user": None}, {}])
def test_nothing_is_warned_of_where_nothing_is_lacking_or_known(parts: dict[str, Any]) -> None:
    assert CAUSE.warn(connection(), evidence(**parts), REQUIREMENTS) == ()


def test_the_list_of_requirements_can_be_another() -> None:
    other = (Requirement("Edit Tasks", "EditTask", Need.BLOCKS, ADMINISTRATIVE, "a test", "a test"),)
    reading = evidence(fields=("EditTask",))
    verdict = CAUSE.examine(connection(), reading, other)
    assert isinstance(verdict, Finding)
    assert verdict.missing == ("EditTask",)


def test_the_first_loss_dates_the_outage_and_names_who() -> None:
    rows = trail(
        permission_taken("Customize Application", ago(minutes=30), by=("Old", "old@acme.example")),
        permission_taken("API Enabled", ago(minutes=5)),
    )
    finding = found(profile(EVENTS), audit=rows)
    assert finding.since == ago(minutes=30)
    assert finding.by is not None
    assert finding.by.name == "Old"


def test_without_a_row_it_says_why_nobody_is_named() -> None:
    finding = found(profile("ApiEnabled"), audit=trail())
    assert (finding.since, finding.by) == (None, None)
    assert finding.by_unknown == "by whom: not known (the audit trail does not show it)"


def step_test(reading: Evidence, requirements: tuple[Requirement, ...] = REQUIREMENTS) -> bool | None:
    test = steps_for(("permissions_missing",), requirements)[-1][1].test
    assert test is not None
    return test(reading)


def test_the_last_step_is_done_when_everything_needed_is_granted() -> None:
    assert step_test(evidence()) is True
    assert step_test(evidence(grants=(profile("ApiEnabled"),))) is False
    assert step_test(evidence(grants=(profile("ApiEnabled"), group(*NEEDED, status="Updating")))) is None
    assert step_test(evidence(grants=unreadable())) is None


def test_the_last_step_goes_by_the_requirements_of_the_configuration() -> None:
    lenient = tuple(replace(each, need=Need.SHOWN) for each in REQUIREMENTS)
    assert step_test(evidence(grants=(profile("ApiEnabled"),)), lenient) is True


def test_the_last_step_does_not_wait_for_a_permission_that_the_org_cannot_have() -> None:
    grants = (profile("ApiEnabled", "CustomizeApplication"),)
    assert step_test(evidence(grants=grants, fields=WITHOUT_EVENTS, streams=())) is True


def test_the_last_step_names_what_is_missing_and_where_it_stands_on_the_profile_page() -> None:
    reading = evidence(grants=(profile("ApiEnabled", EVENTS), permission_set("RunReports")))
    text = CAUSE.steps[-1].text(subject(reading), Experience.LIGHTNING)
    assert PROFILE in text.lines[1]
    assert "Customize Application (Administrative permissions)" in text.lines
    assert not any("API Enabled" in line for line in text.lines)
    assert any("Incydr Access" in line for line in text.lines)
    assert text.link is not None
    assert text.link.endswith(f"address=%2F{PROFILE_ID}")


def test_after_the_repair_the_last_step_says_that_nothing_is_missing() -> None:
    text = CAUSE.steps[-1].text(subject(evidence()), Experience.LIGHTNING)
    assert text.lines == (
        "Nothing is missing now: the service account has every permission that Incydr needs.",
    )


@pytest.mark.parametrize("reading", [None, evidence(grants=unreadable(), user=unreadable())])
def test_the_last_step_lists_all_that_is_needed_while_nothing_is_known(reading: Evidence | None) -> None:
    text = CAUSE.steps[-1].text(subject(reading), Experience.CLASSIC)
    assert sum(line.endswith("permissions)") for line in text.lines) == len(NEEDED)
    assert text.link == "https://acme.my.salesforce.com/00e?setupid=EnhancedProfiles"


def test_each_permission_names_the_grants_that_carry_it() -> None:
    held = effective_permissions.of_account(
        evidence(grants=(profile("ApiEnabled"), permission_set("ApiEnabled"))), REQUIREMENTS
    )
    assert isinstance(held, tuple)
    assert [grant.name for grant in held[0].by] == [PROFILE, "Incydr Access"]


def test_the_rows_author_is_the_one_in_the_trail() -> None:
    finding = found(
        profile("ApiEnabled", EVENTS), audit=trail(permission_taken("Customize Application", NOW))
    )
    assert finding.by is not None
    assert (finding.by.name, finding.by.username) == JANE


def test_the_step_begins_with_whose_list_decides() -> None:
    (*_, step) = CAUSE.steps
    for reading in (None, evidence(grants=(profile("ApiEnabled"),))):
        assert (
            "Incydr's list of required permissions"
            in step.text(subject(reading), Experience.CLASSIC).lines[0]
        )
    assert step.docs is vendor_pages.PERMISSIONS
