"""Where the operator stands in an outage: one answer for keys, screens, lines and words. Pure."""

from enum import StrEnum

from tui.connections.state import State
from tui.connections.walkthrough import Walkthrough


class Phase(StrEnum):
    """What a walkthrough shows at this moment."""

    NOTHING = "nothing"
    """There is no walkthrough."""
    OPENING = "opening"
    """The walkthrough is still to come: the org is read first."""
    STEP = "step"
    """Something is left to do in Salesforce."""
    WAITING = "waiting"
    """The steps are done, Incydr is not back."""
    OVERDUE = "overdue"
    """Incydr should have been back by now."""
    RETURNED = "returned"
    """The outage is over."""

    @property
    def awaits(self) -> bool:
        """The steps are done and Incydr is awaited, in time or overdue."""
        return self in (Phase.WAITING, Phase.OVERDUE)


def phase_of(state: State | None, walk: Walkthrough | None, *, opening: bool = False) -> Phase:
    """The phase of one connection's outage. `opening`: its walkthrough was asked for and is still to come."""
    if state is not None and state.returned is not None:
        return Phase.RETURNED
    if walk is None:
        return Phase.OPENING if opening else Phase.NOTHING
    if not walk.waiting:
        return Phase.STEP
    return Phase.OVERDUE if state is not None and state.overdue else Phase.WAITING
