"""What others have written over the screen goes again: by a key, after a suspension, with a new size."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminals import Terminal

GARBAGE = "\x1b[5;1Hanother program was here\x1b[12;30H\x1b[7mand here\x1b[m"

Start = Callable[..., Terminal]


def write_over(screen: Terminal) -> None:
    """Write into the same terminal from another process's place."""
    # The terminal itself says where its other end is.
    other_end = Path(f"/proc/{screen.child.pid}/fd/1").readlink()
    other_end.write_text(GARBAGE)
    screen.wait_for("another program was here", "and here")


def welcomed(terminal: Start) -> Terminal:
    screen = terminal()
    screen.wait_for("no configuration yet", "q Quit")
    return screen


def stopped(screen: Terminal) -> bool:
    return Path(f"/proc/{screen.child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("opened", [(), ("?",)])
def test_ctrl_l_draws_the_whole_screen_again(terminal: Start, opened: tuple[str, ...]) -> None:
    screen = welcomed(terminal)
    for key in opened:
        screen.press(key)
        screen.wait_for("esc Close", "Previous problem")
    shown = screen.text
    write_over(screen)
    screen.press("\x0c")
    screen.wait_until(lambda t: t.text == shown)


def test_after_a_suspension_the_whole_screen_is_drawn_again(terminal: Start) -> None:
    screen = welcomed(terminal)
    shown = screen.text
    screen.press("\x1a")
    screen.wait_until(stopped)
    write_over(screen)
    os.kill(screen.child.pid, signal.SIGCONT)
    screen.wait_until(lambda t: t.text == shown)


def test_a_changed_size_draws_the_whole_screen_again(terminal: Start) -> None:
    screen = welcomed(terminal)
    shown = screen.text
    for rows, columns in ((20, 60), (36, 120)):
        write_over(screen)
        screen.screen.resize(rows, columns)
        screen.child.setwinsize(rows, columns)
        screen.wait_until(lambda t: "another program" not in t.text and "and here" not in t.text)
    screen.wait_until(lambda t: t.text == shown)
