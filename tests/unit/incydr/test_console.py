import sys
from datetime import UTC, datetime

import pytest

from tui.base.clock import ManualClock
from tui.connections.evidence import ConsoleWord, Read, Unreadable
from tui.incydr import console
from tui.incydr.console import read_console

CLOCK = ManualClock(datetime(2026, 11, 22, 14, 0, tzinfo=UTC))


def printing(text: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", text)


async def test_the_word_of_the_command_is_read() -> None:
    found = await read_console(printing('print(\'{"status": "Error", "error": "frozen"}\')'), CLOCK)
    assert found == Read(ConsoleWord("Error", CLOCK.now(), "frozen"), CLOCK.now())


async def test_a_status_that_nobody_knows_is_kept_as_it_is() -> None:
    found = await read_console(printing('print(\'{"status": "Paused"}\')'), CLOCK)
    assert isinstance(found, Read)
    assert found.value.status == "Paused"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("raise SystemExit(3)", "ended with code 3"),
        ("print('Monitoring')", "malformed"),
        ("print('{}')", "missing required field `status`"),
        ('print(\'{"status": ""}\')', "empty status"),
    ],
)
async def test_anything_else_is_unreadable(text: str, words: str) -> None:
    found = await read_console(printing(text), CLOCK)
    assert isinstance(found, Unreadable)
    assert words in found.reason
    assert found.next_step


async def test_a_command_that_is_not_there_is_named() -> None:
    found = await read_console(("/nowhere/incydr-status",), CLOCK)
    assert isinstance(found, Unreadable)
    assert "/nowhere/incydr-status cannot be started" in found.reason


async def test_a_command_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "TIMEOUT", 0.1)
    found = await read_console(printing("import sys; sys.stdin.read(); import time; time.sleep(60)"), CLOCK)
    assert isinstance(found, Unreadable)
    assert "did not end within" in found.reason
