"""From an empty machine to a watched connection, by keys alone, against the demo."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.terminals import Terminal

Start = Callable[..., Terminal]


@dataclass
class Machine:
    """A machine with nothing but the program and two secrets in files, beside a running demo."""

    org: dict[str, Any]
    tenant: dict[str, Any]
    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def env(self) -> dict[str, str]:
        return {"REMONITOR_CONFIG": str(self.config)}

    def answers(self) -> list[tuple[str, str]]:
        """What is on screen, and what is typed then; an empty answer is Enter alone."""
        return [
            ("Which Salesforce org?", self.org["api_url"]),
            ("How do you sign in", "client_credentials"),
            ("client_id", self.org["client_id"]),
            ("client_secret", "file:org"),
            ("Which user is the service account", "incydr.emea@acme.example"),
            ("Which application is Incydr?", ""),
            ("Which Incydr tenant?", self.tenant["base_url"]),
            ("Id of the API client", self.tenant["client_id"]),
            ("Secret of the API client", "file:tenant"),
            ("Display name", "Acme EMEA"),
            ("Which experience", ""),
            ("Is remonitor allowed to repair", "yes"),
            ("Save Acme EMEA?", ""),
        ]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    demo = subprocess.Popen(
        [sys.executable, "-m", "tui.demo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    )
    assert demo.stdout is not None
    assert demo.stdin is not None
    ready = json.loads(demo.stdout.readline())
    folder = tmp_path / "config"
    folder.mkdir()
    org, tenant = ready["orgs"]["acme"], ready["tenants"]["acme"]
    for name, secret in (("org", org["client_secret"]), ("tenant", tenant["client_secret"])):
        (folder / name).write_text(secret)
        (folder / name).chmod(0o600)
    yield Machine(org, tenant, folder)
    demo.stdin.close()
    demo.wait(10)
    demo.stdout.close()


def walk(screen: Terminal, machine: Machine) -> None:
    for question, answer in machine.answers():
        screen.wait_for(question)
        if answer:
            screen.press(answer)
        screen.press("enter")


def test_the_app_adds_a_first_connection_and_watches_it(terminal: Start, machine: Machine) -> None:
    screen = terminal(env=machine.env)
    screen.wait_for("Welcome to remonitor")
    screen.press("a")
    walk(screen, machine)
    screen.wait_for("Acme EMEA is added", "The service account is frozen", "1 Error")
    screen.press("q")
    assert screen.wait_end() == 0
    assert stat.S_IMODE(machine.config.stat().st_mode) == 0o600


def test_the_command_asks_the_same_questions_line_by_line(terminal: Start, machine: Machine) -> None:
    screen = terminal("add", env=machine.env)
    walk(screen, machine)
    screen.wait_for("Acme EMEA is added")
    assert screen.wait_end() == 0
    assert '[connections."Acme EMEA"]' in machine.config.read_text()


def test_no_secret_reaches_the_screen_or_the_file(terminal: Start, machine: Machine) -> None:
    screen = terminal("add", env=machine.env)
    walk(screen, machine)
    assert screen.wait_end() == 0
    seen = bytes(screen.raw).decode() + machine.config.read_text()
    assert machine.org["client_secret"] not in seen
    assert machine.tenant["client_secret"] not in seen


@pytest.mark.parametrize(("start", "leave"), [([], "esc"), (["add"], "q\r")])
def test_leaving_before_the_end_writes_nothing(
    terminal: Start, machine: Machine, start: list[str], leave: str
) -> None:
    screen = terminal(*start, env=machine.env)
    if not start:
        screen.wait_for("Welcome to remonitor")
        screen.press("a")
    screen.wait_for("Which Salesforce org?")
    screen.press(leave)
    screen.wait_for("Nothing was written")
    assert not machine.config.exists()
