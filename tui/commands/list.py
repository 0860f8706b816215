"""`list`: the configured connections with what was last known of them, without asking anybody."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tui.console import Arguments, Exit, load_config, say, system_clock
from tui.console.command import CONFIG, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.connections.connection import Connection
    from tui.connections.state import State

PAGE = Page(
    "the configured connections, and their last known status",
    """\
Lists the configured connections, one on each line, with the last status in the
journal and its age; it reads no org. On a terminal it prints a table. Elsewhere
each line has name, org, service account, status and moment, with tabs between.
Or as JSON, or as Zabbix discovers them (lld).""",
    (
        ("remonitor list | cut -f1", "only the names"),
        ("remonitor list --format lld", "for a discovery rule of Zabbix"),
    ),
    (("0", "listed"), USAGE, CONFIG),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "lld"), default="text")


def run(arguments: Arguments) -> int:
    from tui.base.paths import state_folder
    from tui.console.watcher import JOURNAL
    from tui.reports import documents
    from tui.watching.journal_records import last_states, of_subject

    connections = load_config(arguments, secrets=False).connections
    if arguments.format == "lld":
        say(documents.written(documents.discovery(connections)))
        return Exit.OK
    known = last_states(state_folder() / JOURNAL)
    states = {c.name: of_subject(c, known) for c in connections}
    if arguments.format == "json":
        say(documents.written(documents.connections(connections, states)))
    elif sys.stdout.isatty():
        say("\n".join(table(connections, states, system_clock().now())))
    else:
        say("\n".join("\t".join(fields(c, states[c.name])) for c in connections))
    return Exit.OK


def fields(connection: "Connection", state: "State | None") -> tuple[str, ...]:
    """For scripts; status and moment are empty where nothing is known."""
    status = (state.status, state.evidence.read_at.isoformat()) if state is not None else ("", "")
    return connection.name, connection.org, connection.service_account, *status


def table(
    connections: "Sequence[Connection]", states: "Mapping[str, State | None]", now: datetime
) -> list[str]:
    """For people: under headings, each column as wide as it has to be."""
    from tui import wording
    from tui.pictures.pieces import cells

    rows = [("NAME", "STATUS", "READ", "ORG", "SERVICE ACCOUNT")]
    for c in connections:
        state = states[c.name]
        read = wording.ago(state.evidence.read_at, now, coarse=True) if state is not None else "never"
        rows.append((c.name, wording.status_word(state), read, c.org, c.service_account))
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


COMMAND = Command("list", PAGE, run, add_arguments)
