"""Killed at any moment: no change is lost, none is made twice, and journal and configuration stay whole.

`--kills 200` is the long form.
"""

import json
import sqlite3
import subprocess
import sys
import tomllib
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from tests.terminal.conftest import REMONITOR
from tests.terminals import Terminal
from tui.console.demo_world import Ready, toml_of

SEED = 20261125
UNFROZEN = (
    "SELECT Id FROM SetupAuditTrail WHERE Action = 'unfrozeuser' AND CreatedBy.Username = 'ops@acme.example'"
)
"""What Salesforce itself remembers of changes that the program sent."""


@dataclass
class Site:
    """A demo org, a configuration for it, and what its Salesforce remembers."""

    ready: dict[str, Any]
    folder: Path
    env: dict[str, str]
    added: list[str] = field(default_factory=list)
    """Names that `add` has acknowledged."""
    tries: int = 0

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def journal(self) -> Path:
        return self.folder / "state" / "journal.db"

    @property
    def name(self) -> str:
        return str(self.ready["connections"][0]["name"])

    @property
    def account(self) -> str:
        return str(self.ready["connections"][0]["service_account"])

    def argv(self, *arguments: str) -> list[str]:
        return [str(REMONITOR), *arguments, "--config", str(self.config)]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*arguments), env=self.env, capture_output=True, text=True, timeout=60, check=False
        )

    def admin(self, action: str) -> None:
        order = {"action": action, "connection": self.name}
        self._ask(self.ready["control_url"] + "/admin", json.dumps(order).encode(), "application/json")

    def query(self, soql: str) -> list[dict[str, Any]]:
        org = self.ready["orgs"]["acme"]
        given = {
            "grant_type": "client_credentials",
            "client_id": org["client_id"],
            "client_secret": org["client_secret"],
        }
        form = urllib.parse.urlencode(given).encode()
        token = self._ask(org["api_url"] + "/services/oauth2/token", form)["access_token"]
        address = f"{org['api_url']}/services/data/v66.0/query?q={urllib.parse.quote(soql)}"
        found = self._ask(address, None, headers={"Authorization": f"Bearer {token}"})
        return list(found["records"])

    @staticmethod
    def _ask(
        url: str,
        data: bytes | None,
        kind: str = "application/x-www-form-urlencoded",
        headers: dict[str, str] | None = None,
    ) -> Any:
        request = urllib.request.Request(url, data, {"Content-Type": kind} | (headers or {}))  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")


@pytest.fixture
def site(tmp_path: Path, environment: dict[str, str]) -> Iterator[Site]:
    demo = subprocess.Popen(
        [sys.executable, "-m", "tui.demo", "--scenario", "healthy:3"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert demo.stdin is not None
    assert demo.stdout is not None
    ready = json.loads(demo.stdout.readline())
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o700)
    for kind, parts in (("org", ready["orgs"]), ("tenant", ready["tenants"])):
        for number, part in enumerate(parts.values(), 1):
            (secrets / f"{kind}-{number}").write_text(part["client_secret"])
            (secrets / f"{kind}-{number}").chmod(0o600)
    made = Site(ready, tmp_path, environment)
    made.config.write_text(toml_of(msgspec.convert(ready, Ready)))
    made.config.chmod(0o600)
    yield made
    demo.stdin.close()
    demo.wait(10)
    demo.stdout.close()


def killed(argv: list[str], env: dict[str, str], seconds: float) -> int | None:
    """Run a command, and kill it after so long; its exit code where it was faster."""
    nothing = subprocess.DEVNULL
    child = subprocess.Popen(argv, env=env, stdin=nothing, stdout=nothing, stderr=nothing)
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return None


def repair(site: Site, chance: Random) -> None:
    killed(
        site.argv("fix", site.name, "--yes", "--confirm", site.account), site.env, chance.uniform(0.2, 1.2)
    )


def wait(site: Site, chance: Random) -> None:
    killed(site.argv("wait", site.name), site.env, chance.uniform(0.2, 1.2))


def add(site: Site, chance: Random) -> None:
    site.tries += 1
    name, account = f"Extra {site.tries}", str(site.ready["connections"][2]["service_account"])
    options = ("--org", "acme", "--account", account, "--name", name, "--app", "none", "--tenant", "none")
    code = killed(site.argv("add", *options, "--yes"), site.env, chance.uniform(0.2, 1.2))
    if code == 0:
        site.added.append(name)


def wizard(site: Site, chance: Random) -> None:
    with Terminal(site.argv(), env=site.env) as screen:
        screen.wait_for(site.name, "1 Error")
        screen.press("enter")
        screen.wait_match(r"\d of \d")
        keys = ["f", site.account, "enter"] if chance.random() < 0.7 else ["s", "b", "s", "s"]
        for key in keys:
            screen.press(key)
            screen.pump(chance.uniform(0, 0.3))
        screen.kill()


def whole(site: Site) -> None:
    """What must hold after every kill, once the org was read again."""
    checked = site.run("check", site.name, "--format", "json")
    assert checked.returncode in (0, 1, 2, 3), checked.stderr
    if checked.returncode == 3:
        # So many checks a minute are too many for the stand-in tenant: no other Unknown is an honest answer.
        why = json.loads(checked.stdout)["connections"][0]["state"]["why"]
        assert why["code"] == "events_unreadable", why
        assert why["text"].startswith("Too many requests"), why
    assert list(site.journal.parent.glob("*set-aside*")) == []
    with closing(sqlite3.connect(site.journal)) as sqlite:
        assert sqlite.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = sqlite.execute("SELECT completed_at, outcomes FROM changes").fetchall()
        lines = sqlite.execute(
            'SELECT count(*) FROM entries WHERE CAST(entry AS TEXT) LIKE \'%"kind":"change"%\''
        ).fetchone()
        assert sqlite.execute("SELECT count(*) FROM undecoded").fetchone() == (0,)
    assert all(completed for completed, _ in rows), "a change is left open"
    applied = sum(json.loads(outcomes)[0]["result"] == "applied" for _, outcomes in rows)
    rows_of_mine = site.query(UNFROZEN)
    assert (applied, lines[0]) == (len(rows_of_mine), len(rows)), "a change was lost, or made twice"
    names = list(tomllib.loads(site.config.read_text())["connections"])
    assert len(names) == len(set(names))
    assert set(site.added) <= set(names)


ACTIONS: tuple[Callable[[Site, Random], None], ...] = (repair, wait, add, wizard)


def test_nothing_is_lost_and_nothing_is_done_twice(site: Site, request: pytest.FixtureRequest) -> None:
    chance = Random(SEED)
    for number in range(request.config.getoption("--kills")):
        site.admin("freeze")
        ACTIONS[number % len(ACTIONS)](site, chance)
        whole(site)
        site.admin("unfreeze")
