"""`fix`: shows what would change, asks once, sends it, reads it back."""

import argparse
from typing import TYPE_CHECKING

from tui.console import STDIN, Arguments, narrate, say
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.watching.watcher import Watcher

PAGE = Page(
    "repair a connection in Salesforce, as far as the program can",
    """\
Shows exactly what would change in Salesforce (object, record, field, before and
after, as whom), asks once, reads the field again, sends the change, reads it
back, and keeps it in the journal. Where another person or automation did what
is to be undone, the username of the service account must be typed, or given
with --confirm: ask them first. Repairs are off until allow_repairs = true
stands in the configuration of the org.""",
    (
        ("remonitor fix 'Acme EMEA' --dry-run", "show what would change"),
        ("remonitor fix 'Acme EMEA' && remonitor wait 'Acme EMEA'", "repair, then watch the return"),
        ("remonitor fix 'Acme EMEA' --confirm svc@acme.example", "undo another person's freeze"),
    ),
    (
        ("0", "applied and read back, or nothing to repair; with --dry-run: it could be"),
        ("1", "not applied: refused, not agreed to, off, or nothing the program can do"),
        UNKNOWN,
        USAGE,
        CONFIG,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--dry-run", action="store_true", help="show what would change; send nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--confirm",
        metavar="USERNAME",
        help="the service account or the profile, where a repair wants it typed",
    )


def run(arguments: Arguments) -> int:
    from tui.console.stdin import Lines
    from tui.console.watcher import on_watcher
    from tui.lines.fix import Fix, FixOptions

    options = FixOptions(arguments.dry_run, arguments.yes, arguments.confirm)

    async def fix(watcher: "Watcher", config: "Config", clock: "Clock") -> int:
        return await Fix(watcher, arguments.name, options, clock, Lines(STDIN), say, narrate).run()

    return on_watcher(arguments, arguments.name, fix)


COMMAND = Command("fix", PAGE, run, add_arguments)
