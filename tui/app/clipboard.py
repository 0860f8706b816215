"""Copying by OSC 52, so that a text reaches the clipboard of the terminal at the far end of an SSH link."""

import base64
from collections.abc import Mapping

MAX_BYTES = 8_000
"""Terminals cut or refuse longer sequences."""


def sequence(text: str, environ: Mapping[str, str]) -> str | None:
    """The bytes to write, wrapped for tmux or screen; None where the text is too long."""
    data = text.encode()
    if len(data) > MAX_BYTES:
        return None
    osc = f"\x1b]52;c;{base64.b64encode(data).decode()}\a"
    if environ.get("TMUX"):
        return "\x1bPtmux;" + osc.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environ.get("TERM", "").startswith("screen"):
        # screen passes at most 768 bytes of a device control string.
        parts = [osc[i : i + 700] for i in range(0, len(osc), 700)]
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return osc
