"""The sub-command that signs in to an org."""

import argparse
from collections.abc import Callable

from tui.base.problem import UsageProblem
from tui.base.text import clean
from tui.cli.common import STDIN, Arguments, load_config, narrate, on_loop, say, start_log
from tui.headless.exits import Exit

Command = Callable[[str, Callable[[Arguments], int], str], argparse.ArgumentParser]


def register(command: Command) -> None:
    """Add this file's sub-command to the command line."""
    signing_in = command("login", login, "sign in to an org, by browser where it is configured so")
    signing_in.add_argument("org", metavar="ORG", help="the org's id in the configuration")


def login(arguments: Arguments) -> int:
    from tui.config.tables import nearest
    from tui.headless.lines import Lines
    from tui.headless.login import sign_in
    from tui.net import Net

    config = load_config(arguments, secrets=False)
    org = config.orgs.get(arguments.org)
    if org is None:
        name = clean(arguments.org, 80)
        raise UsageProblem(
            "Unknown org",
            f'"{name}" is no org in {config.path}{nearest(name, config.orgs)}.',
            f"Known: {', '.join(config.orgs) or 'none'}.",
        )
    start_log(arguments)

    async def work() -> str:
        net = Net(ca_bundle=config.app.ca_bundle)
        try:
            who = await sign_in(org, net, narrate, Lines(STDIN))
        finally:
            await net.aclose()
        if who.hidden:
            narrate(who.hidden)
        return who.username or "a user that the org does not name"

    say(f"{org.id}: signed in as {on_loop(work())}")
    return Exit.OK
