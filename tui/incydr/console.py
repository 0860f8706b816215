"""The status that the console shows, from a command that the site provides."""

from collections.abc import Sequence

from tui.base import process
from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.base.text import clean
from tui.connections.evidence import ConsoleWord, Read, Unreadable
from tui.incydr import wire

TIMEOUT = 20.0
"""Real seconds that the command may take."""


async def read_console(argv: Sequence[str], clock: Clock) -> Read[ConsoleWord] | Unreadable:
    """Run `argv`, which prints `{"status": "…", "error": "…"}`. Never raises for what the command does."""
    name = clean(argv[0], 120)
    try:
        finished = await process.run(argv, TIMEOUT)
    except TimeoutError:
        return Unreadable(f"{name} did not end within {TIMEOUT:g} s", "Run the status_command by hand.")
    except OSError as error:
        reason = clean(error.strerror or str(error), 200)
        return Unreadable(f"{name} cannot be started: {reason}", "Correct status_command.")
    if finished.code != 0:
        return Unreadable(f"{name} ended with code {finished.code}", "Run the status_command by hand.")
    try:
        word = wire.decode(finished.stdout, wire.ConsoleAnswer, name)
    except Problem as problem:
        return Unreadable(problem.message, 'It must print {"status": "…", "error": "…"}.')
    if not word.status:
        return Unreadable(f"{name} printed an empty status", "Run the status_command by hand.")
    now = clock.now()
    return Read(ConsoleWord(word.status, now, word.error or ""), now)
