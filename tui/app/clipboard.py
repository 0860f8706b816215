"""Copying to the clipboard of the terminal at the far end of an SSH link, without a mouse."""

import base64
from collections.abc import Callable, Mapping
from enum import StrEnum

from tui.app.terminal import passed_on
from tui.base import process

# inferred: terminal_sequence - no terminal documents its limit.
MAX_BYTES = 74_994
"""Terminals cut or refuse longer sequences: 100,000 bytes in base64."""

TMUX_SECONDS = 3.0


class Mode(StrEnum):
    """How a text is copied; `[app] clipboard` in the configuration."""

    AUTO = "auto"
    """By tmux where it runs in between, else by OSC 52."""
    OSC52 = "osc52"
    """By a bare OSC 52, whatever stands in between."""
    TMUX = "tmux"
    """By tmux alone."""
    OFF = "off"


def sequence(text: str, environ: Mapping[str, str], mode: Mode = Mode.AUTO) -> str | None:
    """OSC 52 with this text, wrapped for tmux or screen unless bare; None where the text is too long."""
    data = text.encode()
    if len(data) > MAX_BYTES:
        return None
    osc = f"\x1b]52;c;{base64.b64encode(data).decode()}\a"
    return osc if mode is Mode.OSC52 else passed_on(osc, environ)


def by_tmux(environ: Mapping[str, str], mode: Mode) -> bool:
    """Whether tmux is asked first: by its default it hands no sequence of a program on."""
    return mode is Mode.TMUX or (mode is Mode.AUTO and bool(environ.get("TMUX")))


async def to_tmux(text: str) -> bool:
    """Give the text to tmux, which keeps it and tells the terminal's clipboard. False where it refuses."""
    try:
        done = await process.run(["tmux", "load-buffer", "-w", "-"], TMUX_SECONDS, text.encode())
    except (OSError, TimeoutError):
        return False
    return done.code == 0


async def send(text: str, mode: Mode, environ: Mapping[str, str], write: Callable[[str], None]) -> str | None:
    """Send the text the first way that works; where it went, None where by no way."""
    if mode is Mode.OFF or len(text.encode()) > MAX_BYTES:
        return None
    if by_tmux(environ, mode) and await to_tmux(text):
        return "tmux and the terminal's clipboard"
    if (order := sequence(text, environ, mode)) is not None:
        write(order)
        return "the terminal's clipboard"
    return None
