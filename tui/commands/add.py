"""`add`: a new connection, by questions on a terminal, or all of it by options."""

import argparse
import contextlib
import os
from typing import TYPE_CHECKING

from tui.base.problem import UsageProblem
from tui.base.text import clean
from tui.console import STDIN, Arguments, Exit, narrate, on_loop, path_of, say, start_log, system_clock
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.config import Config

PAGE = Page(
    "add a connection: remonitor asks, or you give all of it as options",
    """\
Adds a connection: signs in to its org, suggests the service account, remembers
the Ids of org and user and the name of the application, reads once, and writes
the configuration. On a terminal it asks; or give all of it as options.""",
    (
        ("remonitor add", "remonitor asks"),
        (
            "remonitor add --yes --org acme --account svc@acme.example \\\n"
            "      --app Incydr --tenant us --name 'Acme EMEA'",
            "for a script, if org and tenant are already configured",
        ),
    ),
    (("0", "added"), ("1", "left without adding"), UNKNOWN, USAGE, CONFIG),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--org", metavar="ORG", help="id in the configuration, alias of the sf CLI, or address"
    )
    parser.add_argument("--way", help="how to sign in to an org that is not configured yet")
    parser.add_argument(
        "--sign-in",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of this way to sign in; can be repeated",
    )
    parser.add_argument("--my-domain", metavar="HOST", help="host for links, if it is another one")
    parser.add_argument("--account", metavar="USERNAME", help="the service account")
    parser.add_argument("--app", metavar="NAME", help="Incydr's application in the login history, or none")
    parser.add_argument("--tenant", help="id in the configuration, region, address, or none")
    parser.add_argument("--tenant-client-id", metavar="ID", help="id of the tenant's API client")
    parser.add_argument(
        "--tenant-client-secret", metavar="REFERENCE", help="where its secret is: env:NAME, …"
    )
    parser.add_argument("--name", metavar="NAME", help="Display name in the Incydr console")
    parser.add_argument(
        "--detector", metavar="NAME", help="the connection's name in events, if it is another one"
    )
    parser.add_argument(
        "--only-connection",
        choices=("yes", "no"),
        help="count events without a connection's name: it is the tenant's only connection",
    )
    parser.add_argument("--experience", choices=("lightning", "classic"))
    parser.add_argument(
        "--allow-repairs", choices=("yes", "no"), help="whether remonitor is allowed to change this org"
    )
    parser.add_argument(
        "--yes", action="store_true", help="ask nothing; use the default for what is not given"
    )


def run(arguments: Arguments) -> int:
    from tui.config import parse
    from tui.config.secrets import withhold_secrets
    from tui.config.writing import add, current
    from tui.console.stdin import Lines
    from tui.lines.prompter import LinePrompter, check_options
    from tui.net import Net
    from tui.onboarding.flow import Flow
    from tui.onboarding.needs import Lookup
    from tui.onboarding.orgs import KnownOrgs
    from tui.onboarding.runner import Cancelled, LookupRunner, run_flow

    path = path_of(arguments)
    flow = Flow(str(path), current(path), dict(os.environ), arguments.my_domain or "")
    config = parse(flow.text, flow.source, flow.environment)
    withhold_secrets(config)
    given = _given(arguments)
    check_options(config, given, arguments.my_domain)
    if "." in given.get("org", "") or given.get("org") in config.orgs:
        # No need to ask the sf CLI, which takes its time.
        flow = flow.learned(Lookup.ORGS, KnownOrgs())
    start_log(arguments)
    clock = system_clock()
    lines = Lines(STDIN)
    answers = lines if lines.terminal and not arguments.yes else None

    async def added() -> "Config":
        prompter = LinePrompter(given, answers, narrate, clock)
        async with contextlib.aclosing(Net(ca_bundle=config.app.ca_bundle)) as net:
            done = await run_flow(flow, LookupRunner(net, clock), prompter)
        return add(path, done.tables(), flow.environment)

    try:
        new = on_loop(added())
    except Cancelled:
        narrate("Nothing was written.")
        return Exit.NO
    say(f"{clean(str(path))}: {new.connections[-1].name} is added.")
    narrate("Open it with: remonitor")
    return Exit.OK


def _given(arguments: Arguments) -> dict[str, str]:
    """The answers that stand on the command line, by question."""
    from tui.lines.prompter import OPTIONS

    found: dict[str, str] = {}
    for key, option in OPTIONS.items():
        value = getattr(arguments, option.removeprefix("--").replace("-", "_"))
        if value is not None:
            found[key] = value
    for pair in arguments.sign_in:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageProblem("Usage", "--sign-in holds no KEY=VALUE.", "See: remonitor add --help")
        found[f"sign_in.{key}"] = value
    return found


COMMAND = Command("add", PAGE, run, add_arguments)
