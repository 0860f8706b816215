"""The app as lines: every connection with its number, the question which one, then its walkthrough."""

import shlex
from collections.abc import Callable

from tui import wording
from tui.base.clock import Clock
from tui.config import Config
from tui.connections.connection import Experience
from tui.connections.state import rank
from tui.console import STDIN, Arguments, Exit, ascii_if_asked, exit_of, narrate, say, worst
from tui.console.stdin import Lines
from tui.console.watcher import fresh_states, open_watcher
from tui.diagnosis.guide import REQUIREMENTS
from tui.keys import BY_ID, bound
from tui.lines.follow import Follow, LineIO
from tui.net import Net
from tui.walkthrough import actions
from tui.watching.watcher import Watcher


async def run(arguments: Arguments, config: Config, clock: Clock, net: Net | None = None) -> int:
    """The app as lines: which connection, then its walkthrough. Raises Problem."""
    io = line_io(arguments, config, clock)
    async with open_watcher(config, clock, net=net) as watcher:
        chosen: str | Exit | None = arguments.resume
        if chosen is None and arguments.resuming:
            chosen = newest_left(watcher)
            if chosen is None:
                narrate("There is no walkthrough to continue. remonitor check shows what is wrong.")
                return Exit.NO
        if chosen is None:
            chosen = await choose(watcher, io, narrate)
        return chosen if isinstance(chosen, Exit) else await Follow(watcher, chosen, io).run()


def line_io(arguments: Arguments, config: Config, clock: Clock) -> LineIO:
    """How a walkthrough speaks and hears in this command."""
    experience = getattr(arguments, "experience", None)
    return LineIO(
        say=ascii_if_asked(arguments, say),
        answers=Lines(STDIN),
        clock=clock,
        tz=None,
        required=config.required(REQUIREMENTS),
        keys=bound(config.app.keys),
        experience=Experience(experience) if experience else None,
        options=_options(arguments),
    )


def _options(arguments: Arguments) -> str | None:
    """What finds this configuration again; None in a demo, whose journal ends with its window."""
    if hasattr(arguments, "attach"):
        return None
    return f" --config {shlex.quote(str(arguments.config))}" if arguments.config else ""


async def choose(watcher: Watcher, io: LineIO, tell: Callable[[str], None]) -> str | Exit:
    """The name of the chosen connection, or with which code to leave. Raises Problem."""
    states = sorted(await fresh_states(watcher, [c.name for c in watcher.connections], tell), key=rank)
    now = io.clock.now()
    io.say(wording.counts(states))
    for number, state in enumerate(states, 1):
        io.say(f"{number} {state.connection.name}: {wording.status_line(state, io.times)}")
    left = newest_left(watcher)
    if left is not None:
        go_on = BY_ID["resume"].key
        _, walk, at = next(w for w in watcher.left_walkthroughs() if w[0] == left)
        io.say(f"{go_on} {wording.resume_offer(left, walk, at, now)}")
        io.say(f"{BY_ID['close_walk'].key} closes it for good")
    io.say("Which one? Type its number and Enter; q leaves.")
    names = {str(number): state.connection.name for number, state in enumerate(states, 1)}
    while (line := await io.answers.next()) is not None and line != "q":
        if left is not None and line == BY_ID["resume"].key:
            return left
        if left is not None and line == BY_ID["close_walk"].key:
            io.say(await actions.close_walk(watcher, left))
            left = None
            continue
        if line in names or line in names.values():
            return names.get(line, line)
        io.say(f"{line or 'An empty line'} is not a number of the list.")
    return worst(exit_of(state) for state in states)


def newest_left(watcher: Watcher) -> str | None:
    """The connection whose walkthrough was left last."""
    return next((name for name, _, _ in watcher.left_walkthroughs()), None)
