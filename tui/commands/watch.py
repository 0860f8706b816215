"""`watch`: the watch without a screen, for systemd and containers."""

import argparse
import os
import shlex
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from tui.base.problem import UsageProblem
from tui.console import (
    Arguments,
    Exit,
    ascii_if_asked,
    load_config,
    narrate,
    on_loop,
    say,
    start_log,
    system_clock,
)
from tui.console.command import CONFIG, ENDED, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.config import Config
    from tui.watching.hook import Hook
    from tui.watching.watcher import Watcher

PAGE = Page(
    "watch without a screen, for systemd and containers",
    """\
Watches the named connections, or all of them, until you end it, and prints one
line for each change. An app that you open at the same time shows its readings;
walkthroughs and repairs work there. Under systemd it reports when it is ready
and that it is alive (Type=notify, WatchdogSec). Without a terminal SIGHUP reads
the configuration again; if that has an error, the old one stays in use.

--on-change calls a program for each change, with JSON on its standard input
(remonitor schema hook). It is called directly, never by a shell, and has
30 seconds. If it does not end with 0, it is called up to five times.""",
    (
        ("remonitor watch --metrics /var/lib/node_exporter/remonitor.prom", "gauges for Prometheus"),
        ("remonitor watch --format jsonl", "a line of JSON for each change"),
        ("remonitor watch --on-change '/usr/local/bin/page-me --team security'", "call a program"),
        ("remonitor watch --on-change /usr/local/bin/page-me --test-hook", "call it once, as a test"),
    ),
    (
        ("0", "with --test-hook: the program ended with 0"),
        ("1", "with --test-hook: it did not"),
        USAGE,
        CONFIG,
        ENDED,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="display names (default: all)")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text")
    parser.add_argument(
        "--metrics",
        type=Path,
        metavar="FILE",
        help="write gauges for Prometheus to this file, in one step",
    )
    parser.add_argument(
        "--on-change",
        metavar="COMMAND",
        default="",
        help="program and arguments, called for each change (default: on_change in [app])",
    )
    parser.add_argument("--test-hook", action="store_true", help="call that program once, then end")
    parser.add_argument("--ascii", action="store_true", default=argparse.SUPPRESS, help="plain signs")


def run(arguments: Arguments) -> int:
    from tui.base.systemd import Service
    from tui.console.watcher import only, open_watcher
    from tui.lines.watch import Options, Watch
    from tui.reports.changes import hook_of

    argv = _argv(arguments)

    def load() -> "Config":
        return only(load_config(arguments), arguments.names)

    config = load()
    start_log(arguments)
    if arguments.test_hook:
        return on_loop(_test(hook_of(config, argv)))
    if not config.connections:
        raise UsageProblem(
            "Nothing to watch", f"{config.path} has no connections.", "remonitor add adds one."
        )
    clock = system_clock()

    def standing_watcher(by: "Config") -> "AbstractAsyncContextManager[Watcher]":
        return open_watcher(by, clock, standing=True, hook=hook_of(by, argv))

    options = Options(arguments.names, arguments.format == "jsonl", arguments.metrics)
    service = Service.of(os.environ)
    watch = Watch(load, standing_watcher, clock, service, options, ascii_if_asked(arguments, say), narrate)
    return on_loop(watch.run(config))


def _argv(arguments: Arguments) -> list[str]:
    """The program that the command line names; as a shell would cut it, without running one."""
    try:
        return shlex.split(arguments.on_change)
    except ValueError as error:
        raise UsageProblem("Usage", f"--on-change: {error}.", "See: remonitor watch --help") from None


async def _test(hook: "Hook | None") -> int:
    from tui.reports.changes import sample
    from tui.watching.hook import call

    if hook is None:
        text = "Neither --on-change nor on_change in [app] names a program."
        raise UsageProblem("No hook", text, "See: remonitor watch --help")
    trouble = await call(hook.argv, sample(system_clock().now()))
    narrate(f"{hook.argv[0]}: {trouble or 'it ended with 0.'}")
    return Exit.NO if trouble else Exit.OK


COMMAND = Command("watch", PAGE, run, add_arguments)
