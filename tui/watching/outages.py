"""Outages as the history tells them: when they began, were repaired and ended, and what they sum up to. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from tui.connections.state import Status
from tui.watching.entry import Entry, EntryKind

SPAN = timedelta(days=30)
"""How far back outages are summed up."""


class Outage(Struct, frozen=True):
    """One outage. Times are the org's clock; `repaired` and `ended` are None while that is still to come."""

    began: datetime
    causes: tuple[str, ...] = ()
    repaired: datetime | None = None
    by: str = ""
    """Who repaired it, where somebody is named."""
    ended: datetime | None = None
    proof: str = ""
    """The kind of proof that ended it."""


class Summary(Struct, frozen=True):
    """What the outages of the last `span` sum up to."""

    span: timedelta
    count: int = 0
    open: int = 0
    off: timedelta = timedelta(0)
    """Without monitoring, in all, as far as it lies within the span."""
    to_repair: timedelta | None = None
    """From cause to repair, on average; None where nothing was repaired."""
    longest: timedelta = timedelta(0)
    """The longest outage, from cause to proof, or to now."""
    again: tuple[str, ...] = ()
    """Causes that came more than once."""


def outages(entries: Iterable[Entry]) -> tuple[Outage, ...]:
    """The outages of one connection, oldest first; `entries` newest first, as the journal gives them."""
    ended: list[Outage] = []
    current: Outage | None = None
    for entry in reversed(tuple(entries)):
        current = _after_line(current, entry)
        if current is not None and current.ended is not None:
            ended.append(current)
            current = None
    return (*ended, current) if current is not None else tuple(ended)


def _after_line(current: Outage | None, entry: Entry) -> Outage | None:
    """The outage after one more line of the history; None where there is none."""
    if entry.kind is EntryKind.RETURNED:
        open_one = current or Outage(entry.at)
        causes = _with(open_one.causes, entry.text.split(","))
        return replace(open_one, causes=causes, ended=max(entry.at, open_one.began), proof=entry.result)
    if entry.kind is EntryKind.ERROR or entry.status is Status.ERROR:
        open_one = current or Outage(entry.at)
        causes = _with(open_one.causes, [entry.cause])
        return replace(open_one, began=min(open_one.began, entry.at), causes=causes, repaired=None, by="")
    if entry.status is Status.RECOVERING:
        open_one = current or Outage(entry.at)
        return replace(open_one, repaired=max(entry.at, open_one.began), by=entry.by)
    if entry.status is Status.MONITORING and current is not None:
        return replace(current, ended=max(entry.at, current.began))
    return current


def summary(found: Sequence[Outage], now: datetime, span: timedelta = SPAN) -> Summary:
    """What those outages sum up to that were not over before the span began; `now` is the org's clock."""
    start = now - span
    recent = [o for o in found if (o.ended or now) > start]
    repairs = [o.repaired - o.began for o in recent if o.repaired is not None]
    lengths = [(o.ended or now) - o.began for o in recent]
    off = [(o.ended or now) - max(o.began, start) for o in recent]
    times = Counter(cause for o in recent for cause in o.causes)
    return Summary(
        span=span,
        count=len(recent),
        open=sum(o.ended is None for o in recent),
        off=sum(off, timedelta(0)),
        to_repair=sum(repairs, timedelta(0)) / len(repairs) if repairs else None,
        longest=max(lengths, default=timedelta(0)),
        again=tuple(cause for cause, count in times.items() if count > 1),
    )


def _with(causes: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*causes, *(cause for cause in more if cause))))
