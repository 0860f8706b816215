"""Incydr's sign-in is refused for another reason than freeze, deactivation or the hourly quota."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.evidence import (
    APP,
    USER_ID,
    ago,
    audit_row,
    connection,
    evidence,
    history,
    login,
    repair_for,
    signed_in,
    subject,
    trail,
    unreadable,
)
from tui.causes.sign_in_blocked import CAUSE
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence, FileEvents
from tui.connections.finding import Finding, Kind, Undetermined
from tui.connections.repair import NoRepair, Repair, Update
from tui.diagnosis.diagnose import diagnose
from tui.rules.required_permissions import REQUIREMENTS

WELL = signed_in(at=ago(minutes=30), count=40)
LOCKED = replace(login(), is_password_locked=True)


def refused(status: str = "Restricted IP", *, minutes: float = 5, app: str = APP, **more: object) -> object:
    return signed_in(app, status, at=ago(minutes=minutes), **more)  # type: ignore[arg-type]


def reading(*rows: object, **parts: object) -> Evidence:
    return evidence(sign_ins=history(WELL, *rows), **parts)  # type: ignore[arg-type]


def examine(*rows: object, **parts: object) -> Finding | Undetermined | None:
    return CAUSE.examine(connection(), reading(*rows, **parts), REQUIREMENTS)


def found(*rows: object, **parts: object) -> Finding:
    verdict = examine(*rows, **parts)
    assert isinstance(verdict, Finding)
    return verdict


def unlocked(minutes: float) -> object:
    return audit_row("unlockeduser", f"Unlocked user (UserID: [{USER_ID[:15]}])", at=ago(minutes=minutes))


@pytest.mark.parametrize(
    "status",
    [
        "Restricted IP",
        "Restricted time",
        "Failed: IP Address Not Allowed",
        "Organization locked",
        "Invalid password",
        "Maximum logins exceeded",
        "Failed: Get Access Token Limit Exceeded",
        "RESTRICTED IP",
    ],
)
def test_a_known_refusal_needs_a_person_and_is_told_verbatim(status: str) -> None:
    finding = found(refused(status))
    assert (finding.title, finding.kind) == (f"Incydr's sign-in is refused: {status}", Kind.ACTION)
    assert finding.delay_assumed


def test_maintenance_ends_by_itself() -> None:
    assert found(refused("Organization is in maintenance")).kind is Kind.SELF_HEALING


def test_an_unknown_text_stays_as_it_is() -> None:
    assert found(refused("Computer says no")).title.endswith(": Computer says no")


@pytest.mark.parametrize(
    "status",
    [
        "User is inactive",
        "User is frozen",
        "Login rate exceeded",
        "Failed: Invalid Token",
        "Failed: OAuth API access disabled",
    ],
)
def test_texts_of_other_causes_are_theirs_alone(status: str) -> None:
    assert examine(refused(status)) is None


@pytest.mark.parametrize("app", ["", "N/A", "n/a"])
def test_a_refusal_without_an_application_counts_as_incydrs(app: str) -> None:
    assert examine(refused(app=app)) is not None


def test_a_refusal_of_another_application_is_not_incydrs() -> None:
    assert examine(refused(app="Data Loader")) is None


def test_a_success_after_it_ends_it() -> None:
    assert examine(refused(minutes=40)) is None


def test_a_success_at_the_same_second_does_not() -> None:
    assert isinstance(examine(refused(minutes=30)), Finding)


def test_a_success_of_another_application_does_not_either() -> None:
    assert isinstance(examine(refused(), signed_in("Data Loader", at=ago(minutes=1))), Finding)


def test_a_file_event_after_it_ends_it() -> None:
    assert examine(refused(), events=FileEvents(ago(minutes=2))) is None


def test_only_the_newest_refusal_speaks() -> None:
    assert examine(refused("Restricted IP"), refused("User is frozen", minutes=3)) is None


def test_it_began_with_the_first_refusal_after_the_last_success() -> None:
    since_then = refused(minutes=5, first=ago(minutes=20), count=9)
    assert found(since_then).since == ago(minutes=20)
    assert "at least 9 times" in found(since_then).facts[1].text


def test_refusals_from_before_the_last_success_do_not_date_it() -> None:
    assert found(refused(minutes=5, first=ago(days=2), count=9)).since == ago(minutes=5)


def test_unreadable_sign_ins_leave_it_open_and_block() -> None:
    verdict = CAUSE.examine(connection(), evidence(sign_ins=unreadable("no answer")), REQUIREMENTS)
    assert isinstance(verdict, Undetermined)
    assert verdict.blocks


def test_a_missing_user_is_another_cause() -> None:
    assert examine(refused(), user=None) is None


def test_a_password_lock_lasts_while_salesforce_shows_it() -> None:
    assert isinstance(examine(refused("Password lockout"), freeze=LOCKED), Finding)
    assert examine(refused("Password lockout"), freeze=login()) is None


def test_an_unlock_row_ends_a_lock_and_names_who() -> None:
    parts = {"freeze": unreadable(), "audit": trail(unlocked(2))}  # type: ignore[arg-type]
    assert examine(refused("Password lockout"), **parts) is None
    was = CAUSE.past(connection(), reading(refused("Password lockout"), **parts), REQUIREMENTS)
    assert was is not None
    assert was.repaired_by is not None
    assert (was.repaired_by.name, was.repaired_by.at) == ("Jane Doe", ago(minutes=2))


def test_an_older_unlock_row_ends_nothing() -> None:
    parts = {"freeze": unreadable(), "audit": trail(unlocked(9))}  # type: ignore[arg-type]
    assert isinstance(examine(refused("Password lockout"), **parts), Finding)


def test_a_lock_can_be_taken_off() -> None:
    of = reading(refused("Password lockout"), freeze=LOCKED)
    offer = repair_for(found(refused("Password lockout"), freeze=LOCKED), subject(of))
    assert isinstance(offer, Repair)
    (change,) = offer.changes
    assert isinstance(change, Update)
    assert (change.object, change.after) == ("UserLogin", {"IsPasswordLocked": False})


def test_other_refusals_have_no_single_change() -> None:
    of = reading(refused())
    assert isinstance(repair_for(found(refused()), subject(of)), NoRepair)


@pytest.mark.parametrize("experience", list(Experience))
def test_the_step_says_what_the_text_asks_for(experience: Experience) -> None:
    lines = CAUSE.steps[-1].text(subject(reading(refused())), experience).lines
    assert lines[0] == "Salesforce says: Restricted IP."
    assert any("Login IP Ranges" in line for line in lines)
    assert "The sign-in came from 203.0.113.7." in lines


def test_no_countdown_runs_before_incydr_can_sign_in() -> None:
    assert found(refused()).delay == timedelta(minutes=20)
    assert diagnose(connection(), reading(refused())).causes == ("sign_in_blocked",)


@pytest.mark.parametrize(
    ("status", "said"), [("Restricted IP", True), ("Organization is in maintenance", False)]
)
def test_the_last_step_says_what_enter_means_where_a_person_mends_it(status: str, said: bool) -> None:
    text = CAUSE.steps[-1].text(subject(reading(refused(status))), Experience.LIGHTNING)
    assert any("mark this step as done" in line for line in text.lines) is said
