"""The installed program as a process of its own, on a demo that is another one."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tui.console.demo_world import Ready, toml_of

REMONITOR = Path(sys.executable).with_name("remonitor")


@dataclass(frozen=True)
class World:
    """A demo process, and what somebody needs to call the program on it."""

    environment: dict[str, str]
    control_url: str

    @property
    def config(self) -> Path:
        return Path(self.environment["REMONITOR_CONFIG"])

    def check(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(REMONITOR), "check", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start the program without a terminal; whoever calls ends it."""
        return subprocess.Popen(
            [str(REMONITOR), *arguments],
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ask(self, path: str, **body: Any) -> Any:
        """Talk to the demo's control: GET without a body, POST with one."""
        method = "POST" if body else "GET"
        answer = httpx.request(method, self.control_url + path, json=body or None, trust_env=False)
        return answer.raise_for_status().json()


@contextlib.contextmanager
def demo_process(folder: Path, scenario: str = "tour") -> Iterator[World]:
    """A demo in this folder, with its configuration, secrets and state."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "REMONITOR_STATE": str(folder / "state"),
        "REMONITOR_CONFIG": str(folder / "config.toml"),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "tui.demo", "--keep", "--scenario", scenario],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert child.stdout is not None
    try:
        ready = msgspec.convert(json.loads(child.stdout.readline()), Ready)
        secrets = {f"org-{n}": o.client_secret for n, o in enumerate(ready.orgs.values(), 1)}
        secrets |= {f"tenant-{n}": t.client_secret for n, t in enumerate(ready.tenants.values(), 1)}
        (folder / "secrets").mkdir()
        for name, secret in secrets.items():
            (folder / "secrets" / name).write_text(secret)
            (folder / "secrets" / name).chmod(0o600)
        (folder / "config.toml").write_text(toml_of(ready))
        yield World(environment, ready.control_url)
    finally:
        child.terminate()
        child.wait(10)
        child.stdout.close()
