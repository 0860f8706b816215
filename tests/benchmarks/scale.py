"""Many orgs in one process: what a reading, a first round and an idle second cost, also under few descriptors."""

import json
import statistics
import subprocess
import tempfile
import tomllib
from pathlib import Path

import tomli_w

from tests.benchmarks.check import cost
from tests.benchmarks.fast_org import fleet
from tests.benchmarks.program import PROGRAM, PYTHON, environment, say
from tests.benchmarks.start import first_frame, longest_wait

ORGS = 1000
ROUNDS = 5
MANY_ORGS, FEW_FILES = 2500, 1024
EACH = 10
"""Connections of an org, where they are to be many."""
FEW = 10
STARTS = 3


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


def measure_capacity() -> None:
    """As many connections as one process is meant for."""
    with tempfile.TemporaryDirectory() as name, fleet(Path(name), ORGS, EACH) as file:
        folder, count = Path(name), ORGS * EACH
        found = measure("watch", file, 1)
        say(f"memory over {count:,} connections of {ORGS:,} orgs", f"{found['memory'] / 1e6:.0f} MB")
        say("CPU of a round of all, of the first", f"{found['steady']:.1f} s, {found['first']:.1f} s")
        few = first_connections(file)
        started = {
            path: environment(folder) | {"REMONITOR_STATE": str(path) + ".state"} for path in (file, few)
        }
        for path, env in started.items():
            argv = [*PROGRAM, "check", "--format", "nagios", "--timeout", "900s", "--config", str(path)]
            _, used = cost(argv, env)
            if path is file:
                say(f"CPU of check of {count:,} connections", f"{used:.1f} s")
        frames = {
            path: statistics.median(
                first_frame([*PROGRAM, "--config", str(path)], env, "all Monitoring") for _ in range(STARTS)
            )
            for path, env in started.items()
        }
        say(
            f"known states of {count:,} stand later than those of {FEW} by",
            f"{frames[file] - frames[few]:.2f} s",
        )
        wait = longest_wait([*PROGRAM, "--config", str(file)], started[file], "all Monitoring")
        say("  longest wait for a key in the first two seconds", f"{wait * 1000:.0f} ms")


def first_connections(file: Path) -> Path:
    """The configuration of the first few of them."""
    tables = tomllib.loads(file.read_text())
    tables["connections"] = dict(list(tables["connections"].items())[:FEW])
    wanted = {connection["org"] for connection in tables["connections"].values()}
    tables["orgs"] = {id: org for id, org in tables["orgs"].items() if id in wanted}
    (few := file.with_name("few.toml")).write_text(tomli_w.dumps(tables))
    few.chmod(0o600)
    return few
