"""The program under measurement, a demo for it, and how figures are said."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.terminals import Terminal
from tui.console.demo_world import Ready, write_files

PYTHON = sys.executable
PROGRAM = [str(Path(PYTHON).with_name("remonitor"))]


def environment(folder: Path) -> dict[str, str]:
    given = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return given | {
        "HOME": str(folder),
        "REMONITOR_STATE": str(folder / "state"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


@contextmanager
def demo(folder: Path, scenario: str) -> Iterator[dict[str, Any]]:
    """A demo process; its ready answer."""
    child = subprocess.Popen(
        [PYTHON, "-m", "tui.demo", "--scenario", scenario],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(folder),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield json.loads(child.stdout.readline())
    finally:
        child.stdin.close()
        child.wait(10)


def file_of(ready: dict[str, Any], folder: Path) -> Path:
    """The configuration of this demo, with its secrets in files beside it."""
    return write_files(msgspec.convert(ready, Ready), folder)


def quiet(screen: Terminal, seconds: float) -> int:
    """Take what comes for `seconds`; how many bytes that was."""
    before, end = screen.bytes, time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        screen.pump(left)
    return screen.bytes - before


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def say(label: str, value: str) -> None:
    print(f"{label:<58} {value}", flush=True)
