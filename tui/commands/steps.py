"""`steps`: a walkthrough as plain lines, of a connection or a cause; with --follow the whole of it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tui.base.problem import UsageProblem
from tui.console import Arguments, Exit, load_config, narrate, path_of, say
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.watching.watcher import Watcher

PAGE = Page(
    "a walkthrough as plain lines",
    """\
Shows a walkthrough as numbered plain lines: for what is wrong with a connection
now, or for one cause, without any configuration.

With --follow it is the whole walkthrough, line by line: it reads Salesforce
while you work, prints only what is new, and ends when Incydr is back. Type a
key and Enter: Enter alone = done, b = back, s = skip, f = fix it for me, m =
the console shows Monitoring, x = the other experience, r = check now, ? = help,
q = leave. Without a terminal the keys are read from standard input, one on each
line; after the last one it keeps watching.""",
    (
        ("remonitor steps user_frozen --experience classic", "what to do about a freeze"),
        ("remonitor steps 'Acme EMEA' --follow", "go through the steps here until Incydr is back"),
    ),
    (
        ("0", "done; with --follow: Incydr is back"),
        ("1", "nothing is wrong; with --follow: left while Recovering"),
        ("2", "with --follow: left while it is in Error"),
        UNKNOWN,
        USAGE,
        CONFIG,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", metavar="NAME|CAUSE")
    parser.add_argument(
        "--experience",
        choices=("lightning", "classic"),
        help="default: the one that you used last for this org",
    )
    parser.add_argument(
        "--follow", action="store_true", help="go through the steps here until Incydr is back"
    )
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="the steps for a recording, after its last reading"
    )


def run(arguments: Arguments) -> int:
    from tui.connections.connection import Experience
    from tui.console.replaying import on_recording
    from tui.console.watcher import must_be_known, on_watcher
    from tui.diagnosis.guide import REQUIREMENTS
    from tui.lines import steps
    from tui.lines.app import line_io
    from tui.lines.follow import Follow

    name = arguments.subject
    experience = Experience(arguments.experience) if arguments.experience else None

    async def follow(watcher: "Watcher", config: "Config", clock: "Clock") -> int:
        return await Follow(watcher, name, line_io(arguments, config, clock)).run()

    async def tell(watcher: "Watcher", config: "Config", clock: "Clock") -> int:
        required = config.required(REQUIREMENTS)
        return steps.of_watched(watcher, name, experience, required, clock, say, narrate)

    if arguments.replay is not None:
        if arguments.follow:
            instead = "The walkthrough on a recording, line by line: remonitor replay FILE --plain"
            raise UsageProblem("Usage", "--follow goes on, a recording is over.", instead)
        return on_recording(arguments.replay, name, tell)
    if arguments.follow:
        return on_watcher(arguments, name, follow, read=False)
    there = arguments.config or path_of(arguments).exists()
    config = load_config(arguments, secrets=False) if there else None
    if config is not None and config.connection(name) is not None:
        return on_watcher(arguments, name, tell)
    known = steps.known_causes()
    if name not in known:
        must_be_known(config, name, "neither a connection nor a cause", known)
    required = config.required(REQUIREMENTS) if config else REQUIREMENTS
    say(steps.of_cause(name, experience or Experience.LIGHTNING, required))
    return Exit.OK


COMMAND = Command("steps", PAGE, run, add_arguments)
