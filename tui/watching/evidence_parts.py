"""How the evidence of one reading is completed with what was read before or elsewhere. Pure."""

from datetime import datetime

from msgspec.structs import replace

from tui.connections.evidence import Evidence, Read, Unreadable
from tui.connections.finding import Diagnosis, Undetermined
from tui.connections.state import State

_SLOW_PARTS = ("tokens", "licenses", "streams", "dependencies", "audit")
_ASKED_APART = ("events", "console")


def completed(evidence: Evidence, previous: State | None) -> Evidence:
    """`evidence` with the parts that this reading did not ask for, as they were read last, still dated so."""
    if previous is None:
        return evidence
    before = previous.evidence
    kept: dict[str, object] = {}
    for part in _SLOW_PARTS:
        if getattr(evidence, part) is None and isinstance(getattr(before, part), Read):
            kept[part] = getattr(before, part)
    for part in _ASKED_APART:
        if getattr(evidence, part) is None:
            kept[part] = getattr(before, part)
    return replace(evidence, **kept)


def org_clock(state: State | None, now: datetime) -> datetime:
    """The org's clock at this machine's `now`, carried on from its last answer."""
    if state is None:
        return now
    return state.evidence.org_now + (now - state.evidence.read_at)


def blank(now: datetime, org_now: datetime, reason: str, next_step: str) -> Evidence:
    """The evidence of a reading that fell through altogether."""
    none = Unreadable(reason, next_step)
    return Evidence(now, org_now, none, none, none, none, none, none, none)


def undecided(causes: tuple[str, ...], reason: str, next_step: str) -> Diagnosis:
    """The diagnosis of such a reading: nothing can be told of any cause."""
    return Diagnosis(undetermined=tuple(Undetermined(cause, "user", reason, next_step) for cause in causes))
