"""Esc with a key behind it, and pastes without brackets, as real terminals send them: in one packet."""

from collections.abc import Callable

from tests.terminals import Terminal

Start = Callable[..., Terminal]
MESSAGE = "The Salesforce service account user that\rauthorized this data connection has been\rfrozen.\r"


def test_esc_and_a_key_in_one_packet_are_two_keys(terminal: Start) -> None:
    screen = terminal("demo")
    screen.wait_for("Acme EMEA", "5 Error")
    screen.press("/")
    screen.press("latam")
    screen.wait_for("1 of 7")
    screen.press("\x1b?")
    screen.wait_for("In the list", "esc Close")
    screen.press("\x1b\r")
    screen.wait_for("1 of 4")
    screen.press("\x1b\x1b[B")
    screen.wait_until(lambda t: "1 of 4" not in t.text, what="the list")
    screen.press("\x10")
    screen.wait_for("Search for commands")
    screen.press("\x1bq")
    assert screen.wait_end() == 0


def test_a_paste_without_brackets_presses_no_key(terminal: Start) -> None:
    screen = terminal("demo")
    screen.wait_for("Acme EMEA", "5 Error")
    screen.press(MESSAGE)
    screen.wait_for("What you pasted is not used here", "7 connections")
    screen.press("e")
    screen.wait_for("Paste the message of the Incydr console")
    screen.press(MESSAGE)
    screen.wait_for("The service account is frozen · you must act")
