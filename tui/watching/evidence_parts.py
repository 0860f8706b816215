"""How the evidence of one reading is completed with what was read before or elsewhere. Pure."""

from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tui.base.text import clean
from tui.connections.connection import Connection, Need
from tui.connections.evidence import Evidence, Grant, Part, Read, Unreadable, User, value_of
from tui.connections.finding import Diagnosis, Undetermined
from tui.connections.state import State

S = TypeVar("S", bound=Struct)

_SLOW_PARTS = (
    "tokens", "licenses", "streams", "dependencies", "audit", "components", "days", "names", "named_sets", "reach",
)  # fmt: skip
FORMER_NAMES = 5
_ASKED_APART = ("events", "console")

OTHER_NAME = Unreadable(
    "the connection's table in the configuration changed since they were read",
    "They are asked again within minutes.",
)

SKEW = timedelta(minutes=2)
"""How far two clocks may be apart without a doubt."""

BELIEVED = timedelta(minutes=15)
ABSURD = timedelta(days=365)
"""So far apart no clock of a first reading is believed."""


def completed(evidence: Evidence, previous: State | None, connection: Connection) -> Evidence:
    """`evidence` with the parts that this reading did not ask for, as they were read last, still dated so.

    Not file events that were read for another detector name, or as events of the tenant's only connection where
    `connection` is not that any more.
    """
    if previous is None:
        return evidence
    before = previous.evidence
    carried: dict[str, object] = {}
    for part in _SLOW_PARTS:
        if getattr(evidence, part) is None and isinstance(getattr(before, part), Read):
            carried[part] = getattr(before, part)
    for part in _ASKED_APART:
        if getattr(evidence, part) is None:
            carried[part] = getattr(before, part)
    if evidence.events is None and not _counts_still(before, connection):
        carried["events"] = OTHER_NAME
    carried["grants_before"] = _carriers(previous)
    if (user := _with_former_names(evidence, before)) is not None:
        carried["user"] = user
    return replace(evidence, **carried)


def sharing(new: S, before: S) -> S:
    """`new` as it is, made of the values of `before` where these are equal: of thousands both stay in memory."""
    same: dict[str, object] = {}
    for name in new.__struct_fields__:
        mine, old = getattr(new, name), getattr(before, name)
        if mine == old:
            same[name] = old
        elif isinstance(mine, Read) and isinstance(old, Read) and mine.value == old.value:
            same[name] = Read(old.value, mine.at)
    return replace(new, **same)


def _counts_still(before: Evidence, connection: Connection) -> bool:
    events = value_of(before.events)
    if events is None:
        return True
    named = events.detector_name in ("", clean(connection.detector_name))
    return named and (connection.only_connection or not events.counts_unnamed)


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


def steadied(evidence: Evidence, previous: State | None, doubted_for: timedelta) -> Evidence:
    """`evidence` with an org clock that has not jumped: dated anew where it contradicts this machine's clock.

    One of the two has jumped then; time never goes back, and the earlier of what is left makes nothing overdue.
    What the org's clock has said for a quarter of an hour (`doubted_for`) is believed.
    """
    said, here = evidence.org_now, evidence.read_at
    if doubts(evidence, previous) and doubted_for < BELIEVED:
        if previous is None:
            return _dated(evidence, here)
        before = previous.evidence.org_now
        expected = _plus(here, before - previous.evidence.read_at)
        possible = [moment for moment in (said, expected) if moment >= before - SKEW]
        return _dated(evidence, min(possible, default=max(said, expected)))
    return evidence


def doubts(evidence: Evidence, previous: State | None) -> bool:
    """Whether the org's clock contradicts this machine's, and what it was apart from it before."""
    said, here = evidence.org_now, evidence.read_at
    if abs(said - here) <= SKEW:
        return False
    if previous is None:
        return abs(said - here) > ABSURD
    expected = _plus(here, previous.evidence.org_now - previous.evidence.read_at)
    return abs(said - expected) > SKEW


def _dated(evidence: Evidence, now: datetime) -> Evidence:
    """The same reading at another org time; parts that were read just now are dated with it."""
    said = evidence.org_now
    if said == now:
        return evidence
    parts: dict[str, object] = {}
    for name in evidence.__struct_fields__:
        part = getattr(evidence, name)
        if isinstance(part, Read) and abs(part.at - said) <= SKEW:
            parts[name] = replace(part, at=now)
    return replace(evidence, org_now=now, **parts)


def _plus(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment + span
    except OverflowError:
        return moment


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
    """The diagnosis of such a reading: nothing can be said of any cause."""
    return Diagnosis(
        undetermined=tuple(Undetermined(cause, Part.USER, reason, next_step) for cause in causes)
    )
