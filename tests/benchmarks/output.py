"""How many bytes the terminal gets for what an operator does, at 120x40 with all colours."""

import json
import statistics
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.program import PROGRAM, cpu, demo, environment, file_of, quiet, say
from tests.terminals import Terminal

ROWS = 1000
HELD = 60
"""Key presses of a ↓ that is held."""
SETTLED = 0.6
"""Real seconds without a byte after which a key's work is done."""


@contextmanager
def app(scenario: str, shows: str) -> Iterator[tuple[Terminal, dict[str, Any]]]:
    """The program on a demo, once it has read every connection and is quiet."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with demo(folder, scenario) as ready:
            argv = [*PROGRAM, "--config", str(file_of(ready, folder))]
            with Terminal(argv, env=environment(folder), columns=120, rows=40) as screen:
                screen.wait_for(shows)
                until_quiet(screen, 1.5)
                yield screen, ready


def until_quiet(screen: Terminal, seconds: float = SETTLED) -> int:
    """Take what comes until nothing has come for `seconds`; how many bytes that was."""
    before = screen.bytes
    while quiet(screen, seconds):
        pass
    return screen.bytes - before


def cost(screen: Terminal, *keys: str) -> int:
    """The bytes that these keys cost, one after another."""
    before = screen.bytes
    for key in keys:
        screen.press(key)
        until_quiet(screen)
    return screen.bytes - before


def measure_keys() -> None:
    """↓ over rows that are alike, one by one, held, and scrolling; the program's CPU for it."""
    with app(f"healthy:{ROWS}", "Monitoring") as (screen, _):
        say("bytes from the start until quiet", f"{screen.bytes:,}")
        costs = [cost(screen, "down") for _ in range(12)]
        say("bytes for ↓ over like rows (median, with its detail)", f"{statistics.median(costs):,.0f}")
        before, used = screen.bytes, cpu(screen.child.pid)
        for _ in range(HELD):
            screen.press("down")
            screen.pump(1 / 30)
        until_quiet(screen)
        say("bytes a key with ↓ held, scrolling too", f"{(screen.bytes - before) / HELD:,.0f}")
        say("CPU a key with ↓ held", f"{(cpu(screen.child.pid) - used) / HELD * 1000:.1f} ms")


def measure_details() -> None:
    """↓ where each detail is another one, the walkthrough, help and palette, on the tour's connections."""
    with app("tour", "Evidence") as (screen, _):
        costs = [cost(screen, "down") for _ in range(4)]
        say(
            "bytes for ↓ onto a wholly new detail (median, most)",
            f"{statistics.median(costs):,.0f}  {max(costs):,}",
        )
        cost(screen, "g")
        say(
            "bytes of a walkthrough: open, three steps, leave",
            f"{cost(screen, 'enter', 'enter', 'enter', 'enter', 'esc'):,}",
        )
        say("bytes of help: open, close", f"{cost(screen, '?', 'esc'):,}")
        say("bytes of the palette: open, close", f"{cost(screen, 'ctrl+p', 'esc'):,}")


def measure_changes(minute: float) -> None:
    """A row that changes by itself with its toast, a minute of waiting, and one in which nothing happens."""
    with app("healthy:20", "Monitoring") as (screen, ready):
        scale = 60 / minute
        say("bytes in an idle minute of a healthy list", f"{quiet(screen, minute) * scale:,.0f}")
        name = ready["connections"][1]["name"]
        act(ready, "freeze", name)
        cost(screen, "down")
        before = screen.bytes
        screen.press("r")
        screen.wait_for("1 Error", timeout=120)
        until_quiet(screen, 1.5)
        say("bytes of a row that fails, its toast and its new detail", f"{screen.bytes - before:,}")
        cost(screen, "g", "enter")
        act(ready, "unfreeze", name)
        screen.press("r")
        screen.wait_for("Recovering", timeout=120)
        until_quiet(screen, 0.5)
        say("bytes in a minute of waiting", f"{quiet(screen, minute) * scale:,.0f}")


def act(ready: dict[str, Any], action: str, name: str) -> None:
    """Act as the administrator of the demo's org."""
    body = json.dumps({"action": action, "connection": name}).encode()
    request = urllib.request.Request(  # noqa: S310 - the demo's own control on loopback
        f"{ready['control_url']}/admin", body, {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
