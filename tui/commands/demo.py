"""`demo`: the app on a stand-in org and tenant."""

import argparse
import contextlib
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from tui.base.problem import UsageProblem
from tui.console import Arguments, narrate, on_loop, start_log, why_no_app
from tui.console.command import ENDED, USAGE, Command, Page, add_app_options, positive

PAGE = Page(
    "open the app on a simulated org and tenant",
    """\
Opens the app on a simulated Salesforce org, Incydr tenant and Incydr. They run
on this computer and end with the app. Press ctrl+p and look for Demo to act as
the Salesforce administrator.""",
    (
        ("remonitor demo --speed 60", "twenty minutes take twenty seconds"),
        ("remonitor demo --from tuesday.json.gz", "the connections and causes of a recording"),
        ("remonitor demo --keep", "keep the demo running; the app shows how to come back"),
    ),
    (
        ("0", "left; line by line: Incydr is back"),
        ("1", "line by line: left while Recovering"),
        ("2", "line by line: left while it is in Error"),
        ("3", "the demo did not start, or --attach found none"),
        USAGE,
        ENDED,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_app_options(parser)
    parser.add_argument(
        "--speed",
        type=positive,
        default=1.0,
        metavar="N",
        help="how many simulated seconds pass in one second",
    )
    parser.add_argument(
        "--attach", metavar="URL", help="the control address of a demo that is already running"
    )
    parser.add_argument(
        "--from",
        dest="recording",
        type=Path,
        metavar="FILE",
        help="use the connections and causes of a recording, after its last reading",
    )
    parser.add_argument("--keep", action="store_true", help="keep the demo running after the app has ended")


def run(arguments: Arguments) -> int:
    from tui.console import demo_world

    if arguments.attach and arguments.recording:
        raise UsageProblem("Usage", "--from makes a world, --attach has one.", "See: remonitor demo --help")

    async def open_app(scenario: str) -> int:
        opening = (
            demo_world.attached(arguments.attach)
            if arguments.attach
            else demo_world.started(speed=arguments.speed, keep=arguments.keep, scenario=scenario)
        )
        async with opening as world:
            state = str(world.state_folder)
            os.environ["REMONITOR_STATE"] = state
            start_log(arguments)
            lines = why_no_app(arguments)
            if lines is not None:
                from tui.lines import app

                narrate(lines)
                return await app.run(arguments, world.config, world.clock)
            from tui.app.demo import DemoLink
            from tui.app.start import run

            narrate(
                "Other commands on this demo, while it runs: "
                f"REMONITOR_STATE={shlex.quote(state)} remonitor check --config {shlex.quote(str(world.config_file))}"
            )
            code = await run(
                world.config,
                clock=world.clock,
                demo=DemoLink(world.control_url),
                theme=arguments.theme,
                ascii=arguments.ascii,
                mouse=arguments.mouse,
                config_file=world.config_file,
            )
            if arguments.keep or arguments.attach:
                end = f" (kill {world.pid} ends it)" if world.pid is not None else ""
                narrate(f"The demo goes on{end}: remonitor demo --attach {world.control_url}")
            return code

    with _scenario(arguments.recording) as scenario:
        return on_loop(open_app(scenario))


@contextlib.contextmanager
def _scenario(recording: Path | None) -> Iterator[str]:
    """The scenario's name; of a recording the world that it shows, as a file for as long as this lasts."""
    if recording is None:
        yield "tour"
        return
    import tempfile

    from tui.base.paths import write_private
    from tui.console.plan import plan_of
    from tui.console.replaying import opened

    with tempfile.TemporaryDirectory(prefix="remonitor-plan-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "plan.json"
        with opened(recording) as played:
            narrate(played.description)
            states, now = on_loop(played.check(()))
            write_private(path, plan_of(states, played.config, now))
        yield f"plan:{path}"


COMMAND = Command("demo", PAGE, run, add_arguments)
