"""Which changes of a state call the operator. Pure."""

from datetime import datetime, tzinfo

from tui import wording
from tui.connections.state import State
from tui.connections.status import Status


def call_for(before: State | None, after: State, tz: tzinfo, now: datetime) -> str:
    """The sentence to call with: back, in error, overdue; empty where nobody has to be called."""
    if before is None or before is after:
        return ""
    name = after.connection.name
    if _returned(after) and not _returned(before):
        return f"{name}: Incydr is back"
    if after.overdue and not before.overdue:
        return f"{name}: repaired, Incydr not back"
    fresh = set(after.diagnosis.causes) - set(before.diagnosis.causes)
    known = before.status is Status.ERROR or before.was is Status.ERROR
    if after.status is Status.ERROR and (fresh or not known):
        return f"{name}: {wording.headline(after, tz, now)}"
    return ""


def _returned(state: State) -> bool:
    return state.recovery is not None and state.recovery.returned is not None
