"""The same surroundings for every test: UTC, no colours or themes of the developer's terminal."""

import logging
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-pictures", action="store_true", help="write screenshots/ anew instead of comparing"
    )
    parser.addoption(
        "--refresh-recordings", action="store_true", help="record the demo's worlds anew instead of comparing"
    )
    parser.addoption("--kills", type=int, default=8, help="rounds of the kill test; the long form: 200")


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: one more than processors, because the tests in terminals mostly wait for the stand-in's clock."""
    return (os.cpu_count() or 1) + 1


def pytest_configure() -> None:
    os.environ["TZ"] = "UTC"
    time.tzset()
    for name in list(os.environ):
        if name in ("NO_COLOR", "REMONITOR_CONFIG", "REMONITOR_STATE") or name.startswith(
            ("TEXTUAL", "SSH_")
        ):
            del os.environ[name]


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Configuration and state are this test's own, and no log stays behind."""
    monkeypatch.setenv("REMONITOR_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))
    root = logging.getLogger()
    before, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers[:], logging.raiseExceptions = before, raising
    root.setLevel(level)


@pytest.fixture
def config(own_folders: None, tmp_path: Path) -> Path:
    """The file of a configuration with one connection, whose org nobody reaches."""
    (tmp_path / "token").write_text("hunter2")
    (tmp_path / "token").chmod(0o600)
    path = tmp_path / "config.toml"
    path.write_text(
        """
[orgs.acme]
api_url = "http://127.0.0.1:9"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "access_token", token = "file:token" }

[connections."Acme EMEA"]
org = "acme"
service_account = "svc@acme.example"
"""
    )
    return path


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many recordings of each origin were played: those of real orgs are worth the most."""
    reports = [each for some in terminalreporter.stats.values() for each in some]
    played = Counter(
        value
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "origin of a recording"
    )
    if played:
        told = ", ".join(f"{played[origin]} {origin}" for origin in ("org", "document", "demo"))
        terminalreporter.write_line(f"Recordings by origin: {told}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first: the workers then end together."""
    items.sort(key=lambda item: not item.path.match("whole/test_simulated_day.py"))
