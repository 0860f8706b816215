"""`login`: signs in to an org, by browser where its way is that, and says as whom."""

import argparse
import contextlib
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tui.console import STDIN, Arguments, Exit, load_config, narrate, on_loop, say, start_log
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.connections.connection import Org
    from tui.console.stdin import LineReader
    from tui.net import Net
    from tui.salesforce.sign_in import Operator, Resolve

PAGE = Page(
    "sign in to an org with a browser, if the org is configured for it",
    """\
Signs in to an org in your browser, if its configuration says so, and keeps the
refresh token on this computer, readable only by you. remonitor opens a browser
if it can. It always shows the address, so that you can open it elsewhere.""",
    (
        ("remonitor login acme", "the org acme of the configuration"),
        ("remonitor login acme --no-browser", "only show the address"),
    ),
    (("0", "signed in"), UNKNOWN, USAGE, CONFIG),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("org", metavar="ORG", help="the org's id in the configuration")
    parser.add_argument("--no-browser", action="store_true", help="open no browser, only show the address")


def run(arguments: Arguments) -> int:
    from tui.console.stdin import Lines
    from tui.console.watcher import known_org
    from tui.net import Net
    from tui.salesforce.sign_in.callback import has_browser, open_browser

    config = load_config(arguments, secrets=False)
    org = known_org(config, arguments.org)
    start_log(arguments)

    async def work() -> str:
        browse = None if arguments.no_browser or not has_browser(os.environ) else open_browser
        async with contextlib.aclosing(Net(ca_bundle=config.app.ca_bundle)) as net:
            who = await sign_in(org, net, narrate, Lines(STDIN), browse=browse)
        if who.hidden:
            narrate(who.hidden)
        return who.username or "a user that the org does not name"

    say(f"{org.id}: signed in as {on_loop(work())}")
    return Exit.OK


async def sign_in(
    org: "Org",
    net: "Net",
    show: Callable[[str], None],
    answers: "LineReader | None",
    *,
    browse: Callable[[str], Awaitable[bool]] | None = None,
    resolve: "Resolve | None" = None,
) -> "Operator":
    """Whoever is signed in now; `answers` are the lines that a person may paste. Raises Problem."""
    from tui.salesforce.sign_in import way
    from tui.salesforce.sign_in.web import Web

    signing_in = way(org, net, resolve=resolve)
    if isinstance(signing_in, Web):

        async def pasted() -> str:
            line = await answers.next() if answers is not None else None
            if line is None:
                raise EOFError
            return line

        await signing_in.sign_in(show, pasted, browse=browse)
    return await signing_in.who()


COMMAND = Command("login", PAGE, run, add_arguments)
