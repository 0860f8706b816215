"""The whole command line as argparse sees it."""

import argparse
import contextlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from tui import __version__
from tui.base.problem import UsageProblem
from tui.cli import checking, commands, manual, plain, schemas, setup, signing_in
from tui.cli.common import Arguments, say


class _Parser(argparse.ArgumentParser):
    """argparse with this program's exit code for a wrong command line, and its pages as they are written."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**({"formatter_class": argparse.RawDescriptionHelpFormatter} | named))

    def error(self, message: str) -> NoReturn:
        raise UsageProblem("Usage", f"{message}.", f"See: {self.prog} --help")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """argparse would leave an unknown option of a command to the root, whose page does not tell of it."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def _print_message(self, message: str, file: object = None) -> None:
        """Pages and versions are data like any other: argparse would hide that they could not be written."""
        say(message.rstrip("\n"))


def _everywhere() -> _Parser:
    everywhere = _Parser(add_help=False)
    everywhere.add_argument(
        "--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="configuration file"
    )
    everywhere.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default=argparse.SUPPRESS,
        help="what goes to the log file",
    )
    everywhere.add_argument("--version", action="version", version=f"remonitor {__version__}")
    return everywhere


def _looks() -> _Parser:
    looks = _Parser(add_help=False)
    looks.add_argument("--theme", default=argparse.SUPPRESS, help="a Textual theme by name")
    looks.add_argument(
        "--ascii", action="store_true", default=argparse.SUPPRESS, help="plain signs, no frames"
    )
    looks.add_argument(
        "--mouse",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="listen to the mouse",
    )
    return looks


def _lines() -> _Parser:
    lines = _Parser(add_help=False)
    lines.add_argument(
        "--plain", action="store_true", default=argparse.SUPPRESS, help="line by line, for screen readers"
    )
    return lines


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = _Parser(
        prog="remonitor",
        description=f"Gets an Incydr data connection to Salesforce back to Monitoring.\n\n{manual.ROOT.text}",
        epilog=f"{manual.ROOT.epilog()}\n\n{manual.ENVIRONMENT}",
        parents=[_everywhere(), _looks(), _lines()],
    )
    root.set_defaults(
        run=commands.app,
        config=None,
        log_level="warning",
        theme=None,
        ascii=False,
        mouse=False,
        plain=False,
        resume=None,
        resuming=False,
    )
    # Shared by the commands, not with the root: argparse would give them the root's defaults.
    everywhere, looks, lines = _everywhere(), _looks(), _lines()
    subparsers = root.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Callable[[Arguments], int], help: str, *more: _Parser) -> _Parser:
        page = manual.page(name)
        added: _Parser = subparsers.add_parser(
            name,
            help=help,
            description=page.text or help,
            epilog=page.epilog(),
            parents=[everywhere, *more],
        )
        added.set_defaults(run=run)
        return added

    demo = command("demo", commands.demo, "open the app on a simulated org and tenant", looks, lines)
    demo.add_argument("--speed", type=_positive, default=1.0, metavar="N", help="simulated seconds a second")
    demo.add_argument("--attach", metavar="URL", help="the control address of a demo that runs already")
    demo.add_argument("--keep", action="store_true", help="let the demo run on after the app")
    check = command(
        "check", checking.check, "read connections once; the exit code is that of the worst", looks
    )
    checking.add_arguments(check, duration)
    replay = command(
        "replay", commands.replay, "open the app on a recording, without any network", looks, lines
    )
    replay.add_argument("file", type=Path, metavar="FILE")
    replay.add_argument("--speed", type=_positive, default=1.0, metavar="N", help="recorded seconds a second")
    wait = command("wait", commands.wait, "wait until a connection is back to Monitoring", looks)
    wait.add_argument("name", metavar="NAME")
    wait.add_argument(
        "--timeout", type=duration, metavar="SPAN", help="such as 25m (default: the deadline + 5 min)"
    )
    _format(wait)
    resume = command("resume", commands.app, "go on with the walkthrough that was left", looks, lines)
    resume.add_argument("resume", nargs="?", metavar="NAME", help="default: the app offers the newest one")
    resume.set_defaults(resuming=True)
    explain = command("explain", commands.explain, "which cause a console message means")
    explain.add_argument("text", nargs="*", metavar="TEXT", help="the message, or - to read it from stdin")
    explain.add_argument(
        "--connection",
        metavar="NAME",
        help="hold it against what Salesforce shows of this one (default: of each that has a fault)",
    )
    steps = command("steps", commands.steps, "a walkthrough as plain lines")
    steps.add_argument("subject", metavar="NAME|CAUSE")
    steps.add_argument(
        "--experience", choices=("lightning", "classic"), help="default: the org's, as it was chosen last"
    )
    steps.add_argument("--follow", action="store_true", help="walk through it here, to the return")
    fix = command("fix", plain.fix, "repair a connection in Salesforce, as far as the program can")
    fix.add_argument("name", metavar="NAME")
    fix.add_argument("--dry-run", action="store_true", help="show what would change; send nothing")
    fix.add_argument("--yes", action="store_true", help="do not ask")
    fix.add_argument(
        "--confirm",
        metavar="USERNAME",
        help="the service account or the profile, where a repair wants it typed",
    )
    report = command("report", plain.report, "what happened, for the ticket")
    report.add_argument("name", metavar="NAME")
    report.add_argument("--format", choices=("markdown", "json"), default="markdown")
    setup.register(command)
    signing_in.register(command)
    listing = command("list", commands.list_, "the configured connections")
    listing.add_argument("--format", choices=("text", "json", "lld"), default="text")
    schemas.register(command)
    config = command(
        "config", commands.config, "the configuration: its path, whether it is sound, what it says"
    )
    config.add_argument("action", choices=("path", "check", "show"))
    config.add_argument("--offline", action="store_true", help="check: do not try the sign-ins")
    shells = command("completion", plain.completion, "the completion script for a shell")
    shells.add_argument("shell", choices=("bash", "zsh", "fish"))
    return root


def _format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _positive(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < (value := float(text)) <= 100_000:
            return value
    raise argparse.ArgumentTypeError(f"found {text!r}, expected a number above 0")


def duration(text: str) -> timedelta:
    """A span such as "90s", "25m", "1h". Raises argparse's error."""
    units = {"s": "seconds", "m": "minutes", "h": "hours"}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isascii() or not number.isdigit() or len(number) > 6:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a span such as 90s, 25m or 1h")
    return timedelta(**{units[unit]: int(number)})
