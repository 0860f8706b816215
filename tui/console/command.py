"""What a sub-command is: its page, its arguments, its run; and the options that several share. Plain data."""

import argparse
import contextlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from tui import __version__
from tui.console import Arguments

USAGE = ("64", "wrong command line, also a NAME that is not configured")
CONFIG = ("78", "the configuration cannot be used")
UNKNOWN = ("3", "Unknown, or nobody could be asked")
ENDED = ("130", "interrupted; 128+n by another signal")


class Page(NamedTuple):
    """What --help says beside the options. `help` stands in the list of commands; `text` is wrapped already.

    Examples are (command line, what for), codes (exit code, meaning).
    """

    help: str
    text: str
    examples: tuple[tuple[str, str], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()

    def epilog(self) -> str:
        """Examples and exit codes as they stand below the options."""
        parts = []
        if self.examples:
            lines = [f"  {line}\n      {what}" for line, what in self.examples]
            parts.append("examples:\n" + "\n".join(lines))
        if self.codes:
            parts.append(
                "exit codes:\n" + "\n".join(f"  {code:<4} {meaning}" for code, meaning in self.codes)
            )
        return "\n\n".join(parts)


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """Of a command that has none of its own."""


class Command(NamedTuple):
    """One sub-command. `run` imports what it needs, and returns the exit code."""

    name: str
    page: Page
    run: Callable[[Arguments], int]
    add_arguments: Callable[[argparse.ArgumentParser], None] = no_arguments


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """What every command takes, before it or behind it."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="configuration file"
    )
    parser.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default=argparse.SUPPRESS,
        help="how much goes to the log: remonitor.log in the state folder, see doctor",
    )
    parser.add_argument("--version", action="version", version=f"remonitor {__version__}")


def add_look_options(parser: argparse.ArgumentParser) -> None:
    """Of the commands that show signs and colours."""
    parser.add_argument("--theme", default=argparse.SUPPRESS, help="a Textual theme by name")
    parser.add_argument(
        "--ascii", action="store_true", default=argparse.SUPPRESS, help="plain signs, no frames"
    )
    parser.add_argument(
        "--mouse",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="use the mouse in the app",
    )


def add_app_options(parser: argparse.ArgumentParser) -> None:
    """Of the commands that open the app."""
    add_look_options(parser)
    parser.add_argument(
        "--plain", action="store_true", default=argparse.SUPPRESS, help="line by line, for screen readers"
    )


def positive(text: str) -> float:
    """A number above 0. Raises argparse's error."""
    with contextlib.suppress(ValueError):
        if 0 < (value := float(text)) <= 100_000:
            return value
    raise argparse.ArgumentTypeError(f"found {text!r}, expected a number above 0")


def duration(text: str) -> timedelta:
    """A span such as "90s", "25m", "1h", "2d". Raises argparse's error."""
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isascii() or not number.isdigit() or len(number) > 6:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a span such as 90s, 25m, 1h or 2d")
    return timedelta(**{units[unit]: int(number)})


def some_time(text: str) -> timedelta:
    """A span above 0. Raises argparse's error."""
    if span := duration(text):
        return span
    raise argparse.ArgumentTypeError(f"found {text!r}, expected a span above 0")
