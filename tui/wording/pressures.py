"""Who used the hourly quota of sign-ins, as data for a small bar chart."""

from collections import Counter

from msgspec import Struct

from tui.base.limits import SIGN_INS_PER_HOUR
from tui.connections.evidence import value_of
from tui.connections.state import State

SHOWN = 5
"""Bars before the rest is summed up in one."""


class Bar(Struct, frozen=True):
    """Sign-ins of the last 60 minutes by one application, source and kind: at least `count`; `share` of the quota."""

    label: str
    count: int
    share: float


def pressure(state: State) -> tuple[Bar, ...]:
    """A bar for each application with its source IP and kind of sign-in, most first; empty where none is known."""
    history = value_of(state.evidence.sign_ins)
    counts: Counter[str] = Counter()
    for row in history.hour if history is not None else ():
        parts = (row.application or "no application named", row.source_ip, row.sub_type)
        counts[" · ".join(part for part in parts if part)] += row.count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = ordered[SHOWN:]
    if len(rest) > 1:
        ordered = [*ordered[:SHOWN], (f"{len(rest)} others", sum(count for _, count in rest))]
    return tuple(Bar(label, count, min(1.0, count / SIGN_INS_PER_HOUR)) for label, count in ordered)


def pressure_title() -> str:
    return f"Sign-ins of the last hour, of {SIGN_INS_PER_HOUR:,}"
