"""Every exit code of this program, and which one a state of a connection means."""

from collections.abc import Iterable
from enum import IntEnum

from tui.connections.finding import Kind
from tui.connections.state import State
from tui.connections.status import Status


class Exit(IntEnum):
    """What the shell learns. Signals add their number to 128."""

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
    INTERRUPTED = 130
    SIGNAL = 128


_WORST_FIRST = (Exit.ERROR, Exit.UNKNOWN, Exit.NO, Exit.OK)


def exit_of(state: State) -> Exit:
    """What `check` says about one connection."""
    if state.overdue:
        return Exit.ERROR
    if state.status is Status.ERROR:
        findings = state.diagnosis.findings
        heals = findings and all(f.kind is Kind.SELF_HEALING for f in findings)
        return Exit.NO if heals else Exit.ERROR
    return {
        Status.DEAUTHORIZED: Exit.ERROR,
        Status.UNKNOWN: Exit.UNKNOWN,
        Status.RECOVERING: Exit.NO,
        Status.INITIALIZING: Exit.NO,
        Status.MONITORING: Exit.OK,
    }[state.status]


def worst(codes: Iterable[Exit]) -> Exit:
    """The worst of several, as monitoring systems rank them; of none: could not ask."""
    return min(codes, key=_WORST_FIRST.index, default=Exit.UNKNOWN)
