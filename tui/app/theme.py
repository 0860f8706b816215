"""Which colours the terminal gets, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.theme import Theme

DARK = Theme(
    name="remonitor",
    primary="#5FA8D3",
    secondary="#62B6CB",
    accent="#CAE9FF",
    warning="#E9C46A",
    error="#F4717F",
    success="#7BC67E",
    foreground="#D8DEE9",
    background="#12161C",
    surface="#171C24",
    panel="#222A35",
)
ANSI = "ansi-dark"
"""Textual's theme of the terminal's own 16 colours."""

SIXTEEN_COLOURS = ("linux", "xterm", "screen", "tmux", "vt100", "vt220", "ansi", "rxvt", "cons25")


@dataclass(frozen=True)
class Choice:
    """A theme's name; `monochrome`: NO_COLOR decides, and no other theme can be chosen."""

    name: str
    monochrome: bool = False


def choose(environ: Mapping[str, str], option: str | None, configured: str | None) -> Choice:
    """NO_COLOR, then the command line, then the configuration, then what the terminal can show."""
    if environ.get("NO_COLOR"):
        return Choice(ANSI, monochrome=True)
    if named := option or configured:
        return Choice(named)
    remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    few = environ.get("TERM", "") in SIXTEEN_COLOURS and not environ.get("COLORTERM")
    return Choice(ANSI if remote or few else DARK.name)
