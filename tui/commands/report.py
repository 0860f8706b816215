"""`report`: the outage of one connection, for the ticket, as Markdown or JSON."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tui import __version__
from tui.console import Arguments, Exit, say
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.reports.report import Report
    from tui.watching.watcher import Watcher

ENTRIES = 5_000
"""Lines of the history that a report looks at."""

PAGE = Page(
    "what happened, for the ticket",
    """\
Shows what happened, for the ticket: the causes, who and when, the evidence, who
did what, the changes that remonitor made, the proof of return, how long
monitoring was off, and which exports you must check. Times are in UTC and in
your time zone. In the app, w writes the same to a file.""",
    (
        ("remonitor report 'Acme EMEA' > outage.md", "Markdown for the ticket"),
        ("remonitor report 'Acme EMEA' --format json", "for a script"),
    ),
    (("0", "written"), UNKNOWN, USAGE, CONFIG),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown")
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="report on a recording, after its last reading"
    )


def run(arguments: Arguments) -> int:
    from tui.console.replaying import on_recording
    from tui.console.watcher import on_watcher
    from tui.reports.report import markdown

    async def write(watcher: "Watcher", config: "Config", clock: "Clock") -> int:
        report = await gather(watcher, arguments.name, clock)
        if arguments.format == "json":
            say(as_json(report))
        else:
            hours = await watcher.hours(report.at - report.summary.span, arguments.name)
            say(markdown(report, None, hours.get(arguments.name, ())).rstrip())
        return Exit.OK

    if arguments.replay is not None:
        return on_recording(arguments.replay, arguments.name, write)
    return on_watcher(arguments, arguments.name, write)


async def gather(watcher: "Watcher", name: str, clock: "Clock") -> "Report":
    """The report on a connection that has been read."""
    from tui.reports.report import report_of
    from tui.wording import Times

    state = watcher.state(name)
    assert state is not None  # noqa: S101 - the caller has read it
    return report_of(
        state,
        watcher.org(name).my_domain,
        await watcher.history(name, ENTRIES),
        await watcher.changes(name),
        f"remonitor {__version__}",
        Times(None, clock.now()),
    )


def as_json(report: "Report") -> str:
    """What scripts read; `schema` changes when a field changes its meaning. Times are in UTC, `zone` is ours."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


COMMAND = Command("report", PAGE, run, add_arguments)
