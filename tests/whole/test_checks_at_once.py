"""Twenty processes of `check` on one org while somebody freezes its account: none is older than itself."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.installed import REMONITOR, World, demo_process
from tui.commands.check import NAGIOS_TIMEOUT

NAME, OTHER, GONE = "Acme 0001", "Acme 0002", "Gone"
HALF = 10
READINGS = 3
"""What any number of checks at once may cost."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An org that answers slowly enough for processes to meet, and one that cannot be read."""
    with demo_process(tmp_path, "healthy:2") as world, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with world.config.open("a") as config:
            config.write(
                f"""
[orgs.gone]
api_url = "http://127.0.0.1:{closed.getsockname()[1]}"
my_domain = "gone.my.salesforce.com"
sign_in = {{ way = "access_token", token = "file:secrets/org-1" }}

[connections.{GONE}]
org = "gone"
service_account = "incydr@gone.example"
"""
            )
        world.ask("/knobs", org="acme", kind="latency", seconds=0.2)
        yield world


class Checks:
    """Processes that wait at a gate, to begin at once."""

    def __init__(self, world: World, count: int) -> None:
        gate, self._closing = os.pipe()
        argv = ["sh", "-c", 'read go; exec "$@"', "sh", str(REMONITOR), "check", "--format", "json"]
        self._processes = [
            subprocess.Popen(
                argv, env=world.environment, stdin=gate, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for _ in range(count)
        ]
        os.close(gate)

    def begin(self) -> "Checks":
        self.began = datetime.now(UTC)
        os.close(self._closing)
        return self

    def answers(self) -> Iterator[tuple[int, dict[str, dict[str, Any]]]]:
        """The exit code and what is said of each connection, of each process."""
        for process in self._processes:
            out, err = process.communicate(timeout=60)
            assert err.decode() == ""
            yield process.returncode, {each["name"]: each for each in json.loads(out)["connections"]}


def readings(world: World) -> int:
    """How often the org was read since the last reset: each time the tenant is asked once a connection."""
    (calls,) = world.ask("/calls")["tenants"].values()
    return int(calls)


def journal(world: World) -> sqlite3.Connection:
    return sqlite3.connect(Path(world.environment["REMONITOR_STATE"]) / "journal.db", timeout=0.2)


def stop(watch: "subprocess.Popen[str]", world: World) -> None:
    """Stop it while it is not just writing."""
    while True:
        watch.send_signal(signal.SIGSTOP)
        with contextlib.closing(journal(world)) as beside, contextlib.suppress(sqlite3.OperationalError):
            beside.execute("BEGIN IMMEDIATE")
            beside.rollback()
            return
        watch.send_signal(signal.SIGCONT)


def test_no_answer_is_older_than_its_command_and_all_cost_three_readings_at_most(world: World) -> None:
    # A watch that was stopped holds the org's lease all the time.
    watch = world.start("watch", NAME, OTHER)
    assert watch.stdout is not None
    assert watch.stdout.readline() and watch.stdout.readline()
    try:
        stop(watch, world)
        world.ask("/calls/reset", now=True)
        assert list(Checks(world, 1).begin().answers())
        one = readings(world)
        assert one > 0
        for action, causes in (("freeze", ["user_frozen"]), ("unfreeze", [])):
            world.ask("/calls/reset", now=True)
            before, after = Checks(world, HALF), Checks(world, HALF)
            before.begin()
            world.ask("/admin", action=action, connection=NAME)
            after.begin()
            for checks in (before, after):
                for code, answer in checks.answers():
                    for name in (NAME, OTHER):
                        assert datetime.fromisoformat(answer[name]["read_at"]) > checks.began
                        assert answer[name]["read_by"].rpartition(":")[2] != str(watch.pid)
                    assert answer[OTHER]["status"] == "Monitoring"
                    assert (answer[GONE]["status"], answer[GONE]["exit_code"]) == ("Unknown", 3)
                    if checks is after:
                        assert answer[NAME]["causes"] == causes
                        assert answer[NAME]["status"] != "Monitoring"
                        assert code == (2 if causes else 3)
            assert readings(world) <= READINGS * one
    finally:
        watch.kill()
        watch.communicate()


def test_a_program_that_was_stopped_while_it_wrote_takes_no_answer_from_anybody(world: World) -> None:
    world.check("--org", "acme")
    world.ask("/admin", action="freeze", connection=NAME)
    with contextlib.closing(journal(world)) as stopped:
        stopped.execute("BEGIN IMMEDIATE")
        asked = time.monotonic()
        done = world.check("--org", "acme", "--format", "nagios")
    assert time.monotonic() - asked < NAGIOS_TIMEOUT.total_seconds()
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith(f"REMONITOR CRITICAL - 1 Error of 2: {NAME} frozen by ")
