"""The whole command line as argparse sees it."""

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from tui.base.problem import UsageProblem
from tui.commands import NAMES, app, commands
from tui.console import say
from tui.console.command import add_common_options


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


def parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The whole command line; with one command alone where `argv` begins with it: to build all of them takes time."""
    page = app.PAGE
    root = _Parser(
        prog="remonitor",
        description=f"{page.help}\n\n{page.text}",
        epilog=app.epilog(),
    )
    add_common_options(root)
    app.COMMAND.add_arguments(root)
    root.set_defaults(
        run=app.run,
        config=None,
        log_level="warning",
        theme=None,
        ascii=False,
        mouse=False,
        plain=False,
        resume=None,
        resuming=False,
    )
    subparsers = root.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    for command in commands(argv[:1] if argv and argv[0] in NAMES else NAMES):
        page = command.page
        added = subparsers.add_parser(
            command.name, help=page.help, description=page.text, epilog=page.epilog()
        )
        add_common_options(added)
        command.add_arguments(added)
        added.set_defaults(run=command.run)
    return root
