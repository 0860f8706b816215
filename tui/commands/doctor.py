"""`doctor`: everything that a ticket needs, fit to paste."""

import argparse
import contextlib
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from tui.base.problem import ConfigProblem, UsageProblem
from tui.console import (
    Arguments,
    Exit,
    ascii_if_asked,
    load_config,
    narrate,
    on_loop,
    path_of,
    say,
    start_log,
    system_clock,
)
from tui.console.command import CONFIG, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.contract.asking import TenantLook
    from tui.contract.model import Report

PAGE = Page(
    "check this computer and every step to each org, for a bug report",
    """\
Checks this computer and every step to the orgs: versions, paths, terminal and
configuration; then for each connection name lookup, TCP, TLS, sign-in, rights,
one reading and the clocks. It shows no secrets, so you can paste its text.

With --contract it compares org and tenant with all that remonitor relies on:
objects, fields and rights, texts and actions, events. It says what it cannot
see or prove there. It only reads, with at most 12 API calls to an org and 3
requests to a tenant, and says so first. Later readings use what it found.""",
    (
        ("remonitor doctor 'Acme EMEA'", "only what this connection needs"),
        ("remonitor doctor 'Acme EMEA' --contract", "does the org answer as remonitor expects?"),
    ),
    (
        ("0", "nothing is in the way; all is as expected"),
        ("1", "something is; each line says what fixes it"),
        ("3", "--contract: an org could not be asked"),
        USAGE,
        CONFIG,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="display names (default: all)")
    parser.add_argument("--ascii", action="store_true", help="plain signs")
    parser.add_argument(
        "--contract", action="store_true", help="does the org answer as expected? It only reads"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="json: with --contract")


def run(arguments: Arguments) -> int:
    if arguments.contract:
        return on_loop(_contract(arguments))
    if arguments.format != "text":
        raise UsageProblem("Usage", "--format json needs --contract.", "See: remonitor doctor --help")
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


async def _contract(arguments: Arguments) -> Exit:
    from tui.console.contract import announcement, exit_of, keep, looked_at, subjects
    from tui.net import ReadingNet
    from tui.reports import contract

    config = load_config(arguments)
    start_log(arguments)
    clock = system_clock()
    speak = ascii_if_asked(arguments, say)
    reports: list[Report] = []
    asked: dict[str, TenantLook] = {}
    make_net = partial(ReadingNet, ca_bundle=config.app.ca_bundle)
    for subject in subjects(config, arguments.names):
        narrate(announcement(subject, asked))
        report = await looked_at(subject, clock, make_net, asked)
        if trouble := await keep(report):
            narrate(trouble)
        if arguments.format == "text":
            speak(("\n" if reports else "") + contract.as_text(report))
        reports.append(report)
    if arguments.format == "json":
        say(contract.as_json(reports, clock.now()))
    return exit_of(reports)


COMMAND = Command("doctor", PAGE, run, add_arguments)
