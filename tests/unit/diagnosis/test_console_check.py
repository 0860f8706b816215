"""A pasted console message against the evidence."""

from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence import (
    ago,
    connection,
    deactivated,
    evidence,
    froze,
    history,
    login,
    rate_exceeded,
    trail,
    unreadable,
    user,
)
from tui.causes import permissions_missing, user_deactivated, user_frozen
from tui.causes.cause import Cause
from tui.causes.registry import CAUSES
from tui.connections.console_check import ConsoleCheck, Verdict
from tui.diagnosis.console_check import check_message, meant_by
from tui.diagnosis.diagnose import first_state


def checked(text: str, **parts: Any) -> ConsoleCheck:
    return check_message(text, first_state(connection(), evidence(**parts)))


def verdicts(found: ConsoleCheck) -> dict[str, Verdict]:
    return {answer.cause: answer.verdict for answer in found.answers}


def test_frozen_in_the_console_and_in_salesforce_agrees() -> None:
    frozen = {"freeze": login(frozen=True, modified=ago(minutes=9)), "audit": trail(froze(ago(minutes=9)))}
    found = checked(user_frozen.MESSAGE, **frozen)
    assert verdicts(found) == {"user_frozen": Verdict.PRESENT, "login_rate_exceeded": Verdict.ABSENT}
    assert found.agrees[0].finding is not None
    assert found.agrees[0].finding.since == ago(minutes=9)


def test_frozen_in_the_console_is_the_quota_where_salesforce_says_not_frozen() -> None:
    refused = history(rate_exceeded(ago(minutes=19)))
    found = checked(user_frozen.MESSAGE, sign_ins=refused)
    assert verdicts(found) == {"user_frozen": Verdict.ABSENT, "login_rate_exceeded": Verdict.PRESENT}


def test_something_else_in_salesforce_is_told_instead() -> None:
    gone = {"user": user(is_active=False), "audit": trail(deactivated(ago(minutes=9)))}
    found = checked(permissions_missing.MESSAGE, **gone)
    assert (found.agrees, [finding.cause for finding in found.instead]) == ((), ["user_deactivated"])
    assert not found.stale


def test_a_message_whose_cause_is_gone_is_stale() -> None:
    assert checked(user_deactivated.MESSAGE).stale


def test_an_unread_part_leaves_the_message_open() -> None:
    found = checked(user_frozen.MESSAGE, freeze=unreadable("needs Manage Users"))
    assert verdicts(found)["user_frozen"] is Verdict.UNDETERMINED
    assert found.answers[0].reason == "needs Manage Users"
    assert not found.stale


def test_an_unknown_message_says_nothing_and_salesforce_is_told_all_the_same() -> None:
    found = checked("Something went wrong", freeze=login(frozen=True))
    assert (found.said, found.stale, len(found.instead)) == (False, False, 1)


def ids(text: str) -> tuple[str, ...]:
    return tuple(cause.id for cause in meant_by(text))


def test_the_deactivated_message_means_one_cause() -> None:
    assert ids(user_deactivated.MESSAGE) == ("user_deactivated",)


def test_the_frozen_message_means_two() -> None:
    assert ids(user_frozen.MESSAGE) == ("user_frozen", "login_rate_exceeded")


def test_the_permissions_message_means_one() -> None:
    assert ids(permissions_missing.MESSAGE) == ("permissions_missing",)


def test_surroundings_line_breaks_and_capitals_do_not_matter() -> None:
    pasted = "Status: ERROR\n│ " + user_deactivated.MESSAGE.upper().replace(" ", " \n│ \t", 6) + " │\nDetails"
    assert ids(pasted) == ("user_deactivated",)


def test_typographic_quotes_and_escape_sequences_do_not_matter() -> None:
    pasted = "\x1b[31m" + permissions_missing.MESSAGE.replace("'", "’") + "\x1b[0m"
    assert ids(pasted) == ("permissions_missing",)


@pytest.mark.parametrize("module", [user_deactivated, user_frozen, permissions_missing])
def test_the_first_sentence_of_a_message_means_what_the_whole_means(module: ModuleType) -> None:
    sentence, _, rest = module.MESSAGE.partition(". ")
    assert rest
    assert ids(sentence) == ids(module.MESSAGE)


def test_what_the_login_history_says_of_the_quota_is_understood() -> None:
    assert ids("Login Rate Exceeded") == ("login_rate_exceeded",)


def test_several_messages_mean_their_causes_in_the_order_of_repair() -> None:
    both = f"{permissions_missing.MESSAGE} {user_deactivated.MESSAGE}"
    assert ids(both) == ("user_deactivated", "permissions_missing")


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_a_title_or_an_id_means_its_cause(cause: Cause) -> None:
    assert cause in meant_by(f"what is {cause.id}?")
    assert cause in meant_by(f"It says: {cause.title}.")


@pytest.mark.parametrize("text", ["", "   ", "All is well", "The Salesforce service account user"])
def test_other_text_means_nothing(text: str) -> None:
    assert ids(text) == ()


def test_a_part_of_a_word_means_nothing() -> None:
    assert ids("my_user_frozen_table") == ()


@given(st.text())
def test_any_text_around_a_message_leaves_its_meaning(noise: str) -> None:
    assert "user_deactivated" in ids(f"{user_deactivated.MESSAGE} {noise}")
