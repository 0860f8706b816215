"""`explain` and `steps` without any configuration."""

import pytest

from tui.causes.registry import CAUSES
from tui.causes.requirements import REQUIREMENTS
from tui.connections.connection import Experience
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
