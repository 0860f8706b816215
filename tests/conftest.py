"""The same surroundings for every test: UTC, no colours or themes of the developer's terminal."""

import os
import time

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-pictures", action="store_true", help="write screenshots/ anew instead of comparing"
    )
    parser.addoption(
        "--refresh-recordings", action="store_true", help="record the demo's worlds anew instead of comparing"
    )
    parser.addoption("--kills", type=int, default=8, help="rounds of the kill test; the long form: 200")


def pytest_configure() -> None:
    os.environ["TZ"] = "UTC"
    time.tzset()
    for name in list(os.environ):
        if name in ("NO_COLOR", "REMONITOR_CONFIG", "REMONITOR_STATE") or name.startswith(
            ("TEXTUAL", "SSH_")
        ):
            del os.environ[name]
