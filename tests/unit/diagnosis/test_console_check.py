"""A pasted console message against the evidence."""

from typing import Any

from tests.evidence import (
    ago,
    connection,
    deactivated,
    evidence,
    froze,
    history,
    login,
    rate_exceeded,
    signed_in,
    trail,
    unreadable,
    user,
)
from tui.causes import permissions_missing, user_deactivated, user_frozen
from tui.connections.console_check import ConsoleCheck, Verdict
from tui.connections.recovery import advance
from tui.diagnosis.console_check import check_message
from tui.diagnosis.diagnose import diagnose

REFUSED = history(rate_exceeded(ago(minutes=19)), signed_in("Data Loader", count=3_600))


def checked(text: str, **parts: Any) -> ConsoleCheck:
    of = evidence(**parts)
    return check_message(text, advance(connection(), None, of, diagnose(connection(), of)))


def verdicts(found: ConsoleCheck) -> dict[str, Verdict]:
    return {answer.cause: answer.verdict for answer in found.answers}


def test_frozen_in_the_console_and_in_salesforce_agrees() -> None:
    frozen = {"freeze": login(frozen=True, modified=ago(minutes=9)), "audit": trail(froze(ago(minutes=9)))}
    found = checked(user_frozen.MESSAGE, **frozen)
    assert verdicts(found) == {"user_frozen": Verdict.PRESENT, "login_rate_exceeded": Verdict.ABSENT}
    assert found.agrees[0].finding is not None
    assert found.agrees[0].finding.since == ago(minutes=9)


def test_frozen_in_the_console_is_the_quota_where_salesforce_says_not_frozen() -> None:
    found = checked(user_frozen.MESSAGE, sign_ins=REFUSED)
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
