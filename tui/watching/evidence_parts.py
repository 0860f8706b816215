"""How the evidence of one reading is completed with what was read before or elsewhere. Pure."""

from datetime import datetime

from msgspec.structs import replace

from tui.connections.evidence import Evidence, Grant, Read, Unreadable, User, value_of
from tui.connections.finding import Diagnosis, Undetermined
from tui.connections.requirements import Need
from tui.connections.state import State

_SLOW_PARTS = (
    "tokens", "licenses", "streams", "dependencies", "audit", "components", "days", "names", "named_sets", "reach",
)  # fmt: skip
FORMER_NAMES = 5
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
    kept["grants_before"] = _carriers(previous)
    if (user := _with_former_names(evidence, before)) is not None:
        kept["user"] = user
    return replace(evidence, **kept)


def _carriers(previous: State) -> tuple[Grant, ...]:
    """The grants of the newest reading that had every needed permission."""
    lines = [line for line in previous.diagnosis.permissions if line.requirement.need is Need.BLOCKS]
    if lines and all(line.held for line in lines):
        return value_of(previous.evidence.grants) or previous.evidence.grants_before
    return previous.evidence.grants_before


def _with_former_names(evidence: Evidence, before: Evidence) -> Read[User | None] | None:
    """The user with the names that he had at earlier readings; None where there is nothing to add."""
    new, old = value_of(evidence.user), value_of(before.user)
    if new is None or old is None or new.id != old.id or not isinstance(evidence.user, Read):
        return None
    names = tuple(dict.fromkeys(n for n in (old.name, *old.former_names) if n and n != new.name))
    return Read(replace(new, former_names=names[:FORMER_NAMES]), evidence.user.at) if names else None


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
