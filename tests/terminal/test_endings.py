"""Ends of every kind: asked, by signal, by kill; the terminal is given back and nothing is forgotten."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.conftest import REMONITOR
from tests.terminals import Terminal

Start = Callable[..., Terminal]

LEAVES_THE_ALTERNATE_SCREEN = b"\x1b[?1049l"
SHOWS_THE_CURSOR = b"\x1b[?25h"

HANGING_RESOLVER = """
import socket, threading
_ask = socket.getaddrinfo
def getaddrinfo(host, *more, **named):
    if host in (None, "localhost", "127.0.0.1", "::1"):
        return _ask(host, *more, **named)
    threading.Event().wait()
socket.getaddrinfo = getaddrinfo
"""

UNREACHABLE = """
[orgs.far]
api_url = "https://far.my.salesforce.com"
my_domain = "far.my.salesforce.com"
sign_in = { way = "access_token", token = "env:SF_ACCESS_TOKEN" }

[connections."Far Away"]
org = "far"
service_account = "svc@far.example"
"""


@pytest.fixture
def world(tmp_path: Path, environment: dict[str, str]) -> Iterator[str]:
    """A demo that outlives the app; its control address."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tui.demo", "--keep", "--speed", "30"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert child.stdout is not None
    try:
        yield str(json.loads(child.stdout.readline())["control_url"])
    finally:
        child.terminate()
        child.wait(10)
        child.stdout.close()


def unreachable(tmp_path: Path) -> str:
    path = tmp_path / "config.toml"
    path.write_text(UNREACHABLE)
    path.chmod(0o600)
    return str(path)


def hanging(tmp_path: Path) -> dict[str, str]:
    """An environment in which every name lookup hangs for ever."""
    folder = tmp_path / "hanging"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HANGING_RESOLVER)
    return {"PYTHONPATH": str(folder), "SF_ACCESS_TOKEN": "00D000000000001!token"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="job control needs a shell: bash is not on PATH")
def test_ctrl_z_gives_the_shell_back_and_fg_the_whole_screen(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    env = environment | hanging(tmp_path) | {"PS1": "ready> "}
    shell = [str(shutil.which("bash")), "--noprofile", "--norc", "-i"]
    with Terminal(shell, env=env, columns=100, rows=30) as screen:
        screen.wait_for("ready>")
        screen.press(f"{REMONITOR} --config {unreachable(tmp_path)}\r")
        screen.wait_for("Far Away", "Connections", "checking")
        screen.press("\x1a")
        screen.wait_for("Stopped", "ready>")
        screen.press("fg\r")
        screen.wait_for("Far Away", "Connections", "checking", "Quit")
        screen.press("q")
        screen.wait_for("ready>")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_ends_it_cleanly_also_while_a_name_lookup_hangs(
    terminal: Start, tmp_path: Path, number: int, code: int
) -> None:
    screen = terminal("--config", unreachable(tmp_path), env=hanging(tmp_path))
    screen.wait_for("Far Away", "checking")
    screen.kill(number)
    assert screen.wait_end(timeout=15) == code
    assert LEAVES_THE_ALTERNATE_SCREEN in screen.raw
    assert SHOWS_THE_CURSOR in screen.raw


def test_quitting_does_not_wait_for_a_name_lookup(terminal: Start, tmp_path: Path) -> None:
    screen = terminal("--config", unreachable(tmp_path), env=hanging(tmp_path))
    screen.wait_for("Far Away", "checking")
    screen.press("q")
    assert screen.wait_end(timeout=15) == 0


def test_a_terminal_that_goes_away_ends_the_program(terminal: Start, world: str) -> None:
    screen = terminal("demo", "--attach", world)
    screen.wait_for("Acme EMEA", "5 Error")
    assert screen.hang_up() == 129


def test_a_terminal_that_goes_away_in_the_wizard_ends_the_program_too(terminal: Start, world: str) -> None:
    screen = terminal("demo", "--attach", world)
    screen.wait_for("Acme EMEA", "5 Error")
    screen.press("enter")
    screen.wait_for("1 of 4")
    assert screen.hang_up() == 129


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_walkthrough_survives_a_kill_at_every_step(terminal: Start, world: str, step: int) -> None:
    first = terminal("demo", "--attach", world)
    first.wait_for("Acme EMEA", "5 Error")
    first.press("enter")
    first.wait_for("1 of 4")
    for reached in range(2, step + 1):
        first.press("enter")
        first.wait_for(f"{reached} of 4")
    first.kill(signal.SIGKILL)
    assert first.wait_end() == 128 + signal.SIGKILL

    second = terminal("demo", "--attach", world)
    second.wait_for('Resume "Acme EMEA"', f"step {step}")
    second.press("c")
    second.wait_for(f"{step} of 4", "The service account is frozen")


def test_a_kill_while_waiting_resumes_at_the_wait_and_sees_the_return(terminal: Start, world: str) -> None:
    first = terminal("demo", "--attach", world)
    first.wait_for("Acme EMEA", "5 Error")
    first.press("enter")
    first.wait_for("1 of 4")
    first.press("f")
    first.wait_for("esc Cancel")
    first.press("incydr.emea@acme.example", "enter")
    first.wait_for("4 of 4")
    first.kill(signal.SIGKILL)
    first.wait_end()

    second = terminal("demo", "--attach", world)
    second.wait_for('Resume "Acme EMEA"')
    second.press("c")
    second.wait_for("Monitoring is back", timeout=90)


def test_ctrl_c_twice_and_q_end_it(terminal: Start, world: str) -> None:
    screen = terminal("demo", "--attach", world)
    screen.wait_for("5 Error")
    screen.press("ctrl+c")
    screen.wait_for("again")
    screen.press("ctrl+c")
    assert screen.wait_end() in (0, 130)


def test_no_configuration_offers_the_demo(terminal: Start) -> None:
    screen = terminal()
    screen.wait_for("remonitor demo")
    screen.press("q")
    assert screen.wait_end() == 0


def test_a_broken_configuration_is_told_before_the_app_starts(terminal: Start, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[orgs.acme]\napi_ulr = "https://acme.my.salesforce.com"\n')
    path.chmod(0o600)
    screen = terminal("--config", str(path))
    assert screen.wait_end() == 78
    said = screen.text.replace("\n", "")
    assert "api_ulr" in said
    assert "api_url" in said
    assert "Traceback" not in said


SLOW_START = """
import builtins, os, signal
_import = builtins.__import__
def slow(name, *more, **named):
    if name == "tui.cli":
        os.write(1, b"loading")
        signal.pause()
    return _import(name, *more, **named)
builtins.__import__ = slow
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_while_it_still_loads_ends_it_with_the_same_code(
    environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOW_START)
    argv = [sys.executable, "-m", "tui", "check"]
    env = environment | {"PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.read(7) == b"loading"
        child.send_signal(number)
        assert child.communicate(timeout=30) == (b"", b"")
    assert child.returncode == 128 + number


@pytest.mark.parametrize("aside", ["2>errors.log", "2>/dev/null", "2>&-"])
def test_the_screen_is_drawn_also_where_standard_error_leads_elsewhere(
    environment: dict[str, str], tmp_path: Path, aside: str
) -> None:
    argv = ["sh", "-c", f"exec {REMONITOR} --config {unreachable(tmp_path)} {aside}"]
    env = environment | {"SF_ACCESS_TOKEN": "00D000000000001!token"} | hanging(tmp_path)
    with Terminal(argv, env=env, cwd=tmp_path) as screen:
        screen.wait_for("Far Away", "Connections")
        screen.press("?")
        screen.wait_for("Show every key.")
        screen.press("esc")
        screen.wait_until(lambda t: "Show every key." not in t.text)
        screen.press("q")
        assert screen.wait_end(timeout=15) == 0
    assert LEAVES_THE_ALTERNATE_SCREEN in screen.raw


NOBODY = """
import pwd
def getpwuid(uid):
    raise KeyError(uid)
pwd.getpwuid = getpwuid
"""


@pytest.mark.parametrize("argv", [[], ["check"], ["demo"], ["config", "show"], ["doctor"]])
@pytest.mark.parametrize("named", [True, False], ids=["configured", "bare"])
def test_without_a_home_folder_a_sentence_says_what_to_name(
    environment: dict[str, str], tmp_path: Path, argv: list[str], named: bool
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NOBODY)
    env = {"PATH": environment["PATH"], "PYTHONPATH": str(tmp_path), "SF_ACCESS_TOKEN": "token"}
    config = ["--config", unreachable(tmp_path)] if named else []
    command = [sys.executable, "-m", "tui", *argv, *config]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "Set HOME, or name both" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "~").exists()
