"""`replay FILE`: the app on a recording in place of orgs and tenants, with its own journal."""

import argparse
import os
from pathlib import Path

from tui.console import Arguments, narrate, on_loop, start_log, why_no_app
from tui.console.command import ENDED, USAGE, Command, Page, add_app_options, positive

PAGE = Page(
    "open the app on a recording, without any network",
    """\
Opens the app on a recording of what orgs and tenants answered. Its readings
come at their times. Nothing goes over the network and nothing can be changed.
What was not recorded is shown as not readable.""",
    (
        ("remonitor replay tuesday.json.gz", "at the speed at which it happened"),
        ("remonitor replay tuesday.json.gz --speed 60", "an hour takes a minute"),
    ),
    (
        ("0", "left; line by line: Incydr is back"),
        ("1", "line by line: left while Recovering"),
        ("2", "line by line: left while it is in Error"),
        ("3", "the recording cannot be read"),
        USAGE,
        ENDED,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_app_options(parser)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--speed",
        type=positive,
        default=1.0,
        metavar="N",
        help="how many recorded seconds pass in one second",
    )


def run(arguments: Arguments) -> int:
    from tui.console.replaying import opened

    with opened(arguments.file) as played:
        os.environ["REMONITOR_STATE"] = str(played.state_folder)
        start_log(arguments)
        narrate(played.description)
        lines = why_no_app(arguments)
        if lines:
            narrate(lines)

        async def open_app() -> int:
            clock, net = played.watched(arguments.speed)
            if lines is not None:
                from tui.lines import app

                return await app.run(arguments, played.config, clock, net)
            from tui.app.start import run

            return await run(
                played.config,
                clock=clock,
                net=net,
                theme=arguments.theme,
                ascii=arguments.ascii,
                mouse=arguments.mouse,
                resumable=False,
            )

        return on_loop(open_app())


COMMAND = Command("replay", PAGE, run, add_arguments)
