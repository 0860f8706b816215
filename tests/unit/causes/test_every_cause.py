"""What each cause needs beside its own file; a test fails with the cause and what it lacks in its name."""

from collections.abc import Callable, Mapping
from datetime import UTC
from pathlib import Path

import pytest

from tests.evidence import NOW, ago, connection, evidence, subject
from tests.unit.diagnosis_matrix.world import World
from tests.unit.diagnosis_matrix.worlds_causes import CAUSES_ALONE
from tui.causes.cause import Cause
from tui.causes.registry import CAUSES
from tui.connections.connection import Experience
from tui.connections.evidence import Unreadable
from tui.connections.finding import Sign
from tui.connections.recovery import advance
from tui.demo.administrator import ACTIONS, BREAKS
from tui.diagnosis.console_check import check_message
from tui.diagnosis.diagnose import diagnose
from tui.diagnosis.differences import differences
from tui.wording import Times, evidence_rows
from tui.wording.console_check import console_check_lines

README = (Path(__file__).parents[3] / "README.md").read_text()
IN_THE_README = {
    "service_account_missing": "service account missing",
    "organization_unavailable": "organisation not available",
    "user_deactivated": "deactivated",
    "user_frozen": "frozen",
    "login_rate_exceeded": "sign-in rate exceeded",
    "sign_in_blocked": "sign-in blocked",
    "access_revoked": "access revoked",
    "permissions_missing": "permissions missing",
    "event_monitoring_unlicensed": "Event Monitoring not licensed",
    "event_streaming_disabled": "event streaming off",
}
WELL = evidence(now=ago(minutes=45))
TIMES = Times(UTC, NOW)


def world(cause: Cause) -> World:
    """The world in which it is the only thing wrong."""
    (found,) = (each for each in CAUSES_ALONE if each.findings == (cause.id,))
    return found


def has_a_world(cause: Cause) -> bool:
    return world(cause).diagnosis.causes == (cause.id,)


def has_a_row_of_the_evidence_that_is_bad(cause: Cause) -> bool:
    return world(cause).diagnosis.signs.get(cause.row) is Sign.BAD


def has_a_bad_row_on_the_screen(cause: Cause) -> bool:
    signs = [row.sign for row in evidence_rows(world(cause).state, TIMES)]
    return signs.count(Sign.BAD) >= 1


def has_a_row_in_the_readme(cause: Cause) -> bool:
    return README.count(f"\n| {IN_THE_README[cause.id]} | ") == 1


def has_a_difference_in_words(cause: Cause) -> bool:
    sick = world(cause)
    facts = differences(WELL, sick.evidence, sick.diagnosis)
    return bool(facts) and all(fact.text for fact in facts)


def has_an_order_in_the_demo(cause: Cause) -> bool:
    begins, ends = BREAKS[cause.id]
    return begins in ACTIONS and (ends is None or ends in ACTIONS)


def has_a_sentence_for_absent(cause: Cause) -> bool:
    state = advance(connection(), None, WELL, diagnose(connection(), WELL))
    told = console_check_lines(check_message(cause.id, state), TIMES)
    return bool(cause.absent) and f"Salesforce shows: {cause.absent}." in told


def has_steps_with_words(cause: Cause) -> bool:
    sick = subject(world(cause).evidence)
    return bool(cause.steps) and all(
        step.text(sick, each).lines for step in cause.steps for each in Experience
    )


NEEDS: Mapping[str, Callable[[Cause], bool]] = {
    each.__name__: each
    for each in (
        has_a_world,
        has_a_row_of_the_evidence_that_is_bad,
        has_a_bad_row_on_the_screen,
        has_a_row_in_the_readme,
        has_a_difference_in_words,
        has_an_order_in_the_demo,
        has_a_sentence_for_absent,
        has_steps_with_words,
    )
}


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_a_cause(cause: Cause, need: str) -> None:
    assert NEEDS[need](cause), f"{cause.id} lacks: {need}"


def test_the_readme_lists_the_causes_in_the_order_of_repair() -> None:
    places = [README.index(f"\n| {IN_THE_README[cause.id]} | ") for cause in CAUSES]
    assert places == sorted(places)
    table = README[places[0] : README.index("\n\n", places[-1])]
    assert table.strip().count("\n") + 1 == len(CAUSES)


def test_what_ended_is_told_too() -> None:
    """From each cause's world back to a healthy one; what only ends by time leaves no difference."""
    silent = {"login_rate_exceeded", "sign_in_blocked", "organization_unavailable"}
    for cause in CAUSES:
        sick = world(cause)
        later = evidence(now=NOW)
        facts = differences(sick.evidence, later, diagnose(connection(), later))
        assert bool(facts) is (cause.id not in silent), cause.id


def test_the_licence_that_ends_and_comes_back_is_told_only_where_it_was_read() -> None:
    sick = next(each for each in CAUSES_ALONE if each.findings == ("event_monitoring_unlicensed",)).evidence
    unread = evidence(fields=Unreadable("no answer"))
    nothing = diagnose(connection(), WELL)
    assert [f.text for f in differences(WELL, sick, nothing)] == ["the org has no Event Monitoring any more"]
    assert [f.text for f in differences(sick, WELL, nothing)] == ["the org has Event Monitoring again"]
    assert differences(unread, sick, nothing) == differences(sick, unread, nothing) == ()
