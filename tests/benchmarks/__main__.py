"""Measures the program from outside: `.venv/bin/python -m tests.benchmarks`. Reports, never judges.

Times are medians on this machine at this moment; the ratios say more than the milliseconds.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks import check, endurance, output, scale, start
from tests.benchmarks.program import demo, say
from tests.demo_world import config_of
from tui.base.clock import SystemClock
from tui.net import Net
from tui.rules.required_permissions import REQUIREMENTS
from tui.salesforce import sign_in
from tui.salesforce.reading import OrgReader


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
    grown, written = second.own - first.own, second.journal - first.journal
    say(f"  memory grown (bound {endurance.MEMORY_BOUND / 1e6:g} MB)", f"{grown / 1e6:.2f} MB")
    say("  descriptors grown (bound 0)", str(second.descriptors - first.descriptors))
    say(f"  journal grown (bound {endurance.JOURNAL_BOUND / 1e6:g} MB)", f"{written / 1e3:,.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="pairs of first frames")
    parser.add_argument(
        "--idle", type=float, default=60.0, help="seconds that are measured of a quiet minute"
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to read")
    parser.add_argument(
        "--hours", type=float, default=24.0, help="simulated hours of a day of the endurance run"
    )
    figures: dict[str, Callable[[argparse.Namespace], None]] = {
        "start": lambda given: start.measure_first_frame(given.runs),
        "help": lambda given: start.measure_help(given.runs),
        "check": lambda given: check.measure_check(given.runs),
        "keys": lambda given: output.measure_keys(),
        "details": lambda given: output.measure_details(),
        "changes": lambda given: output.measure_changes(given.idle),
        "readings": lambda given: measure_readings(given.seconds),
        "scale": lambda given: scale.measure_scale(),
        "capacity": lambda given: scale.measure_capacity(),
        "endurance": lambda given: measure_endurance(given.hours),
    }
    parser.add_argument("--only", choices=figures, metavar="NAME", help=f"one of {', '.join(figures)}")
    given = parser.parse_args()
    for name, measure in figures.items():
        if given.only in (None, name):
            measure(given)


if __name__ == "__main__":
    main()
