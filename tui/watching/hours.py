"""The hourly roll-up: how long each connection was seen well, in error, recovering or not known. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from tui.connections.state import State, Status

HOUR = 60 * 60


class Seen(StrEnum):
    """As what a connection counts in the roll-up: the names of its columns."""

    WELL = "well"
    ERROR = "error"
    RECOVERING = "recovering"
    UNKNOWN = "unknown"


_SEEN = {
    Status.MONITORING: Seen.WELL,
    Status.ERROR: Seen.ERROR,
    Status.DEAUTHORIZED: Seen.ERROR,
    Status.RECOVERING: Seen.RECOVERING,
    Status.INITIALIZING: Seen.RECOVERING,
}


class Span(Struct, frozen=True):
    """A connection was seen as `kind` from `start` to `end` (this machine's clock)."""

    start: datetime
    end: datetime
    kind: Seen


class Hour(Struct, frozen=True):
    """What was seen in the hour that begins at `start`, in seconds."""

    start: datetime
    well: int = 0
    error: int = 0
    recovering: int = 0
    unknown: int = 0

    @property
    def not_observed(self) -> int:
        """The rest of the whole hour; of the current one its future too."""
        return max(0, HOUR - self.well - self.error - self.recovering - self.unknown)


def kind_of(state: State) -> Seen:
    """The column in which a state counts; a status that nobody knows is not known."""
    return Seen.ERROR if state.overdue else _SEEN.get(state.status, Seen.UNKNOWN)


def observed(previous: State | None, now: datetime, longest: timedelta) -> Span | None:
    """The time since the reading before, seen as what that one showed; None where nobody looked for `longest`."""
    if previous is None:
        return None
    start = previous.evidence.read_at
    return Span(start, now, kind_of(previous)) if timedelta(0) < now - start <= longest else None


def joined(spans: Sequence[Span], more: Span) -> tuple[Span, ...]:
    """`spans` with one more at the end; two of a kind that touch become one."""
    if spans and spans[-1].kind == more.kind and spans[-1].end == more.start:
        return (*spans[:-1], Span(spans[-1].start, more.end, more.kind))
    return (*spans, more)


def by_hour(span: Span, after: int) -> Iterator[tuple[int, int]]:
    """(beginning of the hour, seconds of the span in it), without what lies before `after`; seconds since 1970."""
    start, end = max(int(span.start.timestamp()), after), int(span.end.timestamp())
    while start < end:
        hour = start - start % HOUR
        stop = min(end, hour + HOUR)
        yield hour, stop - start
        start = stop


def hour_of(row: Sequence[int]) -> Hour:
    start, *seconds = row
    return Hour(datetime.fromtimestamp(start, UTC), *seconds)
