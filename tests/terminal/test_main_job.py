"""The main job in a real terminal, by keys alone: from Error, through the wizard, back to Monitoring."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminals import Terminal

Start = Callable[..., Terminal]
SPEED = "120"
"""Twenty simulated minutes take ten seconds."""


def demo(terminal: Start, **size: int) -> Terminal:
    screen = terminal("demo", "--speed", SPEED, **size)
    screen.wait_for("Acme EMEA", "Acme Legacy", "5 Error", "1 Unknown")
    return screen


def choose(screen: Terminal, name: str, headline: str) -> None:
    """Filter the list to one connection and wait for its detail."""
    screen.press("/")
    screen.press(name.removeprefix("Acme "))
    screen.press("enter")
    screen.wait_for(f"─ {name} ─", headline)


def fix(screen: Terminal, button: str, username: str) -> None:
    """`f`, the username where another person did it, Enter."""
    screen.press("f")
    screen.wait_for("esc Cancel", button)
    if "type the username" in screen.text:
        screen.press(username)
    screen.press("enter")


def returned(screen: Terminal, proof: str, steps: int = 4) -> None:
    """The last screen of the wizard; what came before it may be gone sooner than it is read."""
    screen.wait_for("Monitoring is back", f"✓ {steps} Wait for Incydr", proof, timeout=120)
    assert "Monitoring" in screen.text.splitlines()[1]


@pytest.mark.parametrize(
    ("name", "headline", "button", "username", "proof"),
    [
        (
            "Acme EMEA",
            "The service account is frozen",
            "Unfreeze",
            "incydr.emea@acme.example",
            "Incydr is back",
        ),
        (
            "Acme LATAM",
            "The service account is deactivated",
            "Reactivate",
            "incydr.latam@acme.example",
            "Incydr is back",
        ),
        (
            "Acme Sandbox",
            "The service account lacks permissions",
            "Grant",
            "incydr.sandbox@acme.example",
            "Incydr is back: a file event",
        ),
    ],
)
def test_a_connection_in_error_is_walked_back_to_monitoring(
    terminal: Start, name: str, headline: str, button: str, username: str, proof: str
) -> None:
    screen = demo(terminal)
    choose(screen, name, headline)
    screen.press("enter")
    screen.wait_for("1 of 4")
    screen.press("enter")
    screen.wait_for("2 of 4")
    screen.press("enter")
    screen.wait_for("3 of 4", "Salesforce says: still")
    fix(screen, button, username)
    returned(screen, proof)
    assert "repaired by ops" in screen.text
    screen.press("q")
    assert screen.wait_end() == 0


def test_keys_typed_faster_than_the_screen_follows_reach_what_they_mean(terminal: Start) -> None:
    screen = demo(terminal)
    screen.press("/Canoe\x7f\x7fada\r\r")
    screen.wait_for("1 of 5", "Acme Canada · Error")
    screen.press("f")
    screen.wait_for("type the username: incydr.canada@acme.example")
    screen.press("wrong\x15incydr.canada@acme.example\r")
    screen.wait_for("Unfreeze: done, and confirmed by Salesforce.")


def test_the_rate_limited_connection_returns_by_itself(terminal: Start) -> None:
    screen = demo(terminal)
    choose(screen, "Acme APAC", "Too many sign-ins within the hour")
    assert "No action: ends by itself" in screen.text
    screen.wait_match(r"● Acme APAC .*Monitoring", timeout=120)
    screen.wait_match(r"Incydr is back: (Incydr signed in|a file event)")


def test_the_double_cause_needs_both_repairs(terminal: Start) -> None:
    screen = demo(terminal)
    choose(screen, "Acme Canada", "The service account is frozen")
    screen.wait_for("The service account lacks permissions")
    screen.press("enter")
    screen.wait_for("1 of 5")
    fix(screen, "Unfreeze", "incydr.canada@acme.example")
    screen.wait_for(
        "4 of 5", "Permissions removed by Jane Doe", "Unfreeze: done, and confirmed by Salesforce."
    )
    assert "Error" in screen.text.splitlines()[1]
    fix(screen, "Grant", "incydr.canada@acme.example")
    returned(screen, "Incydr is back: a file event", steps=5)


def test_a_person_who_repairs_in_salesforce_is_named_in_the_wizard(terminal: Start) -> None:
    screen = demo(terminal)
    choose(screen, "Acme EMEA", "The service account is frozen")
    screen.press("enter")
    screen.wait_for("1 of 4")
    screen.press("ctrl+p")
    screen.press("unfreeze")
    screen.wait_for("Demo")
    screen.press("enter")
    returned(screen, "repaired by Jane Doe")


def test_the_whole_job_works_in_eighty_columns(terminal: Start) -> None:
    screen = demo(terminal, columns=80, rows=24)
    screen.press("enter")
    screen.wait_for("1 of 4")
    fix(screen, "Unfreeze", "incydr.emea@acme.example")
    screen.wait_for("Monitoring is back", timeout=90)


def test_the_first_start_leads_to_the_demo_by_one_key(terminal: Start, tmp_path: Path) -> None:
    screen = terminal(env={"XDG_CONFIG_HOME": str(tmp_path / "nothing")})
    screen.wait_for("Welcome to remonitor", "l Look around")
    screen.press("l")
    screen.wait_for("Acme EMEA", "5 Error")
    screen.press("q")
    assert screen.wait_end() == 0
