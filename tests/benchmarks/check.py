"""What `check` of one connection costs: beside the sf CLI where it is installed, and on the journal of a year."""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import tomllib
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import tomli_w

from tests.benchmarks.program import PROGRAM, demo, environment, file_of, say
from tui.watching.entry import Entry, EntryKind
from tui.watching.journal import Journal, Stored, Transition

LINES, AT_ONCE = 365_000, 5_000
"""Lines of history: a thousand a day for a year."""

Argv = list[str]
Cost = tuple[float, float]
"""Seconds of the clock, and of the processor."""


def cost(argv: Argv, env: dict[str, str]) -> Cost:
    begun, before = time.perf_counter(), os.times()
    subprocess.run(argv, env=env, capture_output=True, check=False)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begun, used


def medians(commands: dict[str, tuple[Argv, dict[str, str]]], runs: int) -> dict[str, Cost]:
    """Of these commands in turn, so that what else the machine does meets them alike; the first turn only warms."""
    turns = [{name: cost(*command) for name, command in commands.items()} for _ in range(runs + 1)][1:]
    return {
        name: (statistics.median(t[name][0] for t in turns), statistics.median(t[name][1] for t in turns))
        for name in commands
    }


async def write_year(folder: Path, name: str) -> None:
    """The journal of a year in this state folder, all of it about one connection."""
    journal, end = Journal(folder / "journal.db"), datetime.now(UTC)
    await journal.open()
    for first in range(0, LINES, AT_ONCE):
        moments = [end - timedelta(days=365) * (1 - n / LINES) for n in range(first, first + AT_ONCE)]
        lines = tuple(Entry(at, name, EntryKind.STATUS, at.isoformat()) for at in moments)
        await journal.transition(name, lambda _, lines=lines: Transition(entries=lines), Stored(), end)  # type: ignore[misc]
    await journal.close()


def measure_check(runs: int) -> None:
    with tempfile.TemporaryDirectory() as text, demo(Path(text), "tour") as ready:
        folder, (known, *_) = Path(text), ready["connections"]
        file, env = file_of(ready, folder), environment(folder)
        check = [*PROGRAM, "check", known["name"], "--config"]
        old = env | {"REMONITOR_STATE": str(folder / "year")}
        asyncio.run(write_year(folder / "year", known["name"]))
        commands = {"check": ([*check, str(file)], env), "year": ([*check, str(file)], old)}
        if shutil.which("sf") is not None:
            org = ready["orgs"][known["org"]]
            sf = env | login(org, env)
            query = [
                "sf",
                "data",
                "query",
                "--target-org",
                "demo",
                "--query",
                "SELECT Id FROM UserLogin LIMIT 1",
            ]
            commands |= {"sf": (query, sf), "by sf": ([*check, str(by_the_cli(file))], sf)}
        found = medians(commands, runs)
        seconds, used = found["check"]
        say("check of one connection, CPU of it", f"{seconds * 1000:.0f} ms, {used * 1000:.0f} ms")
        say("  on the journal of a year / on a new one", f"{found['year'][0] / seconds:.2f}")
        if "sf" in found:
            least = found["sf"][0]
            say("sf data query", f"{least * 1000:.0f} ms")
            say("  check / sf data query", f"1/{least / seconds:.1f}")
            say("  check by the sf login / sf data query", f"{found['by sf'][0] / least:.2f}")


def login(org: dict[str, Any], env: dict[str, str]) -> dict[str, str]:
    """Log the CLI in to the demo as `demo`; what it is to find in its environment."""
    given = {"grant_type": "client_credentials", **{key: org[key] for key in ("client_id", "client_secret")}}
    address = f"{org['api_url']}/services/oauth2/token"
    with urllib.request.urlopen(address, urllib.parse.urlencode(given).encode()) as answer:  # noqa: S310 - the demo
        token = json.load(answer)["access_token"]
    names = ("SF_DISABLE_TELEMETRY", "SF_AUTOUPDATE_DISABLE", "SF_SKIP_NEW_VERSION_CHECK")
    quiet = dict.fromkeys(names, "true")
    argv = ["sf", "org", "login", "access-token", "--instance-url", org["api_url"], "--no-prompt"]
    subprocess.run(
        [*argv, "--alias", "demo"],
        env=env | quiet | {"SF_ACCESS_TOKEN": token},
        capture_output=True,
        check=True,
    )
    return quiet


def by_the_cli(file: Path) -> Path:
    """The same configuration, each org signed in to by the CLI's login."""
    tables = tomllib.loads(file.read_text())
    for org in tables["orgs"].values():
        org["sign_in"] = {"way": "sf_cli", "target_org": "demo"}
    (other := file.with_name("by-the-cli.toml")).write_text(tomli_w.dumps(tables))
    other.chmod(0o600)
    return other
