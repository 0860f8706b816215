"""A console message against what Salesforce shows, in words."""

from datetime import UTC
from typing import Any

from tests.evidence import (
    NOW,
    ago,
    connection,
    evidence,
    froze,
    history,
    login,
    rate_exceeded,
    trail,
    unreadable,
    user,
)
from tui.causes import user_deactivated, user_frozen
from tui.connections.evidence import Part
from tui.diagnosis.console_check import check_message
from tui.diagnosis.diagnose import first_state
from tui.wording import Times
from tui.wording.console_check import console_check_lines


def lines(text: str, **parts: Any) -> tuple[str, ...]:
    state = first_state(connection(), evidence(**parts))
    return console_check_lines(check_message(text, state), Times(UTC, NOW))


def test_the_console_says_frozen_and_salesforce_says_rate_limited() -> None:
    told = lines(user_frozen.MESSAGE, sign_ins=history(rate_exceeded(ago(minutes=19))))
    assert told[0] == "The console shows this message for several causes; this time:"
    assert told[1].startswith("Salesforce shows: Too many sign-ins within the hour · since 13:41:00")
    assert told[1].endswith("the hourly limit ends at about 14:41 (estimate)")
    assert told[2] == "Salesforce shows: the user is not frozen."


def test_both_agree_and_who_did_it_is_named() -> None:
    frozen = {"freeze": login(frozen=True, modified=ago(minutes=9)), "audit": trail(froze(ago(minutes=9)))}
    told = lines(user_frozen.MESSAGE, **frozen)
    assert "The service account is frozen · by Jane Doe (jane@acme.example) at 13:51:00" in told[1]


def test_a_message_of_one_cause_that_is_there_is_right() -> None:
    assert lines(user_deactivated.MESSAGE, user=user(is_active=False))[0] == "The console is right:"


def test_what_salesforce_shows_instead_is_told() -> None:
    told = lines(user_deactivated.MESSAGE, freeze=login(frozen=True))
    assert told[0] == "Salesforce does not show what the console says:"
    assert told[1] == "Salesforce shows: the user is active."
    assert told[2].startswith("Salesforce shows instead: The service account is frozen")


def test_a_cause_that_is_gone_may_not_have_been_noticed() -> None:
    told = lines(user_deactivated.MESSAGE)
    assert told[0] == "The console's message is old. Salesforce no longer shows this:"
    assert any("has not noticed" in line for line in told)


def test_what_cannot_be_asked_says_why() -> None:
    told = lines(user_frozen.MESSAGE, freeze=unreadable("needs Manage Users"))
    assert any(line.endswith("(The service account is frozen): needs Manage Users.") for line in told)


def test_an_unknown_message_is_told_as_such() -> None:
    assert lines("Something went wrong")[0] == "No known cause has this message."


def test_where_nothing_could_be_read_nobody_claims_a_reading() -> None:
    told = lines(user_frozen.MESSAGE, **dict.fromkeys(Part, unreadable("no answer")))
    assert told[-1] == "Tried at 14:00:00, but nothing could be read. The status is Unknown."
