"""A world seen from Berlin in the night when the clocks change, by app and lines: as operators see it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.clocks import POSIX
from tests.terminals import Terminal

BERLIN = {"TZ": POSIX["Europe/Berlin"]}
Start = Callable[..., Terminal]


@pytest.fixture
def demo(environment: dict[str, str]) -> Iterator[Callable[..., str]]:
    """Starts a demo world at a moment; its control address."""
    children = []

    def start(origin: str, speed: str = "1") -> str:
        child = subprocess.Popen(
            [sys.executable, "-m", "tui.demo", "--keep", "--origin", f"{origin}+00:00", "--speed", speed],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=environment,
        )
        children.append(child)
        assert child.stdout is not None
        return str(json.loads(child.stdout.readline())["control_url"])

    yield start
    for child in children:
        child.terminate()
        child.wait(10)
        assert child.stdout is not None
        child.stdout.close()


@pytest.mark.parametrize(
    ("origin", "frozen"),
    [("2026-10-25T01:10:00", "02:49 CEST"), ("2026-03-29T01:10:00", "01:49 CET")],
)
def test_just_after_the_change_app_and_lines_tell_the_time_that_was_in_force(
    terminal: Start, demo: Callable[..., str], origin: str, frozen: str
) -> None:
    url = demo(origin)
    lines = terminal("demo", "--attach", url, "--plain", env=BERLIN)
    lines.wait_for(f"Acme EMEA: Error since {frozen}", "Which one?")
    lines.press("q", "enter")
    lines.wait_end()
    app = terminal("demo", "--attach", url, env=BERLIN, rows=60, columns=200)
    time, zone = frozen.split()
    app.wait_for(f"Error since {frozen}", f"at {time}:00 {zone}, from the audit trail", f"{frozen} Error")


def test_an_app_that_was_started_before_the_change_tells_it_right_after_it(
    terminal: Start, demo: Callable[..., str]
) -> None:
    app = terminal("demo", "--attach", demo("2026-10-25T00:57:00", "60"), env=BERLIN, columns=200)
    app.wait_for("Error since 02:36 CEST")
    # A sign-in of Incydr on the other side of the change, told beside the freeze on this one.
    app.wait_match(r"Incydr +refused at 02:\d\d:\d\d CET")
    assert "Error since 02:36 CEST" in app.text
    assert re.search(r"at 02:36:0\d CEST, from the audit trail", app.text)
