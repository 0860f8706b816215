"""The sub-commands around the configuration: add and remove connections, who am I, doctor."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.base.problem import ConfigProblem, UsageProblem
from tui.base.text import clean, counted
from tui.cli.common import (
    STDIN,
    Arguments,
    load_config,
    narrate,
    on_loop,
    path_of,
    say,
    start_log,
    system_clock,
)
from tui.headless.exits import Exit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tui.base.clock import Clock
    from tui.config import Config
    from tui.headless.trying import Tried
    from tui.net import Net

    SignIns = Callable[[Config, Net, Clock], AsyncIterator[Tried]]

Command = Callable[[str, Callable[[Arguments], int], str], argparse.ArgumentParser]
"""Adds one sub-command: its name, its function, its help."""


def register(command: Command) -> None:
    """Add this file's sub-commands to the command line."""
    adding = command("add", add, "add a connection: by questions, or all of it by options")
    adding.add_argument(
        "--org", metavar="ORG", help="id in the configuration, alias of the sf CLI, or address"
    )
    adding.add_argument("--way", help="how to sign in to an org that is not configured yet")
    adding.add_argument(
        "--sign-in",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a key of this way; may be repeated",
    )
    adding.add_argument("--my-domain", metavar="HOST", help="host that links show, where it is another one")
    adding.add_argument("--account", metavar="USERNAME", help="the service account")
    adding.add_argument("--app", metavar="NAME", help="Incydr's application in the login history, or none")
    adding.add_argument("--tenant", help="id in the configuration, region, address, or none")
    adding.add_argument("--tenant-client-id", metavar="ID", help="of the tenant's API client")
    adding.add_argument(
        "--tenant-client-secret", metavar="REFERENCE", help="where its secret is: env:NAME, …"
    )
    adding.add_argument("--name", metavar="NAME", help="Display name in the Incydr console")
    adding.add_argument("--detector", metavar="NAME", help="the name that events carry, if it is another one")
    adding.add_argument(
        "--only-connection",
        choices=("yes", "no"),
        help="count events that name no connection, where it is the tenant's only one",
    )
    adding.add_argument("--experience", choices=("lightning", "classic"))
    adding.add_argument("--allow-repairs", choices=("yes", "no"), help="may the program change this org")
    adding.add_argument("--yes", action="store_true", help="ask nothing; what is not given is assumed")
    removing = command("remove", remove, "remove a connection from the configuration")
    removing.add_argument("name", metavar="NAME")
    removing.add_argument("--yes", action="store_true", help="do not ask, also on a terminal")
    command("whoami", whoami, "as whom you are signed in to each org, and what you may do there")
    examining = command("doctor", doctor, "versions, paths, terminal, and every step to each org, to paste")
    examining.add_argument("names", nargs="*", metavar="NAME", help="display names (default: all)")
    examining.add_argument("--ascii", action="store_true", help="plain signs")


def add(arguments: Arguments) -> int:
    from tui.config import parse
    from tui.config.secrets import withhold_secrets
    from tui.config.writing import current
    from tui.headless import add
    from tui.headless.lines import Lines
    from tui.net import Net
    from tui.onboarding.flow import Flow
    from tui.onboarding.needs import Lookup
    from tui.onboarding.orgs import KnownOrgs
    from tui.onboarding.runner import Cancelled, LookupRunner

    path = path_of(arguments)
    flow = Flow(str(path), current(path), dict(os.environ), arguments.my_domain or "")
    config = parse(flow.text, flow.source, flow.environment)
    withhold_secrets(config)
    given = _given(arguments)
    add.check_options(config, given, arguments.my_domain)
    if "." in given.get("org", "") or given.get("org") in config.orgs:
        # No need to ask the sf CLI, which takes its time.
        flow = flow.learned(Lookup.ORGS, KnownOrgs())
    start_log(arguments)
    clock = system_clock()
    lines = Lines(STDIN)
    answers = lines if lines.terminal and not arguments.yes else None

    async def walk() -> "Config":
        net = Net(ca_bundle=config.app.ca_bundle)
        try:
            prompter = add.LinePrompter(given, answers, narrate, clock)
            return await add.run(flow, path, LookupRunner(net, clock), prompter)
        finally:
            await net.aclose()

    try:
        new = on_loop(walk())
    except Cancelled:
        narrate("Nothing was written.")
        return Exit.NO
    say(f"{clean(str(path))}: {new.connections[-1].name} is added.")
    narrate("Open it with: remonitor")
    return Exit.OK


def remove(arguments: Arguments) -> int:
    from tui.config.writing import remove
    from tui.headless.lines import Lines
    from tui.headless.session import named

    path, name, lines = path_of(arguments), arguments.name, Lines(STDIN)

    def agreed(config: "Config") -> bool:
        named(config, [name])
        if arguments.yes or not lines.terminal:
            return True
        narrate(f"Remove {clean(name)} from {clean(str(path))}? Its org and its tenant stay. [y/N]")
        return (on_loop(lines.next()) or "").casefold() in ("y", "yes")

    if remove(path, name, agreed=agreed) is None:
        narrate("Nothing was removed.")
        return Exit.NO
    say(f"{clean(str(path))}: {clean(name)} is removed; its org and its tenant stay.")
    return Exit.OK


def whoami(arguments: Arguments) -> int:
    from tui.headless import trying

    return _try(arguments, trying.every_org, trying.identity)


def config_check(arguments: Arguments) -> int:
    """Sound, and every sign-in works."""
    from tui.headless import trying
    from tui.rules.required_permissions import REQUIREMENTS

    config = load_config(arguments)
    config.required(REQUIREMENTS)
    there = counted(len(config.connections), "connection"), counted(len(config.orgs), "org")
    say(f"{clean(str(config.path))}: sound, {', '.join(there)}")
    return Exit.OK if arguments.offline else _try(arguments, trying.everything, trying.line)


def _try(arguments: Arguments, sign_ins: "SignIns", told: "Callable[[Tried], str]") -> int:
    from tui.headless.verdicts import worst
    from tui.net import Net

    config = load_config(arguments)
    start_log(arguments)

    async def run() -> int:
        net = Net(ca_bundle=config.app.ca_bundle)
        codes = []
        try:
            async for tried in sign_ins(config, net, system_clock()):
                codes.append(tried.exit_code)
                (say if tried.exit_code is Exit.OK else narrate)(told(tried))
        finally:
            await net.aclose()
        return worst([Exit.OK, *codes])

    return on_loop(run())


def doctor(arguments: Arguments) -> int:
    from tui.headless.doctor import Doctor

    with contextlib.suppress(ConfigProblem):
        # A state folder that cannot be used is one of the things that it tells.
        start_log(arguments)
    size = None
    if sys.stdout.isatty():
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
        size = (columns, rows)
    return on_loop(
        Doctor(say, system_clock(), plain=arguments.ascii).run(path_of(arguments), arguments.names, size)
    )


def _given(arguments: Arguments) -> dict[str, str]:
    """The answers that stand on the command line, by question."""
    from tui.headless.add import OPTIONS

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
