"""What readings by themselves may spend of an org's daily API calls, and how they slow down in time."""

from datetime import datetime, timedelta

DAY = timedelta(days=1)
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


def least_wait(spent: tuple[int, int], limit: int | None, share: float, longest: timedelta) -> timedelta:
    """The shortest time until the next reading at which a day's calls stay within `share` of `limit`.

    `spent` are readings and calls of the last day. Zero while less than half of the share is spent, and where the
    org names no limit; never longer than `longest`.
    """
    readings, calls = spent
    if not limit or limit < 0 or calls < FREELY * share * limit:
        return timedelta(0)
    left = share * limit - calls
    each = max(1.0, calls / max(1, readings))
    return min(longest, DAY * each / left) if left > 0 else longest
