"""`doctor`: everything that a ticket needs, fit to paste."""

import argparse
import contextlib
import os
import sys

from tui.base.problem import ConfigProblem
from tui.console import Arguments, on_loop, path_of, say, start_log, system_clock
from tui.console.command import CONFIG, USAGE, Command, Page

PAGE = Page(
    "versions, paths, terminal, and every step to each org, to paste",
    """\
Checks this machine and every step to the orgs: versions, paths, terminal,
configuration, then for each connection name lookup, TCP, TLS, sign-in, rights,
one reading, and the clocks. Secrets never appear: its words are fit to paste.""",
    (("remonitor doctor 'Acme EMEA'", "only what this connection needs"),),
    (("0", "nothing is in the way"), ("1", "something is; each line says what mends it"), USAGE, CONFIG),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="display names (default: all)")
    parser.add_argument("--ascii", action="store_true", help="plain signs")


def run(arguments: Arguments) -> int:
    from tui.console.examination import Doctor

    with contextlib.suppress(ConfigProblem):
        # A state folder that cannot be used is one of the things that it tells.
        start_log(arguments)
    size = None
    if sys.stdout.isatty():
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
        size = (columns, rows)
    doctor = Doctor(say, system_clock(), plain=arguments.ascii)
    return on_loop(doctor.run(path_of(arguments), arguments.names, size))


COMMAND = Command("doctor", PAGE, run, add_arguments)
