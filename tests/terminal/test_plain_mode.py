"""The program line by line: on dumb terminals, without a terminal, and beside a second process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from tests.terminal.conftest import REMONITOR
from tests.terminals import Terminal
from tui.console.demo_world import Ready, toml_of

Start = Callable[..., Terminal]
ACCOUNT = "incydr.emea@acme.example"
SPEED = "60"


@dataclass(frozen=True)
class World:
    """A demo that outlives the programs on it: its control address and a configuration file for it."""

    url: str
    config: str


@pytest.fixture
def world(tmp_path: Path, environment: dict[str, str]) -> Iterator[World]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tui.demo", "--keep", "--speed", SPEED],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert child.stdout is not None
    try:
        ready = msgspec.convert(json.loads(child.stdout.readline()), Ready)
        yield World(ready.control_url, configuration(ready, tmp_path / "own"))
    finally:
        child.terminate()
        child.wait(10)
        child.stdout.close()


def configuration(ready: Ready, folder: Path) -> str:
    """A configuration for the demo, as an operator would have written it."""
    secrets = {f"org-{n}": o.client_secret for n, o in enumerate(ready.orgs.values(), 1)}
    secrets |= {f"tenant-{n}": t.client_secret for n, t in enumerate(ready.tenants.values(), 1)}
    (folder / "secrets").mkdir(parents=True)
    for name, secret in secrets.items():
        path = folder / "secrets" / name
        path.write_text(secret)
        path.chmod(0o600)
    config = folder / "config.toml"
    config.write_text(toml_of(ready))
    return str(config)


@pytest.fixture
def dumb(terminal: Start) -> Start:
    """Starts a command on a terminal that knows nothing but lines."""
    return lambda *arguments, **more: terminal(*arguments, env={"TERM": "dumb"}, rows=200, **more)


def test_on_a_dumb_terminal_the_main_job_is_done_line_by_line(dumb: Start, world: World) -> None:
    screen = dumb("demo", "--attach", world.url)
    screen.wait_for("This terminal cannot show the app (TERM=dumb)", "Which one?")
    number = screen.line_with("Acme EMEA: Error").split()[0]
    screen.press(number, "enter")
    screen.wait_for("Step 1 of 4", "The service account is frozen, by Jane Doe")
    screen.press("enter")
    screen.wait_for("Step 2 of 4")
    screen.press("enter")
    screen.wait_for("Step 3 of 4", "Salesforce says: still frozen")
    screen.press("f", "enter")
    screen.wait_for("IsFrozen: true → false", f"Type {ACCOUNT} to go on.")
    screen.press(ACCOUNT, "enter")
    screen.wait_for("Unfreeze: done, and confirmed by Salesforce.", "Step 4 of 4: Wait for Incydr")
    screen.wait_for("Incydr is back", timeout=60)
    assert screen.wait_end() == 0


def test_lines_carry_no_escape_sequences_and_never_move_the_cursor(dumb: Start, world: World) -> None:
    screen = dumb("--config", world.config, "steps", "Acme EMEA", "--follow")
    screen.wait_for("Step 1 of 4")
    screen.press("x", "enter")
    screen.wait_for("(Salesforce Classic)")
    screen.press("q", "enter")
    assert screen.wait_end() == 2
    assert b"\x1b" not in screen.raw
    assert b"\x08" not in screen.raw


def test_a_walkthrough_that_was_left_goes_on_at_its_step(dumb: Start, world: World) -> None:
    first = dumb("--config", world.config, "steps", "Acme EMEA", "--follow")
    first.wait_for("Step 1 of 4")
    first.press("enter")
    first.wait_for("Step 2 of 4")
    first.kill(signal.SIGKILL)
    first.wait_end()

    second = dumb("--config", world.config, "resume")
    second.wait_for("Step 2 of 4")
    second.kill(signal.SIGTERM)
    assert second.wait_end() == 128 + signal.SIGTERM


def test_the_end_of_input_leaves_like_q(dumb: Start, world: World) -> None:
    screen = dumb("--config", world.config, "steps", "Acme EMEA", "--follow")
    screen.wait_for("Type a key and Enter")
    screen.press("\x04")
    screen.wait_for("The walkthrough is kept. To go on: remonitor resume 'Acme EMEA' --config ")
    assert screen.wait_end() == 2


def test_ctrl_c_ends_the_lines_at_once_and_names_the_way_back(dumb: Start, world: World) -> None:
    screen = dumb("--config", world.config, "steps", "Acme EMEA", "--follow")
    screen.wait_for("Type a key and Enter")
    screen.press("\x03")
    screen.wait_for("The walkthrough is kept. To go on: remonitor resume 'Acme EMEA'")
    assert screen.wait_end() == 130


def run(environment: dict[str, str], *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command without any terminal; `typed` is its whole standard input."""
    return subprocess.run(
        [str(REMONITOR), *arguments],
        input=typed,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )


def test_without_a_terminal_the_app_lists_and_ends_like_check(
    environment: dict[str, str], world: World
) -> None:
    done = run(environment, "--config", world.config)
    assert done.stderr.startswith("No terminal on standard input and output")
    assert "Acme US: Monitoring" in done.stdout
    assert done.returncode == 2


def test_keys_may_come_through_a_pipe(environment: dict[str, str], world: World) -> None:
    done = run(environment, "--config", world.config, "steps", "Acme EMEA", "--follow", typed="\n?\nq\n")
    assert "Step 2 of 4" in done.stdout
    assert "f: Show the change that fixes this" in done.stdout
    assert done.returncode == 2


def test_the_steps_begin_with_who_did_it_and_ask_at_the_step_that_undoes_it(
    environment: dict[str, str], world: World
) -> None:
    done = run(environment, "--config", world.config, "steps", "Acme EMEA")
    heading, _, steps = done.stdout.partition("\n\n")
    assert "The service account is frozen by Jane Doe at" in heading
    assert "3. Unfreeze the user\n   Ask Jane Doe first" in steps
    assert steps.startswith("1. Sign in, open Setup")


def test_fix_needs_the_username_where_another_person_did_it(
    environment: dict[str, str], world: World
) -> None:
    refused = run(environment, "--config", world.config, "fix", "Acme EMEA", "--yes")
    assert (refused.returncode, "Nothing was sent" in refused.stderr) == (1, True)
    done = run(environment, "--config", world.config, "fix", "Acme EMEA", "--confirm", ACCOUNT)
    assert (done.returncode, "Unfreeze: done, and confirmed by Salesforce." in done.stdout) == (0, True)


def test_a_report_tells_what_fix_did(environment: dict[str, str], world: World) -> None:
    run(environment, "--config", world.config, "fix", "Acme EMEA", "--confirm", ACCOUNT)
    done = run(environment, "--config", world.config, "report", "Acme EMEA")
    assert done.returncode == 0
    assert "# Incydr connection Acme EMEA: Recovering" in done.stdout
    assert "Unfreeze, by remonitor as ops@acme.example" in done.stdout


def test_a_second_terminal_is_told_who_watches_walks_beside_it_and_takes_over_after_a_kill(
    terminal: Start, world: World
) -> None:
    first = terminal("demo", "--attach", world.url)
    first.wait_for("Acme EMEA", "5 Error")
    first.press("enter")
    first.wait_for("1 of 4")
    first.press("enter")
    first.wait_for("2 of 4")

    second = terminal("demo", "--attach", world.url)
    second.wait_for("Acme EMEA", "5 Error", f"process {first.child.pid} on pts/", "is watching")
    second.press("enter")
    second.wait_for("2 of 4")
    first.kill(signal.SIGKILL)
    first.wait_end()
    second.press("b")
    second.wait_for("1 of 4")
    second.press("escape")
    second.wait_until(lambda t: f"process {first.child.pid}" not in t.text, what="the second takes over")


def test_lines_beside_the_app_read_by_themselves_and_walk(terminal: Start, dumb: Start, world: World) -> None:
    first = terminal("--config", world.config)
    first.wait_for("Acme EMEA", "5 Error")
    second = dumb("--config", world.config, "steps", "Acme EMEA", "--follow")
    second.wait_for("Acme EMEA: Error since", "Step 1 of 4", "Type a key and Enter (Enter alone = done): ")
    second.press("enter")
    second.wait_for("Step 2 of 4")
    os.kill(first.child.pid, signal.SIGKILL)
    first.wait_end()
    second.press("b", "enter")
    second.wait_for("Step 1 of 4")


def test_quitting_a_demo_that_ends_names_no_way_back(terminal: Start) -> None:
    screen = terminal("demo", "--speed", SPEED)
    screen.wait_for("Acme EMEA", "5 Error")
    screen.press("enter")
    screen.wait_for("1 of 4")
    screen.press("q")
    assert screen.wait_end() == 0
    assert b"remonitor resume" not in screen.raw


def test_lines_on_a_demo_that_ends_name_no_way_back_either(dumb: Start) -> None:
    screen = dumb("demo", "--speed", SPEED)
    screen.wait_for("Which one?")
    screen.press(screen.line_with("Acme EMEA: Error").split()[0], "enter")
    screen.wait_for("Step 1 of 4")
    screen.press("q", "enter")
    assert screen.wait_end() == 2
    assert b"remonitor resume" not in screen.raw


def test_a_closed_standard_input_is_an_empty_one(environment: dict[str, str], world: World) -> None:
    command = f"exec {REMONITOR} --config {world.config} fix 'Acme EMEA' <&-"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert (done.returncode, "Nothing was sent" in done.stderr) == (1, True)
