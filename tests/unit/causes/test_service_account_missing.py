"""A service account that the org does not know."""

from typing import Any

from tests.evidence import connection, evidence, subject, unreadable, user
from tui.causes.service_account_missing import CAUSE
from tui.connections.connection import Experience
from tui.connections.finding import Finding, Kind, Undetermined
from tui.connections.repair import NoRepair
from tui.rules.required_permissions import REQUIREMENTS


def examine(**parts: Any) -> Finding | Undetermined | None:
    return CAUSE.examine(connection(), evidence(**parts), REQUIREMENTS)


def test_no_user_is_a_missing_account_without_a_clock() -> None:
    finding = examine(user=None)
    assert isinstance(finding, Finding)
    assert (finding.kind, finding.delay) == (Kind.ACTION, None)


def test_a_user_is_not_missing() -> None:
    assert examine() is None


def test_an_unreadable_user_decides_nothing() -> None:
    assert isinstance(examine(user=unreadable()), Undetermined)


def test_the_same_user_under_another_name_is_not_missing_but_told() -> None:
    reading = evidence(user=user(username="incydr.new@acme.example"))
    assert CAUSE.examine(connection(), reading, REQUIREMENTS) is None
    (fact,) = CAUSE.warn(connection(), reading, REQUIREMENTS)
    assert "now called incydr.new@acme.example" in fact.text


def test_capitals_in_a_username_are_no_other_name() -> None:
    reading = evidence(user=user(username="Incydr.Svc@Acme.Example"))
    assert CAUSE.warn(connection(), reading, REQUIREMENTS) == ()


def test_no_warning_without_a_user() -> None:
    assert CAUSE.warn(connection(), evidence(user=None), REQUIREMENTS) == ()


def test_no_user_is_created() -> None:
    finding = examine(user=None)
    assert isinstance(finding, Finding)
    assert isinstance(CAUSE.repair(finding, subject(evidence(user=None))), NoRepair)


def test_the_last_step_is_done_when_the_user_is_there() -> None:
    test = CAUSE.steps[-1].test
    assert test is not None
    assert (test(evidence()), test(evidence(user=None)), test(evidence(user=unreadable()))) == (
        True,
        False,
        None,
    )


def test_the_last_step_names_the_account() -> None:
    text = CAUSE.steps[-1].text(subject(), Experience.LIGHTNING)
    assert "incydr.svc@acme.example" in text.lines[0]
