"""Measures the program from outside: `.venv/bin/python -m tests.benchmarks`. Reports, never judges.

Times are medians on this machine at this moment; the ratios say more than the milliseconds.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks import endurance
from tests.demo_world import config_of
from tests.pty_terminal import Terminal
from tui.app import theme
from tui.base.clock import SystemClock
from tui.net import Net
from tui.rules.required_permissions import REQUIREMENTS
from tui.salesforce import sign_in
from tui.salesforce.reading import OrgReader

PYTHON = sys.executable
REMONITOR = str(Path(PYTHON).with_name("remonitor"))
MINIMAL = str(Path(__file__).with_name("minimal_app.py"))
THEMES = (theme.DARK.name, theme.LIGHT.name, theme.ANSI)
ROWS = 1000
HELD = 200
"""Key presses of a ↓ that is held."""


def environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "REMONITOR_STATE": str(folder / "state"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


@contextmanager
def demo(folder: Path, scenario: str) -> Iterator[dict[str, Any]]:
    """A demo process; its ready answer."""
    child = subprocess.Popen(
        [PYTHON, "-m", "tui.demo", "--scenario", scenario],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(folder),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield json.loads(child.stdout.readline())
    finally:
        child.stdin.close()
        child.wait(10)


def config_file(ready: dict[str, Any], folder: Path) -> Path:
    import msgspec

    from tui.headless.demo import Ready, toml_of  # the demo command's own writer

    config_of(ready, folder)
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for kind, parts in (("org", ready["orgs"]), ("tenant", ready["tenants"])):
        for key, part in parts.items():
            path = secrets / f"{kind}-{key}"
            path.write_text(part["client_secret"])
            path.chmod(0o600)
    path = folder / "config.toml"
    path.write_text(toml_of(msgspec.convert(ready, Ready)))
    path.chmod(0o600)
    return path


def first_frame(argv: list[str], env: dict[str, str], shows: str) -> tuple[float, int]:
    """Seconds from exec until `shows` stands on the screen, and the bytes until then."""
    with Terminal(argv, env=env, columns=120, rows=40) as screen:
        screen.wait_for(shows)
        return time.perf_counter() - screen.started, screen.bytes


def quiet(screen: Terminal, seconds: float) -> int:
    """Take what comes for `seconds`; how many bytes that was."""
    before, end = screen.bytes, time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        screen.pump(left)
    return screen.bytes - before


def say(label: str, value: str) -> None:
    print(f"{label:<58} {value}", flush=True)


def measure_first_frame(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with demo(folder, "tour") as ready:
            config, env = str(config_file(ready, folder)), environment(folder)
            app, minimal, app_bytes, minimal_bytes = [], [], [], []
            for run in range(runs + 1):
                took, sent = first_frame([PYTHON, MINIMAL], env, "minimal app ready")
                took_app, sent_app = first_frame([REMONITOR, "--config", config], env, "Acme EMEA")
                if run:
                    minimal.append(took)
                    minimal_bytes.append(sent)
                    app.append(took_app)
                    app_bytes.append(sent_app)
            ratio = statistics.median(a / m for a, m in zip(app, minimal, strict=True))
            say("first frame, minimal Textual app", f"{statistics.median(minimal) * 1000:.0f} ms")
            say("first frame with the connections", f"{statistics.median(app) * 1000:.0f} ms")
            say("  ratio (median of pairs)", f"{ratio:.2f}")
            say("  bytes until then: app, minimal", f"{app_bytes[-1]:,}  {minimal_bytes[-1]:,}")


def measure_bytes(idle: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with demo(folder, f"healthy:{ROWS}") as ready:
            config, env = str(config_file(ready, folder)), environment(folder)
            for name in THEMES:
                with Terminal(
                    [REMONITOR, "--config", config, "--theme", name], env=env, columns=120, rows=40
                ) as screen:
                    screen.wait_match(r"checked just now|checked \d")
                    quiet(screen, 2)
                    costs = []
                    for _ in range(12):
                        screen.press("down")
                        costs.append(quiet(screen, 0.3))
                    say(
                        f"bytes for ↓ over {ROWS:,} rows, detail included, {name}",
                        f"{statistics.median(costs):,.0f}",
                    )
                    before = screen.bytes
                    for _ in range(HELD):
                        screen.press("down")
                        screen.pump(1 / 30)
                    quiet(screen, 2)
                    total = screen.bytes - before
                    say(f"bytes a key with ↓ held for {HELD} keys, {name}", f"{total / HELD:,.0f}")
                    share = quiet(screen, idle) * 60 / idle
                    say(f"bytes in an idle minute, {name}", f"{share:,.0f}")


async def _readings(ready: dict[str, Any], folder: Path, seconds: float) -> None:
    config, net, clock = config_of(ready, folder), Net(), SystemClock()
    org = next(iter(config.orgs.values()))
    reader = OrgReader(org, net, sign_in.way(org, net), clock, permissions=[r.name for r in REQUIREMENTS])
    connections = [c for c in config.connections if c.org == org.id]
    await reader.read(connections)
    first, count, end = reader.calls, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        await reader.read(connections)
        count += 1
    say(f"readings a second, {len(connections)} accounts in one org", f"{count / seconds:.1f}")
    say("API calls of the first reading (with the slow facts)", str(first))
    say("API calls of a fast reading", f"{(reader.calls - first) / count:.2f}")
    found = await reader.read(connections)
    before = reader.calls
    now = next(iter(found.values())).org_now
    await reader.deepen(connections, found, {c.name: now for c in connections})
    say("API calls that a sick reading adds", str(reader.calls - before))
    await net.aclose()


def measure_readings(seconds: float) -> None:
    for scenario in ("healthy:1", "healthy:40"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with demo(folder, scenario) as ready:
                asyncio.run(_readings(ready, folder, seconds))


def measure_endurance(hours: float) -> None:
    first, second = endurance.days(2, hours)
    say(f"held after {hours:g} simulated hours with faults", str(first))
    say("held after as many again", str(second))
    grown, written = second.memory - first.memory, second.journal - first.journal
    say(f"  memory grown (bound {endurance.MEMORY_BOUND / 1e6:g} MB)", f"{grown / 1e6:.2f} MB")
    say("  descriptors grown (bound 0)", str(second.descriptors - first.descriptors))
    say(f"  journal grown (bound {endurance.JOURNAL_BOUND / 1e6:g} MB)", f"{written / 1e3:,.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="pairs of first frames")
    parser.add_argument(
        "--idle", type=float, default=60.0, help="seconds of the idle minute that are measured"
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to read")
    parser.add_argument(
        "--hours", type=float, default=24.0, help="simulated hours of a day of the endurance run"
    )
    given = parser.parse_args()
    measures: tuple[Callable[[], None], ...] = (
        lambda: measure_first_frame(given.runs),
        lambda: measure_bytes(given.idle),
        lambda: measure_readings(given.seconds),
        lambda: measure_endurance(given.hours),
    )
    for measure in measures:
        measure()


if __name__ == "__main__":
    main()
