"""The installed program on many kinds of terminal: shown, driven by keys, and given back as it was found."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.terminals import Terminal

REMONITOR = Path(sys.executable).with_name("remonitor")
NORMAL = b"\x1b[?1049l"
MOUSE = re.compile(rb"\x1b\[\?100[0236]h")
CONTROL = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
MANY_COLOURS = re.compile(rb"\x1b\[(?:[0-9;]*;)?[34]8;[25];")
COLOURS = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:[34][0-8]|9[0-7]|10[0-7])(?:;[0-9]+)*m")

SHELL = """
before=$(stty -g)
"$@"
code=$?
[ "$before" = "$(stty -g)" ] && echo modes as before
echo left with $code
"""
"""What a shell finds after the program: its exit code, and whether the line discipline is as it was."""

Shell = Callable[..., Terminal]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo for all tests of this file, which only look; its control address."""
    folder = tmp_path_factory.mktemp("world")
    child = subprocess.Popen(
        [sys.executable, "-m", "tui.demo", "--keep"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "TZ": "UTC"},
    )
    assert child.stdout is not None
    try:
        yield str(json.loads(child.stdout.readline())["control_url"])
    finally:
        child.terminate()
        child.wait(10)
        child.stdout.close()


@pytest.fixture
def shell(environment: dict[str, str], world: str) -> Iterator[Shell]:
    """Starts the app on the demo from a shell that looks at the terminal afterwards. `env`: None takes away."""
    with ExitStack() as stack:

        def start(
            *arguments: str, env: dict[str, str | None] | None = None, columns: int = 120, rows: int = 36
        ) -> Terminal:
            merged = environment | (env or {})
            given = {name: value for name, value in merged.items() if value is not None}
            argv = ["/bin/sh", "-c", SHELL, "sh", str(REMONITOR), "demo", "--attach", world, *arguments]
            return stack.enter_context(Terminal(argv, env=given, columns=columns, rows=rows))

        yield start


def look_around(screen: Terminal) -> None:
    """List, filter, help, walkthrough and back, by keys alone."""
    screen.wait_for("Acme EMEA", "5 Error")
    screen.press("/")
    screen.press("emea")
    screen.press("enter")
    screen.wait_for("1 of 7", "The service account is frozen")
    screen.press("?")
    screen.wait_for("In the list")
    close(screen, "In the list")
    screen.press("enter")
    screen.wait_for("1 of 4")
    close(screen, "1 of 4")


def close(screen: Terminal, shown: str) -> None:
    """Esc, until what was shown is gone: a key right behind it would make another key of the two."""
    screen.press("esc")
    screen.wait_until(lambda t: shown not in t.text, what=f"no {shown}")


def leave(screen: Terminal) -> str:
    """Quit, and what stands on the normal screen afterwards, without control sequences."""
    screen.press("q")
    screen.wait_for("left with")
    assert screen.wait_end() == 0
    after = bytes(screen.raw).rpartition(NORMAL)[2]
    assert b"\x1b[?25h" in after, "the cursor is hidden"
    return CONTROL.sub(b"", after).decode().replace("\r\n", "\n")


def left_clean(told: str) -> None:
    assert not any(c in told for c in "\x1b\x07\x9b")
    assert "modes as before\nleft with 0\n" in told
    lines = [line for line in told.splitlines() if line.strip()]
    known = ("To go on with", "The demo goes on", "modes as before", "left with 0")
    assert [line for line in lines if not line.startswith(known)] == []


@pytest.mark.parametrize("term", ["xterm-256color", "screen-256color", "linux", "vt100"])
def test_it_is_driven_by_keys_and_leaves_the_terminal_as_it_was(shell: Shell, term: str) -> None:
    screen = shell(env={"TERM": term})
    look_around(screen)
    left_clean(leave(screen))
    assert not MOUSE.search(bytes(screen.raw))


@pytest.mark.parametrize("term", ["linux", "vt100"])
def test_a_console_gets_sixteen_colours_and_no_orders_for_windows(shell: Shell, term: str) -> None:
    screen = shell(env={"TERM": term})
    screen.wait_for("Acme EMEA", "5 Error")
    screen.press("u")
    screen.wait_for("Username")
    leave(screen)
    raw = bytes(screen.raw)
    assert not MANY_COLOURS.search(raw)
    assert re.findall(rb"\x1b\](?:2|9);", raw) == []


def test_no_color_means_no_colour_at_all(shell: Shell) -> None:
    screen = shell(env={"NO_COLOR": "1", "COLORTERM": "truecolor"})
    look_around(screen)
    left_clean(leave(screen))
    assert COLOURS.findall(bytes(screen.raw)) == []


@pytest.mark.parametrize("locale", [{"LANG": "C"}, {"LANG": None}, {"LC_ALL": "POSIX"}])
def test_in_the_c_locale_not_a_byte_beyond_ascii_is_written(
    shell: Shell, locale: dict[str, str | None]
) -> None:
    screen = shell(env={"PYTHONUTF8": None, **locale})
    screen.wait_for("x Acme EMEA", "5 Error")
    screen.press("enter")
    screen.wait_for("1 of 4")
    screen.press("ctrl+p")
    screen.wait_for("Search for commands")
    close(screen, "Search for commands")
    left_clean(leave(screen))
    assert bytes(screen.raw).isascii()


def test_the_windows_title_is_set_and_given_back(shell: Shell) -> None:
    screen = shell()
    screen.wait_for("Acme EMEA", "5 Error")
    leave(screen)
    raw = bytes(screen.raw)
    assert b"\x1b]2;5 Error - remonitor\x07" in raw
    assert raw.index(b"\x1b[22;2t") < raw.rindex(b"\x1b[23;2t")


def test_a_dumb_terminal_is_led_to_the_plain_lines(shell: Shell) -> None:
    screen = shell(env={"TERM": "dumb"}, rows=100)
    screen.wait_for("This terminal cannot show the app (TERM=dumb)", "Which one?")
    screen.press("q", "enter")
    screen.wait_for("modes as before", "left with")
    assert b"\x1b" not in screen.raw


def test_a_chosen_theme_is_there_again_at_the_next_start(shell: Shell) -> None:
    truecolour = {"COLORTERM": "truecolor"}
    first = shell(env=truecolour)
    first.wait_for("5 Error")
    first.press("t")
    first.wait_for("Colours: light.")
    leave(first)
    second = shell(env=truecolour)
    second.wait_for("5 Error")
    leave(second)
    light_ground = b"48;2;250;250;247"
    assert light_ground in second.raw


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_inside_tmux_it_works_and_copies_to_tmux(
    environment: dict[str, str], world: str, tmp_path: Path
) -> None:
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    inside = [*tmux, "-u", "new-session", f"{REMONITOR} demo --attach {world}"]
    with Terminal(inside, env=environment) as screen:
        try:
            look_around(screen)
            screen.press("u")
            screen.wait_for("sent to tmux")
            shown = subprocess.run([*tmux, "show-buffer"], env=environment, capture_output=True, check=True)
            assert shown.stdout == b"incydr.emea@acme.example"
            screen.press("q")
            assert screen.wait_end() == 0
        finally:
            subprocess.run([*tmux, "kill-server"], env=environment, capture_output=True, check=False)


def test_a_terminal_that_knows_no_size_is_taken_for_one_of_80_by_24(
    environment: dict[str, str], world: str
) -> None:
    script = 'stty columns 0 rows 0; "$@"; echo left with $?'
    command = ["sh", "-c", script, "sh", str(REMONITOR), "demo", "--attach", world]
    with Terminal(command, env=environment, columns=80, rows=24) as screen:
        screen.wait_for("Acme EMEA", "5 Error", "? Help")
        screen.press("q")
        screen.wait_for("left with 0")


GARBAGE = "\x1b[5;1Hanother program was here\x1b[12;30H\x1b[7mand here\x1b[m"

Start = Callable[..., Terminal]


def write_over(screen: Terminal) -> None:
    """Write into the same terminal from another process's place."""
    # The terminal itself says where its other end is.
    other_end = Path(f"/proc/{screen.child.pid}/fd/1").readlink()
    other_end.write_text(GARBAGE)
    screen.wait_for("another program was here", "and here")


def welcomed(terminal: Start, **size: int) -> Terminal:
    screen = terminal(**size)
    screen.wait_for("no configuration yet", "q Quit")
    return screen


def stopped(screen: Terminal) -> bool:
    return Path(f"/proc/{screen.child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("opened", [(), ("?",)])
def test_ctrl_l_draws_the_whole_screen_again(terminal: Start, opened: tuple[str, ...]) -> None:
    # All of the help has room, and its last line is drawn last.
    screen = welcomed(terminal, rows=90)
    for key in opened:
        screen.press(key)
        screen.wait_for("esc Close", "do there.")
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


@pytest.mark.parametrize("before, after", [((20, 60), (36, 120)), ((36, 120), (20, 60))])
def test_a_changed_size_draws_the_whole_screen_again(
    terminal: Start, before: tuple[int, int], after: tuple[int, int]
) -> None:
    shown = welcomed(terminal, rows=after[0], columns=after[1]).text
    screen = welcomed(terminal, rows=before[0], columns=before[1])
    write_over(screen)
    screen.screen.resize(*after)
    screen.child.setwinsize(*after)
    screen.wait_until(lambda t: t.text == shown)
