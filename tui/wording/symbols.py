"""The signs beside a status and a line of evidence; never the only carrier of the meaning."""

from tui.connections.finding import Sign
from tui.connections.state import State, Status

__all__ = ["Sign", "in_ascii", "status_sign"]


_STATUS_SIGNS = {
    Status.ERROR: ("✖", "x"),
    Status.DEAUTHORIZED: ("✖", "x"),
    Status.RECOVERING: ("◔", "~"),
    Status.INITIALIZING: ("◔", "~"),
    Status.MONITORING: ("●", "*"),
    Status.UNKNOWN: ("?", "?"),
}


def status_sign(state: State | None, *, plain: bool = False) -> str:
    """One character for the status; `plain` keeps to ASCII. An overdue recovery looks like an Error."""
    status = Status.UNKNOWN if state is None else state.status
    if state is not None and state.late:
        status = Status.ERROR
    return _STATUS_SIGNS[status][plain]


_ASCII = str.maketrans(
    {
        "·": "-",
        "›": ">",
        "–": "-",
        "—": "-",
        "…": "...",
        "✓": "+",
        "✖": "x",
        "◔": "~",
        "●": "*",
        "▸": ">",
        "→": "->",
        "↔": "<->",
        "█": "#",
        "░": ".",
        "“": '"',
        "”": '"',
        "’": "'",
        "•": "*",
        "≥": ">=",
        # Of the pictures: one character for one.
        "─": "-",
        "━": "=",
        "╌": ".",
        "│": "|",
        "┃": "|",
        "╱": "/",
        "▼": "v",
        "○": "o",
        "┌": "+",
        "┐": "+",
        "└": "+",
        "┘": "+",
        "├": "+",
        "▶": ">",
        "◀": "<",
        "▾": "v",
        "▒": ":",
    }
)


def in_ascii(text: str) -> str:
    """The text with this program's own signs as plain characters; names from outside stay as they are."""
    return text.translate(_ASCII)
