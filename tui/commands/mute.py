"""`mute`: keeps hook and bell still for a connection, never its status."""

import argparse
from datetime import timedelta
from typing import TYPE_CHECKING

from tui.base.problem import UsageProblem
from tui.console import Arguments, Exit, load_config, on_loop, say, start_log, system_clock
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page, some_time

if TYPE_CHECKING:
    from datetime import datetime

LONGEST = timedelta(days=30)

PAGE = Page(
    "send no alarm for a connection for some time; its status stays visible",
    """\
For planned work: no hook, no bell and no notification for this connection. Its
status is read and shown as always, also by check. The mute ends by itself. If
the status is another one then, the alarm comes then. The mute is shown in the
history and in the report.""",
    (
        ("remonitor mute 'Acme EMEA' --for 2h --reason 'profile migration'", "for two hours"),
        ("remonitor mute 'Acme EMEA' --off", "send alarms again from now on"),
    ),
    (("0", "muted, or no longer"), UNKNOWN, USAGE, CONFIG),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--for", dest="span", type=some_time, metavar="SPAN", help="how long, such as 2h; 30d at most"
    )
    how.add_argument("--off", action="store_true", help="end a mute now")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why; shown in the history")


def run(arguments: Arguments) -> int:
    from tui import wording
    from tui.console.watcher import must_be_known

    config = load_config(arguments, secrets=False)
    must_be_known(config, arguments.name)
    if arguments.span is not None and arguments.span > LONGEST:
        raise UsageProblem("Usage", "--for: 30d at most.", "See: remonitor mute --help")
    start_log(arguments)
    now = system_clock().now()
    until = now + arguments.span if arguments.span is not None else None
    on_loop(_write(arguments, now, until))
    times = wording.Times(None, now)
    say(wording.mute_told(arguments.name, until, times))
    return Exit.OK


async def _write(arguments: Arguments, now: "datetime", until: "datetime | None") -> None:
    """Raises Problem where the journal cannot be written."""
    from tui.base.paths import state_folder
    from tui.base.permissions import user_name
    from tui.base.text import clean
    from tui.console.watcher import JOURNAL
    from tui.watching.journal import Journal
    from tui.watching.mutes import Mute, line_of

    journal = Journal(state_folder() / JOURNAL)
    await journal.open()
    try:
        mute = Mute(now, until or now, clean(arguments.reason, 200), user_name())
        await journal.mute(arguments.name, mute, line_of(arguments.name, mute))
    finally:
        await journal.close()


COMMAND = Command("mute", PAGE, run, add_arguments)
