"""`resume`: the app again, or its lines, with a walkthrough that was left."""

import argparse

from tui.commands.app import run
from tui.console.command import CONFIG, ENDED, UNKNOWN, USAGE, Command, Page, add_app_options

PAGE = Page(
    "continue the walkthrough that you left",
    """\
Continues a walkthrough at the step where you left it, after Salesforce has been
read again. Walkthroughs survive a lost connection, a kill and a restart.""",
    (
        ("remonitor resume", "the app offers the newest one"),
        ("remonitor resume 'Acme EMEA' --plain", "this one, line by line"),
    ),
    (
        ("0", "left; line by line: Incydr is back"),
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
    parser.add_argument("resume", nargs="?", metavar="NAME", help="default: the app offers the newest one")
    parser.set_defaults(resuming=True)


COMMAND = Command("resume", PAGE, run, add_arguments)
