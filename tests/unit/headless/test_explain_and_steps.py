"""`explain` and `steps`: without any configuration, and held against what Salesforce shows."""

from datetime import UTC
from typing import Any

import pytest

from tests.evidence import JANE, NOW, ago, connection, evidence, froze, history, login, rate_exceeded, trail
from tui.causes.diagnosis import diagnose
from tui.causes.registry import CAUSES
from tui.causes.requirements import REQUIREMENTS
from tui.connections.connection import Experience
from tui.connections.recovery import advance
from tui.connections.state import State
from tui.headless import explain, steps
from tui.headless.exits import Exit

DEACTIVATED = (
    "The Salesforce service account user that authorized this data connection has been deactivated. "
    "Reactivate the user account to return this data connection to monitoring."
)
FROZEN = DEACTIVATED.replace("deactivated", "frozen").replace("Reactivate", "Unfreeze")


def test_a_pasted_message_is_recognised_with_what_surrounds_it() -> None:
    code, answer = explain.run(f"Ticket 4711:\n  {DEACTIVATED.replace(' ', chr(10), 3)}\nthanks")
    assert code is Exit.OK
    assert answer.startswith("user_deactivated: ")


def test_the_frozen_message_names_both_of_its_causes() -> None:
    _, answer = explain.run(FROZEN)
    assert "user_frozen: " in answer
    assert "login_rate_exceeded: " in answer


def test_an_unknown_message_is_no() -> None:
    assert explain.run("the printer is on fire")[0] is Exit.NO


def state(name: str, **parts: Any) -> State:
    known, reading = connection(name=name), evidence(**parts)
    return advance(known, None, reading, diagnose(known, reading), None)


def frozen(name: str) -> State:
    at = ago(minutes=18)
    return state(name, freeze=login(frozen=True, modified=at), audit=trail(froze(at, JANE)))


def held(*states: State, named: bool = False) -> str:
    return explain.held_against(FROZEN, states, UTC, NOW, named=named)


def test_a_message_is_held_against_each_connection_with_a_fault() -> None:
    told = held(frozen("Acme EMEA"), state("Acme US"), frozen("Acme APAC"))
    assert [line for line in told.splitlines() if line and line[0] != " "] == ["Acme EMEA", "Acme APAC"]
    assert "by Jane Doe (jane@acme.example) at 13:42:00" in told


def test_the_frozen_message_over_a_rate_limit_says_what_it_really_is() -> None:
    told = held(state("Acme EMEA", sign_ins=history(rate_exceeded(ago(minutes=5)))))
    assert "the user is not frozen" in told
    assert "the hourly quota resets" in told


def test_where_nothing_is_wrong_the_counts_say_so() -> None:
    assert held(state("Acme EMEA")) == "No fault to hold it against: 1 connection · all Monitoring."


def test_a_named_connection_is_asked_although_nothing_is_wrong() -> None:
    assert "What the console says is no longer so in Salesforce:" in held(state("Acme EMEA"), named=True)


def test_without_a_text_every_cause_is_explained() -> None:
    _, answer = explain.run(None)
    assert all(f"{cause.id}: {cause.title}" in answer for cause in CAUSES)


@pytest.mark.parametrize("cause", steps.known_causes())
@pytest.mark.parametrize("experience", list(Experience))
def test_every_cause_has_steps_that_end_with_the_wait(cause: str, experience: Experience) -> None:
    lines = steps.of_cause(cause, experience, REQUIREMENTS).splitlines()
    numbered = [line for line in lines if line[0].isdigit()]
    assert numbered[-1].endswith("Wait for Incydr")
    assert not any("link:" in line for line in lines)


def test_the_two_experiences_differ_in_words() -> None:
    told = {steps.of_cause("user_frozen", experience, REQUIREMENTS) for experience in Experience}
    assert len(told) == 2
