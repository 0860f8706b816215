"""Every key command as data, and what the configuration makes of its key."""

from tui.keys.binding import MOVES, KeyNames, bound, check, clashes, key_name
from tui.keys.command import Command, Context, Pane
from tui.keys.table import BY_ID, COMMANDS

__all__ = [
    "BY_ID",
    "COMMANDS",
    "MOVES",
    "Command",
    "Context",
    "KeyNames",
    "Pane",
    "bound",
    "check",
    "clashes",
    "key_name",
]
