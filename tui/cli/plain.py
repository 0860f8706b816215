"""The sub-commands that speak in lines: the walkthrough, the repair, the report, and the app where no app can be."""

import os
import shlex
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from tui.cli.common import (
    STDIN,
    Arguments,
    load_config,
    narrate,
    on_loop,
    plainly,
    say,
    start_log,
    system_clock,
)
from tui.headless.exits import Exit

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.lines.follow import LineIO
    from tui.net import Net
    from tui.watching.watcher import Watcher

    Work = Callable[[Watcher, LineIO], Coroutine[Any, Any, int]]

DUMB = ("dumb", "unknown")
"""Values of TERM that mean: lines alone."""


def why(arguments: Arguments) -> str | None:
    """Why the app is shown as lines here, a sentence or empty; None where it can be shown."""
    if arguments.plain:
        return ""
    if os.environ.get("TERM") in DUMB:
        return f"This terminal cannot show the app (TERM={os.environ['TERM']}): it goes on line by line."
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "No terminal on standard input and output: it goes on line by line."
    return None


async def app(arguments: Arguments, config: "Config", clock: "Clock", net: "Net | None" = None) -> int:
    """The app as lines: which connection, then its walkthrough."""
    from tui.headless.session import watching
    from tui.lines.choosing import choose, newest_left
    from tui.lines.follow import Follow

    io = _line_io(arguments, config, clock)
    async with watching(config, clock, net=net) as watcher:
        chosen: str | Exit | None = arguments.resume
        if chosen is None and arguments.resuming:
            chosen = newest_left(watcher)
            if chosen is None:
                narrate("No walkthrough was left. remonitor check shows what is the matter.")
                return Exit.NO
        if chosen is None:
            chosen = await choose(watcher, io, narrate)
        return chosen if isinstance(chosen, Exit) else await Follow(watcher, chosen, io).run()


def follow(arguments: Arguments) -> int:
    """`steps NAME --follow`."""
    from tui.lines.follow import Follow

    return _with(arguments, lambda w, v: Follow(w, arguments.name, v).run(), read=False)


def steps(arguments: Arguments) -> int:
    """`steps NAME`."""
    from tui.lines.steps import of_watched

    async def tell(watcher: "Watcher", io: "LineIO") -> int:
        name, required = arguments.name, io.required
        return of_watched(watcher, name, io.experience, required, io.clock, say, narrate)

    return _with(arguments, tell)


def fix(arguments: Arguments) -> int:
    from tui.lines.fix import Fix, FixOptions

    options = FixOptions(arguments.dry_run, arguments.yes, arguments.confirm)

    async def mend(watcher: "Watcher", io: "LineIO") -> int:
        fix = Fix(watcher, arguments.name, options, io.clock, io.answers, say, narrate)
        return await fix.run()

    return _with(arguments, mend)


def report(arguments: Arguments) -> int:
    from tui.headless import report
    from tui.wording.reports import markdown

    async def write(watcher: "Watcher", io: "LineIO") -> int:
        gathered = await report.gather(watcher, arguments.name, io.clock)
        if arguments.format == "json":
            say(report.as_json(gathered))
        else:
            say(markdown(gathered, None).rstrip())
        return Exit.OK

    return _with(arguments, write)


def completion(arguments: Arguments) -> int:
    from tui.headless.completion import SCRIPTS

    say(SCRIPTS[arguments.shell].rstrip())
    return Exit.OK


def _with(arguments: Arguments, work: "Work", *, read: bool = True) -> int:
    """Run `work` on a watcher of the org of the connection that is named; unless told, it has been read."""
    from tui.headless.session import only, read_by, watching

    config = only(load_config(arguments), [arguments.name])
    start_log(arguments)
    clock = system_clock()

    async def run() -> int:
        async with watching(config, clock) as watcher:
            if read:
                await read_by(watcher, [arguments.name], narrate)
            return await work(watcher, _line_io(arguments, config, clock))

    return on_loop(run())


def _line_io(arguments: Arguments, config: "Config", clock: "Clock") -> "LineIO":
    from tui.connections.connection import Experience
    from tui.headless.lines import Lines
    from tui.keys import bound
    from tui.lines.follow import LineIO
    from tui.rules.required_permissions import REQUIREMENTS

    experience = getattr(arguments, "experience", None)
    return LineIO(
        say=plainly(arguments, say),
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
