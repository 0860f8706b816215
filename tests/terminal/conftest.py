"""A terminal of its own for each test: a clean environment, folders of its own, the installed command."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.terminals import Terminal

REMONITOR = Path(sys.executable).with_name("remonitor")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What the program sees of the machine: nothing of the developer's own settings."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "REMONITOR_STATE": str(tmp_path / "state"),
        "TMPDIR": str(tmp_path),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUTF8": "1",
    }


@pytest.fixture
def terminal(environment: dict[str, str]) -> Iterator[Callable[..., Terminal]]:
    """Starts `remonitor ARGUMENTS…` in a pty; `columns`, `rows` and `env` may be given."""
    with ExitStack() as stack:

        def start(
            *arguments: str, env: dict[str, str] | None = None, columns: int = 120, rows: int = 36
        ) -> Terminal:
            child = Terminal(
                [str(REMONITOR), *arguments], env=environment | (env or {}), columns=columns, rows=rows
            )
            return stack.enter_context(child)

        yield start
