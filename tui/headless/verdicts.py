"""Which exit code a state of a connection means, and which of several is the worst."""

from collections.abc import Iterable

from tui.connections.state import State, Status
from tui.headless.exits import Exit
from tui.reports.checked import WORST_FIRST


def exit_of(state: State) -> Exit:
    """What `check` says about one connection."""
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
    return min(codes, key=WORST_FIRST.index, default=Exit.UNKNOWN)
