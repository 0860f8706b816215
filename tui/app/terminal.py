"""What this terminal is known to understand: nobody answers questions in a pipe."""

import asyncio
import contextlib
import os
import signal
import termios
from collections.abc import Callable, Mapping

from tui.app.renderer import safe

SIXTEEN_COLOURS = ("linux", "xterm", "screen", "tmux", "vt100", "vt220", "ansi", "rxvt", "cons25")
"""Values of TERM that promise no more than 16 colours."""

SILENT = ("linux", "vt", "ansi", "cons", "sun", "wy", "dumb")
"""How TERM begins where an order to the terminal's window would be printed, or means nothing."""

ERASES = ("xterm", "linux", "alacritty", "foot", "kitty", "rxvt", "vte", "wezterm")
"""How TERM begins where terminfo says `bce`: what is erased gets the background that is drawn with."""

_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python itself puts into LC_CTYPE where the locale is C."""


def few_colours(environ: Mapping[str, str]) -> bool:
    return environ.get("TERM", "") in SIXTEEN_COLOURS and not environ.get("COLORTERM")


def erases_in_colour(environ: Mapping[str, str]) -> bool:
    """Whether erased cells keep the background's colour; GNU screen does not do so, whatever TERM says."""
    return environ.get("TERM", "").startswith(ERASES) and not environ.get("STY")


def remote(environ: Mapping[str, str]) -> bool:
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def utf8(environ: Mapping[str, str]) -> bool:
    """Whether the locale promises a terminal that can show more than ASCII."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = environ.get(name, "")
        if value and not (name == "LC_CTYPE" and value in _COERCED):
            return "utf8" in value.lower().replace("-", "")
    return False


def passed_on(sequence: str, environ: Mapping[str, str]) -> str:
    """A sequence for the terminal itself, wrapped so that tmux or screen in between hands it on."""
    if environ.get("TMUX"):
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environ.get("TERM", "").startswith("screen"):
        # screen passes at most 768 bytes of a device control string.
        parts = [sequence[i : i + 700] for i in range(0, len(sequence), 700)]
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return sequence


def notification(text: str, environ: Mapping[str, str]) -> str:
    """The order to show a notification (OSC 9), empty where the terminal has no window."""
    if environ.get("TERM", "").startswith(SILENT):
        return ""
    # A number and a semicolon in front would be another order to some terminals.
    return passed_on(f"\x1b]9;{safe(text).replace(';', ',')}\a", environ)


def opens_links(environ: Mapping[str, str]) -> bool:
    """Whether the terminal takes an address behind a text (OSC 8); GNU screen hands none on."""
    term = environ.get("TERM", "")
    return bool(term) and not term.startswith(SILENT) and ("TMUX" in environ or not term.startswith("screen"))


def title(text: str, environ: Mapping[str, str]) -> str:
    """The order to name the window (or the pane of tmux), empty where there is none."""
    return "" if environ.get("TERM", "").startswith(SILENT) else f"\x1b]2;{safe(text)}\a"


def keep_title(environ: Mapping[str, str], *, back: bool = False) -> str:
    """The order to remember the window's name, or to give it back."""
    return "" if environ.get("TERM", "").startswith(SILENT) else f"\x1b[{23 if back else 22};2t"


def give_size() -> None:
    """Make a terminal that does not know its size 80 by 24: serial lines and some containers say 0 by 0.

    Textual asks in two ways, which differ then: it would lay the screen out again for ever.
    """
    for stream in range(3):
        with contextlib.suppress(OSError, termios.error):
            if 0 in os.get_terminal_size(stream):
                termios.tcsetwinsize(stream, (24, 80))


def catch_signals(end: Callable[[int], None]) -> None:
    """Have `end` called with the exit code where the terminal goes away or somebody asks the process to end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(RuntimeError, ValueError):
            loop.add_signal_handler(number, end, 128 + number)
