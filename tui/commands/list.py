"""`list`: the configured connections, without asking anybody."""

import argparse

from tui.console import Arguments, Exit, load_config, say
from tui.console.command import CONFIG, USAGE, Command, Page

PAGE = Page(
    "the configured connections",
    """\
The configured connections, one a line: name, org, service account, with tabs
between; as JSON; or as Zabbix discovers them (lld).""",
    (
        ("remonitor list | cut -f1", "the names alone"),
        ("remonitor list --format lld", "for a discovery rule of Zabbix"),
    ),
    (("0", "listed"), USAGE, CONFIG),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "lld"), default="text")


def run(arguments: Arguments) -> int:
    from tui.reports import documents

    connections = load_config(arguments, secrets=False).connections
    match arguments.format:
        case "json":
            say(documents.written(documents.connections(connections)))
        case "lld":
            say(documents.written(documents.discovery(connections)))
        case _:
            say("\n".join(f"{c.name}\t{c.org}\t{c.service_account}" for c in connections))
    return Exit.OK


COMMAND = Command("list", PAGE, run, add_arguments)
