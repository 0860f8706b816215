"""An org that nobody can sign in to: what Salesforce answered to the newest sign-in of any client decides."""

import pytest

from tests.evidence import APP, ago, connection, evidence, history, signed_in, subject, unreadable
from tui.causes.organization_unavailable import CAUSE
from tui.connections.evidence import SignIns
from tui.connections.finding import Finding, Undetermined
from tui.connections.repair import NoRepair
from tui.rules.required_permissions import REQUIREMENTS

CLOSED = signed_in("Data Loader", "Organization closed", at=ago(minutes=5))


def examine(*rows: SignIns) -> Finding | Undetermined | None:
    return CAUSE.examine(connection(), evidence(sign_ins=history(*rows)), REQUIREMENTS)


@pytest.mark.parametrize(
    "text",
    ["Organization closed", "ORGANIZATION SUSPENDED", "Organization is inactive", "Failed: Trial Expired"],
)
def test_whoever_is_refused_for_it_shows_it_with_salesforces_own_words(text: str) -> None:
    finding = examine(signed_in("Data Loader", text, at=ago(minutes=5)))
    assert isinstance(finding, Finding)
    assert (finding.latest, finding.shown_at, finding.delay) == (ago(minutes=5), ago(minutes=5), None)
    assert finding.facts[0].text == f"Salesforce refuses every sign-in: {text}"
    assert isinstance(CAUSE.repair(finding, subject(evidence())), NoRepair)


@pytest.mark.parametrize("app", [APP, "Data Loader"])
def test_a_sign_in_that_went_through_since_shows_that_the_org_is_there_again(app: str) -> None:
    assert examine(CLOSED, signed_in(app, at=ago(minutes=4))) is None


def test_another_refusal_since_is_another_story() -> None:
    assert examine(CLOSED, signed_in(APP, "Restricted IP", at=ago(minutes=4))) is None


def test_without_a_user_and_without_a_sign_in_nothing_says_so() -> None:
    gone = evidence(user=None, sign_ins=history(CLOSED))
    assert CAUSE.examine(connection(), gone, REQUIREMENTS) is None
    assert examine() is None


def test_unread_sign_ins_decide_nothing() -> None:
    unread = CAUSE.examine(connection(), evidence(sign_ins=unreadable("no right")), REQUIREMENTS)
    assert isinstance(unread, Undetermined)
    assert (unread.part, unread.reason, unread.blocks) == ("sign_ins", "no right", True)
