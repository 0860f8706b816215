"""When to read next: pure rules on the state, the attention, the org's wishes and its daily calls.

Times are this machine's clock.
"""

from datetime import datetime, timedelta
from enum import Enum
from random import Random

from msgspec import Struct

from tui.config import Intervals
from tui.connections.state import State, Status

FREELY = 0.5
"""The part of the share that is spent without a thought; the rest is made to last a day."""

_HOUR = 60 * 60


class Spending:
    """The calls of one org that readings by themselves have made in this process in the last 24 hours."""

    def __init__(self) -> None:
        self._by_hour: dict[int, tuple[int, int]] = {}

    def add(self, now: datetime, calls: int) -> None:
        """Count one reading."""
        hour = int(now.timestamp()) // _HOUR
        self._by_hour = {h: n for h, n in self._by_hour.items() if hour - 24 <= h <= hour}
        readings, so_far = self._by_hour.get(hour, (0, 0))
        self._by_hour[hour] = readings + 1, so_far + calls

    def in_a_day(self, now: datetime) -> tuple[int, int]:
        """Readings and calls."""
        hour = int(now.timestamp()) // _HOUR
        counted = [n for h, n in self._by_hour.items() if hour - 24 <= h <= hour]
        return sum(readings for readings, _ in counted), sum(calls for _, calls in counted)


def wait_within_share(
    spent: tuple[int, int], limit: int | None, share: float, longest: timedelta
) -> timedelta:
    """The shortest time until the next reading at which a day's calls stay within `share` of `limit`.

    `spent` are readings and calls of the last day. Zero while less than half of the share is spent, and where the
    org names no limit; never longer than `longest`.
    """
    readings, calls = spent
    if not limit or limit < 0 or calls < FREELY * share * limit:
        return timedelta(0)
    left = share * limit - calls
    each = max(1.0, calls / max(1, readings))
    return min(longest, _DAY * each / left) if left > 0 else longest


SLOW = timedelta(minutes=15)
"""How old the slow facts may become, and the longest interval of all."""

BACK_OFF = (timedelta(minutes=5), timedelta(minutes=10), SLOW)
"""After the first, second and every later failure in a row."""

FLOOR = timedelta(seconds=60)
"""A standing watch never reads more often."""

JITTER = 0.1
LITTLE_LEFT = 0.1
"""Below this share of the daily calls the watch slows down, whatever happens."""

SLOW_CALLS = 2
IDLE = timedelta(minutes=5)
"""An open walkthrough without a key for so long reads every minute only."""

FORGOTTEN = timedelta(minutes=30)
"""After so long it reads as the list does."""

_DAY = timedelta(days=1)
_EXTRAS = {Status.MONITORING: SLOW, Status.ERROR: timedelta(minutes=1)}


class ReadingProgress(Struct, frozen=True):
    """What comes next for a connection, as this machine's clock sees it."""

    reading: bool = False
    next_at: datetime | None = None
    last_try: datetime | None = None
    """When this process last tried to read it; None: what is known is remembered."""
    paused: bool = False
    journal_problem: str = ""
    saving: bool = False
    """The org has less than a tenth of its daily calls left: read every 15 minutes only."""
    throttled: bool = False
    """The watch's share of the org's daily calls is used up: read less often than the configuration says."""


class Attention(Enum):
    """Whether somebody looks at an open step that Salesforce is to answer."""

    NONE = 0
    IDLE = 1
    """The walkthrough is open, but no key came for some minutes."""
    FULL = 2


def attention(pressed_at: datetime, now: datetime) -> Attention:
    """By the time of the last key in the open walkthrough; a clock that was set back counts as a key now."""
    quiet = now - pressed_at
    if quiet < IDLE:
        return Attention.FULL
    return Attention.IDLE if quiet < FORGOTTEN else Attention.NONE


def saving(state: State | None) -> bool:
    """True where the org has so few calls left today that only every 15 minutes is fair."""
    if state is None or state.evidence.api_used is None or not state.evidence.api_limit:
        return False
    used, limit = state.evidence.api_used, state.evidence.api_limit
    return limit - used < LITTLE_LEFT * limit


def interval(state: State | None, intervals: Intervals, *, attended: Attention = Attention.NONE) -> timedelta:
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
    if attended is not Attention.NONE and state.status is Status.ERROR:
        return timedelta(seconds=intervals.step) if attended is Attention.FULL else FLOOR
    if state.status in (Status.ERROR, Status.RECOVERING):
        return _outage(state.status, intervals, state.overdue)
    standing = max(FLOOR, timedelta(seconds=intervals.monitoring))
    return max(standing, _standing_floor(state.evidence.api_limit, intervals.share_watching / 100))


def least_wait(
    state: State | None,
    intervals: Intervals,
    spent: tuple[int, int],
    *,
    attended: Attention = Attention.NONE,
) -> timedelta:
    """How long the share of the org's daily calls makes the next reading wait in an outage or open walkthrough.

    `spent` are readings and calls of the last day. While all is well the interval itself keeps to the share.
    """
    if state is None or state.evidence.api_limit is None:
        return timedelta(0)
    if state.recovering is None and state.status is not Status.ERROR and attended is Attention.NONE:
        return timedelta(0)
    limit, share = state.evidence.api_limit, intervals.share_error / 100
    return wait_within_share(spent, limit, share, max(SLOW, _standing_floor(limit, share)))


def next_reading(
    now: datetime,
    state: State | None,
    intervals: Intervals,
    random: Random,
    *,
    attended: Attention = Attention.NONE,
    least: timedelta = timedelta(0),
    retry_at: datetime | None = None,
    tenant_postponed: bool = False,
) -> datetime:
    """When the next reading is due; never before `retry_at`, which the org asked for.

    `least`: what the share of the daily calls allows. `tenant_postponed`: the tenant is to be asked soon.
    """
    wait = interval(state, intervals, attended=attended)
    soon = retry_at is not None and now < retry_at <= now + FLOOR
    if tenant_postponed or (soon and state is not None and state.status is Status.UNKNOWN):
        # What passes in seconds is asked about soon, whatever failed before.
        wait = min(wait, FLOOR)
    wait *= 1 + random.uniform(-JITTER, JITTER)
    if state is not None and state.status is Status.MONITORING:
        wait = max(wait, FLOOR)
    return max(now + max(wait, least), min(retry_at or now, now + _DAY))


def gap(previous: State | None, now: datetime, intervals: Intervals) -> bool:
    """True where so much time has passed since the last good reading that something may have come and gone."""
    if previous is None or previous.failures:
        # Readings that failed saw nothing, however often they were tried.
        return True
    # A reading in the future was made by a clock that was wrong: when it was is not known.
    return not timedelta(0) <= now - previous.evidence.read_at <= longest_between(previous, intervals)


def longest_between(previous: State | None, intervals: Intervals) -> timedelta:
    """How far apart two readings may be that leave no gap between them."""
    return 2 * interval(previous, intervals) * (1 + JITTER)


def extras_due(previous: State | None, last: datetime | None, now: datetime) -> bool:
    """Whether the tenant and the console are worth asking: always while their word decides.

    In quiet Monitoring every 15 minutes, in Error every minute. `last` is when they were asked before.
    """
    least = _EXTRAS.get(previous.status) if previous is not None else None
    return last is None or least is None or not timedelta(0) <= now - last < least * (1 - JITTER)


def _outage(status: Status, intervals: Intervals, overdue: bool) -> timedelta:
    waiting = status is Status.RECOVERING and not overdue
    return timedelta(seconds=intervals.recovering if waiting else intervals.error)


def _standing_floor(limit: int | None, share: float) -> timedelta:
    """The shortest interval at which one fast call and the slow ones stay within the share of `limit`."""
    if not limit or limit < 0:
        return timedelta(0)
    allowed = share * limit
    left = allowed - SLOW_CALLS * (_DAY / SLOW)
    if left > 0 and _DAY / left <= SLOW:
        return _DAY / left
    return min(_DAY, (1 + SLOW_CALLS) * _DAY / allowed)
