"""`resume`: the app again, or its lines, with a walkthrough that was left."""

import argparse

from tui.commands import app
from tui.console import Arguments, Exit, load_config, narrate, on_loop, say, start_log, system_clock
from tui.console.command import CONFIG, ENDED, UNKNOWN, USAGE, Command, Page, add_app_options

PAGE = Page(
    "continue the walkthrough that you left",
    """\
Continues a walkthrough at the step where you left it, after Salesforce has been
read again: the one that you left last, or that of a connection. Walkthroughs
survive a lost connection, a kill and a restart. With --close it is closed for
good instead, and not offered again.""",
    (
        ("remonitor resume", "the one that was left last"),
        ("remonitor resume 'Acme EMEA' --plain", "this one, line by line"),
        ("remonitor resume 'Acme EMEA' --close", "it is not offered again"),
    ),
    (
        ("0", "left; line by line: Incydr is back; with --close: closed"),
        ("1", "line by line: no walkthrough was left, or left while Recovering"),
        ("2", "line by line: left while it is in Error"),
        UNKNOWN,
        USAGE,
        CONFIG,
        ENDED,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_app_options(parser)
    parser.add_argument("resume", nargs="?", metavar="NAME", help="default: the one that was left last")
    parser.add_argument("--close", action="store_true", help="close it for good")
    parser.set_defaults(resuming=True)


def run(arguments: Arguments) -> int:
    return close(arguments) if arguments.close else app.run(arguments)


def close(arguments: Arguments) -> int:
    """End a walkthrough that was left; nothing is read for it."""
    from tui.console.watcher import must_be_known, open_watcher
    from tui.lines.app import newest_left
    from tui.walkthrough import actions

    config = load_config(arguments)
    if arguments.resume is not None:
        must_be_known(config, arguments.resume)
    start_log(arguments)

    async def closed() -> int:
        async with open_watcher(config, system_clock()) as watcher:
            name = arguments.resume or newest_left(watcher)
            if name is None or watcher.walkthrough(name) is None:
                narrate("No walkthrough was left.")
                return Exit.NO
            say(await actions.close_walk(watcher, name))
        return Exit.OK

    return on_loop(closed())


COMMAND = Command("resume", PAGE, run, add_arguments)
