"""The app's first screen as lines: every connection with its number, and the question which one to walk through."""

from collections.abc import Callable

from tui import wording
from tui.connections.state import rank
from tui.headless.check import exit_code
from tui.headless.exits import Exit
from tui.headless.session import read_by
from tui.keys import BY_ID
from tui.lines.follow import LineIO
from tui.watching.watcher import Watcher


async def choose(watcher: Watcher, io: LineIO, tell: Callable[[str], None]) -> str | Exit:
    """The name of the chosen connection, or with which code to leave. Raises Problem."""
    states = sorted(await read_by(watcher, [c.name for c in watcher.connections], tell), key=rank)
    now = io.clock.now()
    io.say(wording.counts(states))
    for number, state in enumerate(states, 1):
        io.say(f"{number} {state.connection.name}: {wording.status_line(state, io.times)}")
    left = newest_left(watcher)
    if left is not None:
        go_on = BY_ID["resume"].key
        _, walk, at = next(w for w in watcher.left_walkthroughs() if w[0] == left)
        io.say(f"{go_on} {wording.resume_offer(left, walk, at, now)}")
    io.say("Which one? Its number and Enter; q leaves.")
    names = {str(number): state.connection.name for number, state in enumerate(states, 1)}
    while (line := await io.answers.next()) is not None and line != "q":
        if left is not None and line == BY_ID["resume"].key:
            return left
        if line in names or line in names.values():
            return names.get(line, line)
        io.say(f"{line or 'An empty line'} is no number of the list.")
    return exit_code(states)


def newest_left(watcher: Watcher) -> str | None:
    """The connection whose walkthrough was left last."""
    return next((name for name, _, _ in watcher.left_walkthroughs()), None)
