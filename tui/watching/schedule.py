"""When to read next: pure rules on the state, the attention, the org's wishes and its daily calls.

Times are this machine's clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tui.config import Intervals
from tui.connections.state import State
from tui.connections.status import Status

SLOW = timedelta(minutes=15)
"""How old the slow facts may become, and the longest interval of all."""

BACK_OFF = (timedelta(minutes=5), timedelta(minutes=10), SLOW)
"""After the first, second and every later failure in a row."""

FLOOR = timedelta(seconds=60)
"""A standing watch never reads more often."""

JITTER = 0.1
LITTLE_LEFT = 0.1
"""Below this share of the daily calls the watch slows down, whatever happens."""

STANDING_SHARE = 0.02
"""The share of the org's daily calls that a standing watch may use."""

SLOW_CALLS = 2
_DAY = timedelta(days=1)
_EXTRAS = {Status.MONITORING: SLOW, Status.ERROR: timedelta(minutes=1)}


@dataclass(frozen=True)
class Ahead:
    """What comes next for a connection, as this machine's clock sees it."""

    reading: bool = False
    next_at: datetime | None = None
    last_try: datetime | None = None
    """When this process last tried to read it; None: what is known is remembered."""
    paused: bool = False
    journal_problem: str = ""
    saving: bool = False
    """The org has less than a tenth of its daily calls left: read every 15 minutes only."""


def saving(state: State | None) -> bool:
    """True where the org has so few calls left today that only every 15 minutes is fair."""
    if state is None or state.evidence.api_used is None or not state.evidence.api_limit:
        return False
    used, limit = state.evidence.api_used, state.evidence.api_limit
    return limit - used < LITTLE_LEFT * limit


def interval(state: State | None, intervals: Intervals, *, attended: bool = False) -> timedelta:
    """How long after a reading the next one is due, before chance and the org's own wishes."""
    if state is None:
        return BACK_OFF[0]
    if saving(state):
        return SLOW
    if state.status is Status.UNKNOWN and state.failures:
        if state.failures == 1 and state.was is not None:
            # One failed reading in an outage is no news yet: look again soon.
            return _outage(state.was, intervals, state.overdue)
        return BACK_OFF[min(state.failures, len(BACK_OFF)) - 1]
    if attended and state.status is Status.ERROR:
        return timedelta(seconds=intervals.step)
    if state.status in (Status.ERROR, Status.RECOVERING):
        return _outage(state.status, intervals, state.overdue)
    standing = max(FLOOR, timedelta(seconds=intervals.monitoring))
    return max(standing, _standing_floor(state.evidence.api_limit))


def next_reading(
    now: datetime,
    state: State | None,
    intervals: Intervals,
    random: Random,
    *,
    attended: bool = False,
    retry_at: datetime | None = None,
    put_off: bool = False,
) -> datetime:
    """When the next reading is due; never before `retry_at`, which the org asked for.

    `put_off`: the tenant could not be asked this time, and is to be soon.
    """
    wait = interval(state, intervals, attended=attended)
    if put_off:
        wait = min(wait, FLOOR)
    wait *= 1 + random.uniform(-JITTER, JITTER)
    if state is not None and state.status is Status.MONITORING:
        wait = max(wait, FLOOR)
    return max(now + wait, retry_at or now)


def gap(previous: State | None, now: datetime, intervals: Intervals) -> bool:
    """True where so much time has passed since the last good reading that something may have come and gone."""
    if previous is None or previous.failures:
        # Readings that failed saw nothing, however often they were tried.
        return True
    return now - previous.evidence.read_at > 2 * interval(previous, intervals) * (1 + JITTER)


def extras_due(previous: State | None, last: datetime | None, now: datetime) -> bool:
    """Whether the tenant and the console are worth asking: always while their word decides.

    In quiet Monitoring every 15 minutes, in Error every minute. `last` is when they were asked before.
    """
    least = _EXTRAS.get(previous.status) if previous is not None else None
    return last is None or least is None or now - last >= least * (1 - JITTER)


def _outage(status: Status, intervals: Intervals, overdue: bool) -> timedelta:
    waiting = status is Status.RECOVERING and not overdue
    return timedelta(seconds=intervals.recovering if waiting else intervals.error)


def _standing_floor(limit: int | None) -> timedelta:
    """The shortest interval at which one fast call and the slow ones stay within the share of `limit`."""
    if not limit:
        return timedelta(0)
    allowed = STANDING_SHARE * limit
    left = allowed - SLOW_CALLS * (_DAY / SLOW)
    if left > 0 and _DAY / left <= SLOW:
        return _DAY / left
    return (1 + SLOW_CALLS) * _DAY / allowed
