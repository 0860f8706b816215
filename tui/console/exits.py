"""Every exit code of this program, and which one a state means. Imported by --help too: keep it light."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.connections.state import State


class Exit(IntEnum):
    """What the shell learns. A signal is 128 and its number."""

    OK = 0
    NO = 1
    """`check`: on the way, or clears by itself. Others: no, or refused."""
    ERROR = 2
    """A person has to act."""
    UNKNOWN = 3
    """Could not tell or could not ask."""
    USAGE = 64
    FAULT = 70
    CONFIG = 78
    TIMEOUT = 124
    SIGNAL = 128
    INTERRUPTED = 130


def exit_of(state: "State") -> Exit:
    """What `check` says about one connection."""
    from tui.connections.state import Status

    if state.overdue:
        return Exit.ERROR
    if state.status is Status.ERROR:
        return Exit.NO if state.diagnosis.heals else Exit.ERROR
    return {
        Status.DEAUTHORIZED: Exit.ERROR,
        Status.UNKNOWN: Exit.UNKNOWN,
        Status.RECOVERING: Exit.NO,
        Status.INITIALIZING: Exit.NO,
        Status.MONITORING: Exit.OK,
    }[state.status]


def worst(codes: Iterable[Exit]) -> Exit:
    """The worst of several, as monitoring systems rank them; of none: could not ask."""
    from tui.reports.checked import WORST_FIRST

    return min(codes, key=WORST_FIRST.index, default=Exit.UNKNOWN)
