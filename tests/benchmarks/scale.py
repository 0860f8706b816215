"""Many orgs in one process: what a reading, a first round and an idle second cost, also under few descriptors."""

import json
import subprocess
import tempfile
from pathlib import Path

from tests.benchmarks.fast_org import fleet
from tests.benchmarks.program import PYTHON, say

ORGS = 1000
ROUNDS = 5
MANY_ORGS, FEW_FILES = 2500, 1024


def measure(kind: str, file: Path, rounds: int = ROUNDS, files: int = 0) -> dict[str, float]:
    """`watch` or `bare` over this fleet, in a process of its own with a new journal; `files`: its descriptors."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [
            PYTHON,
            "-m",
            "tests.benchmarks.fleet_watch",
            kind,
            str(file),
            folder,
            str(rounds),
            str(files),
        ]
        answer = subprocess.run(argv, capture_output=True, check=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def measure_scale() -> None:
    with tempfile.TemporaryDirectory() as name, fleet(Path(name), ORGS, 1) as file:
        bare, ours = measure("bare", file), measure("watch", file)
        each, least = ours["steady"] / ORGS * 1000, bare["steady"] / ORGS * 1000
        say(f"CPU of a reading over {ORGS} orgs", f"{each:.2f} ms")
        say("  a reading / bare httpx", f"{each / least:.1f}  ({least:.2f} ms)")
        say("CPU of the first round, an org", f"{ours['first'] / ORGS * 1000:.1f} ms")
        say("CPU of an idle second", f"{ours['idle'] * 1000:.2f} ms")
        say(f"memory over {ORGS} orgs", f"{ours['memory'] / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as name, fleet(Path(name), MANY_ORGS, 1) as file:
        found = measure("watch", file, 1, FEW_FILES)
        say(f"read of {MANY_ORGS} orgs under {FEW_FILES} descriptors", f"{found['monitoring']:.0f}")
        say("  descriptors held after it", f"{found['descriptors']:.0f}")
