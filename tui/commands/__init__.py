"""Every sub-command in the order of --help, each in the module of its name: only what is asked for is loaded."""

from collections.abc import Sequence
from importlib import import_module

from tui.console.command import Command

NAMES = (
    "demo",
    "check",
    "record",
    "replay",
    "watch",
    "mute",
    "wait",
    "resume",
    "explain",
    "steps",
    "fix",
    "undo",
    "report",
    "add",
    "remove",
    "whoami",
    "doctor",
    "login",
    "list",
    "schema",
    "config",
    "completion",
    "manual",
)


def commands(names: Sequence[str] = NAMES) -> tuple[Command, ...]:
    """The commands of these names."""
    return tuple(import_module(f"tui.commands.{name}").COMMAND for name in names)
