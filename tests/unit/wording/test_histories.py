"""A history and what it sums up to, in words."""

from datetime import UTC, timedelta

import pytest

from tests.states import START, at
from tui import wording
from tui.connections.repair import Outcome, Result
from tui.watching.entry import Entry, EntryKind
from tui.watching.outages import Outage, Summary

SPAN = timedelta(days=30)


def step(result: str, by: str = "") -> str:
    entry = Entry(START, "Acme EMEA", EntryKind.STEP, "k", by=by, text="Find the user", result=result)
    return wording.entry_text(entry)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("done", 'step "Find the user": done, says ops'),
        ("unconfirmed", 'step "Find the user": done, says ops; Salesforce did not show it'),
        ("skipped", 'step "Find the user": skipped by ops'),
        ("reopened", 'step "Find the user": opened again by ops'),
        ("begun", "walkthrough begun by ops"),
    ],
)
def test_what_the_operator_did_with_a_step_is_told_with_his_name(result: str, said: str) -> None:
    assert step(result, "ops") == said


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("confirmed", 'step "Find the user": done, confirmed by Salesforce'),
        ("reopened", 'step "Find the user": opened again, Salesforce shows that it is not done'),
        ("closed", "walkthrough closed"),
    ],
)
def test_what_a_reading_made_of_a_step_is_told_as_salesforces_word(result: str, said: str) -> None:
    assert step(result) == said


def test_a_change_that_is_not_in_force_is_said_so() -> None:
    entry = Entry(START, "Acme EMEA", EntryKind.CHANGE, "k", text="Unfreeze", result="not_applied")
    assert wording.entry_text(entry) == "Unfreeze: sent, but Salesforce does not show it"
    assert wording.outcome(Outcome(Result.NOT_APPLIED)) == "it was sent, but Salesforce does not show it."


def test_thirty_days_without_an_outage_are_said_so() -> None:
    assert wording.outage_summary(Summary(SPAN)) == "30 days: no outage"


def test_the_sum_names_count_time_off_and_time_to_repair() -> None:
    total = Summary(SPAN, 2, 1, timedelta(minutes=185), timedelta(minutes=21))
    assert wording.outage_summary(total) == (
        "30 days: 2 outages (one goes on), not Monitoring for 3 h 5 min in all, repaired after 21 min on average"
    )


def test_one_outage_has_no_average() -> None:
    total = Summary(SPAN, 1, 0, timedelta(minutes=9), timedelta(minutes=5))
    assert wording.outage_summary(total).endswith("repaired after 5 min")


def test_an_outage_in_one_line() -> None:
    outage = Outage(at(0), ("user_frozen",), at(18), "Jane Doe", at(25), "sign_in")
    assert wording.outage_line(outage, wording.Times(UTC, at(60))) == (
        "13:00 to 13:25, 25 min, repaired after 18 min by Jane Doe"
    )


def test_an_outage_that_goes_on_counts_up_to_now() -> None:
    assert wording.outage_line(Outage(at(0)), wording.Times(UTC, at(60))) == "13:00 until now, 1 h"


def test_a_cause_that_came_again_brings_the_advice_to_mend_the_source() -> None:
    assert "fix the source" in wording.comes_back("user_frozen", Summary(SPAN, 2, again=("user_frozen",)))


def test_a_cause_that_came_once_brings_none() -> None:
    assert wording.comes_back("user_frozen", Summary(SPAN, 1)) == ""
