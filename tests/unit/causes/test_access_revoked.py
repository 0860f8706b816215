"""Incydr's app has no access any more."""

import pytest

from tests.evidence import (
    APP,
    ago,
    connection,
    evidence,
    history,
    signed_in,
    subject,
    unreadable,
    user,
)
from tui.causes.access_revoked import CAUSE
from tui.connections.connection import Experience
from tui.connections.evidence import FileEvents, Read, Token
from tui.connections.finding import ANY_PROOF, Finding, Undetermined
from tui.connections.repair import NoRepair
from tui.diagnosis.diagnose import diagnose
from tui.rules.required_permissions import REQUIREMENTS

OTHER = Token("Data Loader", created=ago(days=9))
INVALID = signed_in(APP, "Failed: Invalid Token", at=ago(minutes=5))
WELL = signed_in(at=ago(minutes=30))


def examine(of: object = None, **parts: object) -> Finding | Undetermined | None:
    return CAUSE.examine(of or connection(), evidence(**parts), REQUIREMENTS)  # type: ignore[arg-type]


def found(**parts: object) -> Finding:
    verdict = examine(**parts)
    assert isinstance(verdict, Finding)
    return verdict


def not_checked(verdict: object) -> str:
    assert isinstance(verdict, Undetermined)
    assert not verdict.blocks
    return verdict.part


def test_a_token_of_the_app_is_access() -> None:
    assert examine() is None


def test_an_app_that_signed_in_once_and_has_no_token_now_has_lost_its_access() -> None:
    finding = found(tokens=(OTHER,))
    assert (finding.part, finding.delay, finding.proofs) == ("tokens", None, ANY_PROOF)


def test_it_is_as_old_as_the_reading_of_the_tokens() -> None:
    parts = {"tokens": Read((), ago(minutes=7)), "sign_ins": history(signed_in(at=ago(minutes=30)))}
    assert found(**parts).seen_at == ago(minutes=7)


def test_a_success_after_the_tokens_were_read_speaks_against_it() -> None:
    assert examine(tokens=Read((), ago(minutes=15))) is None


def test_a_file_event_after_the_tokens_were_read_does_too() -> None:
    parts = {"sign_ins": history(signed_in(at=ago(hours=3))), "events": FileEvents(ago(minutes=3))}
    assert examine(tokens=Read((), ago(minutes=15)), **parts) is None


def test_an_app_that_never_signed_in_is_not_checked() -> None:
    other = history(signed_in("Data Loader", count=50))
    assert not_checked(examine(tokens=(), sign_ins=other)) == "tokens"


def test_a_refused_token_is_enough() -> None:
    finding = found(sign_ins=history(WELL, INVALID), tokens=unreadable())
    assert (finding.part, finding.since) == ("sign_ins", ago(minutes=5))


def test_a_refused_token_speaks_although_others_of_the_app_are_there() -> None:
    assert isinstance(examine(sign_ins=history(WELL, INVALID)), Finding)


def test_a_token_given_after_the_refusal_is_access_again() -> None:
    fresh = (Token(APP, created=ago(minutes=2)),)
    assert examine(sign_ins=history(WELL, INVALID), tokens=fresh) is None


def test_a_success_after_the_refusal_is_access_again() -> None:
    assert examine(sign_ins=history(INVALID, signed_in(at=ago(minutes=1)))) is None


@pytest.mark.parametrize("part", [None, unreadable("needs Customize Application")])
def test_unread_tokens_are_not_checked_and_block_nothing(part: object) -> None:
    assert not_checked(examine(tokens=part)) == "tokens"


def test_without_the_apps_name_it_is_not_checked() -> None:
    assert not_checked(examine(connection(incydr_app=None))) == "tokens"


@pytest.mark.parametrize("part", ["user", "sign_ins"])
def test_without_user_or_sign_ins_it_is_not_checked(part: str) -> None:
    assert not_checked(examine(tokens=(), **{part: unreadable()})) == part


@pytest.mark.parametrize("account", [None, user(is_active=False)], ids=["missing", "inactive"])
def test_of_a_user_that_is_missing_or_inactive_nothing_is_said(account: object) -> None:
    assert examine(tokens=(), user=account) is None


def test_it_explains_how_to_authorise_again() -> None:
    of = evidence(tokens=())
    (finding,) = diagnose(connection(), of).findings
    offer = CAUSE.repair(finding, subject(of))
    assert isinstance(offer, NoRepair)
    assert "sign-in as incydr.svc@acme.example" in offer.reason
    for experience in Experience:
        lines = [line for step in CAUSE.steps for line in step.text(subject(of), experience).lines]
        assert any("as the service account" in line for line in lines)
        assert any("Unblock" in line and "Install" in line for line in lines)
        assert any("Remove it now" in line for line in lines)
